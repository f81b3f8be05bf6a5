"""A double of an OAuth 2.0 token endpoint, for client credentials (RFC 6749, section 4.4)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from urllib.parse import parse_qs, unquote_plus

from tests.doubles.wire import Access, HttpDouble, Reply, Request, make_json_reply


class _Anybody(Access):
    """Lets everybody in: who asks is looked at by the endpoint itself."""

    def knows(self, authorization: str) -> bool:
        return True


class TokenDouble(HttpDouble):
    """Gives `token-1`, `token-2`, ... or those of a list to the one client that it knows, each for `seconds`."""

    def __init__(
        self, client: tuple[str, str] = ("ci", "s3cret/+"), *, seconds: int = 3600, tokens: Sequence[str] = ()
    ) -> None:
        super().__init__(self._answer, access=_Anybody())
        self._client = client
        self._seconds = seconds
        self._tokens = tokens
        self.given = 0
        self.forms: list[dict[str, str]] = []

    def _answer(self, request: Request) -> Reply:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        self.forms.append(form)
        if form.get("grant_type") != "client_credentials" or self._find_client(request, form) != self._client:
            return make_json_reply(401, {"error": "invalid_client", "error_description": "no such client"})
        self.given += 1
        value = self._tokens[self.given - 1] if self._tokens else f"token-{self.given}"
        token = {"access_token": value, "token_type": "Bearer", "expires_in": self._seconds}
        return make_json_reply(200, token)

    def _find_client(self, request: Request, form: dict[str, str]) -> tuple[str, str]:
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        if scheme == "Basic":
            user, _, password = base64.b64decode(credentials).decode().partition(":")
            return unquote_plus(user), unquote_plus(password)
        return form.get("client_id", ""), form.get("client_secret", "")
