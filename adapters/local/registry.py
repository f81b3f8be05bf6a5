"""The adapter of kind `local`: the port, and beyond it the operations that Confluent's registry has."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection, Mapping, Sequence

from adapters.local import rules, tables
from adapters.local.content import DIALECT, make_identity, make_version
from adapters.local.rules import Code, Submission, WriteMode
from adapters.local.settings import make_settings
from adapters.local.store import Store
from adapters.local.tables import REGISTRY_ITSELF, VersionRow
from reconciler.compatibility import JUDGED_FORMATS
from reconciler.errors import NotFoundError, RegistryError, RejectedError, SchemaError, UnexpectedAnswerError
from reconciler.model import EVENT_FORMATS, Deletion, LiveState, LiveSubject, LiveVersion, Mode, Schema, SettingValue
from reconciler.registry import Capabilities, Dependant, Health, RegistrySettings, RestoreWay, Setting

_REFUSALS: dict[int, tuple[type[RegistryError], str]] = {
    Code.SUBJECT_NOT_FOUND: (NotFoundError, "there is no such subject"),
    Code.VERSION_NOT_FOUND: (NotFoundError, "the subject has no version {version}"),
    Code.SCHEMA_NOT_FOUND: (NotFoundError, "no version holds this schema"),
    Code.SUBJECT_SOFT_DELETED: (NotFoundError, "the subject is softly deleted already"),
    Code.VERSION_SOFT_DELETED: (NotFoundError, "version {version} is softly deleted already"),
    Code.SUBJECT_NOT_SOFT_DELETED: (RejectedError, "the subject must be deleted softly before it is deleted for good"),
    Code.VERSION_NOT_SOFT_DELETED: (
        RejectedError,
        "version {version} must be deleted softly before it is deleted for good",
    ),
}


_WRITE_MODE = Setting(tuple(WriteMode), closing=frozenset({WriteMode.READONLY}))


class LocalRegistry:
    """A registry in one SQLite file, with the semantics of Confluent's; safe for several threads and processes.

    Args:
        settings: option ``path`` is the file (relative paths count from ``settings.root``; it and its folders are made
            on first use), option ``timeout`` the seconds to wait while another process writes, 30 unless given.

    Raises:
        ConfigurationError: an option is unknown, missing, or has a value that cannot be.
    """

    capabilities = Capabilities(
        formats=EVENT_FORMATS,
        judges=JUDGED_FORMATS,
        metadata=True,
        dialect=DIALECT,
        requires_own_verdict=True,
        deletion=frozenset({Deletion.SOFT, Deletion.HARD}),
        restore=RestoreWay.NEW_VERSION,
        resets_modes=True,
        settings={"write_mode": _WRITE_MODE},
        registry_settings={"write_mode": _WRITE_MODE},
        # One writer at a time is all that SQLite knows; more would only wait for each other.
        concurrent_writes=1,
    )

    def __init__(self, settings: RegistrySettings) -> None:
        options = make_settings(settings)
        self.name = settings.name
        self._store = Store(options.path, settings.name, options.timeout)

    def check_health(self) -> Health:
        """Open the file, which makes it where it is not there, and tell the version of SQLite."""
        start = time.perf_counter()
        with self._store.reading():
            pass
        return Health("schemafed local registry", f"SQLite {sqlite3.sqlite_version}", time.perf_counter() - start)

    def read_state(
        self, subjects: Collection[str] | None = None, *, modes_of: Collection[str] | None = None
    ) -> LiveState:
        """Read subjects and modes at one moment, in two queries; see the port.

        A subject that only has a mode, set ahead of its first version or kept after a soft deletion, is there without
        a latest version when it was asked for by name.
        """
        with self._store.reading() as connection:
            rows = tables.read_latest(connection, subjects)
            settings = tables.read_settings(connection, subjects if modes_of is None else modes_of)
        texts = {row.subject: row.mode for row in settings if row.mode is not None}
        default = rules.make_mode(self.name, None, texts.pop(REGISTRY_ITSELF, rules.DEFAULT_MODE))
        modes = texts if modes_of is None else {name: texts[name] for name in modes_of if name in texts}
        found = {row.subject: _make_subject(row.subject, row, modes.get(row.subject)) for row in rows}
        if (subjects, modes_of) != (None, None):
            found |= {name: _make_subject(name, None, modes[name]) for name in modes.keys() - found.keys()}
        return LiveState(found, default)

    def read_history(self, subject: str) -> tuple[LiveVersion, ...]:
        """Read every undeleted version of a subject, oldest first."""
        with self._store.reading() as connection:
            rows = tables.read_versions(connection, subject)
        return tuple(self._make_version(row) for row in rows)

    def read_numbers(self, subjects: Collection[str]) -> dict[str, tuple[int, ...]]:
        """Read all numbers, softly deleted versions' too; see :class:`reconciler.registry.NumberKeeper`."""
        with self._store.reading() as connection:
            rows = {name: tables.read_versions(connection, name, deleted=True) for name in subjects}
        return {name: tuple(row.version for row in each) for name, each in rows.items()}

    def read_version(self, subject: str, version: int) -> LiveVersion:
        """Read one undeleted version.

        Raises:
            NotFoundError: 40401 there is no such subject, 40402 it has no such version.
        """
        with self._store.reading() as connection:
            rows = tables.read_versions(connection, subject)
        row = next((row for row in rows if row.version == version), None)
        if row is None:
            code = Code.VERSION_NOT_FOUND if rows else Code.SUBJECT_NOT_FOUND
            raise self._make_refusal(code, subject, version)
        return self._make_version(row)

    def register_schema(self, subject: str, schema: Schema, *, version: int | None = None) -> LiveVersion:
        """Register a schema as the newest version, or find the version that holds it already; see the port.

        Args:
            version: the number that the new version must get, one above the highest ever used. Only so does a schema
                that an older version holds become the latest again.

        Raises:
            RejectedError: 42201 the schema or ``version`` is invalid, 409 the schema is incompatible, 42205 the write
                mode forbids it, 42208 the name cannot be a subject's.
        """
        rules.raise_if_invalid_subject(self.name, subject)
        with self._store.writing() as connection:
            rules.raise_if_read_only(connection, self.name, subject)
            submission = rules.make_submission(connection, self.name, subject, schema)
            known = tables.read_known(connection, subject, [submission.content.identity])
            if known and version in (None, known.version):
                return self._make_version(known)
            return self._make_version(self._write_new(connection, subject, submission, version))

    def restore_schema(self, subject: str, schema: Schema) -> LiveVersion:
        """Make a schema that an older version holds the latest again; see the port."""
        rules.raise_if_invalid_subject(self.name, subject)
        with self._store.writing() as connection:
            rules.raise_if_read_only(connection, self.name, subject)
            submission = rules.make_submission(connection, self.name, subject, schema)
            known = tables.read_known(connection, subject, [submission.content.identity])
            newest = tables.read_newest(connection, subject)
            if known and newest and known.version == newest.version:
                return self._make_version(known)
            return self._make_version(self._write_new(connection, subject, submission, None))

    def lookup_schema(self, subject: str, schema: Schema, *, deleted: bool = False) -> LiveVersion:
        """Find the newest version that holds a schema; with ``deleted`` also a soft-deleted one.

        A schema without metadata is found in versions that have some too, but only where none is without.

        Raises:
            NotFoundError: 40401 there is no such subject, 40403 no version holds the schema.
            RejectedError: 42201 the schema is invalid.
        """
        with self._store.reading() as connection:
            rows = tables.read_versions(connection, subject, deleted=deleted)
            if not rows:
                raise self._make_refusal(Code.SUBJECT_NOT_FOUND, subject)
            content = rules.make_submission(connection, self.name, subject, schema, is_new=False).content
            # As on Confluent's, what matches exactly comes first; metadata that was not given counts only there.
            texts = {row.metadata for row in rows} if schema.metadata is None else set()
            alike = {make_identity(content.text_identity, text) for text in texts}
            known = tables.read_known(connection, subject, [content.identity], deleted=deleted)
            known = known or tables.read_known(connection, subject, alike, deleted=deleted)
        if known is None:
            raise self._make_refusal(Code.SCHEMA_NOT_FOUND, subject)
        return self._make_version(known)

    def set_compatibility(self, subject: str | None, mode: Mode) -> None:
        """Set the mode of a subject, which need not have a version yet, or with None the registry's own level."""
        self._write_mode(subject, mode)

    def reset_compatibility(self, subject: str | None) -> None:
        """Let a subject inherit the registry's level again, or with None the registry have BACKWARD."""
        self._write_mode(subject, None)

    def read_settings(self, subjects: Collection[str | None]) -> Mapping[str | None, Mapping[str, SettingValue]]:
        """Read write modes, in one query; see :class:`reconciler.registry.SettingsKeeper`."""
        names = {subject or REGISTRY_ITSELF: subject for subject in subjects}
        with self._store.reading() as connection:
            rows = tables.read_settings(connection, list(names))
        found = {row.subject: row.write_mode for row in rows if row.write_mode}
        return {subject: {"write_mode": found[n]} if n in found else {} for n, subject in names.items()}

    def set_settings(self, subject: str | None, settings: Mapping[str, SettingValue | None]) -> None:
        """Set the write mode; see :class:`reconciler.registry.SettingsKeeper`."""
        if "write_mode" in settings:
            value = settings["write_mode"]
            self.set_write_mode(subject, WriteMode(str(value)) if value is not None else None)

    def set_write_mode(self, subject: str | None, write_mode: WriteMode | None) -> None:
        """Set the write mode of a subject, or with None as subject the registry's; None as mode takes it away."""
        if subject is not None:
            rules.raise_if_invalid_subject(self.name, subject)
        with self._store.writing() as connection:
            tables.write_write_mode_of(connection, subject or REGISTRY_ITSELF, write_mode)

    def read_dependants(self, subject: str) -> tuple[Dependant, ...]:
        """Read which undeleted versions refer to a subject, in one query; see the port."""
        with self._store.reading() as connection:
            rows = tables.read_referrers(connection, subject)
        return tuple(sorted(Dependant(name, version, used) for used, name, version in rows))

    def delete_versions(self, subject: str, versions: Sequence[int], *, permanent: bool) -> None:
        """Delete versions that are there, all of them or none; see the port."""
        with self._store.writing() as connection:
            rules.raise_if_read_only(connection, self.name, subject)
            rows = tables.read_versions(connection, subject, deleted=True)
            self._delete_in_steps(connection, subject, [row for row in rows if row.version in versions], permanent)

    def delete_subject(self, subject: str, *, permanent: bool) -> None:
        """Delete every version of a subject that is there, and with ``permanent`` its modes; see the port."""
        with self._store.writing() as connection:
            rules.raise_if_read_only(connection, self.name, subject)
            rows = tables.read_versions(connection, subject, deleted=True)
            self._delete_in_steps(connection, subject, rows, permanent)

    def delete_version(self, subject: str, version: int, *, permanent: bool = False) -> None:
        """Delete one version: softly, or for good once it is softly deleted.

        Raises:
            NotFoundError: 40401 no such subject, 40402 no such version, 40406 it is softly deleted already.
            RejectedError: 40407 not softly deleted before, 42206 it is referenced, 42205 the write mode forbids it.
        """
        with self._store.writing() as connection:
            rules.raise_if_read_only(connection, self.name, subject)
            rows = tables.read_versions(connection, subject, deleted=True)
            if not rows:
                raise self._make_refusal(Code.SUBJECT_NOT_FOUND, subject)
            row = next((row for row in rows if row.version == version), None)
            if row is None:
                raise self._make_refusal(Code.VERSION_NOT_FOUND, subject, version)
            self._raise_if_wrong_step(row, permanent)
            self._delete(connection, subject, [version], permanent)

    def delete_all_versions(self, subject: str, *, permanent: bool = False) -> tuple[int, ...]:
        """Delete every version of a subject: softly, or for good (and its modes) once all are softly deleted.

        Returns:
            the numbers of the versions that were deleted.

        Raises:
            NotFoundError: 40401 no such subject, 40404 it is softly deleted already.
            RejectedError: 40405 not softly deleted before, 42206 it is referenced, 42205 the write mode forbids it.
        """
        with self._store.writing() as connection:
            rules.raise_if_read_only(connection, self.name, subject)
            rows = tables.read_versions(connection, subject, deleted=True)
            self._raise_if_wrong_subject_step(subject, rows, permanent)
            versions = [row.version for row in rows if permanent or not row.deleted]
            self._delete(connection, subject, versions, permanent)
        return tuple(versions)

    def close(self) -> None:
        """Close the file; calling it again does nothing."""
        self._store.close()

    def _write_new(
        self, connection: sqlite3.Connection, subject: str, submission: Submission, version: int | None
    ) -> VersionRow:
        following = tables.read_highest_number(connection, subject) + 1
        if version not in (None, following):
            raise RejectedError(
                f"version {version} is not one above the highest that was ever used, {following - 1}",
                registry=self.name,
                subject=subject,
                code=Code.INVALID_SCHEMA,
                fix=f"read the subject again; the next version is {following}",
            )
        rules.raise_if_incompatible(connection, self.name, subject, submission)
        return tables.write_version(connection, subject, following, submission.content)

    def _write_mode(self, subject: str | None, mode: Mode | None) -> None:
        if subject is not None:
            rules.raise_if_invalid_subject(self.name, subject)
        with self._store.writing() as connection:
            rules.raise_if_read_only(connection, self.name, subject or REGISTRY_ITSELF)
            tables.write_mode_of(connection, subject or REGISTRY_ITSELF, mode)

    def _delete_in_steps(
        self, connection: sqlite3.Connection, subject: str, rows: Sequence[VersionRow], permanent: bool
    ) -> None:
        self._delete(connection, subject, [row.version for row in rows if not row.deleted], permanent=False)
        if permanent:
            self._delete(connection, subject, [row.version for row in rows], permanent=True)

    def _delete(self, connection: sqlite3.Connection, subject: str, versions: list[int], permanent: bool) -> None:
        rules.raise_if_referenced(connection, self.name, subject, versions)
        write = tables.write_hard_deletion if permanent else tables.write_soft_deletion
        write(connection, subject, versions)

    def _raise_if_wrong_step(self, row: VersionRow, permanent: bool) -> None:
        if row.deleted and not permanent:
            raise self._make_refusal(Code.VERSION_SOFT_DELETED, row.subject, row.version)
        if permanent and not row.deleted:
            raise self._make_refusal(Code.VERSION_NOT_SOFT_DELETED, row.subject, row.version)

    def _raise_if_wrong_subject_step(self, subject: str, rows: list[VersionRow], permanent: bool) -> None:
        if not rows:
            raise self._make_refusal(Code.SUBJECT_NOT_FOUND, subject)
        if not permanent and all(row.deleted for row in rows):
            raise self._make_refusal(Code.SUBJECT_SOFT_DELETED, subject)
        if permanent and not all(row.deleted for row in rows):
            raise self._make_refusal(Code.SUBJECT_NOT_SOFT_DELETED, subject)

    def _make_refusal(self, code: int, subject: str, version: int | None = None) -> RegistryError:
        kind, message = _REFUSALS[code]
        return kind(message.format(version=version), registry=self.name, subject=subject, code=code)

    def _make_version(self, row: VersionRow) -> LiveVersion:
        try:
            return make_version(row)
        except SchemaError as error:
            raise UnexpectedAnswerError(str(error), registry=self.name, subject=row.subject) from error


def _make_subject(name: str, row: VersionRow | None, mode_text: str | None) -> LiveSubject:
    """Make a subject of what is stored; whatever another program wrote there becomes its problem."""
    try:
        mode = None if mode_text is None else Mode(mode_text)
    except ValueError:
        return LiveSubject(name, None, problem=f"its mode {mode_text!r} is not a compatibility mode")
    try:
        return LiveSubject(name, make_version(row) if row else None, mode)
    except SchemaError as error:
        return LiveSubject(name, None, mode, problem=str(error))
