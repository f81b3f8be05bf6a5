"""So many files that a second process helps to read them: the desired state is the same, whatever becomes of it."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from repository_files import Load, record, told

from reconciler import documents
from reconciler.documents import nothing, reading_ahead
from reconciler.model import Format
from reconciler.repository import DesiredState, load_desired_state
from reconciler.schemas import language

_PIN = "references: [{name: com.acme.Money, subject: cash, version: 3, file: ../pins/money.avsc}]\n"
_FLOAT = '{"type": "record", "name": "D", "fields": [{"name": "a", "type": "float", "default": 1.50}]}'
_TAKE = "import os, pickle, sys; os.read(pickle.load(sys.stdin.buffer)[2], 1)"
FILES: Mapping[str, str | bytes] = {
    **{f"schemas/order-{number:02}.avsc": record(f"Order{number}", "long", "com.acme.Money") for number in range(30)},
    "schemas/money.avsc": "\ufeff" + record("Money", "double").replace("\n", "\r\n"),
    "schemas/default.avsc": _FLOAT,
    "schemas/customer.json": '{"$id": "https://acme.example/customer", "type": "object", "required": ["a"]}',
    "schemas/address.meta.yaml": "compatibility: FULL\n",
    "schemas/address.json": '{"type": "object", "properties": {"of": {"$ref": "customer.json"}}}',
    "schemas/place.proto": 'syntax = "proto3";\npackage acme;\nmessage Place { double latitude = 1; }\n',
    "schemas/visit.proto": 'syntax = "proto3";\nimport "place.proto";\nmessage Visit { acme.Place at = 1; }\n',
    "schemas/written.yaml": "type: object\nproperties: {a: {type: string}}\n",
    "schemas/defaults.yaml": "files: {written.yaml: json}\n",
    "schemas/order-00.yaml": _PIN,
    "pins/money.avsc": record("Money", "long"),
    "schemas/wrong-bytes.avsc": b'{"type":\n "\xff"}',
    "schemas/wrong-empty.proto": b"\r\n",
    "schemas/wrong-syntax.avsc": '{"type": "record",\n',
    "schemas/wrong-rule.avsc": '{"type": "record", "name": "R", "fields": [{"name": "a-b", "type": "int"}]}',
}
_WRONG = [
    ("SCHEMA_NOT_UTF8", "schemas/wrong-bytes.avsc:2:3"),
    ("SCHEMA_EMPTY", "schemas/wrong-empty.proto"),
    ("SCHEMA_INVALID", "schemas/wrong-rule.avsc:1:45"),
    ("SCHEMA_INVALID", "schemas/wrong-syntax.avsc:2:1"),
]


@pytest.fixture
def alone(load: Load) -> DesiredState:
    """What this process makes of the files by itself."""
    return load(FILES)


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let few files be worth a second process, wherever this runs."""
    monkeypatch.setattr(documents, "WORTHWHILE", 10)
    monkeypatch.setattr(documents, "processors", lambda: 2)


def test_two_processes_make_of_the_files_what_one_makes(alone: DesiredState, always: None, tmp_path: Path) -> None:
    together = load_desired_state(tmp_path)

    assert together == alone
    assert told(alone) == _WRONG
    assert len(alone.subjects) == 37


def test_the_second_process_can_do_all_of_it(
    alone: DesiredState, always: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "_read_parts", lambda *_: iter(()))
    files = [(path, _FORMATS[path.rpartition(".")[2]]) for path in FILES if not path.endswith(".yaml")]

    with reading_ahead(tmp_path, files) as ahead:
        read = ahead.finish(nothing)

    assert sorted(read) == sorted(path for path, _ in files if path not in _UNREADABLE)
    for path, schema_format in files:
        if path in read:
            assert read[path] == language(schema_format).read(read[path].definition)
    assert load_desired_state(tmp_path) == alone


_FORMATS = {"avsc": Format.AVRO, "json": Format.JSON, "proto": Format.PROTOBUF}
_UNREADABLE = {file.partition(":")[0] for _, file in _WRONG}


@pytest.mark.parametrize(
    "fate",
    [
        "raise SystemExit(1)",
        "import os; os.kill(os.getpid(), 9)",
        f"{_TAKE}; sys.exit(1)",  # takes a part with it
        f"{_TAKE}; os.write(1, bytes([128, 5])); sys.exit(1)",  # ends in the middle of an answer
    ],
)
def test_a_second_process_that_dies(
    alone: DesiredState, always: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fate: str
) -> None:
    monkeypatch.setattr(documents, "_SECOND", f"import sys; sys.path[:] = sys.argv[1:]; {fate}")

    assert load_desired_state(tmp_path) == alone


def test_a_second_process_that_cannot_be_started(
    alone: DesiredState, always: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "no-python"))

    assert load_desired_state(tmp_path) == alone


def test_the_second_process_ends_with_what_it_is_for(
    always: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Noted)
    with pytest.raises(KeyboardInterrupt), reading_ahead(tmp_path, [(f"{n}.avsc", Format.AVRO) for n in range(20)]):
        raise KeyboardInterrupt

    assert [process.poll() is not None for process in started] == [True]
