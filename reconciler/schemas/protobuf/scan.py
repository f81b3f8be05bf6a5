"""The statements of a Protobuf file as they are written: names unresolved, comments kept, every word with its place.

The compiler says whether a file is right and what its names mean; this says how it is spelled, which the compiler's
descriptors do not. It reads whatever it gets and reports nothing but nesting without end: errors are the compiler's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from reconciler.errors import SchemaError
from reconciler.schemas.json_positions import place

MAX_DEPTH = 100
"""Open braces and brackets. The compiler itself allows 32 messages within each other."""

_WORD = r"\.?\d(?:[eE][+-]|[\w.])*+|\.?[A-Za-z_]\w*+(?:\.[A-Za-z_]\w*+)*+|[^\s\ufeff]"
_WORDS = re.compile(_WORD)
_LEXEME = re.compile(
    rf"""(?P<comment>//[^\n]*+|/\*.*?(?:\*/|\Z))|(?P<word>"(?:[^"\\\n]|\\.)*+"?|'(?:[^'\\\n]|\\.)*+'?|{_WORD})""",
    re.DOTALL,
)
_PLAIN = re.compile(r"""\s*+(?P<words>[^\s;{}\[\]"'/\ufeff][^;{}\[\]"'/\ufeff]*+);""")
"""A statement of words alone, as most are: without brackets, strings and comments."""
_MAX_REMEMBERED = 200
"""Characters of a plain statement that is worth remembering; a few big ones would fill the memory."""

_BLANKS = " \t\r\n\v\f"
_OTHER_BLANK = re.compile("[\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]")
"""What Python takes for a blank, and the byte-order mark."""
_DECLARATIONS = frozenset({"message", "enum", "extend"})
_KEYWORDS: Mapping[str, frozenset[str]] = {
    "file": _DECLARATIONS | {"syntax", "edition", "package", "import", "option", "service"},
    "message": _DECLARATIONS | {"oneof", "option", "reserved", "extensions"},
    "group": _DECLARATIONS | {"oneof", "option", "reserved", "extensions"},
    "enum": frozenset({"option", "reserved"}),
    "oneof": frozenset({"option"}),
    "extend": frozenset(),
    "service": frozenset({"rpc", "option"}),
    "rpc": frozenset({"option"}),
}
BLOCKS = frozenset({"message", "enum", "extend", "oneof", "service", "rpc", "group"})
_MEMBERS: Mapping[str, str] = {"enum": "value", "file": "unknown", "service": "unknown", "rpc": "unknown"}
_WITH_GROUPS = frozenset({"message", "group", "oneof", "extend"})
_VISIBILITY = ("export", "local")
LABELS = frozenset({"optional", "required", "repeated"})


class Statement(NamedTuple):
    """One statement: its kind (``message``, ``field``, ``value``, ``option``, ...), its words without the semicolon,
    where the first of them stands, its body where it has one, and the comments that belong to it.
    """

    kind: str
    texts: tuple[str, ...]
    offset: int
    body: tuple[Statement, ...] | None = None
    comments: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What the statement defines: the name of a message or field, of an option, the path of an import."""
        texts = self.texts[1:] if self.texts[0] in _VISIBILITY and self.kind != "field" else self.texts
        if self.kind in ("field", "group", "value", "option"):
            before = texts[: texts.index("=")] if "=" in texts else texts
            return "".join(before[1:]) if self.kind == "option" else "".join(before[-1:])
        if self.kind == "import":
            return unquoted(texts[-1])
        return "".join(texts[1:2]) if self.kind != "extend" else "".join(texts[1:])

    @property
    def number(self) -> str:
        """The number of a field or an enum's value, in decimal; empty where there is none."""
        texts = self.texts
        after = texts[texts.index("=") + 1 :] if "=" in texts else ()
        sign = "-" if after[:1] == ("-",) else ""
        digits = "".join(after[len(sign) : len(sign) + 1])
        return sign + decimal(digits)

    @property
    def type(self) -> str:
        """The type of a field as written, without its label."""
        texts = self.texts[: self.texts.index("=") - 1] if "=" in self.texts else self.texts
        return "".join(text if text != "," else ", " for text in texts if text not in LABELS)

    @property
    def label(self) -> str:
        """``optional``, ``required`` or ``repeated`` where it is written, else empty."""
        return self.texts[0] if self.kind in ("field", "group") and self.texts[0] in LABELS else ""


