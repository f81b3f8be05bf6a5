"""Hypothesis strategies of Avro schemas, of edits to them, and of data that they describe."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
_DATA: dict[str, st.SearchStrategy[Any]] = {
    "null": st.none(),
    "boolean": st.booleans(),
    "int": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(width=32, allow_nan=False),
    "double": st.floats(allow_nan=False),
    "bytes": st.binary(max_size=4).map(lambda b: bytes(c & 127 for c in b)),
    "string": st.text(st.characters(codec="ascii"), max_size=4),
}


@st.composite
def schemas(draw: st.DrawFn) -> Any:
    """A record with nested types; every named type is defined once and is used by name afterwards, if at all."""
    return _Drawing(draw).record(3)


class _Drawing:
    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._count = 0

    def record(self, depth: int) -> dict[str, Any]:
        name = self._name()
        count = self._draw(st.integers(0, 3))
        return {"type": "record", "name": name, "fields": [self._field(i, depth - 1) for i in range(count)]}

    def _name(self) -> str:
        self._count += 1
        return f"T{self._count}"

    def _field(self, index: int, depth: int) -> dict[str, Any]:
        kind = self._type(depth)
        field = {"name": f"f{index}", "type": kind}
        if kind in ("int", "long", "double") and self._draw(st.booleans()):
            field["default"] = 0
        if isinstance(kind, list) and kind[0] == "null" and self._draw(st.booleans()):
            field["default"] = None
        return field

    def _type(self, depth: int, in_union: bool = False) -> Any:
        kinds = ["primitive"] * 4 + (["array", "map", "record", "enum", "fixed"] if depth > 0 else [])
        kind = self._draw(st.sampled_from(kinds + ([] if in_union or depth < 1 else ["union", "union"])))
        match kind:
            case "primitive":
                return self._draw(st.sampled_from(PRIMITIVES))
            case "array":
                return {"type": "array", "items": self._type(depth - 1)}
            case "map":
                return {"type": "map", "values": self._type(depth - 1)}
            case "record":
                return self.record(depth)
            case "enum":
                symbols = self._draw(st.lists(st.sampled_from("ABCD"), min_size=1, unique=True))
                return {"type": "enum", "name": self._name(), "symbols": symbols}
            case "fixed":
                return {"type": "fixed", "name": self._name(), "size": self._draw(st.integers(1, 2))}
        return self._union(depth)

    def _union(self, depth: int) -> list[Any]:
        branches: dict[str, Any] = {}
        for _ in range(self._draw(st.integers(1, 3))):
            branch = self._type(depth - 1, in_union=True)
            branches.setdefault(branch if isinstance(branch, str) else branch.get("name", branch["type"]), branch)
        return sorted(branches.values(), key=lambda branch: branch != "null")


@st.composite
def edited(draw: st.DrawFn, schema: Any) -> Any:
    """A copy of a schema with a few of the edits that people make."""
    new = copy.deepcopy(schema)
    for _ in range(draw(st.integers(0, 3))):
        spots = [spot for spot in _objects(new) if spot["type"] not in ("array", "map")]
        _edit(draw, draw(st.sampled_from(spots)))
    return new


def _objects(node: Any) -> list[dict[str, Any]]:
    below = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    own = [node] if isinstance(node, dict) and "type" in node else []
    return own + [spot for child in below for spot in _objects(child)]


def _edit(draw: st.DrawFn, spot: dict[str, Any]) -> None:
    if spot["type"] == "record":
        _edit_record(draw, spot)
    elif spot["type"] == "enum":
        spot["symbols"] = draw(st.lists(st.sampled_from("ABCD"), min_size=1, unique=True))
        if draw(st.booleans()):
            spot["default"] = spot["symbols"][0]
        else:
            spot.pop("default", None)
    elif spot["type"] == "fixed":
        spot["size"] = draw(st.integers(1, 2))
    elif spot["type"] in PRIMITIVES:
        spot["type"] = draw(st.sampled_from(PRIMITIVES))
        spot.pop("default", None)
    elif isinstance(spot["type"], list) and len(spot["type"]) > 1:
        spot["type"].pop()


def _edit_record(draw: st.DrawFn, record: dict[str, Any]) -> None:
    fields = record["fields"]
    match draw(st.sampled_from(["add", "remove", "rename", "swap"])):
        case "add":
            name = draw(st.sampled_from(["g", "h"]))
            if all(field["name"] != name for field in fields):
                default = {"default": 0} if draw(st.booleans()) else {}
                fields.insert(0, {"name": name, "type": "int", **default})
        case "remove" if fields:
            fields.pop()
        case "rename" if fields and draw(st.booleans()):
            fields[0]["aliases"], fields[0]["name"] = [fields[0]["name"]], "renamed"
            if any(field["name"] == "renamed" for field in fields[1:]) or fields[0]["aliases"] == ["renamed"]:
                fields.pop(0)
        case "swap":
            fields.reverse()


def values(schema: Any) -> st.SearchStrategy[Any]:
    """Data that a schema without references describes."""
    if isinstance(schema, str):
        return _DATA[schema]
    if isinstance(schema, list):
        return st.one_of([_tagged(branch) for branch in schema])
    match schema["type"]:
        case "record":
            return st.fixed_dictionaries({field["name"]: values(field["type"]) for field in schema["fields"]})
        case "array":
            return st.lists(values(schema["items"]), max_size=2)
        case "map":
            return st.dictionaries(st.sampled_from("kl"), values(schema["values"]), max_size=2)
        case "enum":
            return st.sampled_from(schema["symbols"])
        case "fixed":
            return st.binary(min_size=schema["size"], max_size=schema["size"])
    return values(schema["type"])


def _tagged(branch: Any) -> st.SearchStrategy[Any]:
    """Data of one branch of a union; a record's says which branch it is, as fastavro wants it."""
    if isinstance(branch, dict) and branch["type"] == "record":
        return values(branch).map(lambda value: (branch["name"], value))
    return values(branch)
