"""The `local` kind: a whole registry with Confluent's semantics in one SQLite file, for laptops, tests and CI."""

from adapters.local.registry import LocalRegistry

__all__ = ["LocalRegistry"]
