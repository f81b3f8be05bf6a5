"""Which files hold schemas, and their texts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from reconciler.documents import BLANK, MAX_BYTES
from reconciler.errors import SchemaError
from reconciler.file_findings import make_finding
from reconciler.files import WAIVERS_NAME, decode_text, is_lfs_pointer, read_at_most
from reconciler.manifest import Sidecar
from reconciler.model import JSON_FORMATS, YAML_FORMATS, Finding, Format, Location, Severity, Source
from reconciler.repository.early import DEFAULTS_NAME
from reconciler.repository.early import FORMAT_BY_ENDING as FORMAT_BY_ENDING
from reconciler.repository.early import format_of as format_of
from reconciler.repository.names import unescape_name
from reconciler.repository.settings import FileTreatment, FolderSettings, SidecarFile, read_model
from reconciler.repository.walk import SourceFile
from reconciler.schemas import Document, language, read
from reconciler.schemas.json_positions import raise_if_half_pair
from reconciler.yaml_lines import YamlDocument, YamlError, parse_yaml
from reconciler.yaml_lines import make_finding as make_yaml_finding

_DOUBLE_ENDINGS = tuple(ending for ending in FORMAT_BY_ENDING if ending.count(".") > 1)
_STEM_ENDINGS = (*FORMAT_BY_ENDING, ".avro", ".jsonschema", ".yaml", ".yml", ".xml")
_SIDECAR_ENDINGS = (".meta.yaml", ".meta.yml")
"""What is a sidecar by its name, whatever a pattern takes the files beside it for."""
YAML_ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """A file that holds a schema. ``stem`` is its name without ending, still escaped."""

    source: SourceFile
    format: Format
    stem: str
    is_fragment: bool = False

    @property
    def is_yaml(self) -> bool:
        """Whether the schema is written in YAML."""
        return self.format in YAML_FORMATS and self.source.name.endswith(YAML_ENDINGS)

    @property
    def path(self) -> str:
        """The file, relative to the root."""
        return self.source.path


@dataclass(frozen=True, slots=True)
class ReadSchema:
    """A schema's text, read on its own. ``origin`` is the YAML that it was written in, where it was."""

    file: SchemaFile
    document: Document
    origin: YamlDocument | None = field(default=None, repr=False)

    @property
    def path(self) -> str:
        """The file, relative to the root."""
        return self.file.path

    @property
    def format(self) -> Format:
        """The language of the text."""
        return self.file.format

    def locate(self, path: str) -> Location:
        """Find the place of a path of the schema in the file."""
        if self.origin:
            return _locate_in_yaml(self.origin, path)
        place = language(self.format).locate(self.document.definition, path)
        return Location(self.path, *place) if place else Location(self.path)


@dataclass(frozen=True, slots=True)
class BrokenSchema:
    """A file whose schema cannot be read; whatever text there is tells whether something missing may be in it."""

    file: SchemaFile
    text: str | None


def sort_files(
    files: Iterable[SourceFile], folders: FolderSettings, config_path: str
) -> tuple[list[SchemaFile], list[SourceFile]]:
    """Tell the files that hold schemas from those that may be their sidecars."""
    schemas: list[SchemaFile] = []
    yaml_files: list[SourceFile] = []
    for file in files:
        if file.name in (DEFAULTS_NAME, WAIVERS_NAME) or file.path == config_path:
            continue
        treatment = folders.treatment(file)
        if treatment.is_ignored:
            continue
        if schema := _make_schema_file(file, treatment):
            schemas.append(schema)
        elif file.name.endswith(YAML_ENDINGS):
            yaml_files.append(file)
    return schemas, yaml_files


def make_pin_file(path: str, fallback: Format) -> SchemaFile:
    """A file that a pin names; its ending says the format, else that of the schema which pins it."""
    treatment = FileTreatment(format_of(path) or fallback)
    made = _make_schema_file(SourceFile(path, ""), treatment)
    assert made
    return made


def _make_schema_file(file: SourceFile, treatment: FileTreatment) -> SchemaFile | None:
    if file.name.endswith(_SIDECAR_ENDINGS):
        return None
    schema_format = treatment.format or format_of(file.name)
    if schema_format is None:
        return None
    return SchemaFile(file, schema_format, _cut_ending(file.name, treatment.ending), not treatment.is_registered)


