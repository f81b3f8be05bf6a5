"""File names for names that a file system cannot hold, reversibly: percent-encoding, as little of it as possible."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from urllib.parse import unquote_to_bytes

_FORBIDDEN = re.compile(r'[/\\:*?"<>|%\x00-\x1f\x7f]')
_EDGE = re.compile(r"^\.|[. ]$")
_WINDOWS_DEVICE = re.compile(r"^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?=\.|$)", re.IGNORECASE)


def escape_name(name: str) -> str:
    """Write a name such that every common file system holds it; :func:`unescape_name` gives it back.

    Escaped are ``/ \\ : * ? " < > |``, control characters, ``%``, a leading dot, a trailing dot or space, and what
    Windows takes for a device. A name that is not in Unicode's composed form (NFC) has all its non-ASCII escaped, since
    some file systems compose or decompose names on their own.
    """
    escaped = _FORBIDDEN.sub(lambda m: _encode(m[0]), name)
    if not unicodedata.is_normalized("NFC", escaped):
        escaped = "".join(c if c.isascii() else _encode(c) for c in escaped)
    escaped = _EDGE.sub(lambda m: _encode(m[0]), escaped)
    return _WINDOWS_DEVICE.sub(lambda m: _encode(m[0][0]) + m[0][1:], escaped)


def escape_names(names: Iterable[str]) -> Mapping[str, str]:
    """Escape names that shall lie side by side.

    Of names that differ in case only, each has its upper-case letters escaped, so that they are different files where
    the file system does not tell cases apart. The answer for a name depends on the whole set.
    """
    escaped = {name: escape_name(name) for name in names}
    counts: dict[str, int] = {}
    for text in escaped.values():
        counts[text.casefold()] = counts.get(text.casefold(), 0) + 1
    return {name: _escape_upper(text) if counts[text.casefold()] > 1 else text for name, text in escaped.items()}


def unescape_name(text: str) -> str:
    """Give back the name that an escaped text stands for; what is not percent-encoded UTF-8 stands for itself."""
    if "%" not in text:
        return text
    try:
        return unquote_to_bytes(text).decode("utf-8")
    except UnicodeError:
        return text


def _encode(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))


def _escape_upper(text: str) -> str:
    return re.sub(r"(%[0-9A-F]{2})|[^\W\d_]", lambda m: m[0] if m[1] or m[0].lower() == m[0] else _encode(m[0]), text)
