"""``import``: write a registry that exists into the repository, such that the next plan is empty."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from reconciler import git
from reconciler.config import FILE_NAME, Config
from reconciler.errors import ConfigurationError, RegistryError, RepositoryError, SchemaError, UsageError
from reconciler.federation import open_registries
from reconciler.model import (
    DesiredSubject,
    Finding,
    LiveState,
    LiveSubject,
    LiveVersion,
    Mode,
    Reference,
    Schema,
    Severity,
    Source,
)
from reconciler.name_templates import LIVE_VARIABLES, compile_template
from reconciler.operations.live_reading import read_histories
from reconciler.operations.progress import Progress, silent
from reconciler.operations.settings import load_valid_config, resolve_registries
from reconciler.registry import SchemaRegistry
from reconciler.repository import load_desired_state
from reconciler.repository.authoring import (
    AuthoredSubject,
    author_subjects,
    common_mode,
    make_defaults,
    make_pin_sidecar,
    make_schema_text,
    make_sidecar,
    pin_path,
    with_reference_lines,
)
from reconciler.repository.references import pin_sidecar_path
from reconciler.yaml_writing import write_yaml

_Rename = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import wrote: files relative to the repository's root, subjects, and commits of ``--history``."""

    files: tuple[str, ...]
    subjects: tuple[str, ...]
    commits: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Reading:
    """What was read of the registry, under the names that Git gives its subjects."""

    subjects: tuple[LiveSubject, ...]
    histories: Mapping[str, tuple[LiveVersion, ...]]
    default_mode: Mode | None


def import_registry(
    root: Path,
    registry: str,
    *,
    environment: str | None = None,
    subject: str | None = None,
    history: bool = False,
    overwrite: bool = False,
    on_progress: Progress = silent,
) -> Imported:
    """Write what a registry holds into the repository.

    Args:
        root: the repository's root.
        registry: the name of a registry of schemafed.yaml.
        environment: the one whose templates give live names; the first that has the registry by default.
        subject: a glob over live names; None for all.
        history: also make one commit per version, oldest first, so that offline checks know the past.
        overwrite: replace files that exist with other content.

    Raises:
        RepositoryError: files are in the way, or a history is wanted and the work tree is not clean.
        UsageError: nothing fits the glob.
        RegistryError: the registry cannot be read.
    """
    config = load_valid_config(root)
    chosen = environment or _environment_of(config, registry)
    if history:
        _raise_if_not_ready_for_commits(root)
    on_progress(f"reading {registry}")
    reading = _read(config, root, registry, chosen, subject, with_history=history)
    if not reading.subjects:
        raise UsageError(
            f"registry {registry} has no subject that fits", fix="leave out --subject to import everything"
        )
    on_progress(f"writing {len(reading.subjects)} subjects")
    declared = load_desired_state(root, chosen).subjects
    authored, findings = _author(reading, config, declared)
    authored = _with_references(authored, reading, config, _going_to(registry, declared))
    files = _make_files(authored, reading, config.paths[0])
    _raise_if_in_the_way(root, files, overwrite)
    commits = _commit_history(root, authored, reading) if history else 0
    _write_files(root, files)
    if history:
        commits += git.commit_files(root, sorted(files), f"Import {registry}: modes, metadata and references")
    return Imported(tuple(sorted(files)), tuple(a.name for a in authored), commits, tuple(findings))


def author_live(
    root: Path, config: Config, registry: str, environment: str, names: Collection[str]
) -> tuple[dict[str, str], list[Finding]]:
    """Make the files of some live subjects, beside those that the repository has; nothing is written.

    Args:
        root: the repository's root.
        registry: the name of a registry of schemafed.yaml.
        environment: the one whose templates give live names.
        names: by which the registry knows the subjects.

    Returns:
        the files by their path, without a defaults.yaml; and what is left out, with why.

    Raises:
        RegistryError: the registry cannot be read.
        UsageError: the registry's names cannot be turned back into subjects' names.
    """
    reading = _read(config, root, registry, environment, None, with_history=False, names=names)
    declared = load_desired_state(root, environment).subjects
    authored, findings = _author(reading, config, declared)
    authored = _with_references(authored, reading, config, _going_to(registry, declared))
    return _make_subject_files(authored, reading, None), findings


def _environment_of(config: Config, registry: str) -> str:
    for name, environment in config.all_environments.items():
        if registry in environment.registries:
            return name
    raise ConfigurationError(
        f"no environment of {FILE_NAME} has a registry {registry}",
        fix=f"its registries: {', '.join(config.registries) or 'none'}",
    )


def _raise_if_not_ready_for_commits(root: Path) -> None:
    changed = git.changed_files(root)
    if changed:
        raise RepositoryError(
            f"--history makes commits, and the work tree has changes: {', '.join(changed[:5])}",
            fix="commit or remove them first",
        )


