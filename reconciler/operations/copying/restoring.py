"""Giving back what a copy changed for a while."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.model import Mode
from reconciler.operations.copying.journal import Before
from reconciler.registry import SchemaRegistry, SettingsKeeper


def restore_left(registry: SchemaRegistry, left: Mapping[str, Before]) -> tuple[str, ...]:
    """Give back what an earlier copy left, where the subject still has it.

    Returns:
        the subjects that got something back.
    """
    importing = registry.capabilities.importing
    modes = registry.read_state(list(left), modes_of=list(left)).subjects
    settings = registry.read_settings(list(left)) if importing and isinstance(registry, SettingsKeeper) else {}
    restored = []
    for name, before in left.items():
        own = modes[name].mode if name in modes else None
        is_loose = before.is_loosened and own is Mode.NONE and before.mode is not Mode.NONE
        held = settings.get(name, {}).get(importing.setting) if importing else None
        is_open = importing is not None and before.is_importing and held == importing.value != before.setting
        if is_loose or is_open:
            restore(registry, name, Before(before.mode, before.setting, is_loose, is_open))
            restored.append(name)
    return tuple(restored)


def restore(registry: SchemaRegistry, subject: str, before: Before) -> None:
    """Give a subject back what it had: first what lets others write again, then its mode."""
    importing = registry.capabilities.importing
    if before.is_importing and importing and isinstance(registry, SettingsKeeper):
        registry.set_settings(subject, {importing.setting: before.setting})
    if before.is_loosened:
        set_mode(registry, subject, before.mode)


def set_mode(registry: SchemaRegistry, subject: str, mode: Mode | None) -> None:
    """Give a subject a mode of its own, or with None let it inherit."""
    if mode is not None:
        registry.set_compatibility(subject, mode)
    elif registry.capabilities.resets_modes:
        registry.reset_compatibility(subject)
