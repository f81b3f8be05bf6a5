"""The file itself: made when needed, told from others, and every trouble with it said in words."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from local_samples import make_record, open_registry

from adapters.local.store import LAYOUT_VERSION, Store
from reconciler.errors import ForbiddenError, RegistryError, RejectedError, UnexpectedAnswerError, UnreachableError

A = make_record("a")
NOBODY = 65534


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach: root's own temporary folders are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="schemafed-"))
    folder.chmod(0o777)
    yield folder
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o777)
    shutil.rmtree(folder)


@pytest.fixture
def ordinary_user() -> Iterator[None]:
    """Root may write everything, so a test about permissions becomes somebody else for a moment."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    yield
    os.seteuid(0)


def test_a_folder_that_is_made_for_the_file_is_left_alone_by_git(tmp_path: Path) -> None:
    for path in ("made/registry.db", "registry.db"):
        registry = open_registry(tmp_path, path=path)
        registry.register_schema("a", A)
        registry.close()

    assert (tmp_path / "made" / ".gitignore").read_text() == "*\n"
    assert not (tmp_path / ".gitignore").exists()


def test_folders_are_made_on_first_use(tmp_path: Path) -> None:
    registry = open_registry(tmp_path, path="a/b/registry.db")

    registry.register_schema("s", A)
    registry.close()

    assert sorted(path.name for path in (tmp_path / "a" / "b").iterdir()) == [".gitignore", "registry.db"]


def test_health_tells_product_and_version(tmp_path: Path) -> None:
    registry = open_registry(tmp_path)

    health = registry.check_health()
    registry.close()

    assert (health.product, health.version) == ("schemafed local registry", f"SQLite {sqlite3.sqlite_version}")


def test_what_was_written_is_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    first = open_registry(tmp_path)
    first.register_schema("s", A)
    first.close()

    second = open_registry(tmp_path)

    assert list(second.read_state().subjects) == ["s"]
    second.close()


def test_closing_twice_is_fine_and_using_it_afterwards_is_not(tmp_path: Path) -> None:
    registry = open_registry(tmp_path)
    registry.register_schema("s", A)

    registry.close()
    registry.close()

    with pytest.raises(RegistryError) as caught:
        registry.read_state()
    assert str(caught.value) == "laptop: the registry was closed"


def make_folder(path: Path) -> None:
    path.mkdir()


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_text(path: Path) -> None:
    path.write_text("this is not a database, but long enough to be looked at " * 100)


def make_other_database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE things (name TEXT)")
    connection.close()


def make_newer_layout(path: Path) -> None:
    registry = open_registry(path.parent)
    registry.register_schema("s", A)
    registry.close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {LAYOUT_VERSION + 1}")
    connection.close()


def make_damaged(path: Path) -> None:
    registry = open_registry(path.parent)
    for number in range(200):
        registry.register_schema(f"s-{number}", make_record(f"f{number}"))
    registry.close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)


TROUBLES: list[tuple[Callable[[Path], None], type[RegistryError], str]] = [
    (make_folder, UnreachableError, "{path} is a folder, not a file"),
    (make_pipe, UnreachableError, "{path} is a device or socket, not a file"),
    (make_text, UnexpectedAnswerError, "{path}: the file is no SQLite database"),
    (make_other_database, UnexpectedAnswerError, "{path} is a database of another program"),
    (
        make_newer_layout,
        UnexpectedAnswerError,
        "{path} was written by a newer schemafed (layout 2, this one knows 1)",
    ),
    (make_damaged, UnexpectedAnswerError, "{path}: the file is damaged"),
]


@pytest.mark.parametrize(("make", "kind", "message"), TROUBLES, ids=lambda value: getattr(value, "__name__", None))
def test_a_file_that_is_no_registry_is_told_and_left_alone(
    tmp_path: Path, make: Callable[[Path], None], kind: type[RegistryError], message: str
) -> None:
    path = tmp_path / "registry.db"
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    registry = open_registry(tmp_path)

    with pytest.raises(kind) as caught:
        registry.read_state()
    registry.close()

    assert caught.value.message == message.format(path=path)
    assert caught.value.registry == "laptop"
    assert caught.value.fix
    assert (path.read_bytes() if path.is_file() else b"") == before


def test_a_folder_in_the_path_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    registry = open_registry(tmp_path, path="taken/registry.db")

    with pytest.raises(UnreachableError) as caught:
        registry.read_state()

    assert caught.value.message == f"{tmp_path}/taken/registry.db cannot be made"


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    registry = open_registry(tmp_path, path="x" * 300)

    with pytest.raises(UnreachableError) as caught:
        registry.read_state()

    assert caught.value.detail == "File name too long"


def test_a_folder_that_may_not_be_written(open_folder: Path, ordinary_user: None) -> None:
    _chmod_as_root(open_folder, 0o555)
    registry = open_registry(open_folder)

    with pytest.raises(UnreachableError) as caught:
        registry.register_schema("s", A)

    assert caught.value.message == f"{open_folder}/registry.db: the file cannot be opened"
    assert caught.value.fix == "make it and its folder writable for this user"


def test_a_file_in_a_folder_that_may_not_be_written(open_folder: Path, ordinary_user: None) -> None:
    first = open_registry(open_folder)
    first.register_schema("s", A)
    first.close()
    _chmod_as_root(open_folder, 0o555)
    registry = open_registry(open_folder)

    with pytest.raises(RegistryError) as caught:
        registry.read_state()

    assert caught.value.fix == "make it and its folder writable for this user"


