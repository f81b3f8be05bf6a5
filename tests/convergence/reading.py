"""What a registry holds, read with a client of the tests, and how it differs from what it must hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import quote

from tests.contract.targets.raw_file import RawFile
from tests.convergence.scenario import FOREIGN, GONE, WANTED, Wanted, is_text
from tests.raw_registry import RawRegistry, RawVersion


@dataclass(frozen=True)
class Held:
    """One subject: its undeleted versions, old to new, the numbers of all that there were, and its own mode."""

    versions: tuple[RawVersion, ...]
    numbers: tuple[int, ...]
    mode: str | None

    @property
    def latest(self) -> RawVersion:
        return self.versions[-1]

    @property
    def content(self) -> tuple[object, ...]:
        """All but the ids, which differ where the same was registered anew."""
        return [replace(v, id=0) for v in self.versions], self.numbers, self.mode


Holding = Mapping[str, Held]
"""What a registry holds, by subject; under the empty name its own level."""


class Reader(Protocol):
    """Reads a registry without the product's code."""

    def read_subjects(self) -> list[str]: ...

    def read_versions(self, subject: str) -> list[RawVersion]: ...

    def read_numbers(self, subject: str) -> list[int]: ...

    def read_compatibility(self, subject: str = "") -> str | None: ...


@dataclass(frozen=True)
class FileReader:
    """Reads the file of a local registry."""

    file: RawFile

    def read_subjects(self) -> list[str]:
        with self.file._open() as connection:
            rows = connection.execute("SELECT DISTINCT subject FROM versions UNION SELECT subject FROM settings")
            return [name for (name,) in rows if name]

    def read_versions(self, subject: str) -> list[RawVersion]:
        return self.file.read_versions(subject)

    def read_numbers(self, subject: str) -> list[int]:
        return self.file.read_numbers(subject)

    def read_compatibility(self, subject: str = "") -> str | None:
        return self.file.read_compatibility(subject)


@dataclass(frozen=True)
class ServerReader:
    """Reads a server, the subjects with a prefix, under their names without it."""

    http: RawRegistry
    prefix: str = ""

    def read_subjects(self) -> list[str]:
        found = self.http.read_subjects(deleted=True)
        return [name.removeprefix(self.prefix) for name in found if name.startswith(self.prefix)]

    def read_versions(self, subject: str) -> list[RawVersion]:
        return [self._shorten(v) for v in self.http.read_versions(self.prefix + subject)]

    def read_numbers(self, subject: str) -> list[int]:
        path = f"/subjects/{quote(self.prefix + subject, safe='')}/versions?deleted=true"
        answer = self.http.send("GET", path)
        return sorted(answer.body) if answer.status == 200 else []

    def read_compatibility(self, subject: str = "") -> str | None:
        return self.http.read_compatibility(self.prefix + subject if subject else "")

    def _shorten(self, version: RawVersion) -> RawVersion:
        references = [replace(r, subject=r.subject.removeprefix(self.prefix)) for r in version.references]
        return replace(version, subject=version.subject.removeprefix(self.prefix), references=tuple(references))


def read_holding(reader: Reader) -> Holding:
    """Read everything, the deleted too."""
    held = {name: _read_held(reader, name) for name in reader.read_subjects()}
    return {**held, "": Held((), (), reader.read_compatibility())}


def _read_held(reader: Reader, name: str) -> Held:
    versions, numbers = reader.read_versions(name), reader.read_numbers(name)
    return Held(tuple(versions), tuple(numbers), reader.read_compatibility(name))


def find_touched(before: Holding, now: Holding) -> list[str]:
    """The subjects of somebody else that are not what they were."""
    return [name for name in FOREIGN if name not in now or before[name].content != now[name].content]


def read_foreign(reader: Reader) -> Holding:
    """Read the subjects of somebody else alone."""
    return {name: _read_held(reader, name) for name in FOREIGN}


def find_deviations(
    before: Holding,
    now: Holding,
    *,
    level: str | None,
    restores: bool,
    no_mode: str | None,
    is_permanent: bool,
    lacks: frozenset[str],
) -> list[str]:
    """Hold a registry against the last step of the scenario.

    Args:
        before: what it held when the step began.
        level: the registry's own level that is declared; None where none is.
        restores: whether it can make an older schema the latest under a new number; else newer ones are deleted.
        no_mode: what it answers for a subject without a mode of its own.
        is_permanent: whether what is deleted goes for good.
        lacks: the subjects that its kind cannot hold.

    Returns:
        a line for everything that is not as it must be.
    """
    lines = [f"{name} of somebody else was touched: {now.get(name)}" for name in find_touched(before, now)]
    if level is not None and now[""].mode != level:
        lines.append(f"the registry's level is {now[''].mode}, not {level}")
    lines += [
        f"{name} is there and must not be" for name in now.keys() - WANTED.keys() - {*FOREIGN, ""} if now[name].versions
    ]
    if is_permanent:
        lines += [f"{name} is deleted softly only" for name in GONE if name in now and now[name].numbers]
    for name, wanted in WANTED.items():
        if name in lacks:
            continue
        if not restores and name == "account":
            wanted = replace(wanted, versions=(1,))
        wanted = replace(wanted, mode=wanted.mode or no_mode)
        held = now.get(name)
        lines += [
            f"{name}: {line}" for line in (_compare(wanted, held) if held and held.versions else ["is not there"])
        ]
    return lines


def _compare(wanted: Wanted, held: Held) -> Iterator[str]:
    if not is_text(wanted.text, held.latest.text):
        yield f"holds {held.latest.text}"
    if sorted(wanted.references) != sorted((r.name, r.subject, r.version) for r in held.latest.references):
        yield f"refers to {held.latest.references}"
    if held.mode != wanted.mode:
        yield f"has the mode {held.mode}, not {wanted.mode}"
    if tuple(v.version for v in held.versions) != wanted.versions:
        yield f"has the versions {[v.version for v in held.versions]}, not {wanted.versions}"
