"""The requests that interface v2 wants otherwise than v3."""

from __future__ import annotations

import json
from typing import Any

from adapters.apicurio.requests import MISSING, REFUSED, TAKEN, TEXT_TYPES, Requests
from reconciler.http import Request, make_path
from reconciler.model import Schema

_EXTENDED_TYPE = "application/create.extended+json"
"""Of a text that comes with its references; a first one that can be read as YAML is stored as JSON under this type."""


class RequestsV2(Requests):
    """Rules of groups are not known here: the level is that of the whole registry, whatever the group."""

    rule_key = "type"

    def read_latest(self, subject: str) -> Request:
        """The newest version that is not disabled."""
        return self._read(subject, "meta", purpose="read the latest version")

    def create(self, subject: str, schema: Schema) -> Request:
        """Make an artifact with its first version; one that is there already is refused with 409."""
        body, content_type = _write(schema, self._write_references(schema))
        named = {"X-Registry-ArtifactId": subject, "X-Registry-ArtifactType": schema.format.value}
        return Request(
            "POST",
            make_path("groups", self.group, "artifacts"),
            {"ifExists": "FAIL"},
            body=body,
            headers=content_type | named,
            is_write=True,
            accepts=TAKEN,
            subject=subject,
            purpose="register the schema",
        )

    def add_version(self, subject: str, schema: Schema) -> Request:
        """Add a version."""
        body, content_type = _write(schema, self._write_references(schema))
        return Request(
            "POST",
            f"{self._artifact(subject)}/versions",
            body=body,
            headers=content_type,
            is_write=True,
            accepts=MISSING | TAKEN,
            subject=subject,
            purpose="register the schema",
        )

    def try_version(self, subject: str, schema: Schema) -> Request | None:
        """Ask whether a version would be taken; None for one with references, which cannot be sent along."""
        if schema.references:
            return None
        body, content_type = _write(schema, [])
        return Request(
            "PUT",
            f"{self._artifact(subject)}/test",
            body=body,
            headers=content_type,
            accepts=REFUSED | MISSING,
            subject=subject,
            purpose="ask for a verdict",
        )

    def _rules(self, subject: str | None) -> str:
        return super()._rules(subject) if subject is not None else "/admin/rules"


def _write(schema: Schema, references: list[dict[str, Any]]) -> tuple[bytes, dict[str, str]]:
    """The body and the header that says what it is: the bare text, unless references come along."""
    if not references:
        return schema.definition.encode(), {"Content-Type": TEXT_TYPES.get(schema.format, "application/json")}
    content = {"content": schema.definition, "references": references}
    return json.dumps(content).encode(), {"Content-Type": _EXTENDED_TYPE}
