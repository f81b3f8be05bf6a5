"""Protobuf source as nested statements, and back to text without comments."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.doubles.confluent.formats.parsed import InvalidTextError

_TOKEN = re.compile(
    r"""(?P<skip>\s+|//[^\n]*|/\*.*?\*/)
      | (?P<token>"(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'
                 | \.?[A-Za-z_][\w.]* | [0-9][\w.+]* | [-+;{}\[\]()<>=,:/.])""",
    re.VERBOSE | re.DOTALL,
)
_NO_SPACE_BEFORE = frozenset(",)]>:;")
_NO_SPACE_AFTER = frozenset("([<-")


@dataclass(frozen=True)
class Statement:
    """One statement: its tokens up to `;` or `{`, and the statements of its block if it has one."""

    tokens: tuple[str, ...]
    body: tuple[Statement, ...] | None = None

    @property
    def text(self) -> str:
        return " ".join(self.tokens)


def parse_statements(text: str) -> tuple[Statement, ...]:
    """Split a source into statements; raises InvalidTextError where braces or characters make no sense."""
    tokens = _tokenize(text)
    statements, end = _parse_block(tokens, 0)
    if end != len(tokens):
        raise InvalidTextError("a closing brace too many")
    return statements


def _tokenize(text: str) -> list[str]:
    tokens, position = [], 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if not found:
            line = text.count("\n", 0, position) + 1
            raise InvalidTextError(f"unexpected character {text[position]!r} in line {line}")
        if found["token"]:
            tokens.append(found["token"])
        position = found.end()
    return tokens


def _parse_block(tokens: list[str], position: int) -> tuple[tuple[Statement, ...], int]:
    statements: list[Statement] = []
    current: list[str] = []
    while position < len(tokens) and tokens[position] != "}":
        token = tokens[position]
        if token == ";":
            if current:
                statements.append(Statement(tuple(current)))
            current = []
        elif token == "{" and "=" not in current:
            body, position = _parse_block(tokens, position + 1)
            if position == len(tokens):
                raise InvalidTextError("a closing brace is missing")
            statements.append(Statement(tuple(current), body))
            current = []
        elif token == "{":
            end = _find_closing(tokens, position)
            current += tokens[position : end + 1]
            position = end
        else:
            current.append(token)
        position += 1
    if current:
        raise InvalidTextError(f"a statement without its semicolon: {' '.join(current)}")
    return tuple(statements), position


def _find_closing(tokens: list[str], start: int) -> int:
    """Find the end of an option's value in braces."""
    depth = 0
    for index in range(start, len(tokens)):
        depth += {"{": 1, "}": -1}.get(tokens[index], 0)
        if depth == 0:
            return index
    raise InvalidTextError("a closing brace is missing")


def render_statements(statements: tuple[Statement, ...], indent: str = "") -> str:
    """Write statements one a line, blocks indented by two spaces."""
    lines = []
    for statement in statements:
        head = indent + _join(statement.tokens)
        if statement.body is None:
            lines.append(f"{head};\n")
        else:
            lines.append(f"{head} {{\n{render_statements(statement.body, indent + '  ')}{indent}}}\n")
    return "".join(lines)


def _join(tokens: tuple[str, ...]) -> str:
    text = ""
    previous = ""
    for token in tokens:
        glued = (
            not text
            or token in _NO_SPACE_BEFORE
            or previous in _NO_SPACE_AFTER
            or (token == "<" and previous == "map")
            or (token.startswith(".") and previous == ")")
        )
        text += token if glued else f" {token}"
        previous = token
    return text
