"""What registries say of a change, as values: light, since most checks ask none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.model import REGISTRY_UNREADABLE, Finding, Verdict


@dataclass(frozen=True, slots=True)
class LiveVerdict:
    """How a registry's versions of a subject take the change."""

    registry: str
    verdict: Verdict


@dataclass(frozen=True)
class AskedLive:
    """What registries say: verdicts by subject, what the change brings, and what stands there without it."""

    verdicts: Mapping[str, tuple[LiveVerdict, ...]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    known: tuple[Finding, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether every registry that was asked could be read."""
        return not any(finding.code == REGISTRY_UNREADABLE for finding in self.findings)
