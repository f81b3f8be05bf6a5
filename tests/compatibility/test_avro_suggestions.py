"""Every remedy that a finding about Avro schemas names is tried: done to the new schema of a case, it takes it away."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import avro_edits as edits
import pytest
from avro_pairs import in_full, parsed, verdict
from test_avro_rules import load_cases

from reconciler.compatibility.avro import compare
from reconciler.compatibility.avro.rules import RULES
from reconciler.compatibility.clash import Rule, make_finding
from reconciler.errors import SchemaError
from reconciler.model import Direction, Mode

BACK, AHEAD = Mode.BACKWARD, Mode.FORWARD
Way = edits.Edit | Mode

_NEW_FIELD = ", or add a new field with a default and leave this one"
_TWO_STEPS = 'keep the field; give it a "default" in a version of its own, and remove it in the next'
_ENUM_STEPS = 'leave the symbols out; give the enum a "default" in a version of its own, and add them in the next'

WAYS: Mapping[str, tuple[Way, ...]] = {
    _TWO_STEPS: (edits.keep_field_then_remove,),
    "remove aliases until only one of these fields is meant": (edits.remove_aliases,),
    "give the field that was added another name than that of an alias in {old}": (edits.rename_added,),
    "keep {writer}" + _NEW_FIELD: (edits.keep_type, edits.add_new_field),
    "keep {reader}" + _NEW_FIELD: (edits.keep_type, edits.add_new_field),
    'add "aliases": ["{writer_name}"] to {reader}, or keep the name': (
        edits.add_alias,
        edits.keep_part("name", "namespace"),
    ),
    "keep the name {writer_name}, in any namespace": (edits.keep_simple_name,),
    "keep the name {reader_name}": (edits.keep_part("name", "namespace"),),
    "keep a branch that reads {writer}": (edits.keep_type,),
    "keep to what {old} reads, or choose a mode that looks backward only, such as BACKWARD": (edits.keep_type, BACK),
    'keep the symbols, or give the enum a "default" among its symbols': (
        edits.keep_part("symbols"),
        edits.add_enum_default,
    ),
    _ENUM_STEPS: (edits.add_enum_default_first,),
    "keep the size" + _NEW_FIELD: (edits.keep_part("size"), edits.add_new_field),
}
"""By the words of a rule, the edits that they ask for; a default's words come from the type, see below."""

UNTOUCHED = {
    # The path ends in a branch of the old schema, where the new one has no union.
    "a list becomes a tree /fields/0/type/0",
    "a list becomes a tree /fields/0/type/1",
    "a writer's branch against a plain record tells the inner cause /0",
    # The old schema does not even read its own data.
    "an alias is a field of the same record, in a record within /fields/0/type/items/0/fields/1",
}
"""Cases that an edit does not mend: by case and path."""

CASES = [case.values[0] for case in load_cases()]
ROWS = [
    pytest.param(rule, mode, way, id=f"{name} {mode} {getattr(way, '__name__', way)}")
    for name, rule in RULES.items()
    for mode, words in ((BACK, rule.backward), (AHEAD, rule.forward))
    for way in WAYS.get(words.fix, ())
]


def found_by(new: Any, old: Any, mode: Mode) -> set[tuple[str, str | None]]:
    return {(finding.code, finding.path) for finding in verdict(new, old, mode).findings}


def outcomes(rule: Rule, mode: Mode, way: Way) -> dict[str, set[tuple[str, str | None]]]:
    """By case in which the row is told and the edit can be made: what is left or new at some step of the remedy."""
    results = {}
    for case in CASES:
        new, old = in_full(case["new"]), in_full(case["old"])
        before = found_by(new, old, mode)
        sides = (parsed(new), parsed(old)) if mode is BACK else (parsed(old), parsed(new))
        for clash in compare(*sides):
            key = (clash.rule.code, clash.path)
            if clash.rule is not rule:
                continue
            finding = make_finding(clash, Direction(mode), 4)
            at = edits.make_place(old, new, json.dumps(old), json.dumps(new), finding)
            try:
                steps = [new] if isinstance(way, Mode) else way(at)
            except (TypeError, KeyError, AttributeError, IndexError):
                continue
            if None in steps or (steps == [new] and not isinstance(way, Mode)):
                continue
            judged_by = way if isinstance(way, Mode) else mode
            try:
                told = [found_by(after, first, judged_by) for first, after in pairwise([old, *steps])]
            except SchemaError:  # what is kept does not go with what is new, such as a default of the new type
                continue
            left = set().union(*told)
            results[f"{case['case']} {clash.path}"] = left - (before - {key})
    return results


