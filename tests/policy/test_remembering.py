"""What rules said of an entry holds for entries alike, and for no others; it is asked once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reconciler.config import Config
from reconciler.model import DesiredSubject, Finding, Format, Location, Schema
from reconciler.operations.policies.making import make_inspection
from reconciler.policy.expressions import compares_wholes, find_members
from reconciler.policy.loading import load_packs
from reconciler.policy.remembering import is_local
from reconciler.policy.selection import make_policies
from reconciler.repository.state import DesiredState
from reconciler.schemas.resolved import SchemaSet

HEAD = "version: 1\npack: ours\ndescription: Ours.\nrules:\n"
RULE = "  - {code: %s, title: t, severity: warning, scope: field, assert: %s, message: '{{ field.path }}'}\n"


def make_record(name: str, *fields: dict[str, Any]) -> str:
    written = [{"type": "string", **field} for field in fields]
    return json.dumps({"type": "record", "name": name, "namespace": "acme", "fields": written})


def check(root: Path, records: dict[str, str], *conditions: str, tags: tuple[str, ...] = ()) -> list[Finding]:
    """What rules find in records; subjects whose name begins with `tagged` have the tags."""
    rules = [RULE % (f"OURS_{index}", json.dumps(condition)) for index, condition in enumerate(conditions)]
    (root / "ours.yaml").write_text(HEAD + "".join(rules), encoding="utf-8")
    packs = load_packs(root, ["ours.yaml"])
    assert packs.findings == ()
    config = Config.model_validate({"version": 1, "policies": [{"use": "ours"}]})
    policies = make_policies(config, packs.packs, {}, (), {}, "prod")
    subjects = {
        name: DesiredSubject(
            name, Schema(Format.AVRO, text), Location(f"{name}.avsc"), tags=tags if name.startswith("tagged") else ()
        )
        for name, text in records.items()
    }
    state = DesiredState("prod", subjects, {}, {}, SchemaSet(lambda reference: None), ())
    return list(make_inspection(root, state, policies, "2026-01-01").check_subjects(subjects))


def tell(findings: list[Finding]) -> list[tuple[str | None, str, str]]:
    return [(finding.subject, finding.code, finding.message) for finding in findings]


def test_what_one_subject_breaks_another_with_the_same_field_breaks_too(tmp_path: Path) -> None:
    text = make_record("Order", {"name": "id"}, {"name": "secret"})

    found = check(tmp_path, {"a": text, "b": text}, "field.name != 'secret'", "field.name.size() > 2")

    assert tell(found) == [
        ("a", "OURS_0", "secret"),
        ("a", "OURS_1", "id"),
        ("b", "OURS_0", "secret"),
        ("b", "OURS_1", "id"),
    ]


@pytest.mark.parametrize(
    ("condition", "wrong"),
    [
        ("field.name != 'id' || field.definition != 'acme.Two'", "two"),
        ("field.doc != 'second'", "two"),
        ("subject.name != 'two'", "two"),
        ("!('pii' in subject.tags)", "tagged"),
        ("schema.name != 'Two'", "two"),
        ("!schema.fields.exists(other, other.name == 'note')", "tagged"),
        ("!has(field.definition) || field.definition != 'acme.Two'", "two"),
        ("field['definition'] != 'acme.Two'", "two"),
        ("field . doc != 'second'", "two"),
    ],
)
def test_an_entry_is_judged_by_everything_that_a_rule_speaks_of(tmp_path: Path, condition: str, wrong: str) -> None:
    records = {
        "one": make_record("One", {"name": "id", "doc": "first"}),
        "two": make_record("Two", {"name": "id", "doc": "second"}),
        "tagged": make_record("One", {"name": "id", "doc": "first"}, {"name": "note"}),
    }

    found = check(tmp_path, records, condition, tags=("pii",))

    assert {finding.subject for finding in found} == {wrong}
    assert {finding.code for finding in found} == {"OURS_0"}


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        ("schema.fields.exists(one, one.name == '')", False),
        ("schema.fields.exists(one, one == schema.fields[0])", True),
        ("item.before != null && item.before.name == item.after.name", False),
        ("item.before == item.after", True),
        ("item in change.fields", True),
        ("'item' == 'x' // item", False),
    ],
)
def test_whether_an_expression_compares_wholes(text: str, is_so: bool) -> None:
    assert compares_wholes(text) is is_so


def test_entries_that_are_compared_as_wholes_have_all_their_keys(tmp_path: Path) -> None:
    record = make_record("Order", {"name": "id"}, {"name": "note"})

    found = check(tmp_path, {"one": record}, "schema.fields.all(a, schema.fields.filter(b, b == a).size() == 1)")

    assert found == []


def test_a_rule_that_comes_to_no_answer_is_an_error_in_every_subject(tmp_path: Path) -> None:
    text = make_record("Order", {"name": "id"}, {"name": "note"})

    found = check(tmp_path, {"a": text, "b": text}, "field.name == 'id' || int(field.doc) > 0")

    assert [(f.subject, f.code, f.blocks) for f in found] == [
        ("a", "POLICY_FAILED", True),
        ("b", "POLICY_FAILED", True),
    ]
    assert "ours.yaml:5" in found[0].message


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("field.name == '' && field.doc.size() > 1", {"name", "doc"}),
        ("'field' == r'field.name' // field", set()),
        ("other.field.name == ''", set()),
        ("field == other", None),
        ("field['name'] == ''", None),
        ("field.name() == ''", None),
        ("field.?name.orValue('') == ''", None),
    ],
)
def test_the_keys_that_an_expression_speaks_of(text: str, members: set[str] | None) -> None:
    assert find_members(text, "field") == members


def test_only_conditions_about_one_entry_are_remembered() -> None:
    assert is_local("field.name != schema.name")
    assert not is_local("schema.fields.size() > field.depth")
    assert not is_local("size(schema) > 1")
