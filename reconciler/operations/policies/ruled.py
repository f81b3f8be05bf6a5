"""What rules find in a change."""

from __future__ import annotations

from typing import NamedTuple

from reconciler.model import Finding


class Ruled(NamedTuple):
    """What rules find in a change: what it brings, and what was there before."""

    findings: tuple[Finding, ...] = ()
    known: tuple[Finding, ...] = ()
