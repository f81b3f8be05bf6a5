"""The requests of Pulsar's administration interface, v2; nothing here sends anything."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from adapters.pulsar.topics import Namespace, Topic
from reconciler.http import Request, Response, make_path

_ADMIN = "/admin/v2"
_JSON_TYPE: Mapping[str, str] = {"Content-Type": "application/json"}
_MISSING = frozenset({404})
_STRATEGY = "schemaCompatibilityStrategy"
_ABSENT = re.compile(r"Schema not found|Topic .* not found")
"""What the broker says of a schema or a topic that is not there; any other 404 is a wrong address or namespace."""


def list_tenants() -> Request:
    """The names of all tenants."""
    return Request("GET", f"{_ADMIN}/tenants", purpose="list the tenants")


def list_namespaces(tenant: str) -> Request:
    """The namespaces of a tenant, as ``tenant/namespace``."""
    path = f"{_ADMIN}/namespaces{make_path(tenant)}"
    return Request("GET", path, purpose=f"list the namespaces of tenant {tenant}")


def list_topics(namespace: Namespace, *, is_partitioned: bool) -> Request:
    """The topics of a namespace, each partition by itself, or the partitioned topics alone."""
    path = f"{_ADMIN}/persistent{namespace.path}{'/partitioned' if is_partitioned else ''}"
    return Request("GET", path, purpose=f"list the topics of namespace {namespace}")


def read_latest(topic: Topic, subject: str) -> Request:
    """The latest version of a topic's schema."""
    path = f"{_schemas(topic)}/schema"
    return Request("GET", path, accepts=_MISSING, subject=subject, purpose="read the schema")


def read_versions(topic: Topic, subject: str) -> Request:
    """Every version of a topic's schema since it was last deleted, the oldest first."""
    path = f"{_schemas(topic)}/schemas"
    return Request("GET", path, accepts=_MISSING, subject=subject, purpose="read the versions")


def post_schema(topic: Topic, subject: str, payload: Mapping[str, object]) -> Request:
    """Register a schema."""
    return Request(
        "POST",
        f"{_schemas(topic)}/schema",
        body=json.dumps(payload).encode(),
        headers=_JSON_TYPE,
        is_write=True,
        subject=subject,
        purpose="register the schema",
    )


def check_compatibility(topic: Topic, subject: str, payload: Mapping[str, object]) -> Request:
    """Ask for a verdict, which comes as 202, or as a 500 that names the exception."""
    return Request(
        "POST",
        f"{_schemas(topic)}/compatibility",
        body=json.dumps(payload).encode(),
        headers=_JSON_TYPE,
        accepts=frozenset({500}),
        subject=subject,
        purpose="ask for a verdict",
    )


def delete_schema(topic: Topic, subject: str, *, is_permanent: bool) -> Request:
    """Delete a topic's schema: by a tombstone, which takes a number, or with all that was stored."""
    query = {"force": "true"} if is_permanent else {}
    path = f"{_schemas(topic)}/schema"
    purpose = "delete the schema"
    return Request("DELETE", path, query, is_write=True, accepts=_MISSING, subject=subject, purpose=purpose)


def create_topic(topic: Topic, subject: str, partitions: int) -> Request:
    """Create a topic; one that is there already is refused with 409."""
    path = f"{_ADMIN}/persistent{topic.path}"
    return Request(
        "PUT",
        f"{path}/partitions" if partitions else path,
        body=str(partitions).encode() if partitions else None,
        headers=_JSON_TYPE,
        is_write=True,
        accepts=frozenset({409}),
        subject=subject,
        purpose="create the topic",
    )


def read_strategy(topic: Topic, subject: str) -> Request:
    """The strategy that is set on a topic itself."""
    path = f"{_ADMIN}/persistent{topic.path}/{_STRATEGY}"
    return Request("GET", path, accepts=_MISSING, subject=subject, purpose="read the topic's strategy")


def write_strategy(topic: Topic, subject: str, word: str) -> Request:
    """Set a topic's strategy."""
    path = f"{_ADMIN}/persistent{topic.path}/{_STRATEGY}"
    return _put(path, word, f"set the topic's strategy to {word}", subject, _MISSING)


def delete_strategy(topic: Topic, subject: str) -> Request:
    """Take a topic's strategy away."""
    path = f"{_ADMIN}/persistent{topic.path}/{_STRATEGY}"
    purpose = "take the topic's strategy away"
    return Request("DELETE", path, is_write=True, accepts=_MISSING, subject=subject, purpose=purpose)


def read_namespace_strategy(namespace: Namespace) -> Request:
    """A namespace's strategy, UNDEFINED where it has none."""
    path = f"{_ADMIN}/namespaces{namespace.path}/{_STRATEGY}"
    return Request("GET", path, purpose=f"read the strategy of namespace {namespace}")


def read_auto_update(namespace: Namespace) -> Request:
    """A namespace's strategy as older clients set it, which counts where it has no other."""
    path = f"{_ADMIN}/namespaces{namespace.path}/schemaAutoUpdateCompatibilityStrategy"
    return Request("GET", path, purpose=f"read the strategy of namespace {namespace}")


def write_namespace_strategy(namespace: Namespace, word: str) -> Request:
    """Set a namespace's strategy."""
    path = f"{_ADMIN}/namespaces{namespace.path}/{_STRATEGY}"
    return _put(path, word, f"set the strategy of namespace {namespace} to {word}", None, frozenset())


def read_broker_settings() -> Request:
    """What the broker runs with; for superusers."""
    accepts = frozenset({401, 403})
    path = f"{_ADMIN}/brokers/configuration/runtime"
    return Request("GET", path, accepts=accepts, purpose="read the broker's settings")


def read_server_version() -> Request:
    """The version of the server, as plain text."""
    return Request("GET", f"{_ADMIN}/brokers/version", purpose="read the server's version")


def is_absent(response: Response) -> bool:
    """Whether the broker says that there is no such schema or topic."""
    if response.status != 404:
        return False
    reason = response.find_key("reason")
    return isinstance(reason, str) and _ABSENT.fullmatch(reason) is not None


def _schemas(topic: Topic) -> str:
    return f"{_ADMIN}/schemas{topic.path}"


def _put(path: str, word: str, purpose: str, subject: str | None, accepts: frozenset[int]) -> Request:
    body = json.dumps(word).encode()
    return Request(
        "PUT",
        path,
        body=body,
        headers=_JSON_TYPE,
        is_write=True,
        accepts=accepts,
        subject=subject,
        purpose=purpose,
    )
