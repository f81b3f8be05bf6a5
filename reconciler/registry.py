"""The port: what an adapter must do for a kind of registry, and what it declares about itself.

An adapter is a class whose constructor takes a :class:`RegistrySettings` and which satisfies :class:`SchemaRegistry`.
It turns every failure into an exception of ``reconciler.errors``, with its registry's name and the subject on it. The
contract suite in ``tests/contract`` says in code what this module says in words.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol, runtime_checkable

from reconciler.model import (
    EVENT_FORMATS,
    Deletion,
    Dialect,
    Format,
    LiveState,
    LiveVersion,
    Mode,
    Reference,
    Schema,
    SettingValue,
    Verdict,
)

DROPPED: Mapping[str, str] = {"metadata": "METADATA_DROPPED", "rules": "RULES_DROPPED"}
"""By part of a schema, the code of the :class:`RejectedError` that says that a version stands without it."""


class RestoreWay(StrEnum):
    """How an older schema becomes the latest again: anew under a new number, by deleting what came after, or not."""

    NEW_VERSION = "new version"
    DELETE_NEWER = "delete newer"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class NameRule:
    """Which names a subject, or whatever else, can have; ``described`` says it in words."""

    pattern: re.Pattern[str]
    described: str


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting that a kind of registry keeps of its subjects, or of itself, beside the compatibility mode.

    ``values`` are the words that it takes, or that the fields of an object take; without any it is a flag or an object,
    as ``type`` says, or any text.
    ``closing`` are the words under which no version is taken and nothing is changed; a subject without a word has the
    registry's. ``overriding`` are the words of a registry that hold whatever a subject says.
    ``needs_subject``: it can only be set on what has a version. ``can_reset``: it can be taken away again.
    ``names_subject``: its value is the name of another subject. ``of_version``: it is of the latest version, so that a
    new one is without it. ``fields``: which names the fields of an object can have, any where nothing says so.
    """

    values: tuple[str, ...] = ()
    type: type[str] | type[bool] | type[dict[str, object]] = str
    closing: frozenset[str] = frozenset()
    overriding: frozenset[str] = frozenset()
    needs_subject: bool = False
    can_reset: bool = True
    names_subject: bool = False
    of_version: bool = False
    fields: NameRule | None = None

    def accepts(self, value: object) -> bool:
        """Whether the setting can have a value."""
        if not isinstance(value, self.type):
            return False
        if not isinstance(value, dict):
            return not self.values or value in self.values
        are_named = self.fields is None or all(self.fields.pattern.fullmatch(name) for name in value)
        return are_named and (not self.values or all(word in self.values for word in value.values()))

    def closes(self, value: object) -> bool:
        """Whether nothing is taken under a value."""
        return isinstance(value, str) and value in self.closing

    @property
    def described(self) -> str:
        """In words, what it can be."""
        if self.values:
            names = self.fields.described if self.fields else "any names"
            leading = f"an object from {names} to " if self.type is dict else ""
            return f"{leading}one of: {', '.join(self.values)}"
        return {str: "a text", bool: "true or false"}.get(self.type, "an object")


