"""A registry that is copied in tests: ids and numbers have gaps, and a history that its mode would not let in today."""

from __future__ import annotations

import json
from urllib.parse import quote

from tests.raw_registry import RawRegistry, RawVersion
from tests.repositories import MakeRepository, Repository, record

MONEY = record("Money", "currency")
USES = {"name": "total", "type": "Money"}
NOTE = {"name": "note", "type": "string", "default": ""}
EVERYTHING = ("copy", "--from", "old", "--to", "new", "--all-versions", "--yes")


def order(*fields: str | dict[str, object]) -> str:
    return json.dumps(record("Order", "id", *fields))


def uses_money(version: int) -> list[dict[str, object]]:
    return [{"name": "com.acme.Money", "subject": "money", "version": version}]


def fill(url: str) -> None:
    """Two subjects of five versions, the one referring to the other; one version is softly deleted."""
    raw = RawRegistry(url)
    raw.register("elsewhere", json.dumps(record("Elsewhere", "id")))
    raw.register("money", json.dumps(MONEY))
    raw.register("money", json.dumps(record("Money", "currency", NOTE)))
    raw.set_compatibility("order-value", "NONE")
    raw.register("order-value", order(USES), references=uses_money(1))
    raw.register("order-value", order("gone"))
    raw.register("order-value", order(USES), references=uses_money(2))
    raw.register("order-value", order("gone", NOTE))
    raw.send("DELETE", "/subjects/order-value/versions/2")
    raw.set_compatibility("order-value", "FULL_TRANSITIVE")
    raw.delete_subject("elsewhere", permanent=True)


def make_shop(
    make_repository: MakeRepository, old: str, new: str, *, name: str = "repository", kind: str = "confluent"
) -> Repository:
    """A repository with a registry `old` and a registry `new`; each is given by the rest of its entry."""
    return make_repository(
        f"version: 1\nregistries:\n  old: {{kind: confluent, url: {old}}}\n  new: {{kind: {kind}, url: {new}}}\n", name
    )


def read_all(url: str, prefix: str = "") -> dict[str, list[RawVersion]]:
    """Every version of every subject, by the name without the prefix."""
    raw = RawRegistry(url)
    found = [subject for subject in raw.read_subjects() if subject.startswith(prefix)]
    return {subject.removeprefix(prefix): raw.read_versions(subject) for subject in found}


def read_write_mode(url: str, subject: str) -> str | None:
    """The write mode that a subject has itself."""
    answer = RawRegistry(url).send("GET", f"/mode/{quote(subject, safe='')}")
    return answer.body["mode"] if answer.status == 200 else None


def contents(versions: dict[str, list[RawVersion]], prefix: str = "") -> dict[str, list[tuple[object, ...]]]:
    """What must be the same in every registry: texts in their order, and what each refers to."""
    return {
        subject: [
            (v.schema_type, json.loads(v.text), [(r.name, r.subject.removeprefix(prefix)) for r in v.references])
            for v in each
        ]
        for subject, each in versions.items()
    }
