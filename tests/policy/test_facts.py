"""What rules see beside what a schema writes: endings of names, reserved numbers, owners of files."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.model import Format, Schema
from reconciler.operations.policies.owners import load_owners_finder
from reconciler.policy.schema_facts import make_schema
from reconciler.policy.words import find_endings, split_words


@pytest.mark.parametrize(
    ("name", "endings"),
    [
        ("customerEMail_2", ("customer e mail", "e mail", "mail")),
        ("a_b_c_d_e", ("b c d e", "c d e", "d e", "e")),
        ("ipv4", ("ipv",)),
        ("2", ("2",)),
        ("_", ()),
    ],
)
def test_endings_of_a_name(name: str, endings: tuple[str, ...]) -> None:
    assert find_endings(name) == endings


def test_words_have_no_accents_and_keep_letters_of_their_own() -> None:
    assert split_words("préNom_Straße_й") == ("pre", "nom", "strasse", "й")


def test_every_number_of_a_reserved_range_is_told() -> None:
    text = 'syntax = "proto3";\nmessage M {\n  reserved 2, 9 to 11;\n  reserved 1000 to max;\n  reserved "old";\n}\n'

    made = make_schema(Schema(Format.PROTOBUF, text))

    assert made["definitions"][0]["reserved"] == ["2", "9", "10", "11", "1000", "max", "old"]


def test_owners_are_read_from_the_top_of_gits_work_tree(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "CODEOWNERS").write_text("/data/schemas/ @acme/data\n", encoding="utf-8")
    (tmp_path / "data").mkdir()

    find = load_owners_finder(tmp_path / "data")

    assert find is not None
    assert find("schemas/order.avsc") == ("@acme/data",)
    assert find("order.avsc") == ()


def test_without_codeowners_nobody_is_named(tmp_path: Path) -> None:
    assert load_owners_finder(tmp_path) is None
