"""A second process that begins before the command is imported: it changes when things are read, and nothing else."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from repository_files import Load, record, told

from reconciler import head_start
from reconciler.documents import nothing
from reconciler.head_start import HeadStart, begin, take
from reconciler.repository import DesiredState, load_desired_state
from reconciler.repository import early as early_reading
from reconciler.repository.early import reading_early

FILES: Mapping[str, str] = {
    **{f"schemas/order-{number:02}.avsc": record(f"Order{number}", "long") for number in range(30)},
    "schemas/order-00.yaml": "compatibility: FULL\n",
    "schemas/visit.json": '{"type": "object"}',
    "schemas/wrong.avsc": '{"type": "record",\n',
}
_DIES = "import sys; sys.exit(1)"
_DIES_AFTER_THE_GUESS = (
    "import sys; sys.path[:] = sys.argv[2:]; import reconciler.repository.early as early;"
    " early.answer_parts = lambda *_: sys.exit(1); early.begin_reading()"
)


@pytest.fixture
def alone(load: Load) -> DesiredState:
    """What this process makes of the files by itself."""
    return load(FILES)


@pytest.fixture
def worthwhile(alone: DesiredState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A work tree that is large enough for a head start, with two processors; whatever was begun ends."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "add", "."], check=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(head_start, "_LARGE_INDEX", 1)
    monkeypatch.setattr(head_start, "processors", lambda: 2)
    yield
    while left := take(tmp_path):
        left.end()


def _begun(root: Path) -> HeadStart:
    started = take(root)
    assert started
    head_start._begun.append(started)
    return started


def test_what_was_begun_is_what_is_loaded(
    alone: DesiredState, worthwhile: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begin_again(*_: object) -> None:
        raise AssertionError("this process read what the other one had begun to")

    monkeypatch.setattr(early_reading, "reading_ahead", begin_again)

    begin(["plan"])
    started = _begun(tmp_path)
    loaded = load_desired_state(tmp_path)

    assert loaded == alone
    assert told(loaded) == [("SCHEMA_INVALID", "schemas/wrong.avsc:2:1")]
    assert started.process.poll() is not None
    assert started.answers.closed


def test_the_guess_is_that_of_one_process(worthwhile: None, tmp_path: Path) -> None:
    with reading_early(tmp_path) as by_itself:
        pass
    begin(["validate"])
    with reading_early(tmp_path) as by_another:
        documents = by_another.ahead.finish(nothing)

    assert (by_another.paths, by_another.files, by_another.findings) == (("schemas",), by_itself.files, ())
    assert list(by_another.ahead.files) == list(by_itself.ahead.files)
    assert sorted(documents) == [
        path for path in sorted(FILES) if path.endswith((".avsc", ".json")) and "wrong" not in path
    ]


@pytest.mark.parametrize("fate", [_DIES, _DIES_AFTER_THE_GUESS])
def test_a_process_that_dies_is_done_without(
    alone: DesiredState, worthwhile: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fate: str
) -> None:
    monkeypatch.setattr(head_start, "_SECOND", fate)

    begin(["plan"])

    assert load_desired_state(tmp_path) == alone


def test_a_process_that_cannot_be_started_is_done_without(
    alone: DesiredState, worthwhile: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "no-python"))

    begin(["plan"])

    assert take(tmp_path) is None
    assert load_desired_state(tmp_path) == alone


def test_settings_that_say_otherwise_count(alone: DesiredState, worthwhile: None, tmp_path: Path) -> None:
    (tmp_path / "schemas" / "defaults.yaml").write_text("files: {visit.json: {ignore: true}}\n")

    begin(["plan"])

    assert sorted(load_desired_state(tmp_path).subjects) == sorted(alone.subjects.keys() - {"visit"})


@pytest.mark.parametrize(
    "arguments", [["plan", "--help"], ["plan", "-C", "other"], ["plan", "--since=main"], ["validate", "--directory=x"]]
)
def test_nothing_begins_where_less_is_read(worthwhile: None, tmp_path: Path, arguments: Sequence[str]) -> None:
    begin(arguments)

    assert take(tmp_path) is None


def test_nothing_begins_for_few_files_or_on_one_processor(
    worthwhile: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(head_start, "processors", lambda: 1)
    begin(["plan"])
    monkeypatch.setattr(head_start, "processors", lambda: 2)
    monkeypatch.setattr(head_start, "_LARGE_INDEX", 1_000_000)
    begin(["plan"])

    assert take(tmp_path) is None


def test_what_was_begun_for_another_folder_is_not_taken(worthwhile: None, tmp_path: Path) -> None:
    begin(["plan"])

    with reading_early(tmp_path / "schemas") as early:
        assert early.paths is None
    _begun(tmp_path).end()


def test_a_command_that_fails_before_it_reads_leaves_no_process(worthwhile: None, tmp_path: Path) -> None:
    begin(["plan"])
    started = _begun(tmp_path)

    started.end()
    started.end()

    assert started.process.poll() is not None
