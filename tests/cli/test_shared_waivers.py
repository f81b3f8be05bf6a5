"""waivers.yaml: at the root and in folders, in check, plan and apply."""

from __future__ import annotations

import pytest

from tests.repositories import MakeRepository, Repository, record

CODE = "READER_FIELD_MISSING_DEFAULT_VALUE"


def waiver(**more: str) -> str:
    keys = {"code": CODE, "reason": "nobody reads it", "approver": "'@bob'", "until": "2999-01-01", **more}
    return "waivers:\n  - {" + ", ".join(f"{key}: {value}" for key, value in keys.items()) + "}\n"


@pytest.fixture
def repository(make_repository: MakeRepository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """Two subjects under BACKWARD, applied; and the break of one."""
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    made = make_repository()
    made.write("schemas/defaults.yaml", "compatibility: BACKWARD\n")
    made.write("schemas/pay/pay.avsc", record("Pay", "id"))
    made.write("schemas/other.avsc", record("Other", "id"))
    made.commit("Begin")
    assert made.run("apply", "--yes").exit_code == 0
    made.write("schemas/pay/pay.avsc", record("Pay", "id", "note"))
    return made


@pytest.mark.parametrize(
    ("file", "about"),
    [
        ("waivers.yaml", {"subject": "pay"}),
        ("waivers.yaml", {"subject": "'p*'"}),
        ("waivers.yaml", {"file": "schemas/pay/*.avsc"}),
        ("schemas/pay/waivers.yaml", {"subject": "'*'"}),
        ("schemas/pay/waivers.yaml", {"file": "pay.avsc", "path": "/fields/1"}),
    ],
)
def test_a_waiver_of_a_file_lets_a_break_through(repository: Repository, file: str, about: dict[str, str]) -> None:
    repository.write(file, waiver(**about))
    checked = repository.run("check", "--base", "HEAD")
    repository.commit("Break")

    applied = repository.run("apply", "--yes")

    assert checked.exit_code == 0, checked.text
    assert "@bob lets it through until 2999-01-01: nobody reads it" in " ".join(checked.out.split())
    assert applied.exit_code == 0, applied.text


@pytest.mark.parametrize(
    ("file", "about"),
    [
        ("waivers.yaml", {"subject": "other"}),
        ("waivers.yaml", {"subject": "pay", "file": "schemas/other.avsc"}),
        ("waivers.yaml", {"subject": "pay", "path": "/fields/7"}),
        ("waivers.yaml", {"subject": "pay", "until": "2020-01-01"}),
    ],
)
def test_a_waiver_of_something_else_lets_nothing_through(
    repository: Repository, file: str, about: dict[str, str]
) -> None:
    repository.write(file, waiver(**about))

    assert repository.run("check", "--base", "HEAD").exit_code == 3


def test_a_waiver_that_covers_no_subject_is_told(repository: Repository) -> None:
    repository.write("waivers.yaml", waiver(subject="gone"))

    done = repository.run("validate")

    assert "WAIVER_UNUSED" in done.text
    assert "covers no subject of this repository" in " ".join(done.text.split())
    assert "waivers.yaml:2:5" in done.text


def test_a_waiver_that_lets_nothing_through_is_told_once(repository: Repository) -> None:
    repository.write("schemas/pay/pay.avsc", record("Pay", "id"))
    repository.write("waivers.yaml", waiver(subject="'*'"))
    repository.commit("Waive")

    done = repository.run("plan")

    assert done.text.count("WAIVER_UNUSED") == 1
    assert "lets nothing through in this plan" in " ".join(done.text.split())


def test_an_expired_waiver_is_told(repository: Repository) -> None:
    repository.write("schemas/pay/pay.avsc", record("Pay", "id"))
    repository.write("waivers.yaml", waiver(subject="pay", until="2020-01-01"))
    repository.commit("Waive")

    assert "WAIVER_EXPIRED" in repository.run("plan").text


def test_a_waiver_that_is_staged_counts(repository: Repository) -> None:
    repository.write("waivers.yaml", waiver(subject="pay"))
    repository.git("add", "--all")
    repository.write("untracked.txt", "x")

    done = repository.run("check", "--staged")

    assert done.exit_code == 0, done.text


def test_a_waiver_about_nothing_is_refused(repository: Repository) -> None:
    repository.write("waivers.yaml", waiver())

    done = repository.run("validate")

    assert done.exit_code == 3
    assert "a waiver here needs `subject` or `file`" in done.text
