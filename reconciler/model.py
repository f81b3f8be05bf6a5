"""The words of the domain as values: subjects, schemas, modes, findings, changes, plans.

Nothing here does I/O and nothing here imports another module of ours. Every class is a frozen dataclass or an enum, so
that a plan can be compared, hashed into a digest and shown by any renderer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal


class Format(StrEnum):
    """The language that a schema is written in, by the names that registries use on the wire."""

    AVRO = "AVRO"
    JSON = "JSON"
    PROTOBUF = "PROTOBUF"


class Mode(StrEnum):
    """A compatibility mode: who must be able to read whose data when a schema changes."""

    NONE = "NONE"
    BACKWARD = "BACKWARD"
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE"
    FORWARD = "FORWARD"
    FORWARD_TRANSITIVE = "FORWARD_TRANSITIVE"
    FULL = "FULL"
    FULL_TRANSITIVE = "FULL_TRANSITIVE"

    @property
    def is_transitive(self) -> bool:
        """Whether every earlier version counts, not only the newest."""
        return self.endswith("_TRANSITIVE")

    @property
    def directions(self) -> tuple[Direction, ...]:
        """The directions that must hold: none for NONE, both for FULL."""
        return tuple(d for d in Direction if self.startswith((d, "FULL")))

    def allows(self, other: Mode) -> bool:
        """Whether whatever passes under ``other`` passes under this mode too (this one is as loose or looser)."""
        narrower = set(self.directions) <= set(other.directions)
        return narrower and (not self.is_transitive or other.is_transitive or not self.directions)


class Direction(StrEnum):
    """BACKWARD: the new schema reads old data. FORWARD: the old schema reads new data."""

    BACKWARD = "BACKWARD"
    FORWARD = "FORWARD"


class Dialect(StrEnum):
    """Whose rules say that two texts are the same schema, and how two schemas are judged."""

    CONFLUENT = "confluent"
    KARAPACE = "karapace"
    APICURIO = "apicurio"
    GLUE = "glue"
    PULSAR = "pulsar"


class Deletion(StrEnum):
    """What becomes of a subject that Git dropped: it stays, or it is deleted softly or for good."""

    FORBID = "forbid"
    SOFT = "soft"
    HARD = "hard"


class OnDrift(StrEnum):
    """What a plan does where live is neither what was applied last nor what is desired."""

    BLOCK = "block"
    OVERWRITE = "overwrite"
    KEEP = "keep"


class Severity(StrEnum):
    """ERROR blocks a plan, WARNING asks for a look, INFO tells."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Source(StrEnum):
    """What found a finding."""

    VALIDATION = "validation"
    PLANNING = "planning"
    COMPATIBILITY = "compatibility"
    POLICY = "policy"
    REGISTRY = "registry"


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file of the repository.

    ``file`` is relative to the repository's root with ``/``; ``line`` and ``column`` count from 1, 0 where unknown.
    """

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        numbers = (str(n) for n in (self.line, self.column) if n)
        return ":".join((self.file, *numbers))


@dataclass(frozen=True, slots=True)
class Finding:
    """Anything wrong or worth saying, from whichever source, in the one shape that every report shows.

    ``code`` is stable and upper-case; ``path`` points into the schema; ``message`` is one sentence of what is so;
    ``fix`` says what to do. ``direction`` and ``against`` (a version number) belong to compatibility.
    """

    code: str
    severity: Severity
    source: Source
    message: str
    registry: str | None = None
    subject: str | None = None
    path: str | None = None
    location: Location | None = None
    fix: str | None = None
    direction: Direction | None = None
    against: int | None = None

    @property
    def blocks(self) -> bool:
        """Whether nothing may be applied while this stands."""
        return self.severity is Severity.ERROR


REGISTRY_UNREADABLE = "REGISTRY_UNREADABLE"
"""The code of the finding that stands for the part of a plan which could not be made."""


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


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema's text with what it refers to; compared by fingerprint in a registry's dialect, never by raw text."""

    format: Format
    definition: str
    references: tuple[Reference, ...] = ()
    metadata: Metadata | None = None


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


@dataclass(frozen=True, slots=True)
class DesiredSubject:
    """A subject as Git declares it.

    ``location`` is the schema's file; ``mode_location`` the line that declares the mode. ``inherited_mode`` is what an
    import noted of the registry's level, for offline checks; it is never set on a registry. ``registries`` empty means
    all of the environment. ``manage`` False is read and checked against, never written. ``waivers`` let breaks through.
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


@dataclass(frozen=True, slots=True)
class LiveVersion:
    """One version of a subject as a registry holds it. ``id`` is the registry's own, where it has one."""

    version: int
    schema: Schema
    id: int | None = None


