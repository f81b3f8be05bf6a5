"""Where in the new schema that is which a finding points at: findings point into the reader, and that may be the old
one, or into what it imports.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Protocol, cast

from reconciler.model import Finding, Format


class _Finder(Protocol):
    def find_place(self, finding: Finding, old: str, new: str) -> str: ...


_FINDERS: Mapping[Format, str] = {
    Format.AVRO: "reconciler.compatibility.avro.places",
    Format.JSON: "reconciler.compatibility.json_schema.places",
    Format.PROTOBUF: "reconciler.compatibility.protobuf.places",
}
"""Formats in which a path may be another place in the new schema: Avro counts fields and branches of the old one, paths
of JSON Schema name what registries make of it, and Protobuf's begin at the top of an imported file too.
"""


def find_place(finding: Finding, schema_format: Format, new: str, old: Mapping[int, str]) -> str | None:
    """Find the place in the new schema's text of a finding of its comparison with older ones.

    Args:
        finding: one of compatibility.
        schema_format: of the new schema.
        new: the new text.
        old: the texts that it was compared with, by version.

    Returns:
        a path in ``new``, of what is meant or of what encloses it, to be located by the format; None for a finding
        about the schema as a whole.
    """
    finder = _FINDERS.get(schema_format)
    text = old.get(finding.against) if finding.against is not None else None
    if finder is None or text is None or not finding.path:
        return finding.path or None
    return cast(_Finder, import_module(finder)).find_place(finding, text, new)
