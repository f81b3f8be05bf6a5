"""Where a registry is and how to get there: URL, credentials, certificates, proxy, patience."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from reconciler.errors import ConfigurationError

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Tls:
    """Certificates of a connection, as PEM files.

    ``ca`` replaces the system's authorities. ``certificate`` and ``key`` are shown to a server that asks for them;
    the key may be in the certificate's file. There is no way to leave a server unverified.
    """

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    key_password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy; ``authorization`` is the value of the header that it asks for."""

    host: str
    port: int
    authorization: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Token(Protocol):
    """Credentials that end after a while and can be asked for again."""

    def make_authorization(self) -> str:
        """The value of the ``Authorization`` header as it is now."""
        ...

    def drop(self, authorization: str | None) -> bool:
        """Forget what was refused; whether it is worth asking again."""
        ...


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A registry's address with all that a connection needs; timeouts in seconds.

    ``prefix`` is the URL's path without a slash at its end; ``authorization`` the value of that header, or ``token``
    makes it anew where it ends after a while. ``headers`` go with every request.
    """

    scheme: str
    host: str
    port: int
    prefix: str = ""
    authorization: str | None = field(default=None, repr=False)
    tls: Tls = Tls()
    proxy: Proxy | None = None
    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    token: Token | None = field(default=None, repr=False, compare=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def current_authorization(self) -> str | None:
        """The value of the ``Authorization`` header as it is now; None for none."""
        return self.token.make_authorization() if self.token else self.authorization

    @property
    def is_encrypted(self) -> bool:
        """Whether the connection is TLS."""
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """Host and port as the ``Host`` header has them: the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def address(self) -> str:
        """Host and port, always both."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{self.scheme}://{self.authority}"


def make_basic(username: str, password: str) -> str:
    """Write the value of an ``Authorization`` header for a user (RFC 7617, UTF-8)."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def check_url(url: str) -> SplitResult:
    """Split a registry's URL.

    Raises:
        ConfigurationError: it is not one that can be asked: scheme, host, port, or parts that a registry's URL cannot
            have.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise ConfigurationError(f"`url` is not a URL: {error}", fix=_URL_FIX) from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ConfigurationError(f"`url` is not a URL of http or https: {_without_userinfo(parts)}", fix=_URL_FIX)
    if parts.query or parts.fragment:
        raise ConfigurationError("`url` has a query or a fragment, which a registry's URL cannot have", fix=_URL_FIX)
    if port == 0:
        raise ConfigurationError("`url` has port 0", fix=_URL_FIX)
    return parts


_URL_FIX = "write it like `https://registry.example.com:8081`, with the path if the registry is below one"


def _without_userinfo(parts: SplitResult) -> str:
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def make_endpoint(
    url: str,
    *,
    authorization: str | None = None,
    tls: Tls | None = None,
    proxy: Proxy | None = None,
    connect_timeout: float = 10.0,
    read_timeout: float = 60.0,
) -> Endpoint:
    """Make an endpoint of a URL; a user in the URL counts as basic credentials unless others are given.

    Raises:
        ConfigurationError: see :func:`check_url`.
    """
    parts = check_url(url)
    if authorization is None and parts.username is not None:
        authorization = make_basic(unquote(parts.username), unquote(parts.password or ""))
    return Endpoint(
        scheme=parts.scheme,
        host=parts.hostname or "",
        port=parts.port or _PORTS[parts.scheme],
        prefix=parts.path.rstrip("/"),
        authorization=authorization,
        tls=tls or Tls(),
        proxy=proxy,
        connect_timeout=connect_timeout,
        read_timeout=read_timeout,
    )


def load_ssl_context(tls: Tls) -> ssl.SSLContext:
    """Read the certificate files into a context that verifies the server and its name.

    Raises:
        ConfigurationError: a file is missing or is not what it should be.
    """
    try:
        context = ssl.create_default_context(cafile=tls.ca)
    except (OSError, ssl.SSLError) as error:
        raise _unusable("tls.ca", tls.ca, error) from error
    context.set_alpn_protocols(["http/1.1"])
    if tls.certificate:
        try:
            # An empty password instead of none: OpenSSL would ask for it on the terminal.
            context.load_cert_chain(tls.certificate, tls.key, tls.key_password or "")
        except (OSError, ssl.SSLError) as error:
            raise _unusable("tls.certificate", tls.key or tls.certificate, error) from error
    return context


def _unusable(option: str, path: Path | None, error: OSError) -> ConfigurationError:
    reason = "no such file" if isinstance(error, FileNotFoundError) else (error.strerror or str(error))
    return ConfigurationError(
        f"`{option}`: {path} cannot be used: {reason}",
        fix="give a PEM file, and `key_password` where the key is encrypted",
    )
