"""Waivers that a change brings and that let nothing of it through, and those whose last day is over."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from reconciler.files import WAIVERS_NAME
from reconciler.model import DesiredSubject, Finding, Severity, Source, Waiver
from reconciler.repository import DesiredState
from reconciler.repository.revisions import TreeEntry, read_contents
from reconciler.repository.shared_waivers import PlacedWaiver, read_shared_waivers
from reconciler.repository.walk import SourceFile

_TOLD = frozenset({"WAIVER_UNUSED", "WAIVER_EXPIRED"})


@dataclass(frozen=True)
class ChangedWaivers:
    """Files of waivers that a change touches: what stands in them now, and what stood in them before."""

    now: tuple[PlacedWaiver, ...] = ()
    before: tuple[PlacedWaiver, ...] = ()


def read_changed_waivers(root: Path, changed: Iterable[str], tree: Mapping[str, TreeEntry]) -> ChangedWaivers:
    """Read the files of waivers that a change touches, as they are and as they were in the tree of its base."""
    files = sorted(path for path in changed if path.rpartition("/")[2] == WAIVERS_NAME)
    if not files:
        return ChangedWaivers()
    there = {path: tree[path] for path in files if path in tree}
    contents = read_contents(root, there.values())
    with TemporaryDirectory(prefix="schemafed-") as name:
        for path, entry in there.items():
            (Path(name) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(name) / path).write_bytes(contents[entry.content])
        return ChangedWaivers(_read(root, files), _read(Path(name), files))


def check_waivers(
    subjects: Mapping[str, DesiredSubject],
    before: DesiredState | None,
    changed: ChangedWaivers,
    findings: Collection[Finding],
    today: str,
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Hold the waivers of what a change touches against what it lets through.

    Args:
        subjects: those that the change touches, as it declares them.
        before: what the base declared.
        changed: the files of waivers that the change touches.
        findings: what the change brings, once waivers are settled.
        today: as YYYY-MM-DD; a waiver holds up to and with its last day.

    Returns:
        what the change brings: waivers that let nothing through, or are over; and those that were over before.
    """
    earlier = {_as_written(w) for s in _find_same(subjects, before) for w in s.waivers}
    earlier |= {_as_written(placed.waiver) for placed in changed.before}
    brought: list[Finding] = []
    known: list[Finding] = []
    for waiver, names in _find_waivers(subjects, changed).items():
        if _is_told(waiver, names, findings):
            continue
        is_new = _as_written(waiver) not in earlier
        if waiver.until < today:
            (brought if is_new else known).append(_make_over(waiver))
        elif is_new:
            brought.append(_make_unused(waiver))
    return tuple(brought), tuple(known)


def _read(root: Path, files: Iterable[str]) -> tuple[PlacedWaiver, ...]:
    there = [SourceFile(path, "") for path in files if (root / path).is_file()]
    return read_shared_waivers(root, there)[0]


def _find_same(subjects: Iterable[str], before: DesiredState | None) -> Iterator[DesiredSubject]:
    yield from (before.subjects[name] for name in subjects if before and name in before.subjects)


def _find_waivers(subjects: Mapping[str, DesiredSubject], changed: ChangedWaivers) -> Mapping[Waiver, frozenset[str]]:
    """Every waiver of what the change touches, with those of its subjects that it is about."""
    found: dict[Waiver, frozenset[str]] = {placed.waiver: frozenset() for placed in changed.now}
    for name, subject in subjects.items():
        for waiver in subject.waivers:
            found[waiver] = found.get(waiver, frozenset()) | {name}
    return found


def _as_written(waiver: Waiver) -> tuple[object, ...]:
    """What makes a waiver the same one before and after: not its line, which others may have moved."""
    return waiver.code, waiver.path, waiver.reason, waiver.approver, waiver.until


def _is_told(waiver: Waiver, names: Collection[str], findings: Iterable[Finding]) -> bool:
    """Whether a waiver lets something through, would do so, or is spoken of already."""
    return any(
        finding.location == waiver.location
        if finding.code in _TOLD
        else finding.subject in names and waiver.path in (None, finding.path) and _is_about(waiver, finding)
        for finding in findings
    )


def _is_about(waiver: Waiver, finding: Finding) -> bool:
    return finding.code == waiver.code or (finding.code == "WAIVED" and finding.message.startswith(f"{waiver.code}: "))


def _make_unused(waiver: Waiver) -> Finding:
    message = f"the waiver of {waiver.code} ({waiver.reason}) lets nothing of this change through"
    return _make("WAIVER_UNUSED", waiver, message, "correct its code or what it is about, or remove it")


def _make_over(waiver: Waiver) -> Finding:
    message = f"the waiver of {waiver.code} ({waiver.reason}) held until {waiver.until}, and still stands in Git"
    return _make("WAIVER_EXPIRED", waiver, message, "it lets nothing through any more: remove it")


def _make(code: str, waiver: Waiver, message: str, fix: str) -> Finding:
    return Finding(code, Severity.WARNING, Source.PLANNING, message, location=waiver.location, fix=fix)
