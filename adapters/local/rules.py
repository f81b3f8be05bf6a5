"""The rules of writing: which names, versions and schemas are let in, with the error codes of Confluent's registry.

Each function reads within the caller's transaction, so what it saw still holds when the caller writes.
"""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from adapters.local import tables
from adapters.local.content import DIALECT, make_content, make_schema
from adapters.local.tables import REGISTRY_ITSELF, ContentRow, SettingsRow, VersionRow
from reconciler import compatibility
from reconciler.compatibility import Judged
from reconciler.errors import RejectedError, SchemaError, UnexpectedAnswerError
from reconciler.model import Metadata, Mode, Outcome, Reference, Schema, Verdict
from reconciler.schemas import Parsed, raise_if_unfit
from reconciler.schemas.resolved import SchemaSet

DEFAULT_MODE = Mode.BACKWARD
MAX_VERSION = 2**31 - 1

_RESERVED_SUBJECTS = frozenset({"__GLOBAL", "__EMPTY"})


class Code:
    """The numbers that Confluent's registry gives to refusals (Schema Registry API reference, "Errors")."""

    SUBJECT_NOT_FOUND = 40401
    VERSION_NOT_FOUND = 40402
    SCHEMA_NOT_FOUND = 40403
    SUBJECT_SOFT_DELETED = 40404
    SUBJECT_NOT_SOFT_DELETED = 40405
    VERSION_SOFT_DELETED = 40406
    VERSION_NOT_SOFT_DELETED = 40407
    INCOMPATIBLE = 409
    INVALID_SCHEMA = 42201
    NOT_PERMITTED = 42205
    REFERENCED = 42206
    INVALID_SUBJECT = 42208


class WriteMode(StrEnum):
    """Whether a subject, or the registry, may be written."""

    READWRITE = "READWRITE"
    READONLY = "READONLY"


@dataclass(frozen=True, slots=True)
class Submission:
    """A schema on its way in: its references have versions, and its text is parsed."""

    schema: Schema
    parsed: Parsed
    content: ContentRow


def raise_if_invalid_subject(registry: str, subject: str) -> None:
    """Refuse names that Confluent refuses: empty ones, reserved ones, and any with a control character.

    Lone surrogates are refused too, because no text encoding can carry them.
    """
    bad = next((c for c in subject if unicodedata.category(c) in ("Cc", "Cs")), None)
    if subject and bad is None and subject not in _RESERVED_SUBJECTS:
        return
    why = f"it holds the character {bad!a}" if bad else "it is reserved" if subject else "it is empty"
    raise RejectedError(
        f"{subject!a} cannot be the name of a subject: {why}",
        registry=registry,
        code=Code.INVALID_SUBJECT,
        fix="choose another name",
    )


def raise_if_read_only(connection: sqlite3.Connection, registry: str, subject: str) -> None:
    """Refuse to write a subject whose write mode, or else the registry's, is READONLY."""
    stored = read_settings(connection, subject)
    own, default = stored.get(subject), stored.get(REGISTRY_ITSELF)
    write_mode = (own and own.write_mode) or (default and default.write_mode) or WriteMode.READWRITE
    if write_mode == WriteMode.READWRITE:
        return
    where = "the subject" if own and own.write_mode else "the registry"
    raise RejectedError(
        f"{where} is in write mode {write_mode}",
        registry=registry,
        subject=subject or None,
        code=Code.NOT_PERMITTED,
        fix=f"set the write mode of {where} to READWRITE",
    )


def raise_if_referenced(connection: sqlite3.Connection, registry: str, subject: str, versions: Sequence[int]) -> None:
    """Refuse to delete versions that an undeleted version refers to."""
    referrers = tables.read_referrers(connection, subject, versions)
    if not referrers:
        return
    users = ", ".join(f"{name} version {number}" for _, name, number in referrers[:5])
    more = f" and {len(referrers) - 5} more" if len(referrers) > 5 else ""
    raise RejectedError(
        f"version {referrers[0][0]} is referenced by {users}{more}",
        registry=registry,
        subject=subject,
        code=Code.REFERENCED,
        fix="delete those that refer to it first",
    )


def raise_if_incompatible(connection: sqlite3.Connection, registry: str, subject: str, submission: Submission) -> None:
    """Refuse a version that breaks the subject's mode, or that our engine cannot judge under it."""
    mode = read_effective_mode(connection, registry, subject)
    if mode is Mode.NONE:
        return
    history = _read_history(connection, subject, mode)
    if not history:
        return
    judged = [Judged(row.version, _parse_stored(connection, registry, row)) for row in history]
    verdict = compatibility.check(submission.parsed, judged, mode, DIALECT)
    if verdict.outcome is Outcome.NOT_JUDGED:
        raise _make_not_judged_error(registry, subject, submission.schema, mode)
    if verdict.outcome is Outcome.INCOMPATIBLE:
        raise _make_incompatible_error(registry, subject, verdict)


