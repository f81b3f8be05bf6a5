"""AWS Glue Schema Registry."""

from adapters.glue.registry import GlueRegistry

__all__ = ["GlueRegistry"]
