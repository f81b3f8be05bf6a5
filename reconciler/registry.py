"""The port: what an adapter must do for a kind of registry, and what it declares about itself.

An adapter is a class whose constructor takes a :class:`RegistrySettings` and which satisfies :class:`SchemaRegistry`.
It turns every failure into an exception of ``reconciler.errors``, with its registry's name and the subject on it. The
contract suite in ``tests/contract`` says in code what this module says in words.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol, runtime_checkable

from reconciler.model import Deletion, Dialect, Format, LiveState, LiveVersion, Mode, Reference, Schema, Verdict


class RestoreWay(StrEnum):
    """How an older schema becomes the latest again: anew under a new number, by deleting what came after, or not."""

    NEW_VERSION = "new version"
    DELETE_NEWER = "delete newer"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a kind of registry can do, as data; the planner reads it and reports what cannot be done before the first
    call.

    ``native_modes`` False: our engine enforces the mode and the adapter only remembers it. ``references``: formats
    whose schemas may refer to other subjects; for the others the planner reports a reference as a finding. ``judges``:
    formats in which the registry itself refuses an incompatible version. ``metadata``: whether metadata is stored.
    ``dialect``: whose rules say that two texts are one schema. ``requires_own_verdict``: a version in a format that our
    engine does not judge is refused by the registry under every mode but NONE. ``deletion``: the ways of deleting, SOFT
    (numbers stay taken) and HARD (for good); ``releasing``: those after which a version no longer counts as a dependant
    of what it referred to. ``restore``: how an older schema becomes the latest again.
    ``resets_modes``: whether a subject can be made to inherit the registry's level again.
    """

    formats: frozenset[Format]
    modes: frozenset[Mode] = frozenset(Mode)
    native_modes: bool = True
    references: frozenset[Format] = frozenset(Format)
    judges: frozenset[Format] = frozenset(Format)
    metadata: bool = False
    dialect: Dialect = Dialect.CONFLUENT
    requires_own_verdict: bool = False
    deletion: frozenset[Deletion] = frozenset()
    releasing: frozenset[Deletion] = frozenset({Deletion.SOFT, Deletion.HARD})
    restore: RestoreWay = RestoreWay.NONE
    resets_modes: bool = False
    concurrent_writes: int = 4


@dataclass(frozen=True, slots=True)
class Health:
    """An answer to "are you there": the server's product and version as far as it tells, and the time that it took."""

    product: str
    version: str | None
    seconds: float


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
            answer a known text with its old version and change nothing, which callers must compare.

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

        Called only where ``capabilities.deletion`` has the way. Idempotent: what is deleted already counts as done. The
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


def resolve_versions(references: tuple[Reference, ...], versions: Mapping[str, int]) -> tuple[Reference, ...]:
    """Give every reference that follows the repository the version that its subject now has.

    Raises:
        KeyError: a subject without a known version; the planner orders changes such that this does not happen.
    """
    return tuple(r if r.version is not None else Reference(r.name, r.subject, versions[r.subject]) for r in references)
