"""Every remedy that a finding names is tried: done to the new schema of a case, it takes the finding away."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import json_edits as edits
import pytest
from json_pairs import load_cases, parsed, verdict

from reconciler.compatibility.json_schema.rules import RULES
from reconciler.compatibility.terms import Policy
from reconciler.model import Finding, Mode
from reconciler.schemas.json_positions import pointer_parts

BACK, AHEAD = Mode.BACKWARD, Mode.FORWARD
Way = edits.Edit | Mode
"""An edit of the new schema, or the mode to judge by instead."""

_BACK_ONLY = ", or choose a mode that looks backward only, such as BACKWARD"
_AHEAD_ONLY = ", or choose a mode that looks forward only, such as FORWARD"
_OPTIONAL = 'make it optional, or give it a "default"'

WAYS: Mapping[str, tuple[Way, ...]] = {
    "leave `{keyword}` out": (edits.leave_out,),
    "keep `{keyword}` {reader}" + _BACK_ONLY: (edits.keep, BACK),
    "keep `{keyword}` {writer}, or loosen it": (edits.keep, edits.shift_limit(+1)),
    "keep `{keyword}` {reader}, or tighten it": (edits.keep, edits.shift_limit(-1)),
    "keep `{keyword}` {writer}, or leave it out": (edits.keep, edits.leave_out),
    "keep `{keyword}` {reader}": (edits.keep,),
    "keep `{keyword}` {writer}, or a number that divides it": (edits.keep, edits.divide),
    "keep `{keyword}` {reader}, or a multiple of it": (edits.keep, edits.multiply),
    "leave `contains` out": (edits.leave_contains_out,),
    "keep `contains` as it is in {old}" + _BACK_ONLY: (edits.keep_contains, BACK),
    "keep {writer}, or accept both with `anyOf`": (edits.keep, edits.accept_both),
    "keep {reader}": (edits.keep,),
    "leave the schema of {where} out": (edits.leave_out,),
    "keep the schema of {where}" + _BACK_ONLY: (edits.keep, BACK),
    'leave it optional, or give it a "default"': (edits.keep, edits.give_default),
    "keep it required" + _BACK_ONLY: (edits.keep, BACK),
    _OPTIONAL: (edits.make_optional, edits.give_default),
    "keep it, and keep it required": (edits.keep_required,),
    "leave the dependency as it was: {writer}": (edits.keep,),
    "keep the dependency: {reader}": (edits.keep,),
    "keep `{keyword}` {writer}": (edits.keep,),
    "add it with the schema `true`" + _AHEAD_ONLY: (edits.add_as_true, AHEAD),
    "keep it, or close the content model of this schema (`additionalProperties: false`, `additionalItems: false`)": (
        edits.keep,
        edits.close,
    ),
    "keep it, or open the content model": (edits.keep, edits.open_up),
    "leave it out" + _BACK_ONLY: (edits.leave_out, BACK),
    "give it the schema that {old} has there, or a wider one": (edits.use_old_content,),
    "keep it": (edits.keep,),
    "give it the schema that {old} has there, or a narrower one": (edits.use_old_content,),
    "keep the values: {lost}": (edits.keep,),
    "keep to the values of {old}": (edits.keep,),
    "keep {writer}; only `anyOf` may take its place": (edits.keep, edits.any_of),
    "keep each of the schemas as it was in {old}, or widen it": (edits.keep,),
    "keep each of the schemas as it is in {old}, or narrow it": (edits.keep,),
    "leave out what was added to `allOf`": (edits.keep,),
    "keep what {old} has in `allOf`": (edits.keep,),
    "keep the alternatives of {old}": (edits.keep,),
    "leave the new alternatives out" + _BACK_ONLY: (edits.keep, BACK),
    "keep `not` as it was, or leave it out": (edits.keep, edits.leave_out),
    "keep `not` as it is in {old}": (edits.keep,),
}
"""By the words of a rule, the edits that they ask for."""

UNTOUCHED = {
    # Combinations within combinations are compared branch by branch, so an `anyOf` around an `allOf` is another thing.
    ("accept_both", "neither of two demands stays #/"),
    ("any_of", "two demands become one of two #/"),
    # Draft 7 ignores what stands beside a reference.
    ("give_default", "a default beside a reference is none #/required/a"),
    # The path says `items` where the draft says `prefixItems`.
    ("add_as_true", "an element is added to an open tuple in draft 2020-12 #/items/1"),
}
"""Edits that do not mend a case: by their name, the case and the path."""

BREAKING = [rule for rule in RULES[Policy.STRICT].values() if rule.breaks]
CASES = [case.values[0] for case in load_cases() if "policy" not in case.values[0]]
ROWS = [
    pytest.param(rule.code, mode, way, id=f"{rule.code} {mode} {getattr(way, '__name__', way)}")
    for rule in BREAKING
    for mode, words in ((BACK, rule.backward), (AHEAD, rule.forward))
    for way in WAYS.get(words.fix, ())
]


def blocking(case: dict[str, Any], new: Any, mode: Mode) -> dict[tuple[str, str | None], Finding]:
    old = parsed(case["old"], case.get("draft"))
    found = verdict(parsed(new, case.get("draft")), old, mode).findings
    return {(finding.code, finding.path): finding for finding in found if finding.blocks}


def mend(case: dict[str, Any], finding: Finding, mode: Mode, way: Way) -> tuple[Any, Mode] | None:
    """The mended schema and the mode to judge it by; None where the path is not one of the texts' own keywords."""
    if isinstance(way, Mode):
        return case["new"], way
    old, new = ({**s} if isinstance(s, dict) else s for s in (case["old"], case["new"]))
    steps = [step for step in pointer_parts(finding.path or "") if step]
    try:
        mended = way(new, old, steps)
    except (AttributeError, TypeError, KeyError, IndexError):
        return None
    return None if mended is None or json.dumps(mended) == json.dumps(new) else (mended, mode)


