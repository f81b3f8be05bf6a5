"""How each registry departs from Confluent's rules: one value a dialect, and no rule of its own in code.

A departure names rows of the formats' tables of rules. Rows that Confluent does not have at all
(``MORE_RULES`` of a format) are judged by a dialect that lists them, and by no other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol, TypeVar

from reconciler.compatibility.clash import Rule
from reconciler.model import Dialect, Format, Mode


class Baseline(StrEnum):
    """Which version a mode that is not transitive compares with."""

    LATEST = "latest"
    CHECKPOINT = "checkpoint"


@dataclass(frozen=True, slots=True)
class Departure:
    """Rows of one format's table by key, judged otherwise than Confluent does: they break, or do no harm."""

    breaking: frozenset[str] = frozenset()
    harmless: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.breaking or self.harmless)


@dataclass(frozen=True, slots=True)
class DialectRules:
    """One dialect.

    ``departures`` are by format; ``formats`` are those that our rules judge as the registry does, in any other the
    verdict is the server's. ``modes`` are the registry's words for modes. ``closing`` are its words for taking no new
    version at all, which is no mode: NONE takes any.
    """

    departures: Mapping[Format, Departure] = field(default_factory=dict)
    formats: frozenset[Format] = frozenset(Format)
    baseline: Baseline = Baseline.LATEST
    modes: Mapping[str, Mode] = field(default_factory=lambda: {str(mode): mode for mode in Mode})
    closing: frozenset[str] = frozenset()


_KARAPACE = DialectRules(
    departures={
        # Whatever is added to an open model breaks, and whatever is added to a tuple.
        Format.JSON: Departure(
            breaking=frozenset(
                {
                    "PROPERTY_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL",
                    "ITEM_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL",
                    "ITEM_ADDED_TO_CLOSED_CONTENT_MODEL",
                }
            )
        ),
        Format.PROTOBUF: Departure(
            breaking=frozenset({"FIELD_NUMBER_CHANGED"}),
            harmless=frozenset(
                {
                    "PACKAGE_CHANGED",
                    "REQUIRED_FIELD_ADDED",
                    "REQUIRED_FIELD_REMOVED",
                    "FIELD_MOVED_TO_EXISTING_ONEOF",
                }
            ),
        ),
    }
)
"""From what is published of Karapace 6.2; no such server runs in our tests."""

_APICURIO = DialectRules(
    departures={
        Format.JSON: Departure(
            breaking=frozenset(
                {
                    "PROPERTY_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL",
                    "PROPERTY_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL",
                    "ITEM_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL",
                    "ITEM_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL",
                    "REQUIRED_ATTRIBUTE_WITH_DEFAULT_ADDED",
                    "REQUIRED_NAME_ADDED",
                    "COMBINATION_ENTERED",
                    "COMBINATION_LEFT",
                    "COMBINATION_CHANGED",
                    "CONNECT_BYTES_CHANGED",
                    "STRING_FORMAT_ADDED",
                    "STRING_FORMAT_CHANGED",
                    "CONTENT_ADDED",
                    "CONTENT_CHANGED",
                    "PROPERTY_NAMES_ADDED",
                    "PATTERN_PROPERTY_ADDED",
                    "CONTAINS_ADDED",
                    "CONDITION_ADDED",
                    "CONDITION_CHANGED",
                }
            ),
            harmless=frozenset(
                {
                    "TYPE_CHANGED constant",
                    "REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL",
                    "MIN_CONTAINS_ADDED",
                    "MIN_CONTAINS_INCREASED",
                    "MAX_CONTAINS_ADDED",
                    "MAX_CONTAINS_DECREASED",
                }
            ),
        ),
        Format.PROTOBUF: Departure(
            breaking=frozenset(
                {
                    "ENUM_CONST_CHANGED",
                    "ENUM_CONST_REMOVED",
                    "FIELD_NAME_CHANGED",
                    "FIELD_NUMBER_CHANGED",
                    "FIELD_REMOVED_WITHOUT_RESERVATION",
                    "FIELD_TYPE_CHANGED",
                    "FIELD_LABEL_CHANGED",
                    "RESERVED_REMOVED",
                    "RPC_REMOVED",
                    "RPC_CHANGED",
                }
            ),
            harmless=frozenset(
                {
                    "PACKAGE_CHANGED",
                    "MESSAGE_REMOVED",
                    "REQUIRED_FIELD_REMOVED",
                    "ONEOF_FIELD_REMOVED",
                    "MULTIPLE_FIELDS_MOVED_TO_ONEOF",
                    "FIELD_MOVED_TO_EXISTING_ONEOF",
                }
            ),
        ),
    }
)
"""As Apicurio Registry 3.3.3 answers; the tests ask it."""

