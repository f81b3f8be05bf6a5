"""Settings beside the mode, where a registry has any: set, read, taken away, and kept from each other."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reconciler.errors import RejectedError
from reconciler.model import Mode, SettingValue
from reconciler.registry import SchemaRegistry, Setting, SettingsKeeper
from tests.contract.samples import AB, A

Name = Callable[[str], str]
_OBJECTS: dict[str, SettingValue] = {
    "default_metadata": {"properties": {"owner": "payments"}},
    "override_metadata": {"properties": {"team": "a"}},
    "default_rules": {
        "domainRules": [{"name": "r", "kind": "CONDITION", "mode": "WRITE", "type": "CEL", "expr": "true"}]
    },
    "override_rules": {
        "domainRules": [{"name": "r", "kind": "CONDITION", "mode": "WRITE", "type": "CEL", "expr": "true"}]
    },
}


def keeper(registry: SchemaRegistry) -> SettingsKeeper:
    if not isinstance(registry, SettingsKeeper) or not registry.capabilities.settings:
        pytest.skip("settings: not among its capabilities")
    return registry


def sample(name: str, kind: Setting) -> SettingValue:
    """A value that a setting can have, and that lets the test go on."""
    if kind.type is bool:
        return True
    if kind.type is dict:
        return _OBJECTS.get(name, {"team": next(iter(kind.values), "payments")})
    if name == "checkpoint":
        return "1"
    return next((value for value in kind.values if value not in kind.closing), "contract")


def closing(registry: SchemaRegistry) -> tuple[str, str]:
    """A setting, and its value, that keeps versions out."""
    found = ((n, min(kind.closing)) for n, kind in registry.capabilities.settings.items() if kind.closing)
    return next(found, None) or pytest.skip("closing a subject: not among its settings")


def test_every_setting_is_stored_read_and_taken_away(registry: SchemaRegistry, name: Name) -> None:
    store, subject = keeper(registry), name("s")
    registry.register_schema(subject, A)

    for setting, kind in registry.capabilities.settings.items():
        value = sample(setting, kind)
        for _ in range(2):
            store.set_settings(subject, {setting: value})
        assert store.read_settings([subject])[subject][setting] == value

        if kind.can_reset:
            for _ in range(2):
                store.set_settings(subject, {setting: None})
            assert setting not in store.read_settings([subject])[subject]


def test_a_setting_that_is_taken_away_leaves_the_mode_and_the_others(registry: SchemaRegistry, name: Name) -> None:
    store, subject = keeper(registry), name("s")
    registry.register_schema(subject, A)
    chosen = {n: sample(n, k) for n, k in list(registry.capabilities.settings.items())[:3] if k.can_reset}
    registry.set_compatibility(subject, Mode.FULL)
    store.set_settings(subject, chosen)

    gone = next(iter(chosen))
    store.set_settings(subject, {gone: None})

    assert registry.read_state([subject]).subjects[subject].mode is Mode.FULL
    left = store.read_settings([subject])[subject]
    assert gone not in left
    assert left.items() >= {n: v for n, v in chosen.items() if n != gone}.items()


def test_a_mode_that_is_taken_away_leaves_the_settings(registry: SchemaRegistry, name: Name) -> None:
    store, subject = keeper(registry), name("s")
    if not registry.capabilities.resets_modes:
        pytest.skip("taking a mode away: not among its capabilities")
    registry.register_schema(subject, A)
    chosen = {n: sample(n, k) for n, k in list(registry.capabilities.settings.items())[:3]}
    store.set_settings(subject, chosen)
    registry.set_compatibility(subject, Mode.FULL)

    registry.reset_compatibility(subject)

    assert store.read_settings([subject])[subject] == chosen


def test_a_closed_subject_takes_nothing_until_it_is_opened(registry: SchemaRegistry, name: Name) -> None:
    store, subject = keeper(registry), name("s")
    setting, value = closing(registry)
    registry.register_schema(subject, A)

    store.set_settings(subject, {setting: value})
    with pytest.raises(RejectedError):
        registry.register_schema(subject, AB)

    store.set_settings(subject, {setting: sample(setting, registry.capabilities.settings[setting])})
    assert registry.register_schema(subject, AB).version > 0
    assert registry.read_state([subject]).subjects[subject].latest == registry.read_history(subject)[-1]


def test_a_subject_that_is_not_there_has_no_settings(registry: SchemaRegistry, name: Name) -> None:
    store, subject = keeper(registry), name("absent")

    assert store.read_settings([subject]) == {subject: {}}


def test_settings_of_many_are_read_together(registry: SchemaRegistry, name: Name) -> None:
    store = keeper(registry)
    subjects = [name(f"s{number}") for number in range(5)]
    setting, kind = next((n, k) for n, k in registry.capabilities.settings.items() if k.can_reset)
    for subject in subjects:
        registry.register_schema(subject, A)
    store.set_settings(subjects[1], {setting: sample(setting, kind)})

    found = store.read_settings([*subjects, None])

    assert set(found) == {*subjects, None}
    assert [s for s in subjects if setting in found[s]] == [subjects[1]]
