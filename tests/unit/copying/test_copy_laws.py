"""Laws of copies over random histories: what was copied is recognised, wherever it stopped, and nothing twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.copying import CopyPlan, CopyRequest, Side, VersionKey, plan_copy, verify_copy
from reconciler.model import LiveSubject, LiveVersion, Mode, Reference, Schema
from reconciler.registry import Capabilities
from tests.unit.copying.copy_sides import FULL, PLAIN, ask, side, used

SUBJECTS = ("a", "b", "c")
KINDS = {"confluent": FULL, "plain": PLAIN}


@st.composite
def histories(draw: st.DrawFn) -> Side:
    """Up to three subjects with up to eight versions in all, with gaps, old schemas that come back, and references."""
    made: dict[str, dict[int, Schema]] = {}
    for _ in range(draw(st.integers(1, 8))):
        subject = draw(st.sampled_from(SUBJECTS))
        known = [(s, n) for s, versions in made.items() for n in versions if s < subject]
        use = draw(st.none() | st.sampled_from(known)) if known else None
        schema = used(*draw(st.sampled_from([("x",), ("x", "y"), ("z",)])))
        number = max(made.get(subject, {0: None})) + draw(st.integers(1, 2))
        references = (Reference(f"R{use[0]}", *use),) if use else ()
        made.setdefault(subject, {})[number] = replace(schema, references=references)
    return side("old", level=draw(st.sampled_from([Mode.NONE, Mode.FULL])), **made)


@dataclass
class Target:
    """A registry in memory, which answers a schema that it knows with its old version."""

    capabilities: Capabilities
    versions: dict[str, list[LiveVersion]] = field(default_factory=dict)

    def write(self, name: str, schema: Schema, number: int | None, identity: int | None, *, is_older: bool) -> int:
        held = self.versions.setdefault(name, [])
        known = next((v for v in held if v.schema == schema), None)
        if number is None and known is not None and not is_older:
            raise AssertionError(f"{name}: version {known.version} is registered once more")
        last = max((v.version for v in held), default=0)
        new = LiveVersion(last + 1 if number is None else number, schema, identity or 1000 + last)
        self.versions[name] = sorted([*held, new], key=lambda v: v.version)
        return new.version

    def read(self) -> Side:
        held = {name: tuple(versions) for name, versions in self.versions.items()}
        subjects = {name: LiveSubject(name, versions[-1]) for name, versions in held.items()}
        return Side("new", self.capabilities, Mode.NONE, subjects, held)


def make(plan: CopyPlan, target: Target, stop_after: int = 100) -> dict[VersionKey, int]:
    """Write what a plan says, each version once what it refers to is there; the numbers of all."""
    numbers = {(s.source, n): there for s in plan.subjects for n, there in s.present.items()}
    waiting = [(subject, copy) for subject in plan.subjects for copy in subject.writes]
    for _ in range(stop_after):
        ready = next(
            (
                (subject, copy)
                for subject, copy in waiting
                if all(use in numbers for use in copy.uses) and copy is next(c for s, c in waiting if s is subject)
            ),
            None,
        )
        if ready is None:
            assert not waiting
            break
        subject, copy = ready
        waiting.remove(ready)
        given = (replace(r, version=numbers[use]) for r, use in zip(copy.schema.references, copy.uses, strict=True))
        schema = replace(copy.schema, references=tuple(given))
        number, identity = (copy.key[1], copy.id) if plan.keeps_ids else (None, None)
        numbers[copy.key] = target.write(subject.target, schema, number, identity, is_older=copy.is_older)
    for subject in plan.subjects:
        for number, stand_in in subject.merged.items():
            if (subject.source, stand_in) in numbers:
                numbers[subject.source, number] = numbers[subject.source, stand_in]
    return numbers


def make_request(source: Side, way: str) -> CopyRequest:
    """What is asked for; the latest alone come with all that they refer to."""
    request = ask(source, keeps_ids=way == "with ids", latest_only=way == "latest", a="eu.a")
    wanted = set(request.wanted)
    waiting = list(wanted)
    while waiting:
        version = source.find_version(*waiting.pop())
        assert version is not None
        more = {(r.subject, r.version or 0) for r in version.schema.references} - wanted
        wanted |= more
        waiting += more
    return replace(request, wanted=frozenset(wanted))


def contents(versions: Mapping[str, tuple[LiveVersion, ...]]) -> dict[str, list[str]]:
    return {name: [v.schema.definition for v in each] for name, each in versions.items()}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", ["with ids", "every version", "latest"])
@settings(max_examples=40, deadline=None)
@given(source=histories(), stopped=st.integers(0, 8))
def test_a_copy_that_was_cut_off_anywhere_ends_as_one_that_was_not(
    kind: str, way: str, source: Side, stopped: int
) -> None:
    if (kind, way) == ("plain", "with ids"):
        return
    request = make_request(source, way)
    whole, halved = Target(KINDS[kind]), Target(KINDS[kind])
    plan = plan_copy(source, whole.read(), request)
    assert plan.can_copy
    numbers = make(plan, whole)

    make(plan, halved, stop_after=stopped)
    rest = plan_copy(source, halved.read(), request)
    assert rest.can_copy, rest.findings
    make(rest, halved)

    assert contents(halved.read().histories) == contents(whole.read().histories)
    for target in (whole, halved):
        again = plan_copy(source, target.read(), request)
        assert (again.can_copy, [s.writes for s in again.subjects if s.writes]) == (True, [])
    done = tuple(replace(s, is_mode_set=False) for s in plan.subjects)
    assert list(verify_copy(source, whole.read(), request, done, numbers)) == []
    for subject, history in source.histories.items():
        latest = whole.read().histories[request.names[subject]][-1]
        assert latest.schema.definition == history[-1].schema.definition
