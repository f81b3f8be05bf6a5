"""A guide of the documentation, done as it is written: its commands run in order, and print what it shows.

A fenced block `console` holds commands after `$`, each with what it prints, or with nothing where that is left out. A
line `...` stands for any lines. A block `text` is a part of what the last command printed. A block `yaml` that begins
with the name of a file is that file.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.repositories import Outcome, Repository, run_git

_PART = re.compile(r"^## (?P<heading>[^\n]+)$|^(?P<indent> *)```(?P<language>\w+)\n(?P<text>.*?)^ *```$", re.M | re.S)
_CHANGING = (
    (re.compile(r"\b[0-9a-f]{40}\b|\b[0-9a-f]{10,12}\b"), "<commit>"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC"), "<time>"),
    (re.compile(r"\b\d+ ms\b"), "<duration>"),
)
"""What is another one each time."""
_NOT_RUN = re.compile(r"pipx ")
_ASKS = re.compile(r"schemafed (apply|promote .*--apply)")


@dataclass(frozen=True)
class Block:
    """A fenced block, or a heading where there is no language."""

    language: str
    text: str


@dataclass
class Reader:
    """Somebody who does what a guide says: in which folder, and what the last command printed."""

    folder: Path
    terminal: Repository
    variables: Mapping[str, str] = field(default_factory=dict)
    printed: str = ""

    def do(self, block: Block) -> None:
        """Do what a block says, and see that it shows what comes of it."""
        if block.language == "console":
            for command, shown in read_commands(block.text):
                self._run(command, shown)
        elif block.language == "text":
            assert steady(block.text) in steady(self.printed)
        elif name := re.match(r"# (\S+\.yaml)\n", block.text):
            self.write(name.group(1), block.text)

    def write(self, path: str, text: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def edit(self, path: str, before: str, after: str) -> None:
        text = (self.folder / path).read_text(encoding="utf-8")
        assert text.count(before) == 1
        self.write(path, text.replace(before, after))

    def commit(self, message: str) -> None:
        run_git(self.folder, "add", "--all")
        run_git(self.folder, "commit", "--quiet", "--message", message)

    def schemafed(self, *arguments: str) -> Outcome:
        """Run one command of ours in the folder, which must not end with an error."""
        os.chdir(self.folder)
        done = self.terminal.run_plain(*arguments)
        assert done.exit_code in (0, 3), done.text
        return done

    def _run(self, command: str, shown: str) -> None:
        if command.startswith("cd "):
            self.folder = (self.folder / command.removeprefix("cd ")).resolve()
        elif command.startswith("schemafed ") and " < " not in command:
            # The question that is asked on a terminal is answered.
            answer = ["--yes"] if _ASKS.match(command) else []
            self.printed = self.schemafed(*shlex.split(command)[1:], *answer).out
        elif not _NOT_RUN.match(command):
            path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
            done = subprocess.run(
                ["sh", "-c", command],
                cwd=self.folder,
                env={**os.environ, "PATH": path},
                check=True,
                capture_output=True,
                text=True,
            )
            self.printed = done.stdout
        if shown:
            assert_shown(shown, self.printed)


def read_blocks(page: Path) -> list[Block]:
    """The headings and the fenced blocks of a page, in order."""
    found = []
    for part in _PART.finditer(page.read_text(encoding="utf-8")):
        indent = len(part["indent"] or "")
        lines = "".join(line[indent:] if line.strip() else line for line in (part["text"] or "").splitlines(True))
        found.append(Block(part["language"] or "", lines or part["heading"] or ""))
    return found


def read_commands(text: str) -> Iterator[tuple[str, str]]:
    """The commands of a block, each with what the page shows of it."""
    for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown.strip("\n")


def steady(text: str) -> str:
    """A report without what is another one each time, and without what an editor strips."""
    for pattern, name in _CHANGING:
        text = pattern.sub(name, text)
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


def assert_shown(shown: str, printed: str) -> None:
    """See that a page shows what was printed; compared as text, so that pytest can tell where they differ."""
    parts = steady(shown).split("\n...")
    whole = steady(printed)
    if len(parts) == 1:
        assert whole == parts[0]
    assert whole.startswith(parts[0]), whole
    for part in parts[1:]:
        assert part in whole, whole
        whole = whole.partition(part)[2]
