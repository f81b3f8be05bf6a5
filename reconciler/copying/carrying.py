"""Modes and settings: what each subject has in the end, and what cannot be carried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from reconciler.copying.findings import (
    make_closed,
    make_level_note,
    make_mode_lost,
    make_setting_lost,
)
from reconciler.copying.values import CopyRequest, Side, SubjectCopy
from reconciler.model import Finding, Mode, SettingValue
from reconciler.registry import Setting


def carry_mode(source: Side, target: Side, subject: SubjectCopy, keeps_ids: bool) -> tuple[SubjectCopy, list[Finding]]:
    """Say which mode a subject has in the end, and whether its history needs none meanwhile.

    An old history may not be compatible under the mode that its subject has now.
    """
    wanted, lost = _choose_mode(source, target, subject)
    before = target.find_mode(subject.target)
    is_loosened = not keeps_ids and _must_loosen(target, subject, before, wanted)
    if wanted is None and (before or is_loosened) and not target.capabilities.resets_modes:
        wanted = before or target.find_level(subject.target)
        text = f"it inherits in {source.name}, and a mode cannot be taken away there: it has {wanted}"
        lost.append(make_mode_lost(target.name, subject.target, text))
    # Some registries answer their own mode for a subject that has none, so that the two cannot be told apart.
    is_same = wanted is before or (wanted is None and before is target.find_level(subject.target))
    is_set = is_loosened or not is_same
    made = replace(subject, mode=wanted, mode_before=before, is_mode_set=is_set, is_loosened=is_loosened)
    return made, lost


def _choose_mode(source: Side, target: Side, subject: SubjectCopy) -> tuple[Mode | None, list[Finding]]:
    own = source.find_mode(subject.source)
    wanted = own if own is not None or target.capabilities.has_level else source.find_level(subject.source)
    if wanted is None or wanted in target.capabilities.modes:
        return wanted, []
    known = ", ".join(sorted(target.capabilities.modes)) or "none"
    lost = make_mode_lost(target.name, subject.target, f"its mode {wanted} is not known there", f"it knows {known}")
    return target.find_mode(subject.target), [lost]


def _must_loosen(target: Side, subject: SubjectCopy, before: Mode | None, wanted: Mode | None) -> bool:
    holds = before or target.find_level(subject.target)
    is_history = bool(subject.writes) and len(subject.writes) + len(subject.present) > 1
    can_return = target.capabilities.resets_modes or (holds or wanted) is not None
    return is_history and can_return and holds is not Mode.NONE and Mode.NONE in target.capabilities.modes


def carry_settings(
    source: Side, target: Side, subject: SubjectCopy, request: CopyRequest
) -> tuple[SubjectCopy, list[Finding]]:
    """Say which settings a subject gets, of those that the target keeps."""
    kinds = target.capabilities.settings
    # What belongs to a version is not there any more once the copy has written the next.
    present = {
        name: value
        for name, value in target.settings.get(subject.target, {}).items()
        if not (subject.writes and kinds[name].of_version)
    }
    wanted: dict[str, SettingValue] = {}
    lost: list[Finding] = []
    importing = source.capabilities.importing
    for name, value in source.settings.get(subject.source, {}).items():
        kind = kinds.get(name)
        if kind is None and _lets_in(source.capabilities.settings[name], value):
            continue
        if importing and (name, value) == (importing.setting, importing.value):
            reason = "which is for the time of an import"
        elif kind is None:
            reason = "which is not kept there"
        elif not kind.accepts(value):
            reason = f"which is not taken there; it can be {kind.described}"
        elif kind.names_subject and value not in request.names:
            reason = "which names a subject that is not copied"
        else:
            wanted[name] = request.names[str(value)] if kind.names_subject else value
            continue
        lost.append(make_setting_lost(target.name, subject.target, f"its setting {name} is {_short(value)}, {reason}"))
    changed = {name: value for name, value in wanted.items() if present.get(name) != value}
    return replace(subject, settings=changed), lost


def find_closed(target: Side, subject: SubjectCopy, keeps_ids: bool) -> Iterator[Finding]:
    """Tell what of the target's settings keeps anything from being written to a subject."""
    if not subject.is_changed:
        return
    own = target.settings.get(subject.target, {})
    for name, value in target.settings.get(None, {}).items():
        kind = target.capabilities.registry_settings[name]
        holds = value in kind.overriding if name in own else kind.closes(value)
        if holds:
            yield _make_closed(target, None, name, value)
    for name, value in own.items():
        if target.capabilities.settings[name].closes(value):
            yield _make_closed(target, subject.target, name, value)
    yield from _find_importing(target, subject, own, keeps_ids)


def _find_importing(
    target: Side, subject: SubjectCopy, own: Mapping[str, SettingValue], keeps_ids: bool
) -> Iterator[Finding]:
    importing = target.capabilities.importing
    if importing is None or keeps_ids or not subject.writes:
        return
    inherited = target.settings.get(None, {}).get(importing.setting)
    if own.get(importing.setting, inherited) == importing.value:
        owner = subject.target if importing.setting in own else None
        yield _make_closed(target, owner, importing.setting, importing.value)


def _make_closed(target: Side, subject: str | None, name: str, value: SettingValue) -> Finding:
    whose = "the subject's" if subject else "the registry's"
    message = f"{whose} {name} is {value}, under which this copy cannot write"
    return make_closed(target.name, subject, message, f"set {name} to what lets versions in, or choose others")


def find_other_levels(source: Side, target: Side, request: CopyRequest) -> Iterator[Finding]:
    """Tell what the registries themselves have, which is not copied: other subjects rest on it."""
    inheriting = [subject for subject in request.subjects if source.find_mode(subject) is None]
    if inheriting and target.capabilities.has_level and source.level is not target.level:
        who = f"{len(inheriting):,} subjects inherit" if len(inheriting) > 1 else f"{inheriting[0]} inherits"
        message = (
            f"{who} {source.level or 'no mode'} in {source.name}, and {target.level or 'no mode'} in {target.name}"
        )
        yield make_level_note(target.name, None, message, f"set {target.name}'s own mode, if it should be the same")
    ours, held = source.capabilities.registry_settings, target.settings.get(None, {})
    kept = target.capabilities.registry_settings.keys()
    own = source.settings.get(None, {}).items()
    other = sorted(n for n, v in own if held.get(n) != v and (n in kept or not _lets_in(ours[n], v)))
    if other:
        message = f"{source.name}'s own settings are not copied: {', '.join(other)}"
        yield make_setting_lost(target.name, None, message, "declare them by `settings` of the registry's entry")


def _lets_in(kind: Setting, value: SettingValue) -> bool:
    """Whether a setting that may keep versions out does not, so that nothing is lost without it."""
    return bool(kind.closing) and not kind.closes(value)


def _short(value: SettingValue) -> str:
    return value if isinstance(value, str) else "true" if value is True else "false" if value is False else "an object"
