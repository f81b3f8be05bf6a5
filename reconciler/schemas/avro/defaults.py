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
    "string": lambda value: value.__class__ is str,
}


def fits(value: object, schema: object, namespace: str, known: Definitions) -> bool:
    """Whether a value can be the default of a field of this type, which is valid itself.

    Raises:
        UnknownNameError: the answer depends on a type that ``known`` has not.
    """
    if isinstance(schema, str):
        return _fits_name(value, schema, namespace, known)
    if isinstance(schema, list):
        return any(fits(value, branch, namespace, known) for branch in schema)
    assert isinstance(schema, dict)
    kind = schema["type"]
    if kind in FITS_PRIMITIVE:
        return FITS_PRIMITIVE[kind](value)
    if kind in _FITS_COMPLEX:
        return _FITS_COMPLEX[kind](value, schema, namespace, known)
    return _fits_name(value, kind, namespace, known)


def fits_field(value: object, schema: object, namespace: str, known: Definitions) -> bool:
    """As :func:`fits`; and a field that is a ``float`` or ``double`` itself takes a number as text, ``"NaN"`` too."""
    return fits(value, schema, namespace, known) or number_default(value, schema) is not None


def number_default(value: object, schema: object) -> float | None:
    """The number that a text is as the default of a ``float`` or ``double``; None in any other case."""
    kind = schema.get("type") if isinstance(schema, dict) else schema
    return number_of_text(value) if kind in ("float", "double") and isinstance(value, str) else None


def _fits_name(value: object, name: str, namespace: str, known: Definitions) -> bool:
    if name in FITS_PRIMITIVE:
        return FITS_PRIMITIVE[name](value)
    full = qualify(name, namespace)
    found = known.get(full) or known.get(name)
    if found is None:
        raise UnknownNameError(full)
    return _FITS_COMPLEX[found["type"]](value, found, split_name(full if full in known else name)[0], known)


def _fits_record(value: object, schema: dict[str, Any], namespace: str, known: Definitions) -> bool:
    own = definition_namespace(schema, namespace)
    return isinstance(value, dict) and all(
        fits(value[field["name"]], field["type"], own, known) if field["name"] in value else "default" in field
        for field in schema["fields"]
    )


def _fits_array(value: object, schema: dict[str, Any], namespace: str, known: Definitions) -> bool:
    return isinstance(value, list) and all(fits(item, schema["items"], namespace, known) for item in value)


def _fits_map(value: object, schema: dict[str, Any], namespace: str, known: Definitions) -> bool:
    return isinstance(value, dict) and all(fits(item, schema["values"], namespace, known) for item in value.values())


def _fits_enum(value: object, schema: dict[str, Any], namespace: str, known: Definitions) -> bool:
    return value in schema["symbols"]


def _fits_fixed(value: object, schema: dict[str, Any], namespace: str, known: Definitions) -> bool:
    return isinstance(value, str) and _is_bytes(value) and len(value) == schema["size"]


_FITS_COMPLEX: Mapping[str, Callable[[object, dict[str, Any], str, Definitions], bool]] = {
    "record": _fits_record,
    "error": _fits_record,
    "array": _fits_array,
    "map": _fits_map,
    "enum": _fits_enum,
    "fixed": _fits_fixed,
}


def definition_namespace(schema: Mapping[str, Any], enclosing: str) -> str:
    """The namespace that a valid named type gives to the names inside it."""
    name: str = schema["name"]
    if "." in name:
        return split_name(name)[0]
    own = schema.get("namespace")
    return own if isinstance(own, str) else enclosing
