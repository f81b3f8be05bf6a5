"""How versions are numbered, found again and deleted; the codes are those of Confluent's registry."""

from collections.abc import Callable
from typing import Any

import pytest
from local_samples import make_record

from adapters.local import LocalRegistry
from reconciler.errors import NotFoundError, RegistryError, RejectedError
from reconciler.model import Format, Metadata, Reference, Schema

A, B, C = make_record("a"), make_record("a", "b"), make_record("a", "b", "c")
S = "orders"

ACTIONS: dict[str, Callable[..., Any]] = {
    "post": lambda r, schema: r.register_schema(S, schema).version,
    "post as": lambda r, pair: r.register_schema(S, pair[0], version=pair[1]).version,
    "soft version": lambda r, number: r.delete_version(S, number),
    "hard version": lambda r, number: r.delete_version(S, number, permanent=True),
    "soft": lambda r, _: r.delete_all_versions(S),
    "hard": lambda r, _: r.delete_all_versions(S, permanent=True),
    "history": lambda r, _: tuple(v.version for v in r.read_history(S)),
    "latest": lambda r, _: (found := r.read_state([S]).subjects.get(S)) and found.latest.version,
    "look up": lambda r, schema: r.lookup_schema(S, schema).version,
    "look up deleted": lambda r, schema: r.lookup_schema(S, schema, deleted=True).version,
    "version": lambda r, number: r.read_version(S, number).version,
}

TWO = [("post", A, 1), ("post", B, 2)]

RULES: dict[str, list[tuple[str, Any, Any]]] = {
    "numbers count from 1": [*TWO, ("history", None, (1, 2)), ("latest", None, 2)],
    "the latest again is no new version": [*TWO, ("post", B, 2), ("history", None, (1, 2))],
    "a known older text answers its old version, and the latest stays": [*TWO, ("post", A, 1), ("latest", None, 2)],
    "the next number makes an older text the latest": [*TWO, ("post as", (A, 3), 3), ("latest", None, 3)],
    "an older text that is the latest again is found there": [*TWO, ("post as", (A, 3), 3), ("post", A, 3)],
    "the number that a text has already is no new version": [*TWO, ("post as", (B, 2), 2), ("latest", None, 2)],
    "a number that is taken is refused": [*TWO, ("post as", (C, 2), 42201), ("latest", None, 2)],
    "a number that leaves a gap is refused": [*TWO, ("post as", (A, 4), 42201), ("latest", None, 2)],
    "an absurd number is refused": [*TWO, ("post as", (A, 10**30), 42201), ("post as", (A, 0), 42201)],
    "numbers go on after a soft deletion": [*TWO, ("soft version", 2, None), ("post", C, 3)],
    "soft-deleted numbers count for the next one": [
        *TWO,
        ("soft version", 2, None),
        ("post as", (A, 2), 42201),
        ("post as", (A, 3), 3),
    ],
    "the version before becomes the latest": [*TWO, ("soft version", 2, None), ("latest", None, 1)],
    "a soft-deleted text gets a new version": [*TWO, ("soft version", 2, None), ("post", B, 3)],
    "numbers go on after the subject's soft deletion": [*TWO, ("soft", None, (1, 2)), ("post", A, 3)],
    "numbers restart after a hard one": [*TWO, ("soft", None, (1, 2)), ("hard", None, (1, 2)), ("post", B, 1)],
    "a soft deletion takes the rest": [*TWO, ("soft version", 1, None), ("soft", None, (2,)), ("hard", None, (1, 2))],
    "a hard-deleted highest number is free again": [
        *TWO,
        ("soft version", 2, None),
        ("hard version", 2, None),
        ("post", C, 2),
    ],
    "a soft-deleted subject is not there": [
        *TWO,
        ("soft", None, (1, 2)),
        ("latest", None, None),
        ("history", None, ()),
        ("look up", A, 40401),
    ],
    "a version is softly deleted once": [*TWO, ("soft version", 1, None), ("soft version", 1, 40406)],
    "a version is softly deleted first": [*TWO, ("hard version", 1, 40407), ("history", None, (1, 2))],
    "a subject is softly deleted once": [*TWO, ("soft", None, (1, 2)), ("soft", None, 40404)],
    "a subject is softly deleted first": [*TWO, ("hard", None, 40405), ("history", None, (1, 2))],
    "every version is softly deleted before the subject goes": [*TWO, ("soft version", 1, None), ("hard", None, 40405)],
    "deleting what is not there": [("soft", None, 40401), ("hard", None, 40401), ("soft version", 1, 40401)],
    "deleting a version that is not there": [*TWO, ("soft version", 3, 40402), ("hard version", 3, 40402)],
    "reading one version": [*TWO, ("version", 1, 1), ("version", 3, 40402)],
    "reading a version of nothing": [("version", 1, 40401)],
    "reading a soft-deleted version": [*TWO, ("soft version", 1, None), ("version", 1, 40402)],
    "looking up": [*TWO, ("look up", A, 1), ("look up", C, 40403)],
    "looking up in nothing": [("look up", A, 40401)],
    "looking up what is softly deleted": [
        *TWO,
        ("soft version", 2, None),
        ("look up", B, 40403),
        ("look up deleted", B, 2),
    ],
}


