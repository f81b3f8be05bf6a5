"""Fifty changes among 10,000 subjects, in a repository with 10,000 commits."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator

import pytest

from tests.contract.targets.raw_file import RawFile
from tests.repositories import MakeRepository, Repository, record

pytestmark = pytest.mark.slow

SUBJECTS = 10_000
COMMITS = 10_000
CHANGED = range(0, SUBJECTS, 200)
NOTE: dict[str, object] = {"name": "note", "type": ["null", "string"], "default": None}


def make_subject(number: int) -> str:
    return f"event_{number:05d}"


def find_path(number: int) -> str:
    return f"schemas/team{number // 100:03d}/{make_subject(number)}.avsc"


def make_schema(number: int, *fields: str | dict[str, object], doc: str = "") -> dict[str, object]:
    return {**record(f"Event{number:05d}", "id", *fields), "doc": doc or f"Kind {number}."}


def make_stream() -> Iterator[str]:
    """A first commit with every schema, then one for each of the others, which finds better words for one schema."""
    for commit in range(COMMITS):
        yield f"commit refs/heads/main\ncommitter Ada <ada@example.com> {1_700_000_000 + commit} +0000\n"
        yield "data 6\nchange\n" + ("" if commit else "from refs/heads/main^0\n")
        for number in range(SUBJECTS) if commit == 0 else (commit,):
            text = json.dumps(make_schema(number, doc="" if commit or number == 0 else "Words to come."))
            yield f"M 100644 inline {find_path(number)}\ndata {len(text)}\n{text}\n"
    yield "done\n"


@pytest.fixture
def large(make_repository: MakeRepository) -> Repository:
    repository = make_repository()
    repository.write("schemas/defaults.yaml", "compatibility: FULL_TRANSITIVE\n")
    repository.commit()
    command = ["git", "-C", str(repository.root), "fast-import", "--quiet", "--done"]
    subprocess.run(command, input="".join(make_stream()), text=True, check=True)
    repository.git("reset", "--quiet", "--hard", "main")
    return repository


def test_fifty_changes_among_ten_thousand_subjects_and_commits(large: Repository) -> None:
    first = large.run("apply", "--yes")
    for number in CHANGED:
        large.write(find_path(number), make_schema(number, NOTE))
    large.commit("Add a note to fifty")

    checked = large.run("check", "--base", "HEAD~1")
    narrowed = large.run("plan", "--since", "HEAD~1", "--output", "json")
    applied = large.run("apply", "--yes")
    planned = large.run("plan", "--detailed-exitcode")

    assert int(large.git("rev-list", "--count", "HEAD")) == COMMITS + 2
    assert first.exit_code == 0, first.text[-2000:]
    assert checked.exit_code == 0, checked.text[-2000:]
    assert json.loads(narrowed.out)["summary"]["updates"] == len(CHANGED)
    assert applied.exit_code == 0, applied.text[-2000:]
    assert planned.exit_code == 0, planned.text[-2000:]
    raw = RawFile(large.root / ".schemafed" / "registry.db")
    for number in range(0, SUBJECTS, 100):
        versions = raw.read_versions(make_subject(number))
        expected = make_schema(number, NOTE) if number in CHANGED else make_schema(number)
        assert json.loads(versions[-1].text) == expected
        assert len(versions) == (2 if number in CHANGED else 1)
        assert raw.read_compatibility(make_subject(number)) == "FULL_TRANSITIVE"
