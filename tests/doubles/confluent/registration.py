"""Values of a registration: what a client posts, and what the registry keeps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.doubles.confluent.errors import make_error
from tests.doubles.confluent.formats import FORMATS, Parsed

VERSION_PROPERTY = "confluent:version"
_BODY_FIELDS = frozenset(
    {"schema", "schemaType", "references", "metadata", "ruleSet", "version", "id", "subject", "guid"}
    | {"schemaTagsToAdd", "schemaTagsToRemove", "propagateSchemaTags", "ts", "deleted"}
)


@dataclass(frozen=True)
class Reference:
    """A reference; once stored, its version is a number."""

    name: str
    subject: str
    version: int

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "subject": self.subject, "version": self.version}


@dataclass(frozen=True)
class Posted:
    """A request body. `version` 0 and `id` None mean: not given; `version` -1 means: as the latest."""

    text: str
    schema_type: str
    references: tuple[Reference, ...]
    metadata: dict[str, Any] | None
    version: int
    id: int | None
    rules: dict[str, Any] | None = None


@dataclass(frozen=True)
class Version:
    """A stored version of a subject; `order` is the registry's own sequence, its clock."""

    subject: str
    version: int
    id: int
    parsed: Parsed
    references: tuple[Reference, ...]
    metadata: dict[str, Any] | None
    order: int
    deleted: bool = False
    rules: dict[str, Any] | None = None

    @cached_property
    def identity(self) -> str:
        return make_identity(self.parsed, self.references, self.metadata, self.rules)

    @cached_property
    def plain_identity(self) -> str:
        """The identity without what the registry itself adds."""
        return make_identity(self.parsed, self.references, without_version_property(self.metadata), self.rules)

    @cached_property
    def text_identity(self) -> str:
        """The identity without any metadata or rules."""
        return make_identity(self.parsed, self.references, None)

    @property
    def properties(self) -> dict[str, Any]:
        return get_properties(self.metadata)


def parse_posted(body: object) -> Posted:
    """Check the shape of a request body, as strictly as the registry does."""
    if not isinstance(body, dict):
        raise make_error("bad_request", detail="Cannot deserialize value from the request's body")
    if unknown := sorted(body.keys() - _BODY_FIELDS):
        raise make_error("unrecognized_field", field=unknown[0])
    text, schema_type = body.get("schema"), body.get("schemaType") or "AVRO"
    if not isinstance(text, str) or not text:
        raise make_error("invalid_schema", subject="", detail="Empty schema")
    if schema_type not in FORMATS:
        raise make_error("invalid_schema", subject="", detail=f"Invalid schema type {schema_type}")
    references = tuple(_parse_reference(item) for item in body.get("references") or [])
    posted_id = body.get("id")
    return Posted(
        text,
        schema_type,
        references,
        body.get("metadata"),
        int(body.get("version") or 0),
        posted_id if isinstance(posted_id, int) and posted_id >= 0 else None,
        body.get("ruleSet"),
    )


def _parse_reference(item: object) -> Reference:
    match item:
        case {"name": str(name), "subject": str(subject), "version": int(version)}:
            return Reference(name, subject, version)
        case _:
            raise make_error("bad_request", detail=f"no schema reference: {item}")


def get_properties(metadata: Mapping[str, Any] | None) -> dict[str, Any]:
    return dict((metadata or {}).get("properties") or {})


def without_version_property(metadata: dict[str, Any] | None) -> dict[str, Any] | None:
    """Drop what the registry itself adds when a client asks for a version number."""
    if VERSION_PROPERTY not in get_properties(metadata):
        return metadata
    rest = {key: value for key, value in get_properties(metadata).items() if key != VERSION_PROPERTY}
    out = {key: value for key, value in (metadata or {}).items() if key != "properties"}
    return {**out, "properties": rest} if rest else out or None


def with_version_property(metadata: dict[str, Any] | None, version: int) -> dict[str, Any]:
    properties = {**get_properties(metadata), VERSION_PROPERTY: str(version)}
    return {**(metadata or {}), "properties": properties}


def make_identity(
    parsed: Parsed,
    references: tuple[Reference, ...],
    metadata: dict[str, Any] | None,
    rules: dict[str, Any] | None = None,
) -> str:
    """Text, references, metadata and rules together say whether two schemas are the same."""
    parts = [[reference.to_json() for reference in references], metadata or {}, *([rules] if rules else [])]
    rest = parts if references or metadata or rules else []
    return f"{parsed.schema_type} {json.dumps(rest, sort_keys=True)} {parsed.identity}"
