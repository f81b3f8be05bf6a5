"""A double of a Pulsar broker's administration interface: enough to read many topics, and to answer amiss.

What a broker does otherwise is tried on a real one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from tests.doubles.wire import HttpDouble, Reply, Request, make_json_reply

Amiss = Mapping[tuple[str, str], Reply]
_STRATEGY = "schemaCompatibilityStrategy"


def make_row(text: str, kind: str = "AVRO", version: int = 0) -> dict[str, Any]:
    """A version as a broker tells it."""
    return {"version": version, "type": kind, "timestamp": 0, "data": text, "properties": {}}


class PulsarDouble(HttpDouble):
    """One namespace, `acme/orders`, whose topics have the given rows; `amiss` are replies by method and path."""

    def __init__(
        self, rows: Mapping[str, dict[str, Any]], amiss: Mapping[tuple[str, str], Reply] | None = None
    ) -> None:
        super().__init__(self._answer)
        self._rows = rows
        self._amiss = amiss or {}
        self.strategies: dict[str, str] = {}

    def _answer(self, request: Request) -> Reply:
        path = unquote(request.path).removeprefix("/admin/v2")
        if (request.method, path) in self._amiss:
            return self._amiss[request.method, path]
        match path.strip("/").split("/"):
            case ["namespaces", "acme", "orders", str(what)] if what == _STRATEGY:
                return make_json_reply(200, "FULL")
            case ["persistent", "acme", "orders"]:
                return make_json_reply(200, [f"persistent://acme/orders/{name}" for name in self._rows])
            case ["persistent", "acme", "orders", "partitioned"]:
                return make_json_reply(200, [])
            case ["schemas", "acme", "orders", topic, "schema"] if request.method == "GET" and topic in self._rows:
                return make_json_reply(200, self._rows[topic])
            case ["persistent", "acme", "orders", topic, str(what)] if what == _STRATEGY and topic in self._rows:
                return self._answer_strategy(request, topic)
        return make_json_reply(404, {"reason": "Schema not found"})

    def _answer_strategy(self, request: Request, topic: str) -> Reply:
        if request.method == "PUT":
            self.strategies[topic] = json.loads(request.body)
            return Reply(204)
        word = self.strategies.get(topic)
        return make_json_reply(200, word) if word else Reply(200)
