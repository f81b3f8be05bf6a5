"""The values of a whole schema, in whichever format, and of what differs between two."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

from reconciler.model import Format
from reconciler.model import Schema as SchemaText
from reconciler.policy.avro_facts import find_avro
from reconciler.policy.facts import Definition, DefinitionChange, Field, FieldChange, Schema
from reconciler.policy.json_facts import find_json
from reconciler.policy.making import Found
from reconciler.policy.protobuf_facts import find_protobuf
from reconciler.schemas import Document, read
from reconciler.schemas.json_positions import without_comments
from reconciler.schemas.protobuf import statements_of

Element = TypeVar("Element", Field, Definition)


def make_schema(schema: SchemaText) -> Schema:
    """Make the values of a valid schema; tags of its metadata are with the fields that they name."""
    document = read(schema.format, schema.definition)
    found = _FINDERS.get(schema.format, _find_nothing)(document)
    if schema.metadata is not None and schema.metadata.tags:
        _add_tags(found.fields, schema.metadata.tags)
    if any(field["tags"] for field in found.fields):
        _hand_down_tags(found.fields)
    outermost = next((d for d in found.definitions if d["is_outermost"]), None)
    return {
        "format": str(schema.format),
        "dialect": found.dialect,
        "name": document.name,
        "namespace": document.namespace,
        "doc": found.doc or (outermost["doc"] if outermost else ""),
        "size": len(schema.definition.encode("utf-8", "surrogatepass")),
        "depth": max([field["depth"] for field in found.fields], default=0),
        "documented": len([field for field in found.fields if field["doc"]]),
        "fields": found.fields,
        "definitions": found.definitions,
        "needs": [need.name for need in document.needs],
        "options": found.options,
    }


def _find_avro(document: Document) -> Found:
    return find_avro(json.loads(without_comments(document.definition)))


def _find_json(document: Document) -> Found:
    return find_json(json.loads(document.definition), document.name)


def _find_protobuf(document: Document) -> Found:
    return find_protobuf(statements_of(document))


def _find_nothing(document: Document) -> Found:
    """What rules about fields have nothing to say of."""
    return Found()


_FINDERS = {Format.AVRO: _find_avro, Format.JSON: _find_json, Format.PROTOBUF: _find_protobuf}


def _add_tags(fields: Sequence[Field], tags: Mapping[str, Sequence[str]]) -> None:
    """Give each field the tags of the paths that lead to it: `com.acme.Order.email`, `Order.email`, `**.email`."""
    for path, names in tags.items():
        wanted = path.removeprefix("**.").removeprefix("$.").strip("/").replace("/", ".")
        for field in fields:
            whole = f"{field['definition']}.{field['name']}"
            if any(own == wanted or wanted.endswith("." + own) for own in (field["path"], whole)) or (
                path.startswith("**.") and field["name"] == wanted
            ):
                field["tags"] += [name for name in names if name not in field["tags"]]


def _hand_down_tags(fields: Sequence[Field]) -> None:
    """Give fields the tags of the fields that hold them; outer ones come before inner ones."""
    tagged: dict[str, list[str]] = {}
    for field in fields:
        path = field["path"]
        holders = (path[:end] for end, mark in enumerate(path) if mark in ".[{")
        for tag in (tag for holder in holders for tag in tagged.get(holder, ())):
            if tag not in field["tags"]:
                field["tags"].append(tag)
        if field["tags"]:
            tagged[path] = field["tags"]


def compare_fields(before: Schema | None, after: Schema) -> list[FieldChange]:
    """What became of each field, by its path; those that stayed as they were are left out."""
    return [cast(FieldChange, dict(change)) for change in _compare(_of(before, "fields"), after["fields"])]


def compare_definitions(before: Schema | None, after: Schema) -> list[DefinitionChange]:
    """What became of each type, by its path; those that stayed as they were are left out."""
    return [
        cast(DefinitionChange, {**change, **_compare_values(change["before"], change["after"])})
        for change in _compare(_of(before, "definitions"), after["definitions"])
    ]


def _of(schema: Schema | None, key: str) -> list[Any]:
    return cast("list[Any]", cast("dict[str, Any]", schema)[key]) if schema else []


def _compare(before: Sequence[Any], after: Sequence[Any]) -> Iterator[dict[str, Any]]:
    old = {each["path"]: each for each in before}
    new = {each["path"]: each for each in after}
    for path in dict.fromkeys((*old, *new)):
        one, other = old.get(path), new.get(path)
        if one == other or (one and other and _is_moved(one, other)):
            continue
        kind = "added" if one is None else "removed" if other is None else "changed"
        # What is removed has no place in the new text; its finding stands at the file.
        yield {"kind": kind, "path": path, "at": other["at"] if other else "", "before": one, "after": other}


def _is_moved(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return {**one, "at": ""} == {**other, "at": ""}


def _compare_values(before: Definition | None, after: Definition | None) -> dict[str, list[str]]:
    old = [value["name"] for value in before["values"]] if before else []
    new = [value["name"] for value in after["values"]] if after else []
    return {"values_added": [n for n in new if n not in old], "values_removed": [n for n in old if n not in new]}
