"""JSON Schema documents as shapes, the way Confluent's registry reads them.

Each group of keywords that stands in a schema is a part: an enumeration, each combination, a negation, a constant, a
type. One part is the schema; several are an ``allOf`` of them, so that ``type`` beside ``enum`` compares like a
combination. Keywords without their type imply it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from reconciler.compatibility.json_schema.keywords import KeywordSet, keywords_of
from reconciler.compatibility.json_schema.shapes import (
    CombinedShape,
    ConditionalShape,
    ConstShape,
    EmptyShape,
    EnumShape,
    FalseShape,
    ForeignShape,
    NotShape,
    ReferenceShape,
    Shape,
    TrueShape,
)
from reconciler.compatibility.json_schema.types import TYPES, Raw
from reconciler.compatibility.json_schema.values import digest, make_value, texts
from reconciler.errors import SchemaError
from reconciler.schemas.json_positions import escape, render_json
from reconciler.schemas.json_schema.content import HOLDERS, REFERENCES
from reconciler.schemas.json_schema.drafts import Draft
from reconciler.schemas.json_schema.references import ParsedJson

_MEMO = "_compatibility_shape"
_MEMO_OF_MORE = "_compatibility_shape_of_more"
_BESIDE_TYPES = frozenset({"allOf", "anyOf", "oneOf", "not", "enum", "const", *REFERENCES})
_NO_LEAF = HOLDERS | {*REFERENCES}
_MAX_LEAF = 500  # characters
_MAX_LEAVES = 4096
_NOTHING_NOTED = (None, None, None, None, False, False)

_Reference = tuple[ReferenceShape, ParsedJson, str, Draft]
"""A reference whose target is still to be found: where it leads, and the draft that is spoken there."""

_leaves: dict[tuple[KeywordSet, str], Shape] = {}
"""Shapes by their draft's keywords and what is written; versions of a schema have most of their leaves in common."""


def prepare(parsed: ParsedJson, *, more: bool = False) -> Shape:
    """The shape of a schema with everything that it refers to; made once for each parsed schema.

    Args:
        parsed: the schema.
        more: load what Confluent leaves aside, too.

    Raises:
        SchemaError: it is nested in hundreds of levels, or has a chain of references that leads to no schema.
    """
    memo = _MEMO_OF_MORE if more else _MEMO
    known = vars(parsed).get(memo)
    if known is None:
        try:
            known = _load_all(parsed, more)
        except RecursionError as error:
            raise SchemaError("the schema is nested too deeply to be compared", fix="nest it less") from error
        vars(parsed)[memo] = known  # of a frozen dataclass: not a part of its value
    return cast(Shape, known)


def _load_all(parsed: ParsedJson, more: bool) -> Shape:
    places = _Places(parsed, more)
    root = places.find(parsed, "", parsed.content.draft)
    written: list[_Reference] = []
    while places.pending:
        written.append(places.pending.pop())
        reference, target, path, draft = written[-1]
        reference.target = places.find(target, path, draft)
    _follow(written)
    return root


def _follow(written: Iterable[_Reference]) -> None:
    """Let each reference lead to what its chain of references ends in, so that nobody has to follow it again.

    Raises:
        SchemaError: a chain ends nowhere, because it leads back into itself.
    """
    for reference, _, path, _ in written:
        chain: dict[int, ReferenceShape] = {}
        shape: Shape = reference
        while isinstance(shape, ReferenceShape):
            if id(shape) in chain:
                raise SchemaError(
                    f"the references from `#{path}` on lead back to themselves, and to no schema",
                    fix=f"write a schema at `#{path}`, or let its `$ref` lead to one",
                    path=path,
                    code="REFERENCE_MISSING",
                )
            chain[id(shape)] = shape
            shape = shape.target
        for passed in chain.values():
            passed.target = shape


class _Places:
    """The shapes that there are by document and pointer, and the references whose targets are still to be found.

    Shapes with references are alike only within the same texts, all of them, under the same names.
    """

    def __init__(self, parsed: ParsedJson, more: bool) -> None:
        self.more = more
        texts_by_name = sorted(_texts_by_name(parsed))
        self._closure = digest("closure", *texts_by_name)
        self.has_not = any('"not"' in text for _, text in texts_by_name)
        self.pending: list[_Reference] = []
        self._found: dict[tuple[int, str, str], Shape] = {}
        self._keys: dict[int, bytes] = {}

    def key_of(self, parsed: ParsedJson) -> bytes:
        """What tells one of the documents from the others, and from those that other schemas refer to."""
        if id(parsed) not in self._keys:
            self._keys[id(parsed)] = digest("document", self._closure, parsed.document.definition)
        return self._keys[id(parsed)]

    def find(self, parsed: ParsedJson, path: str, draft: Draft) -> Shape:
        """The shape at a place, loaded once, so that references to one place meet."""
        place = (id(parsed), path, draft.name)
        if place not in self._found:
            self._found[place] = _Loader(parsed, draft, self).load(parsed.content.at(path), path)
        return self._found[place]


def _texts_by_name(parsed: ParsedJson) -> set[tuple[str, str]]:
    found = {("", parsed.document.definition)}
    waiting = list(parsed.dependencies.items())
    seen: set[tuple[str, int]] = set()
    while waiting:
        name, dependency = waiting.pop()
        if (name, id(dependency)) not in seen:
            seen.add((name, id(dependency)))
            found.add((name, dependency.document.definition))
            waiting.extend(dependency.dependencies.items())
    return found


