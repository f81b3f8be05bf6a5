"""Gitea's interface, asked as one user, without the product."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen


class RefusedError(Exception):
    """Gitea said no; `status` is its status."""

    def __init__(self, told: str, status: int) -> None:
        super().__init__(told)
        self.status = status


@dataclass(frozen=True)
class User:
    """Somebody who has a token, or a password, at a Gitea."""

    url: str
    name: str
    authorization: str

    def get(self, path: str) -> Any:
        return self.ask("GET", path)

    def post(self, path: str, **content: Any) -> Any:
        return self.ask("POST", path, content)

    def ask(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> Any:
        """Ask; the answer's JSON, its text where it is none.

        Raises:
            RefusedError: the status is not one of success.
        """
        body = None if content is None else json.dumps(content).encode()
        headers = {"Authorization": self.authorization, "Content-Type": "application/json"}
        request = Request(f"{self.url}/api/v1{path}", body, headers, method=method)
        try:
            with urlopen(request, timeout=30) as answer:
                text = answer.read().decode()
        except HTTPError as error:
            with error:
                told = error.read().decode(errors="replace")[:500]
            raise RefusedError(f"{method} {path}: {error.code} {told}", error.code) from None
        try:
            return json.loads(text) if text else {}
        except ValueError:
            return text


def make_basic(name: str, password: str) -> str:
    """Make the header of a user with a password."""
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
