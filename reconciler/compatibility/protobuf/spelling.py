"""Two Protobuf files by how they are written: for the rows of ``more_rules.py``, which some registries have.

Only what a file declares itself is looked at; what it imports is judged where it is declared. Source of the rules: the
behaviour of Apicurio Registry 3.3.3, which goes by the checks of Protolock, and of Karapace.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reconciler.compatibility.clash import Clash, Rule
from reconciler.compatibility.protobuf.reservations import NOTHING, Reservation, reservations_of
from reconciler.compatibility.protobuf.rules import SCALAR_GROUPS
from reconciler.schemas.protobuf import ParsedProtobuf
from reconciler.schemas.protobuf.scan import Statement
from reconciler.schemas.protobuf.types import MAIN, Field, Message, TypeUse


class Spelling:
    """What one file says: messages by their name behind the package, what they reserve, methods by service."""

    __slots__ = ("_parsed", "messages", "methods", "reserved")

    def __init__(self, parsed: ParsedProtobuf) -> None:
        self._parsed = parsed
        self.messages: Mapping[str, Message] = {m.local_name: m for m in _messages(parsed.file.top)}
        self.reserved: Mapping[str, Reservation] = reservations_of(parsed.statements)
        self.methods: Mapping[tuple[str, str], str] = dict(_methods(parsed.statements))

    def type_of(self, message: Message, use: TypeUse) -> str:
        """A type by its full name, resolved as far as this file alone tells; a map as it is written."""
        if use.entry or use.text in SCALAR_GROUPS or use.text.startswith("."):
            return use.text
        if "." in use.text:
            return f".{use.text}"
        found = self._parsed.types.find(message.full_name, use.text)
        if found and found[1] == MAIN:
            return f".{found[0].full_name}"
        return f".{self._parsed.file.package}.{use.text}".replace("..", ".")


def compare_spelling(reader: ParsedProtobuf, writer: ParsedProtobuf, rules: Mapping[str, Rule]) -> Iterator[Clash]:
    """Find where the rows that Confluent does not have apply.

    Args:
        reader: the new schema where the question is BACKWARD.
        writer: the old one then.
        rules: the dialect's table; what has no row there is not told.
    """
    ours, theirs = Spelling(reader), Spelling(writer)
    for code, path, where, values in (*_compare_messages(ours, theirs), *_compare_methods(ours, theirs)):
        if code in rules:
            yield Clash(rules[code], path, where, values)


_Found = tuple[str, str, str, Mapping[str, str]]
"""Code, path, place in words, values of the words."""


def _compare_messages(ours: Spelling, theirs: Spelling) -> Iterator[_Found]:
    for name, writer in theirs.messages.items():
        reader = ours.messages.get(name)
        kept, promised = ours.reserved.get(name, NOTHING), theirs.reserved.get(name, NOTHING)
        fields = {field.name: field for field in reader.fields.values()} if reader else {}
        for field in writer.fields.values():
            found = fields.get(field.name)
            if found is None or reader is None:
                yield from _removed(writer, reader, field, kept)
            else:
                yield from _both(ours, theirs, reader, writer, found, field)
        if not kept.covers(promised):
            yield "RESERVED_REMOVED", _path(writer), name, {"writer": str(promised)}


def _removed(writer: Message, reader: Message | None, field: Field, kept: Reservation) -> Iterator[_Found]:
    """A field whose name is gone; where the number stays, it is a field that was renamed, which another row tells."""
    is_renamed = reader is not None and field.number in reader.fields
    if not is_renamed and not (field.name in kept.names and kept.has_number(field.number)):
        values = {"number": str(field.number), "name": f'"{field.name}"'}
        yield "FIELD_REMOVED_WITHOUT_RESERVATION", *_at(writer, field), values


def _both(
    ours: Spelling, theirs: Spelling, reader: Message, writer: Message, new: Field, old: Field
) -> Iterator[_Found]:
    at = _at(reader, new)
    if new.number != old.number:
        yield "FIELD_NUMBER_CHANGED", *at, {"reader": str(new.number), "writer": str(old.number)}
    if ours.type_of(reader, new.type) != theirs.type_of(writer, old.type):
        yield "FIELD_TYPE_CHANGED", *at, {"reader": new.type.text, "writer": old.type.text}
    if new.label != old.label:
        yield "FIELD_LABEL_CHANGED", *at, {"reader": _label(new), "writer": _label(old)}


def _compare_methods(ours: Spelling, theirs: Spelling) -> Iterator[_Found]:
    for (service, name), writer in theirs.methods.items():
        reader = ours.methods.get((service, name))
        path, where = f"#/{service}/{name}", f"{service}.{name}"
        if reader is None:
            yield "RPC_REMOVED", path, where, {}
        elif reader != writer:
            yield "RPC_CHANGED", path, where, {"reader": reader, "writer": writer}


def _messages(scope: Message) -> Iterator[Message]:
    for message in scope.messages.values():
        yield message
        yield from _messages(message)


def _methods(statements: Sequence[Statement]) -> Iterator[tuple[tuple[str, str], str]]:
    for service in statements:
        for method in service.body or () if service.kind == "service" else ():
            if method.kind == "rpc":
                yield (service.name, method.name), " ".join(method.texts[2:])


def _label(field: Field) -> str:
    return f"the label `{field.label}`" if field.label else "no label"


def _at(message: Message, field: Field) -> tuple[str, str]:
    """A field's path, as Confluent writes it, and its place in words."""
    inner = f"{field.oneof}/{field.number}" if field.oneof else str(field.number)
    return f"{_path(message)}/{inner}", f"{message.local_name}.{field.name}"


def _path(message: Message) -> str:
    return "#/" + message.local_name.replace(".", "/")
