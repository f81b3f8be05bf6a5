"""Compatibility modes: set, read, inherited, and kept by the registry where it judges."""

from collections.abc import Callable, Iterator

import pytest

from reconciler.errors import RejectedError
from reconciler.model import EVENT_FORMATS, Format, Mode
from reconciler.registry import SchemaRegistry
from tests.contract.samples import SAMPLES, A
from tests.contract.skips import skip_unless_format, skip_unless_level
from tests.contract.targets import Target

Name = Callable[[str], str]
Require = Callable[[str], None]


@pytest.fixture
def restored_level(target: Target) -> Iterator[None]:
    """The registry's own level is put back, whatever the test does to it."""
    before = target.raw.read_compatibility()
    yield
    if before is not None:
        target.raw.write_compatibility("", before)


def skip_unless_mode(registry: SchemaRegistry, mode: Mode) -> None:
    if mode not in registry.capabilities.modes:
        pytest.skip(f"mode {mode}: not among its modes")


@pytest.mark.parametrize("mode", Mode)
def test_every_mode_is_stored_and_read(target: Target, registry: SchemaRegistry, name: Name, mode: Mode) -> None:
    skip_unless_mode(registry, mode)
    subject = name("s")
    registry.register_schema(subject, A)

    registry.set_compatibility(subject, mode)

    assert target.raw.read_compatibility(subject) == mode
    assert registry.read_state([subject]).subjects[subject].mode is mode


def test_setting_a_mode_again_changes_nothing(target: Target, registry: SchemaRegistry, name: Name) -> None:
    subject = name("s")
    registry.register_schema(subject, A)

    for _ in range(2):
        registry.set_compatibility(subject, Mode.FULL)

    assert target.raw.read_compatibility(subject) == "FULL"


def test_a_mode_that_is_taken_away_is_inherited_again(
    target: Target, registry: SchemaRegistry, name: Name, require: Require
) -> None:
    """Also where there was none to take away."""
    if not registry.capabilities.resets_modes:
        pytest.skip("taking a mode away: not among its capabilities")
    subject = name("s")
    registry.register_schema(subject, A)
    registry.set_compatibility(subject, Mode.FULL)

    for _ in range(2):
        registry.reset_compatibility(subject)

    assert target.raw.read_compatibility(subject) != "FULL"
    require("telling inherited from own")
    assert target.raw.read_compatibility(subject) is None
    assert registry.read_state([subject]).subjects[subject].mode is None


def test_the_last_mode_holds(target: Target, registry: SchemaRegistry, name: Name) -> None:
    subject = name("s")
    registry.register_schema(subject, A)

    for mode in (Mode.FULL, Mode.NONE, Mode.FORWARD):
        registry.set_compatibility(subject, mode)

    assert target.raw.read_compatibility(subject) == "FORWARD"
    assert registry.read_state([subject]).subjects[subject].mode is Mode.FORWARD


def test_inherited_and_own_are_told_apart(registry: SchemaRegistry, name: Name, require: Require) -> None:
    """Also where the own mode is the one that would be inherited."""
    require("telling inherited from own")
    level = registry.read_state([]).default_mode
    assert level is not None
    inheriting, own = name("inheriting"), name("own")
    for subject in (inheriting, own):
        registry.register_schema(subject, A)

    registry.set_compatibility(own, level)

    subjects = registry.read_state([inheriting, own]).subjects
    assert (subjects[inheriting].mode, subjects[own].mode) == (None, level)


@pytest.mark.usefixtures("restored_level")
def test_the_registrys_level_is_stored_and_read(target: Target, registry: SchemaRegistry) -> None:
    skip_unless_level(registry)
    other = Mode.FORWARD if registry.read_state([]).default_mode is not Mode.FORWARD else Mode.FULL

    registry.set_compatibility(None, other)

    assert target.raw.read_compatibility() == other
    assert registry.read_state([]).default_mode is other


