"""JSON Schema: stored compactly; judged by a rule much smaller than the vendor's.

The double calls one thing incompatible: a `type` that stands on both sides, at the root or below `properties` and
`items`, and that does not accept all that the old one accepted (`integer` widened to `number` is accepted). That is
enough to test how a verdict of the server is asked for and shown; it is no reference for the rules.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from jsonschema import validators
from jsonschema.exceptions import SchemaError

from tests.doubles.confluent.formats.parsed import Dependency, InvalidTextError, Parsed, make_reason


def parse(text: str, dependencies: tuple[Dependency, ...], normalize: bool) -> Parsed:
    """Parse a text; with `normalize`, object keys are sorted.

    Raises InvalidTextError for text that is no JSON, no schema of its draft, or that has a `$ref` to nowhere.
    """
    try:
        node = json.loads(text)
    except ValueError as error:
        raise InvalidTextError(f"no JSON: {error}") from error
    if not isinstance(node, dict | bool):
        raise InvalidTextError("a JSON Schema is an object or a boolean")
    try:
        if isinstance(node, dict):
            validators.validator_for(node, default=validators.Draft7Validator).check_schema(node)
    except SchemaError as error:
        raise InvalidTextError(f"no JSON Schema: {error.message}") from error
    known = {dependency.name for dependency in dependencies}
    if lost := [target for target in _find_targets(node) if not _is_known(target, node, known)]:
        raise InvalidTextError(f"unresolved $ref: {', '.join(lost)}")
    stored = json.dumps(node, separators=(",", ":"), ensure_ascii=False, sort_keys=normalize)
    return Parsed("JSON", stored, stored, node)


def judge(reader: Parsed, writer: Parsed) -> list[str]:
    """Tell why data of `writer` may not be valid for `reader`."""
    return [
        make_reason("TYPE_CHANGED", path, "The type in the new schema differs", f"{old} to {new}")
        for path, new, old in _find_changed_types(reader.model, writer.model, "#")
    ]


def _find_targets(node: Any) -> Iterator[str]:
    match node:
        case dict():
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            for value in node.values():
                yield from _find_targets(value)
        case list():
            for value in node:
                yield from _find_targets(value)


def _is_known(target: str, root: Any, names: set[str]) -> bool:
    document, _, pointer = target.partition("#")
    if document:
        return document in names or document == root.get("$id") or document.startswith("http://json-schema.org/")
    return not pointer.startswith("/") or _resolves(pointer, root)


def _resolves(pointer: str, node: Any) -> bool:
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        if not isinstance(node, dict | list) or (isinstance(node, list) and not key.isdigit()):
            return False
        if (key not in node) if isinstance(node, dict) else (int(key) >= len(node)):
            return False
        node = node[key] if isinstance(node, dict) else node[int(key)]
    return True


def _find_changed_types(new: Any, old: Any, path: str) -> Iterator[tuple[str, str, str]]:
    if not isinstance(new, dict) or not isinstance(old, dict):
        return
    if "type" in new and "type" in old and not _accepted(old["type"]) <= _accepted(new["type"]):
        yield f"{path}/type", str(new["type"]), str(old["type"])
    for name, schema in new.get("properties", {}).items():
        yield from _find_changed_types(schema, old.get("properties", {}).get(name), f"{path}/properties/{name}")
    yield from _find_changed_types(new.get("items"), old.get("items"), f"{path}/items")


def _accepted(types: str | list[str]) -> set[str]:
    names = {types} if isinstance(types, str) else set(types)
    return names | {"integer"} if "number" in names else names
