"""The structural difference of two outlines."""

from __future__ import annotations

from reconciler.model import Difference, DifferenceKind
from reconciler.schemas import Element
from reconciler.schemas.difference import differences

ADDED, REMOVED, CHANGED = DifferenceKind.ADDED, DifferenceKind.REMOVED, DifferenceKind.CHANGED


def outline(**summaries: str) -> dict[str, Element]:
    """An outline of fields; ``__`` in a name stands for a dot."""
    return {path.replace("__", "."): Element("field", summary) for path, summary in summaries.items()}


def test_equal_outlines_do_not_differ() -> None:
    assert differences(outline(a="int", b="string"), outline(a="int", b="string")) == ()


def test_added_removed_and_changed_stand_in_the_order_of_the_schema() -> None:
    old = outline(a="int", b="string", c="long")
    new = outline(x="int", a="long", c="long", d="bytes")

    assert differences(old, new) == (
        Difference(ADDED, "x", after="int"),
        Difference(CHANGED, "a", before="int", after="long"),
        Difference(REMOVED, "b", before="string"),
        Difference(ADDED, "d", after="bytes"),
    )


def test_what_is_removed_first_stands_first() -> None:
    assert differences(outline(a="int", b="int"), outline(b="int")) == (Difference(REMOVED, "a", before="int"),)


def test_a_first_version_adds_its_outermost_elements() -> None:
    new = outline(id="long", who="record Who", who__name="string", who__home="record Home", who__home__zip="string")

    assert differences(None, new) == (
        Difference(ADDED, "id", after="long"),
        Difference(ADDED, "who", after="record Who (3 inside)"),
    )


def test_what_stands_inside_a_removed_element_is_only_counted() -> None:
    old = outline(id="long", who="record Who", who__name="string")

    assert differences(old, outline(id="long")) == (Difference(REMOVED, "who", before="record Who (1 inside)"),)


def test_a_name_that_begins_like_another_is_not_inside_it() -> None:
    new = outline(who="string", whole="int")

    assert [d.path for d in differences({}, new)] == ["who", "whole"]


def test_what_is_added_to_an_element_that_stays_is_told() -> None:
    old = {"lines": Element("field", "array of record Line")}
    new = {**old, "lines[].sku": Element("field", "string")}

    assert differences(old, new) == (Difference(ADDED, "lines[].sku", after="string"),)


def test_a_note_that_changes_is_told_without_the_rest() -> None:
    old = {"a": Element("field", "int", {"doc": "one", "pii": "true"})}
    new = {"a": Element("field", "int", {"doc": "two", "pii": "true"})}

    assert differences(old, new) == (Difference(CHANGED, "a", before="doc: one", after="doc: two"),)


def test_a_note_that_comes_or_goes_is_told_on_both_sides() -> None:
    old = {"a": Element("field", "int", {"doc": "one"})}
    new = {"a": Element("field", "long", {"aliases": "b"})}

    assert differences(old, new) == (
        Difference(CHANGED, "a", before="int; doc: one; no aliases", after="long; no doc; aliases: b"),
    )


def test_a_kind_that_changes_is_a_change() -> None:
    old, new = ({"a": Element(kind, "Order")} for kind in ("message", "enum"))

    assert [d.kind for d in differences(old, new)] == [CHANGED]


def test_nothing_but_another_order_is_one_difference() -> None:
    assert differences(outline(a="int", b="int", c="int"), outline(a="int", c="int", b="int")) == (
        Difference(CHANGED, "c", before="order: b, c", after="order: c, b"),
    )
