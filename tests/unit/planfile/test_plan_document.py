"""A plan with every kind of change, as JSON: written, described by its JSON Schema, read back, and digested."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import get_args

import jsonschema
import pytest

from reconciler.errors import PlanFileError
from reconciler.model import (
    AppliedSubject,
    Change,
    DeleteSubject,
    DeleteVersions,
    Difference,
    DifferenceKind,
    Finding,
    Format,
    LiveVersion,
    Location,
    Metadata,
    Mode,
    Note,
    Observation,
    Outcome,
    Plan,
    ReadItem,
    Reference,
    RegisterSchema,
    ResetCompatibility,
    RestoreVersion,
    Schema,
    SetCompatibility,
    SetDefaultCompatibility,
    SetSettings,
    Severity,
    Source,
    Verdict,
    Waiver,
)
from reconciler.planfile import (
    make_digest,
    make_document,
    make_json_schema,
    read_plan,
    render_json,
    with_digest,
    write_plan,
)

FILE = Location("schemas/order.avsc", 3, 5)
SCHEMA = Schema(Format.AVRO, '"string"', (Reference("Money", "money", 2),), Metadata({"a": "b"}, {"x": ("PII",)}))
LIVE = LiveVersion(3, SCHEMA, 7)
WAIVER = Waiver("FIELD_REMOVED", "never used", "@acme/payments", "2027-03-01", FILE, "/fields/2")
DIFFERENCE = Difference(DifferenceKind.REMOVED, "a", "string")
VERDICT = Verdict(Outcome.INCOMPATIBLE, Mode.FULL, (3,))
CHANGES: tuple[Change, ...] = (
    RegisterSchema("r", "new", None, SCHEMA, "declared", FILE),
    RegisterSchema("r", "a", LIVE, SCHEMA, "differs", FILE, (DIFFERENCE,), VERDICT, "f" * 64, (WAIVER,), Mode.FULL),
    RestoreVersion("r", "b", 1, LIVE, SCHEMA, "went back", FILE, waivers=(WAIVER,)),
    SetCompatibility("r", "c", None, Mode.FULL, "declared", FILE),
    ResetCompatibility("r", "d", Mode.FULL, "no longer declared", FILE),
    SetDefaultCompatibility("r", Mode.NONE, Mode.BACKWARD, "declared", FILE),
    SetSettings("r", "c", {"alias": None, "normalize": False}, {"alias": "b", "normalize": True}, "declared", FILE),
    SetSettings("r", None, {"default_metadata": {"tags": {}}}, {"default_metadata": None}, "not declared", FILE),
    DeleteVersions("r", "e", (2, 3), LIVE, LIVE, "went back", FILE, (DIFFERENCE,), VERDICT, "f" * 64, True),
    DeleteSubject("r", "f", LIVE, "dropped", FILE, (1, 2, 3), True),
)
PLAN = with_digest(
    Plan(
        "prod",
        CHANGES,
        (Finding("ORPHANED", Severity.INFO, Source.PLANNING, "stays", "r", "g", location=FILE),),
        (
            ReadItem("r", "a", 3, "f" * 64, Mode.FULL, "e" * 64, ("b version 1, of version 3",), "a" * 64),
            ReadItem("r", None, mode=Mode.NONE, settings={"write_mode": "READWRITE"}),
        ),
        (Observation("r", "local", 12, ("theirs",)),),
        "configuration",
        "c" * 40,
        notes=(
            Note("r", "g", AppliedSubject("c" * 40, FILE, "f" * 64, 3, SCHEMA.references, Mode.FULL, "payments", True)),
        ),
    )
)


def test_the_plan_has_every_kind() -> None:
    assert {type(change) for change in CHANGES} == set(get_args(Change))


def test_a_plan_comes_back_as_it_was_written(tmp_path: Path) -> None:
    write_plan(PLAN, tmp_path / "plan.json")

    assert read_plan(tmp_path / "plan.json") == PLAN


def test_a_document_is_what_its_published_schema_describes() -> None:
    schema = make_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)

    jsonschema.validate(json.loads(render_json(PLAN)), schema)


@pytest.mark.parametrize("kind", [change.kind for change in CHANGES])
def test_the_published_schema_tells_the_kinds_apart(kind: str) -> None:
    assert json.dumps({"const": kind})[1:-1] in json.dumps(make_json_schema())


def test_counts_stand_beside_the_changes() -> None:
    summary = make_document(PLAN)["summary"]

    assert (summary["creates"], summary["updates"], summary["restores"]) == (1, 1, 1)
    assert (summary["modes"], summary["settings"], summary["deletes"]) == (3, 2, 2)


@pytest.mark.parametrize("index", range(len(CHANGES)), ids=[f"{i}-{c.kind}" for i, c in enumerate(CHANGES)])
def test_semantic_11_the_digest_covers_every_change(index: int) -> None:
    other = replace(CHANGES[index], reason="for another reason")

    assert make_digest(replace(PLAN, changes=(*CHANGES[:index], other, *CHANGES[index + 1 :]))) != PLAN.digest


def test_semantic_11_the_digest_leaves_notes_commit_and_findings_out() -> None:
    assert make_digest(replace(PLAN, notes=(), commit="d" * 40, findings=())) == PLAN.digest


@pytest.mark.parametrize("field", ["is_permanent", "versions", "waivers"])
def test_a_change_that_was_edited_by_hand_is_refused(tmp_path: Path, field: str) -> None:
    document = make_document(PLAN)
    edited = next(change for change in document["changes"] if change.get(field))
    edited[field] = [] if isinstance(edited[field], list) else False
    (tmp_path / "plan.json").write_text(json.dumps(document), encoding="utf-8")

    with pytest.raises(PlanFileError, match="changed after it was made"):
        read_plan(tmp_path / "plan.json")


def test_an_unknown_kind_of_change_is_refused(tmp_path: Path) -> None:
    document = make_document(PLAN)
    document["changes"][0]["kind"] = "set_fire"
    (tmp_path / "plan.json").write_text(json.dumps(document), encoding="utf-8")

    with pytest.raises(PlanFileError, match="is not a plan"):
        read_plan(tmp_path / "plan.json")


def test_what_is_wrong_with_a_change_is_said_for_its_kind_alone(tmp_path: Path) -> None:
    document = make_document(PLAN)
    document["changes"][1]["after"]["format"] = "TOML"
    (tmp_path / "plan.json").write_text(json.dumps(document), encoding="utf-8")

    with pytest.raises(PlanFileError, match=r"changes\.1\.register_schema\.after\.format: Input should be 'AVRO'"):
        read_plan(tmp_path / "plan.json")
