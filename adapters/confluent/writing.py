"""Writing to a registry, such that an answer that got lost is looked for before anything is repeated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from adapters.confluent.reading import Reader
from adapters.confluent.wire import make_body, make_plain_metadata
from reconciler.errors import (
    OutcomeUnknownError,
    RegistryError,
    RejectedError,
    ThrottledError,
    UnexpectedAnswerError,
    UnreachableError,
)
from reconciler.http import HttpClient, Request, Response, make_path
from reconciler.model import LiveVersion, Mode, Schema

CONTENT_TYPE = {"Content-Type": "application/vnd.schemaregistry.v1+json"}

Result = TypeVar("Result")


class Writer:
    """Writes through one client; ``reader`` looks at what became of it."""

    def __init__(self, client: HttpClient, reader: Reader, registry: str) -> None:
        self._client = client
        self._reader = reader
        self._registry = registry

    def register_schema(self, subject: str, schema: Schema) -> LiveVersion:
        """See :meth:`reconciler.registry.SchemaRegistry.register_schema`."""
        version = self.write(
            make_registration(subject, schema),
            lambda answer: self._find_version(subject, schema, read_object(answer)),
            lambda: self.look_up(subject, schema),
        )
        self._raise_if_metadata_dropped(subject, schema, version)
        return version

    def set_compatibility(self, subject: str | None, mode: Mode) -> None:
        """See :meth:`reconciler.registry.SchemaRegistry.set_compatibility`."""
        request = Request(
            "PUT",
            "/config" if subject is None else make_path("config", subject),
            body=b'{"compatibility": "%s"}' % mode.value.encode(),
            headers=CONTENT_TYPE,
            is_write=True,
            subject=subject,
            purpose=f"set the compatibility mode to {mode}",
        )
        self.write(request, read_object, lambda: {} if self._read_mode(subject) is mode else None)

    def reset_compatibility(self, subject: str) -> None:
        """See :meth:`reconciler.registry.SchemaRegistry.reset_compatibility`."""
        request = Request(
            "DELETE",
            make_path("config", subject),
            is_write=True,
            accepts=frozenset({404}),
            subject=subject,
            purpose="take away the compatibility mode",
        )

        def is_reset() -> bool | None:
            return True if self._read_mode(subject) is None else None

        # That there is none to take away (404 with a code of its own) is as well as having taken it away.
        self.write(request, lambda answer: self._reader.is_absent(answer) or read_object(answer), is_reset)

    def look_up(self, subject: str, schema: Schema) -> LiveVersion | None:
        """Find the version under which the registry has a schema; None where it does not have it."""
        request = Request(
            "POST",
            make_path("subjects", subject),
            body=make_body(schema),
            headers=CONTENT_TYPE,
            accepts=frozenset({404}),
            subject=subject,
            purpose="look up the schema",
        )
        response = self._reader.ask(request)
        if self._reader.is_absent(response):
            return None
        found = response.json()
        number = found.get("version") if isinstance(found, dict) else None
        if not isinstance(number, int):
            raise UnexpectedAnswerError(
                "the registry has the schema and does not tell its version",
                registry=self._registry,
                subject=subject,
                detail=response.body[:200].decode("utf-8", "replace"),
            )
        return LiveVersion(number, schema, found.get("id"))

    def write(self, request: Request, read: Callable[[Response], Result], look: Callable[[], Result | None]) -> Result:
        """Write once; where it is not known what came of it, look, and write again only what is not there.

        ``read`` makes the result of the answer, ``look`` finds it in the registry.

        Raises:
            OutcomeUnknownError: looking did not tell either.
        """
        attempt = 0
        while True:
            attempt += 1
            try:
                return read(self._client.send(request))
            except OutcomeUnknownError as lost:
                found = self._look(look, lost)
                if found is not None:
                    return found
                if not self._client.wait_before_repeating(attempt):
                    raise _make_undone(lost) from lost

    def _look(self, look: Callable[[], Result | None], lost: OutcomeUnknownError) -> Result | None:
        try:
            return look()
        except (UnreachableError, UnexpectedAnswerError, ThrottledError) as blind:
            raise OutcomeUnknownError(
                f"{lost.message}; whether it was done could not be looked up",
                registry=lost.registry,
                subject=lost.subject,
                status=lost.status,
                code=lost.code,
                detail=f"{lost.detail}; then: {blind.message}",
                fix="run again when the registry answers: what was done is found, what was not is done",
            ) from blind

    def _find_version(self, subject: str, schema: Schema, answer: dict[str, Any]) -> LiveVersion:
        """Complete the answer to registering: Confluent 7 and others tell the id only."""
        number, identity = answer.get("version"), answer.get("id")
        if isinstance(number, int) and number > 0:
            return LiveVersion(number, schema, identity)
        found = self.look_up(subject, schema)
        if found is not None:
            return found
        latest = self._reader.read_version(subject, "latest")
        if latest is not None and identity is not None and latest.id == identity:
            return LiveVersion(latest.version, schema, identity)
        raise UnexpectedAnswerError(
            "the registry accepted the schema and does not find it again",
            registry=self._registry,
            subject=subject,
            detail=f"id {identity}",
            fix="look at the subject in the registry, then run again",
        )

    def _raise_if_metadata_dropped(self, subject: str, schema: Schema, version: LiveVersion) -> None:
        expected = make_plain_metadata(schema.metadata)
        if not expected:
            return
        stored = self._reader.read_version(subject, version.version)
        if make_plain_metadata(stored.schema.metadata if stored else None) != expected:
            raise RejectedError(
                f"version {version.version} is registered, but the registry did not keep its metadata",
                registry=self._registry,
                subject=subject,
                code="METADATA_DROPPED",
                fix="remove `metadata` from the sidecar: this server does not store it",
            )

    def _read_mode(self, subject: str | None) -> Mode | None:
        return self._reader.read_default_mode() if subject is None else self._reader.read_mode(subject)


def make_registration(subject: str, schema: Schema, version: int | None = None) -> Request:
    """Ask for a schema to be registered; ``version`` is the number that it must get."""
    return Request(
        "POST",
        make_path("subjects", subject, "versions"),
        body=make_body(schema, version),
        headers=CONTENT_TYPE,
        is_write=True,
        subject=subject,
        purpose="register the schema" if version is None else f"register the schema as version {version}",
    )


def read_object(response: Response) -> dict[str, Any]:
    """Parse the answer to a write that is an object; raises as :func:`read_answer`."""
    content: dict[str, Any] = read_answer(response, dict)
    return content


def read_answer(response: Response, *kinds: type) -> Any:
    """Parse the answer to a write; one that is not the registry's leaves open whether the write reached it.

    Raises:
        OutcomeUnknownError: it is none of ``kinds``.
    """
    try:
        content = response.json()
    except UnexpectedAnswerError as error:
        raise _make_unknown(error, error.detail) from error
    if not isinstance(content, kinds):
        unexpected = UnexpectedAnswerError("the answer is not what this interface has", registry=response.registry)
        raise _make_unknown(unexpected, response.body[:200].decode("utf-8", "replace"))
    return content


def _make_unknown(error: RegistryError, detail: str | None) -> OutcomeUnknownError:
    return OutcomeUnknownError(
        error.message,
        registry=error.registry,
        subject=error.subject,
        status=error.status,
        detail=detail,
        fix=error.fix,
    )


def _make_undone(lost: OutcomeUnknownError) -> RegistryError:
    """What a lost write is once it is known not to have happened."""
    kind = UnreachableError if lost.status is None else UnexpectedAnswerError
    return kind(
        f"{lost.message}; it was looked up and was not done",
        registry=lost.registry,
        subject=lost.subject,
        status=lost.status,
        code=lost.code,
        detail=lost.detail,
        fix=lost.fix,
    )