def test_a_folder_that_may_not_be_made(open_folder: Path, ordinary_user: None) -> None:
    _chmod_as_root(open_folder, 0o555)
    registry = open_registry(open_folder, path="sub/registry.db")

    with pytest.raises(ForbiddenError) as caught:
        registry.register_schema("s", A)

    assert caught.value.message == f"{open_folder}/sub/registry.db cannot be made"


def test_a_file_that_may_only_be_read(open_folder: Path, ordinary_user: None) -> None:
    first = open_registry(open_folder)
    first.register_schema("s", A)
    first.close()
    (open_folder / "registry.db").chmod(0o444)
    registry = open_registry(open_folder)

    with pytest.raises(ForbiddenError) as caught:
        registry.register_schema("t", A)

    assert list(registry.read_state().subjects) == ["s"]
    assert caught.value.message == f"{open_folder}/registry.db: the file or its folder may not be written"
    registry.close()


def test_waiting_for_another_writer_ends_with_words(tmp_path: Path) -> None:
    registry = open_registry(tmp_path, timeout=0.05)
    registry.register_schema("s", A)
    other = sqlite3.connect(tmp_path / "registry.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(UnreachableError) as caught:
        registry.register_schema("t", A)
    readable = list(registry.read_state().subjects)
    other.execute("ROLLBACK")
    other.close()

    assert caught.value.message == f"{tmp_path}/registry.db: another process kept the file locked"
    assert caught.value.fix == "run again, or raise `timeout`"
    assert readable == ["s"]
    assert registry.register_schema("t", A).version == 1
    registry.close()


def test_waiting_for_another_that_makes_the_file_ends_with_words(tmp_path: Path) -> None:
    registry = open_registry(tmp_path, timeout=0.05)
    other = sqlite3.connect(tmp_path / "registry.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(UnreachableError) as caught:
        registry.read_state()
    other.execute("ROLLBACK")
    other.close()

    assert caught.value.message == f"{tmp_path}/registry.db: another process kept the file locked"
    assert registry.read_state().subjects == {}
    registry.close()


def test_a_connection_in_use_is_closed_when_it_comes_back(tmp_path: Path) -> None:
    store = Store(tmp_path / "registry.db", "laptop", 1.0)

    with store.writing() as connection:
        store.close()
        connection.execute("INSERT INTO settings (subject, mode) VALUES ('s', 'FULL')")

    with pytest.raises(sqlite3.ProgrammingError, match="closed database"):
        connection.execute("SELECT 1")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["registry.db"]


def test_a_failure_that_is_not_the_files_stays_what_it_is(tmp_path: Path) -> None:
    store = Store(tmp_path / "registry.db", "laptop", 1.0)

    with pytest.raises(OSError, match="No space left"), store.writing():
        raise OSError(28, "No space left on device")

    store.close()


FAILURES: list[tuple[str, type[RegistryError], str]] = [
    ("SQLITE_BUSY_RECOVERY", UnreachableError, "another process kept the file locked"),
    ("SQLITE_READONLY_DIRECTORY", ForbiddenError, "the file or its folder may not be written"),
    ("SQLITE_PERM", ForbiddenError, "the file may not be opened"),
    ("SQLITE_AUTH", ForbiddenError, "the file may not be opened"),
    ("SQLITE_CANTOPEN", UnreachableError, "the file cannot be opened"),
    ("SQLITE_NOTADB", UnexpectedAnswerError, "the file is no SQLite database"),
    ("SQLITE_CORRUPT_INDEX", UnexpectedAnswerError, "the file is damaged"),
    ("SQLITE_FULL", UnreachableError, "the disk is full; nothing was written"),
    ("SQLITE_IOERR_FSYNC", UnreachableError, "the disk does not read or write"),
    ("SQLITE_TOOBIG", RejectedError, "the content is larger than SQLite stores"),
]


@pytest.mark.parametrize(("name", "kind", "message"), FAILURES)
def test_a_failure_of_sqlite_undoes_the_write_and_is_told(
    tmp_path: Path, name: str, kind: type[RegistryError], message: str
) -> None:
    store = Store(tmp_path / "registry.db", "laptop", 1.0)
    failure = sqlite3.OperationalError("words of SQLite")
    failure.sqlite_errorname = name

    with pytest.raises(kind) as caught, store.writing() as connection:
        connection.execute("INSERT INTO settings (subject, mode) VALUES ('s', 'FULL')")
        raise failure

    with store.reading() as connection:
        assert connection.execute("SELECT count(*) FROM settings").fetchone() == (0,)
    store.close()
    assert (caught.value.message, caught.value.code) == (f"{tmp_path}/registry.db: {message}", name)
    assert caught.value.detail == "words of SQLite"
    assert caught.value.fix


def test_another_failure_of_sqlite_is_told_too(tmp_path: Path) -> None:
    store = Store(tmp_path / "registry.db", "laptop", 1.0)

    with pytest.raises(UnexpectedAnswerError) as caught, store.reading() as connection:
        connection.execute("SELECT name FROM nowhere")

    store.close()
    assert str(caught.value) == (
        f"laptop: {tmp_path}/registry.db cannot be read as a registry (code SQLITE_ERROR): no such table: nowhere"
    )


def _chmod_as_root(folder: Path, mode: int) -> None:
    user = os.geteuid()
    if os.getuid() == 0:
        os.seteuid(0)
    folder.chmod(mode)
    os.seteuid(user)
