"""A double of Redpanda's registry, after its published interface: what it does otherwise than Confluent 7."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.doubles.confluent.errors import make_error
from tests.doubles.confluent.formats import Parsed
from tests.doubles.confluent.registration import Posted, Version
from tests.doubles.confluent.registry import Registry
from tests.doubles.confluent.routes import ROUTES
from tests.doubles.confluent.server import ConfluentDouble

_ABSENT = frozenset(
    {
        ("GET", "/schemas"),
        ("DELETE", "/config"),
        ("DELETE", "/mode"),
        ("POST", "/compatibility/subjects/(?P<subject>[^/]+)/versions"),
        ("GET", "/contexts"),
        ("GET", "/v1/metadata/version"),
        ("GET", "/schemas/guids/(?P<part>[^/]+)"),
    }
)
_NOT_JUDGED = frozenset({"$ref", "$defs", "dependencies", "prefixItems"})


class _RedpandaRegistry(Registry):
    """Stores and judges as Redpanda does."""

    def register(self, subject: str, posted: Posted, normalize: bool) -> Version:
        return super().register(
            subject, replace(posted, metadata=_keep_properties(posted), version=0, id=None), normalize
        )

    def _find_conflicts(
        self, subject: str, parsed: Parsed, metadata: dict[str, Any] | None, versions: list[Version]
    ) -> list[str]:
        compared = [parsed, *(version.parsed for version in versions)] if versions else []
        for one in compared:
            if one.schema_type == "JSON" and (found := _find_keys(json.loads(one.text)) & _NOT_JUDGED):
                raise make_error("invalid_schema", subject=subject, detail=f"{min(found)} is not supported")
        return super()._find_conflicts(subject, parsed, metadata, versions)


def _keep_properties(posted: Posted) -> dict[str, Any] | None:
    properties = (posted.metadata or {}).get("properties")
    return {"properties": properties} if properties else None


def _find_keys(node: object) -> frozenset[str]:
    """The keys of a JSON text, at any depth."""
    match node:
        case dict():
            return frozenset(node).union(*map(_find_keys, node.values()))
        case list():
            return frozenset[str]().union(*map(_find_keys, node))
        case _:
            return frozenset()


class RedpandaDouble(ConfluentDouble):
    """Redpanda in memory; `users` and `deny` as in `ConfluentDouble`."""

    def __init__(self, *, users: Mapping[str, str] | None = None, deny: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__("7.9", users=users, deny=deny)
        self.routes = tuple(r for r in ROUTES if (r.method, r.pattern.pattern) not in _ABSENT)
        self.registry = _RedpandaRegistry(409)
