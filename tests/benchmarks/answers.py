"""Prepared answers in the shape of Confluent Schema Registry 8.1: `python -m tests.benchmarks.answers COUNT FILE`.

With a third argument, `empty`, those of a registry without subjects that takes in as many.
"""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.samples import find_changed, make_mode, make_stored_text, make_subject

PAGE_ROWS = 1_000
_CLOCK_MS = 1_700_000_000_000
_EMPTY_PAGES = 4
_NEWEST = 16
"""So many of the newest schemas are asked for by name by whoever reads the topic."""
_UNKNOWN_TEXT = {"error_code": 40403, "message": "Schema not found"}
_UNKNOWN_LEVEL = {"error_code": 40408, "message": "Subject does not have subject-level compatibility configured"}
_UNKNOWN_WRITE_MODE = {"error_code": 40409, "message": "Subject does not have subject-level mode configured"}
_UNKNOWN = (_UNKNOWN_TEXT, _UNKNOWN_LEVEL, _UNKNOWN_WRITE_MODE)


def make_targets(count: int) -> list[str]:
    """What a plan must ask of a registry: every schema by pages, the registry's level, the mode of every subject."""
    return [
        *(_make_page(offset) for offset in range(0, count, PAGE_ROWS)),
        "/config",
        *(f"/config/{make_subject(n)}?defaultToGlobal=false" for n in range(count)),
    ]


def write_answers(count: int, file: Path, *, is_empty: bool = False) -> None:
    """Write the records that the quick server loads.

    Args:
        count: how many subjects there are, or shall be.
        file: where to.
        is_empty: there are none yet.
    """
    with file.open("wb") as out:
        for target, answer in _make_first_answers(count) if is_empty else _make_answers(count):
            key, body = target.encode(), json.dumps(answer, separators=(",", ":")).encode()
            status = 404 if answer in _UNKNOWN else 200
            out.write(b"%d %d %d\n%s%s" % (len(key), status, len(body), key, body))


def _make_first_answers(count: int) -> Iterator[tuple[str, Any]]:
    yield "GET /config", {"compatibilityLevel": "BACKWARD"}
    yield "GET /mode", {"mode": "READWRITE"}
    yield "GET /subjects", []
    yield "GET /schemas", []
    for number in range(count):
        subject = make_subject(number)
        yield f"GET /config/{subject}", _UNKNOWN_LEVEL
        yield f"POST /subjects/{subject}/versions", make_row(number)
        yield f"PUT /config/{subject}", {"compatibility": make_mode(number)}


def _make_answers(count: int) -> Iterator[tuple[str, Any]]:
    yield "GET /", {}
    yield "GET /v1/metadata/version", {"version": "8.1.0", "commitId": "0" * 40}
    yield "GET /mode", {"mode": "READWRITE"}
    yield "GET /config", {"compatibilityLevel": "BACKWARD"}
    yield "GET /contexts", ["."]
    yield "GET /schemas/types", ["JSON", "PROTOBUF", "AVRO"]
    yield "GET /subjects", [make_subject(number) for number in range(count)]
    # Where the first page is not full, the next one begins behind its rows: a registry may give fewer than asked for.
    yield f"GET {_make_page(count)}", []
    # More pages than there are rows: a client learns that it has all from a page that is not full, and several are
    # asked for at once.
    for offset in range(0, count + _EMPTY_PAGES * PAGE_ROWS, PAGE_ROWS):
        rows = [make_row(number) for number in range(offset, min(offset + PAGE_ROWS, count))]
        yield f"GET {_make_page(offset)}", rows
        for row in rows:
            yield f"GET /config/{row['subject']}", {"compatibilityLevel": make_mode(row["id"] - 1)}
    for number in {*find_changed(count), *range(max(0, count - _NEWEST), count)}:
        yield from _make_subject_answers(make_row(number))


def _make_page(offset: int) -> str:
    """The target of one page of every context, its parameters sorted as the server looks them up."""
    return f"/schemas?latestOnly=true&limit={PAGE_ROWS}&offset={offset}&subjectPrefix=%3A%2A%3A"


def _make_subject_answers(row: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    subject = row["subject"]
    yield f"GET /schemas?subjectPrefix={subject}", [row]
    yield f"GET /mode/{subject}", _UNKNOWN_WRITE_MODE
    yield f"POST /subjects/{subject}", _UNKNOWN_TEXT
    yield f"GET /subjects/{subject}/versions", [1]
    for version in ("1", "latest"):
        yield f"GET /subjects/{subject}/versions/{version}", row
        yield f"POST /compatibility/subjects/{subject}/versions/{version}", {"is_compatible": True}
    yield f"POST /compatibility/subjects/{subject}/versions", {"is_compatible": True}


def make_row(number: int) -> dict[str, Any]:
    return {
        "subject": make_subject(number),
        "version": 1,
        "id": number + 1,
        "guid": str(uuid.UUID(int=number)),
        "schemaType": "AVRO",
        "schema": make_stored_text(number),
        "ts": _CLOCK_MS + number,
        "deleted": False,
    }


if __name__ == "__main__":
    write_answers(int(sys.argv[1]), Path(sys.argv[2]), is_empty=sys.argv[3:] == ["empty"])
