"""Asking a target which of its versions a schema is: it may store another text than it was sent."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from reconciler.copying import CopyRequest, Side, VersionKey
from reconciler.copying.contents import Contents, used_versions
from reconciler.errors import RejectedError, UnexpectedAnswerError
from reconciler.model import LiveVersion
from reconciler.operations.live_reading import side_by_side
from reconciler.operations.progress import Progress
from reconciler.registry import IdentityProbe, SchemaRegistry

_Question = tuple[VersionKey, str, LiveVersion]


def recognise(
    registry: SchemaRegistry,
    sides: tuple[Side, Side],
    request: CopyRequest,
    subjects: Collection[str],
    numbers: Mapping[VersionKey, int],
    on_progress: Progress,
) -> CopyRequest:
    """Ask under which numbers the target has the versions of some subjects, where it can be asked.

    Args:
        sides: the source and the target.
        numbers: those that are known already; a version is asked for once what it refers to has one.
    """
    if not isinstance(registry, IdentityProbe) or not subjects:
        return request
    contents = Contents(*sides, request.names)

    def find(question: _Question) -> tuple[VersionKey, int | None]:
        key, name, version = question
        uses = (numbers[use] for use in used_versions(version.schema))
        schema = contents.adapt(version.schema)
        references = (replace(r, version=number) for r, number in zip(schema.references, uses, strict=True))
        try:
            return key, registry.find_version(name, replace(schema, references=tuple(references)))
        except (RejectedError, UnexpectedAnswerError):
            return key, None

    asked = list(_choose(sides[0], request, subjects, numbers))
    answers = side_by_side(find, asked, f"looking schemas up in {registry.name}", on_progress)
    found = {key: number for key, number in answers if number is not None}
    return replace(request, recognised={**request.recognised, **found})


def _choose(
    source: Side, request: CopyRequest, subjects: Collection[str], numbers: Mapping[VersionKey, int]
) -> Iterator[_Question]:
    for subject in subjects:
        for version in source.histories.get(subject, ()):
            if all(use in numbers for use in used_versions(version.schema)):
                yield (subject, version.version), request.names[subject], version