@pytest.mark.parametrize("rule, mode, way", [row for row in ROWS if not isinstance(row.values[2], Mode)])
def test_doing_what_a_finding_says_takes_it_away(rule: Rule, mode: Mode, way: edits.Edit) -> None:
    found = outcomes(rule, mode, way)

    assert {case for case, left in found.items() if left} <= UNTOUCHED
    assert set() in found.values()


@pytest.mark.parametrize("rule, mode, way", [row for row in ROWS if isinstance(row.values[2], Mode)])
def test_the_mode_that_a_finding_names_lets_the_change_through(rule: Rule, mode: Mode, way: Mode) -> None:
    found = outcomes(rule, mode, way)

    assert set() in found.values()


@pytest.mark.parametrize("name", RULES)
def test_every_remedy_is_one_that_is_tried(name: str) -> None:
    fixes = {RULES[name].backward.fix, RULES[name].forward.fix}

    assert fixes <= {*WAYS, "{example}"}


def test_no_remedy_is_tried_that_nothing_says() -> None:
    told = {words.fix for rule in RULES.values() for words in (rule.backward, rule.forward)}

    assert set(WAYS) | {"{example}"} == told


@pytest.mark.parametrize(
    ("kind", "fix", "edit"),
    [
        ("null", 'add a default to the field, such as "default": null', edits.add_default(None)),
        ("boolean", 'add a default to the field, such as "default": false', edits.add_default(False)),
        ("int", 'add a default to the field, such as "default": 0', edits.add_default(0)),
        ("long", 'add a default to the field, such as "default": 0', edits.add_default(0)),
        ("float", 'add a default to the field, such as "default": 0.0', edits.add_default(0.0)),
        ("double", 'add a default to the field, such as "default": 0.0', edits.add_default(0.0)),
        ("string", 'add a default to the field, such as "default": ""', edits.add_default("")),
        ("bytes", 'add a default to the field, such as "default": ""', edits.add_default("")),
        ({"type": "array", "items": "int"}, 'add a default to the field, such as "default": []', edits.add_default([])),
        ({"type": "map", "values": "int"}, 'add a default to the field, such as "default": {}', edits.add_default({})),
        (["null", "int"], 'add "default": null to the field', edits.add_default(None)),
        (
            {"type": "enum", "name": "E", "symbols": ["A", "B"]},
            'add "default": "A" to the field',
            edits.add_default("A"),
        ),
        (
            {"type": "enum", "name": "E", "symbols": ["A", "B"], "default": "B"},
            'add "default": "B" to the field',
            edits.add_default("B"),
        ),
        (
            {"type": "record", "name": "P", "fields": []},
            'make the type ["null", record P] with "default": null, or add a default to the field',
            edits.make_optional,
        ),
        (
            {"type": "fixed", "name": "F", "size": 2},
            'make the type ["null", fixed F] with "default": null, or add a default to the field',
            edits.make_optional,
        ),
        (
            ["int", "null"],
            'put "null" first in the union and add "default": null to the field',
            edits.put_null_first,
        ),
        (["int", "string"], 'add a default to the field, such as "default": 0', edits.add_default(0)),
        (
            [{"type": "record", "name": "P", "fields": []}, "int"],
            'put "null" first in the union and add "default": null to the field',
            edits.put_null_first,
        ),
        ([], 'put "null" first in the union and add "default": null to the field', edits.put_null_first),
    ],
)
def test_the_default_that_a_finding_names_makes_the_field_readable(kind: Any, fix: str, edit: edits.Edit) -> None:
    old, new = in_full({"fields": []}), in_full({"fields": [{"name": "a", "type": kind}]})
    (found,) = verdict(new, old, BACK).findings

    at = edits.make_place(old, new, json.dumps(old), json.dumps(new), found)

    assert found.fix == fix
    assert found_by(edit(at)[0], old, BACK) == set()
