"""Avro: re-serialised as the registry does, and judged by Apache's own Python package."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.errors import AvroException
from avro.name import Names
from avro.schema import make_avsc_object

from tests.doubles.confluent.formats.parsed import Dependency, InvalidTextError, Parsed, make_reason

_PRIMITIVES = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})
_FIRST_KEYS = {
    "record": ("doc", "fields"),
    "error": ("doc", "fields"),
    "enum": ("doc", "symbols", "default"),
    "fixed": ("doc", "size"),
}
_FIELD_KEYS = ("name", "type", "doc", "default", "order", "aliases")


def parse(text: str, dependencies: tuple[Dependency, ...], normalize: bool) -> Parsed:
    """Parse a text after the schemas that it references; Avro has nothing more to normalise.

    Raises InvalidTextError for text that is no JSON or no Avro schema.
    """
    names = Names()
    try:
        for dependency in dependencies:
            make_avsc_object(_without_logical_types(json.loads(dependency.text)), names)
        node = json.loads(text)
        model = make_avsc_object(_without_logical_types(node), names)
        stored = _render(node, "")
    except (AvroException, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidTextError(f"no Avro schema: {error}") from error
    compact = json.dumps(stored, separators=(",", ":"), ensure_ascii=False)
    # Only aliases are left to be put in order, and few schemas have any.
    identity = json.dumps(_sort(stored)) if '"aliases"' in compact else compact
    return Parsed("AVRO", compact, identity, model)


def judge(reader: Parsed, writer: Parsed) -> list[str]:
    """Tell why `reader` cannot read what `writer` wrote; Apache's rules, names compared unqualified."""
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]
    result = checker.get_compatibility(reader.model, writer.model)
    if result.compatibility is not SchemaCompatibilityType.incompatible:
        return []
    kinds = sorted({kind.name.upper() for kind in result.incompatibilities})
    where, what = ", ".join(sorted(result.locations)), ", ".join(sorted(result.messages))
    return [make_reason(kind, where, f"The new and the old schema differ ({what})", what) for kind in kinds]


def _without_logical_types(node: Any) -> Any:
    """Drop them: compatibility ignores them, and Apache's package warns about each that it does not know."""
    match node:
        case dict():
            return {key: _without_logical_types(value) for key, value in node.items() if key != "logicalType"}
        case list():
            return [_without_logical_types(value) for value in node]
        case _:
            return node


def _render(node: Any, namespace: str) -> Any:
    """Order a schema's keys as Avro's Java library writes them."""
    match node:
        case str():
            return node if node in _PRIMITIVES else _shorten(_qualify(node, namespace), namespace)
        case list():
            return [_render(branch, namespace) for branch in node]
        case {"type": dict() | list()}:
            return _render(node["type"], namespace)
        case {"type": "array", **rest}:
            return {"type": "array", "items": _render(rest.pop("items"), namespace), **_sorted(rest)}
        case {"type": "map", **rest}:
            return {"type": "map", "values": _render(rest.pop("values"), namespace), **_sorted(rest)}
        case {"type": kind} if kind in _FIRST_KEYS:
            return _render_named(node, namespace)
        case {"type": kind, **rest}:
            name = _render(kind, namespace)
            return {"type": name, **_sorted(rest)} if rest else name
        case _:
            raise InvalidTextError(f"no Avro schema: {node!r}")


def _render_named(node: dict[str, Any], outer: str) -> dict[str, Any]:
    kind, given = node["type"], str(node["name"])
    own = given.rpartition(".")[0] if "." in given else str(node.get("namespace", outer) or "")
    out: dict[str, Any] = {"type": kind, "name": given.rpartition(".")[2]}
    if own != outer:
        out["namespace"] = own
    for key in _FIRST_KEYS[kind]:
        if key == "fields":
            out["fields"] = [_render_field(field, own) for field in node["fields"]]
        elif key in node:
            out[key] = node[key]
    done = {"type", "name", "namespace", "aliases", *_FIRST_KEYS[kind]}
    out.update(_sorted({key: value for key, value in node.items() if key not in done}))
    if "aliases" in node:
        out["aliases"] = [_shorten(_qualify(alias, own), own) for alias in node["aliases"]]
    return out


def _render_field(field: dict[str, Any], namespace: str) -> dict[str, Any]:
    ordered = {key: field[key] for key in _FIELD_KEYS if key in field}
    ordered["type"] = _render(field["type"], namespace)
    if ordered.get("order") == "ascending":
        del ordered["order"]
    return {**ordered, **_sorted({key: field[key] for key in field if key not in _FIELD_KEYS})}


def _sorted(properties: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(key): properties[key] for key in sorted(properties)}


def _qualify(name: str, namespace: str) -> str:
    return name if "." in name or not namespace else f"{namespace}.{name}"


def _shorten(name: str, namespace: str) -> str:
    space, _, short = name.rpartition(".")
    return short if space == namespace else name


def _sort(node: Any) -> Any:
    """Sort aliases: their order is no difference."""
    match node:
        case dict():
            return {key: sorted(v) if key == "aliases" else _sort(v) for key, v in node.items()}
        case list():
            return [_sort(value) for value in node]
        case _:
            return node
