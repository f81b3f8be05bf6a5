"""``check``: what a change of the repository breaks, told from Git alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from reconciler import git
from reconciler.config import FILE_NAME, Config
from reconciler.errors import UsageError
from reconciler.model import DesiredSubject, Finding, Location, Verdict
from reconciler.operations.approving_gate import check_approvals_of_change
from reconciler.operations.check_base import Base, is_shallow, read_base
from reconciler.operations.check_differences import NO_CHANGES, Changes, compare_subject
from reconciler.operations.check_history import Past, make_identity
from reconciler.operations.check_judging import judge_all
from reconciler.operations.policy_gate import check_policies
from reconciler.operations.registry_entries import check_registries
from reconciler.operations.settings import load_valid_config
from reconciler.operations.validate import make_finding_document
from reconciler.repository import DesiredState, load_desired_state
from reconciler.repository.concerned import ASKS_ALL, MANY
from reconciler.repository.loading import load_concerned
from reconciler.repository.past import Step, read_steps
from reconciler.repository.revisions import (
    TreeEntry,
    load_state_of,
    read_difference,
    read_tree_at,
    read_whole_tree_at,
    select_files,
)
from reconciler.repository.settings import DEFAULTS_NAME

FORMAT_VERSION = 1
"""Counts up when a reader of an older document would misunderstand a newer one."""


class Kind(StrEnum):
    """What a change does to a subject."""

    ADDED = "added"
    CHANGED = "changed"
    RENAMED = "renamed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class CheckedSubject:
    """A subject that differs from the base: how, in what, and how it was judged.

    ``before`` is what a renamed one was called, ``changes`` tell in what a changed one differs.
    """

    name: str
    kind: Kind
    location: Location
    verdicts: tuple[Verdict, ...] = ()
    before: str | None = None
    changes: Changes = NO_CHANGES


@dataclass(frozen=True)
class Checked:
    """What a check came to: ``findings`` are those that the change brings, ``known`` those that were there before.

    ``commits`` are, by subject, those that the numbers of versions stand for.
    """

    base: Base
    environment: str
    total: int
    subjects: tuple[CheckedSubject, ...]
    findings: tuple[Finding, ...]
    known: tuple[Finding, ...] = ()
    commits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_passed(self) -> bool:
        """Whether the change brings nothing that blocks."""
        return not any(finding.blocks for finding in self.findings)

    def document(self) -> dict[str, object]:
        """The answer as a JSON document."""
        return {
            "version": FORMAT_VERSION,
            "passed": self.is_passed,
            "environment": self.environment,
            "base": {"name": self.base.name, "commit": self.base.commit},
            "subjects": [
                {
                    "name": s.name,
                    "kind": s.kind,
                    "file": s.location.file,
                    "before": s.before,
                    "differences": [
                        {"kind": d.kind, "path": d.path, "before": d.before, "after": d.after}
                        for d in s.changes.differences
                    ],
                    "modes": list(s.changes.modes) if s.changes.modes else None,
                    "verdicts": [
                        {"outcome": v.outcome, "mode": v.mode, "basis": v.basis, "versions": list(v.versions)}
                        for v in s.verdicts
                    ],
                    "history": list(self.commits.get(s.name, ())),
                }
                for s in self.subjects
            ],
            "findings": [make_finding_document(f) for f in self.findings],
            "known": [make_finding_document(f) for f in self.known],
        }


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a check was asked for; see :func:`check`."""

    environment: str | None
    is_staged: bool
    reads_all: bool
    on_progress: Callable[[str], None]


