"""``drift --write``: what is live as commits of a new branch, which a pull request brings to review."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from pathlib import Path
from shlex import quote

from reconciler.config import FILE_NAME, Config, RegistryEntry
from reconciler.errors import SchemaError, UsageError
from reconciler.model import NO_METADATA, NO_RULES, DesiredSubject, Schema
from reconciler.operations.drift import DriftReport
from reconciler.operations.drifting.branch import Commit, Edit, raise_if_taken, write_branch
from reconciler.operations.drifting.pins import Names, find_wanted, make_lines, make_pinned_texts
from reconciler.operations.import_ import author_live, find_affixes
from reconciler.operations.progress import Progress
from reconciler.operations.scope import NO_PERMISSIONS, Scope, find_declared, make_desired, make_rules
from reconciler.operations.settings import load_valid_config, raise_if_invalid
from reconciler.planner import Live, compare
from reconciler.planner.comparison import ComparedSubject
from reconciler.planner.drift import Drift, DriftKind
from reconciler.planner.standing import Standing
from reconciler.repository import DesiredState, load_desired_state
from reconciler.repository.authoring import make_metadata_entry, make_rules_entry, make_schema_text_like
from reconciler.schemas.resolved import SchemaSet
from reconciler.yaml_lines import parse_yaml
from reconciler.yaml_writing import with_key, with_value


@dataclass(frozen=True, slots=True)
class Left:
    """A drift that the branch does not bring into Git, and what a person can do about it."""

    registry: str
    subject: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Written:
    """What became of drift: the branch with its commits, None where there was nothing to commit, and what is left."""

    branch: str | None = None
    commits: int = 0
    left: tuple[Left, ...] = ()


def write_drift(root: Path, report: DriftReport, branch: str | None, on_progress: Progress) -> Written:
    """Commit what drifted and what is nobody's to a new branch that starts at the present commit.

    Args:
        root: the folder that holds schemafed.yaml; its work tree and branch stay as they are.
        report: what was found.
        branch: its name; None for ``drift/ENVIRONMENT``.

    Raises:
        UsageError: there is such a branch.
        RepositoryError: there is no Git repository or no commit, or Git refuses.
        InvalidRepositoryError: the desired state has findings that block.
    """
    config = load_valid_config(root)
    state = load_desired_state(root, report.environment)
    raise_if_invalid(state.findings)
    settings = (root / FILE_NAME).read_text(encoding="utf-8")
    answers = [
        _answer(row.drift, state, report) if row.drift.subject else _take_own(row.drift, settings, config, report)
        for row in report.rows
    ]
    left = [answer for answer in answers if isinstance(answer, Left)]
    commits = [answer for answer in answers if isinstance(answer, Commit)]
    commits += _make_unmanaged_commits(root, config, report, on_progress)
    if not commits:
        return Written(left=tuple(left))
    name = branch or f"drift/{report.environment}"
    raise_if_taken(root, name)
    on_progress(f"writing {name}")
    number, differing = write_branch(
        root,
        name,
        commits,
        lambda tree: _make_pin_commits(tree, report),
        lambda tree: _find_differing(tree, report),
    )
    told = {(one.registry, one.subject) for one in left}
    left += [one for one in differing if (one.registry, one.subject) not in told]
    return Written(name if number else None, number, tuple(left))


def _answer(drift: Drift, state: DesiredState, report: DriftReport) -> Commit | Left:
    """The edits of one drift, or why there are none: only a person can bring some things into Git."""
    declared = find_declared(state, drift.registry, drift.subject)
    if declared is None:
        return _left(drift, "Git does not declare it any more")
    if drift.kind is DriftKind.VANISHED:
        again = f"`schemafed apply{report.option} --recreate {quote(drift.subject or declared.name)}`"
        return _left(drift, f"it is gone there: remove {declared.location.file}, or create it again with {again}")
    sidecar = _find_sidecar(state, declared)
    if drift.kind is DriftKind.MODE:
        edit = partial(with_key, key="compatibility", value=drift.mode.value if drift.mode else None)
        return _make_commit("the mode of ", declared, drift, {sidecar: edit})
    if drift.kind is DriftKind.SETTINGS:
        return _make_commit("settings of ", declared, drift, {sidecar: _take_settings(declared, drift)})
    return _take_schema(drift, declared, sidecar, state, report.compared[drift.registry].live)


def _take_own(drift: Drift, settings: str, config: Config, report: DriftReport) -> Commit | Left:
    """What drifted of a registry itself, as edits of its entry in the settings, whose text is given."""
    values = _find_own(drift, config.registries[drift.registry], report.compared[drift.registry].live)
    if not values:
        return _left(drift, "Git does not declare it any more")
    edit = partial(_set_values, values)
    if edit(settings) == settings:
        keys = ", ".join(f"`{'.'.join(path)}`" for path in values)
        return _left(drift, f"declare what shall hold at {keys} of {FILE_NAME}, where it cannot be changed by itself")
    what = "level" if drift.kind is DriftKind.LEVEL else "settings"
    return Commit(f"Take the {what} of {drift.registry}\n\n{drift.message}\n", {FILE_NAME: edit})


def _find_own(drift: Drift, entry: RegistryEntry, live: Live) -> Mapping[tuple[str, ...], object]:
    """By its path in the settings, what is live of what a registry's entry declares and that is otherwise there."""
    place = "registries", drift.registry
    if drift.kind is DriftKind.LEVEL:
        return {(*place, "compatibility"): drift.mode.value if drift.mode else None} if entry.compatibility else {}
    there = live.state.settings or {}
    moved = [name for name, value in entry.settings.items() if there.get(name) != value]
    return {(*place, "settings", name): there.get(name) for name in moved}


