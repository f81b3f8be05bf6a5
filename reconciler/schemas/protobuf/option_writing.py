"""Options of a descriptor as a file has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

_DESCRIPTOR_FILE = "google/protobuf/descriptor.proto"
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class OptionWriter:
    """Writes options; those of one's own, which are fields that a descriptor does not know, by what declares them."""

    def __init__(self, files: Sequence[FileDescriptorProto]) -> None:
        self._files = files
        self._has_own = any(file.name == _DESCRIPTOR_FILE for file in files)

    def write(self, options: Any) -> Iterator[str]:
        """Options as statements."""
        return (f"option {each};" for each in self.list_all(options))

    def list_all(self, options: Any) -> Iterator[str]:
        """Options as they stand in brackets."""
        return _list_options(self._with_own(options) if self._has_own and options.ByteSize() else options)

    def _with_own(self, options: Any) -> Any:
        from google.protobuf.message_factory import GetMessageClass

        described = self._pool.FindMessageTypeByName(options.DESCRIPTOR.full_name)
        return GetMessageClass(described).FromString(options.SerializeToString())

    @cached_property
    def _pool(self) -> Any:
        from google.protobuf.descriptor_pool import DescriptorPool

        pool = DescriptorPool()
        for file in self._files:
            pool.AddSerializedFile(file.SerializeToString())
        return pool


def quote(text: str) -> str:
    """Write a text in quotation marks."""
    return '"' + "".join(_ESCAPES.get(each, each) for each in text) + '"'


def _list_options(options: Any, prefix: str = "") -> Iterator[str]:
    for field, value in options.ListFields():
        name = f"(.{field.full_name})" if field.is_extension else f"{prefix}{field.name}"
        if field.name == "map_entry":
            continue
        if hasattr(value, "append"):
            yield from (f"{name} = {_write_value(field, each)}" for each in value)
        elif field.message_type and not field.is_extension:
            yield from _list_options(value, f"{name}.")
        else:
            yield f"{name} = {_write_value(field, value)}"


def _write_value(field: Any, value: Any) -> str:
    if field.message_type:
        from google.protobuf import text_format

        return f"{{ {text_format.MessageToString(value, as_one_line=True)} }}"
    if field.enum_type:
        return str(field.enum_type.values_by_number[value].name)
    if isinstance(value, bool):
        return "true" if value else "false"
    return quote(value) if isinstance(value, str) else str(value)
