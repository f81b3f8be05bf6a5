"""What each kind of registry answers to whoever reads all of it: subjects of 20 fields, each with a mode."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.benchmarks.samples import make_mode, make_stored_text, make_subject

_ABSENT = {"error_code": 404, "message": "HTTP 404 Not Found"}


@dataclass(frozen=True)
class Asked:
    """A request; `operation` is AWS's, empty elsewhere."""

    path: str
    query: dict[str, str]
    operation: str
    body: Any

    @classmethod
    def read(cls, target: str, operation: str, body: bytes) -> Asked:
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return cls(unquote(parts.path), query, operation, json.loads(body) if body else None)


Answer = Callable[["Store", Asked], tuple[int, Any]]


@dataclass(frozen=True)
class Store:
    """As many subjects as the measurement has."""

    count: int

    @cached_property
    def names(self) -> list[str]:
        return [make_subject(number) for number in range(self.count)]

    @cached_property
    def numbers(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.names)}

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        return [
            {"subject": name, "version": 1, "id": n + 1, "schemaType": "AVRO", "schema": make_stored_text(n)}
            for n, name in enumerate(self.names)
        ]


def answer_confluent(store: Store, asked: Asked) -> tuple[int, Any]:
    if asked.path == "/config":
        return 200, {"compatibilityLevel": "BACKWARD"}
    if asked.path.startswith("/config/"):
        return 200, {"compatibilityLevel": make_mode(store.numbers[asked.path.removeprefix("/config/")])}
    if asked.path == "/schemas":
        start = int(asked.query.get("offset", 0))
        return 200, store.rows[start : start + min(1_000, int(asked.query.get("limit", 1_000)))]
    return (200, store.names) if asked.path == "/subjects" else (404, _ABSENT)


def answer_karapace(store: Store, asked: Asked) -> tuple[int, Any]:
    return (200, store.rows) if asked.path == "/schemas" else answer_confluent(store, asked)


def answer_redpanda(store: Store, asked: Asked) -> tuple[int, Any]:
    if asked.path.endswith("/versions/latest"):
        return 200, store.rows[store.numbers[asked.path.split("/")[2]]]
    return (404, _ABSENT) if asked.path == "/schemas" else answer_confluent(store, asked)


def answer_apicurio(store: Store, asked: Asked) -> tuple[int, Any]:
    parts = asked.path.split("/")
    if asked.path == "/search/versions":
        start, size = int(asked.query["offset"]), int(asked.query["limit"])
        return 200, {"count": store.count, "versions": [_version(row) for row in store.rows[start : start + size]]}
    if parts[1] == "ids":
        return 200, store.rows[int(parts[3]) - 1]["schema"]
    if parts[1] == "groups":
        return 200, {"ruleType": "COMPATIBILITY", "config": make_mode(store.numbers[parts[4]])}
    if parts[1] == "admin":
        return 404, {"name": "RuleNotFoundException"}
    return 200, {"version": "3.3.3"}


def _version(row: dict[str, Any]) -> dict[str, Any]:
    numbers = {"version": "1", "globalId": row["id"], "contentId": row["id"]}
    return {"artifactId": row["subject"], "artifactType": "AVRO", "state": "ENABLED", **numbers}


def answer_glue(store: Store, asked: Asked) -> tuple[int, Any]:
    if asked.operation == "ListSchemas":
        start, size = int(asked.body.get("NextToken", 0)), asked.body["MaxResults"]
        rows = [{"SchemaName": name, "SchemaStatus": "AVAILABLE"} for name in store.names[start : start + size]]
        more = {"NextToken": str(start + size)} if start + size < store.count else {}
        return 200, {"Schemas": rows, **more}
    if asked.operation == "GetRegistry":
        return 200, {"RegistryName": "r"}
    name = asked.body["SchemaId"]["SchemaName"]
    number = store.numbers[name]
    if asked.operation == "GetSchema":
        word = make_mode(number).replace("_TRANSITIVE", "_ALL")
        return 200, {"SchemaName": name, "Compatibility": word, "SchemaCheckpoint": 1, "LatestSchemaVersion": 1}
    told = {"SchemaVersionId": f"{number:036}", "VersionNumber": 1, "Status": "AVAILABLE", "DataFormat": "AVRO"}
    return 200, {**told, "SchemaDefinition": store.rows[number]["schema"]}


ANSWERS: dict[str, Answer] = {
    "confluent": answer_confluent,
    "karapace": answer_karapace,
    "redpanda": answer_redpanda,
    "apicurio": answer_apicurio,
    "glue": answer_glue,
}
