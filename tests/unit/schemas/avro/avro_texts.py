"""What the tests of Avro texts share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from reconciler.model import Dialect
from reconciler.schemas import Parsed, avro


def record(*fields: Any, name: str = "R", **more: Any) -> dict[str, Any]:
    """A record as JSON values."""
    return {"type": "record", "name": name, **more, "fields": list(fields)}


def field(name: str, kind: Any, **more: Any) -> dict[str, Any]:
    """A field as JSON values."""
    return {"name": name, "type": kind, **more}


def parsed(schema: Any, *dependencies: Parsed) -> Parsed:
    """Read and parse; dependencies go by the outermost name that they define."""
    text = schema if isinstance(schema, str) and schema.startswith(("{", "[", '"')) else json.dumps(schema)
    return avro.parse(avro.read(text), by_name(*dependencies))


def raise_flaw(text: str) -> None:
    """Read a text as a file is read: what registries would hold of it is no excuse."""
    if violation := avro.read(text).violation:
        raise violation


def by_name(*dependencies: Parsed) -> Mapping[str, Parsed]:
    return {dependency.document.defines[0]: dependency for dependency in dependencies}


def canonical(schema: Any, *dependencies: Parsed, dialect: Dialect = Dialect.CONFLUENT) -> str:
    return avro.canonical(parsed(schema, *dependencies), dialect)
