"""Rules that would take without end on a large schema: told at their line, and never begun."""

from __future__ import annotations

import json
from pathlib import Path
from time import monotonic

import pytest

from reconciler.operations.plan import plan
from reconciler.operations.scope import Scope
from reconciler.policy.loops import count_steps, find_loops

FIELDS = "schema.fields"
RULE = """\
version: 1
pack: ours
description: Ours.
rules:
  - code: OURS
    title: t
    severity: error
    scope: {scope}
    assert: {condition}
    message: {message}
"""


@pytest.mark.parametrize(
    ("text", "loops"),
    [
        ("field.name != ''", []),
        (f"{FIELDS}.all(f, f.name != '')", [("schema",)]),
        (f"{FIELDS}.all(f, {FIELDS}.exists(g, f.name == g.name))", [("schema",), ("schema", "schema")]),
        (f"{FIELDS}.filter(f, f.depth == 1).map(f, f.name).size() > 1", [("schema",)]),
        (
            f"{FIELDS} . all(f, {FIELDS}.filter(g, true).map(g, g) . exists (h, true))",
            [("schema",), ("schema", "schema")],
        ),
        ("field.tags.exists(t, t in params.tags)", []),
        (f"{FIELDS}.all(f, f.tags.exists(t, params.tags.exists(p, p == t)))", [("schema",), ("schema", "params")]),
        ("split(schema.doc, ' ').all(a, [1, 2].all(b, a != ''))", [("split",), ("split", "")]),
        ("schema.definitions[0].values.all(v, 'schema.fields.all(x, y)' != v.name)", [("schema",)]),
        ("item.before.tags.all(t, t != '')", []),
    ],
)
def test_which_loops_over_whole_lists_are_nested(text: str, loops: list[tuple[str, ...]]) -> None:
    assert sorted(find_loops(text, {"field", "definition", "item"})) == loops


def test_steps_are_counted_by_how_long_lists_are() -> None:
    assert count_steps([], 1_000, 50) == 1
    assert count_steps([("schema",), ("schema", "params")], 1_000, 50) == 50_000
    assert count_steps([("schema", "schema", "schema")], 1_000, 50) == 1_000_000_000


DEEP = f"{FIELDS}.all(a, {FIELDS}.all(b, {FIELDS}.all(c, a.name + b.name + c.name != '')))"
GROWING = f"{{{{ {FIELDS}.map(a, {FIELDS}.map(b, {FIELDS}.map(c, a.name))) }}}}"


@pytest.mark.parametrize(
    ("scope", "condition", "message"),
    [
        ("schema", DEEP, "m"),
        ("schema", "1 == 2", GROWING),
        ("field", f"{FIELDS}.all(a, {FIELDS}.exists(b, b.name == a.name))", "m"),
    ],
    ids=["condition", "message", "each field"],
)
def test_a_rule_that_would_take_without_end_blocks_at_once(
    tmp_path: Path, scope: str, condition: str, message: str
) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies/ours.yaml").write_text(
        RULE.format(scope=scope, condition=condition, message=json.dumps(message))
    )
    (tmp_path / "schemafed.yaml").write_text(
        "version: 1\nregistries: {laptop: {kind: local, path: a.db}}\nenvironments: {dev: {registries: [laptop]}}\n"
        "policies: [{path: policies/*.yaml}, {use: naming, rules: {NAMING_FIELD_CASE: error}}]\n"
    )
    fields = [{"name": f"Field{number}", "type": "string"} for number in range(1_000)]
    (tmp_path / "schemas/wide.avsc").write_text(json.dumps({"type": "record", "name": "Wide", "fields": fields}))

    begun = monotonic()
    made = plan(tmp_path, Scope()).plan

    [failed] = [finding for finding in made.findings if finding.code == "POLICY_FAILED"]
    assert monotonic() - begun < 60
    assert not made.can_apply
    assert str(failed.location) == "policies/ours.yaml:9:13"
    assert "rule OURS of policies/ours.yaml:9:13 cannot be evaluated for wide: it would go over " in failed.message
    # The other rules are asked all the same.
    assert sum(finding.code == "NAMING_FIELD_CASE" for finding in made.findings) == 1_000
