"""Apicurio Registry, by its own interface."""

from adapters.apicurio.registry import ApicurioRegistry

__all__ = ["ApicurioRegistry"]