@pytest.mark.usefixtures("restored_level")
def test_a_subject_goes_on_inheriting_when_the_level_changes(
    registry: SchemaRegistry, name: Name, require: Require
) -> None:
    skip_unless_level(registry)
    require("telling inherited from own")
    subject = name("s")
    registry.register_schema(subject, A)

    registry.set_compatibility(None, Mode.FULL_TRANSITIVE)

    assert registry.read_state([subject]).subjects[subject].mode is None


def test_the_registrys_level_is_read(target: Target, registry: SchemaRegistry) -> None:
    skip_unless_level(registry)
    assert registry.read_state([]).default_mode == target.raw.read_compatibility()


def skip_unless_judged(registry: SchemaRegistry, schema_format: Format) -> None:
    if schema_format not in registry.capabilities.judges:
        pytest.skip(f"judging {schema_format}: not among what it judges")


@pytest.mark.parametrize("schema_format", sorted(EVENT_FORMATS))
def test_an_incompatible_version_is_rejected_with_the_registrys_words(
    target: Target, registry: SchemaRegistry, name: Name, schema_format: Format
) -> None:
    skip_unless_judged(registry, schema_format)
    subject, sample = name("s"), SAMPLES[schema_format]
    registry.register_schema(subject, sample.first)
    registry.set_compatibility(subject, Mode.BACKWARD)

    with pytest.raises(RejectedError) as caught:
        registry.register_schema(subject, sample.incompatible)

    assert (caught.value.registry, caught.value.subject) == ("contract", subject)
    assert caught.value.code
    assert caught.value.detail
    assert len(target.raw.read_versions(subject)) == 1


@pytest.mark.parametrize("schema_format", sorted(EVENT_FORMATS))
def test_a_compatible_version_is_accepted(
    target: Target, registry: SchemaRegistry, name: Name, schema_format: Format
) -> None:
    skip_unless_judged(registry, schema_format)
    subject, sample = name("s"), SAMPLES[schema_format]
    registry.register_schema(subject, sample.first)
    registry.set_compatibility(subject, Mode.BACKWARD)

    answer = registry.register_schema(subject, sample.compatible)

    assert answer.version == 2
    assert len(target.raw.read_versions(subject)) == 2


@pytest.mark.parametrize("schema_format", sorted(EVENT_FORMATS))
def test_none_lets_an_incompatible_version_in(
    target: Target, registry: SchemaRegistry, name: Name, schema_format: Format
) -> None:
    skip_unless_format(registry, schema_format)
    subject, sample = name("s"), SAMPLES[schema_format]
    registry.register_schema(subject, sample.first)
    registry.set_compatibility(subject, Mode.NONE)

    answer = registry.register_schema(subject, sample.incompatible)

    assert answer.version == 2
    assert len(target.raw.read_versions(subject)) == 2


@pytest.mark.parametrize("schema_format", sorted(EVENT_FORMATS))
@pytest.mark.parametrize("mode", [mode for mode in Mode if mode is not Mode.NONE])
def test_what_nobody_judges_is_refused_under_any_mode_but_none(
    target: Target, registry: SchemaRegistry, name: Name, schema_format: Format, mode: Mode
) -> None:
    if not registry.capabilities.requires_own_verdict:
        pytest.skip("refusing what is not judged: the registry judges by itself")
    if schema_format in registry.capabilities.judges:
        pytest.skip(f"refusing what is not judged: {schema_format} is judged")
    subject, sample = name("s"), SAMPLES[schema_format]
    registry.register_schema(subject, sample.first)
    registry.set_compatibility(subject, mode)

    with pytest.raises(RejectedError):
        registry.register_schema(subject, sample.compatible)

    assert len(target.raw.read_versions(subject)) == 1


def test_a_read_only_subject_refuses_a_version(
    target: Target, registry: SchemaRegistry, name: Name, require: Require
) -> None:
    require("write mode")
    subject = name("s")
    registry.register_schema(subject, A)
    target.raw.write_write_mode(subject, "READONLY")

    try:
        with pytest.raises(RejectedError) as caught:
            registry.register_schema(subject, SAMPLES[Format.AVRO].compatible)
    finally:
        target.raw.write_write_mode(subject, "READWRITE")

    assert caught.value.code == 42205
    assert caught.value.fix
    assert len(target.raw.read_versions(subject)) == 1
