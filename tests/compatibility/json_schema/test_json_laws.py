"""Laws that hold for every schema, and data that proves verdicts, on generated pairs."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
from generated_json import edited, schemas, values
from hypothesis import given, settings
from hypothesis import strategies as st
from json_pairs import breaking, differences, findings, parsed, verdict

from reconciler.compatibility.terms import Policy
from reconciler.model import Mode, Outcome

pairs = schemas().flatmap(lambda schema: st.tuples(st.just(schema), edited(schema)))
unrelated = st.tuples(schemas(), schemas())


@settings(deadline=None)
@given(schemas(), st.sampled_from(Mode))
def test_every_schema_is_compatible_with_itself(schema: Any, mode: Mode) -> None:
    found = verdict(parsed(schema), parsed(schema), mode)

    assert found.outcome is Outcome.COMPATIBLE
    assert {finding.code for finding in found.findings} <= {"NOT_TYPE_NARROWED"}


@settings(deadline=None)
@given(schemas(), st.sampled_from(["A", "B"]))
def test_comparing_everything_with_itself_breaks_nothing(schema: Any, title: str) -> None:
    """Another title everywhere keeps the comparison from taking equal parts for granted."""
    titled = json.loads(json.dumps(schema), object_hook=lambda o: {**o, "title": title} if is_schema(o) else o)

    assert breaking(differences(parsed(titled), parsed(schema))) == []
    assert breaking(differences(parsed(schema), parsed(titled))) == []


def is_schema(node: dict[str, Any]) -> bool:
    return bool({"type", "enum", "const", "anyOf", "allOf", "not"} & node.keys())


@settings(deadline=None)
@given(st.one_of(pairs, unrelated))
def test_full_is_backward_and_forward(pair: tuple[Any, Any]) -> None:
    old, new = map(parsed, pair)

    both = findings(new, old, Mode.FULL)

    assert both == sorted(findings(new, old, Mode.BACKWARD) + findings(new, old, Mode.FORWARD))


@settings(deadline=None)
@given(st.one_of(pairs, unrelated))
def test_forward_is_backward_with_the_roles_exchanged(pair: tuple[Any, Any]) -> None:
    old, new = map(parsed, pair)

    assert findings(new, old, Mode.FORWARD) == findings(old, new, Mode.BACKWARD)


@settings(deadline=None)
@given(pairs)
def test_layout_and_the_order_of_keys_do_not_matter(pair: tuple[Any, Any]) -> None:
    old, new = pair

    found = differences(parsed(json.dumps(new, indent=3, sort_keys=True)), parsed(json.dumps(old, sort_keys=True)))

    assert found == differences(parsed(new), parsed(old))


@settings(deadline=None)
@given(pairs)
def test_the_lenient_policy_accepts_whatever_the_strict_one_accepts(pair: tuple[Any, Any]) -> None:
    old, new = map(parsed, pair)

    if not breaking(differences(new, old)):
        assert breaking(differences(new, old, Policy.LENIENT)) == []


@settings(deadline=None)
@given(pairs)
def test_a_schema_behind_a_reference_is_judged_like_one_that_is_written_out(pair: tuple[Any, Any]) -> None:
    old, new = pair
    referring = [parsed({"definitions": {"d": schema}, "$ref": "#/definitions/d"}) for schema in (old, new)]

    assert differences(referring[1], referring[0]) == differences(parsed(new), parsed(old))


@settings(deadline=None, max_examples=400)
@given(pairs, st.data())
def test_what_is_compatible_accepts_old_data(pair: tuple[Any, Any], data: st.DataObject) -> None:
    """Whatever is valid under the old schema is valid under the new one.

    The rules themselves promise less in a few places, which the generated schemas avoid: `oneOf` (a second branch may
    come to accept what one did), defaults of required properties (data would have to be completed first), required
    properties that no side or only one describes, properties of any kind that are added as required, keywords without
    their type (taken for the type), `patternProperties` (names that none matches count as closed, their schemas are
    not compared), `connect.type`, and what is ignored: `format`, `contains`, `propertyNames`, what conditions ask.
    """
    old, new = pair
    if breaking(differences(parsed(new), parsed(old))):
        return
    value = data.draw(values(old))

    if jsonschema_rs.Draft7Validator(old).is_valid(value):
        assert jsonschema_rs.Draft7Validator(new).is_valid(value)
