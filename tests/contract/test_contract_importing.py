"""Versions with the ids and numbers that they have elsewhere, and the numbers of those that are softly deleted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from reconciler.errors import RejectedError
from reconciler.model import Deletion, LiveVersion, Metadata, Mode
from reconciler.registry import NumberKeeper, SchemaRegistry, SettingsKeeper, VersionImporter
from tests.contract.samples import AB, ABC, SAMPLES, A, Format, is_same_text
from tests.contract.targets import Target

Name = Callable[[str], str]
_ID = 910_000_000
"""Nothing else has such ids, on a shared server neither."""


@pytest.fixture
def importer(registry: SchemaRegistry) -> VersionImporter:
    if registry.capabilities.importing is None or not isinstance(registry, VersionImporter):
        pytest.skip("keeping ids: not among its capabilities")
    return registry


def end_import(registry: SchemaRegistry, subject: str) -> None:
    assert isinstance(registry, SettingsKeeper)
    assert registry.capabilities.importing is not None
    registry.set_settings(subject, {registry.capabilities.importing.setting: None})


def test_versions_keep_their_ids_and_numbers_whatever_the_mode(
    target: Target, registry: SchemaRegistry, importer: VersionImporter, name: Name
) -> None:
    subject, sample = name("s"), SAMPLES[Format.AVRO]
    registry.set_compatibility(subject, Mode.FULL_TRANSITIVE)
    importer.begin_import(subject)
    for number, schema in ((3, sample.first), (7, sample.incompatible)):
        for _ in range(2):
            wanted = LiveVersion(number, schema, _ID + number)
            assert importer.import_version(subject, wanted) == wanted
    end_import(registry, subject)

    raw = target.raw.read_versions(subject)
    assert [(version.version, version.id) for version in raw] == [(3, _ID + 3), (7, _ID + 7)]
    assert is_same_text(sample.incompatible, raw[-1])
    found = importer.find_ids({subject: [_ID + 3, _ID + 4]})
    assert list(found) == [(subject, _ID + 3)]
    assert is_same_text(found[subject, _ID + 3], raw[0])


def test_an_import_goes_on_over_versions_and_then_numbers_follow(
    target: Target, registry: SchemaRegistry, importer: VersionImporter, name: Name
) -> None:
    subject = name("s")
    registry.register_schema(subject, A)
    importer.begin_import(subject)
    importer.import_version(subject, LiveVersion(5, AB, _ID + 15))
    with pytest.raises(RejectedError):
        registry.register_schema(subject, ABC)
    end_import(registry, subject)

    assert registry.register_schema(subject, ABC).version == 6
    assert [version.version for version in target.raw.read_versions(subject)] == [1, 5, 6]


def test_an_imported_version_inherits_no_metadata(
    target: Target, registry: SchemaRegistry, importer: VersionImporter, name: Name
) -> None:
    subject = name("s")
    importer.begin_import(subject)
    importer.import_version(subject, LiveVersion(1, replace(A, metadata=Metadata({"team": "a"})), _ID + 21))
    importer.import_version(subject, LiveVersion(2, AB, _ID + 22))
    end_import(registry, subject)

    assert [version.metadata and version.metadata["properties"] for version in target.raw.read_versions(subject)] == [
        {"team": "a"},
        None,
    ]


def test_an_id_stands_for_one_schema(registry: SchemaRegistry, importer: VersionImporter, name: Name) -> None:
    subject, other = name("s"), name("t")
    for each in (subject, other):
        importer.begin_import(each)
    importer.import_version(subject, LiveVersion(1, A, _ID + 31))

    with pytest.raises(RejectedError):
        importer.import_version(other, LiveVersion(1, AB, _ID + 31))
    importer.import_version(other, LiveVersion(1, A, _ID + 31))
    for each in (subject, other):
        end_import(registry, each)


def test_numbers_of_softly_deleted_versions_are_told(registry: SchemaRegistry, name: Name) -> None:
    if not isinstance(registry, NumberKeeper) or Deletion.SOFT not in registry.capabilities.deletion:
        pytest.skip("numbers of softly deleted versions: not told")
    subject, absent = name("s"), name("absent")
    for schema in (A, AB, ABC):
        registry.register_schema(subject, schema)
    registry.delete_versions(subject, [2], permanent=False)

    assert registry.read_numbers([subject, absent]) == {subject: (1, 2, 3), absent: ()}
    assert [version.version for version in registry.read_history(subject)] == [1, 3]
