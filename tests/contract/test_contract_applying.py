"""Changes of every kind, made by the applier through the port; what came of them is told by the raw reader."""

from collections.abc import Callable, Sequence

import pytest

from reconciler.applier import Applied, apply_changes
from reconciler.model import (
    Change,
    DeleteSubject,
    DeleteVersions,
    Deletion,
    Format,
    LiveVersion,
    Location,
    Mode,
    Reference,
    RegisterSchema,
    ResetCompatibility,
    RestoreVersion,
    Schema,
    SetCompatibility,
    Waiver,
)
from reconciler.registry import RestoreWay, SchemaRegistry
from tests.contract.samples import AB, SAMPLES, A, is_same_text, make_chain
from tests.contract.skips import skip_unless_references
from tests.contract.targets import Target

Name = Callable[[str], str]
Require = Callable[[str], None]

HERE = Location("schemas/order.avsc")
WHY = "it is declared so"
SAMPLE = SAMPLES[Format.AVRO]
WAIVER = Waiver("TYPE_MISMATCH", "nobody reads it", "@acme/payments", "2027-03-01", HERE)


def make(registry: SchemaRegistry, changes: Sequence[Change]) -> Applied:
    return apply_changes(changes, {"contract": registry})


def read_latest(registry: SchemaRegistry, subject: str) -> LiveVersion:
    latest = registry.read_state([subject]).subjects[subject].latest
    assert latest is not None
    return latest


def register(subject: str, before: LiveVersion | None, after: Schema, *waivers: Waiver) -> RegisterSchema:
    restored = Mode.FULL if waivers else None
    return RegisterSchema("contract", subject, before, after, WHY, HERE, waivers=waivers, restores_mode=restored)


def test_a_break_that_is_not_waived_is_refused(target: Target, registry: SchemaRegistry, name: Name) -> None:
    subject = name("s")
    registry.register_schema(subject, SAMPLE.first)
    registry.set_compatibility(subject, Mode.FULL)

    applied = make(registry, [register(subject, read_latest(registry, subject), SAMPLE.incompatible)])

    assert not applied.is_complete
    assert len(target.raw.read_versions(subject)) == 1


def test_a_waived_break_is_made_and_the_mode_is_as_before(target: Target, registry: SchemaRegistry, name: Name) -> None:
    subject = name("s")
    registry.register_schema(subject, SAMPLE.first)
    registry.set_compatibility(subject, Mode.FULL)

    applied = make(registry, [register(subject, read_latest(registry, subject), SAMPLE.incompatible, WAIVER)])

    raw = target.raw.read_versions(subject)
    assert applied.is_complete
    assert is_same_text(SAMPLE.incompatible, raw[-1])
    assert applied.results[0].version == raw[-1].version
    assert target.raw.read_compatibility(subject) == "FULL"


def test_a_waived_break_that_the_registry_refuses_leaves_the_mode_as_before(
    target: Target, registry: SchemaRegistry, name: Name, require: Require
) -> None:
    require("refuses half a JSON")
    subject = name("s")
    registry.register_schema(subject, SAMPLE.first)
    registry.set_compatibility(subject, Mode.FULL)
    invalid = Schema(Format.AVRO, '{"type":"record"')

    applied = make(registry, [register(subject, read_latest(registry, subject), invalid, WAIVER)])

    assert not applied.is_complete
    assert len(target.raw.read_versions(subject)) == 1
    assert target.raw.read_compatibility(subject) == "FULL"


def test_going_back_in_the_registrys_own_way(target: Target, registry: SchemaRegistry, name: Name) -> None:
    way = registry.capabilities.restore
    if way is RestoreWay.NONE:
        pytest.skip("going back to an older schema: not among its capabilities")
    subject = name("s")
    for schema in (A, AB):
        registry.register_schema(subject, schema)
    old, latest = registry.read_history(subject)
    change = (
        RestoreVersion("contract", subject, old.version, latest, A, WHY, HERE)
        if way is RestoreWay.NEW_VERSION
        else DeleteVersions("contract", subject, (latest.version,), latest, old, WHY, HERE)
    )

    applied = make(registry, [change])

    raw = target.raw.read_versions(subject)
    assert applied.is_complete
    assert is_same_text(A, raw[-1])
    assert applied.results[0].version == raw[-1].version == read_latest(registry, subject).version


def test_a_mode_is_set_and_taken_away(target: Target, registry: SchemaRegistry, name: Name) -> None:
    if not registry.capabilities.resets_modes:
        pytest.skip("taking a mode away: not among its capabilities")
    subject, other = name("s"), name("other")
    registry.register_schema(subject, A)
    registry.register_schema(other, A)
    registry.set_compatibility(other, Mode.FORWARD)

    applied = make(
        registry,
        [
            SetCompatibility("contract", subject, None, Mode.FULL, WHY, HERE),
            ResetCompatibility("contract", other, Mode.FORWARD, WHY, HERE),
        ],
    )

    assert applied.is_complete
    assert target.raw.read_compatibility(subject) == "FULL"
    assert target.raw.read_compatibility(other) != "FORWARD"


def test_a_dependant_follows_what_is_made_in_the_same_run(target: Target, registry: SchemaRegistry, name: Name) -> None:
    skip_unless_references(registry)
    subjects = [name("money"), name("line")]
    money, line = make_chain(Format.AVRO, [*subjects, "unused"])[:2]
    following = Schema(line.format, line.definition, (Reference(line.references[0].name, subjects[0]),))

    applied = make(registry, [register(subjects[0], None, money), register(subjects[1], None, following)])

    (stored,) = target.raw.read_versions(subjects[1])
    assert applied.is_complete
    assert [(r.subject, r.version) for r in stored.references] == [(subjects[0], 1)]
    assert [(r.subject, r.version) for r in applied.results[1].references] == [(subjects[0], 1)]


@pytest.mark.parametrize(("way", "is_permanent"), [(Deletion.SOFT, False), (Deletion.HARD, True)])
def test_what_refers_to_something_is_deleted_before_it(
    target: Target, registry: SchemaRegistry, name: Name, way: Deletion, is_permanent: bool
) -> None:
    skip_unless_references(registry)
    if way not in registry.capabilities.deletion & registry.capabilities.releasing:
        pytest.skip(f"letting go by {way} deletion: not among its capabilities")
    subjects = [name("money"), name("line"), name("order")]
    for subject, schema in zip(subjects, make_chain(Format.AVRO, subjects), strict=True):
        registry.register_schema(subject, schema)
    changes = [
        DeleteSubject("contract", s, read_latest(registry, s), WHY, HERE, (1,), is_permanent)
        for s in reversed(subjects)
    ]

    applied = make(registry, changes)

    assert applied.is_complete
    assert [target.raw.read_versions(subject) for subject in subjects] == [[], [], []]
