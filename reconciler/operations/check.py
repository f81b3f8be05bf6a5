"""``check``: what a change of the repository breaks, told from Git alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from reconciler import git
from reconciler.config import FILE_NAME, Config
from reconciler.errors import UsageError
from reconciler.files import WAIVERS_NAME
from reconciler.ledger.loading import load_ledger
from reconciler.ledger.values import present_time
from reconciler.model import DesiredSubject, Finding
from reconciler.operations.approving.gate import check_approvals_of_change
from reconciler.operations.checking.base import Base, read_base
from reconciler.operations.checking.base_settings import load_config_at, with_levels_of, with_registries_of
from reconciler.operations.checking.differences import compare_subject
from reconciler.operations.checking.history import Past, find_blocking, make_identity
from reconciler.operations.checking.judging import judge_all
from reconciler.operations.checking.live_verdicts import AskedLive
from reconciler.operations.checking.values import Checked, CheckedSubject, Kind
from reconciler.operations.checking.waivers import check_waivers, read_changed_waivers
from reconciler.operations.policies.gate import check_policies, prepare_policies
from reconciler.operations.progress import Progress, silent
from reconciler.operations.registry_entries import check_registries
from reconciler.operations.settings import load_valid_config
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


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a check was asked for; see :func:`check`."""

    environment: str | None
    is_staged: bool
    reads_all: bool
    asks_live: bool
    on_progress: Progress


def check(
    root: Path,
    environment: str | None = None,
    revision: str | None = None,
    *,
    is_staged: bool = False,
    reads_all: bool = False,
    asks_live: bool = False,
    on_progress: Progress = silent,
) -> Checked:
    """Check what a change of the repository brings, as against the commit that it set out from.

    Only what the change may concern is read, so what was wrong before is told of that alone.

    Args:
        root: the repository's root.
        environment: None for the first one of schemafed.yaml.
        revision: what to compare with; see :func:`reconciler.operations.checking.base.read_base`.
        is_staged: check what is staged, not the files of the work tree.
        reads_all: read everything, so that all that was wrong before is told.
        asks_live: ask the registries too, those of the base.
        on_progress: told what is being done.

    Raises:
        ConfigurationError, InvalidRepositoryError: schemafed.yaml is not usable.
        RepositoryError: there is no Git repository, or this clone does not have the commits that are needed.
        UsageError: there is no such environment or revision.
    """
    config = load_valid_config(root)
    # Git works in a process of its own: while it reads this one can, and get the rules ready while it waits for Git.
    with ThreadPoolExecutor(2, thread_name_prefix="beside") as threads:
        threads.submit(prepare_policies, config)
        base = read_base(
            root,
            revision,
            is_staged=is_staged,
            on_progress=on_progress,
            load_ledger=lambda: load_ledger(root, config, config.select_environment(environment), on_progress),
        )
        return _check(root, config, base, _Asked(environment, is_staged, reads_all, asks_live, on_progress), threads)


def _check(root: Path, config: Config, base: Base, asked: _Asked, threads: Executor) -> Checked:
    read_past = _begin_steps(root, config, base.commit, threads)
    asked.on_progress("reading the repository")
    whole = read_whole_tree_at(root, base.commit) if base.commit else {}
    head = _load_head(root, config, base, whole, asked)
    # Adapters take long to import: they are asked where their settings may have changed.
    entries = tuple(check_registries(config, root)) if FILE_NAME in base.changed else ()
    if base.commit is None:
        return _check_beginning(root, config, base, head, entries, asked)
    asked.on_progress(f"comparing with {base.name}")
    tree = select_files(root, whole, config.paths)
    concerned = find_concerned(head, base.changed)
    before = _load_base(root, tree, head, concerned, base.changed, asked)
    settings = load_config_at(root, base.commit) if FILE_NAME in base.changed else config
    near = base.changed | head.find_files(head.subjects if head.unread else concerned)
    known = _load_known_findings(root, tree, head, frozenset() if asked.reads_all else near)
    new = [*entries, *(f for f in head.findings if _key(f) not in known)]
    is_near = _make_nearness(base.changed, head.find_files(concerned))
    there = (f for f in head.findings if _key(f) in known and (asked.reads_all or is_near(f)))
    made = _sum_up(base, head, before, new, there)
    names = [s.name for s in made.subjects if s.kind is not Kind.DROPPED and head.subjects[s.name].manage]
    past = Past(root, with_registries_of(config, settings), base.commit, before, tree, read_past)
    judged = judge_all(names, with_levels_of(head, settings), past, asked.on_progress)
    kinds = {s.name: str(s.kind) for s in made.subjects if s.kind is not Kind.DROPPED}
    of_rules = frozenset(head.subjects) if asked.reads_all else concerned
    ruled = check_policies(root, config, base, whole, head, before, of_rules, kinds)
    told = (*made.findings, *judged.findings, *ruled.findings)
    live = _ask_live(root, config, settings, base, (head, before), told, asked)
    subjects = tuple(
        replace(
            s,
            verdicts=judged.verdicts.get(s.name, ()),
            changes=compare_subject(s.name, head, before),
            live=live.verdicts.get(s.name, ()),
        )
        for s in made.subjects
    )
    near_subjects = {name: head.subjects[name] for name in sorted(concerned)}
    waivers = read_changed_waivers(root, base.changed, whole)
    today = present_time().date().isoformat()
    idle, over = check_waivers(near_subjects, before, waivers, (*told, *live.findings), today)
    findings = (*told, *live.findings, *idle)
    return replace(
        made,
        subjects=subjects,
        findings=(*findings, *check_approvals_of_change(root, config, base, head, before, subjects, findings)),
        known=(*made.known, *judged.known, *ruled.known, *live.known, *over),
        commits=judged.commits,
        is_complete=live.is_complete,
    )


