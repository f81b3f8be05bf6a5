"""The settings of files: defaults.yaml of their folders, nearest first, and their sidecars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from reconciler.file_findings import Model, check_document
from reconciler.manifest import FORMATS, Defaults, Sidecar
from reconciler.model import Finding, Format, Location, Mode, SettingValue, Waiver
from reconciler.repository.early import DEFAULTS_NAME as DEFAULTS_NAME
from reconciler.repository.patterns import compile_pattern
from reconciler.repository.walk import SourceFile
from reconciler.yaml_lines import KeyPath, YamlDocument, YamlError, make_finding, parse_yaml, read_yaml_text

_KEYS = frozenset({"compatibility", "inherited_mode", "owner", "tags", "registries", "settings"})
_COMPATIBILITY: KeyPath = ("compatibility",)


@dataclass(frozen=True, slots=True)
class DefaultsFile:
    """One defaults.yaml, for its folder and below."""

    folder: str
    defaults: Defaults
    document: YamlDocument


@dataclass(frozen=True, slots=True)
class SidecarFile:
    """One sidecar."""

    sidecar: Sidecar
    document: YamlDocument


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for one schema, or before its sidecar is looked at, for all of a folder; see the files' keys.

    ``values`` are the files' ``settings``, ``values_location`` is where the nearest of them stand.
    """

    compatibility: Mode | None = None
    compatibility_location: Location | None = None
    inherited_mode: Mode | None = None
    owner: str | None = None
    tags: tuple[str, ...] = ()
    registries: tuple[str, ...] = ()
    registries_document: YamlDocument | None = None
    values: Mapping[str, SettingValue] = field(default_factory=dict)
    values_location: Location | None = None
    name: str = "{{ stem }}"
    name_location: Location | None = None


@dataclass(frozen=True, slots=True)
class FileTreatment:
    """How one file is taken."""

    format: Format | None = None
    is_registered: bool = True
    is_ignored: bool = False
    ending: str | None = None


def read_model(
    root: Path, path: str, model: type[Model], alike: dict[str, Model]
) -> tuple[Model | None, YamlDocument, tuple[Finding, ...]]:
    """Read and validate one YAML file.

    Args:
        alike: what files of the same model became, by their text; thousands of sidecars often say the same few things.
    """
    try:
        text = read_yaml_text(root, path)
        if text in alike:
            return alike[text], YamlDocument(path, None, text), ()
        document = YamlDocument(path, parse_yaml(text), text)
    except YamlError as error:
        return None, YamlDocument(path, None, ""), (make_finding(path, error),)
    value, findings = check_document(model, document)
    if value is not None:
        alike[text] = value
    return value, document, findings


def read_defaults(root: Path, files: Iterable[SourceFile]) -> tuple[Mapping[str, DefaultsFile], list[Finding]]:
    """Read every defaults.yaml; by folder."""
    found: dict[str, DefaultsFile] = {}
    findings: list[Finding] = []
    for file in files:
        if file.name == DEFAULTS_NAME:
            defaults, document, wrong = read_model(root, file.path, Defaults, {})
            findings.extend(wrong)
            if defaults:
                found[file.folder] = DefaultsFile(file.folder, defaults, document)
    return found, findings


class FolderSettings:
    """What holds for the files of each folder; worked out once a folder.

    Args:
        defaults: every defaults.yaml by its folder.
        outermost: what holds where none says otherwise.
    """

    def __init__(self, defaults: Mapping[str, DefaultsFile], outermost: Settings) -> None:
        self._defaults = defaults
        self._outermost = outermost
        self._chains: dict[tuple[str, str], tuple[DefaultsFile, ...]] = {}
        self._settings: dict[tuple[str, str], Settings] = {}

    def chain(self, file: SourceFile) -> tuple[DefaultsFile, ...]:
        """The defaults that apply to a file, nearest first, up to its configured folder."""
        key = (file.folder, file.base)
        if key not in self._chains:
            self._chains[key] = tuple(self._defaults[f] for f in _folders_up(*key) if f in self._defaults)
        return self._chains[key]

    def settings(self, file: SourceFile) -> Settings:
        """What holds for a file before its sidecar is looked at."""
        key = (file.folder, file.base)
        if key not in self._settings:
            merged = self._outermost
            for each in reversed(self.chain(file)):
                merged = _overlay(merged, each.defaults, each.document)
                if each.defaults.name is not None:
                    merged = replace(merged, name=each.defaults.name, name_location=each.document.locate(["name"]))
            self._settings[key] = merged
        return self._settings[key]

    def treatment(self, file: SourceFile) -> FileTreatment:
        """How the patterns of the defaults take a file: for each key the nearest file, and in it the last match."""
        found: dict[str, object] = {}
        for each in self.chain(file):
            below = file.path[len(each.folder) + 1 :] if each.folder else file.path
            for text, rule in reversed(list(each.defaults.files.items())):
                if compile_pattern(text).matches(below):
                    if rule.format and "format" not in found:
                        found["ending"] = text.rpartition("*")[2] or None
                        found["format"] = rule.format
                    if rule.is_registered is not None:
                        found.setdefault("register", rule.is_registered)
                    if rule.ignore is not None:
                        found.setdefault("ignore", rule.ignore)
        return _make_treatment(found) if found else _PLAIN


_PLAIN = FileTreatment()


def _make_treatment(found: Mapping[str, object]) -> FileTreatment:
    ending = found.get("ending")
    return FileTreatment(
        FORMATS.get(str(found.get("format"))),
        bool(found.get("register", True)),
        bool(found.get("ignore", False)),
        ending if isinstance(ending, str) and ending.startswith(".") else None,
    )


def with_sidecar(settings: Settings, file: SidecarFile) -> Settings:
    """What holds for the schema of a sidecar."""
    return _overlay(settings, file.sidecar, file.document)


def make_waivers(file: SidecarFile) -> tuple[Waiver, ...]:
    """The breaks that a sidecar lets through."""
    return tuple(
        Waiver(
            code=entry.code,
            reason=entry.reason,
            approver=entry.approver,
            until=entry.until,
            location=file.document.locate(("waivers", index)),
            path=entry.path,
        )
        for index, entry in enumerate(file.sidecar.waivers)
    )


def _overlay(settings: Settings, nearer: Defaults | Sidecar, document: YamlDocument) -> Settings:
    """The settings with those that the nearer file has."""
    if nearer.model_fields_set.isdisjoint(_KEYS):
        return settings
    mode, registries = nearer.compatibility, nearer.registries
    return Settings(
        compatibility=settings.compatibility if mode is None else mode,
        compatibility_location=settings.compatibility_location
        if mode is None
        else document.locate(_COMPATIBILITY, of_key=True),
        inherited_mode=nearer.inherited_mode or settings.inherited_mode,
        owner=nearer.owner or settings.owner,
        tags=settings.tags if nearer.tags is None else tuple(nearer.tags),
        registries=settings.registries if registries is None else tuple(registries),
        registries_document=settings.registries_document if registries is None else document,
        values={**settings.values, **nearer.settings},
        values_location=document.locate(("settings",), of_key=True) if nearer.settings else settings.values_location,
        name=settings.name,
        name_location=settings.name_location,
    )


def _folders_up(folder: str, base: str) -> Iterable[str]:
    """The folder and those around it, up to and with the configured one."""
    while True:
        yield folder
        if folder == base or not folder:
            return
        folder = folder.rpartition("/")[0]