@dataclass(frozen=True, slots=True)
class LiveSubject:
    """A subject as a registry holds it.

    ``mode`` None inherits the registry's level. ``problem`` says in one sentence why this subject cannot be judged (an
    unknown mode or format, an unreadable schema); such a subject is never planned as absent. ``compatibility_group``
    names the metadata property whose value tells which versions are compared, where the registry has such a setting.
    """

    name: str
    latest: LiveVersion | None
    mode: Mode | None = None
    problem: str | None = None
    compatibility_group: str | None = None


@dataclass(frozen=True, slots=True)
class LiveState:
    """What one reading of a registry found. ``default_mode`` is the registry's own level, None where it has none."""

    subjects: Mapping[str, LiveSubject]
    default_mode: Mode | None


class DifferenceKind(StrEnum):
    """How one element of a schema differs between two versions of it."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One structural difference: the element at ``path`` was added, removed, or is described otherwise than before."""

    kind: DifferenceKind
    path: str
    before: str | None = None
    after: str | None = None


class Outcome(StrEnum):
    """What a compatibility check came to. NOT_JUDGED: our engine has no say; the registry's own server decides."""

    COMPATIBLE = "compatible"
    INCOMPATIBLE = "incompatible"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of a compatibility check.

    ``mode`` is the mode that was judged by and ``basis`` says in words where that mode comes from; ``versions`` are the
    version numbers that it was judged against (oldest first), ``findings`` every difference found, compatible ones as
    INFO. ``judge`` names who decided.
    """

    outcome: Outcome
    mode: Mode
    versions: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()
    judge: str = "schemafed"
    basis: str = ""


@dataclass(frozen=True, slots=True)
class RegisterSchema:
    """Register a schema: the first version of a subject (``before`` None) or a new one.

    ``fingerprint`` is of the schema's content in the registry's dialect. ``waivers`` are those that lead an
    incompatible schema through; then the subject is put into mode NONE, the schema registered, and ``restores_mode`` is
    what the subject has afterwards again (None: it inherits the registry's level). ``owner`` is whom the repository
    names, so that the ledger can tell.
    """

    registry: str
    subject: str
    before: LiveVersion | None
    after: Schema
    reason: str
    location: Location
    differences: tuple[Difference, ...] = ()
    verdict: Verdict | None = None
    fingerprint: str = ""
    waivers: tuple[Waiver, ...] = ()
    restores_mode: Mode | None = None
    owner: str | None = None
    kind: Literal["register_schema"] = "register_schema"


@dataclass(frozen=True, slots=True)
class RestoreVersion:
    """Make an older schema of a subject the latest again, under a new version number.

    ``version`` is the older version that holds ``after`` already; the other fields are those of
    :class:`RegisterSchema`.
    """

    registry: str
    subject: str
    version: int
    before: LiveVersion
    after: Schema
    reason: str
    location: Location
    differences: tuple[Difference, ...] = ()
    verdict: Verdict | None = None
    fingerprint: str = ""
    waivers: tuple[Waiver, ...] = ()
    restores_mode: Mode | None = None
    owner: str | None = None
    kind: Literal["restore_version"] = "restore_version"


@dataclass(frozen=True, slots=True)
class SetCompatibility:
    """Set a subject's compatibility mode; ``before`` None means that it inherited the registry's level."""

    registry: str
    subject: str
    before: Mode | None
    after: Mode
    reason: str
    location: Location
    owner: str | None = None
    kind: Literal["set_compatibility"] = "set_compatibility"


@dataclass(frozen=True, slots=True)
class ResetCompatibility:
    """Take away the mode that we had set on a subject; it inherits the registry's level again."""

    registry: str
    subject: str
    before: Mode
    reason: str
    location: Location
    kind: Literal["reset_compatibility"] = "reset_compatibility"


@dataclass(frozen=True, slots=True)
class SetDefaultCompatibility:
    """Set the registry's own level, which every subject without a mode of its own inherits."""

    registry: str
    before: Mode | None
    after: Mode
    reason: str
    location: Location
    kind: Literal["set_default_compatibility"] = "set_default_compatibility"


@dataclass(frozen=True, slots=True)
class DeleteVersions:
    """Delete the versions of a subject that stand after the one that is to be the latest again.

    Only for registries in which an older schema cannot be registered anew. ``after`` is the version that is left as the
    latest; ``is_permanent`` deletes for good what was deleted softly.
    """

    registry: str
    subject: str
    versions: tuple[int, ...]
    before: LiveVersion
    after: LiveVersion
    reason: str
    location: Location
    differences: tuple[Difference, ...] = ()
    verdict: Verdict | None = None
    fingerprint: str = ""
    is_permanent: bool = False
    kind: Literal["delete_versions"] = "delete_versions"


@dataclass(frozen=True, slots=True)
class DeleteSubject:
    """Delete every version of a subject that Git dropped; ``is_permanent`` deletes for good, not only softly.

    ``location`` is where the subject was declared last, its file as of the commit that was applied. ``versions`` are
    the numbers of all that goes.
    """

    registry: str
    subject: str
    before: LiveVersion
    reason: str
    location: Location
    versions: tuple[int, ...] = ()
    is_permanent: bool = False
    kind: Literal["delete_subject"] = "delete_subject"


Change = (
    RegisterSchema
    | RestoreVersion
    | SetCompatibility
    | ResetCompatibility
    | SetDefaultCompatibility
    | DeleteVersions
    | DeleteSubject
)
Registration = RegisterSchema | RestoreVersion
"""The changes after which a subject has a new version."""


@dataclass(frozen=True, slots=True)
class AppliedSubject:
    """What was last successfully applied to one subject of one registry.

    ``commit`` is the commit of the desired state that it came from, ``location`` the file that declared it.
    ``fingerprint`` is of the schema's content in the registry's dialect, ``references`` have the versions that the
    registry resolved them to, ``version`` is its number there; all three are None or empty where only the mode is ours.
    ``mode`` is the mode that we set, None where we set none. ``is_orphan``: Git dropped the subject and it was not
    deleted.
    """

    commit: str
    location: Location
    fingerprint: str | None = None
    version: int | None = None
    references: tuple[Reference, ...] = ()
    mode: Mode | None = None
    owner: str | None = None
    is_orphan: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """What the ledger is to say of a subject without any write: it was found as desired, orphaned, or let go.

    ``entry`` None forgets the subject. ``subject`` None is the registry's own level, which ``default_mode`` says. The
    commit of an entry may be the plan's, as it is described there; whoever records it knows the real one.
    """

    registry: str
    subject: str | None
    entry: AppliedSubject | None
    default_mode: Mode | None = None


@dataclass(frozen=True, slots=True)
class ReadItem:
    """One thing that a plan rests on, as it was read.

    ``subject`` None is the registry's own level. ``version`` and ``fingerprint`` are the latest's, None where the
    subject is absent. ``history`` is the fingerprint over every version where the whole history was judged.
    """

    registry: str
    subject: str | None
    version: int | None = None
    fingerprint: str | None = None
    mode: Mode | None = None
    history: str | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """What a plan saw of one registry: counts and names that reports show beside the changes."""

    registry: str
    kind: str
    unchanged: int = 0
    unmanaged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """How many of what a plan holds; ``unmanaged`` and ``unchanged`` count subjects, the others changes or findings."""

    creates: int
    updates: int
    restores: int
    modes: int
    deletes: int
    unchanged: int
    unmanaged: int
    errors: int
    warnings: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that apply would do and all that was found on the way, for one environment.

    ``changes`` stand in the order in which they can be applied. ``configuration`` is the digest of the settings that
    the plan was made with, ``digest`` covers changes, read set and configuration, but neither the commit nor the time.
    ``notes`` are what the ledger gets without any write, before the entries of the changes; they are not in the digest.
    """

    environment: str
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    read_set: tuple[ReadItem, ...]
    observations: tuple[Observation, ...]
    configuration: str
    commit: str | None = None
    digest: str = ""
    notes: tuple[Note, ...] = ()

    @property
    def can_apply(self) -> bool:
        """Whether nothing that was found blocks; the only place where this is decided."""
        return not any(finding.blocks for finding in self.findings)

    @property
    def is_complete(self) -> bool:
        """Whether every registry could be read."""
        return not any(finding.code == REGISTRY_UNREADABLE for finding in self.findings)

    @property
    def summary(self) -> Summary:
        """The counts that every report shows."""
        registrations = [c for c in self.changes if isinstance(c, RegisterSchema)]
        severities = [f.severity for f in self.findings]
        return Summary(
            creates=sum(c.before is None for c in registrations),
            updates=sum(c.before is not None for c in registrations),
            restores=sum(isinstance(c, RestoreVersion) for c in self.changes),
            modes=sum(
                isinstance(c, SetCompatibility | ResetCompatibility | SetDefaultCompatibility) for c in self.changes
            ),
            deletes=sum(isinstance(c, DeleteVersions | DeleteSubject) for c in self.changes),
            unchanged=sum(o.unchanged for o in self.observations),
            unmanaged=sum(len(o.unmanaged) for o in self.observations),
            errors=severities.count(Severity.ERROR),
            warnings=severities.count(Severity.WARNING),
        )
