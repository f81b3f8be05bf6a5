"""JSON text with its places: strict reading, writing with numbers as they were, and lines and columns of pointers.

Shared by the formats whose schemas are JSON. Python's own decoder does the reading, so that ten thousand files stay
cheap; positions are looked for only where there is something to say about them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import NoReturn
from urllib.parse import unquote

from reconciler.errors import SchemaError

MAX_DEPTH = 500
"""Nesting that is read. Real schemas stay below 50; Python's own recursion ends near 1,000."""

_MAX_WORDS = 500_000
"""Words and marks of a text that are searched for a place, in about half a second: those of a schema of some megabytes.
Registries keep schemas as messages, which brokers limit to a million bytes."""

_MAX_INDEXED_DEPTH = 30
"""Nesting down to which the places of a text are kept while they are asked for: beyond, they take much memory."""

_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?'
_TOKEN = re.compile(rf'{_STRING}|[\[\]{{}}:,]|[^\s"\[\]{{}}:,]++', re.DOTALL)
_COMMENT = re.compile(rf"{_STRING}|//[^\r\n]*+|/\*.*?(?:\*/|\Z)", re.DOTALL)
_VISIBLE = re.compile(r"[^\r\n]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONSTANTS = frozenset({"NaN", "Infinity", "-Infinity"})


class WrittenFloat(float):
    """A number whose text is not the one that Python would write for it (``1.00``, ``1e3``), which it remembers."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> WrittenFloat:
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __repr__(self) -> str:
        return self.text


class _ConstantError(ValueError):
    """The text has NaN or Infinity, which are JavaScript and not JSON."""


def _refuse_constant(name: str) -> NoReturn:
    raise _ConstantError(name)


def _written(text: str) -> float:
    number = float(text)
    return number if repr(number) == text else WrittenFloat(text)


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_written)


def load_json(text: str) -> object:
    """Read one JSON value, strictly as RFC 8259 has it.

    Of a key that an object has twice the last value counts, as in every JSON parser; :func:`duplicate_keys` tells.
    Numbers keep their text where it matters (:class:`WrittenFloat`), for :func:`render_json`.

    Raises:
        SchemaError: not JSON, or nested deeper than ``MAX_DEPTH``; with line and column.
    """
    raise_if_not_text(text)
    try:
        value: object = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise _syntax_error(text, error) from error
    except RecursionError as error:
        raise _depth_error(text) from error
    except ValueError as error:
        raise _number_error(text) from error
    if text.count("[") + text.count("{") > MAX_DEPTH and count_levels(value) > MAX_DEPTH:
        raise _depth_error(text)
    return value


def count_levels(value: object) -> int:
    """How many levels deep arrays and objects lie within each other; 0 for any other value."""
    return sum(any(isinstance(node, dict | list) for node in level) for level in _levels(value))


@lru_cache(maxsize=2)
def without_comments(text: str) -> str:
    """Blank the comments in a text, which JSON does not have; every place stays where it is."""
    return _COMMENT.sub(_blank, text) if "//" in text or "/*" in text else text


def _blank(match: re.Match[str]) -> str:
    is_comment = match[0].startswith("//") or (match[0].startswith("/*") and match[0].endswith("*/"))
    return _VISIBLE.sub(" ", match[0]) if is_comment else match[0]


def raise_if_not_text(text: str) -> None:
    """Refuse half a surrogate pair, which no file can hold and a careless decoder can make.

    Raises:
        SchemaError: with line and column.
    """
    if not text.isascii() and (half := _SURROGATE.search(text)):
        line, column = place(text, half.start())
        raise SchemaError(
            "half a surrogate pair, which is no character", line=line, column=column, fix="save the text as UTF-8"
        )


def raise_if_half_pair(text: str) -> None:
    """Refuse half a surrogate pair that an escape in a JSON text spells out: it is JSON, and no registry can store what
    it means.

    Raises:
        SchemaError: with line and column of the string that it stands in.
    """
    if "\\" not in text or "\\u" not in text:  # one character is found in a tenth of the time of two
        return
    for match in _TOKEN.finditer(text):
        if "\\u" in match[0] and match[0][0] == '"' and (half := _SURROGATE.search(_unquote_key(match[0]))):
            line, column = place(text, match.start())
            raise SchemaError(
                f"`{escape_surrogates(half[0])}` is half a surrogate pair, which is no character and which no registry"
                " can store",
                line=line,
                column=column,
                fix="write both halves of the pair, or the character itself",
                code="HALF_SURROGATE_PAIR",
            )


def place(text: str, offset: int) -> tuple[int, int]:
    """The line and column, both from 1, of an offset into a text."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def pointer(parts: Iterable[str | int]) -> str:
    """Write a JSON pointer (RFC 6901) from its parts; the empty text is the whole document."""
    return "".join([f"/{escape(str(part))}" for part in parts])


def escape(part: str) -> str:
    """Write one part of a JSON pointer, in which a tilde and a slash mean something else."""
    return part.replace("~", "~0").replace("/", "~1") if "~" in part or "/" in part else part


def pointer_parts(path: str) -> list[str]:
    """Split a JSON pointer, with or without the leading ``#`` of a fragment, into its unescaped parts."""
    return [part.replace("~1", "/").replace("~0", "~") for part in path.removeprefix("#").split("/")[1:]]


def locate(text: str, path: str) -> tuple[int, int] | None:
    """Find the line and column, from 1, of what a JSON pointer names.

    Args:
        text: JSON; text that is not is searched as far as it makes sense.
        path: a pointer such as ``/fields/0/type``, also with a leading ``#``, parts percent-encoded or not.

    Returns:
        the place of the element, or of the key for a member of an object; of the nearest enclosing value where the
        pointer leads nowhere, or so far that it was not searched for; None for a text without any value.
    """
    parts = pointer_parts(path)
    if "%" not in path and len(parts) <= _MAX_INDEXED_DEPTH:
        places = _find_places(text)
        enclosing = (tuple(parts[:length]) for length in range(len(parts), -1, -1))
        return next((places[keys] for keys in enclosing if keys in places), None)
    wanted = [{part, unquote(part)} for part in parts]
    best: tuple[int, int] | None = None
    for depth, keys, offset in _walk(text, len(wanted), _MAX_WORDS):
        if depth and keys[depth - 1] not in wanted[depth - 1]:
            continue
        reached = all(key in want for key, want in zip(keys, wanted, strict=False))
        # Of a key that is there twice the last one counts, as in load_json.
        if reached and (best is None or depth >= best[0]):
            best = depth, offset
    return place(text, best[1]) if best else None


@lru_cache(maxsize=2)
def _find_places(text: str) -> Mapping[tuple[str, ...], tuple[int, int]]:
    """Where every value stands: whoever asks for one place in a text mostly asks for more. The last one counts."""
    places: dict[tuple[str, ...], tuple[int, int]] = {}
    line, begin, seen = 1, 0, 0
    for _, keys, offset in _walk(text, _MAX_INDEXED_DEPTH, _MAX_WORDS):
        if ends := text.count("\n", seen, offset):
            line, begin = line + ends, text.rfind("\n", seen, offset) + 1
        seen = offset
        places[tuple(keys)] = line, offset - begin + 1
    return places


def duplicate_keys(text: str) -> tuple[str, ...]:
    """Pointers of the keys that an object of the text has more than once, in their order; each once."""
    seen: set[str] = set()
    twice: dict[str, None] = {}
    for _, keys, offset in _walk(text, MAX_DEPTH):
        path = pointer(keys)
        if path in seen and text[offset] == '"':
            twice[path] = None
        seen.add(path)
    return tuple(twice)


def render_json(value: object, *, indent: int | None = None, sort_keys: bool = False) -> str:
    """Write a value that :func:`load_json` read: compact or indented, numbers as they were written, non-ASCII kept.

    Half a surrogate pair, which only an escape can hold, stays an escape: the result can always be encoded.
    """
    if indent is None and not _has_written_floats(value):
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=sort_keys)
    else:
        text = "".join(_pieces(value, indent, sort_keys))
    return escape_surrogates(text)


