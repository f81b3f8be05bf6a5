"""What is wrong with the default of a field, once the types that it depends on are known."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.errors import SchemaError
from reconciler.schemas.avro.defaults import Definitions, Fitting, is_floating
from reconciler.schemas.avro.flaws import At, make_flaw
from reconciler.schemas.avro.values import render_value


@dataclass(frozen=True, slots=True)
class FieldDefault:
    """A default with where it stands; its type may be defined in another text."""

    value: object
    schema: object
    namespace: str
    field: str
    path: At


@dataclass(frozen=True, slots=True)
class DefaultFlaw:
    """A default that is no value of its field's type.

    ``is_taken``: registries take it nevertheless, since Avro's Java library sees nothing wrong with it.
    """

    error: SchemaError
    is_taken: bool


def find_default_flaw(text: str, default: FieldDefault, known: Definitions) -> DefaultFlaw | None:
    """Find what is wrong with a default; None where it is a value of its type.

    Args:
        text: the schema's text, for positions of errors.
        default: the default.
        known: what names mean.

    Raises:
        SchemaError: it is text for a ``float`` or ``double``, and no number, which not even an old version can have.
        UnknownNameError: the answer depends on a type that ``known`` has not.
    """
    value, schema = default.value, default.schema
    if Fitting(known).is_default(value, schema, default.namespace):
        return None
    error = _make_error(text, default)
    if is_floating(schema) and isinstance(value, str):
        raise error
    return DefaultFlaw(error, Fitting(known, is_strict=False).is_default(value, schema, default.namespace))


def _make_error(text: str, default: FieldDefault) -> SchemaError:
    shown, wanted = _short(default.value), _short(default.schema)
    return make_flaw(
        text,
        (default.path, "default"),
        f"the default {shown} of field `{default.field}` is not of its type {wanted}",
        _suggest(default),
    )


def _suggest(default: FieldDefault) -> str:
    if default.value is None:
        return 'make the type a union with "null", or give a value of the type'
    if default.value == "null" and isinstance(default.schema, list):
        return "write null without quotes"
    return "give a value of the type, or change the type"


def _short(value: object) -> str:
    text = render_value(value)
    return text if len(text) <= 60 else text[:57] + "..."