@pytest.mark.parametrize("steps", RULES.values(), ids=RULES.keys())
def test_rules_of_numbering_and_deletion(registry: LocalRegistry, steps: list[tuple[str, Any, Any]]) -> None:
    expected = [(action, argument, outcome) for action, argument, outcome in steps]

    seen = [(action, argument, _act(registry, action, argument)) for action, argument, _ in steps]

    assert seen == expected


def test_a_refusal_says_what_and_where(registry: LocalRegistry) -> None:
    registry.register_schema(S, A)

    with pytest.raises(RejectedError) as caught:
        registry.delete_version(S, 1, permanent=True)

    assert str(caught.value) == (
        "laptop/orders: version 1 must be deleted softly before it is deleted for good (code 40407)"
    )


def test_an_absent_subject_is_named(registry: LocalRegistry) -> None:
    with pytest.raises(NotFoundError) as caught:
        registry.delete_all_versions("nothing")

    assert str(caught.value) == "laptop/nothing: there is no such subject (code 40401)"


def test_the_same_content_has_one_id_across_subjects(registry: LocalRegistry) -> None:
    first = registry.register_schema("one", A)

    second, other = registry.register_schema("two", A), registry.register_schema("two", B)

    assert second.id == first.id
    assert other.id != first.id


def test_a_soft_deleted_text_keeps_its_id(registry: LocalRegistry) -> None:
    first = registry.register_schema(S, A)
    registry.delete_all_versions(S)

    again = registry.register_schema(S, A)

    assert (again.id, again.version) == (first.id, 2)


def test_ids_are_never_used_twice(registry: LocalRegistry) -> None:
    first = registry.register_schema(S, A)
    registry.delete_all_versions(S)
    registry.delete_all_versions(S, permanent=True)

    again = registry.register_schema(S, B)

    assert first.id is not None
    assert again.id is not None
    assert again.id > first.id


def test_white_space_and_key_order_are_no_new_version(registry: LocalRegistry) -> None:
    registry.register_schema(S, A)
    same = Schema(
        A.format,
        '{"fields": [{"default": "", "type": {"type": "string"}, "name": "a"}],\n "namespace": "com.acme",'
        ' "name": "Order", "type": "record"}',
    )

    assert registry.register_schema(S, same).version == 1


def test_documentation_is_a_new_version(registry: LocalRegistry) -> None:
    registry.register_schema(S, A)

    assert registry.register_schema(S, make_record("a", doc="An order.")).version == 2


METADATA = Metadata({"owner": "payments"}, {"/fields/0": ("pii", "eu")}, ("owner",))


def test_metadata_comes_back(registry: LocalRegistry) -> None:
    registry.register_schema(S, Schema(A.format, A.definition, metadata=METADATA))

    (version,) = registry.read_history(S)

    assert version.schema.metadata == Metadata({"owner": "payments"}, {"/fields/0": ("eu", "pii")}, ("owner",))


def test_metadata_alone_is_a_new_version_with_an_id_of_its_own(registry: LocalRegistry) -> None:
    plain = registry.register_schema(S, A)

    tagged = registry.register_schema(S, Schema(A.format, A.definition, metadata=METADATA))

    assert tagged.version == 2
    assert tagged.id != plain.id


def test_empty_metadata_is_no_metadata(registry: LocalRegistry) -> None:
    registry.register_schema(S, A)

    assert registry.register_schema(S, Schema(A.format, A.definition, metadata=Metadata())).version == 1


