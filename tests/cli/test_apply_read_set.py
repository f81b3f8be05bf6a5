"""What a plan does not rest on does not make it stale."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from adapters.local import LocalRegistry
from reconciler.cli import run
from reconciler.model import Mode
from reconciler.registry import RegistrySettings
from tests.repositories import commit_all

NEW = """\
{"type": "record", "name": "Fee", "fields": [{"name": "amount", "type": "com.example.platform.Money"}]}
"""


def commit(root: Path) -> None:
    commit_all(root, "Change")


def set_mode(root: Path, subject: str, mode: Mode) -> None:
    registry = LocalRegistry(RegistrySettings("laptop", "local", root, {"path": ".schemafed/registry.db"}))
    registry.set_compatibility(subject, mode)
    registry.close()


def test_a_mode_set_by_hand_on_a_subject_that_is_only_referred_to(tmp_path: Path, capsys: Any) -> None:
    run(["init", str(tmp_path)])
    commit(tmp_path)
    run(["apply", "-C", str(tmp_path), "--yes"])
    set_mode(tmp_path, "money", Mode.FULL)
    (tmp_path / "schemas/payments/fee.avsc").write_text(NEW, encoding="utf-8")
    commit(tmp_path)

    assert run(["apply", "-C", str(tmp_path), "--yes"]) == 0

    assert "✓ laptop/fee  new subject, AVRO (version 1)" in capsys.readouterr().out


def test_a_mode_left_behind_by_a_subject_that_is_gone(tmp_path: Path, capsys: Any) -> None:
    run(["init", str(tmp_path)])
    set_mode(tmp_path, "money", Mode.FULL)
    commit(tmp_path)

    assert run(["apply", "-C", str(tmp_path), "--yes"]) == 0

    assert "✓ laptop/money  new subject, AVRO (version 1)" in capsys.readouterr().out


def test_semantic_11_a_mode_that_moved_on_a_subject_that_changes_makes_a_plan_stale(
    tmp_path: Path, capsys: Any
) -> None:
    run(["init", str(tmp_path)])
    commit(tmp_path)
    run(["apply", "-C", str(tmp_path), "--yes"])
    money = tmp_path / "schemas/platform/money.avsc"
    money.write_text(money.read_text(encoding="utf-8").replace("An amount", "A sum"), encoding="utf-8")
    commit(tmp_path)
    saved = tmp_path / "saved.plan.json"
    run(["plan", "-C", str(tmp_path), "--plan-file", str(saved)])
    set_mode(tmp_path, "money", Mode.FULL)

    assert run(["apply", "-C", str(tmp_path), str(saved), "--yes"]) == 3

    captured = capsys.readouterr()
    assert "STALE_PLAN" in captured.err and "laptop/money" in captured.err
    assert "mode inherited is now FULL" in captured.err
