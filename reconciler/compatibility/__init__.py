"""Compatibility: is a new schema allowed after the versions that there are, under a mode, in a dialect?

One module a format holds that format's rules as rows; this module turns modes into directions and versions, and
differences into findings. The rules are those of Confluent Schema Registry, the reference that the other dialects are
told from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

from reconciler.compatibility.clash import Clash, Rules, make_finding
from reconciler.model import Dialect, Direction, Finding, Format, Mode, Outcome, Severity, Source, Verdict
from reconciler.schemas import Parsed

if TYPE_CHECKING:
    from reconciler.compatibility.json_schema import Policy

_RULES: Mapping[Format, str] = {
    Format.AVRO: "reconciler.compatibility.avro",
    Format.JSON: "reconciler.compatibility.json_schema",
    Format.PROTOBUF: "reconciler.compatibility.protobuf",
}

JUDGED_FORMATS = frozenset(_RULES)
"""Formats whose rules this engine has; a verdict in any other is NOT_JUDGED."""
_WITH_POLICY = frozenset({Format.JSON})


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
    policy: Policy | None = None,
) -> Verdict:
    """Judge a new schema against a subject's history.

    Args:
        new: the schema that shall become the newest version.
        history: the undeleted versions, oldest first. A non-transitive mode looks at the last one only.
        mode: the mode to judge by.
        dialect: whose rules.
        policy: Confluent's ``compatibilityPolicy``, for JSON Schema only; None for STRICT.

    Returns:
        the verdict with every difference found. NOT_JUDGED for a format whose rules are not known here, unless the mode
        is NONE, the history is empty, or the versions that count have another format (incompatible).
    """
    counted = tuple(history if mode.is_transitive else history[-1:]) if mode.directions else ()
    findings = tuple(finding for judged in reversed(counted) for finding in _judge(new, judged, mode, policy))
    return Verdict(_outcome(new, counted, findings), mode, tuple(j.version for j in counted), findings)


def _outcome(new: Parsed, counted: Sequence[Judged], findings: Sequence[Finding]) -> Outcome:
    if any(finding.severity is Severity.ERROR for finding in findings):
        return Outcome.INCOMPATIBLE
    if counted and new.document.format not in JUDGED_FORMATS:
        return Outcome.NOT_JUDGED
    return Outcome.COMPATIBLE


def _judge(new: Parsed, judged: Judged, mode: Mode, policy: Policy | None) -> Iterator[Finding]:
    """What speaks against the new schema after one version, in the directions of the mode."""
    schema_format = new.document.format
    if judged.parsed.document.format is not schema_format:
        yield _format_changed(schema_format, judged)
    elif schema_format in JUDGED_FORMATS:
        compare: Callable[..., Iterable[Clash]] = cast(Rules, import_module(_RULES[schema_format])).compare
        options = {"policy": policy} if policy and schema_format in _WITH_POLICY else {}
        for direction in mode.directions:
            pair = (new, judged.parsed) if direction is Direction.BACKWARD else (judged.parsed, new)
            for clash in compare(*pair, **options):
                yield make_finding(clash, direction, judged.version)


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
