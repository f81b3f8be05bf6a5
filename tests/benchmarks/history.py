"""A repository with a long past: commit by commit, written by one `git fast-import`."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.samples import find_file, make_file, make_mode, make_schema

_BEGAN = 1_700_000_000
_AUTHOR = "bench <bench@localhost>"


def write_history(root: Path, subjects: int, commits: int) -> None:
    """Commit as many subjects as :func:`tests.benchmarks.samples.write_repository` writes, and check them out.

    The first commit has all of them, each later one a new revision of one subject; every revision says so in its
    documentation and is otherwise alike, so that all are compatible. What else lies in the folder becomes part of the
    first commit.

    Args:
        root: where; not a repository yet.
        subjects: how many.
        commits: how many there are at the end.
    """
    subprocess.run(["git", "init", "-q", "-b", "main", str(root)], check=True)
    git = ("git", "-C", str(root))
    with subprocess.Popen([*git, "fast-import", "--quiet", "--done"], stdin=subprocess.PIPE) as importing:
        assert importing.stdin
        for part in _make_stream(root, subjects, commits):
            importing.stdin.write(part)
    if importing.returncode:
        raise subprocess.CalledProcessError(importing.returncode, "git fast-import")
    subprocess.run([*git, "reset", "-q", "--hard", "main"], check=True)


def _make_stream(root: Path, subjects: int, commits: int) -> Iterator[bytes]:
    yield _make_commit(0, "Every schema as it is at first")
    for path in sorted(p for p in root.rglob("*") if p.is_file() and ".git" not in p.relative_to(root).parts):
        yield _make_entry(path.relative_to(root), path.read_text())
    for number in range(subjects):
        path = find_file(Path(), number)
        yield _make_entry(path, _make_revision(number, _count_revisions(number, subjects, commits)))
        yield _make_entry(path.with_suffix(".yaml"), f"compatibility: {make_mode(number)}\n")
    for commit in range(1, commits):
        number = commit % subjects
        left = _count_revisions(number, subjects, commits) - 1 - (commit - (number or subjects)) // subjects
        yield _make_commit(commit, f"Revise kind {number}")
        yield _make_entry(find_file(Path(), number), _make_revision(number, left))
    yield b"done\n"


def _count_revisions(number: int, subjects: int, commits: int) -> int:
    """How many of the commits after the first are of a subject."""
    return len(range(number or subjects, commits, subjects))


def _make_revision(number: int, left: int) -> str:
    """A schema's text when so many revisions are still to come; the last one is what everybody else knows."""
    schema = make_schema(number)
    return make_file({**schema, "doc": f"{schema['doc']} {left} to go."} if left else schema)


def _make_commit(number: int, message: str) -> bytes:
    text = message.encode()
    head = f"commit refs/heads/main\ncommitter {_AUTHOR} {_BEGAN + 60 * number} +0000\ndata {len(text)}\n"
    return head.encode() + text + b"\n"


def _make_entry(path: Path, text: str) -> bytes:
    content = text.encode()
    return f"M 100644 inline {path.as_posix()}\ndata {len(content)}\n".encode() + content + b"\n"