@dataclass(slots=True)
class _Block:
    """A block that is being read."""

    kind: str
    opener: Sequence[str] = ()
    offset: int = 0
    comments: tuple[str, ...] = ()
    statements: list[Statement] = field(default_factory=list)


class _Scan:
    """One scan: the open blocks, and the words and comments that no statement has yet.

    ``is_whole``: nothing was left open, and nothing closed that was not.
    """

    def __init__(self, text: str) -> None:
        self.blocks = [_Block("file")]
        self.is_whole = True
        self._text = text
        self._words: list[str] = []
        self._offset = 0  # of the first word
        self._comments: list[str] = []
        self._brackets = 0  # open ones within the statement
        self._end = 0  # of the last statement, or the last comment behind it; 0 where a line or a block began since
        self._trailing: list[str] = []  # comments behind the last statement

    def run(self) -> None:
        position = 0
        while match := self._match(position):
            position = match.end()
            kind = match.lastgroup
            if kind == "words":
                self._plain(match["words"], match.start("words"), position)
            elif kind == "comment":
                self._comment(match[0], match.start())
            else:
                self._word(match[0], match.start())
        self.is_whole &= not self._words and len(self.blocks) == 1
        self._finish(len(self._text))
        while len(self.blocks) > 1:
            self._close()

    def _match(self, position: int) -> re.Match[str] | None:
        plain = None if self._words else _PLAIN.match(self._text, position)
        return plain or _LEXEME.search(self._text, position)

    def _plain(self, text: str, offset: int, end: int) -> None:
        self._settle()
        block = self.blocks[-1]
        take_apart = _plain_parts if len(text) <= _MAX_REMEMBERED else _plain_parts.__wrapped__
        kind, words = take_apart(text, block.kind)
        block.statements.append(Statement(kind, words, offset, None, tuple(self._comments)))
        self._comments, self._end = [], end

    def _comment(self, comment: str, offset: int) -> None:
        self.is_whole &= comment.startswith("//") or (len(comment) > 3 and comment.endswith("*/"))
        if self._words:
            return
        if self._end and self.blocks[-1].statements and "\n" not in self._text[self._end : offset]:
            self._trailing.append(comment)
            self._end = 0 if "\n" in comment else offset + len(comment)
        else:
            self._comments.append(comment)
            self._end = 0

    def _settle(self) -> None:
        """Give the comments behind a statement to it, all at once: there may be very many."""
        if self._trailing:
            last = self.blocks[-1].statements[-1]
            self.blocks[-1].statements[-1] = last._replace(comments=(*last.comments, *self._trailing))
            self._trailing = []

    def _word(self, word: str, offset: int) -> None:
        if self._brackets or word not in ("{", "}", ";"):
            self._add(word, offset)
        elif word != "{":
            self.is_whole &= word == ";" or (not self._words and len(self.blocks) > 1)
            self._finish(offset + 1)
            if word == "}" and len(self.blocks) > 1:
                self._close()
        elif (kind := _kind(self._words, self.blocks[-1].kind)) in BLOCKS:
            self._settle()
            self.blocks.append(_Block(kind, self._words, self._offset, tuple(self._comments)))
            _raise_if_deep(self._text, offset, len(self.blocks))
            self._words, self._comments, self._end = [], [], 0
        else:
            self._add(word, offset)

    def _add(self, word: str, offset: int) -> None:
        if not self._words:
            self._offset = offset
        self._words.append(word)
        if word in ("{", "["):
            self._brackets += 1
            _raise_if_deep(self._text, offset, len(self.blocks) + self._brackets)
        elif word in ("}", "]"):
            self._brackets = max(0, self._brackets - 1)

    def _finish(self, end: int) -> None:
        self._settle()
        if self._words:
            block, words = self.blocks[-1], tuple(self._words)
            statement = Statement(_kind(words, block.kind), words, self._offset, None, tuple(self._comments))
            block.statements.append(statement)
        self._words, self._comments, self._end = [], [], end

    def _close(self) -> None:
        inner = self.blocks.pop()
        statement = Statement(inner.kind, tuple(inner.opener), inner.offset, tuple(inner.statements), inner.comments)
        self.blocks[-1].statements.append(statement)


