"""Reading a registry: the list of its schemas, then the latest version and the mode of each that is asked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from adapters.glue.calls import Answer, Calls
from reconciler.compatibility.dialects import mode_of, takes_versions
from reconciler.errors import ForbiddenError, NotFoundError, UnexpectedAnswerError
from reconciler.model import Dialect, Format, LiveState, LiveSubject, LiveVersion, Schema

_FORMATS = {each.value: each for each in (Format.AVRO, Format.JSON, Format.PROTOBUF)}
_AVAILABLE = "AVAILABLE"
_LATEST = {"LatestVersion": True}


class Reader:
    """Reads through the calls of one registry."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def read_state(self, subjects: Collection[str] | None, modes_of: Collection[str] | None) -> LiveState:
        """See :meth:`reconciler.registry.SchemaRegistry.read_state`.

        Raises:
            ForbiddenError: nothing that is asked for may be read; where only some may not, it is their problem.
        """
        names = self.list_names() if subjects is None else list(dict.fromkeys(subjects))
        found = self._read_subjects(names, frozenset(names if modes_of is None else modes_of))
        refused = [each for each in found if isinstance(each, ForbiddenError)]
        if refused and len(refused) == len(names):
            raise refused[0]
        if subjects is not None and None in found:
            self._calls.raise_if_no_registry()
        read = (_make_forbidden(each) if isinstance(each, ForbiddenError) else each for each in found)
        return LiveState({subject.name: subject for subject in read if subject}, None)

    def _read_subjects(
        self, names: Sequence[str], with_modes: frozenset[str]
    ) -> list[LiveSubject | ForbiddenError | None]:
        """Read many the quick way, and through the SDK what that left open."""
        versions = self._calls.ask_quickly("GetSchemaVersion", names, SchemaVersionNumber=_LATEST)
        usable = {name: told for name, told in versions.items() if told and told.get("Status") == _AVAILABLE}
        settings = self._calls.ask_quickly("GetSchema", [name for name in usable if name in with_modes])
        whole = {
            name: self._make_subject(name, told, settings.get(name))
            for name, told in usable.items()
            if name not in with_modes or settings[name]
        }
        left = [name for name in names if name not in whole]
        asked = self._calls.for_each(lambda name: self._try_subject(name, name in with_modes), left)
        rest = dict(zip(left, asked, strict=True))
        return [whole[name] if name in whole else rest[name] for name in names]

    def list_names(self) -> list[str]:
        """The names of all schemas; those that are being deleted are gone."""
        rows = self._calls.list_all("list_schemas", "list the schemas", "Schemas")
        return [row["SchemaName"] for row in rows if row.get("SchemaStatus", _AVAILABLE) == _AVAILABLE]

    def read_settings_of(self, subject: str) -> Answer | None:
        """What the service says of a schema beside its versions: compatibility, checkpoint, description, ARN."""
        return self._calls.find_schema("get_schema", "read the schema's settings", subject)

    def read_history(self, subject: str) -> tuple[LiveVersion, ...]:
        """See :meth:`reconciler.registry.SchemaRegistry.read_history`."""
        numbers = self.list_available(subject)
        versions = self._calls.for_each(lambda number: self.read_version(subject, number), numbers)
        return tuple(version for version in versions if version)

    def read_version(self, subject: str, number: int) -> LiveVersion | None:
        """Read one version; None where there is none, or it never became available."""
        answer = self._calls.find_schema(
            "get_schema_version", "read the version", subject, SchemaVersionNumber={"VersionNumber": number}
        )
        return self.make_version(answer, subject) if answer and answer.get("Status") == _AVAILABLE else None

    def read_latest(self, subject: str) -> Answer | None:
        """The answer about the latest version that is available; None where there is no schema."""
        answer = self._calls.find_schema(
            "get_schema_version", "read the latest version", subject, SchemaVersionNumber=_LATEST
        )
        if answer is None or answer.get("Status") == _AVAILABLE:
            return answer
        # A version that failed stays the latest for the service; what is in use is the newest that did not.
        numbers = self.list_available(subject)
        number = {"VersionNumber": numbers[-1]} if numbers else None
        if number is None:
            return None
        return self._calls.find_schema("get_schema_version", "read the version", subject, SchemaVersionNumber=number)

    def list_available(self, subject: str) -> list[int]:
        """The numbers of the versions that are available, old to new."""
        try:
            rows = list(self._calls.list_all("list_schema_versions", "list the versions", "Schemas", subject))
        except NotFoundError:
            self._calls.raise_if_no_registry()
            return []
        return sorted(row["VersionNumber"] for row in rows if row.get("Status") == _AVAILABLE)

    def make_version(self, answer: Answer, subject: str) -> LiveVersion:
        """A version from an answer.

        Raises:
            UnexpectedAnswerError: its format is unknown, or a part of it is missing.
        """
        told, text, number = answer.get("DataFormat"), answer.get("SchemaDefinition"), answer.get("VersionNumber")
        if told not in _FORMATS or not isinstance(text, str) or not isinstance(number, int):
            raise UnexpectedAnswerError(
                f"version {number or '?'} cannot be read: its format is {told}",
                registry=self._calls.name,
                subject=subject,
            )
        return LiveVersion(number, Schema(_FORMATS[told], text))

    def _try_subject(self, name: str, with_mode: bool) -> LiveSubject | ForbiddenError | None:
        try:
            return self._read_subject(name, with_mode)
        except ForbiddenError as error:
            return error

    def _read_subject(self, name: str, with_mode: bool) -> LiveSubject | None:
        answer = self.read_latest(name)
        if answer is None:
            return None
        return self._make_subject(name, answer, self.read_settings_of(name) if with_mode else None)

    def _make_subject(self, name: str, version: Answer, settings: Answer | None) -> LiveSubject:
        try:
            subject = LiveSubject(name, self.make_version(version, name))
        except UnexpectedAnswerError as error:
            subject = LiveSubject(name, None, problem=f"{error.message}.")
        return _with_mode(subject, settings) if settings else subject


def _with_mode(subject: LiveSubject, told: Answer) -> LiveSubject:
    word, checkpoint = str(told.get("Compatibility")), told.get("SchemaCheckpoint")
    mode = mode_of(Dialect.GLUE, word)
    closing = word if not takes_versions(Dialect.GLUE, word) else None
    problem = subject.problem
    if mode is None and closing is None:
        problem = problem or f"Its compatibility {word} is unknown."
    return replace(subject, mode=mode, closing=closing, checkpoint=checkpoint, problem=problem)


def _make_forbidden(error: ForbiddenError) -> LiveSubject:
    """A subject that is there, or may be, and may not be read: never one that is absent."""
    assert error.subject is not None
    words = "; ".join(part for part in (error.message, error.detail, error.fix) if part)
    return LiveSubject(error.subject, None, problem=f"{words}.")
