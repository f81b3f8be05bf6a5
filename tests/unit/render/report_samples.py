"""Plans, their results and checks that have a bit of everything, for the tests of reports."""

from __future__ import annotations

from dataclasses import replace

from reconciler.applier import Applied, Result, Status
from reconciler.model import (
    Change,
    DeleteSubject,
    DeleteVersions,
    Dialect,
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
    RestoreVersion,
    Schema,
    SetCompatibility,
    SetDefaultCompatibility,
    Severity,
    Source,
    Verdict,
    Waiver,
)
from reconciler.operations.checking.base import Base
from reconciler.operations.checking.differences import Changes
from reconciler.operations.checking.values import Checked, CheckedSubject, Kind
from reconciler.operations.compat import Judgement

SCHEMA = Schema(Format.AVRO, '"string"')
CREATE = RegisterSchema(
    "orders",
    "payments.order",
    None,
    Schema(Format.AVRO, '"string"', (Reference("com.acme.Money", "money"),)),
    "the subject is declared and not in the registry",
    Location("schemas/payments/order.avsc"),
    (Difference(DifferenceKind.ADDED, "$", None, "record com.acme.Order"),),
)
UPDATE = RegisterSchema(
    "orders",
    "payments.customer",
    LiveVersion(4, SCHEMA),
    SCHEMA,
    "the declared schema differs from version 4",
    Location("schemas/payments/customer.avsc"),
    (
        Difference(DifferenceKind.ADDED, "email", None, "string"),
        Difference(DifferenceKind.REMOVED, "phone", "string", None),
        Difference(DifferenceKind.CHANGED, "amount", "int", "long"),
    ),
    Verdict(Outcome.INCOMPATIBLE, Mode.FULL, (4,), basis="declared in schemas/defaults.yaml:1:1"),
)
WAIVER = Waiver(
    "WRITER_FIELD_MISSING",
    "nobody reads it any more",
    "@acme/payments",
    "2027-03-01",
    Location("schemas/payments/refund.yaml", 4, 5),
    "/fields/2",
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
    waivers=(WAIVER,),
    restores_mode=Mode.FULL,
)
RESTORE = RestoreVersion(
    "orders",
    "payments.address",
    1,
    LiveVersion(3, SCHEMA),
    SCHEMA,
    "the declared schema is that of version 1 again",
    Location("schemas/payments/address.avsc"),
    (Difference(DifferenceKind.REMOVED, "note", "string", None),),
    Verdict(Outcome.COMPATIBLE, Mode.BACKWARD, (3,), basis="the registry's own level"),
)
NEWER = DeleteVersions(
    "orders",
    "payments.parcel",
    (2, 3),
    LiveVersion(3, SCHEMA),
    LiveVersion(1, SCHEMA),
    "the declared schema is that of version 1, which this registry cannot register anew",
    Location("schemas/payments/parcel.avsc"),
    (Difference(DifferenceKind.REMOVED, "note", "string", None),),
    Verdict(Outcome.COMPATIBLE, Mode.BACKWARD, (3,), basis="the registry's own level"),
)
MODE = SetCompatibility(
    "orders", "payments.order", None, Mode.FULL, "the mode is declared", Location("schemas/defaults.yaml", 1, 1)
)
LEVEL = SetDefaultCompatibility(
    "archive", Mode.NONE, Mode.BACKWARD, "the registry's own mode is declared", Location("schemafed.yaml", 5, 5)
)
GONE = DeleteSubject(
    "orders",
    "payments.legacy",
    LiveVersion(7, SCHEMA),
    "Git dropped it, and deletion: soft is set",
    Location("schemas/payments/legacy.avsc"),
    (1, 2, 7),
    dependants=("payments.old",),
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
NOTICE = Finding(
    "LINK_NOT_FOLLOWED", Severity.INFO, Source.VALIDATION, "a link is not followed", location=Location("schemas/link")
)
FILES = ("schemas/orders.avsc", "schemas/parcels.proto")


def make_plan(*changes: Change, findings: tuple[Finding, ...] = (), digest: str = "ab" * 32) -> Plan:
    seen = (
        Observation("archive", "local", 0),
        Observation("orders", "confluent", 12, ("theirs-1", "theirs-2")),
    )
    return Plan("prod", changes, findings, (), seen, "configuration", "cd" * 20, digest)


EMPTY = make_plan()
RETURNING = make_plan(RESTORE, NEWER)
READY = make_plan(LEVEL, CREATE, MODE, WAIVED)
BLOCKED = make_plan(LEVEL, CREATE, MODE, UPDATE, WAIVED, GONE, findings=(NOTICE, WARNING, BREAK))
APPLIED = Applied(
    (
        Result(LEVEL, Status.APPLIED),
        Result(CREATE, Status.APPLIED, 1),
        Result(MODE, Status.SKIPPED, None, "what it rests on was not applied"),
        Result(WAIVED, Status.FAILED, None, "refused (HTTP 409)", "plan again", is_mode_left=True),
    )
)
CHECKED = Checked(
    Base("origin/main", "ef" * 20, frozenset(FILES)),
    "dev",
    40,
    (
        CheckedSubject(
            "orders",
            Kind.CHANGED,
            Location(FILES[0]),
            (replace(UPDATE.verdict, findings=(BREAK,)),),
            changes=Changes(UPDATE.differences, (None, Mode.FULL)),
        ),
        CheckedSubject("parcels", Kind.RENAMED, Location(FILES[1]), before="packages"),
        CheckedSubject("letters", Kind.DROPPED, Location("schemas/letters.json")),
    ),
    (replace(BREAK, registry=None, subject="orders", location=Location(FILES[0], 3, 5)),),
    (replace(WARNING, registry=None),),
    {"orders": tuple(f"{number:040x}" for number in range(1, 5))},
)
_FOUND = replace(BREAK, registry=None, subject=None)
_HARMLESS = replace(
    _FOUND,
    code="READER_FIELD_REMOVED",
    severity=Severity.INFO,
    message="`phone` was removed, and consumers with this schema pass over it in data of version 4",
    path="/fields/2",
    fix=None,
)
JUDGED = Judgement(
    Verdict(Outcome.INCOMPATIBLE, Mode.BACKWARD, (4,), (_FOUND, _HARMLESS), basis="set on the subject in the registry"),
    "schemas/payments/customer.avsc",
    Format.AVRO,
    {3: "orders/payments.customer version 3", 4: "orders/payments.customer version 4"},
    Dialect.CONFLUENT,
    "orders",
    "payments.customer",
)
