"""JSON Schema documents as shapes, the way Confluent's registry reads them, with all that they refer to."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from functools import cached_property
from typing import cast

from reconciler.compatibility.json_schema.loader import Loader, Reference
from reconciler.compatibility.json_schema.shapes import CombinedShape, ReferenceShape, Shape
from reconciler.compatibility.json_schema.values import digest
from reconciler.errors import SchemaError
from reconciler.schemas import Document
from reconciler.schemas.json_schema.drafts import Draft
from reconciler.schemas.json_schema.references import ParsedJson


def prepare(parsed: ParsedJson, *, more: bool = False, apart: bool = False) -> Shape:
    """The shape of a schema with everything that it refers to; made once for each parsed schema.

    Args:
        parsed: the schema.
        more: load what Confluent leaves aside, too.
        apart: make the document another schema than the one that `#` leads to, as the registry's readers do.

    Raises:
        SchemaError: it is nested in hundreds of levels, or has a chain of references that leads to no schema.
    """
    memo = f"_compatibility_shape_{more:d}{apart:d}"
    known = vars(parsed).get(memo)
    if known is None:
        try:
            known = _load_all(parsed, more, apart)
        except RecursionError as error:
            raise SchemaError("the schema is nested too deeply to be compared", fix="nest it less") from error
        vars(parsed)[memo] = known  # of a frozen dataclass: not a part of its value
    return cast(Shape, known)


def count_branches(document: Document, path: str, criterion: str, *, within: bool) -> tuple[int, ...] | None:
    """Which of the branches that are written is which of those that are compared, in the order of these.

    Args:
        document: what it stands in; what it refers to is not looked at.
        path: the pointer of the schema with the combination.
        criterion: its keyword.
        within: whether the combination is meant that is one of several demands of the schema; else the schema as a
            whole.

    Returns:
        numbers from 0; None where nobody wrote such a combination.
    """
    parsed = ParsedJson(document, {})
    shape: Shape | None = _Places(parsed, more=False).load(parsed, path, parsed.content.draft)
    if within and isinstance(shape, CombinedShape) and shape.is_implied:
        parts = (part for part in shape.branches if isinstance(part, CombinedShape))
        shape = next((part for part in parts if part.criterion == criterion), None)
    if not isinstance(shape, CombinedShape) or shape.is_implied or shape.criterion != criterion:
        return None
    return shape.numbers


def _load_all(parsed: ParsedJson, more: bool, apart: bool) -> Shape:
    places = _Places(parsed, more)
    root = places.root_apart(parsed) if apart else places.find(parsed, "", parsed.content.draft)
    written: list[Reference] = []
    while places.pending:
        written.append(places.pending.pop())
        reference, target, path, draft = written[-1]
        reference.target = places.find(target, path, draft)
    _follow(written)
    return root


def _follow(written: Iterable[Reference]) -> None:
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
        self._root = parsed
        self.pending: list[Reference] = []
        self._found: dict[tuple[int, str, str], Shape] = {}
        self._keys: dict[int, bytes] = {}

    @cached_property
    def has_not(self) -> bool:
        """Whether any of the texts may have a ``not``."""
        return any('"not"' in text for _, text in _texts_by_name(self._root))

    @cached_property
    def _closure(self) -> bytes:
        return digest("closure", *sorted(_texts_by_name(self._root)))

    def key_of(self, parsed: ParsedJson) -> bytes:
        """What tells one of the documents from the others, and from those that other schemas refer to."""
        if id(parsed) not in self._keys:
            self._keys[id(parsed)] = digest("document", self._closure, parsed.document.definition)
        return self._keys[id(parsed)]

    def root_apart(self, parsed: ParsedJson) -> Shape:
        """The shape of a document that is not the one that `#` leads to, and in older drafts has nothing in common with
        it. So what differs is told once more where a schema holds itself.
        """
        draft = parsed.content.draft
        if draft.ref_hides_siblings:
            return self.load(parsed, "", draft)
        root = self.find(parsed, "", draft)
        return root if isinstance(root, ReferenceShape) else copy(root)

    def find(self, parsed: ParsedJson, path: str, draft: Draft) -> Shape:
        """The shape at a place, loaded once, so that references to one place meet."""
        place = (id(parsed), path, draft.name)
        if place not in self._found:
            self._found[place] = self.load(parsed, path, draft)
        return self._found[place]

    def load(self, parsed: ParsedJson, path: str, draft: Draft) -> Shape:
        """The shape of what stands at a place, made anew."""
        return Loader(parsed, draft, self).load(parsed.content.at(path), path)


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
