"""One change, made through the port: its steps, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from reconciler.applier.results import Result, Status
from reconciler.errors import OutcomeUnknownError, RegistryError, SchemaError
from reconciler.model import (
    Change,
    DeleteSubject,
    DeleteVersions,
    Mode,
    Reference,
    RegisterSchema,
    Registration,
    ResetCompatibility,
    RestoreVersion,
    Schema,
    SetCompatibility,
    SetDefaultCompatibility,
    SetSettings,
)
from reconciler.registry import SchemaRegistry, SettingsKeeper, resolve_versions
from reconciler.schemas.resolved import SchemaSet


class StoppedError(Exception):
    """Nothing more may be written; the text says why."""


@dataclass(frozen=True)
class Maker:
    """Makes changes of one registry; used from several threads at once.

    Args:
        registry: what is written to.
        before_write: called before each write that begins something new; a :class:`StoppedError` of it keeps the write
            from being started.
        before_restoring: likewise, before a temporary mode is taken back.
    """

    registry: SchemaRegistry
    before_write: Callable[[], None]
    before_restoring: Callable[[], None]

    def make(self, change: Change, versions: Mapping[str, int]) -> Result:
        """Make one change; whatever goes wrong is its result.

        Args:
            versions: the latest version of the subjects of this registry that were changed before it.
        """
        return _try(change, lambda: self._make(change, versions))

    def _make(self, change: Change, versions: Mapping[str, int]) -> Result:
        if isinstance(change, RegisterSchema | RestoreVersion):
            return self._break(change, versions) if change.waivers else self._register(change, versions)
        self.before_write()
        match change:
            case SetCompatibility():
                self.registry.set_compatibility(change.subject, change.after)
            case ResetCompatibility():
                self.registry.reset_compatibility(change.subject)
            case SetDefaultCompatibility():
                self.registry.set_compatibility(None, change.after)
            case SetSettings():
                assert isinstance(self.registry, SettingsKeeper)  # its capabilities have settings
                self.registry.set_settings(change.subject, change.after)
            case DeleteVersions():
                self.registry.delete_versions(change.subject, change.versions, permanent=change.is_permanent)
                return Result(change, Status.APPLIED, change.after.version, references=change.after.schema.references)
            case DeleteSubject():
                self.registry.delete_subject(change.subject, permanent=change.is_permanent)
            case _:
                assert_never(change)
        return Result(change, Status.APPLIED)

    def _register(self, change: Registration, versions: Mapping[str, int]) -> Result:
        references = resolve_versions(change.after.references, versions)
        schema = replace(change.after, references=references)
        self.before_write()
        write = self.registry.restore_schema if isinstance(change, RestoreVersion) else self.registry.register_schema
        got = write(change.subject, schema)
        if change.before and got.version <= change.before.version:
            return Result(
                change,
                Status.FAILED,
                got.version,
                f"the registry answered with version {got.version}, which it had already, and changed nothing",
                "plan again to see what it holds now",
            )
        stored = None if got.schema.definition == schema.definition else self._identify(got.schema)
        return Result(change, Status.APPLIED, got.version, references=references, fingerprint=stored)

    def _identify(self, schema: Schema) -> str | None:
        """The identity of what the registry stored; None where that cannot be told, so that drift tells it."""
        try:
            return SchemaSet(self._find).fingerprint(schema, self.registry.capabilities.dialect)
        except (SchemaError, RegistryError):
            return None

    def _find(self, reference: Reference) -> Schema | None:
        versions = self.registry.read_history(reference.subject)
        return next((v.schema for v in versions if v.version == reference.version), None)

    def _break(self, change: Registration, versions: Mapping[str, int]) -> Result:
        """Register what the mode forbids: the mode NONE for a while, which is taken back whatever comes in between."""
        self.before_write()
        opened = _try(change, lambda: self._set_mode(change, Mode.NONE))
        if opened.status is Status.FAILED:
            return opened
        if opened.status is Status.APPLIED:
            opened = _try(change, lambda: self._register(change, versions))
        return self._take_back(change, opened)

    def _set_mode(self, change: Registration, mode: Mode | None) -> Result:
        if mode is None:
            self.registry.reset_compatibility(change.subject)
        else:
            self.registry.set_compatibility(change.subject, mode)
        return Result(change, Status.APPLIED)

    def _take_back(self, change: Registration, result: Result) -> Result:
        """Give the subject its mode again; where that fails, the result says so before all else."""

        def restore() -> Result:
            self.before_restoring()
            return self._set_mode(change, change.restores_mode)

        restored = _try(change, restore)
        return result if restored.status is Status.APPLIED else _leave_mode(change, result, restored)


def _try(change: Change, act: Callable[[], Result]) -> Result:
    try:
        return act()
    except StoppedError as stopped:
        return Result(change, Status.SKIPPED, message=str(stopped))
    except OutcomeUnknownError as error:
        return Result(change, Status.UNKNOWN, message=str(error), fix=error.fix)
    except RegistryError as error:
        return Result(change, Status.FAILED, message=str(error), fix=error.fix)
    except Exception as error:  # noqa: BLE001 - an adapter's defect must not take the other results with it
        message = f"this is a defect of schemafed: {type(error).__name__}: {error}"
        return Result(change, Status.UNKNOWN, message=message)


def _leave_mode(change: Registration, result: Result, restored: Result) -> Result:
    """The result of a break whose temporary mode could not be taken back: never one that looks like a success."""
    again = change.restores_mode or "what it inherits"
    made = f"version {result.version} was registered" if result.status is Status.APPLIED else result.message
    return replace(
        result,
        status=Status.UNKNOWN if result.status is Status.UNKNOWN else Status.FAILED,
        message=f"THE SUBJECT IS UNPROTECTED: its temporary mode NONE could not be set back to {again}: "
        f"{restored.message}; {made}",
        fix="run apply again: it restores the mode first, whatever else it does",
        is_mode_left=True,
    )
