"""Apache Pulsar's built-in schema registry."""

from adapters.pulsar.registry import PulsarRegistry

__all__ = ["PulsarRegistry"]
