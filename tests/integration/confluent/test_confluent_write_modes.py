"""Every write mode and every setting that can be declared, as another client finds it in the registry."""

from __future__ import annotations

import pytest

from adapters.confluent.settings import REGISTRY_SETTINGS, SUBJECT_SETTINGS, WRITE_MODE
from reconciler.model import SettingValue
from tests.doubles.confluent import ConfluentDouble
from tests.integration.confluent.confluent_samples import open_registry, record
from tests.raw_registry import RawRegistry

RULES = {"domainRules": [{"name": "r", "kind": "CONDITION", "mode": "WRITE", "type": "CEL", "expr": "true"}]}
VALUES: dict[str, tuple[str, SettingValue]] = {
    "alias": ("alias", "orders-value"),
    "normalize": ("normalize", True),
    "compatibility_group": ("compatibilityGroup", "major"),
    "compatibility_policy": ("compatibilityPolicy", "LENIENT"),
    "validate_fields": ("validateFields", True),
    "validate_rules": ("validateRules", False),
    "default_metadata": ("defaultMetadata", {"properties": {"owner": "payments"}}),
    "override_metadata": ("overrideMetadata", {"properties": {"team": "a"}}),
    "default_rules": ("defaultRuleSet", RULES),
    "override_rules": ("overrideRuleSet", RULES),
}
"""By our name, the interface's field and a value."""
REFUSED = {"READONLY": 42205, "READONLY_OVERRIDE": 42205, "IMPORT": 42205, "READWRITE": None, "FORWARD": None}
"""By write mode, the code with which a schema without an id is refused; the double takes one in FORWARD."""
SUBJECT = ":.team:a/b"
PATHS = {SUBJECT: "/%3A.team%3Aa%2Fb", None: ""}


def test_nothing_that_can_be_declared_is_left_out() -> None:
    assert set(WRITE_MODE.values) == set(REFUSED)
    assert set(SUBJECT_SETTINGS) == {"write_mode", *VALUES}
    assert set(REGISTRY_SETTINGS) == {"write_mode", *VALUES} - {"alias"}


@pytest.mark.parametrize("subject", [SUBJECT, None])
@pytest.mark.parametrize("mode", REFUSED)
def test_a_write_mode_is_set_kept_to_and_taken_away(confluent: ConfluentDouble, subject: str | None, mode: str) -> None:
    registry, raw = open_registry(confluent.url), RawRegistry(confluent.url)
    path = f"/mode{PATHS[subject]}"

    registry.set_settings(subject, {"write_mode": mode})

    assert raw.send("GET", path).body == {"mode": mode}
    answer = raw.send("POST", f"/subjects{PATHS[SUBJECT]}/versions", {"schema": record()})
    assert (answer.body.get("error_code") if answer.status != 200 else None) == REFUSED[mode]

    registry.set_settings(subject, {"write_mode": None})

    left = raw.send("GET", path)
    assert left.body == {"mode": "READWRITE"} if subject is None else left.status == 404


@pytest.mark.parametrize("name", sorted(REGISTRY_SETTINGS.keys() - {"write_mode"}))
def test_a_setting_of_the_registry_is_set_and_taken_away(confluent: ConfluentDouble, name: str) -> None:
    registry, raw = open_registry(confluent.url), RawRegistry(confluent.url)
    field, value = VALUES[name]
    confluent.set_compatibility("", "FULL")

    registry.set_settings(None, {name: value})

    assert raw.send("GET", "/config").body == {"compatibilityLevel": "FULL", field: value}

    registry.set_settings(None, {name: None})

    left = raw.send("GET", "/config").body
    assert (left["compatibilityLevel"], left.get(field)) == ("FULL", None)


@pytest.mark.parametrize("name", sorted(SUBJECT_SETTINGS.keys() - {"write_mode"}))
def test_a_setting_of_a_subject_is_set_and_taken_away(confluent: ConfluentDouble, name: str) -> None:
    registry, raw = open_registry(confluent.url), RawRegistry(confluent.url)
    field, value = VALUES[name]
    confluent.set_compatibility(SUBJECT, "FULL")

    registry.set_settings(SUBJECT, {name: value})

    path = f"/config{PATHS[SUBJECT]}"
    assert raw.send("GET", path).body == {"compatibilityLevel": "FULL", field: value}

    registry.set_settings(SUBJECT, {name: None})

    left = raw.send("GET", path).body
    assert (left["compatibilityLevel"], left.get(field)) == ("FULL", None)
