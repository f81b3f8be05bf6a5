"""Our verdicts beside those of a real Apicurio Registry, which has rules of its own for JSON Schema and Protobuf.

The pairs are cases of tests/compatibility, named by file and title. docs/compatibility.md lists the known differences.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
import yaml

from reconciler.compatibility import Judged, check
from reconciler.errors import RegistryError
from reconciler.model import Format, Mode, Outcome, Schema
from reconciler.schemas import json_schema, protobuf
from tests.integration.confluent.confluent_samples import OPENED, open_registry
from tests.servers.apicurio import ApicurioServer

pytestmark = pytest.mark.server

CASES = Path(__file__).parents[1] / "compatibility"
# Apicurio takes a text without "$schema" for no JSON Schema.
DRAFT_7 = "http://json-schema.org/draft-07/schema#"
NEWER_DRAFT = "https://json-schema.org/draft/2020-12/schema"

PARSERS: Mapping[Format, ModuleType] = {Format.JSON: json_schema, Format.PROTOBUF: protobuf}

Named = Sequence[tuple[str, str]]

AGREED: Mapping[Format, Named] = {
    Format.JSON: [
        ("annotations", "another title"),
        ("annotations", "a default is added"),
        ("arrays", "an element goes from an open tuple"),
        ("arrays", "elements get a schema"),
        ("arrays", "a list becomes a tuple"),
        ("combinations", "an alternative stands there twice"),
        ("combinations", "alternatives with references"),
        ("combinations", "an alternative changes"),
        ("content", "additional properties become of another type"),
        ("dependencies", "a property needs a schema"),
        ("enumerations", "values are put in another order"),
        ("enumerations", "the values of a property"),
        ("limits", "maxProperties is removed"),
        ("limits", "maxProperties shrinks"),
        ("limits", "minLength is removed"),
        ("limits", "minProperties is added"),
        ("limits", "exclusiveMinimum is removed"),
        ("limits", "multiples of a tenth become multiples of a hundredth"),
        ("limits", "a lowered exclusiveMaximum beside a maximum"),
        ("limits", "the pattern of a property"),
        ("negations", "a negation in a property"),
        ("properties", "an optional property is added to an open model"),
        ("properties", "an optional property is added to a closed model"),
        ("properties", "a property is forbidden in a closed model"),
        ("properties", "a property of any kind in a closed model goes"),
        ("references", "a reference to a reference"),
        ("required", "a property becomes optional"),
        ("required", "two properties become required"),
        ("types", "an integer becomes a number"),
        ("types", "elements become integers"),
        ("types", "a limit of one of two types is tightened"),
    ],
    Format.PROTOBUF: [
        ("enums", "a value is added"),
        ("enums", "an enum within a message is added"),
        ("fields", "a field is added"),
        ("fields", "fields change places"),
        ("fields", "fields swap their numbers and types do not fit"),
        ("fields", "a default changes, proto2"),
        ("kinds", "a message becomes bytes"),
        ("kinds", "a repeated string becomes a map"),
        ("labels", "an optional bool becomes repeated"),
        ("labels", "an optional number becomes a repeated one of its group"),
        ("maps", "blanks in a map's type"),
        ("maps", "the value changes"),
        ("messages", "three messages in a circle"),
        ("messages", "nested messages change places"),
        ("oneofs", "members change places"),
        ("oneofs", "a oneof is renamed, and gets a member"),
        ("oneofs", "a oneof is split in two"),
        ("oneofs", "the only member moves to the top"),
        ("oneofs", "a member moves to the top, the other goes"),
        ("packages", "the package moves within the file"),
        ("required", "a required field is removed"),
        ("scalars", "int64 and sint64"),
        ("scalars", "int32 and string"),
        ("well_known", "values that contain themselves"),
    ],
}

APICURIO_IS_STRICTER: Mapping[Format, Mapping[str, Named]] = {
    Format.JSON: {
        "one type in place of several, and several in place of one, are other types": [
            ("types", "an array becomes one of two types"),
            ("types", "one type in a list becomes the type alone"),
            ("combinations", "a plain schema becomes one of two"),
            ("combinations", "two demands become the only alternative"),
        ],
        "a required property breaks, whatever its default": [
            ("required", "a property with a default becomes required"),
            ("properties", "a required property with a default is added to a closed model"),
        ],
        "it compares keywords that Confluent leaves aside": [
            ("arrays", "what contains asks for is not compared"),
            ("ignored", "the names of properties"),
            ("ignored", "the schemas of patterns"),
            ("ignored", "what a condition asks"),
        ],
        "whatever is added to an open content model breaks": [
            ("properties", "a property that may be anything is added to an open model"),
            ("arrays", "an element of any kind is added to an open tuple"),
        ],
    },
    Format.PROTOBUF: {
        "names count, not numbers alone": [
            ("fields", "a field is renamed"),
            ("fields", "a field gets another number"),
            ("enums", "a value is renamed"),
            ("oneofs", "a member is renamed"),
        ],
        "what goes must be reserved": [
            ("fields", "a field is removed"),
            ("enums", "a value is removed"),
            ("oneofs", "a whole oneof is removed"),
        ],
        "a number that was reserved stays so": [("fields", "a reserved number is used again")],
        "types that are written alike are other types": [
            ("scalars", "int32 and int64"),
            ("scalars", "string and bytes"),
            ("scalars", "enum and int32"),
            ("maps", "the value becomes bytes"),
        ],
        "every label counts": [
            ("labels", "nothing written, then optional"),
            ("labels", "an optional string becomes repeated"),
            ("labels", "an optional message becomes repeated"),
        ],
        "services count": [("ignored", "a service is removed")],
        "editions are not read": [("syntaxes", "proto3 to an edition")],
    },
}

APICURIO_IS_LAXER: Mapping[Format, Mapping[str, Named]] = {
    Format.JSON: {
        "a constant is an enumeration of one": [
            ("enumerations", "a constant becomes an enumeration of it"),
            ("types", "a constant becomes an enumeration with it"),
        ],
        "false is not looked at": [("types", "an object becomes false")],
        "minContains is unknown to draft 7": [("limits", "minContains is compared as written in draft 7")],
    },
    Format.PROTOBUF: {
        "messages may come and go": [
            ("messages", "a message is removed"),
            ("messages", "a nested message is renamed"),
        ],
        "fields may move into a oneof": [
            ("oneofs", "two fields move into a new oneof"),
            ("oneofs", "a member moves to another oneof"),
        ],
        "the package is not looked at": [("packages", "another package"), ("packages", "a package is removed")],
    },
}


def list_pairs(tables: Mapping[Format, Mapping[str, Named]]) -> list[tuple[Format, str, str]]:
    """Every pair of a table by format, file and title."""
    return [
        (schema_format, file, title)
        for schema_format, by_reason in tables.items()
        for named in by_reason.values()
        for file, title in named
    ]


@pytest.mark.parametrize(
    ("schema_format", "file", "title"), list_pairs({f: {"agreed": named} for f, named in AGREED.items()})
)
def test_verdicts_agree(apicurio: ApicurioServer, schema_format: Format, file: str, title: str) -> None:
    old, new = load_pair(schema_format, file, title)

    assert judge_here(old, new) is judge_there(apicurio, old, new)


@pytest.mark.parametrize(("schema_format", "file", "title"), list_pairs(APICURIO_IS_STRICTER))
def test_the_server_is_stricter(apicurio: ApicurioServer, schema_format: Format, file: str, title: str) -> None:
    old, new = load_pair(schema_format, file, title)

    assert judge_here(old, new) is Outcome.COMPATIBLE
    assert judge_there(apicurio, old, new) is Outcome.INCOMPATIBLE


@pytest.mark.parametrize(("schema_format", "file", "title"), list_pairs(APICURIO_IS_LAXER))
def test_the_server_is_laxer(apicurio: ApicurioServer, schema_format: Format, file: str, title: str) -> None:
    old, new = load_pair(schema_format, file, title)

    assert judge_here(old, new) is Outcome.INCOMPATIBLE
    assert judge_there(apicurio, old, new) is Outcome.COMPATIBLE


def test_the_server_fails_over_newer_drafts(apicurio: ApicurioServer) -> None:
    old, new = (
        Schema(Format.JSON, json.dumps({"$schema": NEWER_DRAFT, "type": kind})) for kind in ("integer", "number")
    )

    assert judge_here(old, new) is Outcome.COMPATIBLE
    with pytest.raises(RegistryError, match="HTTP 500"):
        judge_there(apicurio, old, new)


def judge_here(old: Schema, new: Schema) -> Outcome:
    parser = PARSERS[new.format]
    before, after = (parser.parse(parser.read(schema.definition), {}) for schema in (old, new))
    return check(after, [Judged(1, before)], Mode.BACKWARD).outcome


def judge_there(server: ApicurioServer, old: Schema, new: Schema) -> Outcome:
    """Register the old schema under BACKWARD, and ask about the new one."""
    subject = f"compatibility-{uuid4().hex[:10]}"
    registry = open_registry(server.url)
    try:
        registry.register_schema(subject, old)
        registry.set_compatibility(subject, Mode.BACKWARD)
        verdict = registry.probe(subject, new, Mode.BACKWARD)
    finally:
        OPENED.remove(registry)
        registry.close()
    assert verdict is not None
    return verdict.outcome


def load_pair(schema_format: Format, file: str, title: str) -> tuple[Schema, Schema]:
    """The old and the new schema of a case, as files would hold them."""
    case = next(case for case in _load_cases(schema_format, file) if case["case"] == title)
    texts = _json_texts(case) if schema_format is Format.JSON else _protobuf_texts(case)
    old, new = (Schema(schema_format, text) for text in texts)
    return old, new


@cache
def _load_cases(schema_format: Format, file: str) -> list[dict[str, Any]]:
    folder = {Format.JSON: "json_schema", Format.PROTOBUF: "protobuf"}[schema_format]
    cases: list[dict[str, Any]] = yaml.safe_load((CASES / folder / "cases" / f"{file}.yaml").read_text("utf-8"))
    return cases


def _json_texts(case: Mapping[str, Any]) -> list[str]:
    sides = (case["old"], case["new"])
    return [json.dumps({"$schema": DRAFT_7, **side} if isinstance(side, dict) else side) for side in sides]


def _protobuf_texts(case: Mapping[str, Any]) -> list[str]:
    texts = case["files"] if "files" in case else [f"message M {{ {fields} }}" for fields in case["fields"]]
    syntax = case.get("syntax", "proto3")
    syntaxes = syntax if isinstance(syntax, list) else [syntax, syntax]
    return [f"{_head(one)} {text} {case.get('also', '')}" for text, one in zip(texts, syntaxes, strict=True)]


def _head(syntax: str) -> str:
    return f'edition = "{syntax}";' if syntax.isdigit() else f'syntax = "{syntax}";'
