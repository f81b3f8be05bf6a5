"""Questions to a forge over the seam of :mod:`reconciler.http`: JSON, pages, and errors in the words of a forge."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qsl, urlsplit

from reconciler.errors import (
    ForbiddenError,
    ForgeError,
    NotFoundError,
    RegistryError,
    ThrottledError,
    UnauthorizedError,
)
from reconciler.http import Request, Response

Value = TypeVar("Value")

MOST_PAGES = 100
"""After so many pages a forge is not asked for more: it may be one that never ends."""
_NEXT = re.compile(r'<([^<>]*)>\s*;[^,]*\brel="?next"?')
_FIXES: Mapping[type[RegistryError], str] = {
    UnauthorizedError: "check the token: it may have expired, or be of another forge",
    ForbiddenError: "give the token the permission; in a workflow, under `permissions:`",
    NotFoundError: "check that the token may see the repository, and that the address of the interface is right",
    ThrottledError: "wait until the forge's limit is over, and run it again",
}
_ANY_FIX = "look at the forge's status, and run it again"


class Sender(Protocol):
    """What sends requests: :class:`reconciler.http.HttpClient`."""

    def send(self, request: Request) -> Response:
        """Send one request."""
        ...

    def close(self) -> None:
        """Give back the connections."""
        ...


class Connection:
    """Asks one forge.

    Args:
        client: sends the requests, below the address of the interface.
        headers: what every request has.
        prefix: the path of the interface, which links to the next page begin with.
    """

    def __init__(self, client: Sender, headers: Mapping[str, str], prefix: str = "") -> None:
        self._client = client
        self._headers = headers
        self._prefix = prefix

    def get(self, path: str, purpose: str, query: Mapping[str, str] | None = None) -> Any:
        """Read one thing.

        Raises:
            ForgeError: it cannot be read.
        """
        return self._ask(Request("GET", path, query or {}, headers=self._headers, purpose=purpose))[0]

    def get_all(self, path: str, purpose: str, query: Mapping[str, str] | None = None) -> Iterator[Any]:
        """Read a list, page by page until there is no link to a next one.

        Some forges answer every number of a page with the same list, so a page is never asked for by its number.

        Raises:
            ForgeError: a page cannot be read, or is no list.
        """
        request: Request | None = Request("GET", path, query or {}, headers=self._headers, purpose=purpose)
        for _ in range(MOST_PAGES):
            if request is None:
                return
            found, response = self._ask(request)
            if not isinstance(found, list):
                raise ForgeError(f"cannot {purpose}: the answer is no list", fix=_FIXES[NotFoundError])
            yield from found
            request = self._make_next(request, response.headers.get("link", ""))

    def write(self, method: str, path: str, purpose: str, content: Mapping[str, object]) -> Any:
        """Write one thing; what the forge made of it.

        Raises:
            ForgeError: it cannot be written.
        """
        body = json.dumps(content).encode()
        headers = {**self._headers, "Content-Type": "application/json"}
        # A comment that is written twice is a nuisance: no write is repeated.
        return self._ask(Request(method, path, body=body, headers=headers, is_write=True, purpose=purpose))[0]

    def close(self) -> None:
        """Give back the connections."""
        self._client.close()

    def _ask(self, request: Request) -> tuple[Any, Response]:
        try:
            response = self._client.send(request)
            # Some writes are answered with nothing.
            return ({} if request.is_write and not response.body.strip() else response.json()), response
        except RegistryError as error:
            raise _make_error(request, error) from error

    def _make_next(self, request: Request, link: str) -> Request | None:
        found = _NEXT.search(link)
        if found is None:
            return None
        # Only the path is taken: the token goes to no other host, whatever the link says.
        parts = urlsplit(found[1])
        path = parts.path.removeprefix(self._prefix)
        following = Request("GET", path, dict(parse_qsl(parts.query)), headers=self._headers, purpose=request.purpose)
        return None if following == request else following


def read_fields(purpose: str, content: object, read: Callable[[Any], Value]) -> Value:
    """Take what is needed out of an answer.

    Raises:
        ForgeError: the answer has not what it should have.
    """
    try:
        return read(content)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise ForgeError(
            f"cannot {purpose}: the answer lacks {error}", fix="check that the address is the forge's interface"
        ) from error


def _make_error(request: Request, error: RegistryError) -> ForgeError:
    fix = next((fix for kind, fix in _FIXES.items() if isinstance(error, kind)), _ANY_FIX)
    status = f"status {error.status}" if error.status else ""
    told = ": ".join(part for part in (status, error.detail or ("" if status else error.message)) if part)
    return ForgeError(f"cannot {request.purpose}: {told}", fix=fix, status=error.status)
