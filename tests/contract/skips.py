"""Skips by what an adapter declares; the reasons are printed at the end of the suite."""

from __future__ import annotations

import pytest

from reconciler.model import Format, Schema
from reconciler.registry import SchemaRegistry


def skip_unless_references(registry: SchemaRegistry, schema_format: Format = Format.AVRO) -> None:
    if schema_format not in registry.capabilities.references:
        pytest.skip(f"references in {schema_format}: not among its capabilities")


def skip_unless_format(registry: SchemaRegistry, schema_format: Format) -> None:
    if schema_format not in registry.capabilities.formats:
        pytest.skip(f"format {schema_format}: not among its formats")


def skip_unless_level(registry: SchemaRegistry) -> None:
    if not registry.capabilities.has_level:
        pytest.skip("a level of the registry's own: not among its capabilities")


def skip_unless_named(registry: SchemaRegistry, subject: str) -> None:
    rule = registry.capabilities.names
    if rule is not None and not rule.pattern.fullmatch(subject):
        pytest.skip(f"such a name: it takes {rule.described}")


def skip_unless_fitting(registry: SchemaRegistry, schema: Schema) -> None:
    limit = registry.capabilities.max_bytes
    if limit is not None and len(schema.definition.encode()) > limit:
        pytest.skip(f"such a size: it takes up to {limit:,} bytes")
