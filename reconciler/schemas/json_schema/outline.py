"""A JSON Schema as a list of its elements, in words that a person compares."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from reconciler.schemas import Element
from reconciler.schemas.json_positions import escape_surrogates, pointer, pointer_parts, render_json
from reconciler.schemas.json_schema.content import (
    LISTS_OF_SCHEMAS,
    ONE_SCHEMA,
    SCHEMAS_BY_NAME,
    Content,
    Node,
)

ROOT = "(root)"

_NOTES = frozenset(
    {"title", "description", "examples", "example", "deprecated", "$comment", "$schema", "$id", "id", "$anchor"}
)
_TOLD_BY_TYPE = frozenset({"type", "enum", "const", "$ref"})
_TOLD_BY_CHILDREN = frozenset({*ONE_SCHEMA, *LISTS_OF_SCHEMAS, *SCHEMAS_BY_NAME})
_HOLD_OBJECTS = frozenset({"default", "dependentRequired", "$vocabulary", *_TOLD_BY_TYPE})
_KINDS: Mapping[str, str] = {
    "": "schema",
    "properties": "property",
    "patternProperties": "pattern property",
    "definitions": "definition",
    "$defs": "definition",
    "dependencies": "dependency",
    "dependentSchemas": "dependency",
    "prefixItems": "items",
}
_PLAIN_NAME = re.compile(r"[A-Za-z_$@][\w$@-]*")


def make_outline(content: Content) -> dict[str, Element]:
    """List the subschemas by dotted path, in the order of the text.

    A property is ``customer.email``, an element of an array ``tags[]``, of a tuple ``pair[0]``; a branch is
    ``payment.oneOf/1``, a definition ``$defs/address.street``; the schema itself is ``(root)``.
    """
    elements: dict[str, Element] = {}
    for node in content.nodes.values():
        path, keyword = _dotted(node.path)
        elements[path] = _element(node, keyword, content)
    return elements


def _dotted(path: str) -> tuple[str, str]:
    """A pointer in words, and the keyword that leads to its schema. Pointers to schemas are pairs of a keyword and a
    name or an index, or a keyword alone.
    """
    parts = pointer_parts(path)
    text, keyword = "", ""
    while parts:
        keyword = parts.pop(0)
        dot = "." if text else ""
        if keyword == "properties" and parts:
            text += dot + _property(parts.pop(0))
        elif keyword in ("items", "prefixItems"):
            text += f"[{parts.pop(0) if parts and parts[0].isdecimal() else ''}]"
        else:
            text += dot + _quoted(keyword)
            if parts and keyword not in ONE_SCHEMA:
                text += "/" + _quoted(parts.pop(0))
    return text or ROOT, keyword


def _quoted(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) or name.isdecimal() else render_json(name)


def _property(name: str) -> str:
    """A property that is called like a keyword stands in quotes, so that it is not taken for one."""
    return render_json(name) if name in _TOLD_BY_CHILDREN else _quoted(name)


def _element(node: Node, keyword: str, content: Content) -> Element:
    kind = _KINDS.get(keyword, keyword)
    if not isinstance(node.schema, dict):
        return Element(kind, "anything" if node.schema is True else "nothing")
    is_required = keyword == "properties" and pointer_parts(node.path)[-1] in _required(content, node.path)
    words = [_type(node.schema), *(["required"] if is_required else []), *_constraints(node.schema)]
    return Element(kind, ", ".join(words), _notes(node.schema))


def _required(content: Content, path: str) -> Sequence[object]:
    """The ``required`` of the schema that a property belongs to."""
    parent = content.nodes.get(pointer(pointer_parts(path)[:-2]))
    return _names(parent.schema, "required") if parent and isinstance(parent.schema, dict) else ()


def _names(schema: Mapping[str, object], keyword: str) -> Sequence[object]:
    names = schema.get(keyword)
    return names if isinstance(names, list) else ()


def _type(schema: Mapping[str, object]) -> str:
    written = schema.get("type")
    if isinstance(schema.get("$ref"), str):
        return f"reference to {schema['$ref']}{'' if written is None else ' ' + render_json(written)}"
    name = " | ".join(map(str, written)) if isinstance(written, list) else str(written or "any")
    if "const" in schema:
        return f"{'' if name == 'any' else name + ' '}const {render_json(schema['const'])}"
    values = schema.get("enum")
    if isinstance(values, list):
        return f"{'' if name == 'any' else name + ' '}enum {', '.join(map(render_json, values))}"
    return name


def _constraints(schema: Mapping[str, object]) -> Iterator[str]:
    for keyword, value in schema.items():
        if keyword in _TOLD_BY_TYPE or keyword in _NOTES:
            continue
        if keyword == "required":
            yield from _required_elsewhere(schema)
        elif keyword in _TOLD_BY_CHILDREN:
            yield from _told_with(keyword, value)
        elif not _is_foreign(keyword, value):
            yield f"{keyword} {render_json(value)}"


def _required_elsewhere(schema: Mapping[str, object]) -> Iterator[str]:
    """What is required without being described here; the others say so themselves."""
    described = schema.get("properties")
    names = [n for n in _names(schema, "required") if not isinstance(described, dict) or n not in described]
    if names:
        yield "requires " + ", ".join(map(render_json, names))


def _told_with(keyword: str, value: object) -> Iterator[str]:
    """What of a keyword with subschemas is not told by their own elements."""
    if keyword in LISTS_OF_SCHEMAS and isinstance(value, list):
        yield f"{keyword} of {len(value)}"
    elif keyword == "dependencies" and isinstance(value, dict):
        yield from (
            f"{render_json(name)} needs {render_json(names)}"
            for name, names in value.items()
            if isinstance(names, list)
        )


def _is_foreign(keyword: str, value: object) -> bool:
    """Whether an object stands where no draft has one: some tool's own, as Iglu's `self`, told member by member."""
    return isinstance(value, dict) and keyword not in _HOLD_OBJECTS


def _notes(schema: Mapping[str, object]) -> dict[str, str]:
    notes = {keyword: _noted(value) for keyword, value in schema.items() if keyword in _NOTES}
    for keyword, value in schema.items():
        if isinstance(value, dict) and keyword not in _NOTES | _TOLD_BY_CHILDREN and _is_foreign(keyword, value):
            notes |= {escape_surrogates(f"{keyword}.{name}"): _noted(member) for name, member in value.items()} or {
                keyword: "{}"
            }
    return notes


def _noted(value: object) -> str:
    return escape_surrogates(value) if isinstance(value, str) else render_json(value)
