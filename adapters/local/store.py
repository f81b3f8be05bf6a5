"""The SQLite file: opening and creating it, connections, transactions, and its failures as our errors.

The file is in WAL mode, so readers never wait for the writer; every write is one `BEGIN IMMEDIATE` transaction, so a
process that is killed leaves either all of a write or nothing of it.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.local.tables import LAYOUT
from reconciler.errors import ForbiddenError, RegistryError, RejectedError, UnexpectedAnswerError, UnreachableError

APPLICATION_ID = 0x5C4E_FED0
LAYOUT_VERSION = 1

_WAL_RETRY_SECONDS = 0.01

_FAILURES: tuple[tuple[str, type[RegistryError], str, str | None], ...] = (
    ("SQLITE_BUSY", UnreachableError, "another process kept the file locked", "run again, or raise `timeout`"),
    (
        "SQLITE_READONLY",
        ForbiddenError,
        "the file or its folder may not be written",
        "make it and its folder writable for this user",
    ),
    ("SQLITE_PERM", ForbiddenError, "the file may not be opened", "make it and its folder writable for this user"),
    ("SQLITE_AUTH", ForbiddenError, "the file may not be opened", "make it and its folder writable for this user"),
    ("SQLITE_CANTOPEN", UnreachableError, "the file cannot be opened", "make it and its folder writable for this user"),
    ("SQLITE_NOTADB", UnexpectedAnswerError, "the file is no SQLite database", "name another file, or move it away"),
    ("SQLITE_CORRUPT", UnexpectedAnswerError, "the file is damaged", "restore a copy of it, or move it away"),
    ("SQLITE_FULL", UnreachableError, "the disk is full; nothing was written", "free some space"),
    ("SQLITE_IOERR", UnreachableError, "the disk does not read or write", "use a local disk, and look after this one"),
    ("SQLITE_TOOBIG", RejectedError, "the content is larger than SQLite stores", "make the schema smaller"),
)


class Store:
    """Connections to one file, opened when needed and used by one thread at a time.

    Args:
        path: the file; it and its folders are made on first use.
        registry: the registry's name, for errors.
        timeout: seconds to wait for another writer.
    """

    def __init__(self, path: Path, registry: str, timeout: float) -> None:
        self.path = path
        self._registry = registry
        self._timeout = timeout
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._is_closed = False

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give a connection whose reads all see the same moment.

        Raises:
            RegistryError: the file cannot be opened or read.
        """
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that alone may write; its writes are kept when the block ends without an exception.

        Raises:
            RegistryError: the file cannot be opened or written, or another process would not let go of it.
        """
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    def close(self) -> None:
        """Close every idle connection, and the others when they come back; closing again does nothing."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._failures_as_errors():
            connection = self._take()
            try:
                connection.execute(begin)
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                self._give_back(connection)

    def _take(self) -> sqlite3.Connection:
        with self._lock:
            if self._is_closed:
                raise RegistryError("the registry was closed", registry=self._registry)
            if self._idle:
                return self._idle.pop()
        return self._open()

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            if not self._is_closed:
                self._idle.append(connection)
                return
        connection.close()

    def _open(self) -> sqlite3.Connection:
        self._make_folders()
        connection = sqlite3.connect(
            self.path, timeout=self._timeout, isolation_level=None, check_same_thread=False, cached_statements=64
        )
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _make_parent(self) -> None:
        """Make the folder; what is made for the registry alone tells Git to leave it alone."""
        parent = self.path.parent
        if not parent.is_dir():
            parent.mkdir(parents=True, exist_ok=True)
            (parent / ".gitignore").write_text("*\n", encoding="utf-8")

    def _make_folders(self) -> None:
        try:
            if self.path.exists() and not self.path.is_file():
                what = "a folder" if self.path.is_dir() else "a device or socket"
                raise UnreachableError(f"{self.path} is {what}, not a file", registry=self._registry, fix="name a file")
            self._make_parent()
        except OSError as error:
            kind = ForbiddenError if isinstance(error, PermissionError) else UnreachableError
            raise kind(
                f"{self.path} cannot be made",
                registry=self._registry,
                detail=error.strerror,
                fix="name a file in a folder that this user may write",
            ) from error

    def _prepare(self, connection: sqlite3.Connection) -> None:
        is_new = self._check_layout(connection)
        if is_new:
            self._switch_to_wal(connection)
            self._create(connection)
        connection.execute("PRAGMA synchronous=NORMAL")

    def _check_layout(self, connection: sqlite3.Connection) -> bool:
        """Say whether the file is empty; raise where it is neither that nor one of ours."""
        connection.execute("BEGIN")
        application, version, tables = connection.execute(
            "SELECT (SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version),"
            " (SELECT count(*) FROM sqlite_master)"
        ).fetchone()
        connection.execute("COMMIT")
        if (application, version, tables) == (0, 0, 0):
            return True
        if application != APPLICATION_ID:
            raise UnexpectedAnswerError(
                f"{self.path} is a database of another program",
                registry=self._registry,
                fix="name another file in `path`",
            )
        if version > LAYOUT_VERSION:
            raise UnexpectedAnswerError(
                f"{self.path} was written by a newer schemafed (layout {version}, this one knows {LAYOUT_VERSION})",
                registry=self._registry,
                fix="update schemafed, or name another file in `path`",
            )
        return False

    def _switch_to_wal(self, connection: sqlite3.Connection) -> None:
        """Set WAL mode, which several processes may try at once and for which SQLite does not always wait."""
        deadline = time.monotonic() + self._timeout
        while True:
            try:
                connection.execute("PRAGMA journal_mode=WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > deadline:
                    raise
            time.sleep(_WAL_RETRY_SECONDS)

    def _create(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        # Another process may have been quicker.
        if connection.execute("PRAGMA user_version").fetchone() == (0,):
            for statement in LAYOUT:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version={LAYOUT_VERSION}")
        connection.execute("COMMIT")

    @contextmanager
    def _failures_as_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._make_error(error) from error
        except UnicodeEncodeError as error:
            raise RejectedError(
                "what was sent holds half a surrogate pair, which no text encoding can carry",
                registry=self._registry,
                code=42201,
                detail=ascii(error.object[error.start : error.end]),
                fix="write the character whole, or leave it out",
            ) from error

    def _make_error(self, error: sqlite3.Error) -> RegistryError:
        name = getattr(error, "sqlite_errorname", "")
        for prefix, kind, message, fix in _FAILURES:
            if name.startswith(prefix):
                return kind(f"{self.path}: {message}", registry=self._registry, code=name, detail=str(error), fix=fix)
        return UnexpectedAnswerError(
            f"{self.path} cannot be read as a registry", registry=self._registry, code=name or None, detail=str(error)
        )