def _set_values(values: Mapping[tuple[str, ...], object], text: str) -> str:
    return reduce(lambda changed, path: with_value(changed, path, values[path]) or changed, values, text)


def _make_commit(part: str, declared: DesiredSubject, drift: Drift, edits: Mapping[str, Edit]) -> Commit:
    return Commit(f"Take {part}{declared.name} from {drift.registry}\n\n{drift.message}\n", edits)


def _left(drift: Drift, why: str) -> Left:
    return Left(drift.registry, drift.subject, why)


def _find_sidecar(state: DesiredState, declared: DesiredSubject) -> str:
    """The subject's sidecar, or the path that a new one has."""
    files = state.files.get(declared.location.file)
    stem = declared.location.file.rpartition(".")[0].removesuffix(".schema")
    return (files.sidecar if files else None) or f"{stem}.meta.yaml"


def _take_schema(
    drift: Drift, declared: DesiredSubject, sidecar: str, state: DesiredState, live: Live
) -> Commit | Left:
    latest = drift.live.latest if drift.live else None
    if latest is None:
        return _left(drift, "what the registry holds cannot be used")
    ours, theirs = declared.schema, latest.schema
    if theirs.format is not ours.format:
        return _left(drift, f"it is {theirs.format} there: give it a file of that format")
    edits: dict[str, Edit] = {}
    try:
        dialect = live.capabilities.dialect
        if SchemaSet(live.find_schema).fingerprint(theirs, dialect) != state.schemas.fingerprint(ours, dialect):
            edits[declared.location.file] = partial(make_schema_text_like, theirs)
    except SchemaError as error:
        return _left(drift, f"what the registry holds cannot be read: {error.message}")
    if beside := _compare_beside(ours, theirs):
        edits[sidecar] = partial(_set_keys, beside)
    return _make_commit("", declared, drift, edits)


def _compare_beside(ours: Schema, theirs: Schema) -> Mapping[str, object]:
    """By key of a sidecar, what is live of metadata and rules, where Git declares others."""
    metadata, rules = theirs.metadata or NO_METADATA, theirs.rules or NO_RULES
    beside: dict[str, object] = {}
    if ours.metadata is not None and metadata.fingerprint != ours.metadata.fingerprint:
        beside["metadata"] = make_metadata_entry(metadata)
    if ours.rules is not None and rules.fingerprint != ours.rules.fingerprint:
        beside["rules"] = make_rules_entry(rules)
    return beside


def _take_settings(declared: DesiredSubject, drift: Drift) -> Edit:
    """Declare the live values of those settings that Git declares; one that is unset there is not declared any more."""
    live = (drift.live.settings if drift.live else None) or {}
    return partial(with_key, key="settings", value={n: live[n] for n in declared.settings if n in live} or None)


def _set_keys(content: Mapping[str, object], text: str) -> str:
    return reduce(lambda changed, key: with_key(changed, key, content[key]), content, text)


