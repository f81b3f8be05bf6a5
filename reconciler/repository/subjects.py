"""From files to subjects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.config import FILE_NAME, Config
from reconciler.documents import Meanwhile, ReadingAhead, reading_ahead
from reconciler.file_findings import did_you_mean, make_finding
from reconciler.manifest import Sidecar
from reconciler.model import DesiredSubject, Finding, Location
from reconciler.name_templates import SUBJECT_VARIABLES, TemplateError, check_name, compile_template
from reconciler.repository.assembly import Assembly, Part, assemble
from reconciler.repository.concerned import Difference, choose_files, concerns_all
from reconciler.repository.references import Tree, pin_path, pin_sidecar_path, resolve_uses
from reconciler.repository.settings import (
    FolderSettings,
    Settings,
    SidecarFile,
    make_waivers,
    read_defaults,
    read_model,
    with_sidecar,
)
from reconciler.repository.sources import (
    BrokenSchema,
    ReadSchema,
    SchemaFile,
    make_pin_file,
    make_variables,
    read_schema,
    read_sidecars,
    sort_files,
)
from reconciler.repository.state import SchemaFiles, UnreadSubject
from reconciler.repository.walk import SourceFile
from reconciler.schemas import Document


@dataclass(frozen=True)
class LoadedSubjects:
    """The subjects that came out, and what is wrong with the others."""

    subjects: Mapping[str, DesiredSubject]
    assembly: Assembly
    findings: tuple[Finding, ...]
    files: Mapping[str, SchemaFiles]
    unread: Mapping[str, UnreadSubject] = field(default_factory=dict)


@dataclass(frozen=True)
class _Part:
    """What is known before a schema is read: every sidecar, the schemas to be read, and the subjects of the others."""

    sidecars: Mapping[str, SidecarFile]
    findings: Sequence[Finding]
    schemas: Sequence[SchemaFile]
    unread: Mapping[str, UnreadSubject]


@dataclass
class _Loading:
    """What is known so far.

    ``sidecars`` is by the path of their schemas and ``names`` by that of the subjects' files; ``pins`` and ``pinned``
    are by the pin's path.
    """

    root: Path
    folders: FolderSettings
    schemas: Sequence[SchemaFile]
    sidecars: dict[str, SidecarFile]
    findings: list[Finding] = field(default_factory=list)
    read: dict[str, ReadSchema] = field(default_factory=dict)
    broken: list[BrokenSchema] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    pins: dict[str, tuple[str, int]] = field(default_factory=dict)
    pinned: dict[str, ReadSchema] = field(default_factory=dict)

    def settings(self, read: ReadSchema) -> Settings:
        """What holds for one schema."""
        settings = self.folders.settings(read.file.source)
        sidecar = self.sidecars.get(read.path)
        return with_sidecar(settings, sidecar) if sidecar else settings


def load_subjects(
    root: Path,
    files: Sequence[SourceFile],
    config: Config,
    environment: str,
    ahead: ReadingAhead,
    difference: Difference | None = None,
    *,
    is_config_known: bool,
    meanwhile: Meanwhile,
) -> LoadedSubjects:
    """Make the subjects of one environment from the files of the tree.

    Args:
        ahead: the reading of schemas that has begun; left aside where it is of other files than the settings say.
        difference: what changed, where only what that may concern is read; None for everything.
        is_config_known: False where schemafed.yaml could not be used, so that nothing is held against it.
        meanwhile: is called while another process reads the schemas, where one does.
    """
    defaults, findings = read_defaults(root, files)
    folders = FolderSettings(defaults, _outermost(config, environment))
    everything, yaml_files = sort_files(files, folders, FILE_NAME)
    part = _read_part(root, folders, everything, yaml_files, difference) if difference else None
    schemas = part.schemas if part else everything
    wanted = [(file.path, file.format) for file in schemas if not file.is_yaml]
    with nullcontext(ahead) if ahead.files == wanted else reading_ahead(root, wanted) as reading:
        sidecars, wrong = (part.sidecars, part.findings) if part else read_sidecars(root, yaml_files, schemas)
        loading = _Loading(root, folders, schemas, dict(sidecars), [*findings, *wrong])
        _read_pins(loading)
        _read_schemas(loading, reading.finish(meanwhile))
    _name_subjects(loading)
    parts = _make_parts(loading)
    assembly = assemble(parts)
    registries = config.registries if is_config_known else None
    subjects = {}
    for path, name in loading.names.items():
        settings = loading.settings(loading.read[path])
        if name in assembly.by_subject:
            subjects[name] = _make_subject(loading, loading.read[path], name, assembly, settings)
        if registries is not None and settings.registries:
            loading.findings.extend(_check_registries(settings, registries, path))
    found = (*loading.findings, *assembly.findings)
    return LoadedSubjects(subjects, assembly, found, _make_files(loading, parts), part.unread if part else {})


def _read_part(
    root: Path,
    folders: FolderSettings,
    schemas: Sequence[SchemaFile],
    yaml_files: Sequence[SourceFile],
    difference: Difference,
) -> _Part | None:
    """Read what tells which schemas a change may concern; None for all of them."""
    if concerns_all(difference, {folders.settings(file.source).name for file in schemas}):
        return None
    sidecars, findings = read_sidecars(root, yaml_files, schemas, difference.same)
    named = {s.path: _make_name(folders, sidecars.get(s.path), s, None) for s in schemas if not s.is_fragment}
    names = {path: name for path, name in named.items() if isinstance(name, str)}
    subjects = {name: path for path, name in names.items()}
    chosen = choose_files(root, schemas, sidecars, subjects, folders, difference)
    if chosen is None or len(subjects) < len(names):
        return None
    unread = {}
    for file in schemas:
        if file.path in names and file.path not in chosen:
            name = names[file.path]
            unread[name] = UnreadSubject(name, Location(file.path), _find_registries(folders, sidecars, file))
    return _Part(sidecars, findings, [file for file in schemas if file.path in chosen], unread)


def _find_registries(folders: FolderSettings, sidecars: Mapping[str, SidecarFile], file: SchemaFile) -> tuple[str, ...]:
    """Where a subject shall go; the other settings, of thousands that are not read, would take longer."""
    sidecar = sidecars.get(file.path)
    if sidecar and sidecar.sidecar.registries is not None:
        return tuple(sidecar.sidecar.registries)
    return folders.settings(file.source).registries


def _make_files(loading: _Loading, parts: Mapping[str, Part]) -> dict[str, SchemaFiles]:
    """Which files each schema is made of beside its own; most have none."""
    made = {}
    for path, part in parts.items():
        sidecar = loading.sidecars.get(path)
        if sidecar or part.uses:
            uses = tuple(dict.fromkeys(use.target for use in part.uses or ()))
            made[path] = SchemaFiles(sidecar.document.file if sidecar else None, uses)
    return made


def _outermost(config: Config, environment: str) -> Settings:
    """What holds where neither a sidecar nor a defaults.yaml says anything."""
    chosen = config.all_environments.get(environment)
    mode = chosen.compatibility if chosen else None
    at = config.locate(("environments", environment, "compatibility"), of_key=True) if mode else None
    return Settings(
        compatibility=mode,
        compatibility_location=at,
        name=config.subjects.name,
        name_location=config.locate(("subjects", "name")),
    )


def _read_pins(loading: _Loading) -> None:
    """Read the texts that sidecars pin, and those that the pins' own sidecars do; their files become no subjects."""
    formats = {schema.path: schema.format for schema in loading.schemas}
    by_key: dict[tuple[str, int], str] = {}
    waiting = list(loading.sidecars)
    for path in waiting:
        sidecar = loading.sidecars[path]
        for index, entry in enumerate(sidecar.sidecar.references):
            if entry.file is None or entry.version is None:
                continue
            at = sidecar.document.locate(("references", index, "file"))
            file = pin_path(sidecar, entry.file)
            key = (entry.subject, entry.version)
            if problem := _check_pin(loading.root, file):
                loading.findings.append(make_finding("REFERENCE_MISSING", problem, at, "correct the path"))
            elif by_key.setdefault(key, file) != file or loading.pins.setdefault(file, key) != key:
                message = f"elsewhere another file is version {entry.version} of `{entry.subject}`, or this is another"
                loading.findings.append(make_finding("PIN_CONFLICT", message, at, "let each version have one file"))
            elif file not in loading.pinned:
                _read_pin(loading, make_pin_file(file, formats[path]))
                formats.setdefault(file, formats[path])
                waiting.extend([file] if file in loading.sidecars and file not in waiting else [])


