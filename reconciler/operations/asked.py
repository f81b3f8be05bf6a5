"""What a run is asked for; apart from what works it out, so that reading can begin before that is imported."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """The part that a run looks at.

    Args:
        environment: None for the first one of schemafed.yaml.
        subject: a glob over subject names; None for all.
        registry: the name of one registry; None for all of the environment.
        since: a revision; only what may have changed since then. None for all.
    """

    environment: str | None = None
    subject: str | None = None
    registry: str | None = None
    since: str | None = None


@dataclass(frozen=True, slots=True)
class Permissions:
    """What one run may do that the rules of an environment leave to a person.

    ``take_over`` and ``recreate`` are globs over the names that subjects have in their registries.
    """

    take_over: tuple[str, ...] = ()
    recreate: tuple[str, ...] = ()
    allow_mass_change: bool = False


NO_PERMISSIONS = Permissions()
