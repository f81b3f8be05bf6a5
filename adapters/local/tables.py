"""The tables of the file and every SQL statement; rows in, rows out, no rules.

A *content* is a schema with what belongs to its identity, stored once whichever subjects use it; its `id` is the
registry's. A *version* gives a content a number under a subject. `uses` holds which content refers to which version.
`settings` holds modes; the row of the empty subject is the registry's own.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from typing import NamedTuple

REGISTRY_ITSELF = ""

LAYOUT = (
    """CREATE TABLE contents (
        id INTEGER PRIMARY KEY AUTOINCREMENT, identity TEXT NOT NULL UNIQUE, format TEXT NOT NULL,
        definition TEXT NOT NULL, reference_list TEXT, metadata TEXT)""",
    """CREATE TABLE versions (
        subject TEXT NOT NULL, version INTEGER NOT NULL, content INTEGER NOT NULL REFERENCES contents (id),
        deleted INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (subject, version)) WITHOUT ROWID""",
    "CREATE INDEX versions_of_content ON versions (content)",
    """CREATE TABLE uses (
        subject TEXT NOT NULL, version INTEGER NOT NULL, content INTEGER NOT NULL REFERENCES contents (id),
        PRIMARY KEY (subject, version, content)) WITHOUT ROWID""",
    "CREATE INDEX uses_of_content ON uses (content)",
    """CREATE TABLE settings (
        subject TEXT NOT NULL PRIMARY KEY, mode TEXT, write_mode TEXT) WITHOUT ROWID""",
)

_COLUMNS = "v.subject, v.version, v.deleted, c.id, c.format, c.definition, c.reference_list, c.metadata"
_VERSIONS = f"SELECT {_COLUMNS} FROM versions v JOIN contents c ON c.id = v.content"  # noqa: S608
_REFERRERS = (
    "SELECT u.version, v.subject, v.version FROM uses u JOIN versions v ON v.content = u.content"
    " WHERE NOT v.deleted AND u.subject = ?"
)
_NAMED = "IN (SELECT value FROM json_each(?))"


class VersionRow(NamedTuple):
    """One version as stored; the last two are JSON, None where there is nothing."""

    subject: str
    version: int
    deleted: int
    id: int
    format: str
    definition: str
    references: str | None
    metadata: str | None


class ContentRow(NamedTuple):
    """A content as it is to be stored.

    ``uses`` are the versions that it refers to; ``text_identity`` leaves the metadata out.
    """

    identity: str
    format: str
    definition: str
    references: str | None
    metadata: str | None
    uses: tuple[tuple[str, int], ...]
    text_identity: str


class SettingsRow(NamedTuple):
    """What is set on a subject or on the registry itself; None is not set."""

    subject: str
    mode: str | None
    write_mode: str | None


def read_latest(connection: sqlite3.Connection, subjects: Collection[str] | None) -> list[VersionRow]:
    """Read the highest undeleted version of each subject, of all subjects for None."""
    # SQLite takes the other columns from the row that has the maximum (https://sqlite.org/lang_select.html#bareagg).
    columns = _COLUMNS.replace("v.version", "max(v.version)")
    chosen = "" if subjects is None else f"AND v.subject {_NAMED}"
    rows = connection.execute(
        f"SELECT {columns} FROM versions v JOIN contents c ON c.id = v.content"  # noqa: S608
        f" WHERE NOT v.deleted {chosen} GROUP BY v.subject",
        () if subjects is None else (_make_list(subjects),),
    )
    return [VersionRow(*row) for row in rows]


def read_versions(connection: sqlite3.Connection, subject: str, *, deleted: bool = False) -> list[VersionRow]:
    """Read the versions of a subject, oldest first; with ``deleted`` also those that are soft-deleted."""
    rows = connection.execute(
        f"{_VERSIONS} WHERE v.subject = ? AND v.deleted <= ? ORDER BY v.version", (subject, int(deleted))
    )
    return [VersionRow(*row) for row in rows]


def read_version(connection: sqlite3.Connection, subject: str, version: int) -> VersionRow | None:
    """Read one version, soft-deleted or not."""
    row = connection.execute(f"{_VERSIONS} WHERE v.subject = ? AND v.version = ?", (subject, version)).fetchone()
    return VersionRow(*row) if row else None


def read_newest(connection: sqlite3.Connection, subject: str) -> VersionRow | None:
    """Read the highest undeleted version of a subject."""
    row = connection.execute(
        f"{_VERSIONS} WHERE v.subject = ? AND NOT v.deleted ORDER BY v.version DESC LIMIT 1", (subject,)
    ).fetchone()
    return VersionRow(*row) if row else None


def read_known(
    connection: sqlite3.Connection, subject: str, identities: Collection[str], *, deleted: bool = False
) -> VersionRow | None:
    """Read the highest version of a subject that has one of these contents."""
    row = connection.execute(
        f"{_VERSIONS} WHERE c.identity {_NAMED} AND v.subject = ? AND v.deleted <= ? ORDER BY v.version DESC LIMIT 1",
        (_make_list(identities), subject, int(deleted)),
    ).fetchone()
    return VersionRow(*row) if row else None


def read_highest_number(connection: sqlite3.Connection, subject: str) -> int:
    """Read the highest version number that a subject has, soft-deleted ones included; 0 without any."""
    found: int = connection.execute(
        "SELECT coalesce(max(version), 0) FROM versions WHERE subject = ?", (subject,)
    ).fetchone()[0]
    return found


def read_referrers(
    connection: sqlite3.Connection, subject: str, versions: Sequence[int] | None = None
) -> list[tuple[int, str, int]]:
    """Read which undeleted versions refer to these, to any for None: (version referred to, subject, version)."""
    chosen = "" if versions is None else f"AND u.version {_NAMED}"
    names = (subject,) if versions is None else (subject, json.dumps(list(versions)))
    return connection.execute(f"{_REFERRERS} {chosen} ORDER BY 1, 2, 3", names).fetchall()


def read_settings(connection: sqlite3.Connection, subjects: Collection[str] | None) -> list[SettingsRow]:
    """Read the settings of subjects, of all for None, and always those of the registry itself."""
    chosen = "" if subjects is None else f"WHERE subject {_NAMED}"
    names = () if subjects is None else (_make_list([*subjects, REGISTRY_ITSELF]),)
    rows = connection.execute(f"SELECT subject, mode, write_mode FROM settings {chosen}", names)  # noqa: S608
    return [SettingsRow(*row) for row in rows]


def write_version(connection: sqlite3.Connection, subject: str, version: int, content: ContentRow) -> VersionRow:
    """Store a version, and its content unless another version has it already."""
    found = connection.execute("SELECT id FROM contents WHERE identity = ?", (content.identity,)).fetchone()
    identifier: int = found[0] if found else _write_content(connection, content)
    connection.execute(
        "INSERT INTO versions (subject, version, content) VALUES (?, ?, ?)", (subject, version, identifier)
    )
    stored = read_version(connection, subject, version)
    assert stored is not None
    return stored


def write_mode_of(connection: sqlite3.Connection, subject: str, mode: str | None) -> None:
    """Store a subject's compatibility mode; None takes it away."""
    connection.execute(
        "INSERT INTO settings (subject, mode) VALUES (?, ?) ON CONFLICT (subject) DO UPDATE SET mode = excluded.mode",
        (subject, mode),
    )


