"""Confluent Schema Registry, and servers that speak its interface (Apicurio's ccompat/v7)."""

from adapters.confluent.registry import ConfluentRegistry

__all__ = ["ConfluentRegistry"]
