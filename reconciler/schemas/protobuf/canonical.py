"""The text of a Protobuf file without what its registry does not tell apart.

Registries take the file apart and write it anew, group by group, so the place of an option among the fields does not
count and the order within a group does. String quotes, number bases, separators within option values and empty
statements vanish in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from reconciler.schemas.protobuf.scan import Statement, decimal, string_units

_RANKS: Mapping[str, Mapping[str, int]] = {
    "file": {"syntax": 0, "edition": 0, "package": 1, "import": 2, "option": 4, "extend": 6, "service": 7},
    "message": {"reserved": 0, "option": 1, "field": 2, "oneof": 3, "group": 4, "extensions": 5, "extend": 7},
    "enum": {"reserved": 0, "option": 1, "value": 2},
    "oneof": {"option": 0, "field": 1, "group": 2},
    "service": {"option": 0, "rpc": 1},
}
_DECLARED = 5.5  # messages and enums share one group, after a message's own members
_DOCUMENTED = frozenset({"message", "enum", "extend", "service", "rpc", "oneof", "field", "value", "group"})
_LAST_OPTIONS: Mapping[str, int] = {"default": 1, "json_name": 2}
_STRING = ('"', "'")


def render(statements: Sequence[Statement], *, comments: bool) -> str:
    """Write statements one a line, in the order of their groups.

    Args:
        statements: of a whole file.
        comments: whether those of definitions count.
    """
    return "".join(line + "\n" for line in _lines(statements, "file", comments))


def _lines(statements: Sequence[Statement], parent: str, comments: bool) -> Iterator[str]:
    ranks = _RANKS.get("message" if parent == "group" else parent, {})
    for statement in sorted(statements, key=lambda s: _rank(s, ranks)):
        if comments and statement.kind in _DOCUMENTED:
            yield from (f"// {line}" for comment in statement.comments for line in comment_lines(comment))
        text = " ".join(_words(statement))
        if statement.body is None or (statement.kind == "rpc" and not statement.body):
            yield text + ";"
        else:
            yield text + " {"
            yield from _lines(statement.body, statement.kind, comments)
            yield "}"


def _rank(statement: Statement, ranks: Mapping[str, int]) -> float:
    is_public = statement.kind == "import" and statement.texts[1:2] == ("public",)
    return ranks.get(statement.kind, _DECLARED) + is_public


def comment_lines(comment: str) -> list[str]:
    """The lines of a comment without its marks, stars in front and empty lines."""
    inner = comment[2:] if comment.startswith("//") else comment[2:].removesuffix("*/")
    lines = (line.strip().lstrip("*").strip() for line in inner.splitlines())
    return [line for line in lines if line]


def _words(statement: Statement) -> list[str]:
    words = _joined_strings(statement.texts)
    if statement.kind == "option":
        return _value(words)
    start = words.index("[") if "[" in words else len(words)
    if statement.kind == "import":
        return words
    head = [decimal(word) for word in words[:start]]
    return head + (_options(words[start:]) if start < len(words) else [])


def _joined_strings(words: Sequence[str]) -> list[str]:
    """String literals in double quotes, adjacent ones joined as the language has it."""
    joined: list[str] = []
    was_string = False
    for word in words:
        is_string = word.startswith(_STRING)
        text = _quoted(word) if is_string else word
        if is_string and was_string:
            joined[-1] = joined[-1][:-1] + text[1:]
        else:
            joined.append(text)
        was_string = is_string
    return joined


def _quoted(literal: str) -> str:
    """A literal in double quotes, each character escaped in one way only."""
    return '"' + "".join(text.lower() if escape else _escaped(text) for text, escape in string_units(literal)) + '"'


def _escaped(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]", lambda m: f"\\{ord(m[0]):03o}", re.sub(r'(\\(?![uU])|")', r"\\\1", text))


def _options(words: list[str]) -> list[str]:
    """A field's options in brackets; ``default`` and ``json_name`` are kept apart by registries, and come last."""
    parts: list[list[str]] = [[]]
    depth = 0
    for word in words[1:-1]:
        depth += (word in ("{", "[", "<")) - (word in ("}", "]", ">"))
        if word == "," and not depth:
            parts.append([])
        else:
            parts[-1].append(word)
    parts.sort(key=lambda part: _LAST_OPTIONS.get(part[0] if part else "", 0))
    return ["[", *(word for i, part in enumerate(parts) for word in ([","] if i else []) + _value(part)), "]"]


def _value(words: list[str]) -> list[str]:
    """An option without the separators that may stand between the fields of a message value or not."""
    kept: list[str] = []
    open_brackets: list[str] = []
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word in ("{", "["):
            open_brackets.append(word)
        elif word in ("}", "]"):
            del open_brackets[-1:]
        is_separator = word in (",", ";") and open_brackets[-1:] == ["{"]
        if not is_separator and not (word == ":" and following == "{"):
            kept.append(word)
    return kept