def _check_beginning(
    root: Path, config: Config, base: Base, head: DesiredState, entries: Sequence[Finding], asked: _Asked
) -> Checked:
    """Check a repository that has no commit yet: there is nothing to judge by but what registries have."""
    kinds = dict.fromkeys(head.subjects, str(Kind.ADDED))
    ruled = check_policies(root, config, base, {}, head, None, head.subjects, kinds)
    live = _ask_live(root, config, None, base, (head, None), (), asked)
    return _sum_up(base, head, None, (*entries, *head.findings, *ruled.findings, *live.findings))


def _ask_live(
    root: Path,
    config: Config,
    settings: Config | None,
    base: Base,
    sides: tuple[DesiredState, DesiredState | None],
    told: Collection[Finding],
    asked: _Asked,
) -> AskedLive:
    """What the registries of the base say of its side and of the change's, where they are to be asked."""
    if not asked.asks_live:
        return AskedLive()
    # What plans are made with takes long to import.
    from reconciler.operations.checking.live import LiveQuestion, ask_registries

    new = frozenset(config.registries) - frozenset(settings.registries if settings else ())
    question = LiveQuestion(root, with_registries_of(config, settings), new, base.changed, told)
    return ask_registries(question, *sides, asked.on_progress)


def _begin_steps(root: Path, config: Config, commit: str | None, threads: Executor) -> Callable[[], Sequence[Step]]:
    """Begin to read the history that transitive modes need; in a shallow clone it is not there yet."""
    if commit is None or git.is_shallow(root):
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
    if asked.reads_all or asked.asks_live or base.commit is None or len(base.changed) > MANY:
        return load_desired_state(root, asked.environment)
    return load_concerned(root, asked.environment, read_difference(root, whole, base.changed))


def _is_all_staged(root: Path) -> bool:
    """Whether the files are what is staged, so that they need not be written anywhere to be read."""
    differs = git.ask(root, "diff", "--quiet", "--no-ext-diff", "--", ".").returncode
    return not differs and not git.run(root, "ls-files", "-o", "--exclude-standard", "-z")


def _load_base(
    root: Path,
    tree: Mapping[str, TreeEntry],
    head: DesiredState,
    concerned: Collection[str],
    changed: Collection[str],
    asked: _Asked,
) -> DesiredState | None:
    """What the base declared of the subjects that may differ; None before there was a schemafed.yaml."""
    if FILE_NAME not in tree:
        return None
    if asked.reads_all:
        return _load(root, tree, head)
    loaded = _load(root, _select_part(tree, {*changed, *head.find_files(concerned)}), head)
    # Something that is used may be in a file that only the base uses.
    return _load(root, tree, head) if any(f.blocks for f in loaded.findings) else loaded


_SETTINGS = (FILE_NAME, DEFAULTS_NAME, WAIVERS_NAME)


def _select_part(tree: Mapping[str, TreeEntry], files: Collection[str]) -> dict[str, TreeEntry]:
    """Some files of the base, with those that share their stems, and with all settings."""
    stems = {_stem(path) for path in files}
    return {p: e for p, e in tree.items() if p in files or p.endswith(_SETTINGS) or _stem(p) in stems}


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
    hidden = {n for n in added if before and _is_broken(before, head.subjects[n].location.file)}
    old = earlier.keys() | hidden
    subjects = [_make_subject(head.subjects[name], name in old, renamed.get(name)) for name in sorted(told)]
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
    """Whether a schema, or what it uses, has a finding that may be why its subject is not there."""
    return find_blocking(state, state.find_parts([file])) is not None


def _is_changed(name: str, head: DesiredState, before: DesiredState | None) -> bool:
    if before is None:
        return True
    old, new = before.subjects[name], head.subjects[name]
    if _beside(old) != _beside(new):
        return True
    return make_identity(old.schema, before.schemas) != make_identity(new.schema, head.schemas)


def _beside(subject: DesiredSubject) -> tuple[object, ...]:
    """What is declared of a subject beside its schema's text."""
    return (subject.mode, subject.settings, subject.schema.metadata, subject.schema.rules)


def _make_subject(subject: DesiredSubject, is_old: bool, former: str | None) -> CheckedSubject:
    kind = Kind.CHANGED if is_old else Kind.RENAMED if former else Kind.ADDED
    return CheckedSubject(subject.name, kind, subject.location, before=former)
