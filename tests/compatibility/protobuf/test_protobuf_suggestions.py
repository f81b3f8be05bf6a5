"""Every remedy that a finding about Protobuf names is tried: done to the new text of a case, it takes it away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import protobuf_edits as edits
import pytest
from protobuf_pairs import load_cases, verdict

from reconciler.compatibility.clash import Rule, make_finding
from reconciler.compatibility.protobuf import compare
from reconciler.compatibility.protobuf.rules import RULES
from reconciler.errors import SchemaError
from reconciler.model import Direction, Mode

BACK, AHEAD = Mode.BACKWARD, Mode.FORWARD
Way = edits.Edit | Mode

_NEW_NUMBER = ", or add a new field under a number that was never used and leave this one"
_LOOKS_BACK = ", or choose a mode that looks backward only, such as BACKWARD_TRANSITIVE"
_FIELD = (edits.keep_field, edits.add_under_new_number)

WAYS: Mapping[str, tuple[Way, ...]] = {
    "keep it in {writer}": (edits.keep_package,),
    "keep it in {reader}": (edits.keep_package,),
    "keep the message under its name and in its place, even if nothing uses it any more": (edits.keep_message,),
    "declare it in a file of its own and import that" + _LOOKS_BACK: (edits.import_message, BACK),
    "make the field optional": (edits.make_optional,),
    "keep the field": (edits.keep_field,),
    "keep the type" + _NEW_NUMBER: _FIELD,
    "keep `{writer}`" + _NEW_NUMBER: _FIELD,
    "keep `{reader}`" + _NEW_NUMBER: _FIELD,
    "keep it {writer}" + _NEW_NUMBER: _FIELD,
    "keep it {reader}" + _NEW_NUMBER: _FIELD,
    "mend the definition of `{reader}`, or reference the version of it that {old} does": (edits.keep_imports,),
    "mend the definition of `{writer}`, or reference the version of it that {old} does": (edits.keep_imports,),
    "keep the field, and mark it as deprecated": (edits.keep_field,),
    "add the field outside the oneof" + _LOOKS_BACK: (edits.move_outside_oneof, BACK),
    "leave the fields outside the oneof; one of them may move into it, together with new fields": (
        edits.keep_message_body,
        edits.move_one,
    ),
    "leave each field where it was; new fields may join any oneof": (edits.keep_message_body,),
    "keep the fields in the oneof; new fields may stand beside it": (edits.keep_message_body,),
}
"""By the words of a rule, the edits that they ask for."""

BREAKING = {key: rule for key, rule in RULES.items() if rule.breaks}
CASES = [case.values[0] for case in load_cases()]
ROWS = [
    pytest.param(rule, mode, way, id=f"{key} {mode} {getattr(way, '__name__', way)}")
    for key, rule in BREAKING.items()
    for mode, words in ((BACK, rule.backward), (AHEAD, rule.forward))
    for way in WAYS.get(words.fix, ())
]


def sides_of(case: dict[str, Any]) -> tuple[edits.Side, edits.Side]:
    """The old and the new side of a case as texts."""
    texts = case["files"] if "files" in case else [f"message M {{ {fields} }}" for fields in case["fields"]]
    syntax, imports = case.get("syntax", "proto3"), case.get("imports", {})
    syntaxes = syntax if isinstance(syntax, list) else [syntax] * 2
    pools = imports if isinstance(imports, list) else [imports] * 2
    old, new = (
        edits.Side(f"{text} {case.get('also', '')}", pool, each)
        for text, pool, each in zip(texts, pools, syntaxes, strict=True)
    )
    return old, new


def blocking(new: edits.Side, old: edits.Side, mode: Mode) -> set[tuple[str, str | None]]:
    return {(f.code, f.path) for f in verdict(new.parse(), old.parse(), mode).findings if f.blocks}


def outcomes(rule: Rule, mode: Mode, way: Way) -> dict[str, set[tuple[str, str | None]]]:
    """By case in which the row is told and the edit can be made: what is left or new after it."""
    results = {}
    for case in CASES:
        old, new = sides_of(case)
        reader, writer = (new, old) if mode is BACK else (old, new)
        for clash in compare(reader.parse(), writer.parse()):
            if clash.rule is not rule:
                continue
            finding = make_finding(clash, Direction(mode), 4)
            mended = new if isinstance(way, Mode) else way(new, old, clash.path)
            if mended is None or (mended == new and not isinstance(way, Mode)):
                continue
            try:
                after = blocking(mended, old, way if isinstance(way, Mode) else mode)
            except SchemaError:  # what is kept does not go with what is new, such as a name that both declare
                continue
            key = (finding.code, finding.path)
            results[f"{case['case']} {clash.path}"] = after - (blocking(new, old, mode) - {key})
    return results


@pytest.mark.parametrize("rule, mode, way", ROWS)
def test_doing_what_a_finding_says_takes_it_away(rule: Rule, mode: Mode, way: Way) -> None:
    found = outcomes(rule, mode, way)

    assert set() in found.values()


@pytest.mark.parametrize("key", BREAKING)
def test_every_remedy_is_one_that_is_tried(key: str) -> None:
    assert {BREAKING[key].backward.fix, BREAKING[key].forward.fix} <= set(WAYS)


def test_no_remedy_is_tried_that_nothing_says() -> None:
    assert set(WAYS) == {words.fix for rule in BREAKING.values() for words in (rule.backward, rule.forward)}
