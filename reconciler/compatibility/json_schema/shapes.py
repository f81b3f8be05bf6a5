"""A JSON Schema as it is compared: what its keywords come to, as a tree of shapes.

Confluent's registry does not compare texts but the objects that its two readers make of them. These classes are ours
for the same purpose: two schemas are comparable where they have the same class.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

Number = int | Decimal
Value = object
"""A JSON value made hashable, such that values are equal where JSON Schema says so (1 and 1.0, but not 1 and true)."""


@dataclass(slots=True, eq=False)
class Shape:
    """What every schema has.

    ``key`` is equal for two shapes only if comparing them finds nothing, or nothing but what ``is_quiet`` False stands
    for: a ``not`` somewhere within, which is told even where it is equal. ``default`` is a :data:`Value`.
    """

    key: bytes = b""
    is_quiet: bool = True
    id: str | None = None
    title: str | None = None
    description: str | None = None
    default: Value = None
    has_default: bool = False
    is_connect_bytes: bool = False

    @property
    def resolved(self) -> Shape:
        """The shape that counts: what a reference leads to, else the shape itself."""
        return self


@dataclass(slots=True, eq=False)
class EmptyShape(Shape):
    """Everything is valid: no keyword that limits anything."""


@dataclass(slots=True, eq=False)
class TrueShape(EmptyShape):
    """The schema ``true``."""


@dataclass(slots=True, eq=False)
class FalseShape(Shape):
    """The schema ``false``."""


@dataclass(slots=True, eq=False)
class BooleanShape(Shape):
    """``type: boolean``."""


@dataclass(slots=True, eq=False)
class NullShape(Shape):
    """``type: null``."""


@dataclass(slots=True, eq=False)
class LimitedShape(Shape):
    """A type with limits: numbers by keyword (``maxLength``, ``minimum``, ...)."""

    limits: Mapping[str, Number] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class StringShape(LimitedShape):
    """``type: string``, or keywords of strings; ``notes`` are its format and content where these are compared."""

    pattern: str | None = None
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class NumberShape(LimitedShape):
    """``type: number`` or ``integer``, or keywords of numbers."""

    is_integer: bool = False
    multiple_of: Number | None = None


@dataclass(slots=True, eq=False)
class ObjectShape(LimitedShape):
    """``type: object``, or keywords of objects.

    ``permits_more`` is False for ``additionalProperties: false``; ``more`` its schema. ``unevaluated`` stays None in
    drafts without it. ``matchers`` are the patterns once they were needed. Where patterns are compared rather than
    matched with names, they are ``compared_patterns``, and ``names`` is the schema of ``propertyNames``.
    """

    properties: Mapping[str, Shape] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    patterns: tuple[tuple[str, Shape], ...] = ()
    matchers: tuple[Callable[[str], bool], ...] = ()
    permits_more: bool = True
    more: Shape | None = None
    unevaluated: Shape | None = None
    needed_names: Mapping[str, frozenset[str]] = field(default_factory=dict)
    needed_schemas: Mapping[str, Shape] = field(default_factory=dict)
    names: Shape | None = None
    compared_patterns: Mapping[str, Shape] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class ArrayShape(LimitedShape):
    """``type: array``, or keywords of arrays.

    ``each`` is the schema of all elements, ``first`` those of a tuple, ``more`` what follows a tuple; ``contained`` is
    that of ``contains`` where it is compared.
    """

    each: Shape | None = None
    first: tuple[Shape, ...] = ()
    permits_more: bool = True
    more: Shape | None = None
    unevaluated: Shape | None = None
    is_unique: bool = False
    contained: Shape | None = None


@dataclass(slots=True, eq=False)
class EnumShape(Shape):
    """``enum``: the values, and beside each how it was read, to show it to people."""

    values: frozenset[Value] = frozenset()
    written: tuple[tuple[Value, object], ...] = ()


@dataclass(slots=True, eq=False)
class ConstShape(Shape):
    """``const``: the value, and its text for people."""

    value: Value = None
    text: str = ""


@dataclass(slots=True, eq=False)
class CombinedShape(Shape):
    """``allOf``, ``anyOf``, ``oneOf``, or what the reader makes one of; ``criterion`` is the keyword.

    ``distinct`` are the branches without those that are written like an earlier one, and ``numbers`` say of each which
    of those that are written it is, or is a part of. ``is_implied``: the schema has several demands beside each other,
    and no ``allOf`` is written.
    """

    criterion: str = "allOf"
    branches: tuple[Shape, ...] = ()
    distinct: tuple[Shape, ...] = ()
    numbers: tuple[int, ...] = ()
    is_implied: bool = False


@dataclass(slots=True, eq=False)
class NotShape(Shape):
    """``not``."""

    inner: Shape = field(default_factory=EmptyShape)


@dataclass(slots=True, eq=False)
class ConditionalShape(Shape):
    """``if``, ``then``, ``else``: that they are there counts, and what they say where ``parts`` are compared."""

    parts: Mapping[str, Shape] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class ForeignShape(Shape):
    """A reference to a meta-schema, which nobody has to define; known by its address."""

    address: str = ""


@dataclass(slots=True, eq=False)
class ReferenceShape(Shape):
    """A ``$ref``; ``target`` is filled in once everything is loaded, since references form cycles."""

    target: Shape = field(default_factory=EmptyShape)

    @property
    def resolved(self) -> Shape:
        """What the reference, or the chain of references that begins with it, leads to."""
        return self.target
