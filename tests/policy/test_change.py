"""Rules in `check`: what a change brings, what was there before, and by whose rules it is judged."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from reconciler.operations.check import check
from reconciler.operations.checking.values import Checked

SETTINGS = "version: 1\npolicies:\n  - use: naming\n    rules: {NAMING_FIELD_CASE: error}\n"


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def commit(root: Path) -> None:
    git = ("git", "-c", "user.name=A", "-c", "user.email=a@example.com")
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=root, check=True)
    subprocess.run([*git, "add", "."], cwd=root, check=True)
    subprocess.run([*git, "commit", "-qm", "base"], cwd=root, check=True)


def record(*fields: str) -> str:
    listed = ",\n    ".join(f'{{"name": "{name}", "type": "string", "default": ""}}' for name in fields)
    return f'{{"type": "record", "name": "Order", "namespace": "acme", "fields": [\n    {listed}]}}'


def codes(checked: Checked) -> list[str]:
    return [finding.code for finding in checked.findings]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    write(tmp_path, {"schemafed.yaml": SETTINGS, "schemas/order.avsc": record("placedAt", "id")})
    commit(tmp_path)
    return tmp_path


def test_only_what_a_change_brings_blocks(repository: Path) -> None:
    write(repository, {"schemas/order.avsc": record("placedAt", "id", "shippedAt")})

    checked = check(repository, revision="main")

    assert [(f.code, f.path, str(f.location)) for f in checked.findings] == [
        ("NAMING_FIELD_CASE", "/fields/2", "schemas/order.avsc:4:5")
    ]
    assert [(f.code, f.path) for f in checked.known] == [("NAMING_FIELD_CASE", "/fields/0")]


def test_a_change_is_judged_by_the_rules_of_its_base(repository: Path) -> None:
    write(repository, {"schemas/order.avsc": record("placedAt", "id", "shippedAt"), "schemafed.yaml": "version: 1\n"})

    checked = check(repository, revision="main")

    assert codes(checked) == ["POLICY_CHANGED", "NAMING_FIELD_CASE"]
    assert not checked.is_passed


def test_rules_that_a_change_switches_on_do_not_judge_it_yet(tmp_path: Path) -> None:
    write(tmp_path, {"schemafed.yaml": "version: 1\n", "schemas/order.avsc": record("placedAt")})
    commit(tmp_path)
    write(tmp_path, {"schemafed.yaml": SETTINGS, "schemas/order.avsc": record("placedAt", "shippedAt")})

    checked = check(tmp_path, revision="main")

    assert codes(checked) == ["POLICY_CHANGED"]
    assert checked.is_passed


def test_a_folder_cannot_switch_a_rule_off_for_the_change_that_breaks_it(repository: Path) -> None:
    off = "policies: {naming: {severity: 'off'}}\n"
    write(repository, {"schemas/order.avsc": record("placedAt", "shippedAt", "id"), "schemas/defaults.yaml": off})

    checked = check(repository, revision="main")

    assert codes(checked) == ["POLICY_CHANGED", "NAMING_FIELD_CASE"]


def test_a_broken_file_of_rules_is_told_though_the_base_judges(repository: Path) -> None:
    rules = (
        "version: 1\npack: ours\ndescription: Ours.\nrules:\n"
        "  - {code: OURS, title: t, severity: info, scope: field, assert: feld.name != '', message: m}\n"
    )
    write(repository, {"schemafed.yaml": SETTINGS + "  - path: rules/*.yaml\n", "rules/ours.yaml": rules})

    checked = check(repository, revision="main")

    assert [(f.code, str(f.location)) for f in checked.findings if f.blocks] == [
        ("POLICY_INVALID", "rules/ours.yaml:5:66")
    ]


def test_a_change_of_registries_is_a_finding_of_its_own(repository: Path) -> None:
    write(repository, {"schemafed.yaml": SETTINGS + "registries: {laptop: {kind: local, path: a.db}}\n"})

    checked = check(repository, revision="main")

    assert codes(checked) == ["REGISTRIES_CHANGED"]


def test_a_waiver_leads_a_finding_of_a_rule_through(repository: Path) -> None:
    waiver = "{code: NAMING_FIELD_CASE, path: /fields/2, reason: old, approver: ann, until: 2099-01-01}"
    write(
        repository,
        {
            "schemas/order.avsc": record("placedAt", "id", "shippedAt"),
            "schemas/order.meta.yaml": f"waivers: [{waiver}]\n",
        },
    )

    checked = check(repository, revision="main")

    assert codes(checked) == ["WAIVED", "WAIVER_UNCONFIRMED"]
    assert checked.findings[0].message == (
        "NAMING_FIELD_CASE: field `shippedAt` is not written in snake case; ann lets it through until 2099-01-01: old"
    )
    assert checked.is_passed