def check(
    root: Path,
    environment: str | None = None,
    revision: str | None = None,
    *,
    is_staged: bool = False,
    reads_all: bool = False,
    on_progress: Callable[[str], None] = lambda text: None,
) -> Checked:
    """Check what a change of the repository brings, as against the commit that it set out from.

    Only what the change may concern is read, so what was wrong before is told of that alone.

    Args:
        root: the repository's root.
        environment: None for the first one of schemafed.yaml.
        revision: what to compare with; see :func:`reconciler.operations.check_base.read_base`.
        is_staged: check what is staged, not the files of the work tree.
        reads_all: read everything, so that all that was wrong before is told.
        on_progress: told what is being done.

    Raises:
        ConfigurationError, InvalidRepositoryError: schemafed.yaml is not usable.
        RepositoryError: there is no Git repository, or this clone does not have the commits that are needed.
        UsageError: there is no such environment or revision.
    """
    config = load_valid_config(root)
    base = read_base(root, revision, is_staged=is_staged, on_progress=on_progress)
    # Git works in a process of its own, while this one reads.
    with ThreadPoolExecutor(1, thread_name_prefix="git") as threads:
        return _check(root, config, base, _Asked(environment, is_staged, reads_all, on_progress), threads)


def _check(root: Path, config: Config, base: Base, asked: _Asked, threads: Executor) -> Checked:
    read_past = _begin_steps(root, config, base.commit, threads)
    asked.on_progress("reading the repository")
    whole = read_whole_tree_at(root, base.commit) if base.commit else {}
    head = _load_head(root, config, base, whole, asked)
    # Adapters take long to import: they are asked where their settings may have changed.
    entries = tuple(check_registries(config, root)) if FILE_NAME in base.changed else ()
    if base.commit is None:
        kinds = dict.fromkeys(head.subjects, str(Kind.ADDED))
        ruled = check_policies(root, config, base, whole, head, None, head.subjects, kinds)
        return _sum_up(base, head, None, (*entries, *head.findings, *ruled.findings))
    asked.on_progress(f"comparing with {base.name}")
    tree = select_files(whole, config.paths, _outside(head, config.paths))
    concerned = find_concerned(head, base.changed)
    before = _load_base(root, tree, head, concerned, base.changed)
    near = base.changed | head.find_files(head.subjects if head.unread else concerned)
    known = _load_known_findings(root, tree, head, frozenset() if asked.reads_all else near)
    new = [*entries, *(f for f in head.findings if _key(f) not in known)]
    is_near = _make_nearness(base.changed, head.find_files(concerned))
    there = (f for f in head.findings if _key(f) in known and (asked.reads_all or is_near(f)))
    made = _sum_up(base, head, before, new, there)
    names = [s.name for s in made.subjects if s.kind is not Kind.DROPPED and head.subjects[s.name].manage]
    past = Past(root, config, base.commit, before, tree, read_past)
    judged = judge_all(names, head, past, asked.on_progress)
    kinds = {s.name: str(s.kind) for s in made.subjects if s.kind is not Kind.DROPPED}
    ruled = check_policies(root, config, base, whole, head, before, concerned, kinds)
    subjects = tuple(
        replace(s, verdicts=judged.verdicts.get(s.name, ()), changes=compare_subject(s.name, head, before))
        for s in made.subjects
    )
    findings = (*made.findings, *judged.findings, *ruled.findings)
    return replace(
        made,
        subjects=subjects,
        findings=(*findings, *check_approvals_of_change(root, config, base, head, before, subjects, findings)),
        known=(*made.known, *judged.known, *ruled.known),
        commits=judged.commits,
    )


def _begin_steps(root: Path, config: Config, commit: str | None, threads: Executor) -> Callable[[], Sequence[Step]]:
    """Begin to read the history that transitive modes need; in a shallow clone it is not there yet."""
    if commit is None or is_shallow(root):
        return lambda: read_steps(root, commit or "HEAD", config.paths)
    return threads.submit(read_steps, root, commit, config.paths).result


def find_concerned(state: DesiredState, changed: Collection[str]) -> frozenset[str]:
    """The subjects that a change of files may concern: their own files, what they use, and settings above them."""
    folders = _find_folders(changed)
    is_everywhere = FILE_NAME in changed
    changed = frozenset(changed)
    return frozenset(
        name
        for name, subject in state.subjects.items()
        if is_everywhere
        or subject.location.file.startswith(folders)
        or not changed.isdisjoint(state.find_files([name]))
    )


