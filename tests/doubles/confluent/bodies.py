"""Bodies of replies: which keys stand in them depends on the registry's version."""

from __future__ import annotations

import uuid
from typing import Any

from tests.doubles.confluent.behaviour import Behaviour
from tests.doubles.confluent.registration import Version

# An arbitrary day on which the double's clock starts: replies never depend on the real one.
_EPOCH_MS = 1_700_000_000_000


def make_version_body(version: Version, behaviour: Behaviour) -> dict[str, Any]:
    """Return the body of `GET .../versions/N`, of a lookup, and of a row of `GET /schemas`."""
    body: dict[str, Any] = {"subject": version.subject, "version": version.version, "id": version.id}
    if behaviour.detailed:
        body["guid"] = make_guid(version)
    if behaviour.detailed or version.parsed.schema_type != "AVRO":
        body["schemaType"] = version.parsed.schema_type
    if version.references:
        body["references"] = [reference.to_json() for reference in version.references]
    if version.metadata:
        body["metadata"] = version.metadata
    if version.rules:
        body["ruleSet"] = version.rules
    body["schema"] = version.parsed.text
    if behaviour.detailed:
        body.update(ts=_EPOCH_MS + version.order, deleted=version.deleted)
    return body


def make_registered_body(version: Version, behaviour: Behaviour) -> dict[str, Any]:
    """Return the body of a registration: the whole schema, or the id alone."""
    if not behaviour.echoes:
        return {"id": version.id}
    body = make_version_body(version, behaviour)
    del body["subject"]
    return body


def make_schema_body(version: Version, behaviour: Behaviour) -> dict[str, Any]:
    """Return the body of `GET /schemas/ids/N`: the schema without the places where it stands."""
    body = make_version_body(version, behaviour)
    for key in ("subject", "version", "id", "ts", "deleted"):
        body.pop(key, None)
    return body


def make_guid(version: Version) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, version.identity))
