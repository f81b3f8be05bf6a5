"""The topic in which a registry keeps its schemas, written by the tests as the registry would write it.

The format is Confluent's: keys and values are JSON, the key says which kind of record it is.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]

from tests.doubles.confluent import ConfluentDouble

Record = tuple[Mapping[str, Any], Mapping[str, Any] | None]
"""Key and value; without a value it is a tombstone."""
NOOP: Record = ({"keytype": "NOOP", "magic": 0}, None)


def make_schema_key(subject: str, version: int) -> dict[str, Any]:
    return {"keytype": "SCHEMA", "subject": subject, "version": version, "magic": 1}


def make_key(kind: str, subject: str | None) -> dict[str, Any]:
    return {"keytype": kind, "subject": subject, "magic": 0}


def make_deletion(subject: str, last: int) -> Record:
    """What is written when a subject is deleted softly: every version up to the last one is gone."""
    return make_key("DELETE_SUBJECT", subject), {"subject": subject, "version": last}


def create_topic(brokers: str, partitions: int = 1, **settings: str) -> str:
    """Make a compacted topic with a name of its own."""
    name = f"_schemas_{uuid.uuid4().hex[:12]}"
    topic = NewTopic(name, partitions, 1, config={"cleanup.policy": "compact", **settings})
    client = AdminClient({"bootstrap.servers": brokers})
    client.create_topics([topic])[name].result(30)
    return name


def write_records(brokers: str, topic: str, records: Iterable[Record]) -> None:
    """Append records, and wait until the broker has them."""
    failures: list[object] = []
    producer = Producer({"bootstrap.servers": brokers, "acks": "all", "linger.ms": 5, "message.max.bytes": 8 << 20})
    for key, value in records:
        raw = None if value is None else json.dumps(value).encode()
        producer.produce(
            topic, raw, json.dumps(key).encode(), on_delivery=lambda error, _: failures.append(error) if error else None
        )
        producer.poll(0)
    assert producer.flush(60) == 0
    assert not failures


@dataclass
class Journal:
    """What a double's registry would have written: ask for `records()` after each change."""

    double: ConfluentDouble
    _schemas: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    _configs: dict[str, dict[str, Any]] = field(default_factory=dict)
    _modes: dict[str, dict[str, Any]] = field(default_factory=dict)

    def records(self) -> list[Record]:
        """The records of everything that changed since the last call."""
        settings = self.double.registry.settings
        schemas = {(v.subject, v.version): _make_value(v) for v in self.double.registry.store.all_versions()}
        configs = {scope: dict(config) for scope, config in settings._configs.items()}
        modes = {scope: {"mode": mode} for scope, mode in settings._modes.items()}
        out = [
            *_diff_schemas(self._schemas, schemas),
            *_diff_scopes("CONFIG", self._configs, configs),
            *_diff_scopes("MODE", self._modes, modes),
        ]
        self._schemas, self._configs, self._modes = schemas, configs, modes
        return out


def _diff_schemas(
    before: Mapping[tuple[str, int], dict[str, Any]], after: Mapping[tuple[str, int], dict[str, Any]]
) -> Iterator[Record]:
    changed = {place for place in before.keys() | after.keys() if before.get(place) != after.get(place)}
    for subject in sorted({subject for subject, _ in changed}):
        numbers = sorted(number for name, number in changed if name == subject)
        if all(
            (subject, n) in before and after.get((subject, n)) == {**before[subject, n], "deleted": True}
            for n in numbers
        ) and not any(not value["deleted"] for (name, _), value in after.items() if name == subject):
            yield make_deletion(subject, max(numbers))
            continue
        for number in numbers:
            yield make_schema_key(subject, number), after.get((subject, number))


def _diff_scopes(
    kind: str, before: Mapping[str, dict[str, Any]], after: Mapping[str, dict[str, Any]]
) -> Iterator[Record]:
    for scope in sorted(before.keys() | after.keys()):
        if before.get(scope) != after.get(scope):
            subject = scope or None
            value = after.get(scope)
            yield make_key(kind, subject), None if value is None else {"subject": subject, **value}


def _make_value(version: Any) -> dict[str, Any]:
    value: dict[str, Any] = {"subject": version.subject, "version": version.version, "id": version.id}
    if version.parsed.schema_type != "AVRO":
        value["schemaType"] = version.parsed.schema_type
    value["references"] = [reference.to_json() for reference in version.references]
    value["metadata"], value["ruleSet"] = version.metadata, version.rules
    return {**value, "schema": version.parsed.text, "deleted": version.deleted}
