"""``--report FORMAT=FILE`` and ``--output FORMAT``: what plan, apply and check write for others to read."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from reconciler.cli.reports import FORMATS
from reconciler.secrets.redaction import forget_all, remember
from tests.cli.test_check import offline
from tests.repositories import MakeRepository, Repository, record

__all__ = ["offline"]


@pytest.fixture
def planned(repository: Repository) -> Repository:
    """A repository with one subject that was never applied, and that its first commit does not have."""
    repository.commit("Begin")
    repository.write("schemas/orders.avsc", record("Order", "id"))
    repository.commit()
    return repository


def wanted(folder: Path) -> list[str]:
    return [part for name in FORMATS for part in ("--report", f"{name}={folder / 'reports' / f'r.{name}'}")]


@pytest.mark.parametrize("command", ["plan", "check", "apply"])
def test_several_reports_come_of_one_run(planned: Repository, tmp_path: Path, command: str) -> None:
    more = {"plan": [], "check": ["--base", "HEAD~1"], "apply": ["--yes"]}[command]

    done = planned.run(command, *wanted(tmp_path), *more)

    assert done.exit_code == 0, done.text
    written = {file.suffix[1:]: file.read_text(encoding="utf-8") for file in (tmp_path / "reports").iterdir()}
    assert sorted(written) == sorted(FORMATS)
    assert all("orders" in written[name] for name in ("markdown", "html", "csv", "junit"))
    assert json.loads(written["json"])["version"] == 1
    assert json.loads(written["sarif"])["version"] == "2.1.0"
    assert ElementTree.fromstring(written["junit"]).attrib["failures"] == "0"
    assert written["annotations"] == ""


@pytest.mark.parametrize("output", FORMATS)
def test_output_prints_what_report_writes(planned: Repository, tmp_path: Path, output: str) -> None:
    file = tmp_path / "report"

    done = planned.run("plan", "--output", output, "--report", f"{output}={file}")

    assert done.out == file.read_text(encoding="utf-8")


def test_an_apply_tells_what_became_of_each_change(planned: Repository, tmp_path: Path) -> None:
    file = tmp_path / "applied.json"

    planned.run("apply", "--yes", "--report", f"json={file}")

    document = json.loads(file.read_text(encoding="utf-8"))
    assert document["complete"]
    assert [(r["subject"], r["kind"], r["status"]) for r in document["results"]] == [
        ("orders", "register_schema", "applied")
    ]


def test_findings_of_a_check_are_annotations_on_their_line(offline: Repository, tmp_path: Path) -> None:
    offline.write("schemas/orders.avsc", record("Order", "id", "note"))

    done = offline.run("check", "--output", "annotations")

    assert done.exit_code == 3
    assert done.out.startswith("::error file=schemas/orders.avsc,line=10,col=")
    assert ",title=READER_FIELD_MISSING_DEFAULT_VALUE::" in done.out


def test_a_repository_within_the_work_tree_names_files_from_its_root(
    make_repository: MakeRepository, tmp_path: Path
) -> None:
    outer = make_repository()
    inner = Repository(outer.root / "events/contracts", outer.capture)
    for name in ("schemafed.yaml", "schemas/orders.avsc"):
        inner.write(name, (outer.root / "schemafed.yaml").read_text() if name.endswith("yaml") else "{")

    done = inner.run("check", "--output", "annotations")

    assert "file=events/contracts/schemas/orders.avsc," in done.out


def test_what_stops_a_run_is_reported_too(repository: Repository, tmp_path: Path) -> None:
    repository.write("schemas/orders.avsc", "{")

    done = repository.run("plan", *wanted(tmp_path))

    assert done.exit_code == 3
    written = {file.suffix[1:]: file.read_text(encoding="utf-8") for file in (tmp_path / "reports").iterdir()}
    assert all("SCHEMA_INVALID" in written[name] for name in FORMATS)
    assert "::error file=schemas/orders.avsc,line=1" in written["annotations"]
    assert json.loads(written["json"])["error"]["message"]


@pytest.mark.parametrize(
    ("reports", "words"),
    [
        (["docx=a"], "there is no format `docx`: it is one of json, markdown, html, sarif, junit, annotations, csv"),
        (["html"], "`html` names no file: say html=FILE"),
        (["html=a", "csv=a"], "two reports would go to "),
        (["html=schemas"], "cannot write "),
        (["html=schemafed.yaml/report.html"], "cannot write "),
    ],
)
def test_reports_that_cannot_be_are_refused_before_anything_is_done(
    planned: Repository, monkeypatch: pytest.MonkeyPatch, reports: list[str], words: str
) -> None:
    monkeypatch.chdir(planned.root)

    done = planned.run("apply", "--yes", *(part for report in reports for part in ("--report", report)))

    assert done.exit_code == 1
    assert words in done.err
    assert "orders" not in done.out
    assert not (planned.root / ".schemafed").exists()


def test_no_secret_gets_into_a_report_however_it_is_escaped(repository: Repository, tmp_path: Path) -> None:
    secret = "p<a>s&s|wörd"
    repository.write("schemas/orders.avsc", record("Order", {"name": "id", "type": "string", "default": secret}))
    assert "wörd" in repository.run("plan", "--output", "markdown").out

    remember(secret)
    try:
        done = repository.run("plan", *wanted(tmp_path))
    finally:
        forget_all()

    assert done.exit_code == 0
    for file in (tmp_path / "reports").iterdir():
        assert "wörd" not in file.read_text(encoding="utf-8"), file
