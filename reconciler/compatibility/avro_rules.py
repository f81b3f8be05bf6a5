"""The rules of Avro as rows: Confluent's name of each clash, and what to tell the author of the new schema."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.compatibility.clash import Rule, Words
from reconciler.schemas.avro.nodes import Node

FIELD_WITHOUT_DEFAULT = Rule(
    "READER_FIELD_MISSING_DEFAULT_VALUE",
    Words(
        "{where} was added without a default, so consumers with this schema cannot read data of {old}",
        "{example}",
    ),
    Words(
        "{where} was removed, and {old} has no default for it, so consumers with {old} cannot read data of this schema",
        "keep the field; it can go once a version that gives it a default is what consumers have",
    ),
)

FIELD_WITHOUT_OWN_DEFAULT = Rule(
    "TYPE_MISMATCH",
    Words(
        "{where} was added without a default (the one of its enum does not count for the field),"
        " so consumers with this schema cannot read data of {old}",
        "{example}",
    ),
    Words(
        "{where} was removed, and {old} has no default for the field (the one of its enum does not count),"
        " so consumers with {old} cannot read data of this schema",
        "keep the field; it can go once a version that gives it a default is what consumers have",
    ),
)

AMBIGUOUS_FIELD = Rule(
    "READER_FIELD_AMBIGUOUS",
    Words(
        "{where} means several fields of {old} by its name and aliases ({fields}),"
        " so consumers with this schema cannot read data of {old}",
        "remove the aliases that are fields of their own",
    ),
    Words(
        "{where} of {old} means several fields of this schema by its name and aliases ({fields}),"
        " so consumers with {old} cannot read data of this schema",
        "rename the field that was added under the name of an alias",
    ),
)

TYPE_MISMATCH = Rule(
    "TYPE_MISMATCH",
    Words(
        "{where} is {reader} now and may be {writer} in data of {old}, which does not read as {reader}",
        "keep {writer}, or add a new field with a default and leave this one",
    ),
    Words(
        "{where} may be {writer} now and is {reader} in {old}, so consumers with {old} cannot read data of this schema",
        "keep {reader}, or add a new field and leave this one",
    ),
)

NAME_MISMATCH = Rule(
    "NAME_MISMATCH",
    Words(
        "{where} is {reader} now and was {writer} in {old}, and neither the name nor an alias is the same",
        'add "aliases": ["{writer_name}"] to {reader}, or keep the name',
    ),
    Words(
        "{where} is {writer} now and was {reader} in {old}, so consumers with {old} do not know the name",
        "keep the name {reader_name}",
    ),
)

MISSING_BRANCH = Rule(
    "MISSING_UNION_BRANCH",
    Words(
        "{where} is {reader} now, and no branch of it reads {writer}, which data of {old} may hold",
        "keep a branch that reads {writer}",
    ),
    Words(
        "{where} may hold {writer} now, which no branch of {reader} in {old} reads,"
        " so consumers with {old} cannot read data of this schema",
        "leave that branch out until consumers have a version with it",
    ),
)

MISSING_SYMBOLS = Rule(
    "MISSING_ENUM_SYMBOLS",
    Words(
        "{where} no longer has {symbols} of {old} in {reader}, so consumers with this schema cannot read data that has",
        'keep the symbols, or give the enum a "default" among its symbols',
    ),
    Words(
        "{where} has {symbols} in {writer} now, which {old} has not and has no default for,"
        " so consumers with {old} cannot read data that has",
        'give the enum a "default" in a version of its own first, and add symbols once consumers have it',
    ),
)

FIXED_SIZE = Rule(
    "FIXED_SIZE_MISMATCH",
    Words(
        "{where} is {reader_size} bytes long now and was {writer_size} bytes in {old}",
        "keep the size, or add a new field of another fixed type",
    ),
    Words(
        "{where} is {writer_size} bytes long now and {reader_size} bytes in {old},"
        " so consumers with {old} cannot read data of this schema",
        "keep the size, or add a new field of another fixed type",
    ),
)

_DEFAULTS: Mapping[str, str] = {
    "null": "null",
    "boolean": "false",
    "int": "0",
    "long": "0",
    "float": "0.0",
    "double": "0.0",
    "bytes": '""',
    "string": '""',
    "array": "[]",
    "map": "{}",
}


def default_example(node: Node) -> str:
    """How to give a field of this type a default."""
    if node.kind == "union" and any(branch.kind == "null" for branch in node.inner):
        return 'add "default": null to the field'
    if node.kind == "enum" and node.symbols:
        return f'add "default": "{node.default or node.symbols[0]}" to the field'
    if node.kind in _DEFAULTS:
        return f'add a default to the field, such as "default": {_DEFAULTS[node.kind]}'
    return f'make the type ["null", {node.kind} ...] with "default": null, or add a default to the field'


def show(node: Node) -> str:
    """A type in few words: ``record Order``, ``union null | int``, ``array of string``."""
    if node.kind == "union":
        return "union " + " | ".join(branch.simple_name or branch.kind for branch in node.inner)
    if node.kind in ("array", "map"):
        return f"{node.kind} of {node.inner[0].simple_name or node.inner[0].kind}"
    return f"{node.kind} {node.simple_name}" if node.name else node.kind
