"""What can be done to a registry: one class a kind of change, in a closed union."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from reconciler.model.findings import Difference, Location, Verdict
from reconciler.model.subjects import LiveVersion, Schema, SettingValue, Waiver
from reconciler.model.words import Mode


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

    @property
    def subject(self) -> None:
        """None: it is of the registry itself."""


@dataclass(frozen=True, slots=True)
class SetSettings:
    """Set settings of a subject, or with ``subject`` None of the registry itself.

    ``before`` and ``after`` have the same names; None is a setting that is not there.
    """

    registry: str
    subject: str | None
    before: Mapping[str, SettingValue | None]
    after: Mapping[str, SettingValue | None]
    reason: str
    location: Location
    owner: str | None = None
    kind: Literal["set_settings"] = "set_settings"


@dataclass(frozen=True, slots=True)
class DeleteVersions:
    """Delete the versions of a subject that stand after the one that is to be the latest again.

    Only for registries in which an older schema cannot be registered anew. ``after`` is the version that is left as the
    latest; ``is_permanent`` deletes for good what was deleted softly. ``dependants`` are as for :class:`DeleteSubject`.
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
    dependants: tuple[str, ...] = ()
    kind: Literal["delete_versions"] = "delete_versions"


@dataclass(frozen=True, slots=True)
class DeleteSubject:
    """Delete every version of a subject that Git dropped; ``is_permanent`` deletes for good, not only softly.

    ``location`` is where the subject was declared last, its file as of the commit that was applied. ``versions`` are
    the numbers of all that goes, ``dependants`` the subjects of which any version refers to it: they go before it.
    """

    registry: str
    subject: str
    before: LiveVersion
    reason: str
    location: Location
    versions: tuple[int, ...] = ()
    is_permanent: bool = False
    dependants: tuple[str, ...] = ()
    kind: Literal["delete_subject"] = "delete_subject"


Change = (
    RegisterSchema
    | RestoreVersion
    | SetCompatibility
    | ResetCompatibility
    | SetDefaultCompatibility
    | SetSettings
    | DeleteVersions
    | DeleteSubject
)
Registration = RegisterSchema | RestoreVersion
"""The changes after which a subject has a new version."""