def test_metadata_that_is_not_given_is_carried_on(registry: LocalRegistry) -> None:
    registry.register_schema(S, Schema(A.format, A.definition, metadata=METADATA))

    same = registry.register_schema(S, A)
    following = registry.register_schema(S, B)

    assert same.version == 1
    assert following.schema.metadata == same.schema.metadata is not None


def test_empty_metadata_takes_it_away(registry: LocalRegistry) -> None:
    registry.register_schema(S, Schema(A.format, A.definition, metadata=METADATA))

    bare = registry.register_schema(S, Schema(A.format, A.definition, metadata=Metadata()))

    assert (bare.version, bare.schema.metadata) == (2, None)


def test_metadata_counts_in_a_look_up_only_where_it_is_given(registry: LocalRegistry) -> None:
    registry.register_schema(S, Schema(A.format, A.definition, metadata=METADATA))

    with pytest.raises(NotFoundError) as caught:
        registry.lookup_schema(S, Schema(A.format, A.definition, metadata=Metadata({"owner": "orders"})))

    assert registry.lookup_schema(S, A).version == 1
    assert caught.value.code == 40403


def test_a_look_up_without_metadata_prefers_the_version_without(registry: LocalRegistry) -> None:
    tagged = Schema(A.format, A.definition, metadata=METADATA)
    registry.register_schema(S, A)
    registry.register_schema(S, tagged)

    assert registry.lookup_schema(S, A).version == 1
    assert registry.lookup_schema(S, tagged).version == 2
    registry.delete_version(S, 1)
    assert registry.lookup_schema(S, A).version == 2


BAD_NAMES = {
    "": "'' cannot be the name of a subject: it is empty",
    "__GLOBAL": "'__GLOBAL' cannot be the name of a subject: it is reserved",
    "__EMPTY": "'__EMPTY' cannot be the name of a subject: it is reserved",
    "a\nb": "'a\\nb' cannot be the name of a subject: it holds the character '\\n'",
    "a\0": "'a\\x00' cannot be the name of a subject: it holds the character '\\x00'",
    "\ud800": "'\\ud800' cannot be the name of a subject: it holds the character '\\ud800'",
}


@pytest.mark.parametrize(("name", "message"), BAD_NAMES.items(), ids=ascii)
def test_names_that_no_subject_can_have(registry: LocalRegistry, name: str, message: str) -> None:
    with pytest.raises(RejectedError) as caught:
        registry.register_schema(name, A)

    assert (caught.value.code, caught.value.message) == (42208, message)
    assert registry.read_state().subjects == {}


def test_an_invalid_schema_is_refused_with_its_place(registry: LocalRegistry) -> None:
    wrong = Schema(A.format, '{"type": "record", "name": "R", "fields": [{"name": "a", "type": "strin"}]}')

    with pytest.raises(RejectedError) as caught:
        registry.register_schema(S, wrong)

    assert caught.value.code == 42201
    assert "strin" in str(caught.value)
    assert registry.read_state().subjects == {}


def _act(registry: LocalRegistry, action: str, argument: object) -> object:
    """What an action answers: its value, or the code of its refusal."""
    try:
        return ACTIONS[action](registry, argument)
    except RegistryError as error:
        return error.code


HALF_A_PAIR: dict[str, Callable[[LocalRegistry], object]] = {
    "the name to read": lambda r: r.read_history("\ud800"),
    "the name to delete": lambda r: r.delete_all_versions("\ud800"),
    "the subject referred to": lambda r: r.register_schema(
        S, Schema(A.format, '"int"', (Reference("x", "\ud800", 1),))
    ),
    "the text": lambda r: r.register_schema(S, Schema(Format.JSON, '{"title": "\ud800"}')),
    "what the text spells out": lambda r: r.register_schema(S, make_record("a", doc="\ud800")),
}


@pytest.mark.parametrize("act", HALF_A_PAIR.values(), ids=HALF_A_PAIR.keys())
def test_half_a_surrogate_pair_is_refused_wherever_it_stands(
    registry: LocalRegistry, act: Callable[[LocalRegistry], object]
) -> None:
    with pytest.raises(RejectedError) as caught:
        act(registry)

    assert caught.value.code == 42201
    assert registry.read_state().subjects == {}
