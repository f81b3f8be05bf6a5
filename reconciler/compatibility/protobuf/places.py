"""Where in a new Protobuf file that is which a finding points at, when it is about a message that the file imports."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from reconciler.model import Finding
from reconciler.schemas.json_positions import pointer_parts
from reconciler.schemas.protobuf.scan import scan, walk

_MAX_PARTS = 20  # of a name, from its end


def find_place(finding: Finding, old: str, new: str) -> str:
    """Find the place in the new file's text for a finding about two Protobuf files.

    Args:
        finding: with names and numbers from the file's top, or from the top of one that it imports.
        old: the text that the new one was compared with.
        new: the new text.

    Returns:
        a path into ``new``: of a field that uses the message where only an import can declare it, else the finding's.
    """
    path = finding.path or ""
    parts = [part for part in pointer_parts(path) if part]
    if not parts or parts[0] in _declared(new) or parts[0] in _declared(old):
        return path
    uses = _uses(new)
    names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((uses[name] for name in names if name in uses), path)


@lru_cache(maxsize=8)
def _declared(text: str) -> frozenset[str]:
    return frozenset(each.name for each in scan(text) if each.kind in ("message", "enum"))


@lru_cache(maxsize=4)
def _uses(text: str) -> Mapping[str, str]:
    """The first field that uses a type, as a path; by the type's name, also without what stands before a dot in it."""
    uses: dict[str, str] = {}
    for names, statement in walk(scan(text)):
        if statement.kind == "field":
            path = "#/" + "/".join((*names[:-1], statement.number))
            for written in statement.type.removeprefix("map<").removesuffix(">").split(", "):
                parts = written.split(".")[-_MAX_PARTS:]
                for start in range(len(parts)):
                    uses.setdefault(".".join(parts[start:]), path)
    return uses
