"""What a person reads, as golden files; `SCHEMAFED_WRITE_GOLDEN=1` writes them anew, to be read and committed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console, RenderableType
from rich.text import Text

from reconciler.applier import Applied, Result, Status
from reconciler.model import (
    Change,
    DeleteSubject,
    DeleteVersions,
    Difference,
    DifferenceKind,
    Direction,
    Finding,
    Format,
    LiveVersion,
    Location,
    Mode,
    Observation,
    Outcome,
    Plan,
    Reference,
    RegisterSchema,
    ResetCompatibility,
    RestoreVersion,
    Schema,
    SetCompatibility,
    SetDefaultCompatibility,
    Severity,
    Source,
    Verdict,
    Waiver,
)
from reconciler.operations.registries import RegistryStatus
from reconciler.registry import Capabilities, EndpointHealth, Health
from reconciler.render.findings import render_findings
from reconciler.render.outcome import render_applied, render_registries, render_result
from reconciler.render.text import render_error, render_plan
from reconciler.render.wrapping import wrap_hanging
from tests.golden import as_log, read_golden

GOLDEN = Path(__file__).parent / "golden"
FILE = Location("schemas/payments/order.avsc")
SCHEMA = Schema(Format.AVRO, '"string"')


def plan(*changes: Change, findings: tuple[Finding, ...] = (), unmanaged: tuple[str, ...] = ()) -> Plan:
    seen = Observation("orders", "confluent", 12, unmanaged)
    return Plan("prod", changes, findings, (), (seen,), "configuration")


def added(path: str, what: str) -> Difference:
    return Difference(DifferenceKind.ADDED, path, None, what)


CREATE = RegisterSchema(
    "orders",
    "payments.order",
    None,
    Schema(Format.AVRO, '"string"', (Reference("com.acme.Money", "money"), Reference("com.acme.Id", "id", 3))),
    "the subject is declared and not in the registry",
    FILE,
    (added("$", "record com.acme.Order"), added("id", "string")),
    Verdict(Outcome.COMPATIBLE, Mode.FULL),
)
UPDATE = RegisterSchema(
    "orders",
    "payments.customer",
    LiveVersion(4, SCHEMA),
    SCHEMA,
    "the declared schema differs from version 4",
    Location("schemas/payments/customer.avsc"),
    (
        added("email", "union null | string = null"),
        Difference(DifferenceKind.REMOVED, "phone", "string", None),
        Difference(DifferenceKind.CHANGED, "amount", "int", "long"),
    ),
    Verdict(Outcome.INCOMPATIBLE, Mode.FULL_TRANSITIVE, (1, 2, 3, 4), basis="declared in schemas/defaults.yaml:1:1"),
)
MODE = SetCompatibility(
    "orders",
    "payments.order",
    None,
    Mode.FULL,
    "the mode is declared; until now the subject inherits BACKWARD",
    Location("schemas/defaults.yaml", 1, 1),
)
LEVEL = SetDefaultCompatibility(
    "orders", Mode.NONE, Mode.BACKWARD, "the registry's own mode is declared", Location("schemafed.yaml", 5, 5)
)
WAIVED = RegisterSchema(
    "orders",
    "payments.refund",
    LiveVersion(2, SCHEMA),
    SCHEMA,
    "the declared schema differs from version 2",
    Location("schemas/payments/refund.avsc"),
    (Difference(DifferenceKind.REMOVED, "reason", "string", None),),
    Verdict(Outcome.INCOMPATIBLE, Mode.FULL, (2,)),
    waivers=(
        Waiver(
            "WRITER_FIELD_MISSING",
            "nobody reads it any more",
            "@acme/payments",
            "2027-03-01",
            Location("schemas/payments/refund.yaml", 4, 5),
            "/fields/2",
        ),
    ),
    restores_mode=Mode.FULL,
)
RESTORE = RestoreVersion(
    "orders",
    "payments.invoice",
    3,
    LiveVersion(5, SCHEMA),
    SCHEMA,
    "the declared schema is that of version 3",
    Location("schemas/payments/invoice.avsc"),
    (Difference(DifferenceKind.REMOVED, "tax", "string", None),),
    Verdict(Outcome.COMPATIBLE, Mode.BACKWARD, (5,)),
)
RESET = ResetCompatibility(
    "orders", "payments.order", Mode.FULL, "the mode is no longer declared", Location("schemas/defaults.yaml")
)
NEWER = DeleteVersions(
    "orders",
    "payments.customer",
    (4, 5),
    LiveVersion(5, SCHEMA),
    LiveVersion(3, SCHEMA),
    "the declared schema is that of version 3, which this registry takes no second time",
    Location("schemas/payments/customer.avsc"),
    (Difference(DifferenceKind.REMOVED, "email", "string", None),),
)
GONE = DeleteSubject(
    "orders",
    "payments.legacy",
    LiveVersion(7, SCHEMA),
    "Git dropped it, and deletion: soft is set",
    Location("schemas/payments/legacy.avsc"),
    (1, 2, 7),
)
GONE_FOR_GOOD = DeleteSubject(
    "orders",
    "payments.money",
    LiveVersion(1, SCHEMA),
    "Git dropped it, and deletion: hard is set",
    Location("schemas/payments/money.avsc"),
    (1,),
    is_permanent=True,
    dependants=("payments.legacy",),
)
BREAK = Finding(
    "READER_FIELD_MISSING_DEFAULT_VALUE",
    Severity.ERROR,
    Source.COMPATIBILITY,
    "`email` was added without a default, so consumers with this schema cannot read data of version 4",
    "orders",
    "payments.customer",
    "/fields/3",
    Location("schemas/payments/customer.avsc", 9, 5),
    'add a default to the field, such as "default": ""',
    Direction.BACKWARD,
    4,
)
WARNING = Finding(
    "JUDGED_BY_SERVER", Severity.WARNING, Source.COMPATIBILITY, "the server judges this", "orders", "payments.invoice"
)
HOSTILE = Finding(
    "CODE", Severity.ERROR, Source.VALIDATION, "a\x1b[31mred\x1b[0m \u202elie", fix="[bold]not markup[/bold]"
)

MANY = [replace(WARNING, subject=f"payments.invoice-{number}") for number in range(23)]
ALIKE = [
    replace(BREAK, path=path, location=Location(FILE.file, line, 5), message=f"`{name}` cannot be read")
    for name, path, line in (("a", "/fields/1", 3), ("a", "/fields/2", 4), ("b", "/fields/3", 5))
] + [Finding("FIELD_ADDED", Severity.INFO, Source.COMPATIBILITY, "`id` was added")]
LONG = replace(
    BREAK,
    message="`customer.address.country` is union null | string now and may be record Country in data of version 4,"
    " which does not read as union null | string",
    fix="keep record Country, or add a new field with a default and leave this one; then, once no data of the old"
    " versions is left, remove it",
)


def wrapped(lines: list[Text], width: int) -> list[RenderableType]:
    """The lines as a terminal of that many columns shows them."""
    console = Console(file=StringIO(), width=width)
    return [wrap_hanging(line, console) for line in lines]


LEFT = Result(
    WAIVED,
    Status.FAILED,
    3,
    "THE SUBJECT IS UNPROTECTED: its temporary mode NONE could not be set back to FULL: no connection;"
    " version 3 was registered",
    "run apply again: it restores the mode first, whatever else it does",
    is_mode_left=True,
)
KEPT = Finding(
    "DRIFT_KEPT",
    Severity.INFO,
    Source.PLANNING,
    "someone else changed it, and that is kept: version 1 was applied last, and version 2 is live",
    registry="orders",
    subject="order",
    location=FILE,
)

ABLE = Capabilities(formats=frozenset({Format.AVRO}), references=frozenset(), judges=frozenset(), metadata=True)
ENDPOINTS = (
    EndpointHealth("https://one.example.com", 0.002, "cannot read the level: no connection (https://one.example.com)"),
    EndpointHealth("https://two.example.com", 0.0098),
)
REPORTS: Mapping[str, RenderableType | list[RenderableType]] = {
    "plan_empty": render_plan(plan()),
    "plan_keeps_drift": render_plan(plan(findings=(KEPT,))),
    "plan_changes": render_plan(plan(LEVEL, CREATE, MODE, unmanaged=tuple(f"theirs-{n:02}" for n in range(13)))),
    "plan_blocked": render_plan(plan(UPDATE, findings=(WARNING, BREAK))),
    "plan_of_every_kind": render_plan(plan(WAIVED, RESTORE, RESET, NEWER, GONE, GONE_FOR_GOOD)),
    "plan_long": render_plan(plan(*[MODE] * 201)),
    "findings_many": list(render_findings([*MANY, BREAK, replace(BREAK, message=BREAK.message[:-1] + "3", against=3)])),
    "findings_alike": list(render_findings(ALIKE)),
    "findings_80_columns": wrapped(render_findings([BREAK, LONG, *ALIKE]), 80),
    "findings_120_columns": wrapped(render_findings([BREAK, LONG, *ALIKE]), 120),
    "findings_hostile": list(render_findings([HOSTILE])),
    "error": render_error("orders: no answer", "try again"),
    "applied": [
        render_result(Result(CREATE, Status.APPLIED, 1)),
        render_result(Result(UPDATE, Status.FAILED, None, "refused (HTTP 409)", "plan again")),
        render_result(Result(MODE, Status.SKIPPED, None, "what it rests on was not applied")),
        render_result(Result(LEVEL, Status.UNKNOWN, None, "the answer was lost")),
        render_applied(
            Applied((Result(CREATE, Status.APPLIED, 1), Result(UPDATE, Status.FAILED), Result(MODE, Status.SKIPPED)))
        ),
        render_applied(Applied((Result(CREATE, Status.APPLIED, 1),))),
        render_applied(Applied((Result(CREATE, Status.SKIPPED),), is_interrupted=True)),
    ],
    "applied_every_kind": [
        render_result(Result(WAIVED, Status.APPLIED, 3)),
        render_result(Result(RESTORE, Status.APPLIED, 6)),
        *(render_result(Result(change, Status.APPLIED)) for change in (RESET, NEWER, GONE, GONE_FOR_GOOD)),
    ],
    "applied_unprotected": [
        render_result(LEFT),
        render_applied(
            Applied((LEFT, Result(GONE, Status.SKIPPED, None, "the lease is lost")), stopped="the lease is lost")
        ),
    ],
    "registries": render_registries(
        [
            RegistryStatus("orders", "confluent", ("dev", "prod"), Health("Confluent", "8.1.5", 0.0123), ABLE),
            RegistryStatus("twice", "confluent", ("prod",), Health("Confluent", "8.1.5", 0.0123, ENDPOINTS)),
            RegistryStatus("away", "confluent", (), None, None, "no answer", "look at the URL"),
        ]
    ),
}


@pytest.mark.parametrize("name", REPORTS)
def test_reports_read_as_agreed(name: str) -> None:
    text = as_log(REPORTS[name])

    assert text == read_golden(GOLDEN / f"{name}.txt", text)


def test_every_golden_file_has_a_report() -> None:
    assert sorted(f.stem for f in GOLDEN.iterdir()) == sorted(REPORTS)


def test_a_terminal_gets_colours_and_the_same_words() -> None:
    coloured = as_log(REPORTS["plan_blocked"], force_terminal=True, color_system="standard")

    assert "\x1b[" in coloured
    assert "cannot be applied" in coloured


def test_nothing_from_outside_can_move_the_cursor() -> None:
    assert "\x1b" not in as_log(REPORTS["findings_hostile"])
    assert "\u202e" not in as_log(REPORTS["findings_hostile"])
