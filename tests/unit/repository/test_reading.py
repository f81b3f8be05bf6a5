"""Reading in several processes is reading."""

from __future__ import annotations

import multiprocessing
import sys
from pathlib import Path

import pytest
from repository_files import record

from reconciler.model import Format
from reconciler.repository.reading import read_schemas
from reconciler.repository.sources import BrokenSchema, ReadSchema, SchemaFile
from reconciler.repository.walk import SourceFile

TEXTS = {
    "a.avsc": (Format.AVRO, record("A", "B", "long")),
    "b.json": (Format.JSON, '{"properties": {"x": {"$ref": "c.json"}}}'),
    "c.proto": (Format.PROTOBUF, 'syntax = "proto3";\nimport "d.proto";\nmessage C {}\n'),
    "d.avsc": (Format.AVRO, '{"type": "enum"'),
    "e.avsc": (Format.AVRO, ""),
}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems read in one process")
def test_several_processes_answer_as_one_does_and_end(tmp_path: Path) -> None:
    for name, (_, text) in TEXTS.items():
        (tmp_path / name).write_text(text)
    files = [SchemaFile(SourceFile(n, ""), f, n.partition(".")[0]) for n, (f, _) in TEXTS.items()] * 200

    alone = list(read_schemas(tmp_path, files, workers=1))
    together = list(read_schemas(tmp_path, files, workers=2))

    assert [finding for _, finding in together] == [finding for _, finding in alone]
    assert [type(result) for result, _ in together[:5]] == [ReadSchema] * 3 + [BrokenSchema] * 2
    for ours, theirs in zip(together, alone, strict=True):
        if isinstance(ours[0], ReadSchema) and isinstance(theirs[0], ReadSchema):
            assert ours[0].path == theirs[0].path
            assert ours[0].document.defines == theirs[0].document.defines
            assert ours[0].document.needs == theirs[0].document.needs
    assert multiprocessing.active_children() == []
