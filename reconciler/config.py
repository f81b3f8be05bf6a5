"""schemafed.yaml: registries, environments, and where the schemas are.

Values may hold ``${...}``; they are checked when the file is loaded and resolved only by :func:`resolve_registry`, so
that whatever needs no registry needs no secrets either.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import Annotated, Literal
from urllib.parse import unquote

from pydantic import AfterValidator, ConfigDict, Field, PrivateAttr, model_validator

from reconciler.approvals.rules import Approvals
from reconciler.errors import ConfigurationError, SecretError, UsageError
from reconciler.file_findings import check_document, did_you_mean, make_finding, make_warning
from reconciler.files import DEFAULT_PATHS
from reconciler.files import FILE_NAME as FILE_NAME
from reconciler.manifest import FileModel, ModeName, PolicySettings, Settings, Text
from reconciler.model import Deletion, Finding, Location, OnDrift
from reconciler.name_templates import LIVE_VARIABLES, SUBJECT_VARIABLES, TemplateError, compile_template
from reconciler.registry import RegistrySettings
from reconciler.schemas import fingerprint
from reconciler.secrets import Secrets, check_value
from reconciler.secrets.redaction import SecretText, remember
from reconciler.yaml_lines import KeyPath, YamlDocument, YamlError, read_yaml
from reconciler.yaml_lines import make_finding as make_yaml_finding

DEFAULT_ENVIRONMENT = "default"
PUBLIC_AUTH_KEYS = frozenset(
    {"kind", "type", "username", "client_id", "token_url", "scope", "audience", "region", "client_auth"}
)
"""Keys of ``auth`` whose values are no secrets; every other one is."""


DriftName = Annotated[OnDrift, Field(strict=False)]
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_REF = re.compile(r"refs(/[A-Za-z0-9_@%+-][A-Za-z0-9._@%+-]*){2,}")
_USERINFO = re.compile(r"://([^/@:\s$]*):([^/@\s$]+)@")


def _check_relative(path: str) -> str:
    if path.startswith("/") or "\\" in path or ".." in path.split("/") or "\0" in path:
        raise ValueError(f"`{path}` must be a folder below schemafed.yaml, written with `/` and without `..`")
    return "/".join(part for part in path.split("/") if part not in ("", ".")) or "."


def _check_ref(template: str) -> str:
    example = template.replace("{environment}", "prod")
    if not _REF.fullmatch(example) or ".." in example or example.endswith((".lock", ".", "/")):
        raise ValueError(f"`{template}` must be a Git ref such as `refs/schemafed/{{environment}}`")
    if "{environment}" not in template:
        raise ValueError(f"`{template}` must hold `{{environment}}`, since each environment has a ledger of its own")
    return template


def _check_remote(name: str) -> str:
    # Git would take it for an option, and some of those run programs.
    if name.startswith("-"):
        raise ValueError(f"`{name}` must be the name of a Git remote, such as `origin`")
    return name


class RegistryEntry(FileModel):
    """One live registry. Further keys (`url`, `auth`, `tls`, `path`, ...) belong to its kind."""

    model_config = ConfigDict(extra="allow")

    kind: Text = Field(description="The adapter that speaks to it, such as `confluent` or `local`.")
    name: Text = Field(
        default="{{ name }}",
        description="Template of the name that a subject has there; variables: name, environment.",
    )
    compatibility: ModeName | None = Field(
        default=None,
        description="The registry's own level, which subjects without a mode inherit; not touched if absent.",
    )

    settings: Settings = Field(
        default_factory=dict, description="Settings of the registry itself beside its level, by name; see its kind."
    )

    @property
    def options(self) -> Mapping[str, object]:
        """The keys that belong to the registry's kind, as they stand in the file."""
        return self.model_extra or {}


class DriftRules(FileModel):
    """Who wins where someone else changed what was applied: Git, the registry, or nobody until it is settled."""

    schema_: DriftName = Field(
        default=OnDrift.BLOCK, alias="schema", description="For schemas: block, overwrite, or keep what is live."
    )
    mode: DriftName = Field(
        default=OnDrift.OVERWRITE, description="For modes that schemafed set: overwrite, block, or keep what is live."
    )


