"""``copy``: subjects of one registry into another, with their history, and proof that they arrived."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path

from reconciler.config import Config
from reconciler.copying import CopyPlan, CopyRequest, Side, SubjectCopy, VersionKey, plan_copy, verify_copy
from reconciler.copying.findings import make_unlike
from reconciler.errors import UsageError
from reconciler.federation import open_registries
from reconciler.model import Finding, LiveState, Severity, Source
from reconciler.operations.copying.journal import Before, Journal, open_journal, read_left
from reconciler.operations.copying.reading import Wanted, read_both, read_target
from reconciler.operations.copying.recognising import recognise
from reconciler.operations.copying.restoring import restore_left
from reconciler.operations.copying.running import Run, find_temporary
from reconciler.operations.copying.writing import Made
from reconciler.operations.places import choose_place, name_in_git, name_in_registry
from reconciler.operations.progress import Progress, silent
from reconciler.operations.settings import load_valid_config, resolve_registries
from reconciler.registry import SchemaRegistry


@dataclass(frozen=True, slots=True)
class Copying:
    """What is asked for.

    ``source`` and ``target`` are registries, or environments that have one each. ``subject`` and ``excepted`` are globs
    over names of Git: those that are copied, and those of them that are not.
    """

    source: str
    target: str
    has_every_version: bool = False
    keeps_ids: bool = False
    subject: str = "*"
    excepted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Planned:
    """A plan with what it was made from."""

    plan: CopyPlan
    source: Side
    target: Side
    request: CopyRequest


@dataclass(frozen=True)
class Copied:
    """What became of a copy.

    ``numbers`` and ``ids`` are those that versions of the source have in the target, ``failed`` says by subject of the
    source why it is not complete. ``findings`` are those of the plan and of reading back. ``unrestored`` are subjects
    of the target that still have what was meant for a while.
    """

    plan: CopyPlan
    numbers: Mapping[VersionKey, int] = field(default_factory=dict)
    ids: Mapping[VersionKey, int | None] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    unrestored: tuple[str, ...] = ()
    verified: int = 0
    is_interrupted: bool = False
    stopped: str | None = None

    @property
    def is_complete(self) -> bool:
        """Whether everything was done, and is there as it should be."""
        return not (self.failed or self.unrestored or self.is_interrupted or any(f.blocks for f in self.findings))


class CopyRun:
    """Two open registries, one to be copied into the other; see :func:`open_copy`."""

    def __init__(self, root: Path, config: Config, asked: Copying, opened: Mapping[str, SchemaRegistry]) -> None:
        self._root = root
        self._config = config
        self._asked = asked
        self._from, self._to = choose_place(config, asked.source), choose_place(config, asked.target)
        self._source, self._target = opened[self._from[0]], opened[self._to[0]]

    def plan(self, on_progress: Progress = silent) -> Planned:
        """Read both registries and say what is to be written.

        Raises:
            RegistryError: one of them cannot be read.
            UsageError: nothing fits.
        """
        on_progress(f"reading {self._source.name}")
        state = self._source.read_state(modes_of=())
        in_git = name_in_git(self._config, *self._from, state.subjects)
        wanted = Wanted(self._choose(in_git, state), self._asked.has_every_version, self._asked.keeps_ids)
        by_live = {live: name for name, live in in_git.items()}

        def rename(subject: str) -> tuple[str, str | None] | None:
            name = by_live.get(subject)
            return name_in_registry(self._config, *self._to, name) if name is not None else None

        source, target, request = read_both(self._source, self._target, state, wanted, rename, on_progress)
        on_progress("comparing")
        plan = plan_copy(source, target, request)
        while foreign := _find_foreign(plan, "COPY_CONFLICT"):
            numbers = {(s.source, n): there for s in plan.subjects for n, there in s.present.items()}
            asked = recognise(self._target, (source, target), request, foreign, numbers, on_progress)
            if asked.recognised == request.recognised:
                break
            request = asked
            plan = plan_copy(source, target, request)
        further = (*self._find_left(), *self._find_nameless(state, in_git))
        return Planned(replace(plan, findings=(*further, *plan.findings)), source, target, request)

    def restore(self) -> tuple[str, ...]:
        """Give back what an earlier copy, which was cut off, left changed; the subjects concerned."""
        with self._hold_journal() as journal:
            left = journal.read()
            restored = restore_left(self._target, left) if left else ()
            journal.write({})
        return restored

    def make(self, planned: Planned, on_progress: Progress = silent) -> Copied:
        """Write what a plan says, and read it back."""
        with self._hold_journal() as journal:
            made = self._write(planned, journal, on_progress)
        numbers = _with_merged(planned.plan, made.numbers)
        done = tuple(s for s in planned.plan.changed if s.source not in made.failed)
        found = () if made.is_interrupted else self._verify(planned, done, numbers, on_progress)
        told = {**dict.fromkeys(planned.plan.findings), **dict.fromkeys(made.findings), **dict.fromkeys(found)}
        return Copied(
            planned.plan,
            numbers,
            made.ids,
            made.failed,
            tuple(told),
            tuple(sorted(made.left)),
            0 if made.is_interrupted else sum((s.source == n) for s in done for n, _ in numbers),
            made.is_interrupted,
            made.stopped,
        )

    def _write(self, planned: Planned, journal: Journal, on_progress: Progress) -> Made:
        importing = self._target.capabilities.importing
        held = {
            name: settings[importing.setting]
            for name, settings in planned.target.settings.items()
            if importing and importing.setting in settings
        }
        temporary = find_temporary(planned.plan, self._target, held)
        journal.write(temporary)
        what = f"copying to {self._target.name}"
        on_progress(what)
        made = Run(planned.plan, self._target, temporary, lambda done, total: on_progress(what, done, total)).run()
        journal.write({name: temporary[name] for name in made.left})
        return made

    def _verify(
        self, planned: Planned, done: tuple[SubjectCopy, ...], numbers: Mapping[VersionKey, int], on_progress: Progress
    ) -> tuple[Finding, ...]:
        """Read what was copied, with what it refers to, and compare every version."""
        if not done:
            return ()
        on_progress("reading back")
        now = read_target(self._target, [subject.target for subject in done], on_progress)
        left = (f for subject in done if (f := self._find_still_importing(planned.target, now, subject)))
        found = tuple(verify_copy(planned.source, now, planned.request, done, numbers))
        if foreign := _find_foreign(replace(planned.plan, findings=found), "COPY_DIFFERS"):
            asked = recognise(self._target, (planned.source, now), planned.request, foreign, numbers, on_progress)
            found = tuple(verify_copy(planned.source, now, asked, done, numbers))
        return (*found, *left)

    def _find_still_importing(self, before: Side, now: Side, subject: SubjectCopy) -> Finding | None:
        """Look whether the setting that an import changes came back, whoever changed it."""
        importing = self._target.capabilities.importing
        held = now.settings.get(subject.target, {}).get(importing.setting) if importing else None
        had = before.settings.get(subject.target, {}).get(importing.setting) if importing else None
        if importing is None or held != importing.value or held == had:
            return None
        message = f"its {importing.setting} is still {held}: a request whose answer was lost may have come late"
        return make_unlike(now.name, subject.target, message, f"set {importing.setting} to what it was")

    def _choose(self, in_git: Mapping[str, str], state: LiveState) -> frozenset[str]:
        chosen = [
            live
            for name, live in in_git.items()
            if fnmatchcase(name, self._asked.subject)
            and not any(fnmatchcase(name, glob) for glob in self._asked.excepted)
            and (state.subjects[live].latest or state.subjects[live].problem)
        ]
        if not chosen and self._asked.subject != "*":
            raise UsageError(
                f"{self._source.name} has no subject that fits {self._asked.subject}",
                fix=f"`schemafed compare {self._asked.source} {self._asked.target}` lists what both have",
            )
        return frozenset(chosen)

    def _hold_journal(self) -> AbstractContextManager[Journal]:
        return open_journal(self._root, self._target.name)

    def _find_left(self) -> Iterator[Finding]:
        left: Mapping[str, Before] = read_left(self._root, self._target.name)
        if left:
            yield Finding(
                "COPY_UNFINISHED",
                Severity.WARNING,
                Source.PLANNING,
                f"an earlier copy was cut off, and {len(left):,} subjects may still have a mode or write mode that was"
                " meant for a while",
                registry=self._target.name,
                fix="run the copy: it gives them back first, whatever else it does",
            )

    def _find_nameless(self, state: LiveState, in_git: Mapping[str, str]) -> Iterator[Finding]:
        nameless = sorted(state.subjects.keys() - set(in_git.values()))
        if nameless:
            yield Finding(
                "NOT_COPIED",
                Severity.INFO,
                Source.PLANNING,
                f"the `name` template of {self._source.name} makes no such names, so they are not copied:"
                f" {', '.join(nameless[:3])}{f' and {len(nameless) - 3:,} more' if len(nameless) > 3 else ''}",
                registry=self._source.name,
            )


@contextmanager
def open_copy(root: Path, asked: Copying) -> Iterator[CopyRun]:
    """Open both registries for the length of a ``with`` block.

    Raises:
        UsageError: there is no such registry, or both are one.
        ConfigurationError: the settings of one are not usable.
    """
    config = load_valid_config(root)
    source, target = choose_place(config, asked.source), choose_place(config, asked.target)
    if source[0] == target[0]:
        raise UsageError(f"{source[0]} cannot be copied into itself", fix="name two registries")
    with open_registries(resolve_registries(config, [source[0], target[0]], root)) as opened:
        yield CopyRun(root, config, asked, opened)


def _find_foreign(plan: CopyPlan, code: str) -> tuple[str, ...]:
    """The subjects of the source of which findings of a code speak, by their names in the target."""
    named = {finding.subject for finding in plan.findings if finding.code == code}
    return tuple(subject.source for subject in plan.subjects if subject.target in named)


def _with_merged(plan: CopyPlan, numbers: Mapping[VersionKey, int]) -> dict[VersionKey, int]:
    """The numbers of the versions that another one stands for, too."""
    found = dict(numbers)
    for subject in plan.subjects:
        for number, stand_in in subject.merged.items():
            if (subject.source, stand_in) in numbers:
                found[subject.source, number] = numbers[subject.source, stand_in]
    return found
