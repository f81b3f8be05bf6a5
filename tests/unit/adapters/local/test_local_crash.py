"""A writer is killed at arbitrary moments; what it had been told is stored is there, and the file is whole."""

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from local_samples import make_record, open_registry

HERE = Path(__file__).parent
ROUNDS = 8

WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from local_samples import make_record, open_registry
registry = open_registry(Path(sys.argv[1]))
offset = int(sys.argv[3])
for number in range(offset, offset + 100_000):
    version = registry.register_schema("s", make_record(f"f{number}")).version
    print(version, f"f{number}", flush=True)
    if number % 5 == 4:
        registry.delete_version("s", version)
    if number % 40 == 39:
        registry.delete_version("s", version, permanent=True)
"""


@pytest.mark.slow
def test_a_killed_writer_leaves_a_whole_file_with_all_that_it_reported(tmp_path: Path) -> None:
    moment = random.Random(7)

    for round_number in range(ROUNDS):
        reported = _run_and_kill(tmp_path, round_number * 100_000, lines=moment.randrange(1, 120))
        stored = _read_fields(tmp_path)

        assert _check_integrity(tmp_path) == []
        assert {field for field in reported if not _may_be_hard_deleted(field)} <= stored

    registry = open_registry(tmp_path)
    assert registry.register_schema("s", make_record("last")).version > ROUNDS
    registry.close()


def test_a_creation_that_was_cut_short_is_finished_by_the_next(tmp_path: Path) -> None:
    (tmp_path / "registry.db").touch()
    connection = sqlite3.connect(tmp_path / "registry.db")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    registry = open_registry(tmp_path)

    assert registry.register_schema("s", make_record("a")).version == 1
    registry.close()


def _run_and_kill(root: Path, offset: int, lines: int) -> list[str]:
    """Kill the writer once it has reported so many writes; it goes on writing until the signal reaches it."""
    command = [sys.executable, "-c", WRITER, str(root), str(HERE), str(offset)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        reported = [writer.stdout.readline() for _ in range(lines)]
        with contextlib.suppress(ProcessLookupError):
            os.kill(writer.pid, signal.SIGKILL)
        reported += writer.stdout.read().splitlines(keepends=True)
    assert writer.returncode == -signal.SIGKILL
    # The signal may cut the last line short.
    reported = [line for line in reported if line.endswith("\n")]
    assert len(reported) >= lines
    return [line.split()[1] for line in reported]


def _may_be_hard_deleted(field: str) -> bool:
    return int(field[1:]) % 40 == 39


def _read_fields(root: Path) -> set[str]:
    connection = sqlite3.connect(root / "registry.db")
    texts = connection.execute("SELECT definition FROM contents").fetchall()
    connection.close()
    return {json.loads(text)["fields"][0]["name"] for (text,) in texts}


def _check_integrity(root: Path) -> list[str]:
    """SQLite's own check, and ours: no version without content, no content without version."""
    connection = sqlite3.connect(root / "registry.db")
    problems = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
    for statement in (
        "SELECT 'version without content: ' || version FROM versions WHERE content NOT IN (SELECT id FROM contents)",
        "SELECT 'content without version: ' || id FROM contents WHERE id NOT IN (SELECT content FROM versions)",
    ):
        problems += [row[0] for row in connection.execute(statement)]
    connection.close()
    return problems
