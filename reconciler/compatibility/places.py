"""Where in the new schema that is which a finding points at: findings point into the reader, and that may be the old
one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from reconciler.compatibility import avro_places
from reconciler.model import Finding, Format

_FINDERS: Mapping[Format, Callable[[Finding, str, str], str]] = {Format.AVRO: avro_places.find_place}
"""Formats in which a path of the old schema may be another place in the new one: Avro counts fields and branches."""


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
    return finder(finding, text, new)