class Environment(FileModel):
    """A named set of registries that are planned and applied together."""

    registries: list[Text] = Field(min_length=1, description="Names of registries of this file.")
    compatibility: ModeName | None = Field(
        default=None, description="The mode of subjects for which neither a sidecar nor a defaults.yaml declares one."
    )
    deletion: Annotated[Deletion, Field(strict=False)] = Field(
        default=Deletion.FORBID,
        description="What becomes of a subject that Git dropped: it stays as an orphan, or is deleted softly or hard.",
    )
    on_drift: DriftRules = Field(
        default_factory=lambda: DriftRules(),
        description="What a plan does where someone else changed what was applied.",
    )
    on_plan_change: Literal["stop", "proceed"] = Field(
        default="stop", description="What `apply --expect` does where the plan is not the one that was reviewed."
    )
    ledger: Literal["shared", "local"] | None = Field(
        default=None,
        description="Who remembers what was applied: `shared`, the Git remote, or `local`, each clone for itself. Local"
        " by default where every registry is a file (`path`), of which each clone has its own.",
    )


class SubjectRules(FileModel):
    """How files become subjects."""

    name: Text = Field(
        default="{{ stem }}",
        description="Template of subject names; variables: stem, path, folder, record_name, namespace, package,"
        " format.",
    )


class LedgerRules(FileModel):
    """Where what was applied is remembered: a ref of this Git repository, an environment each."""

    ref: Annotated[Text, AfterValidator(_check_ref)] = Field(
        default="refs/schemafed/{environment}",
        description="The ref that remembers an environment; `{environment}` stands for its name.",
    )
    remote: Annotated[Text, AfterValidator(_check_remote)] | None = Field(
        default=None, description="The Git remote that holds it: `origin`, or else the only one, by default."
    )
    lease_minutes: Annotated[int, Field(ge=2, le=1440)] = Field(
        default=10, description="How long a run may be silent before another one takes its place."
    )


class PolicyEntry(PolicySettings):
    """Rules that hold in this repository: those of a pack that ships, or of files of your own."""

    use: Text | None = Field(
        default=None, description="A pack by its name; `default` stands for all that ship, with the rules that are on."
    )
    path: Annotated[Text, AfterValidator(_check_relative)] | None = Field(
        default=None, description="Rule files of this repository, such as `policies/*.yaml`; `**` is any folder."
    )
    environments: list[Text] | None = Field(
        default=None, min_length=1, description="Only in these environments; without it, in all."
    )

    @model_validator(mode="after")
    def _raise_if_not_one(self) -> PolicyEntry:
        if (self.use is None) == (self.path is None):
            raise ValueError("an entry has either `use`, the name of a pack, or `path`, rule files of this repository")
        return self


class Config(FileModel):
    """The file schemafed.yaml at the root of a repository."""

    version: Literal[1] = Field(description="The version of this file's form: 1.")
    registries: Mapping[Text, RegistryEntry] = Field(default_factory=dict, description="The registries, by your names.")
    environments: Mapping[Text, Environment] = Field(
        default_factory=dict,
        description="The environments; the first is the default. Without any, one called `default` has all registries.",
    )
    subjects: SubjectRules = Field(
        default_factory=lambda: SubjectRules(), description="What the subjects of files are called."
    )
    ledger: LedgerRules = Field(
        default_factory=lambda: LedgerRules(), description="Where what was applied is remembered, in Git."
    )
    paths: list[Annotated[Text, AfterValidator(_check_relative)]] = Field(
        default_factory=lambda: list(DEFAULT_PATHS), min_length=1, description="The folders that hold the schemas."
    )
    allowed_files: list[Text] = Field(
        default_factory=list,
        description="Patterns of absolute paths outside of the repository that `${file:...}` may read.",
    )
    policies: list[PolicyEntry] = Field(
        default_factory=list, description="The rules that check and plan hold the schemas against; later entries win."
    )
    approvals: Approvals = Field(
        default_factory=lambda: Approvals(), description="Who has to approve of which changes before they are applied."
    )
    _document: YamlDocument | None = PrivateAttr(None)

    def locate(self, path: KeyPath, *, of_key: bool = False) -> Location:
        """Where a value, or its key, stands in the file; the file itself where it is not written there."""
        return self._document.locate(path, of_key=of_key) if self._document else Location(FILE_NAME)

    @property
    def all_environments(self) -> Mapping[str, Environment]:
        """The environments, with the one that is meant where none is written."""
        if self.environments or not self.registries:
            return self.environments
        return {DEFAULT_ENVIRONMENT: Environment(registries=list(self.registries))}

    def has_local_ledger(self, environment: str) -> bool:
        """Whether each clone remembers by itself what was applied in an environment."""
        chosen = self.all_environments[environment]
        entries = [self.registries[name].options for name in chosen.registries]
        are_files = all("path" in options and "url" not in options for options in entries)
        return are_files if chosen.ledger is None else chosen.ledger == "local"

    def select_environment(self, name: str | None) -> str:
        """The name of the environment that is meant: the given one, or the first.

        Raises:
            UsageError: there is no such environment.
        """
        known = self.all_environments
        if name is None or (name == DEFAULT_ENVIRONMENT and not known):
            return next(iter(known), DEFAULT_ENVIRONMENT)
        if name not in known:
            listed = ", ".join(known) or "none"
            raise UsageError(
                f"{FILE_NAME} has no environment `{name}`{did_you_mean(name, known)}", fix=f"its environments: {listed}"
            )
        return name

    def type_environment(self, name: str) -> str:
        """What names an environment in a command that is proposed, with a blank before it; empty for the default."""
        return "" if name == self.select_environment(None) else f" -e {quote(name)}"


