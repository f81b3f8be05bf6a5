"""Findings of the repository's YAML files: what pydantic objects to, in words that say what would be right."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from reconciler.model import Finding, Location, Severity, Source
from reconciler.yaml_lines import YamlDocument

# pydantic is imported with the first model that is checked: who lists files makes findings long before.
if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

Model = TypeVar("Model", bound="BaseModel")

_NOUNS: Mapping[type, str] = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list"}
_EXPECTED: Mapping[str, str] = {
    "string_type": "text",
    "bool_type": "`true` or `false`",
    "int_type": "a whole number",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping of keys to values",
    "mapping_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
}


def make_finding(code: str, message: str, location: Location | None = None, fix: str | None = None) -> Finding:
    """Make a finding of validation that blocks."""
    return Finding(code, Severity.ERROR, Source.VALIDATION, message, location=location, fix=fix)


def make_warning(code: str, message: str, location: Location | None = None, fix: str | None = None) -> Finding:
    """Make a finding of validation that asks for a look."""
    return Finding(code, Severity.WARNING, Source.VALIDATION, message, location=location, fix=fix)


def suggest(word: str, known: Iterable[str]) -> str | None:
    """Find the known word that was probably meant; the case does not matter."""
    from difflib import get_close_matches

    by_folded = {name.casefold(): name for name in known}
    found = get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a sentence that names the word which was probably meant, or nothing."""
    near = suggest(word, known)
    return f"; did you mean `{near}`?" if near else ""


def check_document(model: type[Model], document: YamlDocument) -> tuple[Model | None, tuple[Finding, ...]]:
    """Validate a file's value; an empty file is an empty mapping.

    Returns:
        the model, or None with a finding for everything that is wrong.
    """
    from pydantic import ValidationError

    try:
        return model.model_validate({} if document.value is None else document.value), ()
    except ValidationError as error:
        return None, tuple(_make_finding(model, document, e) for e in error.errors(include_url=False))


def _make_finding(model: type[BaseModel], document: YamlDocument, error: ErrorDetails) -> Finding:
    path = [step for step in error["loc"] if step != "[key]"]
    is_key = error["type"] in ("extra_forbidden", "invalid_key") or "[key]" in error["loc"]
    location = document.locate(path, of_key=is_key)
    make = _make_bad_key if error["loc"][-1:] == ("[key]",) else _MAKERS.get(error["type"], _make_other)
    return make(model, path, error, location)


def _make_unknown_key(model: type[BaseModel], path: Sequence[str | int], _: ErrorDetails, at: Location) -> Finding:
    known = _known_keys(model, path[:-1])
    message = f"unknown key `{path[-1]}`{did_you_mean(str(path[-1]), known)}"
    return make_finding("UNKNOWN_KEY", message, at, f"known keys here: {', '.join(known)}")


def _make_missing_key(_: type[BaseModel], path: Sequence[str | int], __: ErrorDetails, at: Location) -> Finding:
    return make_finding("MISSING_KEY", f"key `{path[-1]}` is missing{_inside(path)}", at, f"add `{path[-1]}: ...`")


def _make_not_among(_: type[BaseModel], path: Sequence[str | int], error: ErrorDetails, at: Location) -> Finding:
    known = re.findall(r"'([^']*)'|(?<!\w)(\d+)", str(error["ctx"]["expected"]))
    words = [text or number for text, number in known]
    value = error["input"]
    if value is None:
        return make_finding("INVALID_VALUE", f"{_name(path)} has no value", at, f"one of: {', '.join(words)}")
    kind = "a compatibility mode" if "FULL_TRANSITIVE" in words else f"a value of {_name(path)}"
    message = f"`{value}` is not {kind}{did_you_mean(str(value), words)}"
    return make_finding("INVALID_VALUE", message, at, f"one of: {', '.join(words)}")


def _make_bad_key(_: type[BaseModel], path: Sequence[str | int], __: ErrorDetails, at: Location) -> Finding:
    return make_finding("INVALID_VALUE", f"key `{path[-1]}` must be text", at, f'write "{path[-1]}" in quotes')


def _make_empty(_: type[BaseModel], path: Sequence[str | int], __: ErrorDetails, at: Location) -> Finding:
    return make_finding("INVALID_VALUE", f"{_name(path)} is empty", at, "give it a value, or remove the key")


def _make_other(_: type[BaseModel], path: Sequence[str | int], error: ErrorDetails, at: Location) -> Finding:
    expected = _EXPECTED.get(error["type"])
    if expected:
        found = _describe(error["input"])
        fix = f'write "{_spell(error["input"])}" in quotes' if _wants_quotes(error) else None
        return make_finding("INVALID_VALUE", f"{_name(path)} must be {expected}, not {found}", at, fix)
    words = error["msg"].removeprefix("Value error, ")
    return make_finding("INVALID_VALUE", f"{_name(path)}: {words}" if path else words, at)


_MAKERS = {
    "extra_forbidden": _make_unknown_key,
    "missing": _make_missing_key,
    "enum": _make_not_among,
    "literal_error": _make_not_among,
    "invalid_key": _make_bad_key,
    "string_too_short": _make_empty,
    "too_short": _make_empty,
}


def _wants_quotes(error: ErrorDetails) -> bool:
    return error["type"] == "string_type" and isinstance(error["input"], int | float)


def _describe(value: object) -> str:
    if value is None:
        return "empty"
    if isinstance(value, dict):
        return "a mapping"
    noun = _NOUNS.get(type(value), "that")
    return noun if isinstance(value, list) else f"{noun} (`{_spell(value)}`)"


def _spell(value: object) -> str:
    """A value as YAML writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _name(path: Sequence[str | int]) -> str:
    """Name a place by its keys: `registries.orders.kind`, `tags[0]`; the file itself where there are none."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
    return f"`{text}`" if text else "the file"


def _inside(path: Sequence[str | int]) -> str:
    return f" in {_name(path[:-1])}" if len(path) > 1 else ""


def _known_keys(model: type[BaseModel], path: Sequence[str | int]) -> Collection[str]:
    """The keys of the model that a path leads to, through lists and mappings of models."""
    kind: Any = model
    for step in path:
        fields = getattr(kind, "model_fields", {})
        kind = (_model_in(fields[step].annotation) or kind) if step in fields else kind
    fields = getattr(kind, "model_fields", {})
    return [field.alias or name for name, field in fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    from pydantic import BaseModel

    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and not issubclass(annotation, Enum):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