def _cut_ending(name: str, extra: str | None) -> str:
    if name.endswith(_DOUBLE_ENDINGS) and name not in _DOUBLE_ENDINGS:
        return name.removesuffix(next(each for each in _DOUBLE_ENDINGS if name.endswith(each)))
    stem, _, last = name.rpartition(".")
    if stem and f".{last}" in _STEM_ENDINGS:
        return stem.removesuffix(".schema") or name
    ending = extra if extra and name != extra else ""
    return name.removesuffix(ending).removesuffix(".schema") or name


def read_sidecars(
    root: Path,
    yaml_files: Iterable[SourceFile],
    schemas: Iterable[SchemaFile],
    contents: Mapping[str, str] | None = None,
) -> tuple[dict[str, SidecarFile], list[Finding]]:
    """Read the sidecars of some schemas; they are by the path of the schema.

    Args:
        contents: by path, what Git calls the content of files; of those that are alike one is read.
    """
    by_stem: dict[tuple[str, str], list[SchemaFile]] = {}
    for schema in schemas:
        name = schema.source.name
        for stem in {schema.stem, name.rpartition(".")[0] or schema.stem, name}:
            by_stem.setdefault((schema.source.folder, stem), []).append(schema)
    found: dict[str, SidecarFile] = {}
    alike: dict[str, Sidecar] = {}
    texts: dict[str, str] = {}
    findings: list[Finding] = []
    for file in yaml_files:
        owners = _find_owners(file, by_stem)
        if not owners:
            findings.append(_make_orphan(file, by_stem))
            continue
        content = (contents or {}).get(file.path, file.path)
        if content in texts:
            document = YamlDocument(file.path, None, texts[content])
            sidecar = alike[document.text]
        else:
            read, document, wrong = read_model(root, file.path, Sidecar, alike)
            findings.extend(wrong)
            if read is None:
                continue
            sidecar = read
            texts[content] = document.text
        for owner in owners:
            if owner.path in found:
                findings.append(_make_second(file, owner, found[owner.path]))
            found.setdefault(owner.path, SidecarFile(sidecar, document))
    return found, findings


def _find_owners(file: SourceFile, by_stem: Mapping[tuple[str, str], list[SchemaFile]]) -> list[SchemaFile]:
    stem = file.name.rpartition(".")[0]
    return by_stem.get((file.folder, stem)) or by_stem.get((file.folder, stem.removesuffix(".meta")), [])


def _make_orphan(file: SourceFile, by_stem: Mapping[tuple[str, str], list[SchemaFile]]) -> Finding:
    stem = file.name.rpartition(".")[0].removesuffix(".meta")
    if stem == "defaults":
        message = f"settings of a folder are read from `{DEFAULTS_NAME}` only"
        return make_finding("SIDECAR_WITHOUT_SCHEMA", message, Location(file.path), f"rename it to `{DEFAULTS_NAME}`")
    near = get_close_matches(stem, [s for folder, s in by_stem if folder == file.folder], n=1)
    nearest = f"; the nearest is `{by_stem[file.folder, near[0]][0].source.name}`" if near else ""
    return make_finding(
        "SIDECAR_WITHOUT_SCHEMA",
        f"no schema called `{stem}` lies beside this file{nearest}",
        Location(file.path),
        "rename the file after its schema, remove it, or let defaults.yaml ignore it (`files: {NAME: {ignore: true}}`)",
    )


def _make_second(file: SourceFile, owner: SchemaFile, first: SidecarFile) -> Finding:
    message = f"`{owner.source.name}` has another sidecar already, {first.document.file}"
    return make_finding("DUPLICATE_SIDECAR", message, Location(file.path), "keep one of the two")


def read_schema(root: Path, file: SchemaFile) -> tuple[ReadSchema | BrokenSchema, Finding | None]:
    """Read one schema's text on its own; what cannot be read comes with its finding."""
    try:
        raw = read_at_most(root, file.path, MAX_BYTES)
    except OSError as error:
        return BrokenSchema(file, None), make_unreadable(file.path, error)
    result, finding = decode_schema(file, raw)
    if isinstance(result, ReadSchema) and (violation := result.document.violation):
        broken = BrokenSchema(file, result.document.definition)
        return broken, make_schema_finding(file.path, violation, result.origin)
    return result, finding


