"""Several processes and threads write one file at once: no version is lost, none is there twice."""

import json
import multiprocessing
import sqlite3
import threading
from pathlib import Path

from local_samples import make_record, open_registry

PROCESSES, WRITES = 3, 40


def write_versions(root: Path, writer: int) -> None:
    registry = open_registry(root)
    for number in range(WRITES):
        registry.register_schema("shared", make_record(f"w{writer}_{number}"))
        registry.register_schema(f"own-{writer}", make_record(f"w{writer}_{number}"))
    registry.close()


def test_processes_lose_and_repeat_nothing(tmp_path: Path) -> None:
    """The file is not there before, so that making it is raced for too."""
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=write_versions, args=(tmp_path, writer)) for writer in range(PROCESSES)]

    for process in writers:
        process.start()
    for process in writers:
        process.join()

    assert [process.exitcode for process in writers] == [0] * PROCESSES
    _assert_complete(tmp_path)


def test_threads_lose_and_repeat_nothing(tmp_path: Path) -> None:
    registry = open_registry(tmp_path)

    def write(writer: int) -> None:
        for number in range(WRITES):
            registry.register_schema("shared", make_record(f"w{writer}_{number}"))
            registry.register_schema(f"own-{writer}", make_record(f"w{writer}_{number}"))

    writers = [threading.Thread(target=write, args=(writer,)) for writer in range(PROCESSES)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    registry.close()

    _assert_complete(tmp_path)


def test_the_same_text_from_many_threads_is_one_version(tmp_path: Path) -> None:
    registry = open_registry(tmp_path)
    answers: list[int] = []
    start = threading.Barrier(8)

    def write() -> None:
        start.wait()
        answers.append(registry.register_schema("shared", make_record("a")).version)

    writers = [threading.Thread(target=write) for _ in range(8)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()

    assert answers == [1] * 8
    assert len(registry.read_history("shared")) == 1
    registry.close()


def _assert_complete(root: Path) -> None:
    connection = sqlite3.connect(root / "registry.db")
    rows = connection.execute(
        "SELECT subject, version, definition FROM versions v JOIN contents c ON c.id = v.content ORDER BY 1, 2"
    ).fetchall()
    connection.close()
    fields = [json.loads(text)["fields"][0]["name"] for subject, _, text in rows if subject == "shared"]
    assert [version for subject, version, _ in rows if subject == "shared"] == list(range(1, PROCESSES * WRITES + 1))
    assert sorted(fields) == sorted(f"w{writer}_{number}" for writer in range(PROCESSES) for number in range(WRITES))
    for writer in range(PROCESSES):
        own = [json.loads(text)["fields"][0]["name"] for subject, _, text in rows if subject == f"own-{writer}"]
        assert own == [f"w{writer}_{number}" for number in range(WRITES)]
