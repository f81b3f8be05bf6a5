"""JSON values for comparing: equality as JSON Schema has it, numbers without rounding."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from hashlib import blake2b

from reconciler.compatibility.json_schema.shapes import Number, Value
from reconciler.schemas.json_positions import WrittenFloat

_EXACT_UP_TO = 400
"""Powers of ten that divisions are made with; beyond, a number is not said to divide another."""


def make_value(json_value: object) -> Value:
    """Make a JSON value hashable: ``1`` equals ``1.0``, ``true`` does not, members of objects have no order."""
    if isinstance(json_value, str):
        return json_value
    if isinstance(json_value, bool):
        return ("boolean", json_value)
    if isinstance(json_value, float):
        return make_number(json_value)
    if isinstance(json_value, list):
        return ("array", *map(make_value, json_value))
    if isinstance(json_value, dict):
        return ("object", frozenset((name, make_value(member)) for name, member in json_value.items()))
    return json_value


def make_number(number: float) -> Number:
    """Read a number as it was written, without rounding and however large."""
    if isinstance(number, int):
        return number
    try:
        return Decimal(number.text if isinstance(number, WrittenFloat) else repr(number))
    except InvalidOperation:  # an exponent of more than 18 digits
        return Decimal(number)


def is_multiple(number: Number, of: Number) -> bool:
    """Whether one number divides another without a rest; not said of numbers that are too large or too small."""
    if not (_is_moderate(number) and _is_moderate(of)) or of == 0:
        return False
    return (Fraction(number) / Fraction(of)).denominator == 1


def _is_moderate(number: Number) -> bool:
    return not isinstance(number, Decimal) or (number.is_finite() and abs(number.adjusted()) <= _EXACT_UP_TO)


def texts(values: object) -> Sequence[str]:
    """The strings of a list of names."""
    return [name for name in values if isinstance(name, str)] if isinstance(values, list) else []


def digest(*parts: object) -> bytes:
    """Hash values by their text, as a key that is equal for equal parts only."""
    return blake2b(repr(parts).encode(), digest_size=16).digest()
