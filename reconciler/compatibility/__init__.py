"""Compatibility: is a new schema allowed after the versions that there are, under a mode, in a dialect?

One module a format holds that format's rules as rows; this module turns modes into directions and versions, and
differences into findings. The rules are those of Confluent Schema Registry, the reference that the other dialects are
told from (``dialects.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

from reconciler.compatibility.clash import Clash, Rules, make_finding
from reconciler.compatibility.dialects import DIALECTS, select_history
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
    checkpoint: int | None = None,
) -> Verdict:
    """Judge a new schema against a subject's history.

    Args:
        new: the schema that shall become the newest version.
        history: the undeleted versions, oldest first. A non-transitive mode looks at one of them only.
        mode: the mode to judge by.
        dialect: whose rules.
        policy: Confluent's ``compatibilityPolicy``, for JSON Schema in its own dialect only; None for STRICT.
        checkpoint: the number of the version that a non-transitive mode looks at where the dialect has one.

    Returns:
        the verdict with every difference found. NOT_JUDGED for a format whose rules are not known here, unless the mode
        is NONE, the history is empty, or the versions that count have another format (incompatible).
    """
    counted = select_history(history, mode, dialect, checkpoint)
    findings = tuple(f for judged in reversed(counted) for f in _judge(new, judged, mode, dialect, policy))
    return Verdict(_outcome(new, counted, dialect, findings), mode, tuple(j.version for j in counted), findings)


def _outcome(new: Parsed, counted: Sequence[Judged], dialect: Dialect, findings: Sequence[Finding]) -> Outcome:
    if any(finding.severity is Severity.ERROR for finding in findings):
        return Outcome.INCOMPATIBLE
    return Outcome.NOT_JUDGED if counted and not _is_judged(new.document.format, dialect) else Outcome.COMPATIBLE


def _is_judged(schema_format: Format, dialect: Dialect) -> bool:
    return schema_format in JUDGED_FORMATS and schema_format in DIALECTS[dialect].formats


def _judge(new: Parsed, judged: Judged, mode: Mode, dialect: Dialect, policy: Policy | None) -> Iterator[Finding]:
    """What speaks against the new schema after one version, in the directions of the mode."""
    schema_format = new.document.format
    if judged.parsed.document.format is not schema_format:
        yield _format_changed(schema_format, judged)
    elif _is_judged(schema_format, dialect):
        compare: Callable[..., Iterable[Clash]] = cast(Rules, import_module(_RULES[schema_format])).compare
        options = _options(schema_format, dialect, policy)
        for direction in mode.directions:
            pair = (new, judged.parsed) if direction is Direction.BACKWARD else (judged.parsed, new)
            for clash in compare(*pair, **options):
                yield make_finding(clash, direction, judged.version)


def _options(schema_format: Format, dialect: Dialect, policy: Policy | None) -> Mapping[str, object]:
    """What a format's comparison is told beyond the two schemas: nothing where its rules know no other dialect."""
    options: dict[str, object] = {"dialect": dialect} if schema_format in _WITH_DIALECTS else {}
    return {**options, "policy": policy} if policy and schema_format in _WITH_POLICY else options


_WITH_DIALECTS = frozenset({Format.JSON, Format.PROTOBUF})
_WITH_POLICY = frozenset({Format.JSON})


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