def _load_head(root: Path, config: Config, base: Base, whole: Mapping[str, TreeEntry], asked: _Asked) -> DesiredState:
    """What is declared now, of that which the change may concern."""
    if asked.is_staged and not _is_all_staged(root):
        staged = git.run(root, "write-tree").decode().strip()
        return load_state_of(root, read_tree_at(root, staged, config.paths), asked.environment)
    if asked.reads_all or base.commit is None or len(base.changed) > MANY:
        return load_desired_state(root, asked.environment)
    return load_concerned(root, asked.environment, read_difference(root, whole, base.changed))


def _is_all_staged(root: Path) -> bool:
    """Whether the files are what is staged, so that they need not be written anywhere to be read."""
    differs = git.ask(root, "diff", "--quiet", "--no-ext-diff", "--", ".").returncode
    return not differs and not git.run(root, "ls-files", "-o", "--exclude-standard", "-z")


def _outside(state: DesiredState, folders: Collection[str]) -> frozenset[str]:
    """Files that schemas use and that lie in none of the configured folders."""
    prefixes = tuple(f"{folder}/" for folder in folders)
    return frozenset(use for f in state.files.values() for use in f.uses if not use.startswith(prefixes))


def _load_base(
    root: Path, tree: Mapping[str, TreeEntry], head: DesiredState, concerned: Collection[str], changed: Collection[str]
) -> DesiredState | None:
    """What the base declared of the subjects that may differ; None before there was a schemafed.yaml."""
    if FILE_NAME not in tree:
        return None
    loaded = _load(root, _select_part(tree, {*changed, *head.find_files(concerned)}), head)
    # Something that is used may be in a file that only the base uses.
    return _load(root, tree, head) if any(f.blocks for f in loaded.findings) else loaded


def _select_part(tree: Mapping[str, TreeEntry], files: Collection[str]) -> dict[str, TreeEntry]:
    """Some files of the base, with those that share their stems, and with all settings."""
    stems = {_stem(path) for path in files}
    return {
        p: e for p, e in tree.items() if p in files or p == FILE_NAME or p.endswith(DEFAULTS_NAME) or _stem(p) in stems
    }


def _stem(path: str) -> str:
    folder, _, name = path.rpartition("/")
    return f"{folder}/{name.partition('.')[0]}"


def _load(root: Path, tree: Mapping[str, TreeEntry], head: DesiredState) -> DesiredState:
    try:
        return load_state_of(root, tree, head.environment)
    except UsageError:
        # The environment is new; its settings are those of now.
        return load_state_of(root, tree, head.environment, (root / FILE_NAME).read_bytes())


_TOLD_BY_OTHERS = ASKS_ALL | {
    "AMBIGUOUS_REFERENCE",
    "PIN_CONFLICT",
    "REFERENCE_CYCLE",
    "SIDECAR_WITHOUT_SCHEMA",
    "WAIVER_UNUSED",
}
"""Findings in which files without any of their own have a say."""
_Key = tuple[str, str | None, str | None, str, str]


def _load_known_findings(
    root: Path, tree: Mapping[str, TreeEntry], head: DesiredState, near: Collection[str]
) -> frozenset[_Key]:
    """What was wrong with the base, were it only with the files that are near; not looked for where nothing is wrong
    now.
    """
    if not head.findings or FILE_NAME not in tree:
        return frozenset()
    found = _load_near_findings(root, tree, head, near)
    if found is None:
        found = _load(root, tree, head).findings
    return frozenset(map(_key, found))


