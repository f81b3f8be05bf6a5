"""What a copy changes for a while, written down before it does, so that whoever comes next can give it back.

The file is beside the repository's other local files, for each target one. It is held by a lock of the system's, which
ends with the process that has it.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

from reconciler.errors import ConfigurationError, UsageError
from reconciler.model import Mode, SettingValue

FOLDER = ".schemafed/copy"


@dataclass(frozen=True, slots=True)
class Before:
    """What a subject had before: its mode and the setting that an import changes; which of them is changed."""

    mode: Mode | None = None
    setting: SettingValue | None = None
    is_loosened: bool = False
    is_importing: bool = False


class Journal:
    """The journal of one target; see :func:`open_journal`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Mapping[str, Before]:
        """What an earlier copy left to be given back, by subject.

        Raises:
            ConfigurationError: the file is not one of ours.
        """
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
            return {name: _make_before(entry) for name, entry in content["subjects"].items()}
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ConfigurationError(
                f"{self.path}, which says what an earlier copy has to give back, cannot be read: {error}",
                fix="look at the write modes and modes of the target's subjects yourself, then delete the file",
            ) from error

    def write(self, subjects: Mapping[str, Before]) -> None:
        """Write down what is going to be changed, such that it outlives the machine; where nothing is, delete it."""
        if not subjects:
            self.path.unlink(missing_ok=True)
            return
        document = {"version": 1, "subjects": {name: asdict(before) for name, before in subjects.items()}}
        draft = self.path.with_suffix(".draft")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(document, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)


@contextmanager
def open_journal(root: Path, target: str) -> Iterator[Journal]:
    """Hold the journal of a target for the length of a ``with`` block.

    Raises:
        UsageError: another copy holds it.
        ConfigurationError: nothing can be written there, and so nothing may be changed for a while.
    """
    path = root / FOLDER / f"{quote(target, safe='')}.json"
    with _open_lock(path.with_suffix(".lock")) as lock:
        _take(lock, target)
        yield Journal(path)


def read_left(root: Path, target: str) -> Mapping[str, Before]:
    """What an earlier copy left, without holding anything."""
    return Journal(root / FOLDER / f"{quote(target, safe='')}.json").read()


def _open_lock(path: Path) -> IO[str]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / ".gitignore").write_text("*\n", encoding="utf-8")
        return path.open("w")
    except OSError as error:
        raise ConfigurationError(
            f"{path.parent} cannot be written ({error.strerror}), where a copy notes what it has to give back",
            fix="copy from a folder that you may write to",
        ) from error


def _take(lock: IO[str], target: str) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise UsageError(
            f"another copy into {target} is under way in this folder", fix="wait until it has ended"
        ) from error


def _make_before(entry: Mapping[str, object]) -> Before:
    mode = entry["mode"]
    setting = entry["setting"]
    return Before(
        None if mode is None else Mode(str(mode)),
        setting if isinstance(setting, str) else None,
        bool(entry["is_loosened"]),
        bool(entry["is_importing"]),
    )