def _read_pin(loading: _Loading, file: SchemaFile) -> None:
    """Read one pinned text, with the sidecar beside it where it lies outside of the configured folders."""
    result, finding = read_schema(loading.root, file)
    loading.findings.extend([finding] if finding else [])
    if isinstance(result, ReadSchema):
        loading.pinned[file.path] = result
    if file.path not in loading.sidecars and (loading.root / pin_sidecar_path(file.path)).is_file():
        sidecar, document, wrong = read_model(loading.root, pin_sidecar_path(file.path), Sidecar, {})
        loading.findings.extend(wrong)
        if sidecar:
            loading.sidecars[file.path] = SidecarFile(sidecar, document)


def _check_pin(root: Path, file: str) -> str | None:
    if file.startswith(("/", "../")) or "\0" in file:
        return f"`{file}` lies outside of the repository"
    if not (root / file).resolve().is_relative_to(root.resolve()):
        return f"`{file}` is a link that points outside of the repository"
    return None if (root / file).is_file() else f"there is no file `{file}`"


def _read_schemas(loading: _Loading, documents: Mapping[str, Document]) -> None:
    """Read every schema that is not among the documents, and say what is wrong with it."""
    for file in loading.schemas:
        path = file.path
        if path in loading.pins:
            continue
        if path in documents:
            loading.read[path] = ReadSchema(file, documents[path])
            continue
        result, finding = read_schema(loading.root, file)
        if isinstance(result, ReadSchema):
            loading.read[path] = result
        else:
            loading.broken.append(result)
        loading.findings.extend([finding] if finding else [])


