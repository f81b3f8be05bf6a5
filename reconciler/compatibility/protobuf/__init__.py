"""Can a reader with one Protobuf file read what a writer with another one wrote? As Confluent's registry judges it.

Source of the rules: the behaviour of Confluent Schema Registry, which follows the Protobuf language guide, "Updating A
Message Type". Fields are told by number, messages by name; labels count only where both files write them; a referenced
definition is compared where it differs. Syntax, options, reserved numbers, groups, extensions and services are ignored.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from reconciler.compatibility.clash import Clash
from reconciler.compatibility.protobuf.comparison import find_clashes
from reconciler.errors import SchemaError
from reconciler.schemas import Parsed
from reconciler.schemas.protobuf import ParsedProtobuf

__all__ = ["compare"]


def compare(reader: Parsed, writer: Parsed) -> Iterable[Clash]:
    """Everything that differs between two files, what breaks and what does no harm, each place once.

    Raises:
        SchemaError: imported types refer to types in a chain of hundreds.
    """
    try:
        return find_clashes(cast(ParsedProtobuf, reader).types, cast(ParsedProtobuf, writer).types)
    except RecursionError as error:
        raise SchemaError(
            "types use each other in too long a chain to be compared", fix="split the schema into several"
        ) from error
