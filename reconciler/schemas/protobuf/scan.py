"""The statements of a Protobuf file as they are written: names unresolved, comments kept, every word with its place.

The compiler says whether a file is right and what its names mean; this says how it is spelled, which the compiler's
descriptors do not. It reads whatever it gets and reports nothing but nesting without end: errors are the compiler's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from reconciler.errors import SchemaError
from reconciler.schemas.json_positions import place

MAX_DEPTH = 100
"""Open braces and brackets. The compiler itself allows 32 messages within each other."""

_LEXEMES = re.compile(
    r"""(?P<comment>//[^\n]*+|/\*.*?(?:\*/|\Z))
      | (?P<word>"(?:[^"\\\n]|\\.)*+"? | '(?:[^'\\\n]|\\.)*+'?
          | \.?\d(?:[eE][+-]|[\w.])*+ | \.?[A-Za-z_]\w*+(?:\.[A-Za-z_]\w*+)*+ | [^\s\ufeff])""",
    re.DOTALL | re.VERBOSE,
)

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
_BLOCKS = frozenset({"message", "enum", "extend", "oneof", "service", "rpc", "group"})
_MEMBERS: Mapping[str, str] = {"enum": "value", "file": "unknown", "service": "unknown", "rpc": "unknown"}
_VISIBILITY = ("export", "local")
LABELS = frozenset({"optional", "required", "repeated"})


@dataclass(frozen=True, slots=True)
class Word:
    """One token and its offset in the text."""

    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: its kind (``message``, ``field``, ``value``, ``option``, ...), its words without the semicolon,
    its body where it has one, and the comments that belong to it.
    """

    kind: str
    words: tuple[Word, ...]
    body: tuple[Statement, ...] | None = None
    comments: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """The words as texts."""
        return tuple(word.text for word in self.words)

    @property
    def offset(self) -> int:
        """Where the statement starts."""
        return self.words[0].offset

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
    opener: tuple[Word, ...] = ()
    comments: tuple[str, ...] = ()
    statements: list[Statement] = field(default_factory=list)


def scan(text: str) -> tuple[Statement, ...]:
    """Take a file apart into statements.

    Raises:
        SchemaError: more than ``MAX_DEPTH`` braces and brackets are open at once.
    """
    blocks = [_Block("file")]
    words: list[Word] = []
    comments: list[str] = []
    brackets = 0  # open ones within the statement
    end = 0  # of the last statement
    for comment, word, offset in _lexemes(text):
        if comment:
            if not words and end and "\n" not in text[end:offset] and blocks[-1].statements:
                blocks[-1].statements[-1] = _with_comment(blocks[-1].statements[-1], comment)
            elif not words:
                comments.append(comment)
            continue
        block = blocks[-1]
        opens = word == "{" and not brackets and _kind(words, block.kind) in _BLOCKS
        closes = word == "}" and not brackets
        if not (opens or closes or (word == ";" and not brackets)):
            words.append(Word(word, offset))
            brackets = max(0, brackets + (word in ("{", "[")) - (word in ("}", "]")))
            _raise_if_deep(text, offset, len(blocks) + brackets)
            continue
        if opens:
            blocks.append(_Block(_kind(words, block.kind), tuple(words), tuple(comments)))
            _raise_if_deep(text, offset, len(blocks))
            end = 0
        else:
            _finish(block, words, comments)
            end = offset + 1
            if closes and len(blocks) > 1:
                blocks.pop()
                _close(blocks[-1], block)
        words, comments = [], []
    _finish(blocks[-1], words, comments)
    while len(blocks) > 1:
        _close(blocks[-2], blocks.pop())
    return tuple(blocks[0].statements)


def _lexemes(text: str) -> Iterator[tuple[str, str, int]]:
    for match in _LEXEMES.finditer(text):
        yield match["comment"] or "", match["word"] or "", match.start()


def _kind(words: list[Word], parent: str) -> str:
    texts = [word.text for word in words[:3]]
    if texts and texts[0] in _VISIBILITY and len(texts) > 1 and texts[1] in _DECLARATIONS:
        texts = texts[1:]
    if not texts:
        return ""
    if texts[0] in _KEYWORDS[parent]:
        return texts[0]
    unlabelled = texts[1:] if texts[0] in LABELS else texts
    if unlabelled[0:1] == ["group"] and unlabelled[1:2] != ["="] and parent in ("message", "group", "oneof", "extend"):
        return "group"
    return _MEMBERS.get(parent, "field")


def _finish(block: _Block, words: list[Word], comments: list[str]) -> None:
    if words:
        block.statements.append(Statement(_kind(words, block.kind), tuple(words), None, tuple(comments)))


def _close(outer: _Block, inner: _Block) -> None:
    outer.statements.append(Statement(inner.kind, inner.opener, tuple(inner.statements), inner.comments))


def _with_comment(statement: Statement, comment: str) -> Statement:
    return Statement(statement.kind, statement.words, statement.body, (*statement.comments, comment))


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
