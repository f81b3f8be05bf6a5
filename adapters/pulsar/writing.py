"""Writing to topics, such that an answer that got lost is looked for before anything is repeated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from adapters._repeating import Got, look_until, write_once
from adapters.pulsar import requests
from adapters.pulsar.connection import Connection
from adapters.pulsar.identity import is_same
from adapters.pulsar.options import PulsarOptions
from adapters.pulsar.payloads import make_payload, number_of, read_schema
from adapters.pulsar.reading import Reader
from adapters.pulsar.strategies import Levels, Strategy
from adapters.pulsar.topics import Namespace, Naming
from reconciler.compatibility.dialects import word_for
from reconciler.errors import (
    NotFoundError,
    RejectedError,
    SchemaError,
    UnexpectedAnswerError,
)
from reconciler.model import Dialect, Format, LiveVersion, Mode, Schema

_LONGEST_WAIT = 1.0


class Writer:
    """Writes through one connection; ``reader`` looks at what became of it."""

    def __init__(
        self, connection: Connection, naming: Naming, reader: Reader, levels: Levels, options: PulsarOptions
    ) -> None:
        self._connection = connection
        self._naming = naming
        self._reader = reader
        self._levels = levels
        self._options = options

    def register_schema(self, subject: str, schema: Schema) -> LiveVersion:
        """See :meth:`reconciler.registry.SchemaRegistry.register_schema`; a topic that is not there is created."""
        row = self._reader.read_row(subject)
        if found := _as_version(row, schema):
            return found
        payload = self.make_payload(subject, schema, row)
        if row is None:
            self.create_topic(subject)
        topic = self._naming.find_topic(subject)

        def post() -> LiveVersion:
            answer = self._connection.send(requests.post_schema(topic, subject, payload)).json()
            version = answer.get("version") if isinstance(answer, dict) else None
            if not isinstance(version, dict) or not isinstance(version.get("version"), int):
                raise UnexpectedAnswerError(
                    "the broker accepted the schema and does not tell its version's number",
                    registry=self._naming.registry,
                    subject=subject,
                    detail=str(answer)[:200],
                )
            return LiveVersion(number_of(version), schema)

        return self._write(post, lambda: _as_version(self._reader.read_row(subject), schema))

    def make_payload(self, subject: str, schema: Schema, row: Mapping[str, Any] | None) -> dict[str, Any]:
        """What is posted for a schema; ``row`` is the topic's latest version.

        Raises:
            RejectedError: Pulsar has no type for it.
        """
        if schema.format is Format.JSON:
            raise self._reject(
                subject,
                "Pulsar has no JSON Schema: what it calls JSON is described in Avro",
                "UNSUPPORTED_FORMAT",
                "write the schema as .avsc, and list the topic in `json_topics` of this registry",
            )
        try:
            return make_payload(schema, row, is_json=self._options.is_json(subject))
        except SchemaError as error:
            rejected = self._reject(subject, "the schema has no descriptors", "SCHEMA_INVALID", error.fix)
            rejected.detail = error.message
            raise rejected from error

    def create_topic(self, subject: str) -> None:
        """Create a topic with the partitions of the options; one that is there stays as it is."""
        request = requests.create_topic(self._naming.find_topic(subject), subject, self._options.partitions)
        # Creating twice does no harm: what is there is refused.
        self._write(lambda: self._connection.send(request), None)

    def set_compatibility(self, subject: str | None, mode: Mode) -> None:
        """Set the strategy of a topic, or with None of the namespace, and read it back."""
        word = word_for(Dialect.PULSAR, mode)
        assert word is not None  # every mode has one
        if subject is None:
            namespace = self._naming.namespace
            if namespace is not None:
                self._set_level(namespace, word)
            return
        request = requests.write_strategy(self._naming.find_topic(subject), subject, word)
        if self._reader.is_absent(self._connection.send(request)):
            # A schema can be there without its topic, as clients leave it that delete the topic alone.
            self.create_topic(subject)
            if self._reader.is_absent(self._connection.send(request)):
                raise NotFoundError("there is no such topic", registry=self._naming.registry, subject=subject)
        self._see(subject, word, lambda: self._reader.read_own_strategy(subject))

    def reset_compatibility(self, subject: str) -> None:
        """Take a topic's strategy away, and see that it is gone; no topic has none."""
        request = requests.delete_strategy(self._naming.find_topic(subject), subject)
        if not self._reader.is_absent(self._connection.send(request)):
            self._see(subject, None, lambda: self._reader.read_own_strategy(subject))

    def delete_subject(self, subject: str, *, is_permanent: bool) -> None:
        """Delete a topic's schema, for good with the topic's strategy; the topic and its messages stay."""
        topic = self._naming.find_topic(subject)
        if is_permanent or self._reader.read_row(subject) is not None:
            request = requests.delete_schema(topic, subject, is_permanent=is_permanent)
            self._write(
                lambda: self._reader.is_absent(self._connection.send(request)),
                lambda: None if self._reader.read_row(subject) else True,
            )
        if is_permanent:
            self.reset_compatibility(subject)

    def _set_level(self, namespace: Namespace, word: str) -> None:
        self._connection.send(requests.write_namespace_strategy(namespace, word))
        self._see(None, word, lambda: self._levels.read_own(namespace))

    def _see(self, subject: str | None, word: str | None, look: Callable[[], Strategy | None]) -> None:
        """Look until a strategy is seen: settings travel by a topic of their own, and unknown words get lost."""
        found: str | None = None

        def is_seen() -> bool | None:
            nonlocal found
            seen = look()
            found = seen.word if seen else None
            return found == word or None

        if look_until(is_seen, self._options.patience, _LONGEST_WAIT):
            return
        raise self._reject(
            subject,
            f"the broker took the strategy {word or 'away'} and has {found or 'none'} now",
            "MODE_DROPPED",
            "run again; `patience` of the registry waits longer, and a broker that does not know the word drops it",
        )

    def _reject(self, subject: str | None, message: str, code: str, fix: str | None) -> RejectedError:
        return RejectedError(message, registry=self._naming.registry, subject=subject, code=code, fix=fix)

    def _write(self, write: Callable[[], Got], look: Callable[[], Got | None] | None) -> Got:
        return write_once(write, look, self._connection.wait_before_repeating)


def _as_version(row: Mapping[str, Any] | None, schema: Schema) -> LiveVersion | None:
    """The latest version, where it holds a schema already."""
    try:
        held = read_schema(row) if row else None
    except SchemaError:
        return None
    return LiveVersion(number_of(row), held) if row and held and is_same(held, schema) else None
