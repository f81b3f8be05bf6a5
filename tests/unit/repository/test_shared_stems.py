"""One name in several formats: each schema can have a sidecar and a subject of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.repository import load_desired_state

CONFIGURATION = "version: 1\nregistries:\n  r: {kind: local, path: x.db}\n"
FILES = {
    "schemas/event.avsc": '"string"',
    "schemas/event.schema.json": '{"type": "string"}',
    "schemas/event.proto": 'syntax = "proto3";\nmessage Event { string id = 1; }\n',
}


def write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def test_a_template_can_tell_formats_apart(tmp_path: Path) -> None:
    write(tmp_path, {"schemafed.yaml": CONFIGURATION + 'subjects: {name: "{{ stem }}-{{ format }}"}\n', **FILES})

    state = load_desired_state(tmp_path)

    assert state.findings == ()
    assert sorted(state.subjects) == ["event-avro", "event-json", "event-protobuf"]


def test_a_sidecar_can_name_the_whole_file(tmp_path: Path) -> None:
    sidecars = {f"{path}.meta.yaml": f"subject: {path[8:]}\n" for path in FILES}
    write(tmp_path, {"schemafed.yaml": CONFIGURATION, **FILES, **sidecars})

    state = load_desired_state(tmp_path)

    assert state.findings == ()
    assert sorted(state.subjects) == ["event.avsc", "event.proto", "event.schema.json"]


def test_a_sidecar_is_no_schema_even_where_a_pattern_takes_everything(tmp_path: Path) -> None:
    files = {
        "schemas/defaults.yaml": 'files: {"*": json}\n',
        "schemas/1-0-0": '{"type": "string"}',
        "schemas/1-0-0.meta.yaml": "subject: first\n",
    }
    write(tmp_path, {"schemafed.yaml": CONFIGURATION, **files})

    state = load_desired_state(tmp_path)

    assert state.findings == ()
    assert sorted(state.subjects) == ["first"]


@pytest.mark.parametrize(("key", "kind"), [("openapi", "OpenAPI"), ("swagger", "OpenAPI"), ("asyncapi", "AsyncAPI")])
def test_a_description_of_an_interface_is_no_json_schema(tmp_path: Path, key: str, kind: str) -> None:
    write(tmp_path, {"schemafed.yaml": CONFIGURATION, "schemas/api.json": f'{{"{key}": "3.0.0", "info": {{}}}}'})

    (finding,) = load_desired_state(tmp_path).findings

    assert (finding.code, str(finding.location)) == ("SCHEMA_INVALID", "schemas/api.json:1:2")
    assert finding.message == f"this is an {kind} document, not a JSON Schema"
