"""What a schema is to this registry: its identity, and the row that stores it. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict

from adapters.local.tables import ContentRow, VersionRow
from reconciler.errors import SchemaError
from reconciler.model import Dialect, Format, LiveVersion, Metadata, Reference, Schema
from reconciler.schemas import Parsed, fingerprint, language

DIALECT = Dialect.CONFLUENT


def make_content(schema: Schema, parsed: Parsed) -> ContentRow:
    """Make the row of a schema whose references all have versions.

    Two schemas are one content when format, canonical text, references and metadata are equal. Avro is stored in its
    canonical form, as Confluent does; texts in the other formats stay as people wrote them.
    """
    canonical = language(schema.format).canonical(parsed, DIALECT)
    references = _make_references_text(schema.references)
    metadata = _make_metadata_text(schema.metadata)
    text_identity = fingerprint(schema.format, canonical, references or "")
    return ContentRow(
        text_identity=text_identity,
        identity=make_identity(text_identity, metadata),
        format=schema.format.value,
        definition=canonical if schema.format is Format.AVRO else schema.definition,
        references=references,
        metadata=metadata,
        uses=tuple((r.subject, r.version) for r in schema.references if r.version is not None),
    )


def make_identity(text_identity: str, metadata: str | None) -> str:
    """Join the identity of a text and its references with stored metadata; the text's own where there is none."""
    return fingerprint(text_identity, metadata) if metadata else text_identity


def make_version(row: VersionRow) -> LiveVersion:
    """Make the version that a row holds.

    Raises:
        SchemaError: the row holds what this program never writes, such as an unknown format.
    """
    if not isinstance(row.definition, str):
        raise SchemaError(f"version {row.version} has no text")
    return LiveVersion(row.version, make_schema(row), row.id)


def make_schema(row: VersionRow) -> Schema:
    """Make the schema that a row holds; raises as :func:`make_version`."""
    try:
        schema_format = Format(row.format)
    except ValueError:
        raise SchemaError(f"version {row.version} has the unknown format {row.format!r}") from None
    if row.references is None and row.metadata is None:
        return Schema(schema_format, row.definition)
    try:
        return Schema(schema_format, row.definition, _read_references(row.references), _read_metadata(row.metadata))
    except (AttributeError, KeyError, TypeError, ValueError):
        raise SchemaError(f"version {row.version} has unreadable references or metadata") from None


def _make_references_text(references: tuple[Reference, ...]) -> str | None:
    if not references:
        return None
    return json.dumps([asdict(r) for r in sorted(references, key=lambda r: (r.name, r.subject))])


def _make_metadata_text(metadata: Metadata | None) -> str | None:
    if metadata is None or metadata == Metadata():
        return None
    return json.dumps(
        {
            "properties": dict(metadata.properties),
            "tags": {path: sorted(tags) for path, tags in metadata.tags.items()},
            "sensitive": sorted(metadata.sensitive),
        },
        sort_keys=True,
    )


def _read_references(text: str | None) -> tuple[Reference, ...]:
    return tuple(Reference(**reference) for reference in json.loads(text)) if text else ()


def _read_metadata(text: str | None) -> Metadata | None:
    if text is None:
        return None
    stored = json.loads(text)
    tags = {path: tuple(tags) for path, tags in stored["tags"].items()}
    return Metadata(stored["properties"], tags, tuple(stored["sensitive"]))
