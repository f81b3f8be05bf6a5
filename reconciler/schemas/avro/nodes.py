"""Schemas as linked nodes with names resolved: the form that walks over whole schemas are quick on.

A primitive is one node for the whole process, and so is a union, an array or a map of primitives, so that equal ones
are the same object.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from reconciler.schemas.avro.defaults import definition_namespace
from reconciler.schemas.avro.names import PRIMITIVES, qualify, qualify_alias, split_name


class Field:
    """A record's field. ``aliases`` are plain names."""

    __slots__ = ("aliases", "has_default", "name", "node")

    def __init__(self, name: str, node: Node, has_default: bool, aliases: tuple[str, ...]) -> None:
        self.name = name
        self.node = node
        self.has_default = has_default
        self.aliases = aliases


class Node:
    """A type.

    ``kind`` is Avro's word (``error`` counts as ``record``), ``name`` a named type's full name and ``aliases`` its
    qualified aliases. ``fields``, ``symbols``, ``size`` and ``inner`` (items, values, or a union's branches) are empty
    where the kind has none. ``default`` is an enum's. ``by_name`` finds a record's field by name.
    """

    __slots__ = ("aliases", "by_name", "default", "fields", "inner", "kind", "name", "simple_name", "size", "symbols")

    def __init__(self, kind: str, name: str = "", inner: tuple[Node, ...] = ()) -> None:
        self.kind = kind
        self.name = name
        self.simple_name = name.rpartition(".")[2]
        self.inner = inner
        self.aliases: frozenset[str] = frozenset()
        self.fields: tuple[Field, ...] = ()
        self.by_name: dict[str, Field] = {}
        self.symbols: tuple[str, ...] = ()
        self.default: str | None = None
        self.size = 0

    def __repr__(self) -> str:
        return f"Node({self.kind}, {self.name})"


_PRIMITIVE_NODES = {name: Node(name) for name in PRIMITIVES}
_INNER = {"array": "items", "map": "values"}
_COLLECTION_NODES = {
    (kind, name): Node(kind, inner=(node,)) for kind in _INNER for name, node in _PRIMITIVE_NODES.items()
}


@lru_cache(maxsize=4096)
def _primitive_union(*branches: str) -> Node:
    return Node("union", inner=tuple(_PRIMITIVE_NODES[branch] for branch in branches))


def make_node(raw: object, definitions: Mapping[str, dict[str, Any]]) -> Node:
    """Link a valid schema.

    Args:
        raw: its JSON.
        definitions: every named type that it can use, by full name.
    """
    return _Linking(definitions).link(raw, "")


class _Linking:
    def __init__(self, definitions: Mapping[str, dict[str, Any]]) -> None:
        self._definitions = definitions
        self._named: dict[str, Node] = {}

    def link(self, raw: object, namespace: str) -> Node:
        if isinstance(raw, list):
            return self._union(raw, namespace)
        if isinstance(raw, str):
            return _PRIMITIVE_NODES.get(raw) or self._find(raw, namespace)
        assert isinstance(raw, dict)
        kind: str = raw["type"]
        if kind in _PRIMITIVE_NODES:
            return _PRIMITIVE_NODES[kind]
        if kind in _INNER:
            return self._collection(kind, raw[_INNER[kind]], namespace)
        if kind in ("record", "error", "enum", "fixed"):
            return self._named_type(raw, namespace)
        return self._find(kind, namespace)

    def _union(self, raw: list[Any], namespace: str) -> Node:
        for branch in raw:
            if branch.__class__ is not str or branch not in _PRIMITIVE_NODES:
                return Node("union", inner=tuple([self.link(branch, namespace) for branch in raw]))
        return _primitive_union(*raw)

    def _collection(self, kind: str, raw: object, namespace: str) -> Node:
        inner = self.link(raw, namespace)
        return _COLLECTION_NODES.get((kind, inner.kind)) or Node(kind, inner=(inner,))

    def _find(self, name: str, namespace: str) -> Node:
        full = qualify(name, namespace)
        if full not in self._definitions:
            full = name
        return self._named.get(full) or self._define(self._definitions[full], full)

    def _named_type(self, raw: dict[str, Any], namespace: str) -> Node:
        own = definition_namespace(raw, namespace)
        name = split_name(raw["name"])[1]
        full = f"{own}.{name}" if own else name
        return self._named.get(full) or self._define(raw, full)

    def _define(self, raw: dict[str, Any], full: str) -> Node:
        kind = "record" if raw["type"] == "error" else raw["type"]
        namespace = split_name(full)[0]
        node = self._named[full] = Node(kind, full)
        node.aliases = frozenset(qualify_alias(alias, namespace) for alias in raw.get("aliases") or ())
        node.symbols = tuple(raw["symbols"]) if kind == "enum" else ()
        default = raw.get("default")
        node.default = default if kind == "enum" and isinstance(default, str) else None
        node.size = raw["size"] if kind == "fixed" else 0
        if kind == "record":
            node.fields = tuple([self._field(field, namespace) for field in raw["fields"]])
            node.by_name = {field.name: field for field in node.fields}
        return node

    def _field(self, raw: dict[str, Any], namespace: str) -> Field:
        kind = raw["type"]
        node = (_PRIMITIVE_NODES.get(kind) if kind.__class__ is str else None) or self.link(kind, namespace)
        aliases = tuple(dict.fromkeys(raw["aliases"])) if "aliases" in raw else ()
        return Field(raw["name"], node, "default" in raw, aliases)
