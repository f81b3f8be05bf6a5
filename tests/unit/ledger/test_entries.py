"""What was applied, as files of the ledger's tree and back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.applied import AppliedRegistry, AppliedSubject
from reconciler.ledger.entries import make_files, resolve_files
from reconciler.model import Location, Mode, Reference, TemporaryMode

ENTRY = AppliedSubject(
    "c0ffee",
    Location("schemas/order.avsc", 3, 7),
    "abc",
    2,
    (Reference("com.acme.Money", "money", 4),),
    Mode.FULL,
    "payments",
    is_orphan=True,
)
BARE = AppliedSubject("c0ffee", Location("schemas/order.avsc"))


def encode(files: dict[str, str | None]) -> dict[str, bytes]:
    """As Git holds them."""
    return {path: text.encode("utf-8", "backslashreplace") for path, text in files.items() if text is not None}


@pytest.mark.parametrize(
    "entry",
    [
        ENTRY,
        BARE,
        replace(BARE, version=0),
        replace(BARE, mode=Mode.NONE),
        replace(BARE, owner="@acme/payments"),
        replace(BARE, temporary=TemporaryMode(Mode.FULL)),
        replace(BARE, temporary=TemporaryMode()),
    ],
)
def test_an_entry_is_read_back_as_it_was_written(entry: AppliedSubject) -> None:
    applied = {"orders": AppliedRegistry({"order": entry}, Mode.BACKWARD)}

    assert resolve_files(encode(make_files({}, applied))) == applied


@pytest.mark.parametrize("name", ["a/b/c", "größe", "", "..", "x" * 300, 'q"\\u0041\n', "\ud800", "日本/語", ":.ctx:a"])
def test_any_name_of_a_subject(name: str) -> None:
    applied = {"orders": AppliedRegistry({name: BARE})}

    assert resolve_files(encode(make_files({}, applied))) == applied


def test_each_subject_has_a_line_and_lines_are_sorted() -> None:
    names = [f"subject-{number}" for number in range(2000)]
    applied = {"orders": AppliedRegistry(dict.fromkeys(reversed(names), BARE))}

    files = make_files({}, applied)

    assert len(files) == 256
    for text in files.values():
        assert text is not None
        lines = text.splitlines()[1:-1]
        assert lines == sorted(lines)
    assert sum(len(text.splitlines()) - 2 for text in files.values() if text) == len(names)


def test_a_change_of_one_subject_writes_one_small_file() -> None:
    before = {"orders": AppliedRegistry({f"subject-{number}": BARE for number in range(10_000)})}
    changed = {**before["orders"].subjects, "subject-7": replace(BARE, version=2)}

    files = make_files(before, {"orders": AppliedRegistry(changed)})

    ((path, text),) = files.items()
    assert path.startswith("orders/")
    assert text is not None and len(text) < 10_000


def test_what_is_the_same_writes_nothing() -> None:
    applied = {"orders": AppliedRegistry({"order": ENTRY}, Mode.FULL)}

    assert make_files(applied, {"orders": AppliedRegistry({"order": ENTRY}, Mode.FULL)}) == {}


def test_what_is_gone_is_taken_away() -> None:
    before = {"orders": AppliedRegistry({"order": ENTRY}, Mode.FULL)}

    files = make_files(before, {"orders": AppliedRegistry()})

    assert len(files) == 2
    assert set(files.values()) == {None}


@pytest.mark.parametrize("content", [b"", b"[]", b'{"order": {}}', b'{"order": 3}', b'{"order": {"commit": "c"}}'])
def test_a_file_that_was_edited_by_hand_is_none_of_ours(content: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        resolve_files({"orders/ab.json": content})
