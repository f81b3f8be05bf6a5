"""Texts that nobody means well: whatever stands in them, the outcome is a result or a SchemaError."""