def decode_schema(file: SchemaFile, raw: bytes) -> tuple[ReadSchema | BrokenSchema, Finding | None]:
    """Read the bytes of one schema on their own; what cannot be read comes with its finding.

    Args:
        raw: all of the file, or of one that is too large more than ``MAX_BYTES``.
    """
    text = _decode(file, raw)
    if isinstance(text, Finding):
        return BrokenSchema(file, None), text
    origin = None
    try:
        if file.is_yaml:
            origin, text = _convert_yaml(file, text)
        elif file.format in JSON_FORMATS:
            raise_if_half_pair(text)
        return ReadSchema(file, read(file.format, text), origin), None
    except YamlError as error:
        return BrokenSchema(file, text), make_yaml_finding(file.path, error)
    except SchemaError as error:
        return BrokenSchema(file, text), make_schema_finding(file.path, error, origin)


def make_unreadable(path: str, error: OSError) -> Finding:
    """Say why a file cannot be read."""
    reason = (error.strerror or "unknown reason").lower()
    fix = "let the user that runs schemafed read it, or leave it out by `files` and `ignore: true` in defaults.yaml"
    return make_finding("SCHEMA_UNREADABLE", f"the file cannot be read: {reason}", Location(path), fix)


def _decode(file: SchemaFile, raw: bytes) -> str | Finding:
    """The text with its byte-order mark cut and line ends as Git keeps them, or what is wrong."""
    if is_lfs_pointer(raw):
        message = "the file is a pointer of Git LFS, in place of a schema that was not fetched"
        fix = "run `git lfs pull` (in CI, let the checkout fetch LFS), or keep schemas out of LFS: they are small texts"
        return make_finding("SCHEMA_IN_LFS", message, Location(file.path), fix)
    try:
        text = decode_text(raw)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        location = Location(file.path, line, column)
        return make_finding("SCHEMA_NOT_UTF8", "the file is not UTF-8 text", location, "save it as UTF-8")
    if len(raw) > MAX_BYTES:
        fix = "no registry takes such a schema; split it, or ignore the file in defaults.yaml"
        return make_finding("SCHEMA_TOO_LARGE", "the file is larger than 10 MB", Location(file.path), fix)
    if not text.strip(BLANK):
        fix = "write a schema, or remove the file"
        return make_finding("SCHEMA_EMPTY", "the file is empty", Location(file.path), fix)
    return text


def _convert_yaml(file: SchemaFile, text: str) -> tuple[YamlDocument, str]:
    value = parse_yaml(text)
    try:
        converted = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise YamlError(f"holds what JSON does not have: {error}") from error
    return YamlDocument(file.path, value, text), converted


def make_schema_finding(
    path: str, error: SchemaError, origin: YamlDocument | None = None, subject: str | None = None
) -> Finding:
    """Turn the error of one schema into what reports show."""
    location = Location(path, error.line, error.column)
    if origin:
        location = _locate_in_yaml(origin, error.path or "")
    return Finding(
        error.code,
        Severity.ERROR,
        Source.VALIDATION,
        error.message,
        subject=subject,
        path=error.path,
        location=location,
        fix=error.fix,
    )


def _locate_in_yaml(origin: YamlDocument, pointer: str) -> Location:
    steps = [s.replace("~1", "/").replace("~0", "~") for s in pointer.removeprefix("#").split("/")[1:]]
    return origin.locate([int(s) if s.isdecimal() else s for s in steps], of_key=True)


def make_variables(file: SchemaFile, document: Document | None) -> dict[str, str]:
    """The values of a subject template's variables for one file; without its text, those that its path tells."""
    below = file.source.below_base
    folder = below.rpartition("/")[0]
    folder = "/".join(map(unescape_name, folder.split("/"))) if "%" in folder else folder
    stem = unescape_name(file.stem)
    return {
        "stem": stem,
        "path": f"{folder}/{stem}" if folder else stem,
        "folder": folder,
        "record_name": document.name if document else "",
        "namespace": document.namespace if document else "",
        "package": document.namespace if document else "",
        "format": file.format.lower(),
    }