def make_submission(
    connection: sqlite3.Connection, registry: str, subject: str, schema: Schema, *, is_new: bool = True
) -> Submission:
    """Give a schema's references their versions, parse it, and work out its identity.

    Args:
        is_new: it is to be registered, so what it refers to must not be soft-deleted, and where it says nothing of
            metadata it carries on those of the latest version, as on Confluent's registry.

    Raises:
        RejectedError: the schema is invalid, or refers to what is not there.
    """
    references = tuple(_resolve_reference(connection, registry, subject, r, is_new) for r in schema.references)
    try:
        metadata = _read_metadata(connection, subject) if is_new and schema.metadata is None else schema.metadata
        resolved = replace(schema, references=references, metadata=metadata)
        parsed = _make_schema_set(connection).parsed(resolved)
        raise_if_unfit(parsed)
        return Submission(resolved, parsed, make_content(resolved, parsed))
    except SchemaError as error:
        raise _make_invalid_error(registry, subject, error) from error


def read_settings(connection: sqlite3.Connection, subject: str) -> dict[str, SettingsRow]:
    """Read the settings of a subject and of the registry itself, by subject."""
    return {row.subject: row for row in tables.read_settings(connection, [subject])}


def read_effective_mode(connection: sqlite3.Connection, registry: str, subject: str) -> Mode:
    """Read the mode that holds for a subject: its own, the registry's, or BACKWARD."""
    stored = read_settings(connection, subject)
    own, default = stored.get(subject), stored.get(REGISTRY_ITSELF)
    text = (own and own.mode) or (default and default.mode) or DEFAULT_MODE
    return make_mode(registry, subject, text)


def make_mode(registry: str, subject: str | None, text: str) -> Mode:
    """Turn a stored mode into ours.

    Raises:
        UnexpectedAnswerError: another program wrote it.
    """
    try:
        return Mode(text)
    except ValueError:
        raise UnexpectedAnswerError(
            f"{text!r} is not a compatibility mode", registry=registry, subject=subject, fix="set the mode anew"
        ) from None


def _read_history(connection: sqlite3.Connection, subject: str, mode: Mode) -> list[VersionRow]:
    if mode.is_transitive:
        return tables.read_versions(connection, subject)
    newest = tables.read_newest(connection, subject)
    return [newest] if newest else []


def _read_metadata(connection: sqlite3.Connection, subject: str) -> Metadata | None:
    newest = tables.read_newest(connection, subject)
    return make_schema(newest).metadata if newest and newest.metadata else None


def _resolve_reference(
    connection: sqlite3.Connection, registry: str, subject: str, reference: Reference, is_new: bool
) -> Reference:
    """Find the version that a reference means; none, or Confluent's -1, is the newest one."""
    if reference.version in (None, -1):
        row = tables.read_newest(connection, reference.subject)
    else:
        row = _read_numbered(connection, reference)
    if row is None or (is_new and row.deleted):
        number = "" if reference.version in (None, -1) else f" version {reference.version}"
        raise RejectedError(
            f"`{reference.name}` refers to subject {reference.subject}{number}, which is not there",
            registry=registry,
            subject=subject,
            code=Code.INVALID_SCHEMA,
            fix=f"register {reference.subject}{number} first",
        )
    return replace(reference, version=row.version)


def _read_numbered(connection: sqlite3.Connection, reference: Reference) -> VersionRow | None:
    version = reference.version
    if version is None or not 0 < version <= MAX_VERSION:
        return None
    return tables.read_version(connection, reference.subject, version)


def _make_schema_set(connection: sqlite3.Connection) -> SchemaSet:
    # A version that is soft-deleted still serves those that refer to it.
    def find(reference: Reference) -> Schema | None:
        row = _read_numbered(connection, reference)
        return make_schema(row) if row else None

    return SchemaSet(find)


def _parse_stored(connection: sqlite3.Connection, registry: str, row: VersionRow) -> Parsed:
    try:
        return _make_schema_set(connection).parsed(make_schema(row))
    except SchemaError as error:
        raise UnexpectedAnswerError(
            f"version {row.version} is stored in a way that cannot be read, so nothing can be judged against it",
            registry=registry,
            subject=row.subject,
            detail=str(error),
            fix=f"delete version {row.version}, or set the mode NONE",
        ) from error


def _make_invalid_error(registry: str, subject: str, error: SchemaError) -> RejectedError:
    place = f" at {error.path}" if error.path else ""
    line = f" (line {error.line})" if error.line else ""
    return RejectedError(
        f"the schema is invalid{place}{line}",
        registry=registry,
        subject=subject,
        code=Code.INVALID_SCHEMA,
        detail=error.message,
        fix=error.fix,
    )


def _make_incompatible_error(registry: str, subject: str, verdict: Verdict) -> RejectedError:
    words = [f"{f.code} at {f.path or '/'}: {f.message}" for f in verdict.findings if f.blocks]
    return RejectedError(
        f"the schema is incompatible under {verdict.mode}",
        registry=registry,
        subject=subject,
        code=Code.INCOMPATIBLE,
        detail="; ".join(words) or None,
        fix=next((f.fix for f in verdict.findings if f.blocks and f.fix), None),
    )


def _make_not_judged_error(registry: str, subject: str, schema: Schema, mode: Mode) -> RejectedError:
    return RejectedError(
        f"a second version in format {schema.format} is refused under {mode}: its compatibility cannot be judged here",
        registry=registry,
        subject=subject,
        code=Code.INCOMPATIBLE,
        fix="set the subject's mode to NONE if the change is safe",
    )
