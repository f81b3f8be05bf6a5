"""Which versions a new schema is compared with, in which direction, and the messages of the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.doubles.confluent.formats import FORMATS, Parsed


@dataclass(frozen=True)
class OldVersion:
    """An earlier version, as far as a comparison needs it."""

    version: int
    parsed: Parsed
    properties: dict[str, Any]


def find_conflicts(
    new: Parsed, properties: dict[str, Any], history: Sequence[OldVersion], config: dict[str, Any]
) -> list[str]:
    """Return the messages against a new schema, empty if it is compatible.

    `history` is old to new and undeleted; `config` gives `compatibilityLevel` and `compatibilityGroup`. As the
    registry does, the comparison runs from the newest version and stops at the first that fails.
    """
    level = config["compatibilityLevel"]
    group = config.get("compatibilityGroup")
    compared = [old for old in history if not group or old.properties.get(group) == properties.get(group)]
    if level == "NONE":
        return []
    if not level.endswith("_TRANSITIVE"):
        compared = compared[-1:]
    for old in reversed(compared):
        if reasons := _compare(new, old.parsed, level):
            return [
                *reasons,
                f"{{oldSchemaVersion: {old.version}}}",
                f"{{oldSchema: '{old.parsed.text}'}}",
                f"{{compatibility: '{level}'}}",
            ]
    return []


def _compare(new: Parsed, old: Parsed, level: str) -> list[str]:
    if new.schema_type != old.schema_type:
        return ["Incompatible because of different schema type"]
    judge = FORMATS[new.schema_type].judge
    backward = judge(new, old) if level.startswith(("BACKWARD", "FULL")) else []
    forward = judge(old, new) if level.startswith(("FORWARD", "FULL")) else []
    return backward + forward
