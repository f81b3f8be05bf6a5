"""What a format's rules find between two schemas, before it is known which of them is new."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from reconciler.compatibility.terms import CONFLUENT, Terms
from reconciler.model import Direction, Finding, Severity, Source
from reconciler.schemas import Parsed
from reconciler.schemas.json_positions import escape_surrogates

_NAME = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Words:
    """What to tell a user in one direction: a sentence and a remedy, with the clash's values in braces.

    ``{where}`` names the element and ``{old}`` the version that was judged against.
    """

    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A difference, mostly one for which a reader cannot read a writer's data.

    ``code`` is Confluent's name of it. ``backward`` is said where the reader is the new schema, ``forward`` where the
    reader is the old one. ``breaks`` is False for a difference that is told, and does no harm. ``values`` are the names
    in the words that the clash fills in.
    """

    code: str
    backward: Words
    forward: Words
    breaks: bool = True
    values: frozenset[str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        texts = (text for words in (self.backward, self.forward) for text in (words.message, words.fix))
        names = frozenset(name for text in texts for name in _NAME.findall(text))
        object.__setattr__(self, "values", names - {"where", "old"})


class Clash(NamedTuple):
    """One place where a rule applies.

    ``path`` is a pointer into the reader's text, ``where`` the element in words (``customer.email``), empty for the
    schema as a whole. ``values`` fill the rule's words. ``cause`` is what keeps the parts that come closest to each
    other apart, where a combination of several has no better reason to give.
    """

    rule: Rule
    path: str
    where: str
    values: Mapping[str, str]
    cause: Clash | None = None


class Rules(Protocol):
    """What the module of a format's rules provides."""

    def compare(self, reader: Parsed, writer: Parsed, terms: Terms = CONFLUENT) -> Iterable[Clash]:
        """Everything because of which the reader cannot read what the writer wrote, and harmless differences too."""
        ...


def make_finding(clash: Clash, direction: Direction, version: int) -> Finding:
    """Say a clash in the words of its direction; registry, subject and location are the caller's to add.

    Half a surrogate pair, which an escape in a JSON text can hold, is written as one: a finding can always be printed.
    """
    message, fix = _say(clash, direction, version, "the schema itself")
    if cause := _innermost(clash.cause):
        message += f": where it comes closest, {_say(cause, direction, version, 'it')[0]}"
    return Finding(
        code=clash.rule.code,
        severity=Severity.ERROR if clash.rule.breaks else Severity.INFO,
        source=Source.COMPATIBILITY,
        message=escape_surrogates(message),
        path=escape_surrogates(clash.path),
        fix=escape_surrogates(fix) or None,
        direction=direction,
        against=version,
    )


def _innermost(cause: Clash | None) -> Clash | None:
    """What in the end keeps combinations within combinations apart."""
    while cause and cause.cause:
        cause = cause.cause
    return cause


def _say(clash: Clash, direction: Direction, version: int, whole: str) -> tuple[str, str]:
    """The message and the remedy; ``whole`` is how a schema without a place of its own is called."""
    words = clash.rule.backward if direction is Direction.BACKWARD else clash.rule.forward
    values = {
        **clash.values,
        "where": f"`{clash.where}`" if clash.where else whole,
        "old": f"version {version}",
    }
    return words.message.format_map(values), words.fix.format_map(values)
