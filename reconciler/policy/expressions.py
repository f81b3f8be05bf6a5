"""CEL: expressions compiled once, held against what there is, and evaluated without end in sight for none of them.

CEL has no loops but over lists that are there, and its regular expressions are matched in linear time (Rust's ``regex``
neither backtracks nor compiles beyond 10 MB). What is left to bound is how deep such loops are nested.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any

# The library imports its own command line, and with it a toolkit for terminals: a quarter of a second for nothing.
sys.modules.setdefault("cel.cli", ModuleType("cel.cli"))

import cel  # noqa: E402  (after what it would import)

from reconciler.file_findings import did_you_mean  # noqa: E402
from reconciler.policy.words import find_cases, split_words  # noqa: E402

Context = cel.Context
"""Values as CEL knows them."""

MAX_LENGTH = 4_000
"""Characters of an expression."""
MAX_NESTING = 3
"""Loops within loops; one over a schema of a thousand fields is a billion steps at the next level."""

_MACRO = re.compile(r"\.\s*(all|exists|exists_one|map|filter)\s*$")
_TEXT = re.compile(r"""r?("{3}.*?"{3}|'{3}.*?'{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|//[^\n]*""", re.DOTALL)
_LOOP_VARIABLE = re.compile(r"\.\s*(?:all|exists|exists_one|map|filter)\s*\(\s*([A-Za-z_]\w*)\s*,")
_MEMBER = re.compile(r"(?<![\w.])([a-z]\w*)\s*\.\s*([A-Za-z_]\w*)\b(?!\s*\()")
_WHOLE_SIDE = re.compile(r"\.\s*(?:before|after)\b(?!\s*(?:\.|[!=]=\s*null\b))")
_MATCHES = re.compile(r"\bmatches\s*\(\s*(?:[\w.]+\s*,\s*)?$")
_SYNTAX = re.compile(r"<input>:(?P<line>\d+):(?P<column>\d+): (?P<what>[^\n]*)")
_HAS = re.compile(r"\bhas\s*\(")
_NAME = re.compile(r"[A-Za-z_]\w*")
_BUILT_IN = frozenset(
    [
        "all",
        "exists",
        "exists_one",
        "map",
        "filter",
        "has",
        "size",
        "contains",
        "startsWith",
        "endsWith",
        "matches",
        "string",
        "int",
        "uint",
        "double",
        "bool",
        "bytes",
        "timestamp",
        "duration",
        "type",
        "min",
        "max",
        "dyn",
    ]
)

FUNCTIONS: Mapping[str, Callable[..., object]] = {
    "lower": lambda text: _text(text).lower(),
    "trim": lambda text: _text(text).strip(),
    "words": lambda text: list(split_words(_text(text))),
    "cases": lambda text: list(find_cases(_text(text))),
    "split": lambda text, by: _text(text).split(_text(by)),
    "join": lambda texts, by: _text(by).join(map(str, texts)),
    "common": lambda some, others: [each for each in some if each in others],
}
"""What there is beyond CEL's own functions; each also as a method: ``field.name.lower()``."""


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text is needed, not {value!r}")
    return value


class ExpressionError(Exception):
    """An expression that cannot be used, or came to no answer. ``fix`` says what to do about it."""

    def __init__(self, message: str, fix: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


@dataclass(frozen=True)
class Expression:
    """An expression that can be evaluated; it is compiled once, when that is asked for first."""

    text: str

    @cached_property
    def names(self) -> frozenset[str]:
        """All words in it, those in texts too."""
        return frozenset(_NAME.findall(self.text))

    @cached_property
    def program(self) -> Any:
        """The expression as the library holds it."""
        return cel.compile(self.text)

    def evaluate(self, context: Context) -> Any:
        """Work out the value.

        Raises:
            ExpressionError: it has none.
        """
        try:
            return self.program.execute(context)
        except Exception as error:
            raise ExpressionError(_explain(error)) from error


def compile_expression(text: str, variables: Iterable[str], keys: Mapping[str, frozenset[str]]) -> Expression:
    """Compile an expression.

    Args:
        text: CEL.
        variables: the names that it may use.
        keys: by variable, the keys that it has, where they are known.

    Raises:
        ExpressionError: it is not CEL, uses what is not there, or is too long or too deeply nested.
    """
    raise_if_unbounded(text)
    expression = Expression(text)
    try:
        program = expression.program
    except Exception as error:
        raise ExpressionError(
            _explain_syntax(str(error)), "correct the expression; see docs/policies/writing-rules.md"
        ) from error
    raise_if_no_pattern(text)
    raise_if_unknown(text, program, frozenset(variables), keys)
    return expression


def rename_variable(text: str, name: str, other: str) -> str:
    """The same expression with a variable called otherwise; what stands in texts and comments stays.

    Each of its keys becomes a variable of its own, as :func:`name_members` calls them: CEL copies the whole value of a
    key whenever it is spoken of, of a variable never.
    """
    own = re.compile(rf"(?<![\w.]){name}\b")
    member = re.compile(rf"(?<![\w.]){name}\s*\.\s*([A-Za-z_]\w*)\b(?!\s*\()")
    parts, end = [], 0
    for literal in _TEXT.finditer(text):
        parts += [own.sub(other, member.sub(rf"{other}__\1", text[end : literal.start()])), literal[0]]
        end = literal.end()
    return "".join((*parts, own.sub(other, member.sub(rf"{other}__\1", text[end:]))))


def name_members(variable: str, keys: Iterable[str]) -> Iterator[tuple[str, str]]:
    """By key, what the variable is called that has only its value."""
    return ((key, f"{variable}__{key}") for key in keys)


def find_members(text: str, variable: str) -> frozenset[str] | None:
    """The keys of a variable that an expression speaks of; None where it speaks of the variable in any other way."""
    bare = _TEXT.sub("''", text)
    members = [key for name, key in _MEMBER.findall(bare) if name == variable]
    spoken = re.findall(rf"(?<![\w.]){variable}\b", bare)
    return frozenset(members) if len(spoken) == len(members) else None


def asks_for_presence(text: str) -> bool:
    """Whether an expression asks if a key is there, so that it has an answer without the key, but another one."""
    return _HAS.search(_TEXT.sub("''", text)) is not None


def compares_wholes(text: str) -> bool:
    """Whether an expression may speak of the entry of a list, or of a side of a change, as a whole: of all its keys."""
    bare = _TEXT.sub("''", text)
    loops = _LOOP_VARIABLE.findall(bare)
    members = [name for name, _ in _MEMBER.findall(bare)]
    return _WHOLE_SIDE.search(bare) is not None or any(
        len(re.findall(rf"(?<![\w.]){name}\b", bare)) > loops.count(name) + members.count(name)
        for name in {*loops, "item"}
    )


def join_conditions(conditions: Iterable[str], listed: str, variable: str) -> Expression:
    """One expression that is true where all conditions are for every entry of a list.

    A loop over all rules costs a third of a loop for each. Without a loop, joining them costs more than it saves.
    """
    whole = f"({listed}).all({variable}, {' && '.join(f'({condition})' for condition in conditions)})"
    return Expression(whole)


def make_context(variables: Mapping[str, object]) -> Context:
    """Convert values for CEL; done once for all expressions over them."""
    return Context(variables=dict(variables), functions=dict(FUNCTIONS))


def raise_if_unbounded(text: str) -> None:
    """Refuse what would take without end.

    Raises:
        ExpressionError: it is too long, or loops are nested too deeply.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"has {len(text)} characters, where {MAX_LENGTH} are read", "make several rules of it")
    bare = _TEXT.sub("''", text)
    open_, loops = [], 0
    for at, mark in enumerate(bare):
        if mark in "([{":
            is_loop = mark == "(" and _MACRO.search(bare, 0, at) is not None
            open_.append(is_loop)
            loops += is_loop
            if loops > MAX_NESTING or len(open_) > 50:
                raise ExpressionError("is nested too deeply", f"nest at most {MAX_NESTING} of all, exists, map, filter")
        elif mark in ")]}" and open_:
            loops -= open_.pop()


def raise_if_no_pattern(text: str) -> None:
    """Refuse a regular expression that is written out and that CEL cannot use, before anything is held against it.

    Raises:
        ExpressionError: saying why not.
    """
    for literal in _TEXT.finditer(text):
        if literal[1] and _MATCHES.search(text, 0, literal.start()) and text[literal.end() :].lstrip().startswith(")"):
            try:
                cel.compile(f"''.matches({literal[0]})").execute(Context())
            except Exception as error:
                raise ExpressionError(_first_words(str(error)), "correct the regular expression") from error


def raise_if_unknown(text: str, program: Any, variables: frozenset[str], keys: Mapping[str, frozenset[str]]) -> None:
    """Refuse names of variables, functions and keys that do not exist.

    Raises:
        ExpressionError: naming the one that was probably meant.
    """
    bare = _TEXT.sub("''", text)
    loops = frozenset(_LOOP_VARIABLE.findall(bare))
    for name in program.variables():
        if name not in variables and name not in loops:
            message = f"there is no `{name}` here{did_you_mean(name, variables)}"
            raise ExpressionError(message, f"there are: {', '.join(sorted(variables))}")
    for name in program.functions():
        if name.isidentifier() and name not in _BUILT_IN and name not in FUNCTIONS and not name.startswith("_"):
            known_functions = {*_BUILT_IN, *FUNCTIONS}
            message = f"there is no function `{name}`{did_you_mean(name, known_functions)}"
            raise ExpressionError(message, f"there are: {', '.join(sorted(known_functions))}")
    for variable, key in _MEMBER.findall(bare):
        known = None if variable in loops else keys.get(variable)
        if known is not None and key not in known:
            message = f"`{variable}` has no `{key}`{did_you_mean(key, known)}"
            raise ExpressionError(message, f"it has: {', '.join(sorted(known))}")


def _explain(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"there is no key {error}"
    return _first_words(str(error))


def _explain_syntax(said: str) -> str:
    """Where an expression stops to be CEL, without the dozens of marks that may stand there."""
    found = _SYNTAX.search(said)
    if found is None:
        return _first_words(said)
    what = found["what"].replace("'<EOF>'", "its end").replace("<EOF>", "its end").partition(" expecting {")[0]
    return f"is no CEL from line {found['line']}, column {found['column']} of the expression on: {what}"


def _first_words(text: str) -> str:
    """The first sentence of what the library says, on one line; of a regular expression also why it is refused."""
    lines = text.split(" CEL does not coerce")[0].split(". Check ")[0].strip().split("\n")
    said = lines[:1] if len(lines) == 1 or "valid regex" not in lines[0] else [lines[0], lines[-1]]
    return " ".join(" ".join(said).split()).rstrip(".") or "no reason was given"
