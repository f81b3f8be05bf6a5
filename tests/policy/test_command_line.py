"""What `policy list`, `check` and `plan` say of rules that cannot be used: what, where, why, and what to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reconciler.cli import run

SETTINGS = (
    "version: 1\nregistries: {laptop: {kind: local, path: laptop.db}}\n"
    "environments: {dev: {registries: [laptop]}}\npolicies:\n"
)
RULE = (
    "version: 1\npack: ours\ndescription: Ours.\nrules:\n"
    "  - code: OURS\n    title: t\n    severity: warning\n    scope: field\n    assert: %s\n    message: %s\n"
)
RECORD = '{"type": "record", "name": "Order", "namespace": "acme", "fields": [{"name": "id", "type": "string"}]}'


def write(root: Path, policies: str, **files: str) -> Path:
    (root / "schemas").mkdir()
    (root / "schemafed.yaml").write_text(SETTINGS + policies, encoding="utf-8")
    (root / "schemas" / "order.avsc").write_text(RECORD, encoding="utf-8")
    for name, text in files.items():
        (root / f"{name}.yaml").write_text(text, encoding="utf-8")
    return root


def find(capsys: Any, *arguments: str) -> dict[str, str]:
    """The one finding that blocks a command, its place as it is shown."""
    assert run([*arguments, "--output", "json"]) == 3
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    place = [str(finding["location"][key]) for key in ("file", "line", "column") if finding["location"][key]]
    return {**finding, "location": ":".join(place)}


@pytest.mark.parametrize(
    ("condition", "message", "at", "what", "remedy"),
    [
        ("field.name ==", "m", "ours.yaml:9:13", "is no CEL from line 1, column 14", "correct the expression"),
        ("field.nam == ''", "m", "ours.yaml:9:13", "has no `nam`; did you mean `name`?", "it has: aliases"),
        ("'true'", "{{ field.name }}" * 500, "ours.yaml:10:14", "8000 characters, where 2000", "fewer words"),
        ("field.name.matches('(a+')", "m", "ours.yaml:9:13", "unclosed group", "correct the regular expression"),
        ("field.name.matches('(?=a)')", "m", "ours.yaml:9:13", "look-around", "correct the regular expression"),
        ("a.all(b, " * 4 + "true" + ")" * 4, "m", "ours.yaml:9:13", "nested too deeply", "nest at most 3"),
        ("int(field.name) > 1", "m", "ours.yaml:9:13", "cannot be evaluated for order id", "mend the rule"),
    ],
)
def test_a_rule_that_cannot_be_used_is_told_by_a_plan(
    tmp_path: Path, capsys: Any, condition: str, message: str, at: str, what: str, remedy: str
) -> None:
    root = write(tmp_path, "  - path: ours.yaml\n", ours=RULE % (json.dumps(condition), json.dumps(message)))

    finding = find(capsys, "plan", "-C", str(root))

    assert finding["location"] == at
    assert what in finding["message"]
    assert remedy in finding["fix"]


def test_a_regular_expression_that_would_backtrack_elsewhere_is_no_matter(tmp_path: Path) -> None:
    condition = f"!'{'a' * 3000}!'.matches('^(a|a)*$')"
    root = write(tmp_path, "  - path: ours.yaml\n", ours=RULE % (json.dumps(condition), "m"))

    assert run(["plan", "-C", str(root)]) == 0


def test_a_rule_of_a_pack_that_ships_is_not_sought_in_the_repository(tmp_path: Path, capsys: Any) -> None:
    root = write(tmp_path, "  - use: ownership\n    parameters: {form: '('}\n")
    (root / "schemas" / "order.meta.yaml").write_text("owner: payments\n", encoding="utf-8")

    finding = find(capsys, "plan", "-C", str(root))

    assert finding["location"] == "schemas/order.avsc"
    assert "rule OWNERSHIP_FORM of the pack ownership cannot be evaluated for order" in finding["message"]
