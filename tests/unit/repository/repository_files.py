"""Texts of schemas, and what was found in them."""

from __future__ import annotations

import json
from collections.abc import Callable

from reconciler.model import Finding
from reconciler.repository import DesiredState

Load = Callable[..., DesiredState]

CONFIG = "version: 1\n"


def record(name: str, *types: str | dict[str, object], namespace: str = "com.acme") -> str:
    """An Avro record with a field for each type."""
    fields = [{"name": f"f{index}", "type": kind} for index, kind in enumerate(types)]
    return json.dumps({"type": "record", "name": name, "namespace": namespace, "fields": fields}, indent=1)


def told(state: DesiredState) -> list[tuple[str, str]]:
    """What was found, as code and place."""
    return [(f.code, str(f.location)) for f in state.findings]


def only(state: DesiredState) -> Finding:
    """The one finding that there is."""
    assert len(state.findings) == 1, state.findings
    return state.findings[0]
