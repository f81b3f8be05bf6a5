"""Whether a field's default is a value of the field's type.

The rules are those of Avro's Java library 1.12, which Confluent's registry applies to new schemas: any branch of a
union will do. Three are stricter, since a reader would fail on the value: a default of an enum must be one of its
symbols, a default of a fixed must have its size, and bytes are characters up to U+00FF.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from reconciler.schemas.avro.names import qualify, split_name
from reconciler.schemas.avro.values import number_of_text

Definitions = Mapping[str, dict[str, Any]]
"""Full name -> the JSON object that defines it."""


class UnknownNameError(Exception):
    """A type's name has no definition here, so nothing can be said yet."""


def _is_integer(bits: int) -> Callable[[object], bool]:
    limit = 2 ** (bits - 1)
    return lambda value: value.__class__ is int and -limit <= value < limit


def _is_number(value: object) -> bool:
    return isinstance(value, float) or value.__class__ is int


def _is_text(value: object) -> bool:
    return value.__class__ is str


def _is_bytes(value: object) -> bool:
    return isinstance(value, str) and all(ord(character) < 256 for character in value)


FITS_PRIMITIVE: Mapping[str, Callable[[object], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: value.__class__ is bool,
    "int": _is_integer(32),
    "long": _is_integer(64),
    "float": _is_number,
    "double": _is_number,
    "bytes": _is_bytes,
    "string": _is_text,
}


class Fitting:
    """The rules over the types of a schema, which are valid themselves.

    Args:
        known: what names mean.
        is_strict: False to leave out the three rules that the Java library does not have.
    """

    __slots__ = ("_is_strict", "_known", "_primitive")

    def __init__(self, known: Definitions, *, is_strict: bool = True) -> None:
        self._known = known
        self._is_strict = is_strict
        self._primitive = FITS_PRIMITIVE if is_strict else {**FITS_PRIMITIVE, "bytes": _is_text}

    def is_default(self, value: object, schema: object, namespace: str) -> bool:
        """Whether a value can be the default of a field of this type.

        A field that is a ``float`` or ``double`` itself takes a number as text, ``"NaN"`` too.

        Raises:
            UnknownNameError: the answer depends on a type that is not known.
        """
        return self._fits(value, schema, namespace) or number_default(value, schema) is not None

    def _fits(self, value: object, schema: object, namespace: str) -> bool:
        if isinstance(schema, str):
            return self._fits_name(value, schema, namespace)
        if isinstance(schema, list):
            return any(self._fits(value, branch, namespace) for branch in schema)
        assert isinstance(schema, dict)
        kind = schema["type"]
        if kind in self._primitive:
            return self._primitive[kind](value)
        if kind in _FITS_COMPLEX:
            return _FITS_COMPLEX[kind](self, value, schema, namespace)
        return self._fits_name(value, kind, namespace)

    def _fits_name(self, value: object, name: str, namespace: str) -> bool:
        if name in self._primitive:
            return self._primitive[name](value)
        full = qualify(name, namespace)
        found = self._known.get(full) or self._known.get(name)
        if found is None:
            raise UnknownNameError(full)
        own = split_name(full if full in self._known else name)[0]
        return _FITS_COMPLEX[found["type"]](self, value, found, own)

    def _fits_record(self, value: object, schema: dict[str, Any], namespace: str) -> bool:
        own = definition_namespace(schema, namespace)
        return isinstance(value, dict) and all(
            self._fits(value[field["name"]], field["type"], own) if field["name"] in value else "default" in field
            for field in schema["fields"]
        )

    def _fits_array(self, value: object, schema: dict[str, Any], namespace: str) -> bool:
        return isinstance(value, list) and all(self._fits(item, schema["items"], namespace) for item in value)

    def _fits_map(self, value: object, schema: dict[str, Any], namespace: str) -> bool:
        return isinstance(value, dict) and all(self._fits(item, schema["values"], namespace) for item in value.values())

    def _fits_enum(self, value: object, schema: dict[str, Any], namespace: str) -> bool:
        return value in schema["symbols"] if self._is_strict else _is_text(value)

    def _fits_fixed(self, value: object, schema: dict[str, Any], namespace: str) -> bool:
        if not self._is_strict:
            return _is_text(value)
        return isinstance(value, str) and _is_bytes(value) and len(value) == schema["size"]


_FITS_COMPLEX: Mapping[str, Callable[[Fitting, object, dict[str, Any], str], bool]] = {
    "record": Fitting._fits_record,
    "error": Fitting._fits_record,
    "array": Fitting._fits_array,
    "map": Fitting._fits_map,
    "enum": Fitting._fits_enum,
    "fixed": Fitting._fits_fixed,
}


def number_default(value: object, schema: object) -> float | None:
    """The number that a text is as the default of a ``float`` or ``double``; None in any other case."""
    return number_of_text(value) if is_floating(schema) and isinstance(value, str) else None


def is_floating(schema: object) -> bool:
    """Whether a type is ``float`` or ``double``, under no name."""
    kind = schema.get("type") if isinstance(schema, dict) else schema
    return kind in ("float", "double")


def definition_namespace(schema: Mapping[str, Any], enclosing: str) -> str:
    """The namespace that a valid named type gives to the names inside it."""
    name: str = schema["name"]
    if "." in name:
        return split_name(name)[0]
    own = schema.get("namespace")
    return own if isinstance(own, str) else enclosing
