"""Is a value a schema of its draft? The meta-schema decides, through ``jsonschema-rs``.

``jsonschema-rs`` and not ``jsonschema``: checking a schema of 20 properties takes it 5 to 30 microseconds, the other
1.5 to 8 milliseconds, which is the difference between one second and one minute for ten thousand files. Nothing is
fetched: the meta-schemas are part of the library, and a schema is only ever an instance here.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any, Protocol, cast

from reconciler.errors import SchemaError
from reconciler.schemas.json_positions import locate, pointer, render_json
from reconciler.schemas.json_schema.drafts import Draft

_CLASSES: Mapping[str, str] = {
    "draft 4": "Draft4Validator",
    "draft 6": "Draft6Validator",
    "draft 7": "Draft7Validator",
    "draft 2019-09": "Draft201909Validator",
    "draft 2020-12": "Draft202012Validator",
}

_HALF_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\ud[89a-f]..")

_SCHEMAS = "must be an object of schemas by name"
_LIST_OF_SCHEMAS = "must be a list of at least one schema"
_SCHEMA = "must be a schema: an object, true or false"
_COUNT = "must be a whole number of at least 0, without a decimal point"
_FLAG = "must be true or false"
_NUMBER = "must be a number"
_EXPECTED: Mapping[str, str] = {
    "type": "must be array, boolean, integer, null, number, object or string, or a list of these, each once",
    "required": "must be a list of property names (and no true or false, as in draft 3)",
    "enum": "must be a list of values",
    "pattern": "must be a regular expression, as a string",
    "format": "must be a string",
    "title": "must be a string",
    "description": "must be a string",
    "$ref": "must be a string with an address",
    "$id": "must be a string with an address, in drafts from 2019-09 on without a fragment",
    "items": "must be a schema, or in drafts up to 2019-09 a list of schemas",
    "dependencies": "must be an object of schemas or lists of names, by name",
    "dependentRequired": "must be an object of lists of names, by name",
    "multipleOf": "must be a number above 0",
    "minimum": _NUMBER,
    "maximum": _NUMBER,
    "exclusiveMinimum": "must be a number (in draft 4 true or false, beside `minimum`)",
    "exclusiveMaximum": "must be a number (in draft 4 true or false, beside `maximum`)",
    **dict.fromkeys(("uniqueItems", "readOnly", "writeOnly", "deprecated"), _FLAG),
    **dict.fromkeys(("properties", "patternProperties", "definitions", "$defs", "dependentSchemas"), _SCHEMAS),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), _LIST_OF_SCHEMAS),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), _COUNT),
}


class _Problem(Protocol):
    message: str
    instance_path: list[str | int]


class _Validator(Protocol):
    def is_valid(self, instance: object) -> bool: ...
    def iter_errors(self, instance: object) -> Iterator[_Problem]: ...


@lru_cache(maxsize=8)
def _validator(draft: Draft) -> _Validator:
    import jsonschema_rs

    # Formats stay unchecked: a pattern is in the dialect of whoever reads the data, not in Rust's.
    make = getattr(jsonschema_rs, _CLASSES[draft.name])
    return cast(_Validator, make({"$ref": draft.uri}, validate_formats=False))


def is_valid(schema: object, draft: Draft) -> bool:
    """Whether a value is a schema of its draft, as far as that can be told quickly; False is not the last word."""
    with suppress(ValueError):  # Rust knows neither numbers that remember their text nor half a surrogate pair
        return _validator(draft).is_valid(schema)
    return False


def find_violation(text: str, schema: object, draft: Draft) -> SchemaError | None:
    """Hold a schema against its draft's meta-schema.

    Args:
        text: where it was read from, for line and column.
        schema: the value.
        draft: its draft.

    Returns:
        the first place, in the order of the text, that breaks the meta-schema; None for a valid schema.
    """
    plain = json.loads(_HALF_PAIR.sub(r"\1\\ufffd", render_json(schema)), parse_float=_plain_number)
    found = _validator(draft).iter_errors(plain)
    problems = [each for each in found if not _is_tolerated(plain, each.instance_path)]
    if not problems:
        return None
    order = Order(plain)
    problem = min(problems, key=lambda problem: order.of(problem.instance_path))
    return make_error(text, problem.instance_path, draft, problem.message)


def _follow(value: object, path: Sequence[str | int]) -> Iterator[tuple[object, object]]:
    """Each value on the way to a place, with the step from there; the library leaves empty names out of paths, and
    where one is missing the way ends.
    """
    for step in path:
        key: Any = int(step) if isinstance(value, list) else step
        try:
            inner = cast(Any, value)[key]
        except (KeyError, IndexError, TypeError):
            return
        yield value, key
        value = inner


class Order:
    """The order of places in a value, as in its text; finding each in the text would take as long as reading it all."""

    def __init__(self, value: object) -> None:
        self._value = value
        self._ranks: dict[int, dict[str, int]] = {}  # of an object's members

    def of(self, path: Sequence[str | int]) -> tuple[int, ...]:
        """The rank of each step on the way to a place; what encloses another place comes before it."""
        ranks: list[int] = []
        for value, key in _follow(self._value, path):
            if isinstance(value, dict):
                members = self._ranks.get(id(value)) or {name: rank for rank, name in enumerate(value)}
                self._ranks[id(value)] = members
                ranks.append(members[str(key)])
            else:
                ranks.append(cast(int, key))
        return tuple(ranks)


def _is_tolerated(schema: object, path: Sequence[str | int]) -> bool:
    """Whether it is `required` without a name, or with one twice: registries take it, and tools write it."""
    if not path or path[-1] != "required" or (len(path) > 1 and _EXPECTED.get(str(path[-2])) == _SCHEMAS):
        return False
    way = list(_follow(schema, path))
    if len(way) < len(path):
        return False
    holder, key = way[-1]
    value = cast(Any, holder)[key]
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _plain_number(text: str) -> float:
    """A number in the range of a double; ``1e999`` is a number in JSON, and infinity is not."""
    return max(-sys.float_info.max, min(float(text), sys.float_info.max))


def make_error(text: str, path: Sequence[str | int], draft: Draft, otherwise: str = f"this {_SCHEMA}") -> SchemaError:
    """Say what a place should be.

    Args:
        text: where it was read from, for line and column.
        path: the way to the place.
        draft: the schema's draft.
        otherwise: what to say of a place that is no keyword with words of its own.
    """
    keyword = path[-1] if path else ""
    parent = path[-2] if len(path) > 1 else ""
    is_name = _EXPECTED.get(str(parent)) == _SCHEMAS  # a property that is called `type`, not the keyword
    expected = _SCHEMA if is_name else _EXPECTED.get(str(keyword))
    line, column = locate(text, pointer(path)) or (1, 1)
    return SchemaError(
        f"not a valid schema of JSON Schema {draft.name}: {f'`{keyword}` {expected}' if expected else otherwise}",
        path=pointer(path),
        line=line,
        column=column,
        fix=f"correct it, or name another draft in `$schema`; this one is read as {draft.name}",
    )
