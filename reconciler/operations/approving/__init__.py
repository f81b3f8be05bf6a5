"""Approvals at check, at plan and at apply, and what they are judged from."""