def escape_surrogates(text: str) -> str:
    """Write half a surrogate pair as an escape, so that the text can be encoded and shown."""
    return text if text.isascii() else _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _pieces(value: object, indent: int | None, sort_keys: bool) -> Iterator[str]:
    """What Python's encoder writes, without recursion and with the text of numbers."""
    colon = ":" if indent is None else ": "
    stack: list[tuple[Iterator[tuple[str, object]], str]] = []
    head, item = "", value
    while True:
        members = _members(item, colon, sort_keys)
        if members:
            opening, closing = "{}" if isinstance(item, dict) else "[]"
            yield head + opening
            stack.append((iter(members), closing))
            separator = ""
        else:
            yield head + _scalar(item)
            separator = ","
        while stack and (following := next(stack[-1][0], None)) is None:
            closing = stack.pop()[1]
            yield _margin(indent, len(stack)) + closing
            separator = ","
        if not stack or following is None:
            return
        head, item = separator + _margin(indent, len(stack)) + following[0], following[1]


def _members(value: object, colon: str, sort_keys: bool) -> list[tuple[str, object]]:
    if isinstance(value, dict):
        keys = sorted(value) if sort_keys else list(value)
        return [(json.dumps(key, ensure_ascii=False) + colon, value[key]) for key in keys]
    return [("", item) for item in value] if isinstance(value, list) else []