class Scanned(NamedTuple):
    """A file taken apart.

    ``is_whole``: to the last character; every statement, block and comment has its end, and only what the language
    takes for a blank stands between words.
    """

    statements: tuple[Statement, ...]
    is_whole: bool


def take_apart(text: str) -> Scanned:
    """Take a file apart into statements.

    Raises:
        SchemaError: more than ``MAX_DEPTH`` braces and brackets are open at once.
    """
    scanned = _Scan(text)
    scanned.run()
    return Scanned(tuple(scanned.blocks[0].statements), scanned.is_whole and _has_usual_blanks(text))


def scan(text: str) -> tuple[Statement, ...]:
    """The statements of a file; see :func:`take_apart`."""
    return take_apart(text).statements


def _has_usual_blanks(text: str) -> bool:
    """Whether no other blanks than the language's stand between words; within comments and strings they may."""
    text = text.removeprefix("\ufeff")
    return not _OTHER_BLANK.search(text) or not _LEXEME.sub("", text).strip(_BLANKS)


@lru_cache(maxsize=4096)
def _plain_parts(text: str, parent: str) -> tuple[str, tuple[str, ...]]:
    """The kind and the words of a plain statement; the versions of a file have most of their statements in common."""
    words = tuple(_WORDS.findall(text))
    return _kind(words, parent), words


def _kind(words: Sequence[str], parent: str) -> str:
    if words and words[0] in _VISIBILITY and len(words) > 1 and words[1] in _DECLARATIONS:
        words = words[1:]
    if not words:
        return ""
    if words[0] in _KEYWORDS[parent]:
        return words[0]
    return "group" if parent in _WITH_GROUPS and _is_group(words) else _MEMBERS.get(parent, "field")


def _is_group(words: Sequence[str]) -> bool:
    """A field may be called ``group``, or be of a type of that name."""
    start = 1 if words[0] in LABELS else 0
    return "group" in words[start : start + 1] and "=" not in words[start + 1 : start + 2]


def _raise_if_deep(text: str, offset: int, depth: int) -> None:
    if depth > MAX_DEPTH:
        line, column = place(text, offset)
        raise SchemaError(
            f"nested more than {MAX_DEPTH} levels deep",
            line=line,
            column=column,
            fix="nest messages less deeply",
        )


def decimal(digits: str) -> str:
    """A whole number as written (hexadecimal, octal) in decimal; any other text as it is."""
    if re.fullmatch(r"0[xX][0-9a-fA-F]{1,32}", digits):
        return str(int(digits, 16))
    return str(int(digits, 8)) if re.fullmatch(r"0[0-7]{1,32}", digits) else digits


def is_closed(literal: str) -> bool:
    """Whether a string literal ends; the compiler complains of one that does not."""
    return len(literal) > 1 and literal[0] == literal[-1] and literal[0] in "\"'"


_ESCAPE = re.compile(r"\\(?:[xX](?P<hex>[0-9a-fA-F]{1,2})|(?P<octal>[0-7]{1,3})|(?P<letter>[^uU]))", re.DOTALL)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


def unquoted(literal: str) -> str:
    """The content of a string literal; escapes of bytes beyond ASCII stay, since they stand for no character alone."""
    return _ESCAPE.sub(unescaped, literal[1:-1])


def unescaped(match: re.Match[str]) -> str:
    """The character of one escape in a string literal, or the escape itself for a byte beyond ASCII."""
    if match["letter"]:
        return _LETTERS.get(match["letter"], match["letter"])
    number = int(match["hex"], 16) if match["hex"] else int(match["octal"], 8)
    return chr(number) if number < 128 else match[0]


def string_units(literal: str) -> Iterator[tuple[str, bool]]:
    """The content of a string literal bit by bit: a text, and whether it is an escape that stays one."""
    content, end = literal[1:-1], 0
    for match in _ESCAPE.finditer(content):
        yield content[end : match.start()], False
        character = unescaped(match)
        yield character, character == match[0]
        end = match.end()
    yield content[end:], False


def walk(statements: tuple[Statement, ...], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Statement]]:
    """Every statement with the names that lead to it, outer before inner, in the order of the text."""
    for statement in statements:
        own = (*path, statement.name)
        yield own, statement
        yield from walk(statement.body or (), own)
