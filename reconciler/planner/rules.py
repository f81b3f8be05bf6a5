"""What an environment allows a plan to do, and what one run was told to allow beyond that."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from reconciler.model import Deletion, OnDrift


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings of an environment and the options of a run that decide between changing and blocking.

    ``take_over`` and ``recreate`` are globs over live names. ``today`` is the date by which waivers expire, as
    YYYY-MM-DD. ``option`` is what names the environment in a command that is proposed, with a blank before it; empty
    for the default one.
    """

    deletion: Deletion = Deletion.FORBID
    on_schema_drift: OnDrift = OnDrift.BLOCK
    on_mode_drift: OnDrift = OnDrift.OVERWRITE
    take_over: tuple[str, ...] = ()
    recreate: tuple[str, ...] = ()
    allows_mass_change: bool = False
    today: str = ""
    option: str = ""

    def takes_over(self, subject: str) -> bool:
        """Whether this run may make a subject ours that is live and was never applied."""
        return _fits(subject, self.take_over)

    def recreates(self, subject: str) -> bool:
        """Whether this run may create a subject again that was applied and is gone."""
        return _fits(subject, self.recreate)


STRICT = Rules()
"""What holds where nothing is said: nothing is deleted, overwritten or taken over, but for modes that we set."""
MASS_SHARE = 0.3
"""The share of our subjects above which one run's deletions, or absences, are taken for a mistake."""
MASS_NUMBER = 10
"""From how many on."""


def is_mass(number: int, managed: int) -> bool:
    """Whether so many of our subjects are concerned that a mistake is likelier than an intention."""
    return number >= MASS_NUMBER and number > MASS_SHARE * managed


def _fits(subject: str, globs: tuple[str, ...]) -> bool:
    return any(fnmatchcase(subject, glob) for glob in globs)
