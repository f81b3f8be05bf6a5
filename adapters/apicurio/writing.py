"""Writing to a group, such that an answer that got lost is looked for before anything is repeated."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from adapters._repeating import Got, write_once
from adapters.apicurio.reading import Reader
from adapters.apicurio.requests import Requests, is_absent
from reconciler.errors import NotFoundError, UnexpectedAnswerError
from reconciler.http import HttpClient, Request, Response
from reconciler.model import Dialect, LiveVersion, Reference, Schema
from reconciler.schemas.resolved import SchemaSet

_ATTEMPTS = 8
"""How often a version is posted while others are quicker."""
_RACES = frozenset({"ArtifactAlreadyExistsException", "VersionAlreadyExistsException"})
"""Names of a 409 that says that somebody else was quicker."""


class Writer:
    """Writes through one client; ``reader`` looks at what became of it."""

    def __init__(self, client: HttpClient, requests: Requests, reader: Reader, registry: str) -> None:
        self._client = client
        self._requests = requests
        self._reader = reader
        self._registry = registry

    def register_schema(self, subject: str, schema: Schema) -> LiveVersion:
        """See :meth:`reconciler.registry.SchemaRegistry.register_schema`.

        The registry makes a new version of a text that an older one has, so this is how it becomes the latest again.
        """
        return self._find_latest(subject, schema) or self._write(
            lambda: self._post(subject, schema), lambda: self._find_written(subject, schema)
        )

    def set_rule(self, subject: str | None, rule: str, value: str) -> None:
        """Set a rule of an artifact, or with None of the group; one that is not there yet is made."""
        is_set = self._client.send(self._requests.write_rule(subject, rule, value, is_new=False))
        if is_set.status == 404 and not is_absent(is_set):
            raise self._client.make_error(is_set)
        if is_set.status != 404:
            return
        made = self._client.send(self._requests.write_rule(subject, rule, value, is_new=True))
        if made.status == 404 and subject is None:
            self._client.send(self._requests.create_group())
            made = self._client.send(self._requests.write_rule(subject, rule, value, is_new=True))
        if made.status == 409:
            # Somebody else was quicker to make it.
            made = self._client.send(self._requests.write_rule(subject, rule, value, is_new=False))
        if made.status >= 400:
            raise self._client.make_error(made)

    def delete_rule(self, subject: str | None, rule: str) -> None:
        """Take a rule away; one that is not there counts as taken."""
        self._reader.is_absent(self._client.send(self._requests.delete_rule(subject, rule)))

    def set_state(self, subject: str, state: str) -> None:
        """Set the state of the latest version; setting it twice does no harm."""
        request = self._requests.write_state(subject, self._reader.find_row(subject).version, state)
        self._write(lambda: self._client.send(request), None)

    def delete_versions(self, subject: str, versions: Sequence[int]) -> None:
        """See :meth:`reconciler.registry.SchemaRegistry.delete_versions`."""
        for version in sorted(versions, reverse=True):
            self._delete(self._requests.delete_version(subject, version))

    def delete_subject(self, subject: str) -> None:
        """See :meth:`reconciler.registry.SchemaRegistry.delete_subject`."""
        self._delete(self._requests.delete(subject))

    def _delete(self, request: Request) -> None:
        def send() -> bool:
            self._reader.is_absent(self._client.send(request))
            return True

        # Deleting twice does no harm: what is gone is absent.
        self._write(send, None)

    def _post(self, subject: str, schema: Schema) -> LiveVersion:
        """Add a version, or make the artifact with it; whoever else is quicker goes first."""
        for _ in range(_ATTEMPTS):
            added = self._client.send(self._requests.add_version(subject, schema))
            if added.status < 300:
                return self._make_version(added, added.json(), schema)
            if added.status == 404 and not is_absent(added):
                raise self._client.make_error(added)
            if added.status == 404:
                created = self._client.send(self._requests.create(subject, schema))
                if created.status < 300:
                    return self._make_version(created, _find_version(created.json()), schema)
                added = created
            if _read_name(added) not in _RACES:
                break
        raise self._client.make_error(added)

    def _make_version(self, response: Response, row: object, schema: Schema) -> LiveVersion:
        number = row.get("version") if isinstance(row, dict) else None
        if not isinstance(row, dict) or not str(number).isdecimal():
            raise UnexpectedAnswerError(
                "the registry accepted the schema and does not tell its version's number",
                registry=self._registry,
                subject=response.request.subject if response.request else None,
                detail=response.body[:200].decode("utf-8", "replace"),
            )
        return LiveVersion(int(str(number)), schema, row.get("globalId"))

    def _find_latest(self, subject: str, schema: Schema) -> LiveVersion | None:
        """The latest version, where it holds a schema already."""
        latest = self._reader.read_latest(subject)
        return latest if latest and self._is_same(latest.schema, schema) else None

    def _find_written(self, subject: str, schema: Schema) -> LiveVersion | None:
        try:
            return self._find_latest(subject, schema)
        except NotFoundError:
            return None

    def _is_same(self, one: Schema, other: Schema) -> bool:
        if set(one.references) != set(other.references):
            return False
        return SchemaSet(self._read_referenced).is_same(one, other, Dialect.APICURIO)

    def _read_referenced(self, reference: Reference) -> Schema | None:
        versions = self._reader.read_history(reference.subject)
        return next((v.schema for v in versions if v.version == reference.version), None)

    def _write(self, write: Callable[[], Got], look: Callable[[], Got | None] | None) -> Got:
        return write_once(write, look, self._client.wait_before_repeating)


def _find_version(content: object) -> object:
    """The version in what is said of a new artifact, which in v2 is said of both at once."""
    version = content.get("version") if isinstance(content, dict) else None
    return version if isinstance(version, dict) else content


def _read_name(response: Response) -> str | None:
    """The name of an error, which tells refusals of one status apart."""
    content = response.json()
    name = content.get("name") if isinstance(content, dict) else None
    return str(name) if name else None
