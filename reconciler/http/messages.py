"""What is sent and what comes back, as values; and how a path is written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from reconciler.errors import UnexpectedAnswerError

_NO_STATUSES: frozenset[int] = frozenset()
_DOT_SEGMENTS: Mapping[str, str] = {".": "%2E", "..": "%2E%2E"}


@dataclass(frozen=True, slots=True)
class Request:
    """One request to a registry.

    Args:
        method: in capitals.
        path: below the registry's URL, percent-encoded, with a leading slash; see :func:`make_path`.
        query: not yet encoded.
        body: sent as it is; ``headers`` name its type.
        is_write: whether sending it twice could do something twice. Only a write is never repeated blindly.
        accepts: statuses from 400 on that the caller understands; they come back as responses, at once.
        subject: the subject concerned, for errors.
        purpose: what this is for, in words that follow "cannot"; the method and path where empty.
        is_below_host: ``path`` counts from the host, not from the registry's URL.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_write: bool = False
    accepts: frozenset[int] = _NO_STATUSES
    subject: str | None = None
    purpose: str = ""
    is_below_host: bool = False

    def make_target(self, prefix: str) -> str:
        """Write path and query as the request line has them, below the path ``prefix`` of the registry's URL."""
        path = self.path if self.is_below_host else prefix + self.path
        return f"{path}?{urlencode(self.query, quote_via=quote)}" if self.query else path

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answered, decompressed. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    request: Request | None = None
    registry: str | None = None

    def json(self) -> Any:
        """Parse the body.

        Raises:
            UnexpectedAnswerError: it is not JSON, with the beginning of what it is.
        """
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise UnexpectedAnswerError(
                f"{self.request or 'the request'} was not answered with JSON",
                registry=self.registry,
                subject=self.request.subject if self.request else None,
                status=self.status,
                detail=make_excerpt(self.body),
                fix="check that `url` is that of the registry itself and not of a login page or proxy before it",
            ) from error

    def find_key(self, key: str) -> Any:
        """What the body has under a key; None where it is no JSON object, or has no such key."""
        try:
            content = self.json()
        except UnexpectedAnswerError:
            return None
        return content.get(key) if isinstance(content, dict) else None


def make_path(*segments: str | int) -> str:
    """Join segments to a path, percent-encoding each whole; a segment of dots only stays a name."""
    return "".join(f"/{_DOT_SEGMENTS.get(str(s)) or quote(str(s), safe='')}" for s in segments)


def make_excerpt(body: bytes, length: int = 200) -> str:
    """Show the beginning of a body on one line."""
    text = " ".join(body[: 4 * length].decode("utf-8", "replace").split())
    return text if len(text) <= length else f"{text[: length - 1]}…"
