"""Which versions of the source the target has already, and which of them are to be written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reconciler.copying.contents import Contents, used_versions
from reconciler.copying.findings import make_conflict, make_part_lost, make_taken_id
from reconciler.copying.repeats import Repeats
from reconciler.copying.values import CopyRequest, Side, VersionCopy, VersionKey
from reconciler.model import Finding, LiveVersion, Schema

_ELSEWHERE = "copy it under another name by the registry's `name` template, or leave it out by --except"


@dataclass
class Matched:
    """What is known of one subject so far.

    ``position`` counts the versions of the target that were recognised; ``is_foreign``: it has others.
    """

    source: str
    existing: Sequence[LiveVersion]
    present: dict[int, int] = field(default_factory=dict)
    writes: list[VersionCopy] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    position: int = 0
    is_foreign: bool = False


class Matcher:
    """Goes through versions in the order in which they came into being.

    Args:
        order: the versions of the source, each after what it rests on.
    """

    def __init__(self, source: Side, target: Side, request: CopyRequest, contents: Contents, repeats: Repeats) -> None:
        self._source = source
        self._target = target
        self._request = request
        self._contents = contents
        self._repeats = repeats
        self._matched: dict[str, Matched] = {}

    def match(self, order: Sequence[VersionKey]) -> Mapping[str, Matched]:
        """Match all versions; by subject of the source."""
        for subject in dict.fromkeys(subject for subject, _ in order):
            existing = self._target.histories.get(self._request.names[subject], ())
            self._matched[subject] = Matched(subject, existing)
        for key in order:
            (self._match_number if self._request.keeps_ids else self._match_next)(key)
        for matched in self._matched.values():
            matched.findings.extend(self._find_strangers(matched))
        return self._matched

    def _match_next(self, key: VersionKey) -> None:
        """Match by order: what the target has must be what the source had, in the same order, and from its end on the
        rest is written.
        """
        subject, number = key
        matched, version = self._matched[subject], self._version(key)
        rest = matched.existing[matched.position :]
        if matched.is_foreign:
            return
        if rest and self._is_there(key, version, rest[0]) and not self._is_of_later(key, version, rest):
            self._note(matched, number, version, rest[0])
            matched.position += 1
        elif key not in self._request.wanted:
            return
        elif (same := self._find_just_matched(matched, key, version)) is not None:
            matched.present[number] = same.version
        elif rest:
            matched.is_foreign = True
        else:
            matched.writes.append(self._make_copy(key, version))

    def _is_of_later(self, key: VersionKey, version: LiveVersion, rest: Sequence[LiveVersion]) -> bool:
        """Whether what is left in the target are later versions, which alone are wanted, and not this one, which the
        first of them is like: a schema that came back.
        """
        if key in self._request.wanted:
            return False
        subject, number = key
        later = [
            v.schema
            for v in self._source.histories[subject]
            if v.version > number
            and (subject, v.version) in self._request.wanted
            and (subject, v.version) not in self._repeats.merged
        ]
        if len(rest) > len(later) or self._identify(later[0]) != self._identify(version.schema):
            return False
        return all(self._contents.has_same_text(s, live.schema) for s, live in zip(later, rest, strict=False))

    def _identify(self, schema: Schema) -> object:
        return self._contents.identify(schema, self._repeats.merged)

    def _find_just_matched(self, matched: Matched, key: VersionKey, version: LiveVersion) -> LiveVersion | None:
        """The version of the target that was recognised last, if it holds this one too."""
        if matched.writes or not matched.position:
            return None
        last = matched.existing[matched.position - 1]
        is_whole = self._is_there(key, version, last) and not self._contents.find_lost(version.schema, last.schema)
        return last if is_whole else None

    def _match_number(self, key: VersionKey) -> None:
        """Match by number, as versions keep theirs."""
        subject, number = key
        matched, version = self._matched[subject], self._version(key)
        live = next((v for v in matched.existing if v.version == number), None)
        if live is None and key in self._request.wanted:
            matched.writes.append(self._make_copy(key, version))
            if taken := self._find_taken(subject, version):
                matched.findings.append(taken)
        elif live is not None and not self._is_there(key, version, live):
            matched.findings.append(self._make_conflict(subject, live))
        elif live is not None and live.id != version.id:
            matched.findings.append(self._make_other_id(subject, live, version))
        elif live is not None:
            self._note(matched, number, version, live)

    def _find_strangers(self, matched: Matched) -> Iterator[Finding]:
        """What the target has and the source has not."""
        if not self._request.keeps_ids:
            if matched.existing[matched.position :]:
                live = matched.existing[matched.position]
                yield self._make_conflict(matched.source, live, f"does not follow {self._source.name}'s history")
            return
        known = {v.version for v in self._source.histories[matched.source]}
        for live in matched.existing:
            if live.version not in known:
                yield self._make_conflict(matched.source, live)
        name = self._request.names[matched.source]
        deleted = set(self._target.numbers.get(name, ())) - {v.version for v in matched.existing}
        if clash := sorted(deleted & {write.key[1] for write in matched.writes}):
            numbers = ", ".join(map(str, clash))
            message = f"number {numbers} of {name} belongs to what is softly deleted there"
            yield make_conflict(self._target.name, name, message, "delete that for good first")

    def _find_taken(self, subject: str, version: LiveVersion) -> Finding | None:
        held = self._request.taken_ids.get((self._request.names[subject], version.id or 0))
        if held is None or (
            held.format is version.schema.format and self._contents.has_same_text(version.schema, held)
        ):
            return None
        message = f"id {version.id} of version {version.version} is that of another schema there"
        return make_taken_id(self._target.name, self._request.names[subject], message, "copy into a context of its own")

    def _is_there(self, key: VersionKey, version: LiveVersion, live: LiveVersion) -> bool:
        numbers = [self._number(use) for use in used_versions(version.schema)]
        if self._request.recognised.get(key) == live.version:
            return True
        return self._contents.is_same(version.schema, live.schema, numbers)

    def _note(self, matched: Matched, number: int, version: LiveVersion, live: LiveVersion) -> None:
        matched.present[number] = live.version
        for word in self._contents.find_lost(version.schema, live.schema):
            name = self._request.names[matched.source]
            message = f"version {live.version} stands there with other {word} than version {number} has"
            matched.findings.append(make_part_lost(self._target.name, name, message))

    def _number(self, use: VersionKey) -> int | None:
        """The number that a version has in the target by now; None where it is not there."""
        subject, number = self._repeats.merged.get(use, use)
        matched = self._matched.get(subject)
        return matched.present.get(number) if matched else None

    def _version(self, key: VersionKey) -> LiveVersion:
        found = self._source.find_version(*key)
        assert found is not None  # the order is made of the histories
        return found

    def _make_copy(self, key: VersionKey, version: LiveVersion) -> VersionCopy:
        uses = tuple(self._repeats.merged.get(use, use) for use in used_versions(version.schema))
        schema = self._contents.adapt(version.schema)
        return VersionCopy(key, schema, version.id, uses, key in self._repeats.older)

    def _make_other_id(self, subject: str, live: LiveVersion, version: LiveVersion) -> Finding:
        name = self._request.names[subject]
        message = f"version {live.version} of {name} is there under id {live.id}, not {version.id}"
        return make_conflict(
            self._target.name, name, message, "copy without --keep-ids, or delete it there for good first"
        )

    def _make_conflict(self, subject: str, live: LiveVersion, what: str | None = None) -> Finding:
        name = self._request.names[subject]
        what = what or f"is not one of {self._source.name}'s"
        message = f"version {live.version} of {name} {what}; nothing of it is touched"
        return make_conflict(self._target.name, name, message, _ELSEWHERE)


def move_merged(matched: Mapping[str, Matched], repeats: Repeats) -> Mapping[str, Mapping[int, int]]:
    """By subject, the versions that another one stands for, by the number of that one."""
    moved: dict[str, dict[int, int]] = {subject: {} for subject in matched}
    for (subject, number), (_, stand_in) in repeats.merged.items():
        if subject in moved:
            moved[subject][number] = stand_in
    return moved
