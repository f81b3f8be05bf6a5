"""The parts of an interface's description that a person compares: operations, channels, components."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.schemas import Element, Outline, fingerprint

_LEVELS: Mapping[str, int] = {"paths": 2, "webhooks": 2, "components": 2, "channels": 1, "operations": 1}
"""Levels below a key of the document that are told one by one; one level for what is not here and is an object."""
_KINDS: Mapping[str, str] = {"paths": "operation", "webhooks": "operation", "channels": "channel"}
_LONGEST = 60
_SHOWN = 8
"""Digits of a part's fingerprint, by which two parts are told apart that are too long to be shown."""


def make_outline(document: Mapping[str, Any]) -> Outline:
    """List the parts by their path, in their order."""
    return {
        path: Element(_KINDS.get(top, "part"), _summarize(value))
        for top, whole in document.items()
        for path, value in _parts(top, whole, _LEVELS.get(top, 1))
    }


def _parts(path: str, value: object, levels: int) -> Iterator[tuple[str, object]]:
    if not levels or not isinstance(value, dict) or not value:
        yield path, value
        return
    for key, inner in value.items():
        yield from _parts(f"{path}.{key}", inner, levels - 1)


def _summarize(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({fingerprint(text)[:_SHOWN]})"
