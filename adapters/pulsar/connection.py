"""Asking the web service, and reading its errors: a missing right is a 401 there as often as a 403."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator

from reconciler.errors import ForbiddenError, RegistryError, UnauthorizedError
from reconciler.http import HttpClient, Request, Response

_RIGHTS = ("Unauthorized to ", "Don't have permission", "not authorized")
"""How the broker begins to say that it knows who it is, and does not allow it."""
_FIX = "give the role of `auth` the right: administrator of the tenant, or for schemas alone produce and consume"


class Connection:
    """An :class:`HttpClient` whose errors are read as Pulsar means them.

    Args:
        concurrency: connections that read at once.
    """

    def __init__(self, client: HttpClient, concurrency: int) -> None:
        self._client = client
        self._concurrency = concurrency

    def send(self, request: Request) -> Response:
        """Send one request.

        Raises:
            RegistryError: as :meth:`HttpClient.send`.
        """
        try:
            return self._client.send(request)
        except RegistryError as error:
            raise _read_as_meant(error) from error

    def send_all(self, requests: Iterable[Request]) -> Iterator[Response]:
        """Send many reads side by side; answers come in the order of the requests.

        Raises:
            RegistryError: as :meth:`HttpClient.send_all`.
        """
        try:
            yield from self._client.send_all(requests, self._concurrency)
        except RegistryError as error:
            raise _read_as_meant(error) from error

    def make_error(self, response: Response) -> RegistryError:
        """Make the error that an accepted answer stands for after all."""
        return _read_as_meant(self._client.make_error(response))

    def wait_before_repeating(self, attempt: int) -> bool:
        """See :meth:`HttpClient.wait_before_repeating`."""
        return self._client.wait_before_repeating(attempt)

    def close(self) -> None:
        """Give back all connections."""
        self._client.close()


def _read_as_meant(error: RegistryError) -> RegistryError:
    detail = html.unescape(error.detail) if error.detail else None
    lacks_right = isinstance(error, UnauthorizedError) and any(words in (detail or "") for words in _RIGHTS)
    kind: type[RegistryError] = ForbiddenError if lacks_right else type(error)
    reason = "the registry does not accept the credentials"
    message = error.message.replace(reason, "the role does not have the right") if lacks_right else error.message
    return kind(
        message,
        registry=error.registry,
        subject=error.subject,
        status=error.status,
        code=error.code,
        detail=detail,
        fix=_FIX if kind is ForbiddenError else error.fix,
    )
