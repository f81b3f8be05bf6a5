"""What is read from the text of a file is what the compiler makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from generated_files import MadeFile, files, render, render_with_noise
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto
from hypothesis import given, settings
from protobuf_pairs import parsed
from test_protobuf_corpus import load

from reconciler.model import Format
from reconciler.schemas import protobuf
from reconciler.schemas.protobuf.types import MAIN, Message, Types
from tests.corpus import needs_corpus, records


def from_compiler(of: Any) -> set[tuple[Any, ...]]:
    """Message, number, name, repeated, oneof and types of every field that is no group."""
    package = of.descriptor.package
    return {
        fact
        for message in of.descriptor.message_type
        for fact in _compiled(message, f"{package}.{message.name}".lstrip("."))
    }


def _compiled(message: DescriptorProto, name: str) -> Iterator[tuple[Any, ...]]:
    entries = {f".{name}.{each.name}": each for each in message.nested_type if each.options.map_entry}
    groups = set()
    for field in message.field:
        if (
            field.type == FieldDescriptorProto.TYPE_GROUP
            and field.type_name == f".{name}.{_group_name(message, field)}"
        ):
            groups.add(_group_name(message, field))
            continue
        entry = entries.get(field.type_name)
        written = tuple(map(_type_name, entry.field)) if entry else (_type_name(field),)
        has_oneof = field.HasField("oneof_index") and not field.proto3_optional
        oneof = message.oneof_decl[field.oneof_index].name if has_oneof else ""
        is_repeated = field.label == FieldDescriptorProto.LABEL_REPEATED and not entry
        yield name, field.number, field.name, is_repeated, oneof, written
    for each in message.nested_type:
        if not each.options.map_entry and each.name not in groups:
            yield from _compiled(each, f"{name}.{each.name}")


def _group_name(message: DescriptorProto, field: FieldDescriptorProto) -> str:
    return next((each.name for each in message.nested_type if each.name.lower() == field.name), "")


def _type_name(field: FieldDescriptorProto) -> str:
    return field.type_name[1:] or FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()


def from_text(types: Types) -> set[tuple[Any, ...]]:
    return {fact for message in types.main.top.messages.values() for fact in _read(types, message)}


def _read(types: Types, message: Message) -> Iterator[tuple[Any, ...]]:
    for field in message.fields.values():
        uses = field.type.entry or (field.type,)
        written = tuple(_meant(types, message.full_name, use.text) for use in uses)
        yield message.full_name, field.number, field.name, field.label == "repeated", field.oneof, written
    for inner in message.messages.values():
        yield from _read(types, inner)


def _meant(types: Types, scope: str, text: str) -> str:
    found = types.find(scope, text)
    return found[0].full_name if found else text


@settings(deadline=None, max_examples=60)
@given(files())
def test_generated_files(made: MadeFile) -> None:
    for text in (render(made), render_with_noise(made, 3)):
        file = parsed(text)
        assert from_text(file.types) == from_compiler(file)


@pytest.mark.parametrize(
    "text",
    [
        "package a.b.c; message M { b.c.N n = 1; c.N o = 2; a.b.c.N p = 3; .a.b.c.N q = 4; N r = 5; } message N {}",
        "package a; message M { N n = 1; message N {} .a.N o = 2; a.N p = 3; } message N {}",
        "package a; message a { N n = 1; message N {} } message N { a.N n = 1; }",
        "message M { map<int32,M> a = 0x1F; map < string , .M > b = 017; repeated . M c = 3; }",
        "message optional {} message M { repeated optional repeated = 1; optional .optional o = 2; }",
        "message M { oneof oneof { string reserved = 1; M M = 2; } M group = 3; }",
        'import "google/protobuf/struct.proto"; message M { google.protobuf.Value v = 1; }',
        'import "google/protobuf/struct.proto"; message M { google.protobuf.NullValue n = 1; }',
        "message M { string group = 1; repeated string optional = 2; string extensions = 3; }",
    ],
)
def test_names_in_narrow_places(text: str) -> None:
    file = parsed(text)

    assert from_text(file.types) == from_compiler(file)


@pytest.mark.parametrize("syntax", ["proto2", "none"])
def test_groups_are_left_out(syntax: str) -> None:
    text = (
        "message M { optional int32 a = 1; repeated group G = 2 { optional int32 b = 3; } oneof c { group H = 4 {} } }"
    )
    file = parsed(text, syntax=syntax)

    assert from_text(file.types) == {("M", 1, "a", False, "", ("int32",))} == from_compiler(file)


@needs_corpus
def test_real_files() -> None:
    paths = [path for path, record in records(Format.PROTOBUF).items() if record["valid"]]

    for path in islice(paths, 0, None, 4):
        assert from_text(load(path).types) == from_compiler(load(path)), path


def test_of_two_imports_that_share_a_name_the_nearer_counts() -> None:
    near = parsed("message N { int32 near = 1; }")
    other = parsed('import "n.proto"; message O { N n = 1; }', {"n.proto": "message N { int32 far = 1; }"})
    text = 'syntax = "proto3"; import "n.proto"; import "o.proto"; message M { O o = 1; N n = 2; }'
    main = protobuf.parse(protobuf.read(text), {"o.proto": other, "n.proto": near})

    found = main.types.find("M", "N")

    assert found is not None
    declaration, origin = found
    assert origin == "n.proto"
    assert declaration is near.file.top.messages["N"]
    assert main.types.find("M", "M") == (main.file.top.messages["M"], MAIN)


def test_well_known_files_are_those_of_the_compiler_whatever_is_given_under_their_names() -> None:
    name = "google/protobuf/timestamp.proto"
    text = f'syntax = "proto3"; import "{name}"; message M {{ google.protobuf.Timestamp t = 1; }}'
    false = parsed("package google.protobuf; message Timestamp { string text = 1; }")
    main = protobuf.parse(protobuf.read(text), {name: false})

    found = main.types.find("M", "google.protobuf.Timestamp")

    assert found is not None and isinstance(found[0], Message)
    assert [field.name for field in found[0].fields.values()] == ["seconds", "nanos"]
