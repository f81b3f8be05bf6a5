"""Tokens of OAuth 2.0 by client credentials (RFC 6749, section 4.4): asked for when needed, renewed before they end."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote_plus, urlencode

from reconciler.errors import RegistryError, UnauthorizedError, UnexpectedAnswerError, UnreachableError
from reconciler.http.endpoint import Endpoint, make_basic
from reconciler.http.faults import TransportError
from reconciler.http.messages import Request, Response, make_excerpt
from reconciler.http.ordinary import OrdinaryTransport
from reconciler.secrets.redaction import remember

_EARLY = 30.0
"""Seconds before its end at which a token is renewed, or half of its life where that is less."""
_FIX = "check `token_url`, `client_id`, `client_secret` and `scope` of `auth`"


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """Who asks for a token, and for what; ``in_body`` sends the secret in the form in place of a header."""

    client_id: str
    client_secret: str = field(repr=False)
    scope: str | None = None
    audience: str | None = None
    in_body: bool = False


class OAuthToken:
    """The token of one registry's client, shared by all its connections.

    Args:
        endpoint: of the server that gives tokens.
        path: below it.
        registry: the team's name of the registry, for errors.
    """

    def __init__(self, endpoint: Endpoint, path: str, credentials: ClientCredentials, registry: str) -> None:
        self._endpoint = endpoint
        self._path = path
        self._credentials = credentials
        self._registry = registry
        self._lock = threading.Lock()
        self._authorization: str | None = None
        self._until = 0.0

    def make_authorization(self) -> str:
        """The value of the ``Authorization`` header; asks for a token where there is none that still holds.

        Raises:
            UnauthorizedError, UnreachableError, UnexpectedAnswerError: there is none to be had.
        """
        with self._lock:
            if self._authorization is None or time.monotonic() >= self._until:
                self._renew()
            assert self._authorization is not None
            return self._authorization

    def drop(self, authorization: str | None) -> bool:
        """Forget a token that was refused; whether another one may be asked for.

        Args:
            authorization: the header that was refused; where another one holds by now, that is kept.
        """
        with self._lock:
            if self._authorization == authorization:
                self._authorization = None
            return True

    def _renew(self) -> None:
        response = self._ask()
        content = self._read(response)
        token = content.get("access_token")
        if not isinstance(token, str) or not token:
            raise self._make_error(UnexpectedAnswerError, "its answer has no access_token", make_excerpt(response.body))
        remember(token)
        seconds = content.get("expires_in")
        life = float(seconds) if isinstance(seconds, int | float | str) and str(seconds).isdecimal() else 300.0
        self._authorization = f"Bearer {token}"
        self._until = time.monotonic() + max(life - _EARLY, life / 2)

    def _ask(self) -> Response:
        transport = OrdinaryTransport(self._endpoint)
        try:
            return transport.send(self._make_request())
        except TransportError as fault:
            raise self._make_error(UnreachableError, "it cannot be reached", fault.detail) from fault
        finally:
            transport.close()

    def _make_request(self) -> Request:
        told = self._credentials
        form = {"grant_type": "client_credentials", "scope": told.scope, "audience": told.audience}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if told.in_body:
            form |= {"client_id": told.client_id, "client_secret": told.client_secret}
        else:
            # Section 2.3.1: both are form-encoded before they are joined.
            headers["Authorization"] = make_basic(quote_plus(told.client_id), quote_plus(told.client_secret))
        body = urlencode({name: value for name, value in form.items() if value}).encode()
        return Request("POST", self._path, body=body, headers=headers, purpose="get a token")

    def _read(self, response: Response) -> Mapping[str, object]:
        try:
            content = json.loads(response.body)
        except ValueError:
            content = None
        if response.status in {400, 401, 403}:
            told = content if isinstance(content, dict) else {}
            words = told.get("error_description") or told.get("error") or make_excerpt(response.body)
            raise self._make_error(UnauthorizedError, "it gives no token", str(words), response.status)
        if response.status >= 300 or not isinstance(content, dict):
            excerpt = make_excerpt(response.body)
            raise self._make_error(UnexpectedAnswerError, "its answer is no token", excerpt, response.status)
        return content

    def _make_error(
        self, kind: type[RegistryError], what: str, detail: str | None, status: int | None = None
    ) -> RegistryError:
        where = f"{self._endpoint.origin}{self._path}"
        message = f"cannot get a token from {where}: {what}"
        return kind(message, registry=self._registry, status=status, detail=detail, fix=_FIX)
