"""Modes, histories and formats: which versions count, in which direction, and what the findings say."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from avro_pairs import clashes, parsed, verdict

from reconciler import compatibility
from reconciler.compatibility import JUDGED_FORMATS, Judged, check
from reconciler.errors import SchemaError
from reconciler.model import Direction, Format, Mode, Outcome, Severity, Source
from reconciler.schemas import Document, Parsed

EMPTY = {"fields": []}
WITH_EMAIL = {"fields": [{"name": "email", "type": "string"}]}
WITH_NUMBER = {"fields": [{"name": "email", "type": "long", "default": 0}]}


def foreign(schema_format: Format) -> Parsed:
    return Parsed(Document(schema_format, "", (), ()), {})


def test_the_first_version_is_compatible_under_every_mode() -> None:
    verdicts = [check(parsed(WITH_EMAIL), [], mode) for mode in Mode]

    assert {(v.outcome, v.versions, v.findings) for v in verdicts} == {(Outcome.COMPATIBLE, (), ())}


def test_none_never_objects_not_even_to_another_format() -> None:
    history = [Judged(1, parsed(WITH_NUMBER)), Judged(2, foreign(Format.JSON))]

    found = check(parsed(WITH_EMAIL), history, Mode.NONE)

    assert (found.outcome, found.findings, found.versions) == (Outcome.COMPATIBLE, (), ())


def test_a_mode_that_is_not_transitive_looks_at_the_newest_version_only() -> None:
    history = [Judged(1, parsed(EMPTY)), Judged(3, parsed(WITH_EMAIL))]

    found = check(parsed(WITH_EMAIL), history, Mode.BACKWARD)

    assert (found.outcome, found.versions) == (Outcome.COMPATIBLE, (3,))


def test_a_transitive_mode_looks_at_every_version_and_tells_of_the_newest_first() -> None:
    history = [Judged(1, parsed(EMPTY)), Judged(3, parsed(WITH_NUMBER)), Judged(4, parsed(WITH_EMAIL))]

    found = check(parsed(WITH_EMAIL), history, Mode.BACKWARD_TRANSITIVE)

    assert (found.outcome, found.versions) == (Outcome.INCOMPATIBLE, (1, 3, 4))
    assert [(f.against, f.code) for f in found.findings] == [
        (3, "TYPE_MISMATCH"),
        (1, "READER_FIELD_MISSING_DEFAULT_VALUE"),
    ]


@pytest.mark.parametrize(
    ("mode", "directions"),
    [
        (Mode.BACKWARD, ["BACKWARD"]),
        (Mode.BACKWARD_TRANSITIVE, ["BACKWARD"]),
        (Mode.FORWARD, ["FORWARD"]),
        (Mode.FORWARD_TRANSITIVE, ["FORWARD"]),
        (Mode.FULL, ["BACKWARD", "FORWARD"]),
        (Mode.FULL_TRANSITIVE, ["BACKWARD", "FORWARD"]),
    ],
)
def test_each_mode_judges_in_its_directions(mode: Mode, directions: list[str]) -> None:
    findings = verdict({"fields": [{"name": "email", "type": "boolean"}]}, WITH_EMAIL, mode).findings

    assert [finding.direction for finding in findings] == directions


def test_another_format_is_incompatible_under_any_mode_but_none() -> None:
    found = check(parsed(EMPTY), [Judged(7, foreign(Format.PROTOBUF))], Mode.FORWARD)

    (finding,) = found.findings
    assert found.outcome is Outcome.INCOMPATIBLE
    assert (finding.code, finding.against, finding.direction) == ("FORMAT_CHANGED", 7, None)
    assert "AVRO now and PROTOBUF in version 7" in finding.message


def test_a_format_without_rules_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    schema_format = Format.PROTOBUF
    monkeypatch.setattr(compatibility, "JUDGED_FORMATS", JUDGED_FORMATS - {schema_format})
    new = foreign(schema_format)

    assert check(new, [Judged(1, foreign(schema_format))], Mode.BACKWARD).outcome is Outcome.NOT_JUDGED
    assert check(new, [Judged(1, parsed(EMPTY))], Mode.BACKWARD).outcome is Outcome.INCOMPATIBLE
    assert check(new, [], Mode.BACKWARD).outcome is Outcome.COMPATIBLE
    assert check(new, [Judged(1, foreign(schema_format))], Mode.NONE).outcome is Outcome.COMPATIBLE


def test_a_finding_says_what_breaks_for_whom_and_how_to_mend_it() -> None:
    customer = {"type": "record", "name": "Customer", "fields": []}
    added = {**customer, "fields": [{"name": "email", "type": ["null", "string"]}]}
    old = {"fields": [{"name": "customer", "type": customer}]}

    (finding,) = verdict({"fields": [{"name": "customer", "type": added}]}, old, Mode.BACKWARD).findings

    assert finding.message == (
        "`customer.email` was added without a default, so consumers with this schema cannot read data of version 4"
    )
    assert finding.fix == 'add "default": null to the field'
    assert finding.path == "/fields/0/type/fields/0"
    assert (finding.severity, finding.source) == (Severity.ERROR, Source.COMPATIBILITY)
    assert (finding.direction, finding.against) == (Direction.BACKWARD, 4)


def test_a_forward_finding_speaks_of_the_new_schema() -> None:
    (finding,) = verdict(EMPTY, WITH_EMAIL, Mode.FORWARD).findings

    assert finding.message == (
        "`email` was removed, and version 4 has no default for it,"
        " so consumers with version 4 cannot read data of this schema"
    )


PAIRS_OF_EVERY_RULE: Mapping[str, tuple[object, object]] = {
    "READER_FIELD_MISSING_DEFAULT_VALUE": (WITH_EMAIL, EMPTY),
    "READER_FIELD_AMBIGUOUS": (
        {"fields": [{"name": "a", "type": "int", "aliases": ["b"]}]},
        {"fields": [{"name": "a", "type": "int"}, {"name": "b", "type": "int"}]},
    ),
    "TYPE_MISMATCH": ({"type": "array", "items": "int"}, {"type": "array", "items": "string"}),
    "NAME_MISMATCH": ({"type": "record", "name": "A", "fields": []}, {"type": "record", "name": "B", "fields": []}),
    "MISSING_UNION_BRANCH": (["null", "int"], ["null", "string"]),
    "MISSING_ENUM_SYMBOLS": (
        {"type": "enum", "name": "E", "symbols": ["A"]},
        {"type": "enum", "name": "E", "symbols": ["A", "B"]},
    ),
    "FIXED_SIZE_MISMATCH": ({"type": "fixed", "name": "F", "size": 1}, {"type": "fixed", "name": "F", "size": 2}),
}


@pytest.mark.parametrize("code", PAIRS_OF_EVERY_RULE)
def test_every_rule_has_words_and_a_fix_in_both_directions(code: str) -> None:
    reader, writer = PAIRS_OF_EVERY_RULE[code]

    backward = next(f for f in verdict(reader, writer, Mode.BACKWARD).findings if f.code == code)
    forward = next(f for f in verdict(writer, reader, Mode.FORWARD).findings if f.code == code)

    assert backward.message != forward.message
    assert backward.path == forward.path
    for finding in (backward, forward):
        assert finding.fix
        assert "version 4" in finding.message
        assert "{" not in finding.message.replace("{}", "")


def test_a_field_is_told_by_its_dotted_name_through_arrays_and_maps() -> None:
    def nest(kind: str) -> object:
        line = {"type": "record", "name": "Line", "fields": [{"name": "sku", "type": kind}]}
        return {"fields": [{"name": "lines", "type": {"type": "array", "items": {"type": "map", "values": line}}}]}

    (finding,) = verdict(nest("int"), nest("string"), Mode.BACKWARD).findings

    assert finding.path == "/fields/0/type/items/values/fields/0/type"
    assert finding.message.startswith("`lines[]{}.sku` is int now")


def test_the_example_of_a_default_fits_the_type() -> None:
    kinds = {
        "string": '"default": ""',
        "int": '"default": 0',
        "boolean": '"default": false',
        "null": '"default": null',
    }

    fixes = {
        kind: verdict({"fields": [{"name": "a", "type": kind}]}, EMPTY, Mode.BACKWARD).findings[0].fix or ""
        for kind in kinds
    }

    assert all(kinds[kind] in fixes[kind] for kind in kinds)


def test_referenced_types_are_compared_as_if_they_stood_in_the_text() -> None:
    money_1 = parsed({"type": "record", "name": "shop.Money", "fields": []})
    money_2 = parsed({"type": "record", "name": "shop.Money", "fields": [{"name": "amount", "type": "long"}]})
    order = {"type": "record", "name": "shop.Order", "fields": [{"name": "total", "type": "Money"}]}
    old, new = parsed(order, {"shop.Money": money_1}), parsed(order, {"shop.Money": money_2})

    findings = check(new, [Judged(1, old)], Mode.BACKWARD).findings

    assert [f"{f.code} {f.path}" for f in findings] == ["READER_FIELD_MISSING_DEFAULT_VALUE /fields/0/type/fields/0"]


def test_a_chain_of_hundreds_of_types_is_compared_or_refused_but_never_crashes() -> None:
    links = [
        {"type": "record", "name": f"L{i}", "fields": [{"name": "next", "type": f"L{i - 1}"}] if i else []}
        for i in range(600)
    ]
    chain = {"fields": [{"name": "a", "type": links}, {"name": "b", "type": "L599"}]}
    backwards = {"fields": [{"name": "b", "type": links}]}
    plain = {"fields": [{"name": "b", "type": ["null", *links]}]}

    assert clashes(chain, chain, Mode.BACKWARD) == []
    assert clashes(plain, backwards, Mode.BACKWARD) == []
    tail = {"fields": [{"name": "x", "type": links}, {"name": "b", "type": "L599"}]}
    with pytest.raises(SchemaError, match="too long a chain"):
        clashes({"fields": [{"name": "b", "type": [*links]}]}, tail, Mode.BACKWARD)
