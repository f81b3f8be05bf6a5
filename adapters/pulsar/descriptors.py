"""Schemas of the type PROTOBUF_NATIVE: descriptors on the wire, a file for us."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, cast

from reconciler.errors import SchemaError
from reconciler.model import Format, Schema
from reconciler.schemas import parse
from reconciler.schemas.protobuf import ParsedProtobuf
from reconciler.schemas.protobuf.built_in import BUILT_IN
from reconciler.schemas.protobuf.compiler import WELL_KNOWN
from reconciler.schemas.protobuf.writing import write_file

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

_FILE = "schema.proto"
"""What the file is called in what we write; others call it as they do."""
_BROUGHT = WELL_KNOWN | BUILT_IN.keys()


def encode_descriptors(schema: Schema) -> str:
    """Write a schema as Pulsar keeps it: descriptors without comments, the first message as the root.

    Raises:
        SchemaError: it has no descriptor, or no message.
    """
    from google.protobuf.descriptor_pb2 import FileDescriptorSet

    root, imported = cast(ParsedProtobuf, parse(Format.PROTOBUF, schema.definition, {})).own_descriptors
    if not root.message_type:
        raise SchemaError("the file declares no message", fix="declare the message that the topic carries")
    files = FileDescriptorSet()
    for file in (*imported, root):
        copy = files.file.add()
        copy.CopyFrom(file)
        copy.ClearField("source_code_info")
    files.file[-1].name = _FILE
    message = root.message_type[0].name
    return json.dumps(
        {
            "fileDescriptorSet": base64.b64encode(files.SerializeToString(deterministic=True)).decode(),
            "rootMessageTypeName": f"{root.package}.{message}" if root.package else message,
            "rootFileDescriptorName": _FILE,
        }
    )


def decode_descriptors(data: str) -> Schema:
    """Write the file that descriptors were made of, with the root as its first message.

    Raises:
        SchemaError: they are none, are of several files, or their root is inside another message.
    """
    from google.protobuf.descriptor_pb2 import FileDescriptorSet
    from google.protobuf.message import DecodeError

    try:
        content = json.loads(data)
        files = FileDescriptorSet.FromString(base64.b64decode(content["fileDescriptorSet"], validate=True))
        root = next(each for each in files.file if each.name == content["rootFileDescriptorName"])
        name = str(content["rootMessageTypeName"])
    except (ValueError, KeyError, TypeError, StopIteration, binascii.Error, DecodeError) as error:
        raise SchemaError("its descriptors cannot be read") from error
    if others := sorted({*root.dependency} - _BROUGHT):
        raise SchemaError(f"it is made of several files, and imports {', '.join(others)}")
    _put_first(root, name)
    imported = [each for each in files.file if each is not root]
    return Schema(Format.PROTOBUF, write_file(root, imported))


def _put_first(file: FileDescriptorProto, name: str) -> None:
    messages = list(file.message_type)
    wanted = name.removeprefix(f"{file.package}.") if file.package else name
    index = next((i for i, message in enumerate(messages) if message.name == wanted), None)
    if index is None:
        raise SchemaError(f"its root {name} is no message of the file's own level")
    messages.insert(0, messages.pop(index))
    copies = [type(message).FromString(message.SerializeToString()) for message in messages]
    del file.message_type[:]
    file.message_type.extend(copies)