def load_config(root: Path) -> tuple[Config | None, tuple[Finding, ...]]:
    """Load schemafed.yaml.

    Args:
        root: the folder that holds it.

    Returns:
        the configuration, or None where it has errors, and every finding with its line and column.

    Raises:
        ConfigurationError: there is no such file.
    """
    if not (root / FILE_NAME).exists():
        if _is_bare(root):
            raise ConfigurationError(
                f"{root} is a bare Git repository, which holds no files", fix="clone it, and run this in the clone"
            )
        raise ConfigurationError(
            f"there is no {FILE_NAME} in {root}", fix="run `schemafed init` there, or name the folder with `-C DIR`"
        )
    try:
        document = read_yaml(root, FILE_NAME)
    except YamlError as error:
        return None, (make_yaml_finding(FILE_NAME, error),)
    config, findings = check_document(Config, document)
    if config is None:
        return None, findings
    config._document = document
    findings = (*_check_names(config), *_check_templates(config), *_check_values(config))
    return (None if any(f.blocks for f in findings) else config), findings


def _is_bare(folder: Path) -> bool:
    """Whether a folder looks like what Git keeps, and not like a work tree."""
    return (folder / "HEAD").is_file() and (folder / "objects").is_dir() and (folder / "refs").is_dir()


def make_configuration_digest(config: Config, environment: str) -> str:
    """Hash what an environment's plan rests on, with every ``${...}`` unresolved."""
    chosen = config.all_environments.get(environment)
    names = chosen.registries if chosen else []
    content = {
        "environment": [environment, chosen.model_dump(mode="json") if chosen else None],
        "registries": {name: config.registries[name].model_dump(mode="json") for name in names},
        "subjects": config.subjects.model_dump(mode="json"),
        "paths": config.paths,
    }
    return fingerprint(json.dumps(content, sort_keys=True))


def resolve_registry(config: Config, name: str, root: Path, secrets: Secrets) -> RegistrySettings:
    """Resolve one registry's ``${...}``; its secrets are remembered for redaction and do not show in a ``repr``.

    Args:
        config: the configuration that has the registry.
        name: the team's name of it.
        root: the repository's root.
        secrets: resolves, once a run.

    Raises:
        ConfigurationError: there is no such registry.
        SecretError: a value cannot be resolved; it names the key and the line.
    """
    if name not in config.registries:
        raise ConfigurationError(
            f"{FILE_NAME} has no registry `{name}`{did_you_mean(name, config.registries)}",
            fix=f"its registries: {', '.join(config.registries) or 'none'}",
        )
    entry = config.registries[name]

    def resolve(path: tuple[str | int, ...], text: str) -> str:
        try:
            value, found = secrets.resolve(text, root, config.allowed_files)
        except SecretError as error:
            raise SecretError(f"{config.locate(path)}: `{_dotted(path)}`: {error.message}", fix=error.fix) from None
        for piece in found:
            remember(piece)
        return SecretText(value) if found or _is_secret(path[2:]) or _USERINFO.search(value) else value

    options = _map_texts(entry.options, ("registries", name), resolve)
    _remember_secrets(options)
    return RegistrySettings(name, entry.kind, root, options)


