"""Can registries read a file that the compiler refuses? They ask for the language's grammar, and that every type is
defined somewhere; numbers that are used twice, or options that nobody defines, do not keep them from comparing it.

Source: what the reader of Confluent's registry (Square's Wire) loads and refuses.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from reconciler.schemas.protobuf.compiler import begins_with_syntax
from reconciler.schemas.protobuf.scan import BLOCKS, LABELS, Scanned, Statement, is_closed, unquoted
from reconciler.schemas.protobuf.types import Types

_IDENTIFIER = r"[A-Za-z_]\w*+"
_NAME = rf"{_IDENTIFIER}(?:\.{_IDENTIFIER})*+"
_TYPE = rf"\.?{_NAME}"
_NUMBER = r"(?:0[xX][0-9a-fA-F]{1,16}+|\d{1,20}+)"
_SIGNED = rf"(?:- )?{_NUMBER}"
_KEY = rf"(?:\( {_TYPE} \)|{_TYPE})(?: \. ?(?:\( {_TYPE} \)|{_NAME})| \.{_NAME})*+"
_VALUE = r'(?:""(?: "")*+|(?:- )?\.?\w[\w.+-]*+|\{\}|\[[^\[\]]*+\])'
_OPTIONS = rf"(?: \[ {_KEY} = {_VALUE}(?: , {_KEY} = {_VALUE})*+ \])?"
_LABELS = rf"(?:{'|'.join(sorted(LABELS))})"
_LABEL = rf"(?!{_LABELS} {_IDENTIFIER} = )(?:{_LABELS} )?"
_RANGE = rf"{_SIGNED}(?: to (?:{_SIGNED}|max))?"
_RESERVED = rf'(?:""(?: "")*+|{_RANGE})'
_MESSAGE_OF_METHOD = rf"\( (?:stream )?(?!stream \)){_TYPE} \)"

_SHAPES: Mapping[str, re.Pattern[str]] = {
    kind: re.compile(shape, re.ASCII)
    for kind, shape in {
        "syntax": 'syntax = ""',
        "edition": 'edition = ""',
        "package": f"package {_NAME}",
        "import": 'import (?:(?:public|weak|option) )?""(?: "")*+',
        "option": f"option {_KEY} = {_VALUE}",
        "message": f"(?:(?:export|local) )?message {_IDENTIFIER}",
        "enum": f"(?:(?:export|local) )?enum {_IDENTIFIER}",
        "oneof": f"oneof {_IDENTIFIER}",
        "service": f"service {_IDENTIFIER}",
        "extend": f"extend {_TYPE}",
        "field": f"{_LABEL}(?:{_TYPE}|map < {_TYPE} , {_TYPE} >) {_IDENTIFIER} = {_NUMBER}{_OPTIONS}",
        "group": f"{_LABEL}group {_IDENTIFIER} = {_NUMBER}{_OPTIONS}",
        "value": f"{_IDENTIFIER} = {_SIGNED}{_OPTIONS}",
        "rpc": f"rpc {_IDENTIFIER} {_MESSAGE_OF_METHOD} returns {_MESSAGE_OF_METHOD}",
        "reserved": f"reserved {_RESERVED}(?: , {_RESERVED})*+",
        "reserved of an edition": f"reserved (?:{_RANGE}(?: , {_RANGE})*+|{_IDENTIFIER}(?: , {_IDENTIFIER})*+)",
        "extensions": f"extensions {_RANGE}(?: , {_RANGE})*+{_OPTIONS}",
    }.items()
}
"""How a statement of each kind is written: its words with blanks between, without what is within strings and braces."""

_REMEMBERED_LENGTH = 10_000
"""Characters of a file whose statements are worth remembering; a few big ones would fill the memory."""

_BODILESS = frozenset({"rpc"})  # kinds that have a body or none
_NUMBERED = frozenset({"field", "group", "value"})
_MAX_NUMBER = 2**31
_SCALARS = frozenset(
    {
        *("int32", "int64", "uint32", "uint64", "sint32", "sint64", "bool", "string", "bytes"),
        *("fixed32", "fixed64", "sfixed32", "sfixed64", "float", "double"),
    }
)

_LABELS_BY_SYNTAX: Mapping[str, frozenset[str]] = {
    "proto2": LABELS,
    "proto3": frozenset({"", "optional", "repeated"}),
    "2023": frozenset({"", "repeated"}),
    "2024": frozenset({"", "repeated"}),
}
"""Labels of fields outside of oneofs and maps; empty for none."""


def is_grammatical(text: str, scanned: Scanned) -> bool:
    """Whether a file is written as the language asks for.

    Args:
        text: of the file.
        scanned: the same, taken apart.
    """
    if not scanned.is_whole:
        return False
    statements = scanned.statements
    first, *others = statements
    is_headed = first.kind in ("syntax", "edition")
    if is_headed and not begins_with_syntax(text):
        return False
    syntax = unquoted(first.texts[-1]) if is_headed else "proto2"
    if syntax not in _LABELS_BY_SYNTAX or any(each.kind in ("syntax", "edition") for each in others):
        return False
    if (first.kind == "edition") is syntax.startswith("proto"):
        return False
    is_right = _is_right if len(text) <= _REMEMBERED_LENGTH else _is_right.__wrapped__
    return _are_right(statements, "file", syntax, is_right) and not _has_twins(statements)


def _has_twins(statements: Sequence[Statement]) -> bool:
    """Whether two declarations of the file itself share a name; within messages they may."""
    groups = {"message": "type", "enum": "type", "service": "service"}
    counts = Counter((groups[each.kind], each.name) for each in statements if each.kind in groups)
    return any(count > 1 for count in counts.values())


def _are_right(statements: Sequence[Statement], parent: str, syntax: str, is_right: Callable[..., bool]) -> bool:
    return all(
        is_right(each.kind, each.texts, each.body is not None, parent, syntax)
        and (not each.body or _are_right(each.body, each.kind, syntax, is_right))
        for each in statements
    )


@lru_cache(maxsize=4096)
def _is_right(kind: str, texts: tuple[str, ...], has_body: bool, parent: str, syntax: str) -> bool:
    """Whether a statement by itself is; the versions of a file have most of their statements in common."""
    statement = Statement(kind, texts, 0, () if has_body else None)
    return _has_shape(statement, syntax) and _has_number(statement) and _has_label(statement, parent, syntax)


def _has_shape(statement: Statement, syntax: str) -> bool:
    by_syntax = "" if syntax.startswith("proto") else " of an edition"
    shape = _SHAPES.get(statement.kind + by_syntax) or _SHAPES.get(statement.kind)
    if shape is None or (statement.kind in BLOCKS - _BODILESS and statement.body is None):
        return False
    words = _outer_words(statement.texts)
    return words is not None and shape.fullmatch(words) is not None


def _outer_words(texts: Sequence[str]) -> str | None:
    """The words with blanks between, strings and what is within braces emptied; None where a string has no end."""
    words: list[str] = []
    depth = 0
    for text in texts:
        if text[0] in "\"'":
            if not is_closed(text):
                return None
            text = '""'
        depth += text == "{"
        if not depth:
            words.append(text)
        elif text == "}":
            depth -= 1
            words += [] if depth else ["{}"]
    return None if depth else " ".join(words)


def _has_number(statement: Statement) -> bool:
    return statement.kind not in _NUMBERED or -_MAX_NUMBER <= int(statement.number) < _MAX_NUMBER


def _has_label(statement: Statement, parent: str, syntax: str) -> bool:
    if statement.kind not in ("field", "group"):
        return True
    if parent == "oneof" or statement.type.startswith("map<"):
        return not statement.label
    is_of_edition = not syntax.startswith("proto")
    return statement.label in _LABELS_BY_SYNTAX[syntax] and not (is_of_edition and statement.kind == "group")


def find_undefined(statements: Sequence[Statement], types: Types) -> tuple[Statement, str] | None:
    """Find a type that is used and declared nowhere: the statement that uses it, and its name as written.

    Args:
        statements: of a file that is grammatical.
        types: what it and the files that it can use declare.
    """
    undefined = (
        (statement, name)
        for scope, name, statement in _uses(statements, types.main.package)
        if not (name in _SCALARS or types.find(scope, name))
    )
    groups: frozenset[str] | None = None
    for statement, name in undefined:
        groups = groups if groups is not None else frozenset(_group_names(statements))
        if name.rpartition(".")[2] not in groups:
            return statement, name
    return None


def _group_names(statements: Sequence[Statement]) -> Iterator[str]:
    for statement in statements:
        if statement.kind == "group":
            yield statement.name
        yield from _group_names(statement.body or ())


def _uses(statements: Sequence[Statement], scope: str) -> Iterator[tuple[str, str, Statement]]:
    """The scope and name of each type where it is used, and the statement."""
    for statement in statements:
        inner = scope
        if statement.kind == "field":
            for name in _named_types(statement.texts):
                yield scope, name, statement
        elif statement.kind == "rpc":
            for opening, text in zip(statement.texts, (*statement.texts[1:], ""), strict=True):
                if opening in ("(", "stream") and text not in ("(", "stream", ")"):
                    yield scope, text, statement
        elif statement.kind == "extend":
            yield scope, statement.name, statement
        elif statement.kind in ("message", "group"):
            inner = f"{scope}.{statement.name}".lstrip(".")
        if statement.body:
            yield from _uses(statement.body, inner)


@lru_cache(maxsize=4096)
def _named_types(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The types of a field that have a declaration; the versions of a file have most of their fields in common."""
    written = Statement("field", texts, 0).type
    names = written.removeprefix("map<").removesuffix(">").split(", ") if written.startswith("map<") else [written]
    return tuple(name for name in names if name not in _SCALARS)
