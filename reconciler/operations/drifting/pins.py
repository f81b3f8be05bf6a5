"""What a live schema refers to and Git would find otherwise: lines of its sidecar, and the texts that these pin."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from reconciler.errors import UsageError
from reconciler.model import Reference, Schema
from reconciler.operations.import_ import make_pin_files
from reconciler.planner import Live
from reconciler.repository.authoring import make_reference_line, pin_path

Line = Mapping[str, object]


@dataclass(frozen=True)
class Names:
    """What subjects are called in Git and in one registry.

    ``follows`` are, by the names that Git has, those that go to the registry; ``ours`` gives the name that Git has, or
    would have, for a live one.
    """

    follows: frozenset[str]
    ours: Callable[[str], str]


def find_wanted(schema: Schema, live: Live, names: Names) -> tuple[Reference, ...]:
    """What a live schema refers to, as Git has to declare it: without a version where it follows the repository."""
    return tuple(
        Reference(used.name, names.ours(used.subject), used.version if _is_pinned(used, live, names) else None)
        for used in schema.references
    )


def _is_pinned(used: Reference, live: Live, names: Names) -> bool:
    subject = live.state.subjects.get(used.subject)
    is_latest = subject is not None and subject.latest is not None and subject.latest.version == used.version
    return not is_latest or names.ours(used.subject) not in names.follows


def make_lines(
    schema: Schema, wanted: Sequence[Reference], found: Sequence[Reference], lines: Sequence[Line], sidecar: str
) -> list[Line]:
    """Make the lines of a sidecar with which a schema refers to what it shall.

    Args:
        schema: it, as it is live.
        wanted: what it shall refer to.
        found: what it refers to with the lines that there are.
        lines: these.
        sidecar: the path of the sidecar.
    """
    known = {line["name"]: line for line in lines}
    made: list[Line] = []
    for reference in wanted:
        if reference not in found:
            file = posixpath.relpath(pin_path(reference, schema.format), posixpath.dirname(sidecar))
            made.append(make_reference_line(reference, file))
        elif reference.name in known:
            made.append(known[reference.name])
    return made


def make_pinned_texts(references: Sequence[Reference], live: Live, names: Names) -> dict[str, str]:
    """Make the files of versions that are pinned, and of what these refer to, which is pinned too.

    Args:
        references: to the versions, by the names that subjects have in the registry.

    Raises:
        UsageError: the registry does not give one of the versions.
    """
    files: dict[str, str] = {}
    waiting = list(references)
    while waiting:
        used = waiting.pop()
        pinned = live.find_schema(used)
        if pinned is None:
            raise UsageError(f"the registry does not give version {used.version} of {used.subject}")
        renamed = tuple(replace(each, subject=names.ours(each.subject)) for each in pinned.references)
        path = pin_path(replace(used, subject=names.ours(used.subject)), pinned.format)
        if path not in files:
            files |= make_pin_files(path, replace(pinned, references=renamed))
            waiting += pinned.references
    return files