def _load_near_findings(
    root: Path, tree: Mapping[str, TreeEntry], head: DesiredState, near: Collection[str]
) -> tuple[Finding, ...] | None:
    """What was wrong with some files of the base; None where more may have been wrong of which head tells."""
    is_near = all(f.location and f.location.file in near and f.code not in _TOLD_BY_OTHERS for f in head.findings)
    if not is_near or FILE_NAME in near:
        return None
    found = _load(root, _select_part(tree, near), head).findings
    # Something that was used may be missing from the part.
    return found if ASKS_ALL.isdisjoint(finding.code for finding in found) else None


def _key(finding: Finding) -> _Key:
    """What makes a finding the same one in another revision: everything but the line, which others may have moved."""
    file = finding.location.file if finding.location else ""
    return finding.code, finding.subject, finding.path, file, finding.message


def _make_nearness(changed: Collection[str], concerned: Collection[str]) -> Callable[[Finding], bool]:
    """Tells whether what was wrong before is wrong with files that a change concerns."""
    folders = _find_folders(changed)
    stems = {_stem(path) for path in changed}

    def is_near(finding: Finding) -> bool:
        file = finding.location.file if finding.location else FILE_NAME
        return FILE_NAME in changed or file in concerned or _stem(file) in stems or file.startswith(folders)

    return is_near


def _find_folders(changed: Iterable[str]) -> tuple[str, ...]:
    """The folders whose settings changed."""
    return tuple(f.removesuffix(DEFAULTS_NAME) for f in changed if f.rpartition("/")[2] == DEFAULTS_NAME)


def _sum_up(
    base: Base,
    head: DesiredState,
    before: DesiredState | None,
    findings: Iterable[Finding],
    known: Iterable[Finding] = (),
) -> Checked:
    """What a change does to which subjects, before any is judged."""
    earlier: Mapping[str, DesiredSubject] = before.subjects if before else {}
    there = head.subjects.keys() | head.unread.keys()
    gone = {n: s for n, s in earlier.items() if n not in there and not _is_broken(head, s.location.file)}
    added = [n for n in find_concerned(head, base.changed) if n not in earlier]
    renamed = find_renamed(added, gone, head, before) if before else {}
    told = [*added, *(n for n in earlier if n in head.subjects and _is_changed(n, head, before))]
    subjects = [_make_subject(head.subjects[name], name in earlier, renamed.get(name)) for name in sorted(told)]
    left = sorted(gone.keys() - set(renamed.values()))
    subjects += [CheckedSubject(name, Kind.DROPPED, gone[name].location) for name in left]
    return Checked(
        base, head.environment, len(head.subjects) + len(head.unread), tuple(subjects), tuple(findings), tuple(known)
    )


def find_renamed(
    added: Iterable[str], gone: Mapping[str, DesiredSubject], head: DesiredState, before: DesiredState
) -> dict[str, str]:
    """By new name, the subject that went at the same time and had the same schema; each once."""
    by_identity = {make_identity(s.schema, before.schemas): name for name, s in sorted(gone.items(), reverse=True)}
    found = {}
    for name in sorted(added):
        former = by_identity.pop(make_identity(head.subjects[name].schema, head.schemas), None)
        if former is not None:
            found[name] = former
    return found


def _is_broken(state: DesiredState, file: str) -> bool:
    """Whether a file has a finding that may be why its subject is not there."""
    return any(f.blocks and f.location is not None and f.location.file == file for f in state.findings)


def _is_changed(name: str, head: DesiredState, before: DesiredState | None) -> bool:
    if before is None:
        return True
    old, new = before.subjects[name], head.subjects[name]
    if (old.mode, old.schema.metadata) != (new.mode, new.schema.metadata):
        return True
    return make_identity(old.schema, before.schemas) != make_identity(new.schema, head.schemas)


def _make_subject(subject: DesiredSubject, is_old: bool, former: str | None) -> CheckedSubject:
    kind = Kind.CHANGED if is_old else Kind.RENAMED if former else Kind.ADDED
    return CheckedSubject(subject.name, kind, subject.location, before=former)
