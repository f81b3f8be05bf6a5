"""The floor of the embedded registry: the same number of rows and transactions in one SQLite file."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path


def write_rows(root: Path, database: Path) -> int:
    """Store every schema below a folder with its mode, each in a transaction of its own, as separate writers must."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("CREATE TABLE version(subject TEXT PRIMARY KEY, text TEXT, digest TEXT UNIQUE)")
        connection.execute("CREATE TABLE mode(subject TEXT PRIMARY KEY, mode TEXT)")
        paths = sorted(root.rglob("*.avsc"))
        for path in paths:
            text = path.read_text()
            row = (path.stem, text, hashlib.sha256(text.encode()).hexdigest())
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO version VALUES (?, ?, ?)", row)
            connection.execute("COMMIT")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO mode VALUES (?, 'FULL')", (path.stem,))
            connection.execute("COMMIT")
    return len(paths)


def read_rows(database: Path) -> int:
    """Read everything that :func:`write_rows` stored, in one query."""
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT subject, text, mode FROM version LEFT JOIN mode USING (subject)").fetchall()
    return len(rows)
