"""What dialects make of modes: the registries' own words, and which versions a mode looks at."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from reconciler.compatibility import Judged, check
from reconciler.compatibility.dialects import mode_of, select_history, takes_versions, word_for
from reconciler.model import Dialect, Format, Mode, Outcome
from reconciler.schemas import Parsed, language


@dataclass(frozen=True)
class Version:
    version: int


HISTORY = [Version(number) for number in (2, 3, 5)]


def numbers(mode: Mode, dialect: Dialect, checkpoint: int | None = None) -> list[int]:
    return [each.version for each in select_history(HISTORY, mode, dialect, checkpoint)]


@pytest.mark.parametrize("dialect", [Dialect.CONFLUENT, Dialect.KARAPACE, Dialect.APICURIO, Dialect.PULSAR])
def test_a_mode_looks_at_the_newest_version(dialect: Dialect) -> None:
    assert numbers(Mode.BACKWARD, dialect, checkpoint=3) == [5]


def test_glue_looks_at_the_checkpoint() -> None:
    assert numbers(Mode.FULL, Dialect.GLUE, checkpoint=3) == [3]


def test_glue_looks_at_the_oldest_version_where_nobody_set_a_checkpoint() -> None:
    assert numbers(Mode.FORWARD, Dialect.GLUE) == [2]


@pytest.mark.parametrize("dialect", Dialect)
def test_a_transitive_mode_looks_at_all_and_none_at_none(dialect: Dialect) -> None:
    assert numbers(Mode.FULL_TRANSITIVE, dialect, checkpoint=3) == [2, 3, 5]
    assert numbers(Mode.NONE, dialect, checkpoint=3) == []


@pytest.mark.parametrize("dialect", Dialect)
def test_an_empty_history_has_nothing_to_look_at(dialect: Dialect) -> None:
    assert select_history([], Mode.BACKWARD, dialect) == ()


@pytest.mark.parametrize("dialect", Dialect)
def test_a_word_of_every_mode_means_that_mode(dialect: Dialect) -> None:
    words = {mode: word_for(dialect, mode) for mode in Mode}

    assert all(
        word and mode_of(dialect, word) is mode and takes_versions(dialect, word) for mode, word in words.items()
    )


@pytest.mark.parametrize(
    ("dialect", "word", "mode"),
    [
        (Dialect.GLUE, "BACKWARD_ALL", Mode.BACKWARD_TRANSITIVE),
        (Dialect.GLUE, "FULL", Mode.FULL),
        (Dialect.PULSAR, "ALWAYS_COMPATIBLE", Mode.NONE),
        (Dialect.PULSAR, "FORWARD_TRANSITIVE", Mode.FORWARD_TRANSITIVE),
        (Dialect.CONFLUENT, "BACKWARD_ALL", None),
        (Dialect.PULSAR, "UNDEFINED", None),
    ],
)
def test_words_of_registries(dialect: Dialect, word: str, mode: Mode | None) -> None:
    assert mode_of(dialect, word) is mode


@pytest.mark.parametrize(("dialect", "word"), [(Dialect.GLUE, "DISABLED"), (Dialect.PULSAR, "ALWAYS_INCOMPATIBLE")])
def test_a_word_that_closes_a_subject_is_no_mode(dialect: Dialect, word: str) -> None:
    assert mode_of(dialect, word) is None
    assert not takes_versions(dialect, word)


def protobuf(fields: str) -> Parsed:
    lang = language(Format.PROTOBUF)
    return lang.parse(lang.read(f'syntax = "proto3"; message M {{ {fields} }}'), {})


def test_protobuf_on_pulsar_is_judged_by_confluents_rules_as_its_server_has_none() -> None:
    old, new = protobuf("int32 a = 1;"), protobuf("string a = 1;")

    theirs, ours = (check(new, [Judged(1, old)], Mode.BACKWARD, d) for d in (Dialect.PULSAR, Dialect.CONFLUENT))

    assert theirs == ours
    assert theirs.outcome is Outcome.INCOMPATIBLE


def test_json_schema_on_pulsar_is_judged_by_nobody() -> None:
    lang = language(Format.JSON)
    old, new = (lang.parse(lang.read(text), {}) for text in ('{"type": "string"}', '{"type": "number"}'))

    verdict = check(new, [Judged(1, old)], Mode.BACKWARD, Dialect.PULSAR)

    assert verdict.outcome is Outcome.NOT_JUDGED


def test_a_checkpoint_reaches_the_verdict() -> None:
    history = [Judged(1, protobuf("int32 a = 1;")), Judged(2, protobuf("string a = 1;"))]

    first, second = (
        check(protobuf("string a = 1;"), history, Mode.BACKWARD, Dialect.GLUE, checkpoint=number) for number in (1, 2)
    )

    assert (first.outcome, first.versions) == (Outcome.INCOMPATIBLE, (1,))
    assert (second.outcome, second.versions) == (Outcome.COMPATIBLE, (2,))
