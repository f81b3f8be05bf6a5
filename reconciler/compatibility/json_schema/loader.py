"""Schemas of one document as shapes: what each group of keywords comes to, and what they come to together.

Each group of keywords that stands in a schema is a part: an enumeration, each combination, a negation, a constant, a
type. One part is the schema; several are an ``allOf`` of them, so that ``type`` beside ``enum`` compares like a
combination. Keywords without their type imply it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, cast

from reconciler.compatibility.json_schema.combined import make_combined, make_const, make_enum, numbered, parts_of
from reconciler.compatibility.json_schema.keywords import KeywordSet, keywords_of
from reconciler.compatibility.json_schema.shapes import (
    ConditionalShape,
    EmptyShape,
    FalseShape,
    ForeignShape,
    NotShape,
    ReferenceShape,
    Shape,
    TrueShape,
    Value,
)
from reconciler.compatibility.json_schema.types import TYPES, Raw
from reconciler.compatibility.json_schema.values import digest, make_value, texts
from reconciler.schemas.json_positions import escape
from reconciler.schemas.json_schema.content import HOLDERS, REFERENCES
from reconciler.schemas.json_schema.drafts import Draft
from reconciler.schemas.json_schema.references import ParsedJson

_BESIDE_TYPES = frozenset({"allOf", "anyOf", "oneOf", "not", "enum", "const", *REFERENCES})
_LAST = 99  # after every keyword that has a rank
_MAY_REFER = "'$"  # how Python writes the beginning of a keyword such as `$ref`
_MAX_VALUES = 20
_MAX_SHARED = 500  # characters
_MAX_REMEMBERED = 4096
_NOTHING_NOTED = (None, None, None, None, False, False)

Reference = tuple[ReferenceShape, ParsedJson, str, Draft]
"""A reference whose target is still to be found: where it leads, and the draft that is spoken there."""

_Part = tuple[Shape, str]
"""One of the demands that a schema makes, and the keyword or the type that makes it."""

_Small = tuple[KeywordSet, str, bool]
_shared: dict[_Small, Shape] = {}
"""Small shapes by their draft's keywords, what is written, and whether that is all of a document; versions of a schema
have most of them in common."""


class Places(Protocol):
    """What the documents that are loaded together share."""

    more: bool
    pending: list[Reference]

    @property
    def has_not(self) -> bool:
        """Whether any of the texts may have a ``not``."""
        ...

    def key_of(self, parsed: ParsedJson) -> bytes:
        """What tells one of the documents from the others, and from those that other schemas refer to."""
        ...


class Loader:
    """Loads the places of one document."""

    def __init__(self, parsed: ParsedJson, draft: Draft, places: Places) -> None:
        self._parsed = parsed
        self._draft = draft
        self._places = places
        self.keywords: KeywordSet = keywords_of(draft, more=places.more)

    def load(self, schema: object, path: str) -> Shape:
        """Load the schema that stands at a pointer."""
        if isinstance(schema, bool):
            return TrueShape(key=b"true") if schema else FalseShape(key=b"false")
        if not isinstance(schema, dict):
            return EmptyShape(key=b"empty")
        is_small = HOLDERS.isdisjoint(schema) or _has_few(schema)
        return self._shared(schema, path) if is_small else self._load(schema, path)

    def _shared(self, schema: Raw, path: str) -> Shape:
        """Load a schema without references, which means the same wherever it stands: once for all that have it."""
        key = (self.keywords, repr(schema), not path)
        if _MAY_REFER in key[1]:
            return self._load(schema, path)
        known = _shared.get(key)
        if known is None:
            known = self._load(schema, path)
            if len(key[1]) <= _MAX_SHARED:
                _remember(key, known)
        return known

    def _load(self, schema: Raw, path: str) -> Shape:
        if self.keywords.ref_hides_siblings and "$ref" in schema:
            return self._reference("$ref", path)
        parts = list(self._parts(schema, path))
        if len(parts) == 1:
            shape = parts[0][0]
        elif parts:
            shape = make_combined("allOf", numbered(self._ordered(parts, schema)), is_implied=True)
        else:
            shape = EmptyShape(key=b"empty")
        return shape if isinstance(shape, ReferenceShape) else self._described(shape, schema, path)

    def child(self, schema: Raw, keyword: str, path: str) -> Shape | None:
        """Load the schema that a keyword holds, if it holds one."""
        value = schema.get(keyword)
        return self.load(value, f"{path}/{keyword}") if isinstance(value, dict | bool) else None

    def children(self, schema: Raw, keyword: str, path: str) -> dict[str, Shape]:
        """Load the schemas that a keyword holds by name."""
        members = schema.get(keyword)
        if not isinstance(members, dict):
            return {}
        return {
            name: self.load(member, f"{path}/{keyword}/{escape(name)}")
            for name, member in members.items()
            if isinstance(member, dict | bool)
        }

    def items(self, schema: Raw, keyword: str, path: str) -> tuple[Shape, ...]:
        """Load the schemas that a keyword holds in a list."""
        values = schema.get(keyword)
        values = values if isinstance(values, list) else []
        return tuple(self.load(value, f"{path}/{keyword}/{index}") for index, value in enumerate(values))

    def _ordered(self, parts: Sequence[_Part], schema: Raw) -> Iterator[Shape]:
        """The parts in the order in which the registry's reader comes upon them, which shows in paths (`allOf/1`)."""
        ranks = self.keywords.ranks
        told = "number" if schema.get("type") == "integer" else schema.get("type")

        def rank(part: _Part) -> int:
            keywords = self.keywords.by_type.get(part[1], {part[1]}) & schema.keys()
            return min(ranks.get(keyword, _LAST) for keyword in [*keywords, *(["type"] if part[1] == told else [])])

        return (shape for shape, _ in (sorted(parts, key=rank) if ranks else parts))

    def _parts(self, schema: Raw, path: str) -> Iterator[_Part]:
        if not _BESIDE_TYPES.isdisjoint(schema):
            yield from self._parts_beside_types(schema, path)
        yield from self._types(schema, path)
        if not self.keywords.conditional.isdisjoint(schema):
            yield self._condition(schema, path), "if"

    def _combination(self, schema: Raw, keyword: str, path: str) -> Shape:
        branches = self.items(schema, keyword, path)
        variants = self._variants(branches, cast(list[object], schema[keyword]))
        told = zip(branches, variants, range(len(branches)), strict=True)
        if not self.keywords.dissolves_implied:
            return make_combined(keyword, told)
        return make_combined(keyword, ((part, variant, n) for branch, variant, n in told for part in parts_of(branch)))

    def _variants(self, branches: Sequence[Shape], written: Sequence[object]) -> Iterable[int]:
        """Numbers that tell apart branches that compare alike and are not the same."""
        if len({branch.key for branch in branches}) == len(branches):
            return [0] * len(branches)
        kinds: dict[bytes, dict[Value, int]] = {branch.key: {} for branch in branches}
        pairs = zip((kinds[branch.key] for branch in branches), map(self._told, written), strict=True)
        return [alike.setdefault(told, len(alike)) for alike, told in pairs]

    def _told(self, written: object) -> Value:
        """What tells a branch from others that compare alike: all but what the registry's reader does not keep."""
        if isinstance(written, list):
            return tuple(map(self._told, written))
        if not isinstance(written, dict):
            return make_value(written)
        return frozenset((name, self._told(value)) for name, value in written.items() if self._is_kept(name, value))

    def _is_kept(self, name: str, value: object) -> bool:
        if name == "format" and isinstance(value, str):
            return value in self.keywords.formats
        return not (name in self.keywords.forgotten and isinstance(value, bool))

    def _condition(self, schema: Raw, path: str) -> Shape:
        if not self.keywords.compares_more:
            return ConditionalShape(key=b"conditional")
        found = {keyword: self.child(schema, keyword, path) for keyword in ("if", "then", "else")}
        parts = {keyword: part for keyword, part in found.items() if part is not None}
        keys = [value for keyword, part in parts.items() for value in (keyword, part.key)]
        is_quiet = all(part.is_quiet for part in parts.values())
        return ConditionalShape(digest("conditional", *keys), is_quiet, parts=parts)

    def _parts_beside_types(self, schema: Raw, path: str) -> Iterator[_Part]:
        for keyword in self.keywords.references:
            if keyword in schema:
                yield self._reference(keyword, path), keyword
        if isinstance(values := schema.get("enum"), list):
            yield make_enum(values), "enum"
        for keyword in ("allOf", "anyOf", "oneOf"):
            if isinstance(schema.get(keyword), list):
                yield self._combination(schema, keyword, path), keyword
        if (inner := self.child(schema, "not", path)) is not None:
            yield NotShape(key=digest("not", inner.key), is_quiet=False, inner=inner), "not"
        if self.keywords.has_const and "const" in schema:
            yield make_const(schema["const"]), "const"

    def _types(self, schema: Raw, path: str) -> Iterator[_Part]:
        """The type, or an ``anyOf`` of several, then whatever other types the remaining keywords are of."""
        written = schema.get("type")
        names = [written] if isinstance(written, str) else texts(written)
        shapes = [TYPES[name](self, schema, path, name) for name in names if name in TYPES]
        told = {"number" if name == "integer" else name for name in names}
        if isinstance(written, list):
            yield make_combined("anyOf", numbered(shapes)), "type"
        else:
            yield from zip(shapes, told, strict=False)
        for name, keywords in self.keywords.by_type.items():
            if name not in told and not keywords.isdisjoint(schema) and self._implies(keywords, schema):
                yield TYPES[name](self, schema, path, name), name

    def _implies(self, keywords: frozenset[str], schema: Raw) -> bool:
        """Whether the keywords that a schema has of a type imply it: some do only where they hold something."""
        return any(schema[name] or name not in self.keywords.hollow for name in keywords & schema.keys())

    def _reference(self, keyword: str, path: str) -> Shape:
        target = self._parsed.targets.get(f"{path}/{keyword}")
        if target is None:
            uses = (use.address for use in self._parsed.content.uses if use.path == f"{path}/{keyword}")
            address = next(uses, "")
            return ForeignShape(key=digest("foreign", address), address=address)
        document = target.parsed or self._parsed
        key = digest("reference", self._places.key_of(document), target.path)
        reference = ReferenceShape(key=key, is_quiet=not self._places.has_not)
        self._places.pending.append((reference, document, target.path, self._draft_in(document)))
        return reference

    def _draft_in(self, document: ParsedJson) -> Draft:
        """A document that names no draft is read in the one of whoever refers to it."""
        schema = document.content.schema
        names_one = isinstance(schema, dict) and "$schema" in schema
        return document.content.draft if names_one else self._draft

    def _described(self, shape: Shape, schema: Raw, path: str) -> Shape:
        """Add what says nothing about the data but is compared."""
        found = {name: schema.get(name) for name in (self._draft.id_keyword, "title", "description")}
        if path and not self.keywords.has_inner_ids:
            found[self._draft.id_keyword] = None
        shape.id, shape.title, shape.description = (v if isinstance(v, str) else None for v in found.values())
        # In the newer drafts the registry's reader takes a default of null for none.
        if "default" in schema and (self.keywords.has_null_default or schema["default"] is not None):
            shape.default, shape.has_default = make_value(schema["default"]), True
        shape.is_connect_bytes = schema.get("connect.type") == "bytes"
        noted = (shape.id, shape.title, shape.description, shape.default, shape.has_default, shape.is_connect_bytes)
        if noted != _NOTHING_NOTED:
            shape.key = digest("described", shape.key, *noted)
        return shape


def _has_few(schema: Raw) -> bool:
    """Whether so little stands in a schema, at any depth, that looking for its like costs less than loading it."""
    remaining = _MAX_VALUES
    waiting: list[object] = [schema]
    for value in waiting:  # grows while it runs
        if isinstance(value, dict | list):
            remaining -= len(value)
            if remaining < 0:
                return False
            waiting += value.values() if isinstance(value, dict) else value
    return True


def _remember(key: _Small, shape: Shape) -> None:
    """Keep a shape for other schemas; when there are many, begin anew."""
    if len(_shared) >= _MAX_REMEMBERED:
        _shared.clear()
    _shared[key] = shape
