"""What a registry holds, read past the product: rows of the local registry's file, answers of a server."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.raw_registry import RawRegistry, RawVersion

_LATEST = """
    SELECT v.subject, max(v.version), c.format, c.definition, c.reference_list, s.mode
    FROM versions v JOIN contents c ON c.id = v.content LEFT JOIN settings s ON s.subject = v.subject
    WHERE NOT v.deleted GROUP BY v.subject
"""


@dataclass(frozen=True)
class Held:
    """The latest version of one subject; ``references`` are (name, subject, version)."""

    subject: str
    version: int
    format: str
    text: str
    references: tuple[tuple[str, str, int], ...]
    mode: str | None


def read_local(database: Path) -> dict[str, Held]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        rows = connection.execute(_LATEST).fetchall()
    return {
        subject: Held(subject, version, schema_format, text, _make_references(references), mode)
        for subject, version, schema_format, text, references, mode in rows
    }


def _make_references(stored: str | None) -> tuple[tuple[str, str, int], ...]:
    rows = json.loads(stored) if stored else []
    pairs = (row if isinstance(row, list) else (row["name"], row["subject"], row["version"]) for row in rows)
    return tuple((name, subject, version) for name, subject, version in pairs)


class Raw(Protocol):
    """A registry that a test has to itself, read without the product's code."""

    def read_subjects(self) -> list[str]: ...

    def read_versions(self, subject: str) -> list[RawVersion]: ...

    def read_compatibility(self, subject: str = "") -> str | None: ...


def read_raw(raw: Raw) -> dict[str, Held]:
    """Read everything there is."""
    return {subject: _make_held(raw, raw.read_versions(subject)[-1]) for subject in raw.read_subjects()}


def _make_held(raw: Raw, latest: RawVersion) -> Held:
    references = tuple((r.name, r.subject, r.version) for r in latest.references)
    mode = raw.read_compatibility(latest.subject)
    return Held(latest.subject, latest.version, latest.schema_type, latest.text, references, mode)


def read_server(url: str, prefix: str) -> dict[str, Held]:
    """Read the subjects whose names begin with a prefix; the prefix is cut from every name."""
    found = RawRegistry(url).read_state(prefix)
    return {
        subject.removeprefix(prefix): Held(
            subject.removeprefix(prefix),
            raw.latest.version,
            raw.latest.schema_type,
            raw.latest.text,
            tuple((r.name, r.subject.removeprefix(prefix), r.version) for r in raw.latest.references),
            raw.compatibility,
        )
        for subject, raw in found.items()
    }
