"""By what two schemas are compared, beside what they say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from reconciler.model import Dialect


class Policy(StrEnum):
    """Confluent's ``compatibilityPolicy``: LENIENT allows some changes of content models that STRICT does not."""

    STRICT = "STRICT"
    LENIENT = "LENIENT"


@dataclass(frozen=True, slots=True)
class Terms:
    """What decides how two schemas are compared; a format takes what concerns it.

    ``dialect`` is whose rules hold, ``policy`` that of JSON Schema in Confluent's dialect. ``tells_all`` is for people:
    harmless differences are told too that the registry has no names for. ``tells_again`` is for programs: a difference
    in a type that is used several times is told as often, as the registry does.
    """

    dialect: Dialect = Dialect.CONFLUENT
    policy: Policy = Policy.STRICT
    tells_all: bool = False
    tells_again: bool = False


CONFLUENT = Terms()
