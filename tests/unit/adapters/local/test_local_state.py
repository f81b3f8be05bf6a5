"""What `read_state` answers, also where another program wrote into the file."""

import sqlite3
from collections.abc import Collection
from pathlib import Path

import pytest
from local_samples import make_record

from adapters.local import LocalRegistry
from reconciler.errors import RejectedError, UnexpectedAnswerError
from reconciler.model import LiveSubject, Mode

A, B = make_record("a"), make_record("a", "b")


@pytest.fixture
def three(registry: LocalRegistry) -> LocalRegistry:
    """`a` with FULL and two versions, `b` without a mode, `c` only has a mode."""
    registry.register_schema("a", A)
    registry.register_schema("a", B)
    registry.register_schema("b", A)
    registry.set_compatibility("a", Mode.FULL)
    registry.set_compatibility("c", Mode.NONE)
    return registry


QUESTIONS: list[tuple[Collection[str] | None, Collection[str] | None, dict[str, tuple[int | None, Mode | None]]]] = [
    (None, None, {"a": (2, Mode.FULL), "b": (1, None)}),
    (None, ["b"], {"a": (2, None), "b": (1, None)}),
    (None, ["a", "c"], {"a": (2, Mode.FULL), "b": (1, None), "c": (None, Mode.NONE)}),
    (["a"], None, {"a": (2, Mode.FULL)}),
    (["a", "b"], ["b"], {"a": (2, None), "b": (1, None)}),
    (["c"], None, {"c": (None, Mode.NONE)}),
    (["nothing", "a"], None, {"a": (2, Mode.FULL)}),
    (["\ud800", "a\0", "%", "'"], None, {}),
    ([], None, {}),
    ([], [], {}),
]


@pytest.mark.parametrize(("subjects", "modes_of", "expected"), QUESTIONS)
def test_what_is_asked_for_is_answered(
    three: LocalRegistry,
    subjects: Collection[str] | None,
    modes_of: Collection[str] | None,
    expected: dict[str, tuple[int | None, Mode | None]],
) -> None:
    state = three.read_state(subjects, modes_of=modes_of)

    assert {n: (s.latest.version if s.latest else None, s.mode) for n, s in state.subjects.items()} == expected
    assert state.default_mode is Mode.BACKWARD


def test_more_names_than_sqlite_has_variables(three: LocalRegistry) -> None:
    state = three.read_state([f"subject-{number}" for number in range(40_000)] + ["b"])

    assert list(state.subjects) == ["b"]


PROBLEMS = [
    ("UPDATE contents SET format = 'THRIFT' WHERE id = 2", "version 2 has the unknown format 'THRIFT'"),
    ("UPDATE contents SET definition = x'00ff' WHERE id = 2", "version 2 has no text"),
    ("UPDATE contents SET reference_list = '[{}]' WHERE id = 2", "version 2 has unreadable references or metadata"),
    ("UPDATE contents SET reference_list = '{' WHERE id = 2", "version 2 has unreadable references or metadata"),
    ("UPDATE contents SET metadata = '[]' WHERE id = 2", "version 2 has unreadable references or metadata"),
    ("UPDATE settings SET mode = 'LOOSE' WHERE subject = 'a'", "its mode 'LOOSE' is not a compatibility mode"),
]


@pytest.mark.parametrize(("statement", "problem"), PROBLEMS)
def test_what_cannot_be_understood_is_a_problem_of_that_subject_alone(
    three: LocalRegistry, tmp_path: Path, statement: str, problem: str
) -> None:
    _execute(tmp_path, statement)

    subjects = three.read_state().subjects

    assert subjects["a"].problem == problem
    assert (subjects["b"].latest is not None, subjects["b"].problem) == (True, None)


def test_a_history_with_an_unknown_format_is_an_error(three: LocalRegistry, tmp_path: Path) -> None:
    _execute(tmp_path, "UPDATE contents SET format = 'THRIFT' WHERE id = 2")

    with pytest.raises(UnexpectedAnswerError) as caught:
        three.read_history("a")

    assert str(caught.value) == "laptop/a: version 2 has the unknown format 'THRIFT'"


def test_an_unknown_level_of_the_registry_is_an_error(three: LocalRegistry, tmp_path: Path) -> None:
    _execute(tmp_path, "INSERT INTO settings (subject, mode) VALUES ('', 'LOOSE')")

    with pytest.raises(UnexpectedAnswerError) as caught:
        three.read_state()

    assert str(caught.value) == "laptop: 'LOOSE' is not a compatibility mode"


def test_nothing_is_judged_against_what_cannot_be_read(three: LocalRegistry, tmp_path: Path) -> None:
    _execute(tmp_path, "UPDATE contents SET definition = 'nonsense' WHERE id = 2")

    with pytest.raises(UnexpectedAnswerError) as caught:
        three.register_schema("a", make_record("c"))

    assert caught.value.fix == "delete version 2, or set the mode NONE"


def test_unreadable_metadata_is_not_carried_on(three: LocalRegistry, tmp_path: Path) -> None:
    _execute(tmp_path, "UPDATE contents SET metadata = '[]' WHERE id = 2")

    with pytest.raises(RejectedError) as caught:
        three.register_schema("a", make_record("c"))

    assert caught.value.detail == "version 2 has unreadable references or metadata"


def test_an_unreadable_text_arrives_as_it_is(three: LocalRegistry, tmp_path: Path) -> None:
    _execute(tmp_path, "UPDATE contents SET definition = 'nonsense' WHERE id = 2")

    subject: LiveSubject = three.read_state(["a"]).subjects["a"]

    assert subject.latest is not None
    assert subject.latest.schema.definition == "nonsense"


def _execute(root: Path, statement: str) -> None:
    connection = sqlite3.connect(root / "registry.db")
    with connection:
        assert connection.execute(statement).rowcount == 1
    connection.close()
