"""Avro 1.12, judged and written as its Java library does, which is what Confluent's registry runs.

See :class:`reconciler.schemas.Language` for what each function promises. A path is a JSON pointer into the text.

Where the specification and the library differ, this is what is accepted: any branch of a union for a default (the rule
since 1.12); a number as text, ``"NaN"`` too, for a ``float`` or ``double`` field; malformed logical types, which are
ignored. A violation, though some version of the library takes it: names that are not ASCII, namespaces that are none, a
use of a name above its definition, a definition that is repeated, comments, a default of an enum that is no text, a
default that a reader would fail on (see ``defaults``). Unfit, since the library takes it from old versions alone: a
default that is not of its type.
"""

from __future__ import annotations

import json

from reconciler.model import Dialect, Format
from reconciler.schemas import Document, Parsed
from reconciler.schemas.avro.bundling import bundle
from reconciler.schemas.avro.flaws import locate
from reconciler.schemas.avro.layout import pretty
from reconciler.schemas.avro.names import split_name
from reconciler.schemas.avro.outline import outline
from reconciler.schemas.avro.parsed import AvroSchema, Content, parse
from reconciler.schemas.avro.reading import read_text

__all__ = ["bundle", "canonical", "locate", "outline", "parse", "pretty", "read"]


def read(definition: str) -> Document:
    """Read one text on its own.

    Raises:
        SchemaError: it is not JSON, or nothing that Avro's Java library reads.
    """
    text = read_text(definition)
    defines = tuple(text.defined)
    namespace, name = split_name(defines[0]) if defines else ("", "")
    content = Content(text.canonical, text.pending, text.unfit)
    return Document(Format.AVRO, definition, defines, text.needs, name, namespace, content, text.violation)


def canonical(parsed: Parsed, dialect: Dialect) -> str:
    """Write the text that is equal for two schemas exactly when the dialect's registry takes them for one.

    KARAPACE: the JSON with its keys sorted. Else what the Java library writes, properties and aliases sorted.
    """
    assert isinstance(parsed, AvroSchema)
    if dialect is Dialect.KARAPACE:
        return json.dumps(parsed.json, sort_keys=True, separators=(",", ":"))
    return parsed.content.canonical
