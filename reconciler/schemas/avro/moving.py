"""Types that move from one text into another, where another namespace stands around them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from reconciler.schemas.avro.defaults import definition_namespace
from reconciler.schemas.avro.names import PRIMITIVES, qualify, split_name
from reconciler.schemas.avro.reading import Reading

INNER = {"array": "items", "map": "values"}
_RECORDS = ("record", "error")
NAMED = (*_RECORDS, "enum", "fixed")


class Inlining:
    """Copies types and writes some definitions inline, each where it is first used.

    Args:
        definitions: the types to write inline, by full name.
    """

    def __init__(self, definitions: Mapping[str, dict[str, Any]]) -> None:
        self._definitions = definitions
        self._written: set[str] = set()

    def rewrite(self, raw: object, namespace: str) -> object:
        """Copy a type of the outer text; its own names stay as they are written."""
        if isinstance(raw, str):
            return self._name(raw, namespace)
        if isinstance(raw, list):
            return [self.rewrite(branch, namespace) for branch in raw]
        assert isinstance(raw, dict)
        kind = raw["type"]
        if kind in PRIMITIVES or kind in ("enum", "fixed"):
            return raw
        if kind in INNER:
            return raw | {INNER[kind]: self.rewrite(raw[INNER[kind]], namespace)}
        if kind in _RECORDS:
            return self._fields(raw, definition_namespace(raw, namespace))
        return self._name(kind, namespace)

    def _fields(self, raw: dict[str, Any], namespace: str) -> dict[str, Any]:
        return raw | {"fields": [f | {"type": self.rewrite(f["type"], namespace)} for f in raw["fields"]]}

    def _name(self, name: str, namespace: str) -> object:
        full = qualify(name, namespace)
        if full not in self._definitions:
            full = name
        if name in PRIMITIVES or full not in self._definitions or full in self._written:
            return name
        return self.define(full)

    def define(self, full: str) -> dict[str, Any]:
        """Copy a type of a dependency, its names written out, since it moves into another namespace."""
        self._written.add(full)
        namespace, name = split_name(full)
        raw = dict(_renamed(self._definitions[full], name, namespace))
        if "fields" in raw and raw["type"] in _RECORDS:
            raw["fields"] = [f | {"type": self._moved(f["type"], namespace)} for f in raw["fields"]]
        return raw

    def _moved(self, raw: object, namespace: str) -> object:
        if isinstance(raw, list):
            return [self._moved(branch, namespace) for branch in raw]
        if isinstance(raw, dict) and raw["type"] in INNER:
            key = INNER[raw["type"]]
            return raw | {key: self._moved(raw[key], namespace)}
        if isinstance(raw, dict) and raw["type"] in PRIMITIVES:
            return raw
        if isinstance(raw, dict) and raw["type"] in NAMED:
            own = definition_namespace(raw, namespace)
            return self._use(f"{own}.{split_name(raw['name'])[1]}".removeprefix("."))
        name = cast(str, raw["type"] if isinstance(raw, dict) else raw)
        if name in PRIMITIVES:
            return name
        full = qualify(name, namespace)
        return self._use(full if full in self._definitions or "." not in full else self._known(full, name))

    def _known(self, full: str, name: str) -> str:
        return name if name in self._definitions else full

    def _use(self, full: str) -> object:
        return full if full in self._written or full not in self._definitions else self.define(full)


def _renamed(raw: dict[str, Any], name: str, namespace: str) -> Iterator[tuple[str, Any]]:
    """A definition's members with its name and namespace apart, the namespace right after the name."""
    for key, value in raw.items():
        if key == "name":
            yield "name", name
            yield "namespace", namespace
        elif key != "namespace":
            yield key, value


def without_definitions(raw: object, namespace: str, names: frozenset[str]) -> object:
    """Copy a valid schema with the name in place of each definition of ``names``."""
    if isinstance(raw, list):
        return [without_definitions(branch, namespace, names) for branch in raw]
    if not isinstance(raw, dict):
        return raw
    kind = raw["type"]
    if kind in INNER:
        return raw | {INNER[kind]: without_definitions(raw[INNER[kind]], namespace, names)}
    if kind in NAMED:
        own = definition_namespace(raw, namespace)
        full = f"{own}.{split_name(raw['name'])[1]}".removeprefix(".")
        if full in names:
            return full
        if kind in _RECORDS:
            fields = [f | {"type": without_definitions(f["type"], own, names)} for f in raw["fields"]]
            return raw | {"fields": fields}
    return raw


def are_same(full: str, one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two definitions of a name are equal, wherever the types inside them are defined."""
    texts = {Reading("").schema(Inlining({full: raw}).define(full), "", ()) for raw in (one, other)}
    return len(texts) == 1
