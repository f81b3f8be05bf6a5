"""Drift as commits of a new branch."""
