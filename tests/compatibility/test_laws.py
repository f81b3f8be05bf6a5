"""Laws that hold for every history, whatever the format."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.compatibility import Judged, check
from reconciler.model import EVENT_FORMATS, Direction, Finding, Format, Mode, Outcome, Verdict
from reconciler.schemas import Document, Parsed, language
from tests.compatibility import generated_schemas as avro
from tests.compatibility.json_schema import generated_json as json_schema
from tests.compatibility.protobuf import generated_files as protobuf

TRANSITIVE = [mode for mode in Mode if mode.is_transitive]
Texts = list[str]


def histories(
    made: st.SearchStrategy[Any], edited: Callable[[Any], st.SearchStrategy[Any]], write: Callable[[Any], str]
) -> st.SearchStrategy[Texts]:
    """A few versions: one, others that are edits of it, and other schemas altogether; the last is the new one."""

    @st.composite
    def draw_history(draw: st.DrawFn) -> Texts:
        first = draw(made)
        others = draw(st.lists(st.one_of(edited(first), edited(first), made), min_size=1, max_size=3))
        return [write(version) for version in (first, *others)]

    return draw_history()


HISTORIES: Mapping[Format, st.SearchStrategy[Texts]] = {
    Format.AVRO: histories(avro.schemas(), avro.edited, json.dumps),
    Format.JSON: histories(json_schema.schemas(), json_schema.edited, json.dumps),
    Format.PROTOBUF: histories(
        protobuf.files(), protobuf.edited, lambda made: 'syntax = "proto3"; ' + protobuf.render(made)
    ),
}
ANY = st.one_of(*(st.tuples(st.just(of), texts) for of, texts in HISTORIES.items()))


def parse(schema_format: Format, texts: Texts) -> tuple[Parsed, list[Judged]]:
    """The new schema, and the versions before it."""
    lang = language(schema_format)
    *old, new = (lang.parse(lang.read(text), {}) for text in texts)
    return new, [Judged(number, parsed) for number, parsed in enumerate(old, 1)]


def judge(drawn: tuple[Format, Texts], mode: Mode) -> Verdict:
    return check(*parse(*drawn), mode)


@settings(deadline=None, max_examples=100)
@given(ANY, st.sampled_from(TRANSITIVE))
def test_a_transitive_mode_is_the_plain_one_with_each_version(drawn: tuple[Format, Texts], mode: Mode) -> None:
    new, history = parse(*drawn)
    plain = Mode(mode.removesuffix("_TRANSITIVE"))

    whole = check(new, history, mode)
    each = [check(new, [judged], plain) for judged in reversed(history)]

    assert whole.findings == tuple(finding for verdict in each for finding in verdict.findings)
    assert (whole.outcome is Outcome.COMPATIBLE) is all(v.outcome is Outcome.COMPATIBLE for v in each)
    assert whole.versions == tuple(judged.version for judged in history)


@settings(deadline=None, max_examples=100)
@given(ANY, st.sampled_from(["", "_TRANSITIVE"]))
def test_full_is_backward_and_forward(drawn: tuple[Format, Texts], suffix: str) -> None:
    both, backward, forward = (judge(drawn, Mode(f"{name}{suffix}")) for name in ("FULL", "BACKWARD", "FORWARD"))

    def of(direction: Direction) -> tuple[Finding, ...]:
        return tuple(finding for finding in both.findings if finding.direction is direction)

    assert (of(Direction.BACKWARD), of(Direction.FORWARD)) == (backward.findings, forward.findings)
    assert (both.outcome is Outcome.COMPATIBLE) is (backward.outcome is forward.outcome is Outcome.COMPATIBLE)


@settings(deadline=None, max_examples=100)
@given(ANY, st.sampled_from(sorted(EVENT_FORMATS)))
def test_none_never_objects(drawn: tuple[Format, Texts], other: Format) -> None:
    new, history = parse(*drawn)
    foreign = Judged(9, Parsed(Document(other, "", (), ()), {}))

    verdict = check(new, [*history, foreign], Mode.NONE)

    assert (verdict.outcome, verdict.findings, verdict.versions) == (Outcome.COMPATIBLE, (), ())


@settings(deadline=None, max_examples=100)
@given(ANY, st.sampled_from(Mode))
def test_a_schema_may_follow_itself(drawn: tuple[Format, Texts], mode: Mode) -> None:
    schema_format, texts = drawn

    verdict = judge((schema_format, [texts[-1]] * 3), mode)

    assert verdict.outcome is Outcome.COMPATIBLE
    assert {finding.code for finding in verdict.findings} <= {"NOT_TYPE_NARROWED"}


@pytest.mark.parametrize("schema_format", [Format.AVRO, Format.JSON])
@settings(deadline=None, max_examples=100)
@given(st.data(), st.integers(0, 9))
def test_layout_and_the_order_of_keys_do_not_matter(schema_format: Format, data: st.DataObject, seed: int) -> None:
    texts = data.draw(HISTORIES[schema_format])
    shuffled = [json.dumps(shuffle(json.loads(text), random.Random(seed)), indent=seed) for text in texts]

    assert told(judge((schema_format, shuffled), Mode.FULL_TRANSITIVE)) == told(
        judge((schema_format, texts), Mode.FULL_TRANSITIVE)
    )


def shuffle(value: Any, source: random.Random) -> Any:
    """The same JSON with the keys of every object in another order."""
    if isinstance(value, list):
        return [shuffle(member, source) for member in value]
    if not isinstance(value, dict):
        return value
    keys = source.sample(list(value), len(value))
    return {key: shuffle(value[key], source) for key in keys}


def told(verdict: Verdict) -> list[tuple[object, ...]]:
    """What was found, in an order of its own: differences of properties are told in that of the text."""
    return sorted((f.against, str(f.direction), f.code, f.path) for f in verdict.findings)