def _make_unmanaged_commits(root: Path, config: Config, report: DriftReport, on_progress: Progress) -> Iterator[Commit]:
    for registry, names in report.unmanaged.items():
        if names:
            on_progress(f"reading {len(names)} unmanaged subjects of {registry}")
            files, _ = author_live(root, config, registry, report.environment, names)
            if files:
                edits = {name: partial(_take_whole, text) for name, text in files.items()}
                yield Commit(f"Import unmanaged subjects of {registry}: {len(names)}\n", edits)


def _make_pin_commits(root: Path, report: DriftReport) -> Iterator[Commit]:
    """What else has to be declared so that schemas which drifted refer to what they refer to there.

    Args:
        root: the folder that holds schemafed.yaml, where the schemas are as they are live.
    """
    config, state = load_valid_config(root), load_desired_state(root, report.environment)
    for drift in (row.drift for row in report.rows if row.drift.kind is DriftKind.SCHEMA):
        declared = find_declared(state, drift.registry, drift.subject)
        latest = drift.live.latest if drift.live else None
        if declared and latest:
            live, names = report.compared[drift.registry].live, _make_names(config, state, drift.registry)
            try:
                edits = _make_pins(root, _find_sidecar(state, declared), declared, latest.schema, live, names)
            except UsageError:
                # Whoever looks at what the branch came to says that a reference is missing.
                continue
            message = f"Declare what {declared.name} refers to in {drift.registry}\n\n{drift.message}\n"
            yield Commit(message, edits)


def _make_pins(
    root: Path, sidecar: str, declared: DesiredSubject, theirs: Schema, live: Live, names: Names
) -> Mapping[str, Edit]:
    wanted, found = find_wanted(theirs, live, names), declared.schema.references
    if set(wanted) == set(found):
        return {}
    pairs = zip(theirs.references, wanted, strict=True)
    texts = make_pinned_texts([u for u, w in pairs if w.version is not None and w not in found], live, names)
    if any((root / file).is_file() and (root / file).read_text("utf-8") != text for file, text in texts.items()):
        return {}
    known = parse_yaml((root / sidecar).read_text("utf-8") if (root / sidecar).is_file() else "")
    lines = known.get("references") or [] if isinstance(known, dict) else []
    made = make_lines(theirs, wanted, found, lines, sidecar)
    edits: dict[str, Edit] = {file: partial(_take_whole, text) for file, text in texts.items()}
    return {**edits, sidecar: partial(with_key, key="references", value=made or None)}


def _make_names(config: Config, state: DesiredState, registry: str) -> Names:
    there = state.registries[registry]
    known = {live: name for name, live in {**there.elsewhere, **there.names}.items()}

    def ours(name: str) -> str:
        if name in known:
            return known[name]
        prefix, suffix = find_affixes(config, registry, state.environment)
        return name.removeprefix(prefix).removesuffix(suffix)

    return Names(frozenset(there.names), ours)


def _take_whole(text: str, before: str) -> str:
    return text


def _find_differing(root: Path, report: DriftReport) -> Sequence[Left]:
    """What drifted and the branch does not declare as it is live."""
    config = load_valid_config(root)
    state = load_desired_state(root, report.environment)
    rules = make_rules(config, state.environment, NO_PERMISSIONS)
    applied = {name: one.applied for name, one in report.compared.items()}
    desired = make_desired(state, Scope(report.environment), rules, applied)
    kinds: dict[tuple[str, str], set[DriftKind]] = {}
    for row in report.rows:
        kinds.setdefault((row.drift.registry, row.drift.subject or ""), set()).add(row.drift.kind)
    return [
        Left(name, subject.desired.name, why)
        for name, one in report.compared.items()
        for subject in compare(desired[name], one.live, one.applied).subjects
        if (why := _find_difference(subject, kinds.get((name, subject.desired.name), set())))
    ]


def _find_difference(subject: ComparedSubject, kinds: set[DriftKind]) -> str | None:
    mode = subject.live.mode if subject.live else None
    if DriftKind.MODE in kinds and subject.desired.mode is not mode:
        place = subject.desired.mode_location
        return f"its mode is {mode or 'inherited'} there, and {place} declares one for more than this subject"
    settings = (subject.live.settings if subject.live else None) or {}
    if DriftKind.SETTINGS in kinds and any(settings.get(n) != v for n, v in subject.desired.settings.items()):
        return f"{subject.desired.settings_location} declares its settings for more than this subject"
    if DriftKind.SCHEMA in kinds and (subject.standing is not Standing.UNCHANGED or not subject.is_planned):
        return "the text is not all: it refers to a version that is gone there, or of which `pins/` has another text"
    return None
