"""What must hold after an apply, told by raw readings alone: a line for each promise that was broken."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from tests.convergence.declared import Declared, Pin, make_text
from tests.convergence.kinds import Ways
from tests.convergence.reading import Held, Holding
from tests.raw_registry import RawReference, RawVersion

_NOTHING = Held((), (), None)


@dataclass(frozen=True)
class Knowledge:
    """What a story knows of one registry besides readings.

    `ours` are the subjects that were surely applied there, `maybe_ours` those that a run which did not end may have
    applied, and `foreign_modes` what somebody else set.
    """

    name: str
    ways: Ways
    ours: frozenset[str] = frozenset()
    maybe_ours: frozenset[str] = frozenset()
    foreign_modes: Mapping[str, str] = field(default_factory=dict)


def find_touched(before: Holding, now: Holding, ours: Collection[str]) -> Iterator[str]:
    """Subjects that are not ours and are not what they were."""
    for subject in before.keys() | now.keys():
        if subject and subject not in ours and before.get(subject) != now.get(subject):
            yield f"{subject} is not ours and was touched: {before.get(subject)} became {now.get(subject)}"


def find_broken(declared: Declared, known: Knowledge, before: Holding, now: Holding) -> Iterator[str]:
    """Whatever is not as an apply that ended well must leave one registry."""
    wanted = {name for name, spec in declared.specs.items() if known.name in spec.where}
    yield from find_touched(before, now, wanted | known.ours | known.maybe_ours)
    for subject in wanted:
        yield from _compare(subject, declared, known, before, now)
    for subject in known.ours - wanted:
        yield from _check_dropped(subject, declared.deletion, known, before, now)
    for subject in wanted | known.ours:
        yield from _find_repeated(subject, now.get(subject, _NOTHING))
    if known.name == "wire" and declared.level not in (None, now[""].mode):
        yield f"the registry's own level is {now[''].mode}, not {declared.level}"


def _compare(subject: str, declared: Declared, known: Knowledge, before: Holding, now: Holding) -> Iterator[str]:
    held, spec = now.get(subject, _NOTHING), declared.specs[subject]
    if not held.versions:
        yield f"{subject} is not there"
        return
    if json.loads(held.latest.text) != make_text(subject, spec):
        yield f"{subject} holds {held.latest.text}"
    uses = {(used, now[used].latest.version) for used in spec.uses if now[used].versions}
    uses |= {(pin.subject, pin.version) for pin in spec.pins}
    if {(r.subject, r.version) for r in held.latest.references} != uses or len(held.latest.references) != len(uses):
        yield f"{subject} refers to {held.latest.references}, not {sorted(uses)}"
    yield from (f"{subject}: {line}" for pin in spec.pins for line in find_untrue(pin, now))
    allowed = {spec.mode} if spec.mode else {known.ways.no_mode, known.foreign_modes.get(subject)}
    if not spec.mode and not known.ways.resets_modes:
        allowed |= {before.get(subject, _NOTHING).mode}
    if held.mode not in allowed:
        yield f"{subject} has the mode {held.mode}, not {allowed}"


def _check_dropped(subject: str, deletion: str, known: Knowledge, before: Holding, now: Holding) -> Iterator[str]:
    held = now.get(subject, _NOTHING)
    if deletion not in known.ways.deletes:
        if held != before.get(subject, _NOTHING):
            yield f"{subject} was dropped, may not be deleted, and was touched: {held}"
        return
    if held.versions:
        yield f"{subject} was dropped and is there"
    if deletion == "hard" and held.numbers and before.get(subject, _NOTHING).versions:
        yield f"{subject} was dropped and is deleted softly only"
    if held.mode not in (None, known.ways.no_mode, known.foreign_modes.get(subject)):
        yield f"{subject} was dropped, and its mode {held.mode} was left"


def _find_repeated(subject: str, held: Held) -> Iterator[str]:
    for older, newer in zip(held.versions, held.versions[1:], strict=False):
        if json.loads(older.text) == json.loads(newer.text) and older.references == newer.references:
            yield f"{subject} has the same schema as versions {older.version} and {newer.version}"


def find_untrue(pin: Pin, now: Holding) -> Iterator[str]:
    """Where a pin is not what the registry holds under its number."""
    held = find_version(now, pin.subject, pin.version)
    if held is None:
        yield f"there is no version {pin.version} of {pin.subject}, which is pinned"
    elif json.loads(held.text) != json.loads(pin.text):
        yield f"version {pin.version} of {pin.subject} is pinned as {pin.text} and holds {held.text}"
    elif {(r.subject, r.version) for r in held.references} != {(p.subject, p.version) for p in pin.pins}:
        yield f"version {pin.version} of {pin.subject} refers to {held.references}, not {pin.pins}"
    else:
        yield from (line for below in pin.pins for line in find_untrue(below, now))


def find_version(now: Holding, subject: str, version: int) -> RawVersion | None:
    """One undeleted version."""
    return next((v for v in now.get(subject, _NOTHING).versions if v.version == version), None)


def make_pin(now: Holding, reference: RawReference) -> Pin | None:
    """A version as it is pinned, with all that it refers to; None where some of that is not there."""
    held = find_version(now, reference.subject, reference.version)
    below = [make_pin(now, r) for r in held.references] if held else [None]
    if held is None or None in below:
        return None
    return Pin(reference.subject, reference.version, held.text, tuple(pin for pin in below if pin))
