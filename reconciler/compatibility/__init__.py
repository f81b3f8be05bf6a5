"""Compatibility: is a new schema allowed after the versions that there are, under a mode, in a dialect?

One module a format holds that format's rules as rows; this module turns modes into directions and versions, and
differences into findings. The rules are those of Confluent Schema Registry, the reference that the other dialects are
told from (``dialects.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import cast

from reconciler.compatibility.clash import Rules, make_finding
from reconciler.compatibility.dialects import DIALECTS, select_history
from reconciler.compatibility.terms import Policy, Terms
from reconciler.model import Dialect, Direction, Finding, Format, Mode, Outcome, Severity, Source, Verdict
from reconciler.schemas import Parsed

_RULES: Mapping[Format, str] = {
    Format.AVRO: "reconciler.compatibility.avro",
    Format.JSON: "reconciler.compatibility.json_schema",
    Format.PROTOBUF: "reconciler.compatibility.protobuf",
}

JUDGED_FORMATS = frozenset(_RULES)
"""Formats whose rules this engine has; a verdict in any other is NOT_JUDGED."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An existing version to judge against, parsed with its own references."""

    version: int
    parsed: Parsed


def check(
    new: Parsed,
    history: Sequence[Judged],
    mode: Mode,
    dialect: Dialect = Dialect.CONFLUENT,
    policy: Policy = Policy.STRICT,
    checkpoint: int | None = None,
    *,
    tells_all: bool = False,
    tells_again: bool = False,
) -> Verdict:
    """Judge a new schema against a subject's history.

    Args:
        new: the schema that shall become the newest version.
        history: the undeleted versions, oldest first. A non-transitive mode looks at one of them only.
        mode: the mode to judge by.
        dialect: whose rules.
        policy: Confluent's ``compatibilityPolicy``, for JSON Schema in its own dialect only.
        checkpoint: the number of the version that a non-transitive mode looks at where the dialect has one.
        tells_all: tell harmless differences too that the registry has no names for.
        tells_again: tell a difference in a type that is used several times as often, as the registry does.

    Returns:
        the verdict with every difference that the registry finds. NOT_JUDGED for a format whose rules are not known
        here, unless the mode is NONE, the history is empty, or the versions that count have another format, which is
        incompatible.
    """
    counted = select_history(history, mode, dialect, checkpoint)
    terms, directions = Terms(dialect, policy, tells_all, tells_again), mode.directions
    findings = tuple(f for judged in reversed(counted) for f in _judge(new, judged, directions, terms))
    return Verdict(_outcome(new, counted, dialect, findings), mode, tuple(j.version for j in counted), findings)


def _outcome(new: Parsed, counted: Sequence[Judged], dialect: Dialect, findings: Sequence[Finding]) -> Outcome:
    if any(finding.severity is Severity.ERROR for finding in findings):
        return Outcome.INCOMPATIBLE
    return Outcome.NOT_JUDGED if counted and not _is_judged(new.document.format, dialect) else Outcome.COMPATIBLE


def _is_judged(schema_format: Format, dialect: Dialect) -> bool:
    return schema_format in JUDGED_FORMATS and schema_format in DIALECTS[dialect].formats


def _judge(new: Parsed, judged: Judged, directions: Iterable[Direction], terms: Terms) -> Iterator[Finding]:
    """What differs in the new schema from one version, in the directions of the mode."""
    schema_format = new.document.format
    if judged.parsed.document.format is not schema_format:
        yield _format_changed(schema_format, judged)
    elif _is_judged(schema_format, terms.dialect):
        rules = _rules_of(schema_format)
        for direction in directions:
            pair = (new, judged.parsed) if direction is Direction.BACKWARD else (judged.parsed, new)
            for clash in rules.compare(*pair, terms):
                yield make_finding(clash, direction, judged.version)


@cache
def _rules_of(schema_format: Format) -> Rules:
    """The module of a format's rules."""
    return cast(Rules, import_module(_RULES[schema_format]))


def _format_changed(schema_format: Format, judged: Judged) -> Finding:
    old = judged.parsed.document.format
    return Finding(
        code="FORMAT_CHANGED",
        severity=Severity.ERROR,
        source=Source.COMPATIBILITY,
        message=f"the schema is {schema_format} now and {old} in version {judged.version},"
        " and neither can read data of the other",
        path="/",
        fix=f"keep {old}, or register the new format under a subject of its own",
        against=judged.version,
    )
