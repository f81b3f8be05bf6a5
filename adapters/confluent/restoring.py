"""Making an older schema the latest again: it is posted anew, with the number that the next version has.

Without a number, a registry answers a schema that it knows with its old version and changes nothing.
"""

from __future__ import annotations

from dataclasses import replace

from adapters.confluent.contexts import find_context
from adapters.confluent.reading import Reader
from adapters.confluent.wire import make_plain_metadata, make_plain_rules
from adapters.confluent.writing import Writer, as_stored, is_number, make_registration, read_object
from reconciler.errors import RejectedError
from reconciler.http import Response
from reconciler.model import Dialect, LiveVersion, Reference, Schema
from reconciler.schemas.resolved import SchemaSet


class Restorer:
    """Restores through one writer.

    Args:
        dialect: whose rules say that two texts are the same schema.
        registry: its name, for errors.
    """

    def __init__(self, reader: Reader, writer: Writer, dialect: Dialect, registry: str) -> None:
        self._reader = reader
        self._writer = writer
        self._dialect = dialect
        self._registry = registry

    def restore_schema(self, subject: str, schema: Schema) -> LiveVersion:
        """See :meth:`reconciler.registry.SchemaRegistry.restore_schema`."""
        latest = self._find(subject, schema, "latest") or self._find_latest_by_server(subject, schema)
        if latest is not None:
            return latest
        number = self._read_next_number(subject)
        try:
            return self._post(subject, schema, number)
        except RejectedError:
            again = self._read_next_number(subject)
            if again == number:
                raise
            return self._find(subject, schema, "latest") or self._post(subject, schema, again)

    def find_newest(self, subject: str, schema: Schema) -> LiveVersion | None:
        """Find the newest version that holds a schema by the registry's own rules; None where none does.

        Asked for a schema, a registry may answer with the first version that holds it though a restored one does too.
        """
        known = self._writer.look_up(subject, schema)
        latest = self._reader.read_version(subject, "latest") if known else None
        if known is None or latest is None or latest.version <= known.version:
            return known
        first = self._reader.read_version(subject, known.version)
        return latest if first is not None and self._is_same(subject, latest.schema, first.schema) else known

    def _find_latest_by_server(self, subject: str, schema: Schema) -> LiveVersion | None:
        newest = self.find_newest(subject, schema)
        is_latest = newest is not None and newest.version == max(self._reader.read_numbers(subject), default=0)
        return newest if is_latest else None

    def _post(self, subject: str, schema: Schema, number: int) -> LiveVersion:
        def look() -> LiveVersion | None:
            return self._find_restored(subject, schema, number)

        def confirm(response: Response) -> LiveVersion:
            answer = read_object(response)
            if answer.get("version") == number:
                return LiveVersion(number, as_stored(schema, answer), answer.get("id"))
            # Where the answer tells no number, a node that does not have the version yet must not pass for a refusal.
            found = look() if is_number(answer.get("version")) else self._writer.look_until_seen(look)
            if found is None:
                raise self._make_refusal(subject, number)
            return found

        request = make_registration(subject, schema, number, way=self._writer.way)
        return self._writer.write(request, confirm, look)

    def _find_restored(self, subject: str, schema: Schema, number: int) -> LiveVersion | None:
        """Find a schema under its new number, by our idea of what is the same or else by the server's, which may have
        stored it in a normal form of its own.
        """
        found = self._reader.read_version(subject, number)
        if found is None or self._is_same(subject, found.schema, schema):
            return found
        newest = self.find_newest(subject, schema)
        return newest if newest is not None and newest.version == number else None

    def _read_next_number(self, subject: str) -> int:
        return max(self._reader.read_numbers(subject, deleted=True), default=0) + 1

    def _find(self, subject: str, schema: Schema, version: int | str) -> LiveVersion | None:
        """Read a version and tell whether it holds a schema; None where it does not."""
        found = self._reader.read_version(subject, version)
        return found if found is not None and self._is_same(subject, found.schema, schema) else None

    def _is_same(self, subject: str, one: Schema, other: Schema) -> bool:
        if sorted(one.references, key=str) != sorted(other.references, key=str):
            return False
        if other.metadata is not None and make_plain_metadata(one.metadata) != make_plain_metadata(other.metadata):
            return False
        if other.rules is not None and make_plain_rules(one.rules) != make_plain_rules(other.rules):
            return False
        schemas = SchemaSet(lambda reference: self._read_referenced(subject, reference))
        return schemas.is_same(one, other, self._dialect)

    def _read_referenced(self, parent: str, reference: Reference) -> Schema | None:
        """Read what a reference means; without a context of its own it is in that of the subject that has it."""
        is_whole = reference.subject.startswith(":")
        subject = reference.subject if is_whole else find_context(parent) + reference.subject
        found = self._reader.read_version(subject, "latest" if reference.version is None else reference.version)
        return replace(found.schema, metadata=None) if found else None

    def _make_refusal(self, subject: str, number: int) -> RejectedError:
        return RejectedError(
            f"the registry was asked to take an older schema as version {number}; it answered with the old version and"
            " changed nothing",
            registry=self._registry,
            subject=subject,
            fix="say which product this is by `dialect` of the registry, so that newer versions are deleted instead",
        )
