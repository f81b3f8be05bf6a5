"""The files that stand beside schemas: ``defaults.yaml`` of a folder and the sidecar of one schema.

The models are also the source of the JSON Schemas that editors check these files with, so every key says what it does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
    model_validator,
)
from pydantic_core import CoreSchema

from reconciler.model import ContractRule, Format, Metadata, Mode, RuleSet

FormatName = Literal["avro", "json", "protobuf", "openapi", "asyncapi", "graphql", "xsd", "wsdl", "xml", "kconnect"]
Text = Annotated[str, StringConstraints(strict=True, min_length=1, strip_whitespace=False)]
_FORMAT_NAMES: tuple[str, ...] = get_args(FormatName)


class FileModel(BaseModel):
    """What every model of a file shares: unknown keys are errors, and values do not change."""

    # What checks a model is built when it is first asked, for building all takes longer than most files do.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True, defer_build=True)


ModeName = Annotated[Mode, Field(strict=False)]


class FileRule(FileModel):
    """How files that match a pattern are taken; a bare format's name is short for `{format: NAME}`."""

    format: FormatName | None = Field(default=None, description="The format that these files are written in.")
    is_registered: bool | None = Field(
        default=None,
        alias="register",
        description="false: fragments, which become no subject and are inlined where other schemas use them.",
    )
    ignore: bool | None = Field(default=None, description="true: not read at all.")

    @model_validator(mode="before")
    @classmethod
    def _widen(cls, value: object) -> object:
        if isinstance(value, str):
            if value not in _FORMAT_NAMES:
                raise ValueError(f"`{value}` is not a format; one of: {', '.join(_FORMAT_NAMES)}")
            return {"format": value}
        return value

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        written_out = handler.resolve_ref_schema(handler(schema))
        return {"anyOf": [{"enum": list(_FORMAT_NAMES)}, written_out]}


class MetadataEntry(FileModel):
    """What a registry stores beside the schema."""

    properties: Mapping[str, Annotated[str, Field(strict=True)]] = Field(
        default_factory=dict, description="Free properties, text to text."
    )
    tags: Mapping[str, list[Text]] = Field(default_factory=dict, description="Tags by the path of what they tag.")
    sensitive: list[Text] = Field(default_factory=list, description="Names of properties whose values are sensitive.")

    def make_metadata(self) -> Metadata:
        """The value that schemas carry; registries keep tags and sensitive names as sets, so their order is ours."""
        tags = {path: tuple(sorted(set(names))) for path, names in self.tags.items()}
        return Metadata(dict(self.properties), tags, tuple(sorted(set(self.sensitive))))


class ContractRuleEntry(FileModel):
    """One rule of a data contract; see the registry's documentation for what its parts mean."""

    name: Text = Field(description="The rule's name, the only one of its kind of rules.")
    kind: Literal["CONDITION", "TRANSFORM"] = Field(description="Whether it checks or changes data.")
    mode: Literal["WRITE", "READ", "WRITEREAD", "UPGRADE", "DOWNGRADE", "UPDOWN"] = Field(
        description="When it is run: on writing, on reading, or between versions."
    )
    type: Text = Field(description="Who runs it, such as CEL, CEL_FIELD, JSONATA or ENCRYPT.")
    doc: Text | None = Field(default=None, description="What it is for.")
    tags: list[Text] = Field(default_factory=list, description="Only fields with one of these tags.")
    params: Mapping[str, Annotated[str, Field(strict=True)]] = Field(
        default_factory=dict, description="Parameters of its type, text to text."
    )
    expr: Text | None = Field(default=None, description="The expression.")
    on_success: Text | None = Field(default=None, description="The action where it holds, such as NONE.")
    on_failure: Text | None = Field(default=None, description="The action where it does not, such as ERROR or DLQ.")
    disabled: bool = Field(default=False, description="true: kept, and not run.")

    def make_rule(self) -> ContractRule:
        """The value that schemas carry."""
        return ContractRule(**{**self.model_dump(), "tags": tuple(sorted(set(self.tags)))})


class RuleSetEntry(FileModel):
    """The rules of a data contract, which a registry stores beside the schema."""

    domain: list[ContractRuleEntry] = Field(default_factory=list, description="Rules on single values, in order.")
    migration: list[ContractRuleEntry] = Field(default_factory=list, description="Rules between versions, in order.")
    encoding: list[ContractRuleEntry] = Field(default_factory=list, description="Rules on encoded data, in order.")

    def make_rules(self) -> RuleSet:
        """The value that schemas carry."""
        return RuleSet(*(tuple(e.make_rule() for e in each) for each in (self.domain, self.migration, self.encoding)))


