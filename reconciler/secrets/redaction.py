"""Secrets never leave in text: whatever is written for people or machines passes :func:`redact`.

Every secret that is resolved is remembered here for the life of the process, in each spelling in which it could turn
up: as it is, base64, percent-encoded, escaped as in CSV, as in JSON, and twice so, as where a plan holds the text of a
schema. A value of fewer than four characters is not looked for by itself, since it would mangle ordinary words; joined
to its user name it is.
"""

from __future__ import annotations

import base64
import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "***"
MIN_LENGTH = 4

_lock = threading.Lock()
_spellings: set[str] = set()
_pattern: re.Pattern[str] | None = None


class SecretText(str):
    """Text that works as any other and does not show itself in a ``repr``."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(MASK)


def remember(value: str, *, user: str | None = None) -> None:
    """Remember a secret, and its pair with the user name as in basic authentication."""
    global _pattern
    found = set(_spell(value)) | (set(_spell(f"{user}:{value}")) if user is not None and value else set())
    with _lock:
        if found <= _spellings:
            return
        _spellings.update(found)
        longest_first = sorted(_spellings, key=lambda text: (-len(text), text))
        _pattern = re.compile("|".join(map(re.escape, longest_first)))


def redact(text: str) -> str:
    """Replace every remembered secret by ``***``."""
    return _pattern.sub(MASK, text) if _pattern else text


def forget_all() -> None:
    """Forget every secret; for tests, and for services that outlive a run."""
    global _pattern
    with _lock:
        _spellings.clear()
        _pattern = None


def _spell(value: str) -> Iterator[str]:
    lines = [value, *value.splitlines()]
    for text in {part.strip() for part in lines} | {value}:
        for spelling in _encode(text):
            if len(spelling) >= MIN_LENGTH and len(text) >= MIN_LENGTH:
                yield spelling


def _encode(text: str) -> Iterator[str]:
    raw = text.encode("utf-8", "surrogatepass")
    yield text
    for encoded in (base64.b64encode(raw), base64.urlsafe_b64encode(raw)):
        yield encoded.decode().rstrip("=")
    yield text.replace('"', '""')
    yield from (quote(raw, safe=""), quote(raw), quote_plus(raw), quote(raw, safe="").lower())
    for ascii_only in (True, False):
        once = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        yield from (once, json.dumps(once, ensure_ascii=ascii_only)[1:-1])
    yield repr(text)[1:-1]


def redact_logs() -> None:
    """Let nothing that is logged from here on show a secret, whichever library logs it and whatever handler writes it.

    No filter would do: that of a logger sees no record of the loggers below it, and a library may bring a handler of
    its own.
    """
    logging.setLogRecordFactory(_make_record)


def _make_record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    record = logging.LogRecord(*args, **kwargs)
    try:
        message = record.getMessage()
    except Exception:  # noqa: BLE001 - the values do not fit the text; the handler would tell so by showing both
        message = _show_parts(record)
    record.msg, record.args = redact(message), ()
    if record.exc_info:
        record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
        record.exc_info = None
    record.stack_info = redact(record.stack_info) if record.stack_info else None
    return record


def _show_parts(record: logging.LogRecord) -> str:
    # No library must fail because one of its values cannot be shown.
    with suppress(Exception):
        return f"{record.msg!r} {record.args!r}"
    return repr(record.msg)


def write_exception(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """Write a traceback to stderr with every secret redacted; made to stand as ``sys.excepthook``."""
    sys.stderr.write(redact("".join(traceback.format_exception(kind, error, trace))))