_Resolve = Callable[[tuple[str | int, ...], str], str]


def _map_texts(value: Mapping[str, object], path: tuple[str | int, ...], change: _Resolve) -> Mapping[str, object]:
    """The same mapping with every text in it changed; pure but for what ``change`` does."""

    def map_one(part: object, at: tuple[str | int, ...]) -> object:
        if isinstance(part, str):
            return change(at, part)
        if isinstance(part, dict):
            return {key: map_one(entry, (*at, key)) for key, entry in part.items()}
        if isinstance(part, list):
            return [map_one(entry, (*at, index)) for index, entry in enumerate(part)]
        return part

    return {key: map_one(entry, (*path, key)) for key, entry in value.items()}


def _texts(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, entry in value.items():
            yield from _texts(entry, (*path, key))
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _texts(entry, (*path, index))


def _is_secret(path: Sequence[str | int]) -> bool:
    """Whether the option at a path below the registry's entry holds a secret."""
    last = str(path[-1])
    in_auth = path[0] == "auth" and last not in PUBLIC_AUTH_KEYS
    return in_auth or last.endswith(("password", "secret", "token", "passphrase", "key.pem"))


def _remember_secrets(options: Mapping[str, object]) -> None:
    auth = options.get("auth")
    user = auth.get("username") if isinstance(auth, dict) else None
    for path, text in _texts(options):
        if _is_secret(path):
            remember(text, user=user if isinstance(user, str) else None)
        if userinfo := _USERINFO.search(text):
            remember(userinfo[2], user=userinfo[1])
            remember(unquote(userinfo[2]), user=unquote(userinfo[1]))


def _dotted(path: Sequence[str | int]) -> str:
    return ".".join(map(str, path))


def _check_names(config: Config) -> Iterator[Finding]:
    for section, names in (("registries", config.registries), ("environments", config.environments)):
        for name in names:
            if not _NAME.fullmatch(name):
                message = f"`{name}` is not a usable name: letters, digits, `.`, `_` and `-` only"
                yield make_finding("INVALID_VALUE", message, config.locate((section, name), of_key=True), "rename it")
    for name, environment in config.environments.items():
        for index, registry in enumerate(environment.registries):
            if registry not in config.registries:
                yield make_finding(
                    "UNKNOWN_REGISTRY",
                    f"environment {name} names registry `{registry}`, which is not declared"
                    f"{did_you_mean(registry, config.registries)}",
                    config.locate(("environments", name, "registries", index)),
                    f"declare it under `registries`, or name one of: {', '.join(config.registries) or 'none'}",
                )


def _check_templates(config: Config) -> Iterator[Finding]:
    templates: list[tuple[tuple[str, ...], str, tuple[str, ...]]] = [
        (("subjects", "name"), config.subjects.name, SUBJECT_VARIABLES)
    ]
    templates += [(("registries", n, "name"), r.name, LIVE_VARIABLES) for n, r in config.registries.items()]
    for path, text, variables in templates:
        try:
            compile_template(text, variables)
        except TemplateError as error:
            yield make_finding("INVALID_TEMPLATE", error.message, config.locate(path), error.fix)


def _check_values(config: Config) -> Iterator[Finding]:
    for name, entry in config.registries.items():
        for path, text in _texts(entry.options):
            at = ("registries", name, *path)
            try:
                check_value(text)
            except SecretError as error:
                yield make_finding("SECRET_INVALID", f"`{_dotted(at)}`: {error.message}", config.locate(at), error.fix)
            if (_is_secret(path) and text and "${" not in text) or _USERINFO.search(text):
                remember(text)
                yield make_warning(
                    "SECRET_IN_FILE",
                    f"`{_dotted(at)}` holds a secret that everyone who reads the repository sees",
                    config.locate(at),
                    "write `${NAME}` and set the variable where schemafed runs",
                )