def _read(
    config: Config,
    root: Path,
    registry: str,
    environment: str,
    glob: str | None,
    *,
    with_history: bool,
    names: Collection[str] | None = None,
) -> _Reading:
    prefix, suffix = find_affixes(config, registry, environment)

    def ours(name: str) -> str:
        return name.removeprefix(prefix).removesuffix(suffix)

    with open_registries(resolve_registries(config, [registry], root)) as opened:
        adapter = opened[registry]
        state = adapter.read_state(names)
        live = [
            s
            for name, s in sorted(state.subjects.items())
            if name.startswith(prefix) and name.endswith(suffix) and fnmatchcase(name, glob or "*")
        ]
        needed = {s.name for s in live} if with_history else _pinned_subjects(live, state)
        histories = _read_histories(adapter, frozenset(needed))
    return _Reading(
        tuple(_renamed(s, ours) for s in live),
        {ours(name): tuple(_renamed_version(v, ours) for v in versions) for name, versions in histories.items()},
        state.default_mode,
    )


def _read_histories(adapter: SchemaRegistry, subjects: frozenset[str]) -> dict[str, tuple[LiveVersion, ...]]:
    """Read the histories of subjects, and of what any of their versions refers to: whoever is pinned pins that too."""
    histories: dict[str, tuple[LiveVersion, ...]] = {}
    while subjects:
        read = read_histories(adapter, subjects)
        histories |= read
        used = {r.subject for history in read.values() for version in history for r in version.schema.references}
        subjects = frozenset(used - histories.keys())
    return histories


def find_affixes(config: Config, registry: str, environment: str) -> tuple[str, str]:
    """What the registry's template puts before and after a subject's name.

    Raises:
        UsageError: it does more than that.
    """
    template = config.registries[registry].name
    mark = "\N{OBJECT REPLACEMENT CHARACTER}"
    rendered = compile_template(template, LIVE_VARIABLES).render({"name": mark, "environment": environment})
    if rendered.count(mark) != 1:
        raise UsageError(
            f"the names of registry {registry} (`name: {template}`) cannot be turned back into subjects' names",
            fix="import through an entry of schemafed.yaml whose template only adds text around `{{ name }}`",
        )
    prefix, suffix = rendered.split(mark)
    return prefix, suffix


def _pinned_subjects(live: Sequence[LiveSubject], state: LiveState) -> set[str]:
    """The subjects that are referred to in a version that the repository will not follow."""
    names = {s.name for s in live}
    latest = {name: s.latest.version for name, s in state.subjects.items() if s.latest}
    references = [r for s in live if s.latest for r in s.latest.schema.references]
    return {r.subject for r in references if r.subject not in names or r.version != latest.get(r.subject)}


def _renamed(subject: LiveSubject, ours: _Rename) -> LiveSubject:
    latest = _renamed_version(subject.latest, ours) if subject.latest else None
    return replace(subject, name=ours(subject.name), latest=latest)


def _renamed_version(version: LiveVersion, ours: _Rename) -> LiveVersion:
    references = tuple(replace(r, subject=ours(r.subject)) for r in version.schema.references)
    return replace(version, schema=replace(version.schema, references=references))


def _author(
    reading: _Reading, config: Config, declared: Mapping[str, DesiredSubject]
) -> tuple[list[AuthoredSubject], list[Finding]]:
    """Place the subjects, and leave out those that cannot be read or stand in the repository already."""
    names_by_stem = "".join(config.subjects.name.split()) == "{{stem}}"
    placed = author_subjects(reading.subjects, config.paths[0], names_by_stem=names_by_stem)
    authored, findings = [], [_unusable(s.name, s.problem) for s in reading.subjects if s.problem]
    broken = {s.name for s in reading.subjects if s.problem}
    for subject in placed:
        existing = declared.get(subject.name)
        if subject.name in broken:
            continue
        if existing and existing.location.file != subject.schema_file:
            findings.append(_already_there(subject, existing))
            continue
        try:
            make_schema_text(subject.schema)
        except SchemaError as error:
            findings.append(_unusable(subject.name, error.message))
            continue
        authored.append(subject)
    return authored, findings


def _unusable(name: str, why: str | None) -> Finding:
    return Finding(
        code="LIVE_SUBJECT_UNREADABLE",
        severity=Severity.WARNING,
        source=Source.REGISTRY,
        subject=name,
        message=f"it is left out, since what the registry holds cannot be read: {why}",
        fix="mend or delete the subject in the registry, then import again",
    )


def _already_there(subject: AuthoredSubject, existing: DesiredSubject) -> Finding:
    return Finding(
        code="ALREADY_DECLARED",
        severity=Severity.INFO,
        source=Source.PLANNING,
        subject=subject.name,
        location=existing.location,
        message="the repository has this subject already; its files are left as they are",
    )


def _going_to(registry: str, declared: Mapping[str, DesiredSubject]) -> dict[str, DesiredSubject]:
    return {name: subject for name, subject in declared.items() if registry in (subject.registries or (registry,))}


