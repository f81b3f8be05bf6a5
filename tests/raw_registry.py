"""A plain reader of a Confluent-like registry, for proofs: it shares no code with the product.

It asks only what every server of the family answers alike, with the standard library: one subject at a time.
"""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

_CONTENT_TYPE = "application/vnd.schemaregistry.v1+json"


@dataclass(frozen=True)
class RawReference:
    """A reference as the registry stores it."""

    name: str
    subject: str
    version: int


@dataclass(frozen=True)
class RawVersion:
    """A version as the registry answers it; `text` is the stored text, unparsed."""

    subject: str
    version: int
    id: int
    schema_type: str
    text: str
    references: tuple[RawReference, ...] = ()
    metadata: dict[str, Any] | None = None


@dataclass(frozen=True)
class RawSubject:
    """A subject's latest version, and its own compatibility mode; None where it inherits."""

    latest: RawVersion
    compatibility: str | None


@dataclass(frozen=True)
class RawAnswer:
    """A reply: its status, and its body parsed if it is JSON."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RawRegistry:
    """Reads, and where a test must play another client writes, a registry at `url`."""

    url: str
    username: str = ""
    password: str = ""

    def send(self, method: str, path: str, body: object = None, **headers: str) -> RawAnswer:
        """Send one request; an HTTP error is an answer like any other."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url.rstrip("/") + path, data=data, method=method)
        request.add_header("Content-Type", _CONTENT_TYPE)
        if self.username:
            pair = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
            request.add_header("Authorization", f"Basic {pair}")
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            return exchange(request)
        except ConnectionError:
            if method != "GET":
                raise
            return exchange(request)  # a busy server may hang up; asking again changes nothing

    def read(self, path: str) -> Any:
        """Read a path that must answer 200."""
        answer = self.send("GET", path)
        if answer.status != 200:
            raise AssertionError(f"GET {path} answered {answer.status}: {answer.body}")
        return answer.body

    def read_subjects(self, deleted: bool = False) -> list[str]:
        """Read the names of all subjects, page by page: some registries tell no more than a thousand at once."""
        found: dict[str, None] = {}
        while True:
            page = self.read(f"/subjects?deleted={str(deleted).lower()}&offset={len(found)}&limit=1000")
            known = len(found)
            found.update(dict.fromkeys(page))
            if len(found) == known or len(page) < 1000:
                return sorted(found)

    def read_versions(self, subject: str) -> list[RawVersion]:
        """Read all versions of a subject, old to new; empty if there is none."""
        answer = self.send("GET", f"/subjects/{quote(subject, safe='')}/versions")
        if answer.status == 404:
            return []
        return [self.read_version(subject, number) for number in sorted(answer.body)]

    def read_version(self, subject: str, version: int | str = "latest") -> RawVersion:
        body = self.read(f"/subjects/{quote(subject, safe='')}/versions/{version}")
        references = tuple(
            RawReference(r["name"], r["subject"], int(r["version"])) for r in body.get("references") or ()
        )
        return RawVersion(
            body["subject"],
            body["version"],
            body["id"],
            body.get("schemaType") or "AVRO",
            body["schema"],
            references,
            body.get("metadata"),
        )

    def read_compatibility(self, subject: str = "") -> str | None:
        """Read a subject's own mode, None where it inherits; without a subject, the registry's."""
        answer = self.send("GET", f"/config/{quote(subject, safe='')}" if subject else "/config")
        return answer.body["compatibilityLevel"] if answer.status == 200 else None

    def read_state(self, prefix: str = "") -> dict[str, RawSubject]:
        """Read every subject whose name starts with `prefix`: latest text, references and mode."""
        return {
            subject: RawSubject(self.read_version(subject), self.read_compatibility(subject))
            for subject in self.read_subjects()
            if subject.startswith(prefix)
        }

    def register(self, subject: str, schema: str, **fields: Any) -> RawAnswer:
        return self.send("POST", f"/subjects/{quote(subject, safe='')}/versions", {"schema": schema, **fields})

    def set_compatibility(self, subject: str, level: str) -> RawAnswer:
        path = f"/config/{quote(subject, safe='')}" if subject else "/config"
        return self.send("PUT", path, {"compatibility": level})

    def delete_subject(self, subject: str, permanent: bool = False) -> RawAnswer:
        """Delete softly, and with `permanent` then for good."""
        path = f"/subjects/{quote(subject, safe='')}"
        answer = self.send("DELETE", path)
        return self.send("DELETE", f"{path}?permanent=true") if permanent else answer


def exchange(request: urllib.request.Request, timeout: float = 30) -> RawAnswer:
    """Send one request; an HTTP error is an answer like any other."""
    try:
        with urllib.request.urlopen(request, timeout=timeout) as reply:
            return _make_answer(reply.status, reply.read(), dict(reply.headers))
    except urllib.error.HTTPError as error:
        with error:
            return _make_answer(error.code, error.read(), dict(error.headers))


def _make_answer(status: int, body: bytes, headers: dict[str, str]) -> RawAnswer:
    try:
        return RawAnswer(status, json.loads(body) if body else None, headers)
    except ValueError:
        return RawAnswer(status, body.decode(errors="replace"), headers)
