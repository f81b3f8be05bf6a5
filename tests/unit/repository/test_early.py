"""Reading that begins before the settings are looked at: what it guesses, and that a wrong guess changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from repository_files import Load, record

from reconciler import documents
from reconciler.errors import ConfigurationError
from reconciler.model import Format
from reconciler.repository import load_desired_state
from reconciler.repository import subjects as loading
from reconciler.repository.early import reading_early

FILES: Mapping[str, str] = {
    "schemas/money.avsc": record("Money", "long"),
    "schemas/money.yaml": "compatibility: FULL\n",
    "schemas/defaults.yaml": "owner: payments\n",
    "schemas/sub/place.proto": 'syntax = "proto3";\nmessage Place { double latitude = 1; }\n',
    "schemas/visit.json": '{"type": "object"}',
    "other/extra.avsc": record("Extra", "long"),
}
_GUESSED = [
    ("schemas/money.avsc", Format.AVRO),
    ("schemas/sub/place.proto", Format.PROTOBUF),
    ("schemas/visit.json", Format.JSON),
]


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let few files be worth a second process, wherever this runs."""
    monkeypatch.setattr(documents, "WORTHWHILE", 1)
    monkeypatch.setattr(documents, "processors", lambda: 2)


def test_schemas_are_told_by_their_endings_below_the_configured_folders(load: Load, tmp_path: Path) -> None:
    load(FILES)

    with reading_early(tmp_path) as early:
        assert early.paths == ("schemas",)
        assert early.ahead.files == _GUESSED


def test_a_good_guess_is_what_is_loaded(
    load: Load, always: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = load(FILES)

    def begin_again(*_: object) -> None:
        raise AssertionError("reading began a second time")

    monkeypatch.setattr(loading, "reading_ahead", begin_again)

    assert load_desired_state(tmp_path) == expected
    assert sorted(expected.subjects) == ["money", "place", "visit"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("schemafed.yaml", "version: 1\npaths: schemas\n"),
        ("schemafed.yaml", "version: 1\npaths: [1, schemas]\n"),
        ("schemafed.yaml", 'version: 1\npaths: ["a\\0b"]\n'),
        ("schemafed.yaml", "version: 1\npaths: [schemas"),
        ("schemafed.yaml", "- version\n- 1\n"),
        ("schemafed.yaml", 'version: 1\npaths: ["../other", "/"]\n'),
        ("schemafed.yaml", "version: 1\npaths: [other/, missing]\n"),
        ("schemas/defaults.yaml", "files: {visit.json: {ignore: true}, '*.avsc': json}\n"),
        ("schemas/defaults.yaml", "owner: [\n"),
        ("schemas/defaults.yaml", "owner: \x01\n"),
    ],
)
def test_what_is_found_is_the_same_whatever_was_guessed(
    load: Load, always: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, text: str
) -> None:
    guessed = load({**FILES, path: text})

    monkeypatch.setattr(documents, "processors", lambda: 1)
    monkeypatch.setattr("reconciler.repository.early._guess_paths", lambda root: None)

    assert load_desired_state(tmp_path) == guessed
    assert guessed.findings or guessed.subjects


def test_where_no_repository_is_nothing_is_read(tmp_path: Path) -> None:
    (tmp_path / "money.avsc").write_text(record("Money", "long"))

    with reading_early(tmp_path) as early:
        assert (early.paths, early.files, early.ahead.files) == (None, (), [])
    with pytest.raises(ConfigurationError, match=r"no schemafed\.yaml"):
        load_desired_state(tmp_path)
