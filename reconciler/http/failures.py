"""From an answer or a fault to an exception that says what, where, why and what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from reconciler.errors import (
    ForbiddenError,
    NotFoundError,
    OutcomeUnknownError,
    RegistryError,
    RejectedError,
    ThrottledError,
    UnauthorizedError,
    UnexpectedAnswerError,
    UnreachableError,
)
from reconciler.http.endpoint import Endpoint
from reconciler.http.faults import FaultKind, TransportError
from reconciler.http.messages import Request, Response, make_excerpt
from reconciler.http.retry import is_surely_undone

_STATUSES: Mapping[int, tuple[type[RegistryError], str, str | None]] = {
    400: (RejectedError, "the registry refuses the request", None),
    401: (
        UnauthorizedError,
        "the registry does not accept the credentials",
        "check `auth` of this registry and the variables that it names",
    ),
    403: (
        ForbiddenError,
        "the credentials do not allow this",
        "grant the user of `auth` the permission, or leave the subject out",
    ),
    404: (
        NotFoundError,
        "the registry does not have it",
        "check the name and `url`, with its path: the server may also hide what the credentials may not see",
    ),
    405: (UnexpectedAnswerError, "the server knows no such operation", "check `url`, with its path, and `kind`"),
    407: (UnreachableError, "the proxy asks for credentials", "put them into `proxy`: http://user:password@host:port"),
    408: (UnreachableError, "the server waited too long for the request", None),
    409: (RejectedError, "the registry refuses it: it conflicts with what is there", None),
    413: (RejectedError, "the registry refuses it: it is too large", None),
    422: (RejectedError, "the registry refuses it: it is not valid there", None),
    429: (
        ThrottledError,
        "the registry asks to slow down, and waiting did not help",
        "set `requests_per_second` of this registry to what it allows",
    ),
}
_REDIRECT_FIX = "put the address that it points to into `url`, if it is the registry's"
_SERVER_FIX = "look at the server's log; if it recovers, run again"

_FAULTS: Mapping[FaultKind, tuple[str, str]] = {
    FaultKind.NAME: ("the host name cannot be resolved", "check `url` and the network's name service"),
    FaultKind.CONNECT: ("no connection", "check that the registry runs and that `url` has the right port"),
    FaultKind.CERTIFICATE: (
        "the server's certificate is not trusted",
        "put the authority that signed it into `tls.ca`; check the host name in `url` and this machine's clock",
    ),
    FaultKind.CLIENT_CERTIFICATE: (
        "the server does not accept our certificate, or wants one",
        "set `tls.certificate` and `tls.key` to a pair that its authority signed",
    ),
    FaultKind.TLS: ("TLS failed", "check that the port of `url` speaks TLS, with a version and ciphers of today"),
    FaultKind.PROXY: ("the proxy does not let it through", "check `proxy`, HTTPS_PROXY, HTTP_PROXY and NO_PROXY"),
    FaultKind.TIMEOUT: ("no answer in time", "check that the registry is well, or raise `timeout`"),
    FaultKind.CUT: ("the connection was cut before an answer", "check the server's log and what stands before it"),
    FaultKind.GARBLED: ("the answer is not whole", "check the server's log and what stands before it"),
}

_CODE_KEYS = ("error_code", "errorCode", "code", "status")
_WORD_KEYS = ("message", "detail", "reason", "title", "error_description", "error", "errorMessage")


def make_fault_error(
    request: Request, fault: TransportError, endpoints: Sequence[Endpoint], registry: str
) -> RegistryError:
    """Make the error of a request that got no answer; a write that may have happened has an unknown outcome."""
    reason, fix = _FAULTS[fault.kind]
    proxy = endpoints[0].proxy if fault.kind is FaultKind.PROXY else None
    place = f"proxy {proxy}" if proxy else ", ".join(endpoint.origin for endpoint in endpoints)
    kind: type[RegistryError] = UnexpectedAnswerError if fault.kind is FaultKind.GARBLED else UnreachableError
    if request.is_write and fault.was_sent:
        kind = OutcomeUnknownError
    return kind(
        f"{_task(request)}: {reason} ({place})",
        registry=registry,
        subject=request.subject,
        detail=fault.detail,
        fix=fix,
    )


def make_answer_error(response: Response, fixes: Mapping[int | str, str]) -> RegistryError:
    """Make the error of an answer with a status that the caller does not accept.

    Args:
        fixes: what to do, by the server's own code; it wins over what is said by status.
    """
    code, words = read_words(response)
    kind, reason, fix = _classify(response)
    if response.request and response.request.is_write and response.status >= 500 and not is_surely_undone(response):
        kind = OutcomeUnknownError
    return kind(
        f"{_task(response.request)}: {reason}",
        registry=response.registry,
        subject=response.request.subject if response.request else None,
        status=response.status,
        code=code,
        detail=words,
        fix=fixes.get(code, fix) if code is not None else fix,
    )


def read_words(response: Response) -> tuple[int | str | None, str | None]:
    """Find the server's own code and words in the body of an error, whatever the body is."""
    try:
        content = json.loads(response.body)
    except ValueError:
        return None, _page_words(response.body)
    if not isinstance(content, dict):
        return None, make_excerpt(response.body)
    code = next((content[key] for key in _CODE_KEYS if isinstance(content.get(key), int | str)), None)
    words = next((content[key] for key in _WORD_KEYS if content.get(key)), None)
    if isinstance(words, list):
        words = "; ".join(map(str, words))
    return code, str(words) if words is not None else make_excerpt(response.body)


def _classify(response: Response) -> tuple[type[RegistryError], str, str | None]:
    if 300 <= response.status < 400:
        location = response.headers.get("location", "nowhere")
        return UnexpectedAnswerError, f"the server points elsewhere, to {location}", _REDIRECT_FIX
    if response.status >= 500:
        return UnexpectedAnswerError, "the server failed", _SERVER_FIX
    return _STATUSES.get(response.status, (UnexpectedAnswerError, "the answer is none of this interface", None))


def _task(request: Request | None) -> str:
    if request is None:
        return "the request failed"
    return f"cannot {request.purpose}" if request.purpose else f"{request} failed"


def _page_words(body: bytes) -> str | None:
    """The title of an HTML page, or the beginning of whatever it is; None where there is nothing."""
    text = body[:4096].decode("utf-8", "replace")
    title = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
    if title is None:
        title = re.search(r"<h1[^>]*>(.*?)</h1>", text, re.IGNORECASE | re.DOTALL)
    words = " ".join(title.group(1).split()) if title else ""
    return f'an HTML page titled "{words}"' if words else make_excerpt(body) or None
