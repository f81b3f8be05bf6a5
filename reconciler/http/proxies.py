"""Which proxy a connection goes through: the one that is set, or the environment's."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from reconciler.errors import ConfigurationError
from reconciler.http.endpoint import Proxy, make_basic


def make_proxy(url: str) -> Proxy:
    """Make a proxy of its URL, with the user in it as credentials.

    Raises:
        ConfigurationError: it is not a URL of an HTTP proxy. A proxy that is itself spoken to over TLS, and SOCKS, are
            not supported.
    """
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ConfigurationError(f"the proxy's URL is not one: {error}", fix=_FIX) from error
    if parts.scheme != "http" or not host:
        raise ConfigurationError(f"a proxy of kind `{parts.scheme}` is not supported", fix=_FIX)
    credentials = None
    if parts.username is not None:
        credentials = make_basic(unquote(parts.username), unquote(parts.password or ""))
    return Proxy(host, port or 80, credentials)


_FIX = "write it like `http://user:password@proxy.example.com:3128`; https targets are tunnelled through it"


def resolve_proxy(
    scheme: str, host: str, port: int, explicit: str | None, environment: Mapping[str, str]
) -> Proxy | None:
    """Decide the proxy for a registry.

    Args:
        scheme: of the registry's URL; ``HTTPS_PROXY`` serves https, ``HTTP_PROXY`` http, ``ALL_PROXY`` both; small
            letters win over capitals, as in curl. A capital ``HTTP_PROXY`` is ignored under CGI, where clients set it.
        explicit: the setting; empty means none whatever the environment says, None leaves it to the environment.

    Raises:
        ConfigurationError: the URL that was found is not one of an HTTP proxy.
    """
    if explicit is not None:
        return make_proxy(explicit) if explicit else None
    if _is_excepted(host, port, environment.get("no_proxy") or environment.get("NO_PROXY") or ""):
        return None
    names = [f"{scheme}_proxy", f"{scheme}_proxy".upper(), "all_proxy", "ALL_PROXY"]
    if "REQUEST_METHOD" in environment and scheme == "http":
        names.remove("HTTP_PROXY")
    url = next((environment[name] for name in names if environment.get(name)), None)
    return make_proxy(url) if url else None


def _is_excepted(host: str, port: int, exceptions: str) -> bool:
    return any(_matches(host.lower(), port, entry.strip().lower()) for entry in exceptions.split(",") if entry.strip())


def _matches(host: str, port: int, entry: str) -> bool:
    """Match one entry of ``NO_PROXY``: ``*``, a host or domain, optionally with a port, an address or a network."""
    if entry == "*":
        return True
    network = _network(entry)
    if network is not None:
        address = _network(host)
        return address is not None and address.version == network.version and address.subnet_of(network)  # type: ignore[arg-type]
    name, _, entry_port = entry.partition(":")
    if entry_port and entry_port != str(port):
        return False
    name = name.removeprefix("*").removeprefix(".")
    return host == name or host.endswith(f".{name}")


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text.strip("[]"), strict=False)
    except ValueError:
        return None