def outcomes(code: str, mode: Mode, way: Way) -> dict[str, set[tuple[str, str | None]]]:
    """By case in which the row is told and the edit can be made: what speaks against the mended schema and is either
    what was to be mended or new.
    """
    results: dict[str, set[tuple[str, str | None]]] = {}
    for case in CASES:
        before = blocking(case, case["new"], mode)
        for key, finding in before.items():
            mended = mend(case, finding, mode, way) if finding.code == code else None
            if mended is None:
                continue
            after = set(blocking(case, *mended))
            results[f"{case['case']} {key[1]}"] = after - (set(before) - {key})
    return results


@pytest.mark.parametrize("code, mode, way", [row for row in ROWS if not isinstance(row.values[2], Mode)])
def test_doing_what_a_finding_says_takes_it_away(code: str, mode: Mode, way: edits.Edit) -> None:
    found = outcomes(code, mode, way)

    unmended = {(way.__name__, case) for case, left in found.items() if left}
    assert unmended <= UNTOUCHED
    assert len(unmended) < len(found)


@pytest.mark.parametrize("code, mode, way", [row for row in ROWS if isinstance(row.values[2], Mode)])
def test_the_mode_that_a_finding_names_lets_the_change_through(code: str, mode: Mode, way: Mode) -> None:
    found = outcomes(code, mode, way)

    assert set() in found.values()


@pytest.mark.parametrize("rule", BREAKING, ids=lambda rule: rule.code)
def test_every_remedy_is_one_that_is_tried(rule: Any) -> None:
    assert {rule.backward.fix, rule.forward.fix} <= set(WAYS)


def test_no_remedy_is_tried_that_nothing_says() -> None:
    assert set(WAYS) == {words.fix for rule in BREAKING for words in (rule.backward, rule.forward)}
