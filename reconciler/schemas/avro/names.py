"""Names in Avro: what is a legal one, how it takes the namespace around it, and what a mistyped one may have meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache

PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
COMPLEX = ("record", "error", "enum", "array", "map", "fixed", "union")

AMBIGUOUS = frozenset((*PRIMITIVES, "record", "enum", "array", "map", "fixed", "union"))
"""Simple names that Avro's Java library writes with their namespace even where the namespace is clear."""

_FOREIGN: Mapping[str, str] = {
    "bool": '"boolean"',
    "str": '"string"',
    "text": '"string"',
    "varchar": '"string"',
    "integer": '"int"',
    "int32": '"int"',
    "short": '"int"',
    "bigint": '"long"',
    "int64": '"long"',
    "number": '"double"',
    "real": '"double"',
    "float32": '"float"',
    "float64": '"double"',
    "binary": '"bytes"',
    "object": '{"type": "record", "name": ..., "fields": [...]}',
    "struct": '{"type": "record", "name": ..., "fields": [...]}',
    "list": '{"type": "array", "items": ...}',
    "date": '{"type": "int", "logicalType": "date"}',
    "time": '{"type": "int", "logicalType": "time-millis"}',
    "timestamp": '{"type": "long", "logicalType": "timestamp-millis"}',
    "datetime": '{"type": "long", "logicalType": "timestamp-millis"}',
    "timestamp-millis": '{"type": "long", "logicalType": "timestamp-millis"}',
    "decimal": '{"type": "bytes", "logicalType": "decimal", "precision": ..., "scale": ...}',
    "uuid": '{"type": "string", "logicalType": "uuid"}',
}

_EXAMPLES: Mapping[str, str] = {
    "record": '{"type": "record", "name": ..., "fields": [...]}',
    "error": '{"type": "error", "name": ..., "fields": [...]}',
    "enum": '{"type": "enum", "name": ..., "symbols": [...]}',
    "array": '{"type": "array", "items": ...}',
    "map": '{"type": "map", "values": ...}',
    "fixed": '{"type": "fixed", "name": ..., "size": ...}',
    "union": '["null", ...]',
}


def is_simple_name(text: str) -> bool:
    """Whether a text is a name without dots: a letter or ``_``, then letters, digits and ``_``, all ASCII."""
    return text.isascii() and text.isidentifier()


def is_taken_name(text: str) -> bool:
    """Whether Avro's Java library takes a text for a name without dots: its letters and digits are those of any
    alphabet, as far as they fit into 16 bits.
    """
    letters = text.replace("_", "a")
    return letters[:1].isalpha() and all((c.isalpha() or c.isdecimal()) and c < "\U00010000" for c in letters)


def is_taken_full_name(text: str) -> bool:
    """Whether the library takes a text for a full name. Up to 1.11 it never looked at namespaces, so that registries
    hold anything there; what would have to be escaped in JSON is too much.
    """
    namespace, name = split_name(text)
    return is_taken_name(name) and namespace.isprintable() and not frozenset('"\\').intersection(namespace)


@lru_cache(maxsize=1024)
def is_full_name(text: str) -> bool:
    """Whether a text is one or more simple names joined by dots."""
    return all(is_simple_name(part) for part in text.split("."))


def split_name(full: str) -> tuple[str, str]:
    """Split a full name into its namespace, empty where there is none, and its simple name."""
    namespace, _, name = full.rpartition(".")
    return namespace, name


def qualify(name: str, namespace: str) -> str:
    """The full name that a name means within a namespace (Avro specification, "Names")."""
    return name if "." in name or not namespace else f"{namespace}.{name}"


def qualify_alias(alias: str, namespace: str) -> str:
    """As :func:`qualify`; and a leading dot, as Avro's Java library has it, is the way to say: in no namespace."""
    return alias[1:] if alias.rfind(".") == 0 else qualify(alias, namespace)


def relative(full: str, namespace: str) -> str:
    """The shortest text that means a full name within a namespace, as Avro's Java library writes it."""
    own, name = split_name(full)
    return name if own == namespace and name not in AMBIGUOUS else full


def suggest_type(name: str, known: Iterable[str] = ()) -> str | None:
    """What to write in place of a type's name that means nothing: a sentence for the user, or None.

    Args:
        name: the name as written.
        known: full names that are defined.
    """
    simple = split_name(name)[1]
    lower = simple.lower()
    if simple in _EXAMPLES:
        return f"write {_EXAMPLES[simple]}"
    if lower in PRIMITIVES:
        return f"did you mean `{lower}`?"
    if lower in _FOREIGN:
        return f"Avro has no `{simple}`; write {_FOREIGN[lower]}"
    known_by_name = {split_name(full)[1]: full for full in known}
    close = get_close_matches(simple, [*known_by_name, *PRIMITIVES], n=1, cutoff=0.75)
    return f"did you mean `{known_by_name.get(close[0], close[0])}`?" if close else None
