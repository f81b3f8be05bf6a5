"""Writing to a registry, each write seen through: a version until it is available, a deletion until it is gone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from adapters._repeating import look_until
from adapters.glue.calls import Answer, Calls
from adapters.glue.reading import Reader
from reconciler.compatibility.dialects import word_for
from reconciler.errors import NotFoundError, OutcomeUnknownError, RejectedError
from reconciler.model import Dialect, LiveVersion, Mode, Schema
from reconciler.schemas.resolved import SchemaSet

Seen = TypeVar("Seen")
_LONGEST_WAIT = 2.0
_FAILURE = "FAILURE"


class Writer:
    """Writes through the calls of one registry.

    Args:
        default_compatibility: what a schema is created with.
        patience: seconds until what was written must be seen.
    """

    def __init__(self, calls: Calls, reader: Reader, default_compatibility: str, patience: float) -> None:
        self._calls = calls
        self._reader = reader
        self._default = default_compatibility
        self._patience = patience
        self._written: set[str] = set()

    def register_schema(self, subject: str, schema: Schema) -> LiveVersion:
        """See :meth:`reconciler.registry.SchemaRegistry.register_schema`."""
        latest = self._reader.read_state([subject], ()).subjects.get(subject)
        schemas = SchemaSet(lambda reference: None)
        if latest and latest.latest and schemas.is_same(latest.latest.schema, schema, Dialect.GLUE):
            return latest.latest
        answer = self._register_surely(subject, schema)
        if answer.get("Status") == _FAILURE:
            # It is known as a version that failed earlier, perhaps under another mode: it makes room for a new one.
            self._delete_failed(subject, answer)
            answer = self._register_surely(subject, schema)
        version = self._wait_until_available(subject, schema, answer)
        self._written.add(subject)
        self.wait_until(
            subject, f"version {version.version} by its name", lambda: self._is_seen(subject, version.version)
        )
        return version

    def set_compatibility(self, subject: str, mode: Mode) -> None:
        """See :meth:`reconciler.registry.SchemaRegistry.set_compatibility`; the checkpoint stays where it is."""
        word = word_for(Dialect.GLUE, mode)
        present = self._wait_for_settings(subject)
        if present.get("Compatibility") == word:
            return
        checkpoint = present.get("SchemaCheckpoint") or present.get("LatestSchemaVersion")
        self.update_schema(subject, f"set the compatibility to {word}", checkpoint, Compatibility=word)
        self.wait_until(
            subject,
            f"compatibility {word}",
            lambda: True if (self._reader.read_settings_of(subject) or {}).get("Compatibility") == word else None,
        )

    def update_schema(self, subject: str, purpose: str, checkpoint: int | None, **changed: object) -> None:
        """Update a schema; the service wants a checkpoint beside a compatibility."""
        at = {"SchemaVersionNumber": {"VersionNumber": checkpoint}} if checkpoint else {}
        self._calls.call_schema("update_schema", purpose, subject, is_write=True, **at, **changed)

    def delete_versions(self, subject: str, versions: Sequence[int]) -> None:
        """See :meth:`reconciler.registry.SchemaRegistry.delete_versions`; the service does it in the background."""
        going = sorted(set(versions).intersection(self._reader.list_available(subject)))
        if not going:
            return
        answer = self._calls.call_schema(
            "delete_schema_versions", "delete versions", subject, is_write=True, Versions=",".join(map(str, going))
        )
        told = {each.get("VersionNumber"): each for each in answer.get("SchemaVersionErrors") or ()}
        # The SDK repeats what got no answer, and the second time a version that went the first time is an error.
        left = self._reader.list_available(subject) if told else ()
        errors = [
            f"version {number}: {told[number].get('ErrorDetails', {}).get('ErrorMessage', 'refused')}"
            for number in left
            if number in told
        ]
        if errors:
            raise RejectedError(
                "the registry does not delete these versions",
                registry=self._calls.name,
                subject=subject,
                detail="; ".join(errors),
                fix="the first version and the checkpoint cannot be deleted; delete the schema, or make a new one",
            )
        self.wait_until(subject, "the end of the deletion", lambda: self._are_gone(subject, going))

    def delete_subject(self, subject: str) -> None:
        """See :meth:`reconciler.registry.SchemaRegistry.delete_subject`."""
        self._written.discard(subject)
        if self._reader.read_settings_of(subject) is None:
            self._calls.raise_if_no_registry()
            return
        try:
            self._calls.call_schema("delete_schema", "delete the schema", subject, is_write=True)
        except NotFoundError:
            return
        self.wait_until(
            subject,
            "the end of the deletion",
            lambda: True if self._reader.read_settings_of(subject) is None else None,
        )

    def wait_until(self, subject: str, what: str, look: Callable[[], Seen | None]) -> Seen:
        """Look again and again until something is seen, for as long as the options' patience lasts.

        Raises:
            OutcomeUnknownError: it was not seen.
        """
        seen = look_until(look, self._patience, _LONGEST_WAIT)
        if seen is None:
            raise OutcomeUnknownError(
                f"{what} was not seen within {self._patience:g} seconds",
                registry=self._calls.name,
                subject=subject,
                fix="run again: what was done by then is found; `patience` of the registry waits longer",
            )
        return seen

    def _register_surely(self, subject: str, schema: Schema) -> Answer:
        """Register; where it is not known what came of it, look, and register again only what is not there."""
        try:
            return self._register(subject, schema)
        except OutcomeUnknownError:
            return self._look_up(subject, schema) or self._register(subject, schema)

    def _register(self, subject: str, schema: Schema) -> Answer:
        try:
            return self._add_version(subject, schema)
        except NotFoundError:
            pass
        try:
            return self._create(subject, schema)
        except RejectedError as error:
            if error.code != "AlreadyExistsException":
                raise
            # Somebody else was quicker to create it.
            return self._add_version(subject, schema)

    def _add_version(self, subject: str, schema: Schema) -> Answer:
        return self._calls.call_schema(
            "register_schema_version",
            "register the schema",
            subject,
            is_write=True,
            SchemaDefinition=schema.definition,
        )

    def _create(self, subject: str, schema: Schema) -> Answer:
        created = self._calls.call(
            "create_schema",
            "create the schema",
            subject,
            is_write=True,
            RegistryId=self._calls.registry_id,
            SchemaName=subject,
            DataFormat=schema.format.value,
            Compatibility=self._default,
            SchemaDefinition=schema.definition,
        )
        version = {"SchemaVersionId": created.get("SchemaVersionId"), "Status": created.get("SchemaVersionStatus")}
        return {**version, "VersionNumber": 1}

    def _look_up(self, subject: str, schema: Schema) -> Answer | None:
        return self._calls.find_schema(
            "get_schema_by_definition", "look up the schema", subject, SchemaDefinition=schema.definition
        )

    def _wait_until_available(self, subject: str, schema: Schema, answer: Answer) -> LiveVersion:
        identity = answer.get("SchemaVersionId")

        def look() -> LiveVersion | None:
            told = self._find_version(subject, identity)
            status = told.get("Status")
            if status == _FAILURE:
                raise RejectedError(
                    "the registry refuses the schema: its version ended with status FAILURE",
                    registry=self._calls.name,
                    subject=subject,
                    code="FAILURE",
                    detail="the service tells no reason",
                    fix="make the schema valid, and compatible with the versions that its mode counts",
                )
            return LiveVersion(told["VersionNumber"], schema) if status == "AVAILABLE" else None

        return self.wait_until(subject, "the version's end of PENDING", look)

    def _find_version(self, subject: str, identity: object) -> Answer:
        """What is told of a version by its id; nothing, where one that was just written is not told of yet."""
        try:
            return self._calls.call(
                "get_schema_version", "read the version's status", subject, SchemaVersionId=identity
            )
        except NotFoundError:
            return {}

    def _delete_failed(self, subject: str, answer: Answer) -> None:
        told = self._find_version(subject, answer.get("SchemaVersionId"))
        if number := told.get("VersionNumber"):
            self._calls.call_schema(
                "delete_schema_versions", "delete a failed version", subject, is_write=True, Versions=str(number)
            )

    def _is_seen(self, subject: str, number: int) -> bool | None:
        """Whether the name leads to a version, or a newer one: what is just written is not told of everywhere."""
        latest = self._reader.read_latest(subject)
        return True if latest and latest.get("VersionNumber", 0) >= number else None

    def _wait_for_settings(self, subject: str) -> Answer:
        """The settings of a schema; those of one that this run wrote may take a moment to be told."""
        if subject not in self._written:
            return self._read_settings(subject)
        return self.wait_until(subject, "the schema itself", lambda: self._reader.read_settings_of(subject))

    def _read_settings(self, subject: str) -> Answer:
        found = self._reader.read_settings_of(subject)
        if found is None:
            raise NotFoundError("there is no such schema", registry=self._calls.name, subject=subject)
        return found

    def _are_gone(self, subject: str, versions: Sequence[int]) -> bool | None:
        return True if set(versions).isdisjoint(self._reader.list_available(subject)) else None
