"""The rules of Avro as rows: Confluent's name of each clash, and what to tell the author of the new schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconciler.compatibility.clash import Rule, Words
from reconciler.schemas.avro.nodes import Node

_LOOKS_BACK = ", or choose a mode that looks backward only, such as BACKWARD"
_IN_TWO_STEPS = 'keep the field; give it a "default" in a version of its own, and remove it in the next'
_NEW_FIELD = ", or add a new field with a default and leave this one"

PROMOTIONS = frozenset(
    {
        ("long", "int"),
        ("float", "int"),
        ("float", "long"),
        ("double", "int"),
        ("double", "long"),
        ("double", "float"),
        ("string", "bytes"),
        ("bytes", "string"),
    }
)
"""Reader and writer: https://avro.apache.org/docs/1.12.0/specification/#schema-resolution."""

RULES: Mapping[str, Rule] = {
    "READER_FIELD_MISSING_DEFAULT_VALUE": Rule(
        "READER_FIELD_MISSING_DEFAULT_VALUE",
        Words(
            "{where} was added without a default, so consumers with this schema cannot read data of {old}",
            "{example}",
        ),
        Words(
            "{where} was removed, and {old} has no default for it,"
            " so consumers with {old} cannot read data of this schema",
            _IN_TWO_STEPS,
        ),
    ),
    "TYPE_MISMATCH enum default": Rule(
        "TYPE_MISMATCH",
        Words(
            "{where} was added without a default (the one of its enum does not count for the field),"
            " so consumers with this schema cannot read data of {old}",
            "{example}",
        ),
        Words(
            "{where} was removed, and {old} has no default for the field (the one of its enum does not count),"
            " so consumers with {old} cannot read data of this schema",
            _IN_TWO_STEPS,
        ),
    ),
    "READER_FIELD_AMBIGUOUS": Rule(
        "READER_FIELD_AMBIGUOUS",
        Words(
            "{where} means several fields of {old} by its name and aliases ({fields}),"
            " so consumers with this schema cannot read data of {old}",
            "remove aliases until only one of these fields is meant",
        ),
        Words(
            "{where} of {old} means several fields of this schema by its name and aliases ({fields}),"
            " so consumers with {old} cannot read data of this schema",
            "give the field that was added another name than that of an alias in {old}",
        ),
    ),
    "TYPE_MISMATCH": Rule(
        "TYPE_MISMATCH",
        Words(
            "{where} is {reader} now and may be {writer} in data of {old}, which does not read as {reader}",
            "keep {writer}" + _NEW_FIELD,
        ),
        Words(
            "{where} may be {writer} now and is {reader} in {old},"
            " so consumers with {old} cannot read data of this schema",
            "keep {reader}" + _NEW_FIELD,
        ),
    ),
    "NAME_MISMATCH": Rule(
        "NAME_MISMATCH",
        Words(
            "{where} is {reader} now and was {writer} in {old}, and neither the name nor an alias is the same,"
            " so consumers with this schema cannot read data of {old}",
            'add "aliases": ["{writer_name}"] to {reader}, or keep the name',
        ),
        Words(
            "{where} is {writer} now and was {reader} in {old}, so consumers with {old}, which do not know the name,"
            " cannot read data of this schema",
            "keep the name {reader_name}",
        ),
    ),
    "NAME_MISMATCH no namespace": Rule(
        "NAME_MISMATCH",
        Words(
            "{where} is {reader} now and was {writer} in {old}, and no alias in a namespace means a name that has none,"
            " so consumers with this schema cannot read data of {old}",
            "keep the name {writer_name}, in any namespace",
        ),
        Words(
            "{where} is {writer} now and was {reader} in {old}, so consumers with {old}, which do not know the name,"
            " cannot read data of this schema",
            "keep the name {reader_name}",
        ),
    ),
    "MISSING_UNION_BRANCH": Rule(
        "MISSING_UNION_BRANCH",
        Words(
            "{where} is {reader} now, and no branch of it reads {writer}, which data of {old} may hold",
            "keep a branch that reads {writer}",
        ),
        Words(
            "{where} may hold {writer} now, which no branch of {reader} in {old} reads,"
            " so consumers with {old} cannot read data of this schema",
            "keep to what {old} reads" + _LOOKS_BACK,
        ),
    ),
    "MISSING_ENUM_SYMBOLS": Rule(
        "MISSING_ENUM_SYMBOLS",
        Words(
            "{where} no longer has {symbols} of {old} in {reader},"
            " so consumers with this schema cannot read data that has them",
            'keep the symbols, or give the enum a "default" among its symbols',
        ),
        Words(
            "{where} has {symbols} in {writer} now, which {old} does not have and has no default for,"
            " so consumers with {old} cannot read data that has them",
            'leave the symbols out; give the enum a "default" in a version of its own, and add them in the next',
        ),
    ),
    "FIXED_SIZE_MISMATCH": Rule(
        "FIXED_SIZE_MISMATCH",
        Words(
            "{where} is {reader_size} bytes long now and was {writer_size} bytes in {old},"
            " so consumers with this schema cannot read data of {old}",
            "keep the size" + _NEW_FIELD,
        ),
        Words(
            "{where} is {writer_size} bytes long now and {reader_size} bytes in {old},"
            " so consumers with {old} cannot read data of this schema",
            "keep the size" + _NEW_FIELD,
        ),
    ),
}
"""By key: the code, and behind a space what tells cases of it apart. A difference without a row is none."""

_SHOWN = 20
"""Branches or symbols that a sentence names; thousands would fill the memory where each of them clashes."""

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
    """How to give a field of this type a default; for a union one of its first branch, which every library takes."""
    if node.kind == "union":
        return _default_of_union(node.inner)
    if node.kind == "enum" and node.symbols:
        return f'add "default": "{node.default or node.symbols[0]}" to the field'
    if node.kind in _DEFAULTS:
        return f'add a default to the field, such as "default": {_DEFAULTS[node.kind]}'
    return f'make the type ["null", {show(node)}] with "default": null, or add a default to the field'


def _default_of_union(branches: Sequence[Node]) -> str:
    kinds = [branch.kind for branch in branches]
    if kinds[:1] == ["null"]:
        return 'add "default": null to the field'
    if "null" in kinds or not kinds or kinds[0] in ("record", "fixed"):
        return 'put "null" first in the union and add "default": null to the field'
    return default_example(branches[0])


def join(words: Sequence[str]) -> str:
    """Write words one after the other; of very many the first, and how many more there are."""
    return _join_some(words[:_SHOWN], len(words), ", ")


def _join_some(some: Sequence[str], count: int, separator: str) -> str:
    return separator.join([*some, f"{count - len(some)} more"] if count > len(some) else some)


def show(node: Node) -> str:
    """A type in few words: ``record Order``, ``union null | int``, ``array of string``."""
    if node.kind == "union":
        branches = [branch.simple_name or branch.kind for branch in node.inner[:_SHOWN]]
        return f"union {_join_some(branches, len(node.inner), ' | ')}"
    if node.kind in ("array", "map"):
        return f"{node.kind} of {node.inner[0].simple_name or node.inner[0].kind}"
    return f"{node.kind} {node.simple_name}" if node.name else node.kind