def write_write_mode_of(connection: sqlite3.Connection, subject: str, write_mode: str | None) -> None:
    """Store a subject's write mode; None takes it away."""
    connection.execute(
        "INSERT INTO settings (subject, write_mode) VALUES (?, ?)"
        " ON CONFLICT (subject) DO UPDATE SET write_mode = excluded.write_mode",
        (subject, write_mode),
    )


def write_soft_deletion(connection: sqlite3.Connection, subject: str, versions: Sequence[int]) -> None:
    """Mark versions as deleted; their numbers stay taken."""
    connection.execute(
        f"UPDATE versions SET deleted = 1 WHERE subject = ? AND version {_NAMED}",  # noqa: S608
        (subject, json.dumps(list(versions))),
    )


def write_hard_deletion(connection: sqlite3.Connection, subject: str, versions: Sequence[int]) -> None:
    """Remove versions, contents that nobody has any more, and a subject's settings with its last version."""
    numbers = json.dumps(list(versions))
    contents = connection.execute(
        f"SELECT DISTINCT content FROM versions WHERE subject = ? AND version {_NAMED}",  # noqa: S608
        (subject, numbers),
    ).fetchall()
    connection.execute(f"DELETE FROM versions WHERE subject = ? AND version {_NAMED}", (subject, numbers))  # noqa: S608
    for content in contents:
        if connection.execute("SELECT 1 FROM versions WHERE content = ?", content).fetchone() is None:
            connection.execute("DELETE FROM uses WHERE content = ?", content)
            connection.execute("DELETE FROM contents WHERE id = ?", content)
    if not read_highest_number(connection, subject):
        connection.execute("DELETE FROM settings WHERE subject = ?", (subject,))


def _write_content(connection: sqlite3.Connection, content: ContentRow) -> int:
    cursor = connection.execute(
        "INSERT INTO contents (identity, format, definition, reference_list, metadata) VALUES (?, ?, ?, ?, ?)",
        content[:5],
    )
    identifier = cursor.lastrowid
    assert identifier is not None
    connection.executemany(
        "INSERT OR IGNORE INTO uses (subject, version, content) VALUES (?, ?, ?)",
        ((subject, version, identifier) for subject, version in content.uses),
    )
    return identifier


def _make_list(names: Collection[str]) -> str:
    # SQLite cuts a JSON string at a NUL, so that such a name, which no subject has, would find another.
    return json.dumps([name for name in names if "\0" not in name])
