"""Proof that the registries become what Git says, whatever happens on the way."""