class ReferenceEntry(FileModel):
    """One name that the schema uses, and the subject that it means."""

    name: Text = Field(description="The name as the schema writes it: an Avro full name, an import, a `$ref`.")
    subject: Text = Field(description="The subject that has it.")
    version: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="Pins this version; without it the reference follows the repository."
    )
    file: Text | None = Field(
        default=None, description="The pinned version's text, relative to this file's folder. Goes with `version`."
    )

    @model_validator(mode="after")
    def _raise_if_half_a_pin(self) -> ReferenceEntry:
        if (self.version is None) != (self.file is None):
            raise ValueError("a pin needs both `version` and `file`, and a reference that follows the tree neither")
        return self


def _check_date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f"`{text}` is not a date; write it as YYYY-MM-DD") from None


class WaiverEntry(FileModel):
    """A break that is meant: the one way in which an incompatible schema is registered."""

    code: Text = Field(description="The code of the finding that it lets through.")
    path: Text | None = Field(default=None, description="Where in the schema, as the finding says; else anywhere.")
    reason: Text = Field(description="Why nobody is harmed.")
    approver: Text = Field(description="Who allowed it: a person or a team.")
    until: Annotated[Text, AfterValidator(_check_date)] = Field(
        description="The last day that it holds, as YYYY-MM-DD.", json_schema_extra={"format": "date"}
    )


class SharedWaiver(WaiverEntry):
    """A waiver in a file of its own, for the subjects of the file's folder that it names."""

    subject: Text | None = Field(default=None, description="A glob over the names of subjects.")
    file: Text | None = Field(
        default=None, description="A pattern of schemas' files as in .gitignore, relative to this file's folder."
    )

    @model_validator(mode="after")
    def _raise_if_about_all(self) -> SharedWaiver:
        if self.subject is None and self.file is None:
            raise ValueError("a waiver here needs `subject` or `file`; `subject: '*'` is all of the folder")
        return self


class Waivers(FileModel):
    """waivers.yaml: breaks that are meant, of the schemas of its folder and below."""

    waivers: list[SharedWaiver] = Field(
        default_factory=list, description="Each with what it is about, who allowed it and until when."
    )


LevelName = Literal["off", "info", "warning", "error"]


class PolicySettings(FileModel):
    """How the rules of one pack hold somewhere."""

    severity: LevelName | None = Field(
        default=None, description="The level of every rule of the pack that is on; `off` switches the pack off."
    )
    rules: Mapping[Text, LevelName] = Field(
        default_factory=dict, description="By code, the level of a rule; switches it on, or with `off` off."
    )
    parameters: Mapping[Text, Any] = Field(default_factory=dict, description="Values of the pack's parameters.")


Settings = Mapping[Text, Annotated[str, Field(strict=True)] | Annotated[bool, Field(strict=True)] | dict[str, Any]]
"""Settings beside the mode, by name: which there are is up to the kind of registry."""


class _Shared(FileModel):
    """The keys that a folder and a single schema have in common."""

    compatibility: ModeName | None = Field(
        default=None, description="The compatibility mode that is set on the subject."
    )
    inherited_mode: ModeName | None = Field(
        default=None,
        description="What an import noted of the registry's own level: offline checks judge by it, nothing is set.",
    )
    settings: Settings = Field(
        default_factory=dict,
        description="Further settings of the subject, such as `write_mode`, by name; see the kind of registry.",
    )
    owner: Text | None = Field(default=None, description="Who answers for it: a team or a person.")
    tags: list[Text] | None = Field(default=None, description="Words to select by.")
    registries: list[Text] | None = Field(
        default=None, min_length=1, description="The registries that get it; without it, all of the environment."
    )


class Defaults(_Shared):
    """defaults.yaml: for the schemas of its folder and below; the nearest file wins for each key."""

    name: Text | None = Field(
        default=None, description="Template of subject names; see `subjects.name` of schemafed.yaml."
    )
    files: Mapping[Text, FileRule] = Field(
        default_factory=dict,
        description="How files are taken, by patterns as in .gitignore relative to this folder; the last match wins.",
    )
    policies: Mapping[Text, PolicySettings] = Field(
        default_factory=dict, description="By pack, how its rules hold in this folder and below."
    )


class Sidecar(_Shared):
    """The settings of one schema, in a YAML file beside it."""

    subject: Text | None = Field(default=None, description="The subject's name, in place of the template's.")
    metadata: MetadataEntry | None = Field(default=None, description="What a registry stores beside the schema.")
    rules: RuleSetEntry | None = Field(
        default=None, description="Rules of a data contract that a registry stores beside the schema."
    )
    references: list[ReferenceEntry] = Field(
        default_factory=list, description="References that finding them in the text does not settle."
    )
    waivers: list[WaiverEntry] = Field(
        default_factory=list, description="Breaks that are meant, each with who allowed it and until when."
    )
    manage: bool = Field(default=True, description="false: read and checked against, owned elsewhere, never written.")


FORMATS: Mapping[str, Format] = {name: Format(name.upper()) for name in _FORMAT_NAMES}
