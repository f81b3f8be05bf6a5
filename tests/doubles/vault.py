"""A double of HashiCorp Vault, after its published interface: key-value engines, logins, sealed or not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.doubles.wire import HttpDouble, Reply, Request, make_json_reply

ROOT = "root-token"


class VaultDouble(HttpDouble):
    """Vault in memory.

    `secrets` are by path, whose first part is the mount; `versions` says which engine a mount has ("1" or "2").
    `logins` are the accepted bodies of a login by its path, such as `auth/approle/login`; each gives a token that holds
    for `token_uses` requests. `is_sealed` answers everything with 503.
    """

    def __init__(
        self,
        secrets: Mapping[str, Mapping[str, str]],
        *,
        versions: Mapping[str, str] | None = None,
        logins: Mapping[str, Mapping[str, str]] | None = None,
        token_uses: int = 1_000,
        is_sealed: bool = False,
    ) -> None:
        super().__init__(self._answer)
        self._secrets = secrets
        self._versions = versions or {}
        self._logins = logins or {}
        self._token_uses = token_uses
        self._is_sealed = is_sealed
        self._left: dict[str, int] = {ROOT: 1_000_000}
        self.logins_made = 0

    def _answer(self, request: Request) -> Reply:
        path = request.path.removeprefix("/v1/")
        if self._is_sealed:
            return make_json_reply(503, {"errors": ["Vault is sealed"]})
        if path in self._logins or path.endswith("/login"):
            return self._log_in(path, request)
        token = request.headers.get("x-vault-token", "")
        if self._left.get(token, 0) <= 0:
            return make_json_reply(403, {"errors": ["permission denied"]})
        self._left[token] -= 1
        if path.startswith("sys/internal/ui/mounts/"):
            mount = path.removeprefix("sys/internal/ui/mounts/").partition("/")[0]
            return _tell({"path": f"{mount}/", "options": {"version": self._versions.get(mount, "2")}})
        return self._read(path)

    def _log_in(self, path: str, request: Request) -> Reply:
        if self._logins.get(path) != json.loads(request.body):
            return make_json_reply(400, {"errors": ["invalid role or secret ID"]})
        self.logins_made += 1
        token = f"login-{self.logins_made}"
        self._left[token] = self._token_uses
        return make_json_reply(200, {"auth": {"client_token": token}})

    def _read(self, path: str) -> Reply:
        mount, _, below = path.partition("/")
        if self._versions.get(mount, "2") == "1":
            found = self._secrets.get(path)
            return _tell(dict(found)) if found else make_json_reply(404, {"errors": []})
        found = self._secrets.get(f"{mount}/{below.removeprefix('data/')}")
        return _tell({"data": dict(found), "metadata": {}}) if found else make_json_reply(404, {"errors": []})


def _tell(data: Mapping[str, Any]) -> Reply:
    return make_json_reply(200, {"data": dict(data)})
