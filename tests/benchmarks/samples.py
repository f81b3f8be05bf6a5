"""A repository of as many subjects as wanted: Avro records of 20 fields as people write them, each with a mode."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.java_avro import make_java_text

SUBJECTS_PER_FOLDER = 100
MODES = ("BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE", "NONE")
SCHEMAS = "schemas"
CHANGES = 20
MORE_CHANGES = 50
"""How many schemas a pull request changes."""
_ADDED: dict[str, Any] = {"name": "remark", "type": ["null", "string"], "default": None, "doc": "Free words."}


def make_subject(number: int) -> str:
    return f"event_{number:05d}-value"


def make_mode(number: int) -> str:
    return MODES[number % len(MODES)]


def make_schema(number: int) -> dict[str, Any]:
    """One record of 20 fields: the primitives, nullable ones, logical types, an enum, a record, an array, a map."""
    name = f"Event{number:05d}"
    return {
        "namespace": f"com.acme.team{number // SUBJECTS_PER_FOLDER:03d}",
        "type": "record",
        "name": name,
        "doc": f"Something that happened; kind {number} of many.",
        "fields": list(_make_fields(name)),
    }


def _make_fields(name: str) -> Iterator[dict[str, Any]]:
    nullable: list[Any] = ["null", "string"]
    yield {"name": "id", "type": {"type": "string", "logicalType": "uuid"}, "doc": "Unique among all events."}
    yield {"name": "occurred_at", "type": {"logicalType": "timestamp-millis", "type": "long"}, "doc": "In UTC."}
    yield {"name": "sequence", "doc": "Counts up per source.", "type": "long", "default": 0}
    states = ["NEW", "OPEN", "DONE", "FAILED"]
    yield {"name": "state", "type": {"name": f"{name}State", "type": "enum", "symbols": states, "default": "NEW"}}
    yield {"name": "amount", "type": {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}}
    place = [{"name": axis, "type": "double"} for axis in ("latitude", "longitude")]
    yield {
        "name": "place",
        "type": ["null", {"name": f"{name}Place", "type": "record", "fields": place}],
        "default": None,
    }
    yield {"name": "labels", "type": {"type": "array", "items": "string"}, "default": []}
    yield {"name": "attributes", "type": {"type": "map", "values": "string"}, "default": {}}
    for index in range(4):
        yield {
            "name": f"text_{index}",
            "type": nullable,
            "default": None,
            "doc": f"Text number {index}, if there is any.",
        }
    for index in range(4):
        yield {"name": f"count_{index}", "type": "int", "default": index}
    for index in range(2):
        yield {"name": f"ratio_{index}", "doc": "Between 0 and 1.", "type": "double", "default": 0.5}
    yield {"name": "is_test", "type": "boolean", "default": False}
    yield {"name": "source", "type": "string", "doc": "Who sent it."}


def make_file(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def make_stored_text(number: int) -> str:
    """The text that a registry on the Java library keeps of what it was sent."""
    return make_java_text(make_schema(number))


def find_file(root: Path, number: int) -> Path:
    folder = root / SCHEMAS / f"team{number // SUBJECTS_PER_FOLDER:03d}"
    return folder / f"{make_subject(number)}.avsc"


def write_repository(root: Path, count: int) -> None:
    """Write the schemas and their sidecars; `schemafed.yaml` is for whoever measures."""
    for number in range(count):
        path = find_file(root, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(make_file(make_schema(number)))
        path.with_suffix(".yaml").write_text(f"compatibility: {make_mode(number)}\n")


def write_unlike(root: Path, count: int) -> None:
    """Give the fields of every schema names of their own, so that what is true of one tells nothing of another."""
    for number in range(count):
        schema = make_schema(number)
        fields = [{**field, "name": f"{field['name']}_{number}"} for field in schema["fields"]]
        find_file(root, number).write_text(make_file({**schema, "fields": fields}))


def find_changed(count: int, changes: int = CHANGES, first: int = 0) -> range:
    """The numbers of the subjects that a pull request changes, evenly spread."""
    return range(first, count, max(1, count // changes))


def write_changes(root: Path, count: int, changes: int = CHANGES, first: int = 0) -> None:
    """Add an optional field to some schemas: allowed under every mode."""
    for number in find_changed(count, changes, first):
        schema = make_schema(number)
        find_file(root, number).write_text(make_file({**schema, "fields": [*schema["fields"], _ADDED]}))


def write_configuration(root: Path, port: int) -> None:
    """Write `schemafed.yaml` with the two registries that are measured, an environment for each."""
    lines = (
        "version: 1",
        "registries:",
        "  laptop: {kind: local, path: .schemafed/registry.db}",
        f'  rest: {{kind: confluent, url: "http://127.0.0.1:{port}"}}',
        "environments:",
        "  local: {registries: [laptop]}",
        "  rest: {registries: [rest]}",
    )
    (root / "schemafed.yaml").write_text("\n".join(lines) + "\n")
    (root / ".gitignore").write_text(".schemafed/\n")


def commit_all(root: Path, message: str) -> None:
    """Make what is there one commit, of nobody in particular."""
    identity = ("-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "commit.gpgsign=false")
    if not (root / ".git").exists():
        subprocess.run(["git", "init", "-q", "-b", "main", str(root)], check=True)
    subprocess.run(["git", "-C", str(root), "add", "-A"], check=True)
    subprocess.run(["git", "-C", str(root), *identity, "commit", "-q", "-m", message], check=True)
