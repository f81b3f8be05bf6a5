"""``schemafed init``: what it writes works as it is, and nothing that exists is ever changed."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from reconciler.cli import run
from reconciler.operations.init import KINDS, load_template
from tests.contract.targets.pulsar import RawPulsar
from tests.doubles.confluent import ConfluentDouble
from tests.raw_registry import RawReference, RawRegistry
from tests.repositories import commit_all, run_git
from tests.servers.pulsar import PulsarServer

SCHEMAS = {"schemafed.yaml": "schemafed", "defaults.yaml": "defaults"}
"""The published JSON Schema of a YAML file by its name; any other is a sidecar."""


def files_below(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() and ".git" not in p.parts}


def commit(root: Path) -> None:
    commit_all(root, "Start")


@pytest.mark.parametrize("kind", KINDS)
def test_a_fresh_folder_gets_every_file_and_a_git_repository(kind: str, tmp_path: Path, capsys: Any) -> None:
    root = tmp_path / "schemas"

    assert run(["init", str(root), "--kind", kind]) == 0

    assert files_below(root) == set(load_template(kind))
    assert run_git(root, "symbolic-ref", "--short", "HEAD") == "main\n"
    report = capsys.readouterr().out
    assert f"Started a repository of schemas in {root}: {len(load_template(kind))} files." in report
    assert f"  cd {root}\n" in report


@pytest.mark.parametrize("kind", KINDS)
def test_the_template_is_valid(kind: str, tmp_path: Path) -> None:
    run(["init", str(tmp_path), "--kind", kind])

    assert run(["validate", "-C", str(tmp_path)]) == 0


def test_the_template_plans_and_applies_on_its_first_push(tmp_path: Path, capsys: Any) -> None:
    run(["init", str(tmp_path)])
    commit(tmp_path)

    assert run(["plan", "-C", str(tmp_path), "--detailed-exitcode"]) == 2
    assert run(["apply", "-C", str(tmp_path), "--yes"]) == 0
    capsys.readouterr()
    assert run(["plan", "-C", str(tmp_path), "--detailed-exitcode"]) == 0
    assert "Nothing to do." in capsys.readouterr().out
    assert run_git(tmp_path, "status", "--porcelain") == ""


def test_the_template_for_a_confluent_registry_applies_too(
    confluent: ConfluentDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(["init", str(tmp_path), "--kind", "confluent"])
    commit(tmp_path)
    monkeypatch.setenv("SCHEMA_REGISTRY_URL", confluent.url)

    assert run(["apply", "-C", str(tmp_path), "--yes"]) == 0

    live = RawRegistry(confluent.url).read_state()
    assert {name: subject.compatibility for name, subject in live.items()} == {
        "address": None,
        "customer-registered-value": None,
        "money": None,
        "parcel": None,
        "parcel-shipped-value": None,
        "payment-received-value": "FULL_TRANSITIVE",
        "payment-refunded-value": "BACKWARD_TRANSITIVE",
    }
    assert live["parcel-shipped-value"].latest.references == (RawReference("shipping/parcel.proto", "parcel", 1),)
    assert run(["plan", "-C", str(tmp_path), "--detailed-exitcode"]) == 0


@pytest.mark.server
@pytest.mark.xdist_group("contract-pulsar")
def test_the_template_for_pulsar_applies_too(
    pulsar: PulsarServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = RawPulsar(pulsar.url, f"init/{uuid.uuid4().hex[:10]}")
    raw.make_namespace()
    run(["init", str(tmp_path), "--kind", "pulsar"])
    commit(tmp_path)
    monkeypatch.setenv("PULSAR_URL", pulsar.url)
    monkeypatch.setenv("PULSAR_NAMESPACE", raw.namespace)

    assert run(["apply", "-C", str(tmp_path), "--yes"]) == 0

    topics = ("customer-registered-value", "parcel-shipped-value", "payment-received-value", "payment-refunded-value")
    assert [len(raw.read_rows(topic)) for topic in topics] == [1, 1, 1, 1]
    assert raw.read_compatibility("payment-received-value") == "FULL_TRANSITIVE"
    assert run(["plan", "-C", str(tmp_path), "--detailed-exitcode"]) == 0


def test_files_that_exist_are_listed_and_nothing_is_written(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "README.md").write_text("ours", encoding="utf-8")
    (tmp_path / "schemafed.yaml").write_text("version: 1", encoding="utf-8")

    assert run(["init", str(tmp_path)]) == 1

    assert files_below(tmp_path) == {"README.md", "schemafed.yaml"}
    error = capsys.readouterr().err
    assert "README.md, schemafed.yaml; nothing was written" in error
    assert "--keep" in error


def test_keep_writes_the_others(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "README.md").write_text("ours", encoding="utf-8")

    assert run(["init", str(tmp_path), "--keep"]) == 0

    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "ours"
    assert files_below(tmp_path) == set(load_template("local"))
    assert "README.md  kept as it is" in capsys.readouterr().out


def test_a_file_where_a_folder_would_be_is_in_the_way(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "schemas").write_text("a file", encoding="utf-8")

    assert run(["init", str(tmp_path)]) == 1

    assert files_below(tmp_path) == {"schemas"}
    assert "schemas/defaults.yaml" in capsys.readouterr().err


def test_a_repository_that_exists_stays_the_only_one(tmp_path: Path, capsys: Any) -> None:
    run_git(tmp_path, "init", "--quiet", "--initial-branch", "trunk")
    root = tmp_path / "schemas"

    assert run(["init", str(root)]) == 0

    assert not (root / ".git").exists()
    assert "in a Git repository already" in capsys.readouterr().out


def test_a_folder_with_other_files_gets_no_git_repository_unasked(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "notes.txt").write_text("ours", encoding="utf-8")

    assert run(["init", str(tmp_path)]) == 0

    assert not (tmp_path / ".git").exists()
    assert "  git init -b main\n" in capsys.readouterr().out


def test_an_unknown_kind_is_a_usage_error(tmp_path: Path, capsys: Any) -> None:
    assert run(["init", str(tmp_path), "--kind", "confluence"]) == 1
    assert "'confluence' is not one of 'local', 'confluent', 'pulsar'" in capsys.readouterr().err


@pytest.mark.parametrize("kind", KINDS)
def test_editors_find_nothing_wrong_with_the_templates_yaml(kind: str) -> None:
    files = load_template(kind)
    ours = {n: t for n, t in files.items() if n.endswith(".yaml") and not n.startswith((".github/", ".pre-commit"))}

    assert len(ours) == 4
    for name, text in ours.items():
        schema = json.loads(files[f".schemafed/schemas/{SCHEMAS.get(Path(name).name, 'sidecar')}.json"])
        jsonschema.Draft202012Validator(schema).validate(yaml.safe_load(text))


def test_editors_are_told_the_right_schema_for_each_yaml_file() -> None:
    files = load_template("local")
    bound = json.loads(files[".vscode/settings.json"])["yaml.schemas"]
    modelines = {
        name: line[1]
        for name, text in files.items()
        if (line := re.match(r"# yaml-language-server: \$schema=(\S+)\n", text))
    }

    assert {Path(schema).as_posix() for schema in bound} <= set(files)
    assert set(modelines) == {n for n in files if n.endswith(".yaml") and not n.startswith((".github/", ".pre-commit"))}
    for name, schema in modelines.items():
        depth = name.count("/")
        expected = SCHEMAS.get(Path(name).name, "sidecar")
        assert schema == f"{'../' * depth}.schemafed/schemas/{expected}.json"


@pytest.mark.parametrize("kind", KINDS)
def test_the_workflows_may_do_what_they_need_and_use_actions_of_a_major_version(kind: str) -> None:
    folder = ".github/workflows/"
    texts = {name.removeprefix(folder): t for name, t in load_template(kind).items() if name.startswith(folder)}
    workflows = {name: yaml.safe_load(text) for name, text in texts.items()}
    run = workflows.pop("schemafed.yaml")
    jobs = {name: job for workflow in workflows.values() for name, job in workflow["jobs"].items()}

    assert {name: job["with"]["command"] for name, job in jobs.items()} == {name: name for name in jobs}
    assert set(jobs) == {"check", "plan", "apply", "drift", "rollback"}
    assert {job["uses"] for job in jobs.values()} == {"./.github/workflows/schemafed.yaml"}
    assert all(workflow["permissions"] == {"contents": "read"} for workflow in workflows.values())
    assert {name for name, job in jobs.items() if job["permissions"]["contents"] == "write"} == {"apply", "rollback"}
    assert {name for name, job in jobs.items() if "gate" in job["with"]} == {"apply", "rollback"}
    assert "secrets" not in jobs["check"]
    assert set(re.findall(r"uses: (\S+@\S+)", texts["schemafed.yaml"])) == {
        "actions/checkout@v5",
        "schemafed/schemafed@v0",
    }
    assert run["jobs"]["run"]["steps"][0]["with"]["fetch-depth"] == 0
