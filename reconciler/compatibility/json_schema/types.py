"""The types of JSON Schema as shapes: which keywords each reads, and what they come to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from reconciler.compatibility.json_schema.keywords import KeywordSet
from reconciler.compatibility.json_schema.shapes import (
    ArrayShape,
    BooleanShape,
    NullShape,
    Number,
    NumberShape,
    ObjectShape,
    Shape,
    StringShape,
)
from reconciler.compatibility.json_schema.values import digest, make_number, texts

Raw = Mapping[str, object]


class Loader(Protocol):
    """Loads the schemas that stand in a schema; ``path`` is the pointer of the schema that holds the keyword."""

    @property
    def keywords(self) -> KeywordSet:
        """The keywords of the document's draft."""
        ...

    def child(self, schema: Raw, keyword: str, path: str) -> Shape | None:
        """Load the schema that a keyword holds, if it holds one."""
        ...

    def children(self, schema: Raw, keyword: str, path: str) -> dict[str, Shape]:
        """Load the schemas that a keyword holds by name."""
        ...

    def items(self, schema: Raw, keyword: str, path: str) -> tuple[Shape, ...]:
        """Load the schemas that a keyword holds in a list."""
        ...


def _limits(schema: Raw, *keywords: str) -> dict[str, Number]:
    return {
        keyword: make_number(value)
        for keyword in keywords
        if isinstance(value := schema.get(keyword), int | float) and not isinstance(value, bool)
    }


def _string(loader: Loader, schema: Raw, _path: str, _name: str) -> Shape:
    limits = _limits(schema, "maxLength", "minLength")
    written = schema.get("pattern")
    pattern = written if isinstance(written, str) else None
    notes = _notes(loader.keywords, schema) if loader.keywords.compares_more else {}
    return StringShape(digest("string", limits, pattern, *notes.items()), limits=limits, pattern=pattern, notes=notes)


def _notes(keywords: KeywordSet, schema: Raw) -> dict[str, str]:
    """What a string is said to hold; a format that nobody knows says nothing."""
    found = {name: schema.get(name) for name in ("format", "contentEncoding", "contentMediaType")}
    noted = {name: value for name, value in found.items() if isinstance(value, str)}
    return noted if noted.get("format") in keywords.formats else {k: v for k, v in noted.items() if k != "format"}


def _number(loader: Loader, schema: Raw, _path: str, name: str) -> Shape:
    limits = _limits(schema, "maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum")
    if loader.keywords.compares_more:
        limits |= _flagged(schema, limits)
    multiple_of = _limits(schema, "multipleOf").get("multipleOf")
    key = digest("number", limits, multiple_of, name == "integer")
    return NumberShape(key=key, limits=limits, is_integer=name == "integer", multiple_of=multiple_of)


def _flagged(schema: Raw, limits: Mapping[str, Number]) -> dict[str, Number]:
    """The bounds that draft 4 calls exclusive by a flag beside them."""
    pairs = (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))
    return {flag: limits[bound] for bound, flag in pairs if schema.get(flag) is True and bound in limits}


def _object(loader: Loader, schema: Raw, path: str, _name: str) -> Shape:
    permits_more, more = _rest(loader, schema, "additionalProperties", path)
    needed_names: dict[str, frozenset[str]] = {}
    needed_schemas: dict[str, Shape] = {}
    for keyword in loader.keywords.dependencies:
        needed_names |= _needed_names(schema.get(keyword))
        needed_schemas |= loader.children(schema, keyword, path)
    patterns = loader.children(schema, "patternProperties", path)
    shape = ObjectShape(
        limits=_limits(schema, "maxProperties", "minProperties"),
        properties=loader.children(schema, "properties", path),
        required=frozenset(texts(schema.get("required"))),
        patterns=() if loader.keywords.compares_more else tuple(patterns.items()),
        compared_patterns=patterns if loader.keywords.compares_more else {},
        names=loader.child(schema, "propertyNames", path) if loader.keywords.compares_more else None,
        permits_more=permits_more,
        more=more,
        unevaluated=loader.child(schema, "unevaluatedProperties", path) if loader.keywords.has_unevaluated else None,
        needed_names=needed_names,
        needed_schemas=needed_schemas,
    )
    return _keyed_object(shape)


