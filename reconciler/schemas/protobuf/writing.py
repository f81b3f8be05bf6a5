"""From a descriptor back to a file, for registries that keep descriptors and no texts.

Comments and layout are gone; everything else is written as a person would, names of types as short as they can be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from reconciler.schemas.protobuf.option_writing import OptionWriter, quote

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import (
        DescriptorProto,
        EnumDescriptorProto,
        FieldDescriptorProto,
        FileDescriptorProto,
        ServiceDescriptorProto,
    )

_INDENT = "  "
_MESSAGE_END = 536_870_912
_ENUM_END = 2_147_483_647
_OPTIONAL, _REQUIRED, _REPEATED = 1, 2, 3
_LABELS = {_OPTIONAL: "optional ", _REQUIRED: "required ", _REPEATED: "repeated "}
_STRING, _GROUP, _BYTES = 9, 10, 12
_SCALARS = {
    1: "double",
    2: "float",
    3: "int64",
    4: "uint64",
    5: "int32",
    6: "fixed64",
    7: "fixed32",
    8: "bool",
    _STRING: "string",
    _BYTES: "bytes",
    13: "uint32",
    15: "sfixed32",
    16: "sfixed64",
    17: "sint32",
    18: "sint64",
}
"""By the numbers of ``FieldDescriptorProto.Type``; the others are named types."""


def write_file(
    file: FileDescriptorProto, imported: Sequence[FileDescriptorProto] = (), *, is_sorted: bool = False
) -> str:
    """Write the file that a descriptor was made of.

    Args:
        file: with its names resolved.
        imported: what it imports, each after what it imports itself; they tell what options of one's own mean.
        is_sorted: top-level declarations but for the first message in the order of their names, which has no meaning.
    """
    return "\n".join(_Writer(file, OptionWriter((*imported, file))).write(is_sorted)) + "\n"


class _Writer:
    def __init__(self, file: FileDescriptorProto, options: OptionWriter) -> None:
        self._file = file
        self._options = options
        self._symbols = frozenset(_list_symbols(file))

    def write(self, is_sorted: bool) -> Iterator[str]:
        file = self._file
        yield _write_syntax(file)
        if file.package:
            yield f"package {file.package};"
        for index, name in enumerate(file.dependency):
            kind = "public " if index in file.public_dependency else "weak " if index in file.weak_dependency else ""
            yield f"import {kind}{quote(name)};"
        yield from self._options.write(file.options)
        inline = {field.type_name for field in file.extension if field.type == _GROUP}
        messages = [each for each in file.message_type if f".{_join(file.package, each.name)}" not in inline]
        enums, services = list(file.enum_type), list(file.service)
        if is_sorted:
            messages[1:] = sorted(messages[1:], key=lambda each: each.name)
            enums.sort(key=lambda each: each.name)
            services.sort(key=lambda each: each.name)
        for message in messages:
            yield from ("", *self._message(message, file.package))
        for enum in enums:
            yield from ("", *self._enum(enum))
        yield from self._extensions(file.extension, file.package, ())
        for service in services:
            yield from ("", *self._service(service))

    def _message(self, message: DescriptorProto, outer: str) -> Iterator[str]:
        yield f"message {message.name} {{"
        yield from _indent(self._body(message, _join(outer, message.name)))
        yield "}"

    def _body(self, message: DescriptorProto, scope: str) -> Iterator[str]:
        yield from self._options.write(message.options)
        # Maps and groups are nested messages that their fields bring along.
        maps = {f".{scope}.{each.name}": each for each in message.nested_type if each.options.map_entry}
        groups = {f".{scope}.{each.name}": each for each in message.nested_type if not each.options.map_entry}
        inline = {f.type_name for f in (*message.field, *message.extension) if f.type == _GROUP}
        for name, nested in groups.items():
            if name not in inline:
                yield from self._message(nested, scope)
        for enum in message.enum_type:
            yield from self._enum(enum)
        yield from self._fields(message, scope, maps, groups)
        yield from self._extensions(message.extension, scope, tuple(groups.values()))
        for each in message.extension_range:
            options = _bracket(self._options.list_all(each.options))
            yield f"extensions {_range(each.start, each.end - 1, _MESSAGE_END - 1)}{options};"
        yield from _write_reserved(
            [_range(each.start, each.end - 1, _MESSAGE_END - 1) for each in message.reserved_range],
            message.reserved_name,
            is_edition=bool(self._file.edition),
        )

    def _fields(
        self, message: DescriptorProto, scope: str, maps: dict[str, DescriptorProto], groups: dict[str, DescriptorProto]
    ) -> Iterator[str]:
        opened: set[int] = set()
        for field in message.field:
            if not field.HasField("oneof_index") or field.proto3_optional:
                yield from self._field(field, scope, maps, groups)
            elif field.oneof_index not in opened:
                opened.add(field.oneof_index)
                oneof = message.oneof_decl[field.oneof_index]
                members = [f for f in message.field if f.HasField("oneof_index") and f.oneof_index == field.oneof_index]
                yield f"oneof {oneof.name} {{"
                yield from _indent(self._options.write(oneof.options))
                for member in members:
                    yield from _indent(self._field(member, scope, maps, groups, has_label=False))
                yield "}"

    def _field(
        self,
        field: FieldDescriptorProto,
        scope: str,
        maps: dict[str, DescriptorProto],
        groups: dict[str, DescriptorProto],
        *,
        has_label: bool = True,
    ) -> Iterator[str]:
        entry = maps.get(field.type_name)
        label = self._label(field) if has_label and entry is None else ""
        options = _bracket((*_list_field_words(field), *self._options.list_all(field.options)))
        if field.type == _GROUP and field.type_name in groups:
            group = groups[field.type_name]
            yield f"{label}group {group.name} = {field.number}{options} {{"
            yield from _indent(self._body(group, _join(scope, group.name)))
            yield "}"
            return
        written = self._type(field, scope)
        if entry is not None:
            key, value = entry.field
            written = f"map<{self._type(key, scope)}, {self._type(value, scope)}>"
        yield f"{label}{written} {field.name} = {field.number}{options};"

    def _label(self, field: FieldDescriptorProto) -> str:
        is_proto2 = self._file.syntax in ("", "proto2") and not self._file.edition
        if field.label == _REPEATED or is_proto2 or field.proto3_optional:
            return _LABELS[field.label]
        return ""

    def _type(self, field: FieldDescriptorProto, scope: str) -> str:
        return _SCALARS.get(field.type) or self._shorten(field.type_name, scope)

    def _shorten(self, name: str, scope: str) -> str:
        """The shortest name that still means the same within a scope: the compiler looks from the inside outwards."""
        full = name.removeprefix(".")
        inner: list[str] = []
        for each in _enclosing(scope):
            rest = full.removeprefix(f"{each}.") if each else full
            first = rest.partition(".")[0]
            is_inside = not each or full.startswith(f"{each}.")
            if is_inside and not any(_join(nearer, first) in self._symbols for nearer in inner):
                return rest
            inner.append(each)
        return name

    def _extensions(
        self, fields: Iterable[FieldDescriptorProto], scope: str, nested: tuple[DescriptorProto, ...]
    ) -> Iterator[str]:
        groups = {f".{_join(scope, each.name)}": each for each in nested or self._file.message_type}
        for field in fields:
            yield f"extend {self._shorten(field.extendee, scope)} {{"
            yield from _indent(self._field(field, scope, {}, groups))
            yield "}"

    def _enum(self, enum: EnumDescriptorProto) -> Iterator[str]:
        yield f"enum {enum.name} {{"
        yield from _indent(self._options.write(enum.options))
        for value in enum.value:
            yield f"{_INDENT}{value.name} = {value.number}{_bracket(self._options.list_all(value.options))};"
        ranges = [_range(each.start, each.end, _ENUM_END) for each in enum.reserved_range]
        yield from _indent(_write_reserved(ranges, enum.reserved_name, is_edition=bool(self._file.edition)))
        yield "}"

    def _service(self, service: ServiceDescriptorProto) -> Iterator[str]:
        yield f"service {service.name} {{"
        yield from _indent(self._options.write(service.options))
        scope = _join(self._file.package, service.name)
        for method in service.method:
            asked = "stream " * method.client_streaming + self._shorten(method.input_type, scope)
            answered = "stream " * method.server_streaming + self._shorten(method.output_type, scope)
            options = list(self._options.write(method.options))
            head = f"{_INDENT}rpc {method.name} ({asked}) returns ({answered})"
            yield f"{head} {{ {' '.join(options)} }}" if options else f"{head};"
        yield "}"


def _write_syntax(file: FileDescriptorProto) -> str:
    if file.edition:
        from google.protobuf.descriptor_pb2 import Edition

        return f'edition = "{Edition.Name(file.edition).removeprefix("EDITION_")}";'
    return f'syntax = "{file.syntax or "proto2"}";'


def _write_reserved(ranges: list[str], names: Iterable[str], *, is_edition: bool) -> Iterator[str]:
    if ranges:
        yield f"reserved {', '.join(ranges)};"
    if quoted := [name if is_edition else quote(name) for name in names]:
        yield f"reserved {', '.join(quoted)};"


def _range(start: int, end: int, most: int) -> str:
    return str(start) if start == end else f"{start} to {'max' if end == most else end}"


def _list_field_words(field: FieldDescriptorProto) -> Iterator[str]:
    if field.HasField("default_value"):
        value = field.default_value
        written = quote(value) if field.type == _STRING else f'"{value}"' if field.type == _BYTES else value
        yield f"default = {written}"
    if field.json_name and field.json_name != _default_json_name(field.name):
        yield f"json_name = {quote(field.json_name)}"


def _bracket(options: Iterable[str]) -> str:
    written = ", ".join(options)
    return f" [{written}]" if written else ""


def _default_json_name(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def _indent(lines: Iterable[str]) -> Iterator[str]:
    return (f"{_INDENT}{line}" for line in lines)


def _join(scope: str, name: str) -> str:
    return f"{scope}.{name}" if scope else name


def _enclosing(scope: str) -> Iterator[str]:
    """A scope and all around it, the innermost first and the outermost, which has no name, last."""
    while scope:
        yield scope
        scope = scope.rpartition(".")[0]
    yield ""


def _list_symbols(file: FileDescriptorProto) -> Iterator[str]:
    yield from (each for each in _enclosing(file.package) if each)
    for declared in (file.enum_type, file.extension, file.service):
        yield from (_join(file.package, each.name) for each in declared)
    for message in file.message_type:
        yield from _list_message_symbols(message, file.package)


def _list_message_symbols(message: DescriptorProto, outer: str) -> Iterator[str]:
    scope = _join(outer, message.name)
    yield scope
    for declared in (message.enum_type, message.field, message.extension, message.oneof_decl):
        yield from (f"{scope}.{each.name}" for each in declared)
    for nested in message.nested_type:
        yield from _list_message_symbols(nested, scope)
