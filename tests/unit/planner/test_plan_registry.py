"""What one registry would get, for every way in which desired and live can differ."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.model import (
    Format,
    LiveState,
    LiveSubject,
    Metadata,
    Mode,
    Outcome,
    Reference,
    RegisterSchema,
    Schema,
    SetCompatibility,
    SetDefaultCompatibility,
    Severity,
)
from reconciler.planner import Live, compare, plan_registry
from reconciler.registry import Capabilities, RestoreWay
from tests.unit.planner.sides import EVERYTHING, applied_as, avro, desired, desired_subject, live, plan_one, record

V1 = avro(record("id"))
V2 = avro(record("id", {"name": "note", "type": ["null", "string"], "default": None}))
BREAKING = avro(record("id", "amount"))


def test_a_subject_that_is_not_there_is_created() -> None:
    part = plan_one(desired(desired_subject("orders", V1)), live())

    (change,) = part.changes
    assert isinstance(change, RegisterSchema)
    assert (change.subject, change.before, change.after) == ("orders", None, V1)
    assert [d.path for d in change.differences] != []
    assert part.findings == ()


def test_an_equal_subject_needs_nothing() -> None:
    part = plan_one(desired(desired_subject("orders", V1)), live(("orders", [V1])))

    assert part.changes == ()
    assert part.read_set == ()
    assert part.observation.unchanged == 1


def test_white_space_and_key_order_are_no_difference() -> None:
    spaced = avro('{ "name": "Order",\n  "fields": [ {"type": "string", "name": "id"} ], "type": "record" }')

    assert plan_one(desired(desired_subject("orders", spaced)), live(("orders", [V1]))).changes == ()


def test_documentation_is_a_difference() -> None:
    documented = avro(record("id", doc="An order."))

    part = plan_one(desired(desired_subject("orders", documented)), live(("orders", [V1])))

    assert [type(c) for c in part.changes] == [RegisterSchema]


def test_a_compatible_change_says_against_what_and_why() -> None:
    part = plan_one(desired(desired_subject("orders", V2)), live(("orders", [V1])))

    (change,) = part.changes
    assert isinstance(change, RegisterSchema)
    assert change.verdict is not None
    assert (change.verdict.outcome, change.verdict.versions) == (Outcome.COMPATIBLE, (1,))
    assert change.verdict.basis == "the registry's own level"
    assert [(str(d.kind), d.path) for d in change.differences] == [("added", "note")]


def test_semantic_1_a_breaking_change_blocks_with_its_place_and_a_way_out() -> None:
    part = plan_one(desired(desired_subject("orders", BREAKING)), live(("orders", [V1])))

    (finding,) = part.findings
    assert finding.blocks
    assert finding.code == "READER_FIELD_MISSING_DEFAULT_VALUE"
    assert (finding.registry, finding.subject, finding.path) == ("orders", "orders", "/fields/1")
    assert finding.location is not None and finding.location.file == "schemas/orders.avsc"
    assert finding.location.line == 1
    assert "amount" in finding.message
    assert finding.fix


def test_a_forward_break_is_placed_in_the_new_file_though_its_path_is_of_the_old_one() -> None:
    text = '{"type": "record", "name": "Order", "fields": [\n  {"name": "note", "type": "string"},\n  %s]}'
    old = avro(record("first", "note"))
    new = avro(text % '{"name": "first", "type": "int"}')

    part = plan_one(desired(desired_subject("orders", new)), live(("orders", [old]), modes={"orders": Mode.FORWARD}))

    (finding,) = part.findings
    assert finding.path == "/fields/0/type"
    assert finding.location is not None
    assert finding.location.line == 3


def test_a_break_of_an_old_version_is_found_under_a_transitive_mode_only() -> None:
    # Version 1 has no `note`; version 2 has one with a default; the new schema drops the default.
    noted = avro(record("id", "note"))
    versions = [V1, avro(record("id", {"name": "note", "type": "string", "default": ""}))]

    last_only = plan_one(
        desired(desired_subject("orders", noted)), live(("orders", versions), modes={"orders": Mode.BACKWARD})
    )
    transitive = plan_one(
        desired(desired_subject("orders", noted)),
        live(("orders", versions), modes={"orders": Mode.BACKWARD_TRANSITIVE}),
    )

    assert last_only.findings == ()
    assert [(f.code, f.against) for f in transitive.findings] == [("READER_FIELD_MISSING_DEFAULT_VALUE", 1)]


def test_semantic_2_unmanaged_subjects_are_named_and_left_alone() -> None:
    part = plan_one(desired(desired_subject("orders", V1)), live(("orders", [V1]), ("theirs", [V1])))

    assert part.changes == ()
    assert part.observation.unmanaged == ("theirs",)


def test_semantic_2_a_subject_that_others_manage_is_never_written() -> None:
    part = plan_one(desired(desired_subject("orders", V2, manage=False)), live(("orders", [V1])))

    assert part.changes == ()


def test_an_older_version_is_not_registered_again_where_it_cannot_become_the_latest() -> None:
    unable = replace(EVERYTHING, restore=RestoreWay.NONE)

    part = plan_one(desired(desired_subject("orders", V1)), live(("orders", [V1, V2]), capabilities=unable))

    (finding,) = part.findings
    assert finding.code == "OLDER_VERSION"
    assert finding.blocks
    assert "version 1 of 2" in finding.message


MODE_ORDERS = [
    # declared, present, new schema, expected kinds in order
    pytest.param(Mode.NONE, Mode.BACKWARD, BREAKING, [SetCompatibility, RegisterSchema], id="loosening comes first"),
    pytest.param(Mode.BACKWARD, Mode.NONE, BREAKING, [RegisterSchema, SetCompatibility], id="tightening comes after"),
    pytest.param(Mode.FORWARD, Mode.BACKWARD, BREAKING, [SetCompatibility, RegisterSchema], id="the declared one"),
    pytest.param(
        Mode.BACKWARD, Mode.FORWARD, BREAKING, [RegisterSchema, SetCompatibility], id="the present one where it passes"
    ),
    pytest.param(Mode.BACKWARD, Mode.BACKWARD, V2, [RegisterSchema], id="an equal mode is not set"),
]


@pytest.mark.parametrize(("declared", "present", "schema", "kinds"), MODE_ORDERS)
def test_semantic_5_mode_and_schema_change_in_the_order_that_the_registry_accepts(
    declared: Mode, present: Mode, schema: Schema, kinds: list[type]
) -> None:
    part = plan_one(
        desired(desired_subject("orders", schema, mode=declared)),
        live(("orders", [V1]), modes={"orders": present}),
    )

    assert [type(c) for c in part.changes] == kinds
    assert [f for f in part.findings if f.blocks] == []


def test_semantic_5_neither_order_of_incomparable_modes_hides_a_break() -> None:
    neither = avro(record({"name": "id", "type": "int"}))

    part = plan_one(
        desired(desired_subject("orders", neither, mode=Mode.FORWARD)),
        live(("orders", [V1]), modes={"orders": Mode.BACKWARD}),
    )

    assert any(f.blocks for f in part.findings)


def test_semantic_4_a_mode_that_is_not_declared_is_left_alone() -> None:
    part = plan_one(desired(desired_subject("orders", V1)), live(("orders", [V1]), modes={"orders": Mode.FULL}))

    assert part.changes == ()


def test_semantic_4_a_declared_mode_is_set_even_if_it_equals_the_inherited_one() -> None:
    part = plan_one(desired(desired_subject("orders", V1, mode=Mode.BACKWARD)), live(("orders", [V1])))

    (change,) = part.changes
    assert isinstance(change, SetCompatibility)
    assert (change.before, change.after) == (None, Mode.BACKWARD)
    assert "until now the subject inherits BACKWARD" in change.reason


@pytest.mark.parametrize(
    ("present", "declared", "is_first"), [(Mode.BACKWARD, Mode.NONE, True), (Mode.NONE, Mode.FULL, False)]
)
def test_semantic_5_the_registrys_level_loosens_first_and_tightens_last(
    present: Mode, declared: Mode, is_first: bool
) -> None:
    part = plan_one(
        desired(desired_subject("orders", BREAKING), default_mode=declared),
        live(("orders", [V1]), default_mode=present),
    )

    kinds = [type(c) for c in part.changes]
    expected = [SetDefaultCompatibility, RegisterSchema]
    assert kinds == (expected if is_first else expected[::-1])
    assert [f for f in part.findings if f.blocks] == []


MONEY = avro(record("currency", name="Money"))
MONEY_2 = avro(record("currency", {"name": "scale", "type": "int", "default": 2}, name="Money"))


def order_using(version: int | None) -> Schema:
    return avro(record("id", {"name": "total", "type": "Money"}), Reference("Money", "money", version))


def test_semantic_6_what_is_referred_to_comes_first_and_its_version_is_symbolic() -> None:
    part = plan_one(desired(desired_subject("orders", order_using(None)), desired_subject("money", MONEY)), live())

    assert [c.subject for c in part.changes if isinstance(c, RegisterSchema)] == ["money", "orders"]
    orders = part.changes[1]
    assert isinstance(orders, RegisterSchema)
    assert orders.after.references == (Reference("Money", "money", None),)


def test_semantic_6_an_unchanged_reference_has_its_live_version() -> None:
    part = plan_one(
        desired(desired_subject("orders", order_using(None)), desired_subject("money", MONEY)), live(("money", [MONEY]))
    )

    (change,) = part.changes
    assert isinstance(change, RegisterSchema)
    assert change.after.references == (Reference("Money", "money", 1),)


def test_semantic_6_a_dependant_is_registered_anew_when_what_it_refers_to_changes() -> None:
    part = plan_one(
        desired(desired_subject("orders", order_using(None)), desired_subject("money", MONEY_2)),
        live(("money", [MONEY]), ("orders", [order_using(1)])),
    )

    assert [c.subject for c in part.changes if isinstance(c, RegisterSchema)] == ["money", "orders"]
    assert part.changes[1].reason == "what it refers to changes: money"


def test_semantic_1_a_reference_to_what_the_registry_will_not_have_is_reported() -> None:
    wanted = desired(desired_subject("orders", order_using(None)), desired_subject("money", MONEY, manage=False))

    part = plan_one(wanted, live())

    (finding,) = part.findings
    assert finding.code == "REFERENCE_NOT_IN_REGISTRY"
    assert finding.blocks
    assert part.changes == ()


def test_semantic_11_the_read_set_holds_what_was_touched_and_what_that_refers_to() -> None:
    part = plan_one(
        desired(
            desired_subject("orders", order_using(None)),
            desired_subject("money", MONEY),
            desired_subject("same", V1),
        ),
        live(("money", [MONEY]), ("same", [V1])),
    )

    assert [(i.subject, i.version) for i in part.read_set] == [(None, None), ("orders", None), ("money", 1)]


AVRO_ONLY = Capabilities(
    formats=frozenset({Format.AVRO}), modes=frozenset({Mode.NONE, Mode.BACKWARD}), references=frozenset()
)
UNABLE = [
    ("UNSUPPORTED_FORMAT", Severity.ERROR, {"schema": Schema(Format.JSON, '{"type": "object"}')}),
    ("UNSUPPORTED_MODE", Severity.ERROR, {"schema": V1, "mode": Mode.FULL}),
    (
        "UNSUPPORTED_METADATA",
        Severity.WARNING,
        {"schema": Schema(Format.AVRO, V1.definition, (), Metadata({"a": "b"}))},
    ),
]


@pytest.mark.parametrize(("code", "severity", "fields"), UNABLE, ids=[row[0] for row in UNABLE])
def test_semantic_1_what_a_registry_cannot_do_is_said_before_the_first_call(
    code: str, severity: Severity, fields: dict[str, object]
) -> None:
    schema = fields.pop("schema") if "schema" in fields else V1
    assert isinstance(schema, Schema)

    part = plan_one(desired(desired_subject("orders", schema, **fields)), live(capabilities=AVRO_ONLY))

    assert [(f.code, f.severity) for f in part.findings] == [(code, severity)]
    assert bool(part.changes) is (severity is Severity.WARNING)


def test_semantic_1_references_need_a_registry_that_keeps_them() -> None:
    part = plan_one(
        desired(desired_subject("orders", order_using(None)), desired_subject("money", MONEY)),
        live(capabilities=AVRO_ONLY),
    )

    assert [f.code for f in part.findings] == ["UNSUPPORTED_REFERENCES"]
    assert [c.subject for c in part.changes if isinstance(c, RegisterSchema)] == ["money"]


def test_semantic_10_a_subject_that_the_adapter_could_not_read_is_never_taken_for_absent() -> None:
    state = LiveState({"orders": LiveSubject("orders", None, problem="unknown mode `SIDEWAYS`")}, Mode.BACKWARD)

    part = plan_one(desired(desired_subject("orders", V1)), Live(state, EVERYTHING))

    (finding,) = part.findings
    assert finding.code == "LIVE_SUBJECT_UNREADABLE"
    assert "SIDEWAYS" in finding.message
    assert part.changes == ()


def test_a_live_schema_that_cannot_be_parsed_is_reported_and_the_others_go_on() -> None:
    broken = avro('{"type": "record"')

    part = plan_one(
        desired(desired_subject("broken", V1), desired_subject("orders", V2)),
        live(("broken", [broken]), ("orders", [V1])),
    )

    assert [f.code for f in part.findings] == ["LIVE_SCHEMA_UNREADABLE"]
    assert [c.subject for c in part.changes if isinstance(c, RegisterSchema)] == ["orders"]


def test_metadata_that_is_declared_is_compared() -> None:
    tagged = Schema(Format.AVRO, V1.definition, (), Metadata({"retention": "30d"}))

    assert plan_one(desired(desired_subject("orders", tagged)), live(("orders", [V1]))).changes != ()
    assert plan_one(desired(desired_subject("orders", tagged)), live(("orders", [tagged]))).changes == ()
    assert plan_one(desired(desired_subject("orders", V1)), live(("orders", [tagged]))).changes == ()


def test_a_change_of_metadata_alone_says_so() -> None:
    tagged = Schema(Format.AVRO, V1.definition, (), Metadata({"retention": "30d"}))

    (change,) = plan_one(desired(desired_subject("orders", tagged)), live(("orders", [V1]))).changes

    assert change.reason == "the declared metadata differs from that of version 1"
    assert [(d.kind, d.path, d.after) for d in change.differences] == [("added", "metadata retention", "30d")]


def test_metadata_that_a_registry_does_not_keep_is_named_and_changes_nothing() -> None:
    metadata = Metadata({"retention": "30d"}, {"/id": ("pii",)}, ("retention",))
    tagged = Schema(Format.AVRO, V1.definition, (), metadata)
    present = live(("orders", [V1]), capabilities=replace(EVERYTHING, metadata=False))

    part = plan_one(desired(desired_subject("orders", tagged)), present)

    assert part.changes == ()
    (finding,) = part.findings
    assert finding.code == "UNSUPPORTED_METADATA"
    assert finding.message.endswith("changes nothing there: properties retention; tags of /id; sensitive retention")


def test_a_difference_that_the_registry_does_not_see_is_no_change() -> None:
    documented = avro(record("currency", name="Money", doc="An amount of money."))
    wanted = desired(desired_subject("orders", order_using(None)), desired_subject("money", documented))
    present = live(("money", [MONEY]), ("orders", [order_using(1)]))

    applied = applied_as(present)

    ours = compare(wanted, present, applied)
    theirs = compare(wanted, present, applied, known={"money": 1})

    assert set(ours.doubtful) == {"money"}
    assert [type(c) for c in plan_registry(ours, present).changes] == [RegisterSchema, RegisterSchema]
    assert plan_registry(theirs, present).changes == ()
    assert [f.code for f in plan_registry(theirs, present).findings] == ["SAME_FOR_REGISTRY"]
