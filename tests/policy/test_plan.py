"""Rules in `plan`: they are asked about what it changes, and what they forbid is not applied."""

from __future__ import annotations

from pathlib import Path

from reconciler.operations.plan import plan
from reconciler.operations.scope import Scope

SETTINGS = (
    "version: 1\nregistries: {laptop: {kind: local, path: laptop.db}}\n"
    "environments: {dev: {registries: [laptop]}}\n"
    "policies:\n  - use: naming\n    rules: {NAMING_FIELD_CASE: error}\n"
)
RECORD = '{"type": "record", "name": "Order", "namespace": "acme", "fields": [{"name": "placedAt", "type": "long"}]}'
WAIVER = "waivers: [{code: NAMING_FIELD_CASE, reason: old data, approver: ann, until: 2099-01-01}]\n"


def write(root: Path, **files: str) -> Path:
    (root / "schemas").mkdir()
    (root / "schemafed.yaml").write_text(SETTINGS, encoding="utf-8")
    (root / "schemas" / "order.avsc").write_text(RECORD, encoding="utf-8")
    for name, text in files.items():
        (root / "schemas" / f"order.{name}.yaml").write_text(text, encoding="utf-8")
    return root


def test_a_plan_whose_changes_break_a_rule_cannot_be_applied(tmp_path: Path) -> None:
    made = plan(write(tmp_path), Scope()).plan

    assert [(f.code, f.subject, f.path) for f in made.findings if f.blocks] == [
        ("NAMING_FIELD_CASE", "order", "/fields/0")
    ]
    assert not made.can_apply


def test_a_waiver_leads_a_plan_through_and_is_not_called_unused(tmp_path: Path) -> None:
    made = plan(write(tmp_path, meta=WAIVER), Scope()).plan

    assert [f.code for f in made.findings] == ["WAIVED"]
    assert made.can_apply
