"""Protobuf: stored without comments; judged by a rule much smaller than the vendor's.

The double calls these incompatible: another package, a message that is gone, and a field number whose class of type
changed (the vendor's groups of scalars, an enum counting as int32, every other named type as a message). That is
enough to test how a verdict of the server is asked for and shown; it is no reference for the rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.doubles.confluent.formats.parsed import Dependency, InvalidTextError, Parsed, make_reason
from tests.doubles.confluent.formats.protobuf_text import Statement, parse_statements, render_statements

_TOP = frozenset({"syntax", "edition", "import", "package", "option", "message", "enum", "service", "extend"})
_NO_FIELDS = frozenset({"option", "reserved", "extensions", "extend", "enum", "message", "oneof"})
_LABELS = frozenset({"optional", "required", "repeated"})
_GROUPS = {
    **dict.fromkeys(("int32", "int64", "uint32", "uint64", "bool"), "varint"),
    **dict.fromkeys(("sint32", "sint64"), "zigzag"),
    **dict.fromkeys(("string", "bytes"), "text"),
    **dict.fromkeys(("fixed32", "sfixed32"), "fixed32"),
    **dict.fromkeys(("fixed64", "sfixed64"), "fixed64"),
    "float": "float",
    "double": "double",
    "map": "map",
}
_PROVIDED = ("google/protobuf/", "google/type/", "confluent/")


@dataclass
class _Model:
    package: str = ""
    messages: dict[str, dict[int, str]] = field(default_factory=dict)
    enums: set[str] = field(default_factory=set)


def parse(text: str, dependencies: tuple[Dependency, ...], normalize: bool) -> Parsed:
    """Parse a text; with `normalize`, imports and options are sorted, and fields by number.

    Raises InvalidTextError for text that is no Protobuf, or that imports what is not referenced.
    """
    statements = parse_statements(text)
    if not statements:
        raise InvalidTextError("an empty file")
    if strange := [s.text for s in statements if s.tokens and s.tokens[0] not in _TOP]:
        raise InvalidTextError(f"unexpected statement: {strange[0]}")
    known = {dependency.name for dependency in dependencies}
    imports = [s.tokens[-1].strip("\"'") for s in statements if s.tokens and s.tokens[0] == "import"]
    if lost := [name for name in imports if name not in known and not name.startswith(_PROVIDED)]:
        raise InvalidTextError(f"unresolved import: {', '.join(lost)}")
    model = _make_model(statements)
    stored = render_statements(_normalize(statements) if normalize else statements)
    return Parsed("PROTOBUF", stored, stored, model)


def judge(reader: Parsed, writer: Parsed) -> list[str]:
    """Tell why `reader` cannot read what `writer` wrote."""
    new: _Model = reader.model
    old: _Model = writer.model
    reasons = []
    if new.package != old.package:
        reasons.append(make_reason("PACKAGE_CHANGED", "#/", "The package changed", new.package))
    for name, fields in old.messages.items():
        if name not in new.messages:
            reasons.append(make_reason("MESSAGE_REMOVED", f"#/{name}", "A message was removed", name))
            continue
        for number in sorted(fields.keys() & new.messages[name].keys()):
            before, after = _classify(fields[number], old), _classify(new.messages[name][number], new)
            if before != after:
                path, info = f"#/{name}/{number}", f"{before} to {after}"
                reasons.append(make_reason("FIELD_SCALAR_KIND_CHANGED", path, "A field's type changed", info))
    return reasons


def _classify(type_name: str, model: _Model) -> str:
    if type_name.rpartition(".")[2] in model.enums:
        return "varint"
    return _GROUPS.get(type_name, "message")


def _make_model(statements: tuple[Statement, ...]) -> _Model:
    model = _Model()
    for statement in statements:
        match statement.tokens:
            case ("package", name):
                model.package = name
            case ("message", name):
                _add_message(model, name, statement)
            case ("enum", name):
                model.enums.add(name)
            case ("message" | "enum" | "package", *_):
                raise InvalidTextError(f"unexpected statement: {statement.text}")
    return model


def _add_message(model: _Model, path: str, message: Statement) -> None:
    if message.body is None:
        raise InvalidTextError(f"a message without a body: {message.text}")
    fields = model.messages.setdefault(path, {})
    for statement in message.body:
        match statement.tokens:
            case ("message", name):
                _add_message(model, f"{path}.{name}", statement)
            case ("enum", name):
                model.enums.add(name)
            case ("oneof", _):
                _add_fields(fields, statement.body or ())
            case _:
                _add_fields(fields, (statement,))


def _add_fields(fields: dict[int, str], statements: tuple[Statement, ...]) -> None:
    for statement in statements:
        if statement.tokens and statement.tokens[0] not in _NO_FIELDS:
            number, type_name = _read_field(statement)
            if number in fields:
                raise InvalidTextError(f"field number {number} is used twice: {statement.text}")
            fields[number] = type_name


def _read_field(statement: Statement) -> tuple[int, str]:
    tokens = statement.tokens[1:] if statement.tokens[0] in _LABELS else statement.tokens
    if "=" not in tokens or tokens.index("=") < 2 or not tokens[tokens.index("=") + 1 :][:1]:
        raise InvalidTextError(f"unexpected statement: {statement.text}")
    number = tokens[tokens.index("=") + 1]
    if not number.isdigit() or number == "0":
        raise InvalidTextError(f"no field number: {statement.text}")
    return int(number), tokens[0]


def _normalize(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    bodies = [Statement(s.tokens, None if s.body is None else _normalize(s.body)) for s in statements]
    return tuple(sorted(bodies, key=_order))


def _order(statement: Statement) -> tuple[int, int, str]:
    """Sort imports and options by text and fields by number; messages and the rest keep their places."""
    tokens = statement.tokens
    if tokens and tokens[0] in {"import", "option"}:
        return (1 if tokens[0] == "import" else 2, 0, statement.text)
    if tokens and tokens[0] in {"syntax", "edition", "package"}:
        return (0, 0, "")
    if "=" in tokens and tokens[tokens.index("=") + 1].isdigit():
        return (3, int(tokens[tokens.index("=") + 1]), "")
    return (4, 0, "")
