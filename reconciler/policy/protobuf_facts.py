"""What rules see of a Protobuf file: fields, messages, enums, oneofs and services as they are written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reconciler.policy.making import Found, make_definition, make_field, make_value, note
from reconciler.schemas.protobuf.canonical import comment_lines
from reconciler.schemas.protobuf.scan import Statement

_INTEGERS = {f"{kind}{bits}" for kind in ("int", "uint", "sint", "fixed", "sfixed") for bits in (32, 64)}
_SCALARS = frozenset({"double", "float", "bool", "string", "bytes"} | _INTEGERS)
_DEFINING = frozenset({"message", "enum", "oneof", "service", "rpc", "group"})
_LONGEST_RANGE = 10_000
_OPENING, _CLOSING = frozenset("[{(<"), frozenset("]})>")


def find_protobuf(statements: tuple[Statement, ...]) -> Found:
    """Walk the statements of a file."""
    found = Found()
    package = next((s.name for s in statements if s.kind == "package"), "")
    first = next((s for s in statements if s.kind in ("syntax", "edition")), None)
    found.dialect = first.texts[-1].strip("\"'") if first else "proto2"
    found.doc = _doc(first) if first else ""
    found.options = _own_options(statements)
    kinds = dict(_kinds(statements, ""))
    _walk(statements, "", package, 1, kinds, found)
    return found


def _kinds(statements: tuple[Statement, ...], scope: str) -> Iterator[tuple[str, str]]:
    for statement in statements:
        if statement.kind in ("message", "enum"):
            yield statement.name, statement.kind
        yield from _kinds(statement.body or (), scope)


def _walk(
    statements: tuple[Statement, ...], scope: str, package: str, depth: int, kinds: dict[str, str], found: Found
) -> None:
    for statement in statements:
        if statement.kind in ("field", "group"):
            found.fields.append(_make_field(statement, scope, depth, kinds))
        if statement.kind in _DEFINING:
            path = _join(scope, statement.name)
            found.definitions.append(_make_definition(statement, path, package))
            # A oneof is no level of its own: its fields are the message's.
            _walk(
                statement.body or (), path, package, depth + (statement.kind == "message" and bool(scope)), kinds, found
            )
        elif statement.kind == "extend":
            _walk(statement.body or (), _join(scope, f"extend {statement.name}"), package, depth, kinds, found)


def _make_field(statement: Statement, scope: str, depth: int, kinds: dict[str, str]) -> Any:
    options = dict(_bracketed(statement.texts))
    written = statement.type
    is_map = written.replace(" ", "").startswith("map<")
    kind = "map" if is_map else written if written in _SCALARS else kinds.get(written.rpartition(".")[2], "reference")
    default = options.pop("default", None)
    path = _join(scope, statement.name)
    return make_field(
        statement.name,
        path=path,
        at=path,
        definition=scope,
        type="message" if statement.kind == "group" else kind,
        type_name="" if written in _SCALARS or is_map else written.removeprefix("."),
        items=written.rpartition(",")[2].strip(" >") if is_map else kind if statement.label == "repeated" else "",
        doc=_doc(statement),
        tags=[
            word.strip(" \"'") for word in options.get("(confluent.field_meta).tags", "").strip("[]").split(",") if word
        ],
        is_nullable=statement.label == "optional",
        is_required=statement.label == "required",
        is_repeated=is_map or statement.label == "repeated",
        is_deprecated=options.get("deprecated") == "true",
        has_default=default is not None,
        default=default or "",
        samples=[default.strip("\"'")] if default else [],
        number=_number(statement),
        depth=depth,
        options=options,
    )


def _make_definition(statement: Statement, path: str, package: str) -> Any:
    body = statement.body or ()
    options = _own_options(body)
    members = [member for member in body if member.kind in ("field", "group")]
    return make_definition(
        statement.name,
        full_name=f"{package}.{path}" if package else path,
        kind="message" if statement.kind == "group" else statement.kind,
        path=path,
        at=path,
        namespace=package,
        doc=_doc(statement),
        values=[make_value(v.name, _number(v), _doc(v)) for v in body if v.kind == "value"],
        fields=[member.name for member in members],
        required=[member.name for member in members if member.label == "required"],
        reserved=[word for s in body if s.kind == "reserved" for word in _reserved(s.texts[1:])],
        is_outermost="." not in path,
        is_deprecated=options.get("deprecated") == "true",
        options=options,
    )


def _number(statement: Statement) -> int:
    digits = statement.number
    return int(digits) if digits.lstrip("-").isdecimal() and len(digits) < 19 else 0


def _reserved(texts: tuple[str, ...]) -> Iterator[str]:
    """Names and numbers; of a range each number, as far as it is short."""
    entries = " ".join(texts).replace('"', "").replace("'", "").split(",")
    for entry in entries:
        first, _, last = (word.strip() for word in entry.partition(" to "))
        is_range = all(word.isdecimal() and len(word) < 10 for word in (first, last))
        if is_range and int(last) - int(first) < _LONGEST_RANGE:
            yield from map(str, range(int(first), int(last) + 1))
        else:
            yield from (word for word in (first, last) if word)


def _doc(statement: Statement) -> str:
    return note("\n".join(line for comment in statement.comments for line in comment_lines(comment)).strip())


def _own_options(statements: tuple[Statement, ...]) -> dict[str, str]:
    return {s.name: _after(s.texts) for s in statements if s.kind == "option"}


def _after(texts: tuple[str, ...]) -> str:
    words = texts[texts.index("=") + 1 :] if "=" in texts else ()
    return note(" ".join(words).strip("\"'"))


def _bracketed(texts: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The options between a field's brackets, each with its name and value as written."""
    if "[" not in texts:
        return
    start = texts.index("[") + 1
    entry: list[str] = []
    depth = 0
    for text in (*texts[start:-1], ","):
        if text == "," and depth <= 0:
            if "=" in entry:
                at = entry.index("=")
                yield "".join(entry[:at]), note(" ".join(entry[at + 1 :]))
            entry = []
            continue
        depth += (text in _OPENING) - (text in _CLOSING)
        entry.append(text)


def _join(scope: str, name: str) -> str:
    return f"{scope}.{name}" if scope else name
