"""Compatibility: is a new schema allowed after the versions that there are, under a mode, in a dialect?

One module a format holds that format's rules as rows; this module turns modes into directions and versions, and
differences into findings. The rules are those of Confluent Schema Registry, the reference that the other dialects are
told from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.model import Dialect, Format, Mode, Verdict
from reconciler.schemas import Parsed

JUDGED_FORMATS = frozenset({Format.AVRO})
"""Formats whose rules this engine has; a verdict in any other is NOT_JUDGED."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An existing version to judge against, parsed with its own references."""

    version: int
    parsed: Parsed


def check(new: Parsed, history: Sequence[Judged], mode: Mode, dialect: Dialect = Dialect.CONFLUENT) -> Verdict:
    """Judge a new schema against a subject's history.

    Args:
        new: the schema that shall become the newest version.
        history: the undeleted versions, oldest first. A non-transitive mode looks at the last one only.
        mode: the mode to judge by.
        dialect: whose rules.

    Returns:
        the verdict with every difference found. NOT_JUDGED for a format whose rules are not known here, unless the mode
        is NONE, the history is empty, or the versions that count have another format (incompatible).
    """
    raise NotImplementedError
