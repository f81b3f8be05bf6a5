"""What goes wrong between sending and a complete answer, before there is a status to speak of."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from enum import StrEnum


class FaultKind(StrEnum):
    """At which step an exchange failed.

    CUT is no answer at all, GARBLED one that began and is not whole, or is not HTTP.
    """

    NAME = "name"
    CONNECT = "connect"
    CERTIFICATE = "certificate"
    CLIENT_CERTIFICATE = "client certificate"
    TLS = "tls"
    PROXY = "proxy"
    TIMEOUT = "timeout"
    CUT = "cut"
    GARBLED = "garbled"


class TransportError(Exception):
    """An exchange that failed.

    Args:
        kind: at which step.
        detail: the system's own words.
        was_sent: whether any byte of the request may have reached the registry.
    """

    def __init__(self, kind: FaultKind, detail: str, *, was_sent: bool) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.was_sent = was_sent


def make_fault(error: BaseException, *, was_sent: bool) -> TransportError:
    """Tell an exception of sockets or TLS, or one that wraps such a one, by its kind."""
    kind, cause = next(((k, e) for e in _causes(error) for c, k in _KINDS if isinstance(e, c)), (FaultKind.CUT, error))
    if kind is FaultKind.TLS and _speaks_of_client_certificate(cause):
        return TransportError(FaultKind.CLIENT_CERTIFICATE, _words(cause), was_sent=False)
    if kind is FaultKind.CUT and not was_sent:
        kind = FaultKind.CONNECT
    return TransportError(kind, _words(cause), was_sent=was_sent)


def _speaks_of_client_certificate(error: BaseException) -> bool:
    """Whether the server ended the handshake over our certificate; with TLS 1.3 that shows on the first read only."""
    words = str(error).lower()
    return "alert" in words and any(w in words for w in ("certificate", "unknown ca", "handshake failure"))


_KINDS: tuple[tuple[type[BaseException], FaultKind], ...] = (
    (ssl.SSLCertVerificationError, FaultKind.CERTIFICATE),
    (ssl.SSLEOFError, FaultKind.CUT),
    (ssl.SSLZeroReturnError, FaultKind.CUT),
    (ssl.SSLError, FaultKind.TLS),
    (socket.gaierror, FaultKind.NAME),
    (UnicodeError, FaultKind.NAME),
    (TimeoutError, FaultKind.TIMEOUT),
    (BlockingIOError, FaultKind.TIMEOUT),  # how the kernel tells its own timeouts
    (OSError, FaultKind.CUT),
)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """From the innermost cause outwards: libraries wrap what the system said."""
    inner = error.__cause__ or error.__context__
    if inner is not None:
        yield from _causes(inner)
    yield error


def _words(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
