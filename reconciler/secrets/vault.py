"""``${vault:mount/path#key}``: HashiCorp Vault and what has its interface, key-value engines of version 1 and 2.

Who asks, and where, is said by variables:

- ``VAULT_ADDR``, ``VAULT_NAMESPACE``, ``VAULT_CACERT``;
- ``VAULT_TOKEN``; or ``VAULT_ROLE_ID`` and ``VAULT_SECRET_ID`` (AppRole); or ``VAULT_ROLE`` with ``VAULT_JWT`` or
  ``VAULT_JWT_FILE`` (JWT), or alone (Kubernetes, with the pod's own token);
- ``VAULT_AUTH_MOUNT`` where the method is mounted elsewhere than under its own name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import hvac
import requests.exceptions
from hvac import exceptions

from reconciler.errors import SecretError

_POD_TOKEN = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")
_TIMEOUT = 20
_LOGIN = (
    "set VAULT_TOKEN; or VAULT_ROLE_ID and VAULT_SECRET_ID; or VAULT_ROLE, with VAULT_JWT or VAULT_JWT_FILE outside of"
    " Kubernetes"
)


class VaultSource:
    """Reads secrets of one Vault; logs in once, and once more where the login is over.

    Args:
        variables: the environment variables.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self._client: Any = None
        self._documents: dict[str, Mapping[str, object]] = {}

    def read(self, target: str) -> str:
        """See :meth:`reconciler.secrets.sources.SecretSource.read`."""
        path, _, key = target.rpartition("#")
        if path not in self._documents:
            self._documents[path] = self._told(path, lambda: self._read_document(path))
        document = self._documents[path]
        if key not in document:
            raise SecretError(
                f"Vault's secret {path} has no key `{key}`", fix=f"its keys: {', '.join(sorted(document)) or 'none'}"
            )
        return str(document[key])

    def _read_document(self, path: str) -> Mapping[str, object]:
        try:
            return self._read_by_version(path)
        except exceptions.Forbidden:
            if self._variables.get("VAULT_TOKEN"):
                raise
            # A login is over after a while: the same once more with a new one.
            self._client = None
            return self._read_by_version(path)

    def _read_by_version(self, path: str) -> Mapping[str, object]:
        client = self._connect()
        mount, version = self._find_mount(client, path)
        below = path[len(mount) :]
        answer = client.read(f"{mount}data/{below}" if version == "2" else path)
        data = (answer or {}).get("data") or {}
        document = data.get("data") if version == "2" else data
        if not document:
            raise SecretError(f"Vault has no secret {path}", fix="check the path, which begins with the engine's mount")
        return dict(document)

    def _find_mount(self, client: Any, path: str) -> tuple[str, str]:
        """The mount of the engine that has a path, with a slash at its end, and the engine's version."""
        answer = client.read(f"sys/internal/ui/mounts/{path}")
        data = (answer or {}).get("data") or {}
        mount = str(data.get("path") or f"{path.partition('/')[0]}/")
        return mount, str((data.get("options") or {}).get("version") or "1")

    def _connect(self) -> Any:
        if self._client is None:
            try:
                self._client = self._login()
            except (exceptions.Forbidden, exceptions.InvalidRequest) as error:
                # A login that is refused is no policy that forbids, and no secret that cannot be read.
                raise exceptions.Unauthorized(errors=error.errors) from error
        return self._client

    def _login(self) -> Any:
        get = self._variables.get
        address = get("VAULT_ADDR")
        if not address:
            raise SecretError(
                "Vault's address is not known", fix="set VAULT_ADDR, such as https://vault.example.com:8200"
            )
        client: Any = hvac.Client(
            url=address,
            token=get("VAULT_TOKEN"),
            namespace=get("VAULT_NAMESPACE") or None,
            verify=get("VAULT_CACERT") or True,
            timeout=_TIMEOUT,
        )
        if get("VAULT_TOKEN"):
            return client
        if get("VAULT_ROLE_ID"):
            mount = get("VAULT_AUTH_MOUNT") or "approle"
            client.auth.approle.login(get("VAULT_ROLE_ID"), get("VAULT_SECRET_ID"), mount_point=mount)
        elif get("VAULT_ROLE") and (token := self._find_jwt()):
            client.auth.jwt.jwt_login(get("VAULT_ROLE"), token, path=get("VAULT_AUTH_MOUNT") or "jwt")
        elif get("VAULT_ROLE") and _POD_TOKEN.is_file():
            mount = get("VAULT_AUTH_MOUNT") or "kubernetes"
            client.auth.kubernetes.login(get("VAULT_ROLE"), _POD_TOKEN.read_text().strip(), mount_point=mount)
        else:
            raise SecretError("nothing says who asks Vault", fix=_LOGIN)
        return client

    def _find_jwt(self) -> str | None:
        path = self._variables.get("VAULT_JWT_FILE")
        try:
            return Path(path).read_text().strip() if path else self._variables.get("VAULT_JWT")
        except OSError as error:
            raise SecretError(f"VAULT_JWT_FILE cannot be read: {error.strerror}", fix="correct the path") from None

    def _told(self, path: str, read: Callable[[], Mapping[str, object]]) -> Mapping[str, object]:
        """Read, with what goes wrong as an error of ours; Vault's own words hold no values."""
        where = f"Vault at {self._variables.get('VAULT_ADDR')}"
        try:
            return read()
        except exceptions.Forbidden as error:
            fix = f"let the policy of the login read {path}, or log in again"
            raise SecretError(f"{where} does not allow reading {path}: {_words(error)}", fix=fix) from None
        except exceptions.Unauthorized as error:
            raise SecretError(f"{where} does not accept the login: {_words(error)}", fix=_LOGIN) from None
        except exceptions.VaultDown as error:
            raise SecretError(f"{where} is sealed: {_words(error)}", fix="unseal it, then run again") from None
        except exceptions.VaultError as error:
            raise SecretError(f"{where} failed for {path}: {_words(error)}", fix="look at Vault's log") from None
        except requests.exceptions.SSLError:
            fix = "name the authority's PEM file in VAULT_CACERT"
            raise SecretError(f"{where}: its certificate is not trusted", fix=fix) from None
        except requests.exceptions.RequestException as error:
            reason = type(error).__name__
            raise SecretError(f"{where} cannot be reached ({reason})", fix="check VAULT_ADDR and the network") from None


def _words(error: exceptions.VaultError) -> str:
    told = getattr(error, "errors", None)
    return "; ".join(map(str, told)) if told else type(error).__name__
