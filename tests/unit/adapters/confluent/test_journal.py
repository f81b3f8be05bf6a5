"""What the records of a topic leave behind."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.confluent.journal import Record, read_journal

_KEY = {"keytype": "SCHEMA", "subject": "a", "magic": 1}


def schema(version: int, deleted: bool = False) -> Record:
    return make({**_KEY, "version": version}, {"subject": "a", "version": version, "schema": "x", "deleted": deleted})


def gone(version: int) -> Record:
    return make({**_KEY, "version": version}, None)


def deletion(last: int) -> Record:
    return make({"keytype": "DELETE_SUBJECT", "subject": "a"}, {"subject": "a", "version": last})


def config(subject: str | None, value: dict[str, Any] | None) -> Record:
    return make({"keytype": "CONFIG", "subject": subject}, value)


def make(key: object, value: object) -> Record:
    return json.dumps(key).encode(), None if value is None else json.dumps(value).encode()


@pytest.mark.parametrize(
    ("records", "latest"),
    [
        ([], None),
        ([schema(1), schema(2)], 2),
        ([schema(2), schema(1)], 2),
        ([schema(1), schema(2), gone(2)], 1),
        ([schema(1), schema(2), schema(2, deleted=True)], 1),
        ([schema(1), schema(1, deleted=True)], None),
        ([schema(1), schema(2), deletion(2)], None),
        ([schema(1), schema(2), schema(3), deletion(2)], 3),
        ([deletion(3), schema(1)], 1),
        ([schema(1), deletion(1), schema(1, deleted=True), schema(2)], 2),
        ([gone(1)], None),
        ([(b"no JSON", b"{"), (None, None), schema(1)], 1),
    ],
)
def test_the_latest_version(records: list[Record], latest: int | None) -> None:
    found = read_journal(records).find_latest(["a", "absent"])

    assert {name: value["version"] for name, value in found.items()} == ({} if latest is None else {"a": latest})


def test_a_value_that_is_no_object_tells_nothing() -> None:
    journal = read_journal([(schema(1)[0], b"[1]"), (config("a", {})[0], b"]["), config("b", {"x": 1})])

    assert journal.find_latest(["a"]) == {"a": {}}
    assert journal.configs == {"a": {}, "b": {"x": 1}}


def test_the_last_setting_of_a_scope_counts() -> None:
    journal = read_journal(
        [config("a", {"n": 1}), config(None, {"n": 2}), config("a", {"n": 3}), config("b", {}), config("b", None)]
    )

    assert journal.configs == {"a": {"n": 3}, None: {"n": 2}}


def test_scopes_are_the_registry_and_its_contexts() -> None:
    journal = read_journal([config(scope, {}) for scope in (None, "a", ":.eu:", ":.eu:a")])

    assert list(journal.list_scopes()) == [None, ":.eu:"]
