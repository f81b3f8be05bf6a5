"""Rule files: what is wrong with one is told with its line; what cannot be evaluated is never a pass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.config import Config
from reconciler.manifest import Defaults
from reconciler.model import DesiredSubject, Finding, Format, Location, Schema
from reconciler.operations.policies.making import make_inspection
from reconciler.policy.evaluation import MAX_MESSAGE
from reconciler.policy.loading import load_packs, make_python_pack
from reconciler.policy.python_rules import PythonPack, PythonRule
from reconciler.policy.rules import Pack
from reconciler.policy.selection import Policies, make_policies
from reconciler.repository.state import DesiredState
from reconciler.schemas.resolved import SchemaSet
from reconciler.yaml_lines import YamlDocument

ORDER = (
    '{"type": "record", "name": "Order", "namespace": "acme", "fields": ['
    '{"name": "id", "type": "string", "doc": "The number."}, {"name": "note", "type": "string"}]}'
)
HEAD = "version: 1\npack: ours\ndescription: Ours.\nparameters: {limit: {default: 1, description: A limit.}}\nrules:\n"
RULE = {"code": "OURS", "title": "t", "severity": "warning", "scope": "field", "assert": "true", "message": "m"}


def load(root: Path, **changed: str) -> tuple[Pack | None, tuple[Finding, ...]]:
    lines = [f"    {key}: {value!r}" for key, value in (RULE | changed).items()]
    (root / "ours.yaml").write_text(HEAD + "  -" + "\n".join(lines)[3:] + "\n", encoding="utf-8")
    loaded = load_packs(root, ["ours.yaml"])
    return loaded.packs.get("ours"), loaded.findings


def hold(pack: Pack | None, file: str = "schemas/order.avsc", **folders: dict[str, Any]) -> list[Finding]:
    assert pack is not None
    config = Config.model_validate({"version": 1, "policies": [{"use": pack.name}]})
    settings = {
        name: (Defaults.model_validate({"policies": policies}), YamlDocument("defaults.yaml", None, ""))
        for name, policies in folders.items()
    }
    return check(make_policies(config, {pack.name: pack}, {}, (), settings, "prod"), file)


def check(policies: Policies, file: str) -> list[Finding]:
    assert policies.findings == ()
    subjects = {"order": DesiredSubject("order", Schema(Format.AVRO, ORDER), Location(file))}
    state = DesiredState("prod", subjects, {}, {}, SchemaSet(lambda reference: None), ())
    return list(make_inspection(Path("/nowhere"), state, policies, "2026-01-01").check_subjects(subjects))


@pytest.mark.parametrize(
    ("changed", "place", "message"),
    [
        ({"assert": "field.name =="}, "ours.yaml:10:13", "is no CEL from line 1, column 14"),
        ({"assert": "field.name.matches('(a+')"}, "ours.yaml:10:13", "unclosed group"),
        ({"assert": "field.name.matches('((a{1000}){1000}){1000}')"}, "ours.yaml:10:13", "exceeds size limit"),
        ({"assert": "feld.name == ''"}, "ours.yaml:10:13", "there is no `feld` here"),
        ({"assert": "field.nam == ''"}, "ours.yaml:10:13", "`field` has no `nam`; did you mean `name`?"),
        ({"assert": "params.limits == 1"}, "ours.yaml:10:13", "`params` has no `limits`"),
        ({"assert": "shout(field.name)"}, "ours.yaml:10:13", "there is no function `shout`"),
        ({"assert": "change.kind == ''"}, "ours.yaml:10:13", "there is no `change` here"),
        ({"assert": "'" + "x" * 4001 + "' == ''"}, "ours.yaml:10:13", "4009 characters"),
        ({"assert": "a.all(b, " * 5 + "true" + ")" * 5}, "ours.yaml:10:13", "nested too deeply"),
        ({"message": "{{ field.nam }}"}, "ours.yaml:11:14", "`field` has no `nam`"),
        ({"message": "{{ field.name"}, "ours.yaml:11:14", "`{{` has no `}}`"),
        ({"each": "schema.fields"}, "ours.yaml:12:11", "goes over a list by itself"),
        ({"severity": "fatal"}, "ours.yaml:8:15", "`fatal` is not a value"),
        ({"code": "ours"}, "ours.yaml:6:11", "`rules[0].code`"),
        ({"asserts": "true"}, "ours.yaml:12:5", "unknown key `asserts`"),
    ],
)
def test_what_is_wrong_with_a_rule_is_told_with_its_line(
    tmp_path: Path, changed: dict[str, str], place: str, message: str
) -> None:
    pack, findings = load(tmp_path, **changed)

    assert pack is None
    assert str(findings[0].location) == place
    assert message in findings[0].message
    assert findings[0].blocks


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("field.options['nope'] == ''", "there is no key 'nope'"),
        ("field.depth / 0 == 1", "division by zero"),
        ("field.name.matches('(?=' + 'look)')", "not a valid regex"),
        ("field.name", ""),
        ("field.depth + 'x' == ''", ""),
        ("field.name.matches('((a{1000}){1000})' + '{1000}')", "size limit"),
    ],
)
def test_a_rule_that_comes_to_no_answer_blocks_and_is_told_once_a_subject(
    tmp_path: Path, condition: str, why: str
) -> None:
    pack, _ = load(tmp_path, **{"assert": condition})

    (finding,) = hold(pack)

    assert (finding.code, str(finding.location), finding.subject) == ("POLICY_FAILED", "ours.yaml:10:13", "order")
    assert finding.blocks
    assert why in finding.message


def test_a_failing_rule_does_not_hide_what_others_find(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text(
        HEAD
        + "  - {code: A, title: t, severity: info, scope: field, assert: \"field.options['x'] == ''\", message: m}\n"
        + "  - {code: B, title: t, severity: info, scope: field, assert: \"field.doc != ''\", message: no}\n",
        encoding="utf-8",
    )

    findings = hold(load_packs(tmp_path, ["ours.yaml"]).packs["ours"])

    assert [(f.code, f.path) for f in findings] == [("POLICY_FAILED", None), ("B", "/fields/1")]


def test_a_regular_expression_that_would_backtrack_is_quick(tmp_path: Path) -> None:
    pack, _ = load(tmp_path, **{"assert": f"!('{'a' * 2000}!').matches('^(a+)+$')"})

    assert hold(pack) == []


def test_a_message_is_cut_where_it_has_no_end(tmp_path: Path) -> None:
    pack, _ = load(tmp_path, scope="schema", **{"assert": "false", "message": "{{ '" + "x" * 1500 + "' }}"})

    (finding,) = hold(pack)

    assert len(finding.message) == MAX_MESSAGE


def test_words_in_a_text_are_no_parameters(tmp_path: Path) -> None:
    pack, _ = load(tmp_path, **{"assert": "field.name != 'params.limit' && params.limit == 1", "message": "m"})

    assert hold(pack) == []


def test_folders_set_levels_and_parameters_and_the_nearest_wins(tmp_path: Path) -> None:
    pack, _ = load(tmp_path, scope="schema", **{"assert": "params.limit > 1", "message": "{{ params.limit }}"})
    outer = {"ours": {"severity": "error", "parameters": {"limit": 0}}}

    levels = {
        "everywhere": [(f.severity, f.message) for f in hold(pack)],
        "in a folder": [(f.severity, f.message) for f in hold(pack, schemas=outer)],
        "off below it": hold(
            pack, "schemas/old/order.avsc", schemas=outer, **{"schemas/old": {"ours": {"severity": "off"}}}
        ),
        "beside it": [(f.severity, f.message) for f in hold(pack, "other/order.avsc", schemas=outer)],
        "other limit": hold(pack, schemas={"ours": {"parameters": {"limit": 2}}}),
    }

    assert levels == {
        "everywhere": [("warning", "1")],
        "in a folder": [("error", "0")],
        "off below it": [],
        "beside it": [("warning", "1")],
        "other limit": [],
    }


def test_settings_that_name_what_is_not_there_are_told(tmp_path: Path) -> None:
    pack, _ = load(tmp_path)
    assert pack is not None
    entries = [
        {"use": "our"},
        {"use": "ours", "rules": {"OUR": "error"}},
        {"use": "ours", "parameters": {"limits": 1}},
        {"use": "ours", "parameters": {"limit": "1"}},
        {"use": "ours", "environments": ["pord"]},
    ]
    config = Config.model_validate({"version": 1, "policies": entries})

    policies = make_policies(config, {"ours": pack}, {}, (), {}, "prod")

    assert [f.message for f in policies.findings] == [
        "there is no policy pack `our`; did you mean `ours`?",
        "there is no rule `OUR` here; did you mean `OURS`?",
        "there is no parameter `limits` here; did you mean `limit`?",
        "`limit` must be a whole number",
        "there is no environment `pord`",
    ]


def test_rules_in_python_see_the_same_values_and_fail_the_same_way() -> None:
    def find(values: Any) -> list[dict[str, str]]:
        return [{"message": f["name"], "at": f["at"]} for f in values["schema"]["fields"] if not f["doc"]]

    def fail(values: Any) -> list[dict[str, str]]:
        return [{"message": values["nothing"]}]

    rules = tuple(
        PythonRule(code, "t", "warning", "schema", check) for code, check in (("FINDS", find), ("FAILS", fail))
    )
    pack = make_python_pack("python", "acme:PACK", PythonPack("Ours.", rules))

    findings = hold(pack)

    assert [(f.code, f.path, f.message) for f in findings[:1]] == [("FINDS", "/fields/1", "note")]
    assert findings[1].code == "POLICY_FAILED"
    assert "KeyError: 'nothing'" in findings[1].message