@dataclass(frozen=True, slots=True)
class Importing:
    """How a registry is made to take versions with the ids and numbers that they have elsewhere.

    ``setting`` is the setting of a subject that says so, and ``value`` what it is meanwhile; no other version is taken
    then. Whoever sets it gives the subject back what it had.
    """

    setting: str
    value: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a kind of registry can do, as data; the planner reads it and reports what cannot be done before the first
    call.

    ``native_modes`` False: our engine enforces the mode and the adapter only remembers it. ``references``: formats
    whose schemas may refer to other subjects; for the others the planner reports a reference as a finding. ``judges``:
    formats in which the registry itself refuses an incompatible version. ``metadata``: whether metadata is stored;
    ``rules``: whether rule sets may be, since a server that drops them silently is found out only by asking it.
    ``dialect``: whose rules say that two texts are one schema. ``requires_own_verdict``: a version in a format that our
    engine does not judge is refused by the registry under every mode but NONE. ``deletion``: the ways of deleting, SOFT
    (numbers stay taken) and HARD (for good), and ``deletes_versions`` whether single versions can be deleted, or only a
    subject with all of them; ``releasing``: those after which a version no longer counts as a dependant
    of what it referred to. ``reads_old_by_new``: formats in which the registry reads earlier versions by the references
    of the new one when it compares them. ``restore``: how an older schema becomes the latest again.
    ``resets_modes``: whether a subject can be made to inherit the registry's level again.
    ``settings`` are those that a subject has beside its mode, ``registry_settings`` those of the registry itself, by
    name; where there are any, the adapter is a :class:`SettingsKeeper`. ``modes_need_subject``: whether a mode can
    be set only on a subject that has a version. ``has_level``: whether the registry has a mode
    of its own, which subjects inherit. ``names`` None takes any name, ``max_bytes`` (in UTF-8) None any schema.
    ``importing`` None gives ids and numbers of its own; else the adapter is a :class:`VersionImporter`.
    ``has_contexts``: a subject ``:.context:name`` is in a context, and so is what it refers to without naming one.
    """

    formats: frozenset[Format]
    modes: frozenset[Mode] = frozenset(Mode)
    native_modes: bool = True
    references: frozenset[Format] = EVENT_FORMATS
    judges: frozenset[Format] = EVENT_FORMATS
    metadata: bool = False
    rules: bool = False
    dialect: Dialect = Dialect.CONFLUENT
    requires_own_verdict: bool = False
    deletion: frozenset[Deletion] = frozenset()
    deletes_versions: bool = True
    reads_old_by_new: frozenset[Format] = frozenset()
    releasing: frozenset[Deletion] = frozenset({Deletion.SOFT, Deletion.HARD})
    restore: RestoreWay = RestoreWay.NONE
    resets_modes: bool = False
    settings: Mapping[str, Setting] = field(default_factory=dict)
    registry_settings: Mapping[str, Setting] = field(default_factory=dict)
    concurrent_writes: int = 4
    modes_need_subject: bool = False
    has_level: bool = True
    names: NameRule | None = None
    max_bytes: int | None = None
    importing: Importing | None = None
    has_contexts: bool = False


@dataclass(frozen=True, slots=True)
class EndpointHealth:
    """How one address of several is; ``problem`` is None where it answers."""

    address: str
    seconds: float
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """An answer to "are you there": the server's product and version as far as it tells, and the time that it took.

    ``endpoints`` are the addresses of a registry that has several, each asked by itself, and what it is read through
    beside them.
    """

    product: str
    version: str | None
    seconds: float
    endpoints: tuple[EndpointHealth, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Dependant:
    """A version of a subject that refers to another subject; ``uses`` is the version that it refers to."""

    subject: str
    version: int
    uses: int


@dataclass(frozen=True, slots=True)
class RegistrySettings:
    """One configured registry, with its secrets resolved; what an adapter is made from.

    ``options`` holds the keys of the registry's entry in schemafed.yaml that its kind understands (``url``, ``auth``,
    ``tls``, ``path``, ...), validated by the adapter's own settings model. ``root`` is the repository's root, against
    which relative paths count.
    """

    name: str
    kind: str
    root: Path
    options: Mapping[str, object] = field(default_factory=dict)


class SchemaRegistry(Protocol):
    """One live registry. Each write is one kind of change; every method may raise a ``RegistryError``.

    Implementations are used from several threads at once.
    """

    name: str
    capabilities: Capabilities

    def check_health(self) -> Health:
        """Ask the registry for a sign of life.

        Raises:
            UnreachableError, UnauthorizedError: when there is none, with the reason.
        """
        ...

    def read_state(
        self, subjects: Collection[str] | None = None, *, modes_of: Collection[str] | None = None
    ) -> LiveState:
        """Read the latest version of subjects, and modes, in as few requests as the registry allows.

        Args:
            subjects: names to read; None for every subject. A name that the registry does not have is absent from the
                answer; absence is only ever reported when the registry said so. One that has a mode only, as a soft
                deletion leaves it, is there without a latest version where both were asked for by name.
            modes_of: names whose own mode is wanted; None for all that are read. Modes of other subjects are None.

        Returns:
            the subjects by name, and the registry's own level. A subject whose format or mode is unknown, or whose text
            does not arrive whole, is there with its ``problem``.
        """
        ...

    def read_history(self, subject: str) -> tuple[LiveVersion, ...]:
        """Read every undeleted version of a subject, oldest first; empty when the registry does not have the
        subject.
        """
        ...

    def register_schema(self, subject: str, schema: Schema) -> LiveVersion:
        """Register a schema as the newest version; idempotent when it is the latest already.

        Every reference of ``schema`` carries its version. A write whose answer was lost is looked up before it is
        repeated or called failed.

        Returns:
            the version under which the registry now holds the schema. It can be older than the latest: a registry may
            answer a known text with its old version and change nothing, which callers must compare. Its text is what
            the registry stored where its answer tells that another text stands for the same, else what was sent.

        Raises:
            RejectedError: the schema is invalid or incompatible, or the registry's write mode forbids writing.
            OutcomeUnknownError: the answer was lost and looking did not tell.
        """
        ...

    def set_compatibility(self, subject: str | None, mode: Mode) -> None:
        """Set the mode of a subject, or with None the registry's own level; idempotent."""
        ...

    def restore_schema(self, subject: str, schema: Schema) -> LiveVersion:
        """Make a schema that an older version holds the latest again, under a new number; idempotent when it is the
        latest already.

        Called only where ``capabilities.restore`` is NEW_VERSION. References and lost answers are as those of
        :meth:`register_schema`; where somebody else was quicker with the number, it is tried once more.

        Returns:
            the latest version, which now holds the schema.

        Raises:
            RejectedError: the registry refuses the schema, or answers with the old version and changes nothing.
            OutcomeUnknownError: the answer was lost and looking did not tell.
        """
        ...

    def reset_compatibility(self, subject: str) -> None:
        """Take away a subject's own mode, so that it inherits the registry's level; idempotent.

        Called only where ``capabilities.resets_modes``.
        """
        ...

    def delete_versions(self, subject: str, versions: Sequence[int], *, permanent: bool) -> None:
        """Delete some versions of a subject: softly, or with ``permanent`` softly and then for good.

        Called only where ``capabilities.deletion`` has the way and ``deletes_versions``. Idempotent: what is deleted
        already counts as done. The
        newest goes first, so that what stays after a failure is a subject without its newest versions.

        Raises:
            RejectedError: a version is referenced, or the registry's write mode forbids writing.
        """
        ...

    def delete_subject(self, subject: str, *, permanent: bool) -> None:
        """Delete every version of a subject: softly, or with ``permanent`` softly and then for good, with its mode.

        Called only where ``capabilities.deletion`` has the way. Idempotent: a subject that is not there counts as done.

        Raises:
            RejectedError: a version is referenced, or the registry's write mode forbids writing.
        """
        ...

    def read_dependants(self, subject: str) -> tuple[Dependant, ...]:
        """Read the versions that keep this subject from being deleted, since they refer to a version of it; sorted.

        Softly deleted ones are among them only where ``capabilities.releasing`` lacks SOFT.
        """
        ...

    def close(self) -> None:
        """Give back connections and files; the adapter is not used afterwards."""
        ...


