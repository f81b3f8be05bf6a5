"""Writing to a registry, such that an answer that got lost is looked for before anything is repeated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeGuard

from adapters._repeating import Got, look_until, write_once
from adapters.confluent.reading import Reader
from adapters.confluent.wire import make_body, make_plain_metadata, make_plain_rules
from reconciler.errors import OutcomeUnknownError, RegistryError, RejectedError, UnexpectedAnswerError
from reconciler.http import HttpClient, Request, Response, make_path
from reconciler.model import Format, LiveVersion, Mode, Schema
from reconciler.registry import DROPPED

_PLAIN: Mapping[str, str] = {}
_LONGEST_WAIT = 1.0
CONTENT_TYPE = {"Content-Type": "application/vnd.schemaregistry.v1+json"}


class Writer:
    """Writes through one client; ``reader`` looks at what became of it. ``has_written``: something was sent already.

    Args:
        registry: its name, for errors.
        patience: seconds until what was written must be read back: the node that answers may not have it yet.
        way: parameters of every request that sends a schema to be registered or looked up.
    """

    def __init__(
        self, client: HttpClient, reader: Reader, registry: str, patience: float, way: Mapping[str, str] = _PLAIN
    ) -> None:
        self._client = client
        self._reader = reader
        self._registry = registry
        self._patience = patience
        self.way = way
        self.has_written = False

    def register_schema(self, subject: str, schema: Schema) -> LiveVersion:
        """See :meth:`reconciler.registry.SchemaRegistry.register_schema`."""
        version = self.write(
            make_registration(subject, schema, way=self.way),
            lambda answer: self._find_version(subject, schema, read_object(answer)),
            lambda: self.look_up(subject, schema),
        )
        self.raise_if_dropped(subject, schema, version)
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
            self.way,
            make_body(schema),
            CONTENT_TYPE,
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
        return LiveVersion(number, as_stored(schema, found), found.get("id"))

    def write(self, request: Request, read: Callable[[Response], Got], look: Callable[[], Got | None]) -> Got:
        """Write once; where it is not known what came of it, look, and write again only what is not there.

        ``read`` makes the result of the answer, ``look`` finds it in the registry; see
        :func:`adapters._repeating.write_once` for what is raised.
        """
        self.has_written = True
        return write_once(lambda: read(self._client.send(request)), look, self._client.wait_before_repeating)

    def look_until_seen(self, look: Callable[[], Got | None]) -> Got | None:
        """Look at once, and where nothing is seen again and again for as long as the options' patience lasts."""
        return look_until(look, self._patience, _LONGEST_WAIT)

    def _find_version(self, subject: str, schema: Schema, answer: dict[str, Any]) -> LiveVersion:
        """Complete the answer to registering: Confluent 7 and others tell the id only."""
        number, identity = answer.get("version"), answer.get("id")
        if is_number(number):
            return LiveVersion(number, as_stored(schema, answer), identity)

        def look() -> LiveVersion | None:
            found = self.look_up(subject, schema)
            if found is not None:
                return found
            latest = self._reader.read_version(subject, "latest")
            is_it = latest is not None and identity is not None and latest.id == identity
            return LiveVersion(latest.version, schema, identity) if latest and is_it else None

        return self._look_for_registered(subject, identity, look)

    def raise_if_dropped(self, subject: str, schema: Schema, version: LiveVersion) -> None:
        """Read a version back whose metadata or rules a server may have dropped silently.

        A version that is there does not change any more, so that only one that is not there yet is waited for; under
        its number there may be another one that was deleted.
        """
        expected = (make_plain_metadata(schema.metadata), make_plain_rules(schema.rules))
        if not any(expected):
            return

        def look() -> LiveVersion | None:
            found = self._reader.read_version(subject, version.version)
            return found if found is not None and version.id in {None, found.id} else None

        stored = self._look_for_registered(subject, version.id, look).schema
        kept = (make_plain_metadata(stored.metadata), make_plain_rules(stored.rules))
        for (name, code), wanted, got in zip(DROPPED.items(), expected, kept, strict=True):
            if wanted and got != wanted:
                raise RejectedError(
                    f"version {version.version} is registered, but the registry did not keep its {name}",
                    registry=self._registry,
                    subject=subject,
                    code=code,
                    fix=f"remove `{name}` from the sidecar: this server does not store it",
                )

    def _look_for_registered(
        self, subject: str, identity: int | None, look: Callable[[], LiveVersion | None]
    ) -> LiveVersion:
        found = self.look_until_seen(look)
        if found is None:
            raise UnexpectedAnswerError(
                f"the registry accepted the schema and does not find it again within {self._patience:g} seconds",
                registry=self._registry,
                subject=subject,
                detail=f"id {identity}",
                fix="look at the subject in the registry, then run again; `patience` of the registry waits longer",
            )
        return found

    def _read_mode(self, subject: str | None) -> Mode | None:
        return self._reader.read_default_mode() if subject is None else self._reader.read_mode(subject)


def make_registration(
    subject: str,
    schema: Schema,
    version: int | None = None,
    identity: int | None = None,
    way: Mapping[str, str] = _PLAIN,
) -> Request:
    """Ask for a schema to be registered; ``version`` is the number that it must get, ``identity`` the id."""
    return Request(
        "POST",
        make_path("subjects", subject, "versions"),
        way,
        body=make_body(schema, version, identity),
        headers=CONTENT_TYPE,
        is_write=True,
        subject=subject,
        purpose="register the schema" if version is None else f"register the schema as version {version}",
    )


def is_number(value: object) -> TypeGuard[int]:
    """Whether an answer tells a version's number."""
    return isinstance(value, int) and value > 0


def as_stored(schema: Schema, answer: Mapping[str, Any]) -> Schema:
    """The schema with the text that an answer says is stored, where that has another identity than what was sent.

    White space is none of it. Avro is written anew by every server, which changes nothing that counts.
    """
    text = answer.get("schema")
    if schema.format is Format.AVRO or not isinstance(text, str) or text.split() == schema.definition.split():
        return schema
    return replace(schema, definition=text)


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
