"""Which versions are there already, which are to be written, and which are somebody else's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.model import Metadata, Mode, Reference
from tests.unit.copying.copy_sides import (
    PLAIN,
    ask,
    avro,
    codes,
    numbers,
    one,
    plan,
    side,
    used,
    uses,
)

A, AB, ABC = avro("a"), avro("a", "b"), avro("a", "b", "c")


@pytest.mark.parametrize(
    ("there", "written"),
    [
        ({}, [1, 3, 4]),
        ({1: A}, [3, 4]),
        ({1: A, 2: AB}, [4]),
        ({1: A, 5: AB, 6: ABC}, []),
    ],
)
def test_a_copy_goes_on_where_the_target_ends(there: dict[int, object], written: list[int]) -> None:
    made = plan(side("old", s={1: A, 3: AB, 4: ABC}), side("new", s=there))

    assert numbers(made, "s") == written
    assert made.can_copy


@pytest.mark.parametrize("there", [{1: AB}, {1: A, 2: ABC}, {1: A, 2: AB, 3: ABC, 4: A}, {1: ABC}])
def test_versions_that_are_not_the_sources_block(there: dict[int, object]) -> None:
    made = plan(side("old", s={1: A, 3: AB, 4: ABC}), side("new", s=there))

    assert codes(made) >= {"COPY_CONFLICT"}
    assert not made.can_copy


def test_the_latest_alone_follows_what_was_copied_before() -> None:
    source = side("old", s={1: A, 3: AB, 4: ABC})

    for there, written in (({}, [4]), ({1: A}, [4]), ({1: AB}, [4]), ({1: ABC}, [])):
        made = plan(source, side("new", s=there), ask(source, latest_only=True))
        assert (numbers(made, "s"), made.can_copy) == (written, True)


@pytest.mark.parametrize(
    ("there", "written"),
    [({}, [3, 4]), ({1: A}, [4]), ({1: A, 2: AB}, []), ({1: A, 2: AB, 3: A, 4: AB}, []), ({1: ABC}, None)],
)
def test_schemas_that_came_back_are_recognised_where_the_latest_alone_were_copied(
    there: dict[int, object], written: list[int] | None
) -> None:
    source = side("old", s={1: A, 2: AB, 3: A, 4: AB})
    request = replace(ask(source), wanted=frozenset({("s", 3), ("s", 4)}))

    made = plan(source, side("new", s=there), request)

    assert (numbers(made, "s") if made.can_copy else None) == written


def test_ids_and_numbers_are_compared_where_they_are_kept() -> None:
    source = side("old", s={1: A, 3: AB, 4: ABC})
    request = ask(source, keeps_ids=True)

    assert numbers(plan(source, side("new", s={3: AB}), request), "s") == [1, 4]
    for there, words in (
        ({2: AB}, "version 2 of s is not one of old's"),
        ({3: ABC}, "version 3 of s is not one of old's"),
        ({1: A, 9: AB}, "version 9 of s is not one of old's"),
    ):
        made = plan(source, side("new", s=there), request)
        assert next(f.message for f in made.findings if f.blocks).startswith(words)
    other = side("new", s={3: AB})
    moved = {"s": tuple(replace(v, id=7) for v in other.histories["s"])}
    made = plan(source, replace(other, histories=moved), request)
    assert "version 3 of s is there under id 7, not 30" in [f.message for f in made.findings]


def test_a_number_of_what_is_softly_deleted_there_is_not_taken() -> None:
    source = side("old", s={1: A, 3: AB})

    made = plan(source, replace(side("new", s={}), numbers={"s": (1,)}), ask(source, keeps_ids=True))

    assert [f.message for f in made.findings if f.blocks] == ["number 1 of s belongs to what is softly deleted there"]


def test_an_id_is_free_if_it_is_the_same_schemas() -> None:
    source = side("old", s={1: A, 3: AB})
    request = ask(source, keeps_ids=True)

    same = plan(source, side("new", s={}), replace(request, taken_ids={("s", 10): A}))
    other = plan(source, side("new", s={}), replace(request, taken_ids={("s", 30): A}))

    assert same.can_copy
    assert codes(other) == {"COPY_ID_TAKEN"}


@pytest.mark.parametrize("capabilities", [PLAIN, replace(PLAIN, importing=None)])
def test_ids_that_cannot_be_kept_block(capabilities: object) -> None:
    source = side("old", s={1: A})

    made = plan(source, side("new", PLAIN), ask(source, keeps_ids=True))

    assert (codes(made), made.can_copy, made.subjects) == ({"IDS_NOT_KEPT"}, False, ())


def test_references_follow_what_they_refer_to() -> None:
    source = side("old", m={1: used("x"), 2: used("x", "y")}, s={1: uses("m", 1), 2: uses("m", 2)})
    there = side("new", m={4: used("x")}, s={7: uses("m", 4)})

    made = plan(source, there)

    assert numbers(made, "m") == [2]
    assert numbers(made, "s") == [2]
    assert one(made, "s").present == {1: 7}
    assert one(made, "s").writes[0].uses == (("m", 2),)


def test_a_reference_to_another_version_is_another_schema() -> None:
    source = side("old", m={1: used("x"), 2: used("x", "y")}, s={1: uses("m", 1)})
    there = side("new", m={1: used("x"), 2: used("x", "y")}, s={1: uses("m", 2)})

    assert codes(plan(source, there)) == {"COPY_CONFLICT"}


def test_names_and_references_are_those_of_the_target() -> None:
    source = side("old", m={1: used("x")}, s={1: uses("m", 1)})

    made = plan(source, side("new"), ask(source, m="eu.m", s="eu.s"))

    assert one(made, "s").target == "eu.s"
    assert one(made, "s").writes[0].schema.references == (Reference("R", "eu.m", 1),)
    there = side("new", **{"eu.m": {5: used("x")}, "eu.s": {6: uses("eu.m", 5)}})
    assert not plan(source, there, ask(source, m="eu.m", s="eu.s")).changed


def test_versions_that_wait_for_each_other_in_a_circle_block() -> None:
    source = side("old", m={1: replace(used("x"), references=(Reference("X", "s", 1),))}, s={1: uses("m", 1)})

    made = plan(source, side("new"))

    assert next(f.message for f in made.findings if f.blocks).startswith("versions refer to each other in a circle")


def test_what_stands_beside_the_text_is_told_where_it_is_another() -> None:
    noted = replace(A, metadata=Metadata({"team": "a"}))
    source = side("old", s={1: noted})

    made = plan(source, side("new", s={1: A}))

    assert (codes(made), made.can_copy, made.changed) == ({"METADATA_NOT_CARRIED"}, True, ())
    assert codes(plan(source, side("new", PLAIN))) == {"METADATA_NOT_CARRIED", "IDS_NOT_KEPT"}


def test_a_schema_that_came_back_is_made_the_latest_again_or_merged() -> None:
    source = side("old", level=Mode.NONE, s={1: A, 2: AB, 3: A, 4: A})

    restored = plan(source, side("new", level=Mode.NONE))
    merged = plan(source, side("new", PLAIN, level=Mode.NONE))

    assert [(c.key[1], c.is_older) for c in one(restored, "s").writes] == [(1, False), (2, False), (3, True)]
    assert one(restored, "s").merged == {4: 3}
    assert numbers(merged, "s") == [2, 3]
    assert one(merged, "s").merged == {1: 3, 4: 3}
    with_ids = plan(source, side("new", level=Mode.NONE), ask(source, keeps_ids=True))
    assert numbers(with_ids, "s") == [1, 2, 3, 4]
