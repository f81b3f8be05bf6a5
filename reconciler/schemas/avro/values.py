"""JSON values inside a schema (defaults, properties) in the text that Avro's Java library gives them.

Object keys are sorted, since the library compares such values without looking at their order.
"""

from __future__ import annotations

import re
from decimal import Decimal
from json.encoder import encode_basestring
from math import inf, isinf, isnan

quote = encode_basestring
"""A JSON string literal; everything but quotes, backslashes and control characters as it is."""

_CONSTANTS: dict[bool | None, str] = {None: "null", True: "true", False: "false"}
_JAVA_NUMBER = re.compile(r"\s*([+-]?)(NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[fFdD]?\s*", re.ASCII)


def render_value(value: object) -> str:
    """Write a JSON value canonically."""
    if value.__class__ is str:
        return quote(value)
    if isinstance(value, float):
        return render_double(value)
    if isinstance(value, dict):
        return "{" + ",".join([f"{quote(key)}:{render_value(value[key])}" for key in sorted(value)]) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(render_value, value)) + "]"
    return _CONSTANTS[value] if value is None or isinstance(value, bool) else str(value)


def render_double(number: float) -> str:
    """Write a floating-point number as Java's ``Double.toString`` and Jackson do: ``1000.0``, ``1.0E10``, ``"NaN"``."""
    if isnan(number):
        return '"NaN"'
    if isinf(number):
        return '"Infinity"' if number > 0 else '"-Infinity"'
    plain = float.__repr__(number)
    if number == 0 or 1e-3 <= abs(number) < 1e7:
        return plain
    sign, digits, exponent = Decimal(plain).normalize().as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits))
    return f"{'-' if sign else ''}{text[0]}.{text[1:] or '0'}E{exponent + len(text) - 1}"


def number_of_text(text: str) -> float | None:
    """The number that Java's ``Double.valueOf`` finds in a text; None where there is none.

    Avro's Java library accepts such a text as the default of a ``float`` or ``double`` field, ``"NaN"`` above all.
    """
    match = _JAVA_NUMBER.fullmatch(text)
    if match is None:
        return None
    sign, digits = match.groups()
    number = inf if digits == "Infinity" else float(digits)
    return -number if sign == "-" else number