_GLUE = DialectRules(
    baseline=Baseline.CHECKPOINT,
    modes={
        "NONE": Mode.NONE,
        "BACKWARD": Mode.BACKWARD,
        "BACKWARD_ALL": Mode.BACKWARD_TRANSITIVE,
        "FORWARD": Mode.FORWARD,
        "FORWARD_ALL": Mode.FORWARD_TRANSITIVE,
        "FULL": Mode.FULL,
        "FULL_ALL": Mode.FULL_TRANSITIVE,
    },
    closing=frozenset({"DISABLED"}),
)
"""From the vendor's guide, "Schema versioning and compatibility". Which differences break is not published in detail:
Confluent's rules stand for them."""

_PULSAR = DialectRules(
    # What Pulsar calls JSON is described by Avro. Of PROTOBUF_NATIVE a broker compares the root's name alone, whatever
    # the strategy: Confluent's rules tell whether a mode is kept that a repository promises.
    formats=frozenset({Format.AVRO, Format.PROTOBUF}),
    modes={
        "ALWAYS_COMPATIBLE": Mode.NONE,
        **{str(mode): mode for mode in Mode if mode is not Mode.NONE},
    },
    closing=frozenset({"ALWAYS_INCOMPATIBLE"}),
)
"""From the vendor's manual, "Schema evolution and compatibility"."""

DIALECTS: Mapping[Dialect, DialectRules] = {
    Dialect.CONFLUENT: DialectRules(),
    Dialect.KARAPACE: _KARAPACE,
    Dialect.APICURIO: _APICURIO,
    Dialect.GLUE: _GLUE,
    Dialect.PULSAR: _PULSAR,
}


def departure_of(dialect: Dialect, schema_format: Format) -> Departure:
    """Where a dialect departs from Confluent's rules of a format; empty where it follows them."""
    return DIALECTS[dialect].departures.get(schema_format, _NONE)


_NONE = Departure()


def make_rules(rules: Mapping[str, Rule], more: Mapping[str, Rule], departure: Departure) -> Mapping[str, Rule]:
    """Make the table of a dialect from Confluent's.

    Args:
        rules: Confluent's rows, by key.
        more: rows that Confluent does not have; those that the dialect names are added.
        departure: which rows the dialect judges otherwise.
    """
    added = {key: rule for key, rule in more.items() if key in departure.breaking}
    return {key: replace(rule, breaks=_breaks(key, rule, departure)) for key, rule in {**rules, **added}.items()}


def _breaks(key: str, rule: Rule, departure: Departure) -> bool:
    return key in departure.breaking or (rule.breaks and key not in departure.harmless)


def mode_of(dialect: Dialect, word: str) -> Mode | None:
    """The mode that a registry means by a word of its own; None for a word that is no mode, such as Glue's DISABLED."""
    return DIALECTS[dialect].modes.get(word)


def word_for(dialect: Dialect, mode: Mode) -> str | None:
    """The registry's own word for a mode; None where it has none."""
    return next((word for word, each in DIALECTS[dialect].modes.items() if each is mode), None)


def takes_versions(dialect: Dialect, word: str) -> bool:
    """Whether a subject takes new versions under a registry's word: any mode does, DISABLED does not."""
    return word not in DIALECTS[dialect].closing


class Numbered(Protocol):
    """Anything that is a version, by its number."""

    @property
    def version(self) -> int:
        """The number."""
        ...


_Version = TypeVar("_Version", bound=Numbered)


def select_history(
    history: Sequence[_Version], mode: Mode, dialect: Dialect = Dialect.CONFLUENT, checkpoint: int | None = None
) -> tuple[_Version, ...]:
    """The versions that a new one is compared with.

    Args:
        history: the undeleted versions, oldest first.
        mode: NONE counts none, a transitive mode all, any other one.
        dialect: whether that one is the newest or the checkpoint.
        checkpoint: the number of the checkpoint; None for the oldest version, where a registry sets it by itself.
    """
    if not mode.directions:
        return ()
    if mode.is_transitive:
        return tuple(history)
    if DIALECTS[dialect].baseline is Baseline.LATEST:
        return tuple(history[-1:])
    return tuple(v for v in history if v.version == checkpoint) if checkpoint is not None else tuple(history[:1])
