"""What the service's errors mean, as errors of ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    NoAuthTokenError,
    NoCredentialsError,
    PartialCredentialsError,
    ProxyConnectionError,
    ReadTimeoutError,
    SSLError,
    SSOError,
    TokenRetrievalError,
)

from reconciler.aws_answers import UnusableAnswerError
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

Meaning = tuple[type[RegistryError], str, str | None]
"""What an error of theirs is: one of ours, in words, and what to do."""

_RIGHT = "grant the role or user this action on the registry and its schemas"
_CREDENTIALS = "log in again, or give `profile`, `role_arn` or `auth`"
_NETWORK = "check `region`, `endpoint`, the network and its proxy"
_CLOCK = "set this machine's clock"
_NOT_ACCEPTED = (UnauthorizedError, "the credentials are not accepted", _CREDENTIALS)
_NOT_SIGNED = (UnauthorizedError, "the signature is not accepted", _CREDENTIALS)
_OVER = (UnauthorizedError, "the credentials are over, and there are no newer ones", _CREDENTIALS)
_NO_IDENTITY = (UnauthorizedError, "the token of the web identity is not accepted", "let a new one be issued")
_TOO_QUICK = (ThrottledError, "the service asks to slow down", "set `requests_per_second`")
_REFUSED = (RejectedError, "the service refuses it", None)
_KINDS: Mapping[str, Meaning] = {
    "EntityNotFoundException": (NotFoundError, "there is no such thing", None),
    "AccessDeniedException": (ForbiddenError, "the credentials do not allow this", _RIGHT),
    "AccessDenied": (ForbiddenError, "the credentials do not allow this", _RIGHT),
    "UnrecognizedClientException": _NOT_ACCEPTED,
    "InvalidClientTokenId": _NOT_ACCEPTED,
    "InvalidSignatureException": _NOT_SIGNED,
    "SignatureDoesNotMatch": _NOT_SIGNED,
    "IncompleteSignature": _NOT_SIGNED,
    "ExpiredTokenException": _OVER,
    "ExpiredToken": _OVER,
    "InvalidIdentityToken": _NO_IDENTITY,
    "IDPRejectedClaim": _NO_IDENTITY,
    "RequestExpired": (UnauthorizedError, "the signature is too old", _CLOCK),
    "RequestTimeTooSkewed": (UnauthorizedError, "this machine's clock is wrong", _CLOCK),
    "ThrottlingException": _TOO_QUICK,
    "Throttling": _TOO_QUICK,
    "TooManyRequestsException": _TOO_QUICK,
    "RequestLimitExceeded": _TOO_QUICK,
    "InvalidInputException": _REFUSED,
    "ValidationException": _REFUSED,
    "AlreadyExistsException": (RejectedError, "it exists already", None),
    "ConcurrentModificationException": (RejectedError, "somebody else changes it at the same time", "run again"),
    "ResourceNumberLimitExceededException": (
        RejectedError,
        "the account has no room for more of these",
        "ask AWS for a higher quota, or delete what is not needed",
    ),
}
"""By the service's code. Source: the vendor's API reference, "Common Errors", of Glue and of STS."""
_STATUSES: Mapping[int, Meaning] = {
    401: _NOT_ACCEPTED,
    403: (ForbiddenError, "it is not allowed, as the service or a proxy before it says", _RIGHT),
    429: _TOO_QUICK,
}
"""By the status of an answer without a code that is known, which may be that of a proxy."""
_SIGNED_LATE = frozenset(
    {"InvalidSignatureException", "SignatureDoesNotMatch", "RequestExpired", "RequestTimeTooSkewed"}
)
_ENDED = frozenset({"ExpiredTokenException", "ExpiredToken", "UnrecognizedClientException", "InvalidClientTokenId"})
_SKEW = 300
"""Seconds of difference from which on the clock is the likely cause."""
_NO_CREDENTIALS = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    NoAuthTokenError,
    TokenRetrievalError,
    SSOError,
)
_NEVER_SENT = (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError, SSLError)


@contextmanager
def as_registry_errors(registry: str, subject: str | None, purpose: str, *, is_write: bool = False) -> Iterator[None]:
    """Turn the SDK's exceptions into ours, with the registry and the subject on them.

    Args:
        purpose: what is done, as in "read the schema".
        is_write: whether a lost answer, or a failure of the service, leaves open what was done.
    """
    about: dict[str, Any] = {"registry": registry, "subject": subject}
    try:
        yield
    except ClientError as error:
        raise _make_answer_error(error, purpose, about, is_write) from error
    except _NO_CREDENTIALS as error:
        raise UnauthorizedError(f"cannot {purpose}: {error}", fix=_CREDENTIALS, **about) from error
    except _NEVER_SENT as error:
        raise UnreachableError(f"cannot {purpose}: {error}", fix=_NETWORK, **about) from error
    except UnusableAnswerError as error:
        kind = OutcomeUnknownError if is_write else UnexpectedAnswerError
        raise kind(f"cannot {purpose}: {error}", fix="run again; look at proxies on the way", **about) from error
    except (HTTPClientError, BotoCoreError) as error:
        is_late = isinstance(error, ReadTimeoutError)
        words = f"cannot {purpose}: {'no answer in time' if is_late else 'the answer was lost'}"
        if is_write:
            raise OutcomeUnknownError(words, detail=str(error), fix="run again", **about) from error
        raise UnreachableError(words, detail=str(error), fix=_NETWORK, **about) from error
    except (OSError, RuntimeError) as error:
        # A file with the token of a web identity that is not there, or credentials that are over when they come.
        words = f"cannot {purpose}: there are no usable credentials: {error}"
        raise UnauthorizedError(words, fix=_CREDENTIALS, **about) from error


def code_of(error: ClientError) -> str:
    """The service's own code."""
    return str(error.response.get("Error", {}).get("Code", ""))


def is_over(error: ClientError) -> bool:
    """Whether other credentials might be accepted where these are not any more."""
    return code_of(error) in _ENDED


def _make_answer_error(error: ClientError, purpose: str, about: Mapping[str, Any], is_write: bool) -> RegistryError:
    code, status = code_of(error), int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 500)
    detail = str(error.response.get("Error", {}).get("Message", "")) or None
    kind, words, fix = _KINDS.get(code) or _STATUSES.get(status) or _find_meaning(status, is_write)
    if code in _SIGNED_LATE and (seconds := _find_skew(error)) is not None:
        words, fix = f"this machine's clock is {seconds:,} seconds away from the service's", _CLOCK
    return kind(f"cannot {purpose}: {words}", status=status, code=code or None, detail=detail, fix=fix, **about)


def _find_meaning(status: int, is_write: bool) -> Meaning:
    if status < 500:
        return RejectedError, "it is refused", None
    kind = OutcomeUnknownError if is_write else UnexpectedAnswerError
    return kind, "the service failed", "run again later"


def _find_skew(error: ClientError) -> int | None:
    """By how many seconds the clocks differ, where it is much."""
    told = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    try:
        theirs = parsedate_to_datetime(told) if told else None
    except ValueError:
        return None
    seconds = abs(int((datetime.now(UTC) - theirs).total_seconds())) if theirs else 0
    return seconds if seconds > _SKEW else None