def _scalar(value: object) -> str:
    return value.text if isinstance(value, WrittenFloat) else json.dumps(value, ensure_ascii=False)


def _margin(indent: int | None, depth: int) -> str:
    return "" if indent is None else "\n" + " " * (indent * depth)


def _has_written_floats(value: object) -> bool:
    return any(isinstance(node, WrittenFloat) for level in _levels(value) for node in level)


def _levels(value: object) -> Iterator[list[object]]:
    """The value, then all that stands directly in it, and so on: without recursion."""
    level = [value]
    while level:
        yield level
        below: list[object] = []
        for node in level:
            if isinstance(node, dict):
                below.extend(node.values())
            elif isinstance(node, list):
                below.extend(node)
        level = below


def _walk(text: str, max_depth: int, max_words: int | None = None) -> Iterator[tuple[int, list[str], int]]:
    """Every value down to a depth: its depth, its path as a list that lives on, and where it (or its key) stands."""
    path: list[str] = []
    counts: list[int | None] = []  # one an open container: the next index of an array, None for an object
    is_key = False
    for match in islice(_TOKEN.finditer(text), max_words):
        word = match[0]
        if word in ("]", "}"):
            del counts[-1:], path[len(counts) :]
            is_key = False
        elif word == ",":
            is_key = bool(counts) and counts[-1] is None
        elif word == ":":
            is_key = False
        elif is_key:
            path[len(counts) - 1 :] = [_unquote_key(word)]
            if len(counts) <= max_depth:
                yield len(counts), path, match.start()
        else:
            yield from _enter_value(counts, path, match.start(), max_depth)
        if word in ("[", "{"):
            path.extend([""] * (len(counts) - len(path)))  # where no key leads to it, as in text that is not JSON
            counts.append(0 if word == "[" else None)
            is_key = word == "{"


def _enter_value(
    counts: list[int | None], path: list[str], offset: int, max_depth: int
) -> Iterator[tuple[int, list[str], int]]:
    if not counts:
        yield 0, [], offset
        return
    index = counts[-1]
    if index is None:  # the member's key has been told already
        return
    path[len(counts) - 1 :] = [str(index)]
    counts[-1] = index + 1
    if len(counts) <= max_depth:
        yield len(counts), path, offset


def _unquote_key(token: str) -> str:
    if "\\" not in token:
        return token.strip('"')
    try:
        return str(json.loads(token, strict=False))
    except ValueError:
        return token.strip('"')


def _syntax_error(text: str, error: json.JSONDecodeError) -> SchemaError:
    message, fix = _explain(text, error)
    line, column = place(text, error.pos)
    return SchemaError(message, line=line, column=column, fix=fix)


def _explain(text: str, error: json.JSONDecodeError) -> tuple[str, str]:
    if not text.strip():
        return "the text is empty", "write a schema into it, or remove the file"
    if text.startswith("\ufeff"):
        return "the text starts with a byte-order mark, which JSON does not allow", "save it as UTF-8 without one"
    if text[error.pos : error.pos + 2] in ("//", "/*"):
        return (
            "a comment: JSON has none, and only Avro's Java parser takes them",
            "remove it, or say it in `doc` or `description`",
        )
    if text[error.pos : error.pos + 1] in ("]", "}") and text[: error.pos].rstrip().endswith(","):
        return "a comma with nothing after it before the closing bracket", "remove the comma"
    if text.startswith("<"):
        return "this is markup, not JSON", "put the schema itself into the file"
    words = error.msg[0].lower() + error.msg[1:].removesuffix(" at")
    return f"not JSON: {words}", "correct the text at this place"


def _depth_error(text: str) -> SchemaError:
    depth, offset = 0, 0
    for match in _TOKEN.finditer(text):
        depth += (match[0] in ("[", "{")) - (match[0] in ("]", "}"))
        if depth > MAX_DEPTH:
            offset = match.start()
            break
    line, column = place(text, offset)
    return SchemaError(
        f"nested more than {MAX_DEPTH} levels deep", line=line, column=column, fix="split the schema with references"
    )


def _number_error(text: str) -> SchemaError:
    for match in _TOKEN.finditer(text):
        if match[0] in _CONSTANTS:
            line, column = place(text, match.start())
            return SchemaError(
                f"{match[0]} is not JSON", line=line, column=column, fix="use a number, or a string where it is allowed"
            )
        if len(match[0]) > 4000 and match[0].lstrip("-").isdigit():
            line, column = place(text, match.start())
            return SchemaError(
                f"a number of {len(match[0])} digits", line=line, column=column, fix="write a number of a usual size"
            )
    return SchemaError("a number that cannot be read", line=1, column=1, fix="correct the number")
