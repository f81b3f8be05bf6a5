"""Making an older schema the latest again; what the registry holds is told by its raw reader."""

from collections.abc import Callable

import pytest

from reconciler.errors import RejectedError
from reconciler.model import EVENT_FORMATS, Deletion, Format, Mode
from reconciler.registry import RestoreWay, SchemaRegistry
from tests.contract.samples import AB, ABC, SAMPLES, A, is_same_text, make_avro, make_chain
from tests.contract.skips import skip_unless_references
from tests.contract.targets import Target

Name = Callable[[str], str]


@pytest.fixture
def registry(registry: SchemaRegistry) -> SchemaRegistry:
    """A registry that takes an older schema under a new number."""
    if registry.capabilities.restore is not RestoreWay.NEW_VERSION:
        pytest.skip("restore as a new version: not among its capabilities")
    return registry


@pytest.mark.parametrize("schema_format", sorted(EVENT_FORMATS))
def test_an_older_schema_becomes_the_latest_again(
    target: Target, registry: SchemaRegistry, name: Name, schema_format: Format
) -> None:
    subject, sample = name("s"), SAMPLES[schema_format]
    registry.register_schema(subject, sample.first)
    registry.set_compatibility(subject, Mode.NONE)
    registry.register_schema(subject, sample.compatible)

    answer = registry.restore_schema(subject, sample.first)

    raw = target.raw.read_versions(subject)
    assert [version.version for version in raw] == [1, 2, answer.version]
    assert is_same_text(sample.first, raw[-1])
    latest = registry.read_state([subject]).subjects[subject].latest
    assert latest is not None
    assert (latest.version, latest.id) == (answer.version, raw[-1].id)
    assert is_same_text(latest.schema, raw[-1])


def test_restoring_what_is_the_latest_changes_nothing(target: Target, registry: SchemaRegistry, name: Name) -> None:
    subject = name("s")
    for schema in (A, AB):
        registry.register_schema(subject, schema)

    restored = registry.restore_schema(subject, A).version
    again = registry.restore_schema(subject, A).version

    assert restored == again
    assert target.raw.read_numbers(subject) == [1, 2, restored]


def test_a_schema_can_come_back_again_and_again(target: Target, registry: SchemaRegistry, name: Name) -> None:
    subject = name("s")
    for schema in (A, AB):
        registry.register_schema(subject, schema)

    for schema in (A, AB, A, AB):
        registry.restore_schema(subject, schema)

    texts = [is_same_text(AB, version) for version in target.raw.read_versions(subject)]
    assert texts == [False, True] * 3


def test_numbers_of_deleted_versions_are_not_used_again(target: Target, registry: SchemaRegistry, name: Name) -> None:
    if Deletion.SOFT not in registry.capabilities.deletion:
        pytest.skip("soft deletion: not among its capabilities")
    subject = name("s")
    for schema in (A, AB, ABC):
        registry.register_schema(subject, schema)
    registry.delete_versions(subject, [3], permanent=False)

    answer = registry.restore_schema(subject, A)

    assert answer.version == 4
    assert [version.version for version in target.raw.read_versions(subject)] == [1, 2, 4]


def test_references_come_back_with_the_schema(target: Target, registry: SchemaRegistry, name: Name) -> None:
    skip_unless_references(registry)
    subjects = [name("money"), name("line")]
    money, line = make_chain(Format.AVRO, [*subjects, "unused"])[:2]
    registry.register_schema(subjects[0], money)
    registry.register_schema(subjects[1], line)
    registry.set_compatibility(subjects[1], Mode.NONE)
    registry.register_schema(subjects[1], make_avro(("price", "string"), name="Line"))

    answer = registry.restore_schema(subjects[1], line)

    latest = target.raw.read_versions(subjects[1])[-1]
    assert latest.version == answer.version
    assert is_same_text(line, latest)
    assert [(r.subject, r.version) for r in latest.references] == [(subjects[0], 1)]


def test_an_older_schema_that_the_mode_forbids_is_rejected(
    target: Target, registry: SchemaRegistry, name: Name
) -> None:
    subject, sample = name("s"), SAMPLES[Format.AVRO]
    registry.register_schema(subject, sample.first)
    registry.set_compatibility(subject, Mode.NONE)
    registry.register_schema(subject, sample.incompatible)
    registry.set_compatibility(subject, Mode.BACKWARD)

    with pytest.raises(RejectedError):
        registry.restore_schema(subject, sample.first)

    assert target.raw.read_numbers(subject) == [1, 2]
