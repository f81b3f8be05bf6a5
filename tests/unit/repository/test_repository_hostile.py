"""Files that nobody should write: each is a finding at its place, and the others are still read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from repository_files import CONFIG, Load, only, record, told

from reconciler.repository import load_desired_state

GOOD = record("Good", "long")
BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("content", "code", "message", "place"),
    [
        (b"", "SCHEMA_EMPTY", "the file is empty", ""),
        (b" \r\n\t", "SCHEMA_EMPTY", "the file is empty", ""),
        (b'{"type":\n "\xff"}', "SCHEMA_NOT_UTF8", "the file is not UTF-8 text", ":2:3"),
        (b"\xfe\xff\x00{", "SCHEMA_NOT_UTF8", "the file is not UTF-8 text", ":1:1"),
        (b'"' + b"x" * 10_000_001, "SCHEMA_TOO_LARGE", "the file is larger than 10 MB", ""),
    ],
)
def test_text_that_is_none(load: Load, content: bytes, code: str, message: str, place: str) -> None:
    state = load({"schemas/bad.avsc": content, "schemas/good.avsc": GOOD})

    assert (only(state).code, only(state).message) == (code, message)
    assert str(only(state).location) == f"schemas/bad.avsc{place}"
    assert list(state.subjects) == ["good"]


@pytest.mark.parametrize("opening", ["[", '{"type":', '{"type":"array","items":'])
@pytest.mark.parametrize("ending", ["avsc", "json"])
def test_ten_thousand_levels(load: Load, opening: str, ending: str) -> None:
    state = load({f"schemas/deep.{ending}": opening * 10_000, "schemas/good.avsc": GOOD})

    assert [f.location.file for f in state.findings if f.location] == [f"schemas/deep.{ending}"]
    assert list(state.subjects) == ["good"]


@pytest.mark.parametrize("file", ["schemas/defaults.yaml", "schemas/good.yaml", "schemafed.yaml"])
@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        (BOMB, "has more than 100,000 values once its aliases are written out", 5),
        ("a: " + "[" * 10_000, "is nested deeper than 100 levels", 1),
        ("owner: x\nowner: y\n", "key `owner` stands here a second time, first in line 1", 2),
        ("owner: [x\n", "is not YAML: while parsing a flow sequence, did not find expected ',' or ']'", 2),
        ("owner:\n\t- x\n", "is indented with a tab, which YAML does not allow", 2),
        (b"owner: \xff", "is not UTF-8 text", 1),
        ("owner: a\0b", "holds the control character U+0000", 1),
        ("#" * 1_000_001, "is larger than 1 MB", 0),
        ("a: &a [*a]", "alias `*a` stands inside or before what it names", 1),
    ],
)
def test_yaml_that_is_none(load: Load, file: str, text: str | bytes, message: str, line: int) -> None:
    state = load({file: text, "schemas/good.avsc": GOOD})

    found = only(state)
    assert (found.code, found.message) == ("YAML_INVALID", message)
    assert found.fix
    assert found.location and (found.location.file, found.location.line) == (file, line)
    assert list(state.subjects) == ["good"]


def test_byte_order_mark_and_crlf_are_tolerated(load: Load) -> None:
    crlf = GOOD.replace("\n", "\r\n")
    state = load({"schemas/good.avsc": b"\xef\xbb\xbf" + crlf.encode(), "schemas/good.yaml": "\ufeffowner: x\r\n"})

    assert state.findings == ()
    assert state.subjects["good"].schema.definition == GOOD
    assert state.subjects["good"].owner == "x"


def test_link_out_of_the_repository(load: Load, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.avsc"
    outside.write_text(GOOD)
    root = Path(tmp_path_factory.mktemp("root"))
    (root / "schemas").mkdir()
    (root / "schemafed.yaml").write_text(CONFIG)
    (root / "schemas/link.avsc").symlink_to(outside)
    (root / "schemas/folder").symlink_to(outside.parent)

    state = load_desired_state(root)

    assert told(state) == [("PATH_OUTSIDE", "schemas/folder"), ("PATH_OUTSIDE", "schemas/link.avsc")]
    assert state.subjects == {}


def test_link_within_the_repository_counts_as_its_file(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemafed.yaml").write_text(CONFIG)
    (tmp_path / "shared.avsc").write_text(GOOD)
    (tmp_path / "schemas/link.avsc").symlink_to("../shared.avsc")
    (tmp_path / "schemas/nowhere.avsc").symlink_to("gone.avsc")

    state = load_desired_state(tmp_path)

    assert list(state.subjects) == ["link"]
    assert told(state) == [("PATH_INVALID", "schemas/nowhere.avsc")]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_file_without_permission(load: Load, tmp_path: Path) -> None:
    load({"schemas/bad.avsc": GOOD, "schemas/good.avsc": GOOD})
    (tmp_path / "schemas/bad.avsc").chmod(0)

    found = only(load_desired_state(tmp_path))

    assert (found.code, found.message) == ("SCHEMA_UNREADABLE", "the file cannot be read: permission denied")
    assert found.fix and "ignore: true" in found.fix


def test_unreadable_file(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(root: Path, path: str, limit: int) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("reconciler.repository.sources.read_at_most", refuse)
    found = only(load({"schemas/bad.avsc": GOOD}))

    assert (found.code, found.message) == ("SCHEMA_UNREADABLE", "the file cannot be read: permission denied")
    assert found.fix and "ignore: true" in found.fix


@pytest.mark.parametrize("path", ["../elsewhere", "/etc", "a/../../b", "a\\b"])
def test_paths_stay_below_the_root(load: Load, path: str) -> None:
    state = load({"schemafed.yaml": f"version: 1\npaths: ['{path}']\n"})

    assert only(state).code == "INVALID_VALUE"
    assert only(state).message == (
        f"`paths[0]`: `{path}` must be a folder below schemafed.yaml, written with `/` and without `..`"
    )
