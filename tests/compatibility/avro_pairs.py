"""What the Avro compatibility tests share: short schemas in full, the engine's answer in one line a clash."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from reconciler.compatibility import Judged, check
from reconciler.model import Mode, Verdict
from reconciler.schemas import Parsed, avro


def in_full(schema: Any) -> Any:
    """A case's schema: fields alone are a record called R."""
    is_short = isinstance(schema, dict) and "fields" in schema and "type" not in schema
    return {"type": "record", "name": "R", **schema} if is_short else schema


def parsed(schema: Any, dependencies: Mapping[str, Parsed] | None = None) -> Parsed:
    """Read and parse a schema given as JSON values."""
    return avro.parse(avro.read(json.dumps(in_full(schema))), dependencies or {})


def verdict(new: Any, old: Any, mode: Mode) -> Verdict:
    """Judge one schema after one version, number 4."""
    return check(parsed(new), [Judged(4, parsed(old))], mode)


def clashes(new: Any, old: Any, mode: Mode) -> list[str]:
    """What speaks against a schema, as ``CODE /path``."""
    return [f"{finding.code} {finding.path}" for finding in verdict(new, old, mode).findings]
