"""Where a declared subject stands between what is desired, what is live and what was applied last, and what that means.

Live as desired needs nothing, whatever was applied last. Everything else depends on whether live still is what was
applied: only then a difference is simply pending.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from shlex import quote

from reconciler.model import AppliedSubject, DesiredSubject, Finding, LiveVersion, OnDrift, Severity
from reconciler.planner.findings import make_finding
from reconciler.planner.rules import Rules


class Standing(StrEnum):
    """How desired, live and applied differ in a subject's schema."""

    UNCHANGED = "unchanged"
    NEW = "new"
    PENDING = "pending"
    FOREIGN = "foreign"
    DRIFTED = "drifted"
    VANISHED = "vanished"


@dataclass(frozen=True, slots=True)
class Response:
    """What a standing leads to: whether the schema is registered, why if it is not simply pending, and what is said."""

    registers: bool
    findings: tuple[Finding, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """One declared subject of a registry with its live latest version and its entry of the ledger."""

    registry: str
    desired: DesiredSubject
    latest: LiveVersion | None
    entry: AppliedSubject | None


def find_standing(
    contact: Contact, is_same: bool, is_as_applied: Callable[[LiveVersion, AppliedSubject], bool]
) -> Standing:
    """Tell where a subject stands.

    Args:
        is_same: whether the latest version is as desired.
        is_as_applied: whether a latest version is an entry's; asked only where it matters.
    """
    latest = contact.latest
    # An entry without a version is of a mode only.
    entry = contact.entry if contact.entry and contact.entry.version is not None else None
    if latest is None:
        # An orphan was meant to go; that it is gone is no surprise.
        return Standing.VANISHED if entry and not entry.is_orphan else Standing.NEW
    if is_same:
        return Standing.UNCHANGED
    if entry is None:
        return Standing.FOREIGN
    return Standing.PENDING if is_as_applied(latest, entry) else Standing.DRIFTED


def respond(standing: Standing, contact: Contact, rules: Rules) -> Response:
    """Decide what a standing leads to under an environment's rules."""
    return _RESPONSES[standing](contact, rules)


def describe_entry(entry: AppliedSubject) -> str:
    """What was applied last, and from where: ``version 2 of commit 1a2b3c4d5e6f (schemas/order.avsc)``."""
    commit = f" of commit {entry.commit[:12]}" if entry.commit else ""
    return f"version {entry.version}{commit} ({entry.location.file})"


def _unchanged(contact: Contact, rules: Rules) -> Response:
    return Response(False)


def _pending(contact: Contact, rules: Rules) -> Response:
    return Response(True)


def _foreign(contact: Contact, rules: Rules) -> Response:
    assert contact.latest is not None  # whoever is foreign is live
    version = contact.latest.version
    if rules.takes_over(contact.desired.name):
        return Response(True, reason=f"it is taken over: version {version} is not what is declared")
    name = quote(contact.desired.name)
    finding = _error(
        contact,
        "ADOPT_CONFLICT",
        f"the registry holds this subject already, and its version {version} is not what is declared; schemafed has"
        " never applied it",
        f"take what is live with `schemafed import --registry {contact.registry} --subject {name} --overwrite`, or let"
        f" Git win with `--take-over {name}`",
    )
    return Response(True, (finding,))


def _drifted(contact: Contact, rules: Rules) -> Response:
    assert contact.latest is not None and contact.entry is not None  # whoever drifted is live and was applied
    what = f"{describe_entry(contact.entry)} was applied last, and version {contact.latest.version} is live"
    if rules.on_schema_drift is OnDrift.OVERWRITE:
        return Response(True, reason=f"it overwrites drift: {what}")
    if rules.on_schema_drift is OnDrift.KEEP:
        message = f"someone else changed it, and that is kept: {what}"
        kept = make_finding("DRIFT_KEPT", Severity.INFO, contact.registry, contact.desired, message)
        return Response(False, (kept,))
    finding = _error(
        contact,
        "DRIFTED",
        f"someone else changed it since schemafed did: {what}",
        f"bring the change into Git (`schemafed drift{rules.option} --write`), or let Git win with `on_drift: {{schema:"
        " overwrite}`",
    )
    return Response(True, (finding,))


def _vanished(contact: Contact, rules: Rules) -> Response:
    assert contact.entry is not None  # whoever vanished was applied
    what = f"{describe_entry(contact.entry)} was applied"
    if rules.recreates(contact.desired.name):
        return Response(True, reason=f"it is created again: {what}, and the registry does not have it any more")
    finding = _error(
        contact,
        "VANISHED",
        f"{what}, and the registry does not have the subject any more",
        f"find out who deleted it; `--recreate {quote(contact.desired.name)}` creates it again, and removing its file"
        " forgets it",
    )
    return Response(False, (finding,))


def _error(contact: Contact, code: str, message: str, fix: str) -> Finding:
    return make_finding(code, Severity.ERROR, contact.registry, contact.desired, message, fix)


_RESPONSES: Mapping[Standing, Callable[[Contact, Rules], Response]] = {
    Standing.UNCHANGED: _unchanged,
    Standing.NEW: _pending,
    Standing.PENDING: _pending,
    Standing.FOREIGN: _foreign,
    Standing.DRIFTED: _drifted,
    Standing.VANISHED: _vanished,
}
