"""What becomes of settings beside the mode: set as declared, taken away where their line is gone, or left alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from reconciler.model import Finding, Location, OnDrift, SetSettings, SettingValue, Severity, Source
from reconciler.planner.rules import Rules
from reconciler.registry import Setting

if TYPE_CHECKING:
    from reconciler.planner.comparison import ComparedSubject, Comparison
    from reconciler.planner.sides import Live

Values = Mapping[str, SettingValue]
_Wanted = dict[str, SettingValue | None]


@dataclass(frozen=True, slots=True)
class Declared:
    """The settings that Git declares for one subject, or with ``subject`` None for a registry itself."""

    registry: str
    subject: str | None
    values: Values
    location: Location
    owner: str | None = None

    @property
    def thing(self) -> str:
        """What they are of, for messages."""
        return "the registry" if self.subject is None else "the subject"


@dataclass(frozen=True, slots=True)
class SettingsPlan:
    """The changes of settings, and what there is to say.

    ``before`` is set before a version is registered, ``after`` last: what keeps versions out, or can only be set where
    there is one. ``ours`` is what the ledger keeps as set by us as long as the changes are not made, ``meanwhile`` what
    holds when a version is registered. ``is_drifted``: someone else changed ours.
    """

    before: tuple[SetSettings, ...] = ()
    after: tuple[SetSettings, ...] = ()
    findings: tuple[Finding, ...] = ()
    ours: Values = field(default_factory=dict)
    meanwhile: Values = field(default_factory=dict)
    is_drifted: bool = False

    @property
    def is_changed(self) -> bool:
        """Whether anything is set."""
        return bool(self.before or self.after)


NO_SETTINGS = SettingsPlan()


def plan_settings(
    declared: Declared,
    live: Values,
    ours: Values,
    kinds: Mapping[str, Setting],
    rules: Rules,
    *,
    is_new: bool = False,
    gets_version: bool = False,
) -> SettingsPlan:
    """Plan the settings of one subject or registry, three ways: what is declared, what is live, and what we had set.

    Args:
        kinds: the settings that the registry has for such a thing, by name.
        is_new: whether the subject has no version yet.
        gets_version: whether it gets a version by the same plan, which is without what was set on the one before.
    """
    if gets_version:
        live, ours = (
            {name: value for name, value in values.items() if name not in kinds or not kinds[name].of_version}
            for values in (live, ours)
        )
    if not declared.values and not ours:
        return SettingsPlan(meanwhile=live)
    findings = tuple(_check(declared, kinds))
    usable = {name: value for name, value in declared.values.items() if name in kinds and kinds[name].accepts(value)}
    steps = [_decide_declared(declared, name, value, live, ours, rules.on_mode_drift) for name, value in usable.items()]
    gone = [name for name in ours if name in kinds and name not in declared.values]
    steps += [_decide_undeclared(declared, name, live, ours, kinds[name]) for name in gone]
    wanted: _Wanted = {step.name: step.value for step in steps if step.is_set}
    last = {n for n, v in wanted.items() if kinds[n].closes(v) or _needs_version(kinds[n], is_new, gets_version)}
    opening = {name: value for name, value in wanted.items() if name not in last}
    closing = {name: value for name, value in wanted.items() if name in last}
    drifted = [step.name for step in steps if step.is_drifted]
    return SettingsPlan(
        before=_make_change(declared, opening, live, drifted),
        after=_make_change(declared, closing, live, drifted),
        findings=(*findings, *(step.finding for step in steps if step.finding)),
        ours={step.name: step.ours for step in steps if step.ours is not None},
        meanwhile=_overlay(live, opening),
        is_drifted=bool(drifted),
    )


def _needs_version(kind: Setting, is_new: bool, gets_version: bool) -> bool:
    """Whether a setting must wait for the version that the plan registers."""
    return (is_new and kind.needs_subject) or (gets_version and kind.of_version)


class _Step(NamedTuple):
    """What becomes of one setting; ``ours`` is what stays recorded as set by us as long as nothing is changed."""

    name: str
    ours: SettingValue | None
    is_set: bool = False
    value: SettingValue | None = None
    finding: Finding | None = None
    is_drifted: bool = False


def _decide_declared(
    declared: Declared, name: str, value: SettingValue, live: Values, ours: Values, rule: OnDrift
) -> _Step:
    known = _without_emptiness(ours.get(name))
    if _without_emptiness(value) == live.get(name):
        return _Step(name, _without_emptiness(value))
    if known is None or known == live.get(name):
        return _Step(name, known, is_set=True, value=value)
    what = f"schemafed had set `{name}` to {known}, and someone else made it {live.get(name, 'unset')}"
    if rule is OnDrift.KEEP:
        kept = _find(declared, "SETTING_DRIFT_KEPT", Severity.INFO, f"{what}; that is kept")
        return _Step(name, known, finding=kept, is_drifted=True)
    fix = "declare the value that is meant, or let Git win with `on_drift: {mode: overwrite}`"
    blocked = _find(declared, "SETTING_DRIFTED", Severity.ERROR, what, fix) if rule is OnDrift.BLOCK else None
    return _Step(name, known, True, value, blocked, is_drifted=True)


def _without_emptiness(value: SettingValue | None) -> SettingValue | None:
    """None in place of an empty text or object: a registry that has such a thing tells of nothing."""
    return None if value in ("", {}) else value


def _decide_undeclared(declared: Declared, name: str, live: Values, ours: Values, kind: Setting) -> _Step:
    """No value is declared any more: one that we had set is taken away, any other is left alone."""
    if name not in live:
        return _Step(name, None)
    if live[name] == ours[name] and kind.can_reset:
        return _Step(name, ours[name], is_set=True)
    why = (
        f"this registry cannot take it away, so {live[name]} stays"
        if live[name] == ours[name]
        else f"{live[name]} is not what schemafed had set ({ours[name]}): it is left alone"
    )
    left = _find(declared, "SETTING_LEFT", Severity.INFO, f"`{name}` is not declared any more; {why}")
    return _Step(name, None if kind.can_reset else ours[name], finding=left)


def plan_subject_settings(subject: ComparedSubject, comparison: Comparison, live: Live) -> SettingsPlan:
    """Plan the settings of one declared subject."""
    wanted = subject.desired
    location = wanted.settings_location or wanted.location
    declared = Declared(comparison.desired.registry, wanted.name, wanted.settings, location, wanted.owner)
    own = (subject.live.settings if subject.live else None) or {}
    # Those of a subject that somebody deleted are gone with it.
    ours = subject.entry.settings if subject.entry and subject.live else {}
    kinds, is_new = live.capabilities.settings, subject.latest is None
    return plan_settings(
        declared, own, ours, kinds, comparison.desired.rules, is_new=is_new, gets_version=subject.is_changed
    )


def find_closed(
    own: Values, of_registry: Values, kinds: Mapping[str, Setting], registry_kinds: Mapping[str, Setting]
) -> str | None:
    """The setting, as ``name VALUE``, under which a subject takes no version and no change; None where there is none.

    Args:
        own: the subject's settings.
        of_registry: those of the registry, which a subject without its own has.
    """
    for name, kind in kinds.items():
        above = registry_kinds.get(name, kind)
        general = of_registry.get(name)
        value = general if general in above.overriding else own.get(name, general)
        if kind.closes(value) or above.closes(value):
            return f"{name} {value}"
    return None


def _check(declared: Declared, kinds: Mapping[str, Setting]) -> Iterator[Finding]:
    for name, value in declared.values.items():
        if name not in kinds:
            near = get_close_matches(name, kinds, n=1)
            meant = f"; did you mean `{near[0]}`?" if near else ""
            message = f"this registry has no setting `{name}` of {declared.thing}, so it changes nothing there{meant}"
            fix = f"it has {', '.join(sorted(kinds)) or 'none'}"
            yield _find(declared, "UNSUPPORTED_SETTING", Severity.WARNING, message, fix)
        elif not kinds[name].accepts(value):
            message = f"setting `{name}` cannot be `{value}`"
            yield _find(declared, "INVALID_SETTING", Severity.ERROR, message, f"it is {kinds[name].described}")


def _make_change(declared: Declared, wanted: _Wanted, live: Values, drifted: list[str]) -> tuple[SetSettings, ...]:
    if not wanted:
        return ()
    overwritten = [name for name in wanted if name in drifted]
    gone = [name for name, value in wanted.items() if value is None]
    told = [
        f"overwrites drift of {', '.join(overwritten)}" if overwritten else "",
        f"{', '.join(gone)} is not declared any more, and schemafed had set it" if gone else "",
    ]
    reason = "; ".join(part for part in told if part) or "declared"
    before = {name: live.get(name) for name in wanted}
    change = SetSettings(declared.registry, declared.subject, before, wanted, reason, declared.location, declared.owner)
    return (change,)


def _overlay(live: Values, wanted: _Wanted) -> Values:
    merged = {**live, **wanted}
    return {name: value for name, value in merged.items() if value is not None}


def _find(declared: Declared, code: str, severity: Severity, message: str, fix: str | None = None) -> Finding:
    return Finding(
        code,
        severity,
        Source.PLANNING,
        message,
        registry=declared.registry,
        subject=declared.subject,
        location=declared.location,
        fix=fix,
    )
