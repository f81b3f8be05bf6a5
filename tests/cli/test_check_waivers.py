"""Waivers in a check: what lets nothing through is told by the change that brings it, and what is over always."""

from __future__ import annotations

import json

import pytest

from tests.repositories import MakeRepository, Repository, record

BY = "reason: nobody reads it, approver: '@bob'"
BREAK = "READER_FIELD_MISSING_DEFAULT_VALUE"
NOTE = {"name": "note", "type": "string", "default": ""}


@pytest.fixture
def repository(make_repository: MakeRepository) -> Repository:
    """Two schemas on main; a test's branch has the change."""
    made = make_repository()
    made.write("schemas/defaults.yaml", "compatibility: BACKWARD\n")
    for name in ("order", "other"):
        made.write(f"schemas/{name}.avsc", record(name.capitalize(), "id"))
    made.commit("Begin")
    made.git("checkout", "--quiet", "-b", "change")
    return made


def check(repository: Repository, key: str = "findings") -> list[tuple[str, str]]:
    found = json.loads(repository.run("check", "--output", "json").out)[key]
    return [(f["code"], f"{f['location']['file']}:{f['location']['line']}") for f in found]


def test_a_waiver_that_lets_nothing_of_the_change_through_is_told(repository: Repository) -> None:
    repository.write("schemas/order.avsc", record("Order", "id", NOTE))
    repository.write("schemas/order.yaml", f"waivers:\n  - {{code: {BREAK}, {BY}, until: 2999-01-01}}\n")

    assert check(repository) == [("WAIVER_UNUSED", "schemas/order.yaml:2")]


def test_one_that_is_used_is_not(repository: Repository) -> None:
    repository.write("schemas/order.avsc", record("Order", "id", "note"))
    repository.write("schemas/order.yaml", f"waivers:\n  - {{code: {BREAK}, {BY}, until: 2999-01-01}}\n")

    assert [code for code, _ in check(repository)] == ["WAIVED", "WAIVER_UNCONFIRMED"]


@pytest.mark.parametrize(
    ("about", "until", "code"),
    [
        ("subject: other", "2999-01-01", "WAIVER_UNUSED"),
        ("subject: other", "2020-01-01", "WAIVER_EXPIRED"),
        ("subject: ghost", "2999-01-01", "WAIVER_UNUSED"),
        ("file: schemas/no-such-*.avsc", "2999-01-01", "WAIVER_UNUSED"),
        ("subject: order, path: /fields/9", "2999-01-01", "WAIVER_UNUSED"),
    ],
    ids=["unused", "over", "no subject", "no file", "no place"],
)
def test_a_line_of_a_file_of_waivers_is_told_once(repository: Repository, about: str, until: str, code: str) -> None:
    repository.write("waivers.yaml", f"waivers:\n  - {{code: {BREAK}, {about}, {BY}, until: {until}}}\n")
    repository.write("schemas/order.avsc", record("Order", "id", NOTE))

    assert check(repository) == [(code, "waivers.yaml:2")]


def test_what_an_earlier_change_left_is_told_only_once_it_is_over(repository: Repository) -> None:
    left = "".join(
        f"  - {{code: {code}, subject: order, {BY}, until: {until}}}\n"
        for code, until in ((BREAK, "2999-01-01"), ("TYPE_MISMATCH", "2020-01-01"))
    )
    repository.write("waivers.yaml", f"waivers:\n{left}")
    repository.git("add", ".")
    repository.commit("Waivers")
    repository.git("branch", "--force", "main")
    repository.write("schemas/order.avsc", record("Order", "id", NOTE))

    assert check(repository) == []
    assert check(repository, "known") == [("WAIVER_EXPIRED", "waivers.yaml:3")]


def test_of_several_lines_the_one_that_a_change_adds_is_told(repository: Repository) -> None:
    old = f"  - {{code: {BREAK}, subject: other, {BY}, until: 2999-01-01}}\n"
    repository.write("waivers.yaml", f"waivers:\n{old}")
    repository.commit("A waiver")
    repository.git("branch", "--force", "main")
    repository.write("waivers.yaml", f"waivers:\n{old.replace('nobody reads', 'no one reads')}{old}")

    assert check(repository) == [("WAIVER_UNUSED", "waivers.yaml:2")]
