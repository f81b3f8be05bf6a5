"""A double of Confluent Schema Registry 7.9 and 8.1."""

from tests.doubles.confluent.server import ConfluentDouble

__all__ = ["ConfluentDouble"]
