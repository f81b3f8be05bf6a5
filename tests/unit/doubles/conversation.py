"""A case of the double: what was sent before, one request, and the answer expected of each version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

INT = '{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}'
LONG = INT.replace("int", "long")
STRING = INT.replace("int", "string")
WITH_DOC = INT.replace('"name":"R"', '"name":"R","doc":"d"')
USES_R = '{"type":"record","name":"U","fields":[{"name":"r","type":"R"}]}'
REFERS = {"schema": USES_R, "references": [{"name": "R", "subject": "s", "version": 1}]}
IN_7_9 = ("7.9",)
IN_8_1 = ("8.1",)
IN_BOTH = ("7.9", "8.1")


@dataclass(frozen=True)
class Send:
    """One request; `schema` is short for a body with that text."""

    method: str
    path: str
    body: Any = None


def post(subject: str, schema: str, **fields: Any) -> Send:
    return Send("POST", f"/subjects/{subject}/versions", {"schema": schema, **fields})


def mode(subject: str, level: str) -> Send:
    return Send("PUT", f"/config/{subject}", {"compatibility": level})


def write_mode(subject: str, name: str) -> Send:
    return Send("PUT", f"/mode/{subject}", {"mode": name})


def get(path: str) -> Send:
    return Send("GET", path)


def delete(path: str) -> Send:
    return Send("DELETE", path)


TWO_VERSIONS = (post("s", INT), post("s", LONG))
REFERENCED = (post("s", INT), Send("POST", "/subjects/u/versions", REFERS))


@dataclass(frozen=True)
class Case:
    """`code` is the error code of a refused request; `body` what an accepted one answers, None if not compared."""

    name: str
    given: tuple[Send, ...]
    act: Send
    status: int
    code: int | None = None
    body: Any = None
    versions: tuple[str, ...] = IN_BOTH