class _Loader:
    """Loads the places of one document."""

    def __init__(self, parsed: ParsedJson, draft: Draft, places: _Places) -> None:
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
        return self._leaf(schema, path) if _NO_LEAF.isdisjoint(schema) else self._load(schema, path)

    def _leaf(self, schema: Raw, path: str) -> Shape:
        """Load a schema without others in it, which means the same wherever it stands: once for all that have it."""
        key = (self.keywords, repr(schema))
        known = _leaves.get(key)
        if known is None:
            known = self._load(schema, path)
            if len(key[1]) <= _MAX_LEAF:
                _remember(key, known)
        return known

    def _load(self, schema: Raw, path: str) -> Shape:
        if self.keywords.ref_hides_siblings and "$ref" in schema:
            return self._reference("$ref", path)
        # Where there are several, the registry's reader puts combinations first, which shows in paths (`allOf/0`).
        parts = sorted(self._parts(schema, path), key=lambda part: not isinstance(part, CombinedShape))
        shape = parts[0] if len(parts) == 1 else _combined("allOf", parts) if parts else EmptyShape(key=b"empty")
        return shape if isinstance(shape, ReferenceShape) else self._described(shape, schema)

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

    def _parts(self, schema: Raw, path: str) -> Iterator[Shape]:
        if not _BESIDE_TYPES.isdisjoint(schema):
            yield from self._parts_beside_types(schema, path)
        yield from self._types(schema, path)
        if not self.keywords.conditional.isdisjoint(schema):
            yield self._condition(schema, path)

    def _condition(self, schema: Raw, path: str) -> Shape:
        if not self.keywords.compares_more:
            return ConditionalShape(key=b"conditional")
        found = {keyword: self.child(schema, keyword, path) for keyword in ("if", "then", "else")}
        parts = {keyword: part for keyword, part in found.items() if part is not None}
        keys = [value for keyword, part in parts.items() for value in (keyword, part.key)]
        is_quiet = all(part.is_quiet for part in parts.values())
        return ConditionalShape(digest("conditional", *keys), is_quiet, parts=parts)

    def _parts_beside_types(self, schema: Raw, path: str) -> Iterator[Shape]:
        for keyword in self.keywords.references:
            if keyword in schema:
                yield self._reference(keyword, path)
        if isinstance(values := schema.get("enum"), list):
            yield _enum(values)
        for keyword in ("allOf", "anyOf", "oneOf"):
            if isinstance(schema.get(keyword), list):
                yield _combined(keyword, self.items(schema, keyword, path))
        if (inner := self.child(schema, "not", path)) is not None:
            yield NotShape(key=digest("not", inner.key), is_quiet=False, inner=inner)
        if self.keywords.has_const and "const" in schema:
            yield _const(schema["const"])

    def _types(self, schema: Raw, path: str) -> Iterator[Shape]:
        """The type, or an ``anyOf`` of several, then whatever other types the remaining keywords are of."""
        written = schema.get("type")
        names = [written] if isinstance(written, str) else texts(written)
        shapes = [TYPES[name](self, schema, path, name) for name in names if name in TYPES]
        if isinstance(written, list):
            yield _combined("anyOf", shapes)
        else:
            yield from shapes
        told = {"number" if name == "integer" else name for name in names}
        for name, keywords in self.keywords.by_type.items():
            if name not in told and not keywords.isdisjoint(schema):
                yield TYPES[name](self, schema, path, name)

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

    def _described(self, shape: Shape, schema: Raw) -> Shape:
        """Add what says nothing about the data but is compared."""
        found = {name: schema.get(name) for name in (self._draft.id_keyword, "title", "description")}
        shape.id, shape.title, shape.description = (v if isinstance(v, str) else None for v in found.values())
        # In the newer drafts the registry's reader takes a default of null for none.
        if "default" in schema and (self.keywords.has_null_default or schema["default"] is not None):
            shape.default, shape.has_default = make_value(schema["default"]), True
        shape.is_connect_bytes = schema.get("connect.type") == "bytes"
        noted = (shape.id, shape.title, shape.description, shape.default, shape.has_default, shape.is_connect_bytes)
        if noted != _NOTHING_NOTED:
            shape.key = digest("described", shape.key, *noted)
        return shape


def _remember(key: tuple[KeywordSet, str], leaf: Shape) -> None:
    """Keep a leaf for other schemas; when there are many, begin anew."""
    if len(_leaves) >= _MAX_LEAVES:
        _leaves.clear()
    _leaves[key] = leaf


def _combined(criterion: str, branches: Sequence[Shape]) -> CombinedShape:
    distinct: dict[bytes, Shape] = {}
    for branch in branches:
        distinct.setdefault(branch.key, branch)
    return CombinedShape(
        key=digest(criterion, *(branch.key for branch in branches)),
        is_quiet=all(branch.is_quiet for branch in branches),
        criterion=criterion,
        branches=tuple(branches),
        distinct=tuple(distinct.values()),
    )


def _enum(written: Sequence[object]) -> EnumShape:
    values = tuple(map(make_value, written))
    pairs = tuple(zip(values, written, strict=True))
    return EnumShape(key=digest("enum", values), values=frozenset(values), written=pairs)


def _const(value: object) -> ConstShape:
    text = render_json(value)
    return ConstShape(key=digest("const", text), value=make_value(value), text=text)
