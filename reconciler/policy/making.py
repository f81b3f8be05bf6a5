"""The parts of the values that rules see, made with everything that is not said empty."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.policy.facts import Definition, Field, Value
from reconciler.policy.words import find_cases, find_endings, split_words

MAX_TEXT = 4_000
"""Characters of a documentation, a default or an option that rules see; it may be a whole table of sample data."""


@dataclass
class Found:
    """What the text of one schema has."""

    fields: list[Field] = field(default_factory=list)
    definitions: list[Definition] = field(default_factory=list)
    options: Mapping[str, str] = field(default_factory=dict)
    doc: str = ""
    dialect: str = ""


_EMPTY_FIELD: Field = {
    "name": "",
    "path": "",
    "at": "",
    "definition": "",
    "words": [],
    "cases": [],
    "endings": [],
    "type": "",
    "type_name": "",
    "items": "",
    "logical": "",
    "precision": 0,
    "scale": 0,
    "doc": "",
    "tags": [],
    "aliases": [],
    "is_nullable": False,
    "is_required": False,
    "is_repeated": False,
    "is_deprecated": False,
    "has_default": False,
    "default": "",
    "samples": [],
    "number": 0,
    "depth": 1,
    "options": {},
}
_EMPTY_DEFINITION: Definition = {
    "name": "",
    "full_name": "",
    "kind": "",
    "path": "",
    "at": "",
    "namespace": "",
    "words": [],
    "cases": [],
    "doc": "",
    "aliases": [],
    "values": [],
    "fields": [],
    "alike": [],
    "required": [],
    "default": "",
    "additional": "",
    "reserved": [],
    "is_outermost": False,
    "is_deprecated": False,
    "options": {},
}


def make_field(name: str, **said: Any) -> Field:
    """A field; what is not said is empty."""
    made: Field = {**_EMPTY_FIELD, **said}  # type: ignore[typeddict-item]
    made["name"], made["words"], made["cases"] = name, list(split_words(name)), list(find_cases(name))
    made["endings"] = list(find_endings(name))
    made["default"] = made["default"][:MAX_TEXT]
    return made


def make_definition(name: str, **said: Any) -> Definition:
    """A type; what is not said is empty."""
    made: Definition = {**_EMPTY_DEFINITION, **said}  # type: ignore[typeddict-item]
    made["name"], made["words"], made["cases"] = name, list(split_words(name)), list(find_cases(name))
    made["alike"] = _find_alike(made["fields"])
    return made


def _find_alike(names: list[str]) -> list[str]:
    flat = ["".join(split_words(name)) for name in names]
    return (
        [name for name, own in zip(names, flat, strict=True) if flat.count(own) > 1]
        if len(set(flat)) < len(flat)
        else []
    )


def make_value(name: str, number: int, doc: str = "") -> Value:
    """A value of an enum."""
    return {
        "name": name,
        "words": list(split_words(name)),
        "cases": list(find_cases(name)),
        "number": number,
        "doc": doc,
    }


def note(value: object) -> str:
    """A value as text, and not too long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text[:MAX_TEXT]
