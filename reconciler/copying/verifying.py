"""Whether the target holds what was to be copied, by what was read of it afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.copying.contents import Contents, used_versions
from reconciler.copying.findings import make_part_lost, make_unlike
from reconciler.copying.values import CopyRequest, Side, SubjectCopy, VersionKey
from reconciler.model import Finding, LiveVersion

Numbers = Mapping[VersionKey, int]
"""By version of the source, the number that it has in the target."""


def verify_copy(
    source: Side, target: Side, request: CopyRequest, subjects: tuple[SubjectCopy, ...], numbers: Numbers
) -> Iterator[Finding]:
    """Compare every version of some subjects, their modes and settings, with what the target was read to hold.

    Args:
        target: as it is now.
        subjects: those that are copied in full.
        numbers: of every version that was present, written or merged.
    """
    contents = Contents(source, target, request.names)
    for subject in subjects:
        for version in source.histories.get(subject.source, ()):
            key = (subject.source, version.version)
            if key in numbers:
                yield from _check_version(target, request, contents, subject, version, numbers)
        yield from _check_rest(target, subject)


def _check_version(
    target: Side,
    request: CopyRequest,
    contents: Contents,
    subject: SubjectCopy,
    version: LiveVersion,
    numbers: Numbers,
) -> Iterator[Finding]:
    number = numbers[subject.source, version.version]
    live = target.find_version(subject.target, number)
    uses = [numbers.get(use) for use in used_versions(version.schema)]
    if live is None:
        yield _make(target, subject, f"version {number} is not there any more")
    elif request.recognised.get((subject.source, version.version)) != number and not contents.is_same(
        version.schema, live.schema, uses
    ):
        yield _make(target, subject, f"version {number} does not hold what version {version.version} does")
    elif request.keeps_ids and (live.id, live.version) != (version.id, version.version):
        yield _make(
            target, subject, f"version {number} has id {live.id}, and version {version.version} id {version.id}"
        )
    else:
        for word in contents.find_lost(version.schema, live.schema):
            message = f"version {number} stands there with other {word} than version {version.version} has"
            yield make_part_lost(target.name, subject.target, message)


def _check_rest(target: Side, subject: SubjectCopy) -> Iterator[Finding]:
    mode = target.find_mode(subject.target)
    is_same = mode is subject.mode or (subject.mode is None and mode is target.find_level(subject.target))
    if subject.is_mode_set and not is_same:
        yield _make(target, subject, f"its mode is {mode or 'inherited'}, not {subject.mode or 'inherited'}")
    held = target.settings.get(subject.target, {})
    for name, value in subject.settings.items():
        if held.get(name) != value:
            yield _make(target, subject, f"its setting {name} is not what it was set to")


def _make(target: Side, subject: SubjectCopy, what: str) -> Finding:
    message = f"read back, it is not as it was copied: {what}"
    return make_unlike(target.name, subject.target, message, "look who else writes there, then copy again")