def _keyed_object(shape: ObjectShape) -> ObjectShape:
    """The order of patterns counts, since the first that matches is asked; that of properties does not."""
    own = (
        shape.limits,
        sorted(shape.required),
        shape.permits_more,
        sorted((name, sorted(names)) for name, names in shape.needed_names.items()),
    )
    inner: list[tuple[str, str, Shape | None]] = []
    inner += [("property", name, child) for name, child in sorted(shape.properties.items(), key=_name)]
    inner += [("pattern", name, child) for name, child in shape.patterns]
    inner += [("compared", name, child) for name, child in sorted(shape.compared_patterns.items(), key=_name)]
    inner += [("names", "", shape.names)]
    inner += [("dependency", name, child) for name, child in sorted(shape.needed_schemas.items(), key=_name)]
    _fill_key(shape, own, [*inner, ("more", "", shape.more), ("unevaluated", "", shape.unevaluated)])
    return shape


def _name(member: tuple[str, Shape]) -> str:
    return member[0]


def _needed_names(written: object) -> dict[str, frozenset[str]]:
    """The names that each property needs; one that needs none is not kept by the registry's reader."""
    members = written.items() if isinstance(written, dict) else ()
    return {name: frozenset(texts(names)) for name, names in members if texts(names)}


def _rest(loader: Loader, schema: Raw, keyword: str, path: str) -> tuple[bool, Shape | None]:
    """Whether anything may follow what is described, and the schema of it if it has one."""
    value = schema.get(keyword)
    return (value, None) if isinstance(value, bool) else (True, loader.child(schema, keyword, path))


def _array(loader: Loader, schema: Raw, path: str, _name: str) -> Shape:
    keywords = loader.keywords
    shape = ArrayShape(
        limits=_array_limits(schema, keywords),
        first=loader.items(schema, keywords.tuple_keyword, path),
        is_unique=schema.get("uniqueItems") is True,
        unevaluated=loader.child(schema, "unevaluatedItems", path) if keywords.has_unevaluated else None,
    )
    if keywords.compares_more:
        shape.contained = loader.child(schema, "contains", path)
    rest_keyword = "items" if keywords.tuple_keyword == "prefixItems" else "additionalItems"
    shape.permits_more, shape.more = _rest(loader, schema, rest_keyword, path)
    if not isinstance(schema.get(keywords.tuple_keyword), list):
        _fill_each(shape, loader, schema, path)
    inner: list[tuple[str, str, Shape | None]] = [("each", "", shape.each)]
    inner += [("first", "", child) for child in shape.first]
    inner += [("contained", "", shape.contained)]
    own = (shape.limits, shape.is_unique, shape.permits_more)
    _fill_key(shape, own, [*inner, ("more", "", shape.more), ("unevaluated", "", shape.unevaluated)])
    return shape


def _fill_each(shape: ArrayShape, loader: Loader, schema: Raw, path: str) -> None:
    """Without a tuple, `items` is of all elements; the newer drafts' `items: false` closes the array instead."""
    if loader.keywords.tuple_keyword == "prefixItems":
        shape.each, shape.more = shape.more, None
    elif loader.keywords.has_boolean_items and isinstance(schema.get("items"), bool):
        shape.permits_more = shape.permits_more and schema["items"] is True
    else:
        shape.each = loader.child(schema, "items", path)
    # The registry's reader takes `additionalItems: false` beside a schema of all elements for nothing said.
    shape.permits_more = shape.permits_more or shape.each is not None


def _array_limits(schema: Raw, keywords: KeywordSet) -> dict[str, Number]:
    """The numbers of an array; in the newer drafts `contains` asks for one element where nothing else is said."""
    limits = _limits(schema, "maxItems", "minItems", "maxContains", "minContains")
    if keywords.has_implied_contains and "contains" not in schema:
        return {keyword: limit for keyword, limit in limits.items() if not keyword.endswith("Contains")}
    return {"minContains": 1, **limits} if keywords.has_implied_contains else limits


def _fill_key(shape: Shape, own: object, inner: Sequence[tuple[str, str, Shape | None]]) -> None:
    parts: list[object] = []
    for kind, name, child in inner:
        if child is not None:
            parts += (kind, name, child.key)
            shape.is_quiet = shape.is_quiet and child.is_quiet
    shape.key = digest(type(shape).__name__, own, *parts)


def _boolean(_loader: Loader, _schema: Raw, _path: str, _name: str) -> Shape:
    return BooleanShape(key=b"boolean")


def _null(_loader: Loader, _schema: Raw, _path: str, _name: str) -> Shape:
    return NullShape(key=b"null")


TYPES: Mapping[str, Callable[[Loader, Raw, str, str], Shape]] = {
    "string": _string,
    "integer": _number,
    "number": _number,
    "object": _object,
    "array": _array,
    "boolean": _boolean,
    "null": _null,
}
"""By the name in ``type``: loader, schema, pointer of the schema, name."""
