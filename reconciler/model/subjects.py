"""Schemas and subjects: as Git declares them, as a registry holds them, as they were last applied."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any

from reconciler.model.findings import Location
from reconciler.model.words import Format, Mode

SettingValue = str | bool | dict[str, Any]
"""What a setting of a subject or a registry can be: a word or text, a flag, or an object as in JSON."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A schema's use of another subject.

    ``name`` is what the text says (an Avro full name, a Protobuf import, a JSON ``$ref``). ``version`` None follows the
    repository: whatever version the subject has once the plan is applied.
    """

    name: str
    subject: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a registry stores beside a schema's text: properties, tags by path, names of sensitive properties."""

    properties: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sensitive: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """What is equal for equal metadata: tags and names in whatever order, empty parts or none."""
        tags = {path: sorted(set(names)) for path, names in self.tags.items() if names}
        parts = (dict(self.properties), tags, sorted(set(self.sensitive)))
        return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ContractRule:
    """One rule of a data contract, as the vendor's interface has them.

    ``kind`` is CONDITION or TRANSFORM, ``mode`` when it is run (WRITE, READ, WRITEREAD, UPGRADE, DOWNGRADE, UPDOWN),
    ``type`` who runs it (CEL, CEL_FIELD, JSONATA, ENCRYPT, ...). ``tags`` are those of the fields that it is about.
    """

    name: str
    kind: str
    mode: str
    type: str
    doc: str | None = None
    tags: tuple[str, ...] = ()
    params: Mapping[str, str] = field(default_factory=dict)
    expr: str | None = None
    on_success: str | None = None
    on_failure: str | None = None
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of a data contract, which a registry stores beside a schema's text; their order counts."""

    domain: tuple[ContractRule, ...] = ()
    migration: tuple[ContractRule, ...] = ()
    encoding: tuple[ContractRule, ...] = ()

    @property
    def fingerprint(self) -> str:
        """What is equal for equal rules."""
        return sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


NO_RULES = RuleSet()
"""What a schema without rules has."""
NO_METADATA = Metadata()
"""What a schema without metadata has."""


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema's text with what it refers to; compared by fingerprint in a registry's dialect, never by raw text.

    ``metadata`` and ``rules`` are what is stored beside it; None where Git declares none, or a registry has none.
    """

    format: Format
    definition: str
    references: tuple[Reference, ...] = ()
    metadata: Metadata | None = None
    rules: RuleSet | None = None


@dataclass(frozen=True, slots=True)
class Waiver:
    """A break that is meant: the finding that it lets through, why, who allowed it, and the last day that it holds.

    ``path`` None covers every place in the schema; ``until`` is a date as YYYY-MM-DD.
    """

    code: str
    reason: str
    approver: str
    until: str
    location: Location
    path: str | None = None

    @property
    def is_shared(self) -> bool:
        """Whether it stands in a file of waivers, and may be of many subjects."""
        return self.location.file.rpartition("/")[2] == "waivers.yaml"


@dataclass(frozen=True, slots=True)
class DesiredSubject:
    """A subject as Git declares it.

    ``location`` is the schema's file; ``mode_location`` the line that declares the mode. ``inherited_mode`` is what an
    import noted of the registry's level, for offline checks; it is never set on a registry. ``registries`` empty means
    all of the environment. ``manage`` False is read and checked against, never written. ``waivers`` let breaks through.
    ``settings`` are those that are declared beside the mode, by name, and ``settings_location`` is where.
    """

    name: str
    schema: Schema
    location: Location
    mode: Mode | None = None
    mode_location: Location | None = None
    inherited_mode: Mode | None = None
    owner: str | None = None
    tags: tuple[str, ...] = ()
    registries: tuple[str, ...] = ()
    manage: bool = True
    waivers: tuple[Waiver, ...] = ()
    settings: Mapping[str, SettingValue] = field(default_factory=dict)
    settings_location: Location | None = None


@dataclass(frozen=True, slots=True)
class LiveVersion:
    """One version of a subject as a registry holds it. ``id`` is the registry's own, where it has one."""

    version: int
    schema: Schema
    id: int | None = None


@dataclass(frozen=True, slots=True)
class LiveSubject:
    """A subject as a registry holds it.

    ``mode`` None inherits the registry's level, or ``inherited`` where parts of a registry have levels of their own.
    ``problem`` says in one sentence why this subject cannot be judged (an
    unknown mode or format, an unreadable schema); such a subject is never planned as absent. ``compatibility_group``
    names the metadata property whose value tells which versions are compared, where the registry has such a setting.
    ``closing`` is the registry's own word where the subject takes no new version at all, which is no mode.
    ``checkpoint`` is the number of the version that modes compare with, where it need not be the latest. ``settings``
    are those that the subject itself has, None where they were not read.
    """

    name: str
    latest: LiveVersion | None
    mode: Mode | None = None
    problem: str | None = None
    compatibility_group: str | None = None
    closing: str | None = None
    checkpoint: int | None = None
    settings: Mapping[str, SettingValue] | None = None
    inherited: Mode | None = None


@dataclass(frozen=True, slots=True)
class LiveState:
    """What one reading of a registry found.

    ``default_mode`` is the registry's own level, None where it has none; ``settings`` are those of the registry itself,
    None where they were not read.
    """

    subjects: Mapping[str, LiveSubject]
    default_mode: Mode | None
    settings: Mapping[str, SettingValue] | None = None


@dataclass(frozen=True, slots=True)
class TemporaryMode:
    """The mode NONE that an intended break had for a while; ``restores`` is what the subject has again (None: it
    inherits).
    """

    restores: Mode | None = None


@dataclass(frozen=True, slots=True)
class AppliedSubject:
    """What was last successfully applied to one subject of one registry.

    ``commit`` is the commit of the desired state that it came from, ``location`` the file that declared it.
    ``fingerprint`` is of the schema's content in the registry's dialect, ``references`` have the versions that the
    registry resolved them to, ``version`` is its number there; all three are None or empty where only the mode is ours.
    ``mode`` is the mode that we set, None where we set none. ``is_orphan``: Git dropped the subject and it was not
    deleted. ``metadata`` and ``rules`` are the fingerprints of what Git declared beside the schema, None where it
    declared none. ``temporary`` is the mode NONE of an intended break, until a later run has seen that the subject does
    not have it any more: a request whose answer was lost may set it after everything else was done. ``settings`` are
    those that we set.
    """

    commit: str
    location: Location
    fingerprint: str | None = None
    version: int | None = None
    references: tuple[Reference, ...] = ()
    mode: Mode | None = None
    owner: str | None = None
    is_orphan: bool = False
    metadata: str | None = None
    temporary: TemporaryMode | None = None
    settings: Mapping[str, SettingValue] = field(default_factory=dict)
    rules: str | None = None