def _with_references(
    authored: list[AuthoredSubject], reading: _Reading, config: Config, declared: Mapping[str, DesiredSubject]
) -> list[AuthoredSubject]:
    """Give sidecars the lines without which loading would not find the live references.

    Which ones these are is told by loading: the schemas are written into a folder that is thrown away, and read.
    """
    if not any(a.schema.references for a in authored):
        return authored
    with tempfile.TemporaryDirectory(prefix="schemafed-import-") as folder:
        root = Path(folder)
        shape = {"version": 1, "paths": list(config.paths), "subjects": {"name": config.subjects.name}}
        files = {FILE_NAME: write_yaml({**shape, "registries": {"r": {"kind": "local"}}})}
        files |= {used.location.file: used.schema.definition for used in _find_used(authored, declared)}
        for subject in authored:
            files |= _subject_files(subject)
        _write_files(root, files)
        found = load_desired_state(root).subjects
    latest = {
        name: versions[-1].version for name, versions in reading.histories.items() if name in declared and versions
    }
    latest |= {s.name: s.latest.version for s in reading.subjects if s.latest}
    return [
        with_reference_lines(a, found[a.name].schema.references if a.name in found else (), latest) for a in authored
    ]


def _find_used(
    authored: Iterable[AuthoredSubject], declared: Mapping[str, DesiredSubject]
) -> Collection[DesiredSubject]:
    """What the repository has already of that which some schemas refer to, near or far."""
    found: dict[str, DesiredSubject] = {}
    waiting = [reference.subject for one in authored for reference in one.schema.references]
    while waiting:
        name = waiting.pop()
        if name in declared and name not in found:
            found[name] = declared[name]
            waiting += [reference.subject for reference in declared[name].schema.references]
    return found.values()


def _make_files(authored: Sequence[AuthoredSubject], reading: _Reading, folder: str) -> dict[str, str]:
    """All files of an import, by path."""
    common = common_mode(authored)
    files = _make_subject_files(authored, reading, common)
    defaults = make_defaults(reading.default_mode, common)
    if defaults:
        files[f"{folder}/defaults.yaml" if folder != "." else "defaults.yaml"] = write_yaml(defaults)
    return files


def _make_subject_files(authored: Sequence[AuthoredSubject], reading: _Reading, common: Mode | None) -> dict[str, str]:
    """Schemas, sidecars and pins, by path; ``common`` is the mode that their folder declares."""
    files: dict[str, str] = {}
    pinned: list[Reference] = []
    for subject in authored:
        files |= _subject_files(subject, common)
        pinned += [reference for reference in subject.references if reference.version is not None]
    for reference in pinned:
        schema = _find_version(reading, reference)
        path = pin_path(reference, schema.format)
        if path not in files:
            files |= make_pin_files(path, schema)
            pinned += schema.references
    return files


def make_pin_files(path: str, schema: Schema) -> dict[str, str]:
    """The text of a pinned version, and where it refers to others itself, a sidecar that pins these."""
    files = {path: make_schema_text(schema)}
    if schema.references:
        files[pin_sidecar_path(path)] = write_yaml(make_pin_sidecar(schema))
    return files


def _subject_files(subject: AuthoredSubject, common: Mode | None = None) -> dict[str, str]:
    files = {subject.schema_file: make_schema_text(subject.schema)}
    sidecar = make_sidecar(subject, common)
    if sidecar:
        files[subject.sidecar_file] = write_yaml(sidecar)
    return files


def _find_version(reading: _Reading, reference: Reference) -> Schema:
    for version in reading.histories.get(reference.subject, ()):
        if version.version == reference.version:
            return version.schema
    raise RegistryError(
        f"a schema refers to version {reference.version} of it, which the registry does not give",
        subject=reference.subject,
    )


def _raise_if_in_the_way(root: Path, files: Mapping[str, str], overwrite: bool) -> None:
    different = [
        name
        for name, text in sorted(files.items())
        if (root / name).exists() and (root / name).read_bytes() != text.encode("utf-8")
    ]
    if different and not overwrite:
        listed = ", ".join(different[:5]) + (f" and {len(different) - 5} more" if len(different) > 5 else "")
        raise RepositoryError(
            f"files with other content are in the way: {listed}",
            fix="--overwrite replaces them (Git keeps what is committed)",
        )


def _write_files(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("utf-8"))
        except OSError as error:
            raise RepositoryError(f"cannot write {name}: {error.strerror}") from error


def _commit_history(root: Path, authored: Sequence[AuthoredSubject], reading: _Reading) -> int:
    """Commit the earlier versions, in the order in which the registry got them, one commit each.

    The latest versions come last, so that the work tree ends with what is live.
    """
    places = {a.name: a for a in authored}
    versions = [(v, places[name]) for name, history in reading.histories.items() if name in places for v in history]
    count = 0
    for version, subject in sorted(versions, key=lambda pair: (pair[0].id or 0, pair[0].version)):
        at = replace(subject, schema=version.schema)
        try:
            text = make_schema_text(version.schema)
        except SchemaError:
            # An old version that cannot be read teaches offline checks nothing; the latest one was looked at before.
            continue
        _write_files(root, {at.schema_file: text})
        count += git.commit_files(root, [at.schema_file], f"Import {subject.name} version {version.version}")
    return count
