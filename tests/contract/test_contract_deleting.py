"""Deleting versions and subjects, and who stands in the way; what is left is told by the raw reader."""

from collections.abc import Callable

import pytest

from reconciler.errors import RejectedError
from reconciler.model import Deletion, Format, Mode
from reconciler.registry import Dependant, SchemaRegistry
from tests.contract.samples import AB, ABC, A, make_avro, make_chain
from tests.contract.skips import skip_unless_references
from tests.contract.targets import Target

Name = Callable[[str], str]
Require = Callable[[str], None]

WAYS = {Deletion.SOFT: False, Deletion.HARD: True}


def raise_or_skip_way(registry: SchemaRegistry, way: Deletion) -> None:
    if way not in registry.capabilities.deletion:
        pytest.skip(f"{way} deletion: not among its capabilities")


def skip_unless_versions_go(registry: SchemaRegistry) -> None:
    if not registry.capabilities.deletes_versions:
        pytest.skip("deleting single versions: not among its capabilities")


def register_all(registry: SchemaRegistry, subject: str) -> None:
    for schema in (A, AB, ABC):
        registry.register_schema(subject, schema)


@pytest.mark.parametrize(("way", "left"), [(Deletion.SOFT, [1, 2, 3]), (Deletion.HARD, [1])])
def test_deleted_versions_are_gone(
    target: Target, registry: SchemaRegistry, name: Name, way: Deletion, left: list[int]
) -> None:
    raise_or_skip_way(registry, way)
    skip_unless_versions_go(registry)
    subject = name("s")
    register_all(registry, subject)

    registry.delete_versions(subject, [2, 3], permanent=WAYS[way])

    assert [version.version for version in target.raw.read_versions(subject)] == [1]
    assert target.raw.read_numbers(subject) == left
    latest = registry.read_state([subject]).subjects[subject].latest
    assert latest is not None
    assert latest.version == 1
    assert [version.version for version in registry.read_history(subject)] == [1]


@pytest.mark.parametrize(("way", "left"), [(Deletion.SOFT, [1, 2, 3]), (Deletion.HARD, [])])
def test_a_deleted_subject_leaves_its_numbers(
    target: Target, registry: SchemaRegistry, name: Name, require: Require, way: Deletion, left: list[int]
) -> None:
    raise_or_skip_way(registry, way)
    require("numbers of what is deleted")
    subject = name("s")
    register_all(registry, subject)

    registry.delete_subject(subject, permanent=WAYS[way])

    assert target.raw.read_numbers(subject) == left


@pytest.mark.parametrize("way", WAYS)
def test_a_deleted_subject_is_gone(target: Target, registry: SchemaRegistry, name: Name, way: Deletion) -> None:
    raise_or_skip_way(registry, way)
    subject = name("s")
    register_all(registry, subject)

    registry.delete_subject(subject, permanent=WAYS[way])

    assert target.raw.read_versions(subject) == []
    found = registry.read_state([subject]).subjects.get(subject)
    assert found is None or found.latest is None
    assert registry.read_history(subject) == ()


@pytest.mark.parametrize("way", WAYS)
def test_deleting_versions_again_changes_nothing(
    target: Target, registry: SchemaRegistry, name: Name, way: Deletion
) -> None:
    raise_or_skip_way(registry, way)
    skip_unless_versions_go(registry)
    subject = name("s")
    register_all(registry, subject)

    for _ in range(2):
        registry.delete_versions(subject, [3], permanent=WAYS[way])

    assert [version.version for version in target.raw.read_versions(subject)] == [1, 2]


@pytest.mark.parametrize("way", WAYS)
def test_deleting_a_subject_again_changes_nothing(
    target: Target, registry: SchemaRegistry, name: Name, way: Deletion
) -> None:
    raise_or_skip_way(registry, way)
    subject = name("s")
    registry.register_schema(subject, A)

    for _ in range(2):
        registry.delete_subject(subject, permanent=WAYS[way])

    assert target.raw.read_versions(subject) == []


@pytest.mark.parametrize("way", WAYS)
def test_deleting_versions_that_were_never_there_is_done(registry: SchemaRegistry, name: Name, way: Deletion) -> None:
    raise_or_skip_way(registry, way)
    skip_unless_versions_go(registry)
    subject, absent = name("s"), name("absent")
    registry.register_schema(subject, A)

    registry.delete_versions(absent, [1], permanent=WAYS[way])
    registry.delete_versions(subject, [7], permanent=WAYS[way])

    assert len(registry.read_history(subject)) == 1


@pytest.mark.parametrize("way", WAYS)
def test_deleting_a_subject_that_was_never_there_is_done(registry: SchemaRegistry, name: Name, way: Deletion) -> None:
    raise_or_skip_way(registry, way)
    absent = name("absent")

    registry.delete_subject(absent, permanent=WAYS[way])

    assert registry.read_state([absent]).subjects == {}


