"""``compat``: may one schema follow others, whether these are files or the versions of a live subject?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reconciler import compatibility
from reconciler.compatibility import Judged
from reconciler.compatibility.dialects import select_history
from reconciler.compatibility.groups import select_group
from reconciler.compatibility.places import find_place
from reconciler.errors import NotFoundError, RegistryError, SchemaError
from reconciler.federation import open_registries
from reconciler.model import (
    Dialect,
    Finding,
    Format,
    LiveSubject,
    LiveVersion,
    Location,
    Mode,
    Outcome,
    Severity,
    Verdict,
)
from reconciler.operations.live_schemas import LiveSchemas, read_live_schemas
from reconciler.operations.schema_files import LinkedFiles, raise_unusable, read_references, read_schema_file
from reconciler.operations.settings import load_valid_config, resolve_registries
from reconciler.registry import SchemaRegistry
from reconciler.repository import load_desired_state
from reconciler.repository.sources import ReadSchema
from reconciler.schemas import Parsed
from reconciler.schemas.resolved import SchemaSet

FORMAT_VERSION = 1
"""Counts up when a reader of an older document would misunderstand a newer one."""

DEFAULT_MODE = Mode.BACKWARD


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a comparison came to.

    ``new`` is the file that was judged; ``versions`` says what each version number stands for, the oldest first;
    ``dialect`` whose rules these were; ``registry`` and ``subject`` whose versions, if not those of files. The findings
    of the verdict have their places in ``new``.
    """

    verdict: Verdict
    new: str
    format: Format
    versions: Mapping[int, str]
    dialect: Dialect
    registry: str | None = None
    subject: str | None = None

    @property
    def is_compatible(self) -> bool:
        """Whether the new schema may follow; False too where nobody could tell."""
        return self.verdict.outcome is Outcome.COMPATIBLE

    @property
    def differences(self) -> tuple[Finding, ...]:
        """Every difference, those that break compatibility first."""
        return tuple(sorted(self.verdict.findings, key=lambda finding: not finding.blocks))

    def document(self) -> dict[str, object]:
        """The answer as a JSON document."""
        verdict = self.verdict
        return {
            "version": FORMAT_VERSION,
            "outcome": verdict.outcome,
            "compatible": self.is_compatible,
            "mode": verdict.mode,
            "basis": verdict.basis,
            "dialect": self.dialect,
            "format": self.format,
            "new": self.new,
            "existing": [{"version": number, "source": source} for number, source in self.versions.items()],
            "compared": list(verdict.versions),
            "differences": [_document(finding) for finding in self.differences],
        }


def _document(finding: Finding) -> dict[str, object]:
    place = finding.location or Location("")
    return {
        "code": finding.code,
        "compatible": finding.severity is not Severity.ERROR,
        "path": finding.path,
        "direction": finding.direction,
        "against": finding.against,
        "message": finding.message,
        "fix": finding.fix,
        "location": {"file": place.file, "line": place.line, "column": place.column},
    }


def compare_files(
    new: Path,
    old: Sequence[Path],
    *,
    mode: Mode | None = None,
    schema_format: Format | None = None,
    references: Sequence[str] = (),
    dialect: Dialect = Dialect.CONFLUENT,
    checkpoint: int | None = None,
) -> Judgement:
    """Judge a schema in a file after others in files.

    Args:
        new: the file that shall become the newest version.
        old: the versions that there are, the oldest first.
        mode: None for BACKWARD.
        schema_format: the format of every file; None to tell it by their endings.
        references: files that these refer to, as ``[NAME=]FILE``.
        dialect: whose rules.
        checkpoint: which of ``old``, counted from 1, a mode that is not transitive looks at where the dialect has
            checkpoints; None for the first.

    Raises:
        UsageError: a format cannot be told.
        SchemafedError: a file, or what it refers to, cannot be read; with file, line and column.
    """
    reads = [read_schema_file(path, schema_format) for path in (new, *old)]
    files = LinkedFiles(read_references(references, schema_format), reads)
    parsed = files.parsed(reads[0], is_new=True)
    judged = [Judged(number, files.parsed(read)) for number, read in enumerate(reads[1:], 1)]
    verdict = compatibility.check(parsed, judged, mode or DEFAULT_MODE, dialect, checkpoint=checkpoint, tells_all=True)
    basis = ("given with --mode" if mode else "the default") + _tell_dialect(dialect)
    names = {number: read.path for number, read in enumerate(reads[1:], 1)}
    return _make_judgement(replace(verdict, basis=basis), reads[0], judged, names, dialect)