@runtime_checkable
class VerdictProbe(Protocol):
    """Optional: a registry that gives its own verdict without registering."""

    def probe(self, subject: str, schema: Schema, mode: Mode) -> Verdict | None:
        """Ask whether the registry would accept ``schema`` under the mode that it now has for ``subject``.

        Returns:
            its verdict, with its own words as findings; None where it cannot be asked (for instance because it fails on
            schemas with references, or an earlier change of the plan must be applied first).
        """
        ...


@runtime_checkable
class IdentityProbe(Protocol):
    """Optional: a registry that tells whether it holds a schema already, by its own rules of what is the same."""

    def find_version(self, subject: str, schema: Schema) -> int | None:
        """Ask under which version the registry would answer if ``schema`` were registered.

        Every reference of ``schema`` carries its version.

        Returns:
            the number of an undeleted version that the registry takes for the same schema; None where there is none.
        """
        ...


@runtime_checkable
class SettingsKeeper(Protocol):
    """Optional: a registry that keeps settings of subjects, or of itself, beside the mode, as its capabilities say."""

    def read_settings(self, subjects: Collection[str | None]) -> Mapping[str | None, Mapping[str, SettingValue]]:
        """Read the settings that subjects, and with None the registry, have themselves; not those that they inherit.

        Returns:
            by subject, what is set, by the names of the capabilities; empty where nothing is, or there is no subject.
        """
        ...

    def set_settings(self, subject: str | None, settings: Mapping[str, SettingValue | None]) -> None:
        """Set settings of a subject, or with None of the registry; None as value takes one away. Idempotent.

        Settings that are not named, and the compatibility mode, stay as they are.

        Raises:
            RejectedError: the registry refuses a value, or did not keep it.
            OutcomeUnknownError: the answer was lost and looking did not tell.
        """
        ...


@runtime_checkable
class NumberKeeper(Protocol):
    """Optional: a registry that tells the numbers of versions that are softly deleted."""

    def read_numbers(self, subjects: Collection[str]) -> Mapping[str, tuple[int, ...]]:
        """Read every number that subjects use, softly deleted versions' too, sorted; empty where there is none."""
        ...


@runtime_checkable
class VersionImporter(NumberKeeper, Protocol):
    """Optional: a registry that takes versions with the ids and numbers that they have in another one.

    What ``capabilities.importing`` names is read and given back as any other setting.
    """

    def begin_import(self, subject: str) -> None:
        """Let a subject take such versions, whether it has versions already or not; idempotent."""
        ...

    def import_version(self, subject: str, version: LiveVersion) -> LiveVersion:
        """Register a version under its own number and id; idempotent. Called only after :meth:`begin_import`.

        Every reference of its schema carries its version. What has the number already is overwritten by some
        registries: callers look first. A write whose answer was lost is looked up before it is repeated.

        Returns:
            the version as it now stands.

        Raises:
            RejectedError: the registry refuses the schema, or the id is that of another one.
            OutcomeUnknownError: the answer was lost and looking did not tell.
        """
        ...

    def find_ids(self, ids: Mapping[str, Collection[int]]) -> Mapping[tuple[str, int], Schema]:
        """Read what the registry holds under ids, by subject, where versions of this subject would find them.

        Returns:
            by subject and id; those that are free lack.
        """
        ...


def resolve_versions(references: tuple[Reference, ...], versions: Mapping[str, int]) -> tuple[Reference, ...]:
    """Give every reference that follows the repository the version that its subject now has.

    Raises:
        KeyError: a subject without a known version; the planner orders changes such that this does not happen.
    """
    return tuple(r if r.version is not None else Reference(r.name, r.subject, versions[r.subject]) for r in references)
