"""A plain reader of the `local` kind's file, for proofs: raw SQL, none of the product's code."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.raw_registry import RawReference, RawVersion

_VERSIONS = """
    SELECT v.subject, v.version, c.id, c.format, c.definition, c.reference_list, c.metadata
    FROM versions v JOIN contents c ON c.id = v.content WHERE v.subject = ? AND NOT v.deleted ORDER BY v.version"""


@dataclass(frozen=True)
class RawFile:
    """Reads, and where a test must play another program changes, the file at `path`."""

    path: Path

    def read_versions(self, subject: str) -> list[RawVersion]:
        with self._open() as connection:
            rows = connection.execute(_VERSIONS, (subject,)).fetchall()
        return [_make_version(*row) for row in rows]

    def read_numbers(self, subject: str) -> list[int]:
        """Read the numbers of all versions, softly deleted ones too."""
        with self._open() as connection:
            rows = connection.execute("SELECT version FROM versions WHERE subject = ? ORDER BY 1", (subject,))
            return [number for (number,) in rows]

    def read_compatibility(self, subject: str = "") -> str | None:
        """Read a subject's own mode, None where it inherits; without a subject, the registry's."""
        with self._open() as connection:
            row = connection.execute("SELECT mode FROM settings WHERE subject = ?", (subject,)).fetchone()
        return row[0] if row else None if subject else "BACKWARD"

    def write_compatibility(self, subject: str, level: str) -> None:
        with self._open() as connection:
            connection.execute("INSERT OR REPLACE INTO settings (subject, mode) VALUES (?, ?)", (subject, level))

    def write_write_mode(self, subject: str, write_mode: str) -> None:
        with self._open() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO settings (subject, write_mode) VALUES (?, ?)", (subject, write_mode)
            )

    def write_text(self, subject: str, text: str) -> None:
        """Put a text where the subject's versions have theirs, as nobody could register it."""
        with self._open() as connection:
            connection.execute(
                "UPDATE contents SET definition = ? WHERE id IN (SELECT content FROM versions WHERE subject = ?)",
                (text, subject),
            )

    def delete_subject(self, subject: str) -> None:
        with self._open() as connection:
            connection.execute("DELETE FROM versions WHERE subject = ?", (subject,))
            connection.execute("DELETE FROM settings WHERE subject = ?", (subject,))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path)
        try:
            with connection:
                yield connection
        finally:
            connection.close()


def _make_version(
    subject: str, version: int, identifier: int, schema_type: str, text: str, references: str, metadata: str
) -> RawVersion:
    found = [RawReference(r["name"], r["subject"], r["version"]) for r in json.loads(references or "[]")]
    return RawVersion(
        subject, version, identifier, schema_type, text, tuple(found), json.loads(metadata) if metadata else None
    )
