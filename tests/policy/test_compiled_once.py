"""Rules are compiled once: their number says how often, not that of the subjects that they are held against."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cel
import pytest

from reconciler.config import load_config
from reconciler.operations.policies.loading import load_policies, load_shipped
from reconciler.operations.policies.making import list_folders, make_inspection
from reconciler.repository import load_desired_state

_ALL = "version: 1\npolicies:\n  - use: default\n"


def count_compiled(root: Path, subjects: int, monkeypatch: pytest.MonkeyPatch) -> int:
    (root / "schemas").mkdir(parents=True)
    (root / "schemafed.yaml").write_text(_ALL)
    for number in range(subjects):
        fields = [{"name": f"field_{number}_{index}", "type": "string"} for index in range(5)]
        schema = {"type": "record", "name": f"Event{number}", "namespace": "acme", "fields": fields}
        (root / f"schemas/event-{number}.avsc").write_text(json.dumps(schema))
    compiled: list[str] = []
    whole = cel.compile

    def note(text: str) -> Any:
        compiled.append(text)
        return whole(text)

    config, _ = load_config(root)
    state = load_desired_state(root)
    assert config is not None
    with monkeypatch.context() as patched:
        patched.setattr(cel, "compile", note)
        load_shipped.cache_clear()
        folders = list_folders(subject.location.file for subject in state.subjects.values())
        inspection = make_inspection(root, state, load_policies(root, config, state.environment, folders))
        found = [*inspection.check_subjects(sorted(state.subjects)), *inspection.check_whole()]
    assert len({finding.subject for finding in found}) == subjects
    return len(compiled)


def test_as_much_is_compiled_for_one_subject_as_for_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = count_compiled(tmp_path / "one", 1, monkeypatch)
    many = count_compiled(tmp_path / "many", 25, monkeypatch)

    assert one == many
    assert one > 99
