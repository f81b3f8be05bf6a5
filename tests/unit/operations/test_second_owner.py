"""How often someone else wrote between our own writes, as the records of the ledger tell it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from reconciler.ledger.values import ChangeOutcome, Record, RecordKind
from reconciler.model import SettingValue
from reconciler.operations.second_owner import check_second_owner, count_interruptions


def schema(before: int | None, version: int | None, outcome: str = "applied") -> ChangeOutcome:
    return ChangeOutcome("register_schema", "orders", "order", outcome, version, before)


def mode(before: str | None, after: str | None, subject: str | None = "order") -> ChangeOutcome:
    kind = "reset_compatibility" if after is None else "set_compatibility"
    return ChangeOutcome(kind, "orders", subject, "applied", mode=after, mode_before=before)


def settings(subject: str | None = "order", **values: SettingValue | None) -> ChangeOutcome:
    return ChangeOutcome("set_settings", "orders", subject, "applied", settings=values)


def delete(before: int) -> ChangeOutcome:
    return ChangeOutcome("delete_subject", "orders", "order", "applied", before=before)


def found(version: int | None) -> ChangeOutcome:
    return ChangeOutcome("adopt", "orders", "order", "noted", version)


def records(*outcomes: ChangeOutcome) -> list[Record]:
    """One record for each outcome, which are given oldest first."""
    when = datetime(2026, 1, 1, tzinfo=UTC)
    return [Record("c", RecordKind.RECORD, "dev", "Ada", when, "apply", outcomes=(o,)) for o in reversed(outcomes)]


@pytest.mark.parametrize(
    ("outcomes", "times"),
    [
        ([], 0),
        ([schema(None, 1), schema(1, 2), schema(2, 3)], 0),
        ([schema(None, 1), schema(2, 3), schema(4, 5)], 2),
        ([found(1), schema(2, 3)], 1),
        ([schema(None, 1), found(2), schema(2, 3)], 0),
        ([schema(None, 1), schema(2, 3, "failed"), schema(2, 3)], 1),
        ([schema(None, 1), schema(None, 2), schema(None, 3)], 2),
        ([schema(None, 1), delete(1), schema(None, 2)], 0),
        ([schema(None, 1), delete(2)], 1),
        ([mode("inherited", "FULL"), mode("FULL", None), mode("inherited", "FULL")], 0),
        ([mode("inherited", "FULL"), mode("NONE", "FULL"), mode("inherited", "FULL")], 2),
        ([mode("inherited", "FULL"), mode(None, "BACKWARD"), mode("FULL", None)], 1),
        ([mode("inherited", "FULL"), schema(None, 1), mode("NONE", "FULL"), schema(2, 3)], 2),
        ([settings(alias="a"), settings(alias="b"), settings(alias="a"), settings(alias=None)], 0),
        ([settings(alias="a"), settings(alias="a"), settings(alias="a")], 2),
        ([settings(alias="a", group="g"), settings(alias="a", group="g")], 1),
        ([settings(alias="a", group="g"), settings(group="h"), settings(alias="a", group="h")], 1),
        ([settings(alias="a"), settings(alias=None), settings(alias=None)], 1),
        ([settings(alias="a"), delete(1), settings(alias="a")], 0),
        ([schema(None, 1), settings(alias="a"), schema(1, 2), settings(alias="a")], 0),
        ([settings(alias="a"), replace(found(None), kind="forget"), settings(alias="a")], 0),
    ],
    ids=[
        "nothing",
        "undisturbed",
        "schemas",
        "after what was found",
        "what was found is nobody's",
        "failures do not count",
        "deleted by someone else",
        "deleted by us",
        "written before we deleted",
        "our own modes",
        "modes",
        "a record that does not say",
        "modes and schemas",
        "our own settings",
        "settings",
        "several settings at once",
        "settings one by one",
        "a setting that we had taken away",
        "settings of a subject that was deleted by us",
        "settings of a new version",
        "settings of a subject that we had let go",
    ],
)
def test_interruptions(outcomes: list[ChangeOutcome], times: int) -> None:
    assert count_interruptions(records(*outcomes), "orders", "order") == times
    assert count_interruptions(records(*outcomes), "orders", "another") == 0
    assert count_interruptions(records(*outcomes), "another", "order") == 0


def test_the_level_of_a_registry_can_have_a_second_owner_too() -> None:
    times = [mode("FULL", "BACKWARD", None), mode("FULL", "BACKWARD", None), mode("FULL", "BACKWARD", None)]

    (finding,) = check_second_owner(records(*times), [("orders", None)])

    assert (finding.code, finding.registry, finding.subject) == ("SECOND_OWNER", "orders", None)


def test_the_settings_of_a_registry_can_have_a_second_owner_too() -> None:
    times = [settings(None, write_mode="READONLY") for _ in range(3)]

    (finding,) = check_second_owner(records(*times), [("orders", None)])

    assert (finding.code, finding.registry, finding.subject) == ("SECOND_OWNER", "orders", None)


def test_once_is_an_accident() -> None:
    once = records(schema(None, 1), schema(2, 3))

    assert list(check_second_owner(once, [("orders", "order")])) == []
