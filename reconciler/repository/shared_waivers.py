"""Waivers that stand in a file of their own, for the subjects of a folder: ``waivers.yaml``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from reconciler.file_findings import make_warning
from reconciler.files import WAIVERS_NAME
from reconciler.manifest import SharedWaiver, Waivers
from reconciler.model import DesiredSubject, Finding, Waiver
from reconciler.repository.patterns import compile_pattern
from reconciler.repository.settings import read_model
from reconciler.repository.state import UnreadSubject
from reconciler.repository.walk import SourceFile


@dataclass(frozen=True, slots=True)
class PlacedWaiver:
    """An entry of a file of waivers, as the waiver that it is; ``folder`` is that of the file, '' for the root."""

    folder: str
    entry: SharedWaiver
    waiver: Waiver

    def covers(self, subject: DesiredSubject | UnreadSubject) -> bool:
        """Whether the entry is about a subject: one of its folder whose name and file fit."""
        file = subject.location.file
        if self.folder and not file.startswith(f"{self.folder}/"):
            return False
        below = file[len(self.folder) + 1 :] if self.folder else file
        is_named = self.entry.subject is None or fnmatchcase(subject.name, self.entry.subject)
        return is_named and (self.entry.file is None or compile_pattern(self.entry.file).matches(below))


def read_shared_waivers(
    root: Path, files: Iterable[SourceFile]
) -> tuple[tuple[PlacedWaiver, ...], tuple[Finding, ...]]:
    """Read the waivers of the root and of every folder that holds schemas, with what is wrong with their files."""
    paths = [file.path for file in files if file.name == WAIVERS_NAME]
    if WAIVERS_NAME not in paths and (root / WAIVERS_NAME).is_file():
        paths.insert(0, WAIVERS_NAME)
    placed: list[PlacedWaiver] = []
    findings: list[Finding] = []
    for path in paths:
        model, document, wrong = read_model(root, path, Waivers, {})
        findings.extend(wrong)
        for index, entry in enumerate(model.waivers if model else ()):
            location = document.locate(("waivers", index))
            waiver = Waiver(entry.code, entry.reason, entry.approver, entry.until, location, entry.path)
            placed.append(PlacedWaiver(path.rpartition("/")[0], entry, waiver))
    return tuple(placed), tuple(findings)


def with_shared_waivers(
    subjects: Mapping[str, DesiredSubject], placed: Iterable[PlacedWaiver]
) -> Mapping[str, DesiredSubject]:
    """The same subjects, each with the waivers that cover it after its own."""
    placed = tuple(placed)
    if not placed:
        return subjects
    return {name: _with(subject, [p.waiver for p in placed if p.covers(subject)]) for name, subject in subjects.items()}


def check_shared_waivers(
    placed: Iterable[PlacedWaiver], subjects: Iterable[DesiredSubject | UnreadSubject]
) -> tuple[Finding, ...]:
    """Warn of waivers that cover no subject."""
    subjects = tuple(subjects)
    return tuple(
        make_warning(
            "WAIVER_UNUSED",
            f"the waiver of {p.waiver.code} covers no subject of {p.folder or 'this repository'}",
            p.waiver.location,
            "correct `subject` or `file`, or remove it",
        )
        for p in placed
        if not any(p.covers(subject) for subject in subjects)
    )


def _with(subject: DesiredSubject, waivers: list[Waiver]) -> DesiredSubject:
    return replace(subject, waivers=(*subject.waivers, *waivers)) if waivers else subject
