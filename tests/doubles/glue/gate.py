"""A gate before the double: it refuses what it is told to refuse, and hands everything else on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from http.client import HTTPConnection
from urllib.parse import urlsplit

from tests.doubles.wire import HttpDouble, Reply, Request

_TYPE = {"Content-Type": "application/x-amz-json-1.1"}


@dataclass
class Refusal:
    """Answers with an error of the service where operation, schema and access key fit.

    `times` None: always. `after` requests that fit pass first. `is_done`: the service does what was asked before.
    """

    code: str
    operation: str = "*"
    schema: str = "*"
    key: str = "*"
    times: int | None = None
    after: int = 0
    status: int = 400
    message: str = "refused by the gate"
    headers: Mapping[str, str] = field(default_factory=dict)
    is_done: bool = False

    def takes(self, request: Request) -> bool:
        if not self._fits(request) or self.times == 0:
            return False
        if self.after:
            self.after -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True

    def _fits(self, request: Request) -> bool:
        told = ((self.operation, operation_of(request)), (self.schema, schema_of(request)), (self.key, key_of(request)))
        return all(fnmatchcase(value, pattern) for pattern, value in told)

    def make_reply(self) -> Reply:
        body = json.dumps({"__type": self.code, "message": self.message}).encode()
        return Reply(self.status, body, {**_TYPE, **self.headers})


class GlueGate(HttpDouble):
    """`with GlueGate(double.url, Refusal(...)) as gate: ... gate.url ...`; `requests` has what came."""

    def __init__(self, target: str, *refusals: Refusal) -> None:
        super().__init__(self._answer)
        self.refusals = list(refusals)
        self._target = urlsplit(target)

    def operations(self, pattern: str = "*") -> list[str]:
        """The operations that were asked for, in their order."""
        asked = (operation_of(request) for request in list(self.requests))
        return [operation for operation in asked if fnmatchcase(operation, pattern)]

    def keys(self) -> list[str]:
        """The access keys of the requests, each once, in the order of their first."""
        return list(dict.fromkeys(key_of(request) for request in list(self.requests)))

    def _answer(self, request: Request) -> Reply:
        refusal = next((each for each in self.refusals if each.takes(request)), None)
        if refusal is None:
            return self._hand_on(request)
        if refusal.is_done:
            self._hand_on(request)
        return refusal.make_reply()

    def _hand_on(self, request: Request) -> Reply:
        connection = HTTPConnection(self._target.hostname or "", self._target.port, timeout=60)
        try:
            connection.request(request.method, request.path, request.body, dict(request.headers))
            answer = connection.getresponse()
            kept = {n: v for n, v in answer.getheaders() if n.lower() not in ("content-length", "connection", "date")}
            return Reply(answer.status, answer.read(), kept)
        finally:
            connection.close()


def operation_of(request: Request) -> str:
    return request.headers.get("x-amz-target", "").rpartition(".")[2]


def schema_of(request: Request) -> str:
    asked = json.loads(request.body or b"{}")
    return str((asked.get("SchemaId") or {}).get("SchemaName") or asked.get("SchemaName") or "")


def key_of(request: Request) -> str:
    return request.headers.get("authorization", "").partition("Credential=")[2].partition("/")[0]