def test_versions_that_are_softly_deleted_can_be_deleted_for_good(
    target: Target, registry: SchemaRegistry, name: Name
) -> None:
    raise_or_skip_way(registry, Deletion.HARD)
    skip_unless_versions_go(registry)
    subject = name("s")
    register_all(registry, subject)
    registry.delete_versions(subject, [3], permanent=False)

    registry.delete_versions(subject, [3], permanent=True)

    assert target.raw.read_numbers(subject) == [1, 2]


def test_a_subject_that_is_softly_deleted_can_be_deleted_for_good(
    target: Target, registry: SchemaRegistry, name: Name
) -> None:
    raise_or_skip_way(registry, Deletion.HARD)
    subject = name("s")
    registry.register_schema(subject, A)
    registry.delete_subject(subject, permanent=False)

    registry.delete_subject(subject, permanent=True)

    assert target.raw.read_numbers(subject) == []
    assert registry.register_schema(subject, A).version == 1


def test_numbers_go_on_after_a_soft_deletion(
    target: Target, registry: SchemaRegistry, name: Name, require: Require
) -> None:
    raise_or_skip_way(registry, Deletion.SOFT)
    subject = name("s")
    registry.register_schema(subject, A)
    registry.delete_subject(subject, permanent=False)

    answer = registry.register_schema(subject, A)

    assert answer.version > 1
    assert [version.version for version in target.raw.read_versions(subject)] == [answer.version]
    require("a number for each version")
    assert answer.version == 2


def test_a_subject_deleted_for_good_begins_anew(target: Target, registry: SchemaRegistry, name: Name) -> None:
    raise_or_skip_way(registry, Deletion.HARD)
    subject = name("s")
    register_all(registry, subject)
    registry.set_compatibility(subject, Mode.FULL)
    registry.delete_subject(subject, permanent=True)

    answer = registry.register_schema(subject, make_avro(("other", "int"), name="Other"))

    assert answer.version == 1
    assert [version.version for version in target.raw.read_versions(subject)] == [1]
    assert target.raw.read_compatibility(subject) != "FULL"


@pytest.mark.parametrize("way", WAYS)
def test_what_is_referenced_stays(
    target: Target, registry: SchemaRegistry, name: Name, require: Require, way: Deletion
) -> None:
    skip_unless_references(registry)
    require("keeps what is referenced")
    raise_or_skip_way(registry, way)
    subjects = [name("money"), name("line")]
    for subject, schema in zip(subjects, make_chain(Format.AVRO, [*subjects, "unused"]), strict=False):
        registry.register_schema(subject, schema)

    with pytest.raises(RejectedError):
        registry.delete_versions(subjects[0], [1], permanent=WAYS[way])
    with pytest.raises(RejectedError):
        registry.delete_subject(subjects[0], permanent=WAYS[way])

    assert [len(target.raw.read_versions(subject)) for subject in subjects] == [1, 1]


@pytest.mark.parametrize("way", WAYS)
def test_dependants_first_then_what_they_refer_to(
    target: Target, registry: SchemaRegistry, name: Name, way: Deletion
) -> None:
    skip_unless_references(registry)
    raise_or_skip_way(registry, way)
    if way not in registry.capabilities.releasing:
        pytest.skip(f"letting go by {way} deletion: not among its capabilities")
    subjects = [name("money"), name("line"), name("order")]
    for subject, schema in zip(subjects, make_chain(Format.AVRO, subjects), strict=True):
        registry.register_schema(subject, schema)

    for subject in reversed(subjects):
        registry.delete_subject(subject, permanent=WAYS[way])

    assert [target.raw.read_versions(subject) for subject in subjects] == [[], [], []]


def test_dependants_are_the_versions_that_refer_to_it(registry: SchemaRegistry, name: Name) -> None:
    skip_unless_references(registry)
    subjects = [name("money"), name("line"), name("order")]
    money, line, order = make_chain(Format.AVRO, subjects)
    for subject, schema in zip(subjects, (money, line, order), strict=True):
        registry.register_schema(subject, schema)
    another = name("z-line")
    registry.register_schema(another, line)

    found = [registry.read_dependants(subject) for subject in subjects]

    assert found[0] == (Dependant(subjects[1], 1, 1), Dependant(another, 1, 1))
    assert found[1:] == [(Dependant(subjects[2], 1, 1),), ()]


@pytest.mark.parametrize("way", WAYS)
def test_a_deleted_version_is_a_dependant_as_long_as_it_stands_in_the_way(
    registry: SchemaRegistry, name: Name, way: Deletion
) -> None:
    skip_unless_references(registry)
    raise_or_skip_way(registry, way)
    subjects = [name("money"), name("line")]
    for subject, schema in zip(subjects, make_chain(Format.AVRO, [*subjects, "unused"]), strict=False):
        registry.register_schema(subject, schema)
    before = registry.read_dependants(subjects[0])

    registry.delete_subject(subjects[1], permanent=WAYS[way])

    assert before == (Dependant(subjects[1], 1, 1),)
    assert registry.read_dependants(subjects[0]) == (() if way in registry.capabilities.releasing else before)


def test_a_subject_that_is_not_there_has_no_dependants(registry: SchemaRegistry, name: Name) -> None:
    assert registry.read_dependants(name("nothing")) == ()