def compare_with_subject(
    file: Path,
    root: Path,
    registry: str,
    subject: str,
    *,
    mode: Mode | None = None,
    schema_format: Format | None = None,
    references: Sequence[str] = (),
) -> Judgement:
    """Judge a schema in a file after the versions of a live subject.

    What the file refers to is looked up in the repository where the file is one of it, else among ``references``, else
    in the registry: the subject of that name, or the one that the latest version means by the name.

    Args:
        file: the file that shall become the newest version.
        root: the folder that holds schemafed.yaml.
        registry: the team's name of the registry.
        subject: the subject's name in the registry.
        mode: None for the subject's own, else the registry's level.
        schema_format: None to tell it by the file's ending.
        references: files that it refers to, as ``[NAME=]FILE``.

    Raises:
        ConfigurationError: there is no such registry.
        NotFoundError: the registry has no such subject.
        RegistryError: the registry cannot be read, or what it holds cannot be parsed.
        SchemafedError: the file, or what it refers to, cannot be read; with file, line and column.
    """
    read = read_schema_file(file, schema_format)
    given = read_references(references, schema_format)
    config = load_valid_config(root)
    with open_registries(resolve_registries(config, [registry], root)) as opened:
        adapter = opened[registry]
        live, level = _read_subject(adapter, subject)
        schemas = read_live_schemas(adapter, subject)
        parsed = None if references else _parse_in_repository(read, file, root)
        if parsed is None:
            files = LinkedFiles(given, [read], schemas.make_lookup(adapter), schemas.find)
            parsed = files.parsed(read, is_new=True)
        by, basis = _choose_mode(mode, live, level)
        dialect = adapter.capabilities.dialect
        there = schemas.histories[subject]
        judged = _parse_counted(registry, subject, schemas, select_history(_select_group(live, there), by, dialect))
        verdict = compatibility.check(parsed, judged, by, dialect, tells_all=True)
    versions = {each.version: f"{registry}/{subject} version {each.version}" for each in there}
    basis += _tell_dialect(dialect)
    judgement = _make_judgement(replace(verdict, basis=basis), read, judged, versions, dialect)
    return replace(judgement, registry=registry, subject=subject)


def _tell_dialect(dialect: Dialect) -> str:
    return "" if dialect is Dialect.CONFLUENT else f", by the rules of {dialect}"


def _make_judgement(
    verdict: Verdict, new: ReadSchema, history: Sequence[Judged], versions: Mapping[int, str], dialect: Dialect
) -> Judgement:
    texts = {judged.version: judged.parsed.document.definition for judged in history}
    placed = tuple(replace(f, location=_locate(new, f, texts)) for f in verdict.findings)
    return Judgement(replace(verdict, findings=placed), new.path, new.format, versions, dialect)


def _locate(new: ReadSchema, finding: Finding, old: Mapping[int, str]) -> Location:
    """The place of a finding in the new file."""
    path = find_place(finding, new.format, new.document.definition, old)
    return new.locate(path) if path else Location(new.path)


def _read_subject(adapter: SchemaRegistry, subject: str) -> tuple[LiveSubject, Mode | None]:
    """The live subject, and the registry's own level."""
    state = adapter.read_state([subject])
    live = state.subjects.get(subject)
    if live is None:
        raise NotFoundError(
            "the registry has no such subject",
            registry=adapter.name,
            subject=subject,
            fix="correct --subject; a schema of a new subject is compatible with anything",
        )
    if live.problem:
        raise RegistryError(
            f"what the registry answers cannot be used: {live.problem}", registry=adapter.name, subject=subject
        )
    return live, state.default_mode


def _choose_mode(given: Mode | None, live: LiveSubject, level: Mode | None) -> tuple[Mode, str]:
    """The mode to judge by, and in words where it comes from."""
    if given:
        return given, "given with --mode"
    if live.mode:
        return live.mode, "set on the subject in the registry"
    if level:
        return level, "the registry's own level"
    return Mode.NONE, "the registry has no level of its own"


def _select_group(live: LiveSubject, history: Sequence[LiveVersion]) -> Sequence[LiveVersion]:
    """The versions that the subject's compatibility group leaves; a file's metadata is taken for that of the latest."""
    latest = history[-1].schema.metadata if history else None
    return select_group(history, live.compatibility_group, latest, lambda version: version.schema.metadata)


def _parse_counted(registry: str, subject: str, schemas: LiveSchemas, counted: Iterable[LiveVersion]) -> list[Judged]:
    """Parse the versions that the mode looks at: any other may be as broken as it likes."""
    theirs = SchemaSet(schemas.find)
    judged = []
    for version in counted:
        try:
            judged.append(Judged(version.version, theirs.parsed(version.schema)))
        except SchemaError as error:
            raise RegistryError(
                f"version {version.version} cannot be read: {error.message}",
                registry=registry,
                subject=subject,
                fix="delete that version in the registry; as long as it is there, nothing can be compared with it",
            ) from error
    return judged


def _parse_in_repository(read: ReadSchema, file: Path, root: Path) -> Parsed | None:
    """The schema as the repository declares it; None where the file is none of its schemas.

    Raises:
        SchemafedError: it is one and has problems; with file, line and column.
    """
    absolute = file.resolve()
    if not read.document.needs or not absolute.is_relative_to(root):
        return None
    path = absolute.relative_to(root).as_posix()
    state = load_desired_state(root)
    for subject in state.subjects.values():
        if subject.location.file == path:
            return state.schemas.parsed(subject.schema)
    wrong = [f for f in state.findings if f.blocks and f.location and f.location.file == path]
    if wrong:
        raise_unusable(wrong[0])
    return None