def _name_subjects(loading: _Loading) -> None:
    taken: dict[str, str] = {}
    for path, read in loading.read.items():
        if read.file.is_fragment:
            continue
        name = _make_name(loading.folders, loading.sidecars.get(path), read.file, read.document)
        if isinstance(name, Finding):
            loading.findings.append(name)
        elif name in taken:
            message = f"subject `{name}` is declared by {taken[name]} already"
            fix = "rename one of the files, or give one a `subject` in its sidecar"
            loading.findings.append(make_finding("DUPLICATE_SUBJECT", message, Location(path), fix))
        else:
            taken[name] = path
            loading.names[path] = name


def _make_name(
    folders: FolderSettings, sidecar: SidecarFile | None, file: SchemaFile, document: Document | None
) -> str | Finding:
    """What a schema's subject is called; without its text, where the template asks for nothing of it."""
    if sidecar and sidecar.sidecar.subject is not None:
        name, at = sidecar.sidecar.subject, sidecar.document.locate(("subject",))
    else:
        settings = folders.settings(file.source)
        at = Location(file.path)
        try:
            template = compile_template(settings.name, SUBJECT_VARIABLES)
        except TemplateError as error:
            return make_finding("INVALID_TEMPLATE", error.message, settings.name_location, error.fix)
        try:
            name = template.render(make_variables(file, document))
        except TemplateError as error:
            return make_finding("INVALID_SUBJECT_NAME", error.message, at, "give the file a `subject` in its sidecar")
    if problem := check_name(name):
        shown = ascii(name)[1:-1]
        return make_finding("INVALID_SUBJECT_NAME", f"`{shown}` cannot be a subject: {problem}", at, "rename it")
    return name


def _make_parts(loading: _Loading) -> dict[str, Part]:
    tree = Tree(
        {p: r for p, r in loading.read.items() if p in loading.names or r.file.is_fragment},
        loading.broken,
        {name: path for path, name in loading.names.items()},
        loading.pinned,
    )
    parts: dict[str, Part] = {}
    for path, read in (*tree.schemas.items(), *loading.pinned.items()):
        sidecar = loading.sidecars.get(path)
        is_written = sidecar is not None and bool(sidecar.sidecar.references)
        uses, findings = resolve_uses(tree, read, sidecar) if is_written or read.document.needs else ((), [])
        loading.findings.extend(findings)
        subject, version = loading.pins.get(path) or (loading.names.get(path), None)
        metadata = sidecar.sidecar.metadata.make_metadata() if sidecar and sidecar.sidecar.metadata else None
        rules = sidecar.sidecar.rules.make_rules() if sidecar and sidecar.sidecar.rules else None
        if uses and any(use.target not in tree.schemas and use.target not in tree.pins for use in uses):
            uses = None
        parts[path] = Part(read, uses, subject, version, metadata, rules)
    return parts


def _make_subject(
    loading: _Loading, read: ReadSchema, name: str, assembly: Assembly, settings: Settings
) -> DesiredSubject:
    sidecar = loading.sidecars.get(read.path)
    return DesiredSubject(
        name=name,
        schema=assembly.by_subject[name],
        location=Location(read.path),
        mode=settings.compatibility,
        mode_location=settings.compatibility_location,
        inherited_mode=settings.inherited_mode,
        owner=settings.owner,
        tags=settings.tags,
        registries=settings.registries,
        manage=sidecar.sidecar.manage if sidecar else True,
        waivers=make_waivers(sidecar) if sidecar else (),
        settings=settings.values,
        settings_location=settings.values_location,
    )


def _check_registries(settings: Settings, known: Iterable[str], path: str) -> Iterable[Finding]:
    for index, name in enumerate(settings.registries):
        if name not in known:
            document = settings.registries_document
            at = document.locate(("registries", index)) if document else Location(path)
            message = f"there is no registry `{name}` in {FILE_NAME}{did_you_mean(name, known)}"
            fix = f"its registries: {', '.join(known) or 'none'}"
            yield make_finding("UNKNOWN_REGISTRY", message, at, fix)
