"""The remedies that findings about Avro schemas name, done to the new schema as an author would.

An edit gets the case's schemas in full and where in each of them the finding is, as steps; it returns the versions to
register one after the other, the last of which is what the author wanted or the remedy leaves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from reconciler.compatibility.avro.places import find_place
from reconciler.model import Direction, Finding
from reconciler.schemas.avro.counterparts import find_counterpart
from reconciler.schemas.json_positions import pointer_parts
from tests.compatibility.json_schema.json_edits import find, put


@dataclass(frozen=True)
class Place:
    """Two versions, where a finding is in each, and the finding's fix."""

    old: Any
    new: Any
    in_old: Sequence[str]
    in_new: Sequence[str]
    fix: str

    @property
    def field(self) -> Any:
        """The field of the old schema that is meant, or that holds what is meant."""
        return find(self.old, _upto_field(self.in_old))


Edit = Callable[[Place], Sequence[Any]]


def make_place(old: Any, new: Any, old_text: str, new_text: str, finding: Finding) -> Place:
    path = (finding.path or "").rstrip("/")
    if finding.code == "MISSING_UNION_BRANCH" and path.rpartition("/")[2].isdecimal():
        path = path.rpartition("/")[0]
    whole = path.removesuffix("/name").removesuffix("/size").removesuffix("/symbols")
    if finding.direction is Direction.FORWARD:
        return Place(old, new, _steps(whole), _steps(find_counterpart(whole, old_text, new_text)), finding.fix or "")
    in_new = find_place(finding, old_text, new_text).rstrip("/")
    in_new = in_new.removesuffix("/name").removesuffix("/size").removesuffix("/symbols")
    in_old = find_counterpart(in_new, new_text, old_text)
    return Place(old, new, _steps(in_old), _steps(in_new), finding.fix or "")


def _steps(path: str) -> Sequence[str]:
    return [step for step in pointer_parts(path) if step]


def _upto_field(steps: Sequence[str]) -> Sequence[str]:
    last = max((index for index, step in enumerate(steps) if step == "fields"), default=-2)
    return steps[: last + 2]


def keep_type(at: Place) -> Sequence[Any]:
    """Put the old type back."""
    return [put(at.new, at.in_new, find(at.old, at.in_old))]


def add_new_field(at: Place) -> Sequence[Any]:
    """Leave the field as it was, and add what the author wanted beside it."""
    place = _upto_field(at.in_new)
    wanted = find(at.new, place)
    kept = put(at.new, place, {**at.field, "name": wanted["name"], **_aliases(wanted)})
    added = {"name": "added", "type": ["null", *_others(_renamed(wanted["type"]))], "default": None}
    return [put(kept, place[:-1], [*find(kept, place[:-1]), added])]


def _aliases(field: Any) -> dict[str, Any]:
    return {"aliases": field["aliases"]} if "aliases" in field else {}


def _others(schema: Any) -> Iterator[Any]:
    yield from (branch for branch in (schema if isinstance(schema, list) else [schema]) if branch != "null")


def _renamed(schema: Any) -> Any:
    return {**schema, "name": "Added"} if isinstance(schema, dict) and "name" in schema else schema


def add_default(value: Any) -> Edit:
    def with_default(at: Place) -> Sequence[Any]:
        return [put(at.new, [*_upto_field(at.in_new), "default"], value)]

    return with_default


def put_null_first(at: Place) -> Sequence[Any]:
    place = _upto_field(at.in_new)
    field = find(at.new, place)
    return [put(at.new, place, {**field, "type": ["null", *_others(field["type"])], "default": None})]


def make_optional(at: Place) -> Sequence[Any]:
    place = _upto_field(at.in_new)
    field = find(at.new, place)
    return [put(at.new, place, {**field, "type": ["null", field["type"]], "default": None})]


def keep_field_then_remove(at: Place) -> Sequence[Any]:
    """Keep the field, give it a default in one version, and remove it in the next."""
    name = at.field["name"]
    fields = [*_upto_field(at.in_new)[:-1]] or ["fields"]
    if "fields" not in fields:
        fields = [*fields, "fields"]
    others = [_without_alias(field, name) for field in find(at.new, fields) if field["name"] != name]
    symbols = at.field["type"].get("symbols") if isinstance(at.field["type"], dict) else None
    default = symbols[0] if symbols else {"long": 0, "string": "", "int": 0}.get(at.field["type"])
    kept = put(at.new, fields, [*others, at.field])
    return [kept, put(kept, fields, [*others, {**at.field, "default": default}]), at.new]


def _without_alias(field: Any, name: str) -> Any:
    aliases = [alias for alias in field.get("aliases", ()) if alias != name]
    return {
        **{key: value for key, value in field.items() if key != "aliases"},
        **({"aliases": aliases} if aliases else {}),
    }


def remove_aliases(at: Place) -> Sequence[Any]:
    place = _upto_field(at.in_new)
    field = find(at.new, place)
    taken = {other["name"] for other in find(at.old, [*_upto_field(at.in_old)[:-1]] or ["fields"])}
    aliases = [alias for alias in field["aliases"] if alias not in taken]
    return [put(at.new, place, {**field, "aliases": aliases})]


def rename_added(at: Place) -> Sequence[Any]:
    fields = [*_upto_field(at.in_new)[:-1]]
    names = at.field["aliases"]
    renamed = [{**f, "name": f"{f['name']}_added"} if f["name"] in names else f for f in find(at.new, fields)]
    return [put(at.new, fields, renamed)]


def add_alias(at: Place) -> Sequence[Any]:
    """Add the alias as the fix has it, character for character."""
    new = find(at.new, at.in_new)
    (alias,) = re.findall(r'"aliases": \["(.+?)"\]', at.fix)
    return [put(at.new, at.in_new, {**new, "aliases": [*new.get("aliases", ()), alias]})]


def keep_simple_name(at: Place) -> Sequence[Any]:
    """Put the old name back, and leave it in the new namespace."""
    new = find(at.new, at.in_new)
    namespace, _, _ = new["name"].rpartition(".")
    return [put(at.new, at.in_new, {**new, "name": f"{namespace}.{find(at.old, at.in_old)['name']}".removeprefix(".")})]


def keep_part(*words: str) -> Edit:
    """Put some of a type's own words back: its name, its size, its symbols."""

    def with_part(at: Place) -> Sequence[Any]:
        old, new = find(at.old, at.in_old), deepcopy(find(at.new, at.in_new))
        kept = {word: old[word] for word in words if word in old}
        return [put(at.new, at.in_new, {**{k: v for k, v in new.items() if k not in words}, **kept})]

    return with_part


def add_enum_default(at: Place) -> Sequence[Any]:
    new = find(at.new, at.in_new)
    return [put(at.new, at.in_new, {**new, "default": new["symbols"][0]})]


def add_enum_default_first(at: Place) -> Sequence[Any]:
    """Leave the symbols out, give a default in one version, and add them in the next."""
    old = find(at.old, at.in_old)
    (without,) = keep_part("symbols", "default")(at)
    with_default = put(without, at.in_new, {**find(without, at.in_new), "default": old["symbols"][0]})
    wanted = {**find(at.new, at.in_new), "default": old["symbols"][0], "symbols": [*old["symbols"], "ADDED"]}
    return [without, with_default, put(at.new, at.in_new, wanted)]
