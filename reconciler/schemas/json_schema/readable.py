"""Can a value be read as a schema at all? What the two readers of Confluent's registry ask for, which is less than the
meta-schema does: an empty ``anyOf`` or a negative ``maxLength`` is read and compared, a ``maxLength`` of ``"x"`` is
not.

Source: what these readers (everit-json-schema 1.14 up to draft 7, json-sKema 0.31 from 2019-09 on) load and refuse,
keyword by keyword. Like them, this looks only at what counts: at no definition that nothing refers to, and at nothing
beside a ``$ref`` where that hides it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from reconciler.schemas.json_positions import escape, pointer_parts
from reconciler.schemas.json_schema.content import Content, Node, children, is_within
from reconciler.schemas.json_schema.drafts import DRAFT_4, DRAFT_6, DRAFT_7, DRAFT_2019_09, DRAFT_2020_12, Draft
from reconciler.schemas.json_schema.meta_schema import Order, make_error

_TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
_MAX_COUNT = 2**31 - 1
_HINTS = re.compile(
    r'"(?:(?:min|max)(?:Length|Items|Properties)"\s*:\s*-?\d+(?:[.eE]|(?<=\d{10}))|\$ref"\s*:\s*[^"\s])'
)
Check = Callable[[object], bool]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _MAX_COUNT


def _is_divisor(value: object) -> bool:
    return _is_number(value) and value != 0


def _is_boolean(value: object) -> bool:
    return isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _is_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _is_types(value: object) -> bool:
    return all(isinstance(name, str) and name in _TYPES for name in (value if isinstance(value, list) else [value]))


def _is_schema(value: object) -> bool:
    return isinstance(value, dict | bool)


def _is_schemas(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_schema, value))


def _is_schema_or_schemas(value: object) -> bool:
    return _is_schema(value) or _is_schemas(value)


def _is_object_or_schemas(value: object) -> bool:
    return isinstance(value, dict) or _is_schemas(value)


def _is_schema_or_names(value: object) -> bool:
    return _is_schema(value) or _is_names(value)


_COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
_OF_ALL: Mapping[str, Check] = {
    "type": _is_types,
    "enum": _is_list,
    "required": _is_names,
    "uniqueItems": _is_boolean,
    **dict.fromkeys(("$ref", "title", "description", "pattern", "format"), _is_text),
    **dict.fromkeys(("multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _is_number),
    **dict.fromkeys(("allOf", "anyOf", "oneOf"), _is_schemas),
    **dict.fromkeys(("not", "additionalProperties"), _is_schema),
}
_OLDER = {**dict.fromkeys(_COUNTS, _is_count), "additionalItems": _is_schema, "multipleOf": _is_divisor}
_DRAFT_4 = {
    "id": _is_text,
    "items": _is_object_or_schemas,
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), _is_boolean),
}
_DRAFT_6 = {
    "$id": _is_text,
    "items": _is_schema_or_schemas,
    **dict.fromkeys(("contains", "propertyNames"), _is_schema),
}
_DRAFT_7 = {
    **dict.fromkeys(("if", "then", "else"), _is_schema),
    **dict.fromkeys(("readOnly", "writeOnly"), _is_boolean),
}
_NEWER = {
    **dict.fromkeys(_COUNTS, _is_number),
    **dict.fromkeys(("contains", "propertyNames", "unevaluatedItems", "unevaluatedProperties"), _is_schema),
    "deprecated": _is_boolean,
}
_BY_DRAFT: Mapping[str, Mapping[str, Check]] = {
    DRAFT_4.name: {**_OF_ALL, **_OLDER, **_DRAFT_4},
    DRAFT_6.name: {**_OF_ALL, **_OLDER, **_DRAFT_6},
    DRAFT_7.name: {**_OF_ALL, **_OLDER, **_DRAFT_6, **_DRAFT_7},
    DRAFT_2019_09.name: {
        **_OF_ALL,
        **_DRAFT_7,
        **_NEWER,
        "items": _is_schema_or_schemas,
        "additionalItems": _is_schema,
        "$recursiveRef": _is_text,
    },
    DRAFT_2020_12.name: {
        **_OF_ALL,
        **_DRAFT_7,
        **_NEWER,
        "items": _is_schema,
        "prefixItems": _is_schemas,
        "$dynamicRef": _is_text,
        "$dynamicAnchor": _is_text,
    },
}
"""By draft and keyword: what its value must be. A keyword that is not here is not looked at."""

_MEMBERS_OF_ALL: Mapping[str, Check] = {"properties": _is_schema, "patternProperties": _is_schema}
_OLDER_MEMBERS = {**_MEMBERS_OF_ALL, "dependencies": _is_schema_or_names}
_NEWER_MEMBERS = {
    **_MEMBERS_OF_ALL,
    "$defs": _is_schema,
    "dependentSchemas": _is_schema,
    "dependentRequired": _is_names,
}
_MEMBERS_BY_DRAFT: Mapping[str, Mapping[str, Check]] = {
    DRAFT_4.name: _OLDER_MEMBERS,
    DRAFT_6.name: _OLDER_MEMBERS,
    DRAFT_7.name: _OLDER_MEMBERS,
    DRAFT_2019_09.name: _NEWER_MEMBERS,
    DRAFT_2020_12.name: _NEWER_MEMBERS,
}
"""By draft and keyword: what each member of its value, an object, must be."""


def may_be_unreadable(text: str) -> bool:
    """Whether a text that its meta-schema accepts may be refused by its readers all the same: for a length of ``3.0``
    or beyond 32 bits, or in draft 4 a ``$ref`` that is no text.
    """
    return _HINTS.search(text) is not None


def raise_if_unreadable(text: str, content: Content) -> None:
    """Hold a document against what its readers ask for.

    Args:
        text: where it was read from, for line and column.
        content: the document taken apart.

    Raises:
        SchemaError: the first place, in the order of the text, that its reader makes nothing of.
    """
    found = [node.path + wrong for node in _counted(content) for wrong in _wrong_places(node.schema, content.draft)]
    if found:
        raise make_error(text, min(map(pointer_parts, found), key=Order(content.schema).of), content.draft)


def _counted(content: Content) -> Iterator[Node]:
    """The subschemas that count, from the outermost on, each once."""
    read = _BY_DRAFT[content.draft.name].keys() | _MEMBERS_BY_DRAFT[content.draft.name].keys()
    referred = dict(_targets(content))
    waiting, seen = [""], {""}
    while waiting:
        node = content.nodes[waiting.pop()]
        yield node
        if isinstance(node.schema, dict):
            hides = content.draft.ref_hides_siblings and "$ref" in node.schema
            inner = () if hides else (path for path, _ in children(node.schema) if path.split("/")[1] in read)
            paths = [*(node.path + path for path in inner), *referred.get(node.path, ())]
            fresh = [path for path in dict.fromkeys(paths) if path not in seen and path in content.nodes]
            seen.update(fresh)
            waiting.extend(reversed(fresh))


def _targets(content: Content) -> dict[str, list[str]]:
    """The places in the document that each subschema refers to."""
    found: dict[str, list[str]] = {}
    for use in content.uses:
        target = content.find(use.address, use.fragment) if is_within(content, use.address) else None
        if target is not None:
            found.setdefault(use.path.rpartition("/")[0], []).append(target)
    return found


def _wrong_places(schema: object, draft: Draft) -> Iterator[str]:
    """The pointers, from a schema on, of what cannot be read in it; not of what is further in."""
    if not isinstance(schema, dict):
        if not isinstance(schema, bool):
            yield ""
        return
    checks, members = _BY_DRAFT[draft.name], _MEMBERS_BY_DRAFT[draft.name]
    for keyword, value in schema.items():
        if draft.ref_hides_siblings and keyword != "$ref" and "$ref" in schema:
            continue
        if keyword in checks and not checks[keyword](value):
            yield f"/{keyword}"
        elif keyword in members:
            yield from _wrong_members(keyword, value, members[keyword])


def _wrong_members(keyword: str, value: object, check: Check) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"/{keyword}"
        return
    yield from (f"/{keyword}/{escape(name)}" for name, member in value.items() if not check(member))
