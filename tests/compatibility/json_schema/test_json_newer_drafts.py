"""A second opinion on drafts 2019-09 and 2020-12: what an independent validator accepts of old data.

The exceptions are those of draft 7 (``test_json_laws.py``), and of the newer drafts `unevaluatedProperties` beside a
combination: the rules do not look into the combination for what it evaluates, so the generated schemas have it only
where it stands alone. So it is with a branch of several demands beside each other (`type` and `enum`), each of which
counts as a branch.
"""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from generated_json import edited, schemas, values
from generated_newer import newer_pairs, trees
from hypothesis import given, settings
from hypothesis import strategies as st
from json_pairs import breaking, differences, parsed

VALIDATORS = {"2019-09": jsonschema.Draft201909Validator, "2020-12": jsonschema.Draft202012Validator}
RECURSIONS: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "2019-09": ({"$recursiveRef": "#"}, {"$recursiveAnchor": True}),
    "2020-12": ({"$dynamicRef": "#node"}, {"$dynamicAnchor": "node"}),
}


def is_compatible(new: Any, old: Any, draft: str) -> bool:
    return not breaking(differences(parsed(new, draft), parsed(old, draft)))


@pytest.mark.parametrize("draft", VALIDATORS)
@settings(deadline=None, max_examples=400)
@given(data=st.data())
def test_what_is_compatible_accepts_old_data(draft: str, data: st.DataObject) -> None:
    old, new, value = data.draw(newer_pairs(has_prefix_items=draft == "2020-12"))

    if is_compatible(new, old, draft) and VALIDATORS[draft](old).is_valid(value):
        assert VALIDATORS[draft](new).is_valid(value)


def is_without_lists(schema: Any) -> bool:
    """Whether a schema has no tuple, which the newest draft writes in another way."""
    return "[" not in str(schema)


@pytest.mark.parametrize("draft", VALIDATORS)
@settings(deadline=None)
@given(data=st.data())
def test_trees_are_judged_down_to_their_branches(draft: str, data: st.DataObject) -> None:
    inner = data.draw(schemas().filter(is_without_lists))
    old, new = (trees(each, *RECURSIONS[draft]) for each in (inner, data.draw(edited(inner).filter(is_without_lists))))
    leaf = {"value": data.draw(values(inner))}
    tree = {"branches": [leaf, {"branches": [leaf]}]}

    if is_compatible(new, old, draft) and VALIDATORS[draft](old).is_valid(tree):
        assert VALIDATORS[draft](new).is_valid(tree)


@pytest.mark.parametrize("draft", VALIDATORS)
def test_a_branch_that_breaks_is_found(draft: str) -> None:
    old, new = (trees({"type": each}, *RECURSIONS[draft]) for each in ("string", "integer"))

    assert not is_compatible(new, old, draft)
    assert is_compatible(old, old, draft)
