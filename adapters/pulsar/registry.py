"""The adapter of kind ``pulsar``: settings in, port out."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence

from adapters.pulsar import requests
from adapters.pulsar.connection import Connection
from adapters.pulsar.identity import is_same_for_broker
from adapters.pulsar.options import FIXES, PulsarOptions
from adapters.pulsar.probing import probe
from adapters.pulsar.reading import Reader
from adapters.pulsar.strategies import Levels
from adapters.pulsar.topics import FULL_RULE, TOPIC_RULE, Naming, make_namespace
from adapters.pulsar.writing import Writer
from reconciler.http import HttpClient
from reconciler.http.options import check_options
from reconciler.model import Deletion, Dialect, Format, LiveState, LiveVersion, Mode, Schema, Verdict
from reconciler.registry import Capabilities, Dependant, Health, RegistrySettings, RestoreWay

_MAX_BYTES = 5_000_000
"""A little less than the 5 MiB of an entry of the bookies (``nettyMaxFrameSizeBytes``)."""


class PulsarRegistry:
    """The schemas of a Pulsar cluster's topics: the port, a verdict and an identity of its own.

    Args:
        settings: with the options of :class:`adapters.pulsar.options.PulsarOptions`.

    Raises:
        ConfigurationError: the options are not usable. Nothing is asked of the cluster yet.
    """

    def __init__(self, settings: RegistrySettings) -> None:
        options = check_options(PulsarOptions, settings.name, settings.options)
        self.name: str = settings.name
        self.capabilities = _make_capabilities(has_namespace=options.namespace is not None)
        endpoint = options.make_endpoint(settings.name, settings.root)
        client = HttpClient(endpoint, options.make_client_settings(FIXES), settings.name)
        self._connection = Connection(client, options.concurrency)
        self._naming = Naming(make_namespace(options.namespace), settings.name)
        self._levels = Levels(self._connection, options.broker_compatibility)
        self._reader = Reader(self._connection, self._naming, self._levels, options)
        self._writer = Writer(self._connection, self._naming, self._reader, self._levels, options)

    def check_health(self) -> Health:
        """Read what a namespace demands, or the list of tenants, which needs credentials; and the server's version."""
        started = time.perf_counter()
        self._reader.read_sign_of_life()
        seconds = time.perf_counter() - started
        told = self._connection.send(requests.read_server_version()).body.decode("utf-8", "replace").strip()
        return Health("Apache Pulsar", told or None, seconds)

    def read_state(
        self, subjects: Collection[str] | None = None, *, modes_of: Collection[str] | None = None
    ) -> LiveState:
        """Read topics' schemas and strategies, one request each; see the port."""
        return self._reader.read_state(subjects, modes_of)

    def read_history(self, subject: str) -> tuple[LiveVersion, ...]:
        """Read every version of a topic's schema; see the port."""
        return self._reader.read_history(subject)

    def register_schema(self, subject: str, schema: Schema) -> LiveVersion:
        """Register a schema, of a topic that is created where it is not there; see the port."""
        return self._writer.register_schema(subject, schema)

    def set_compatibility(self, subject: str | None, mode: Mode) -> None:
        """Set the strategy of a topic or of the namespace; see the port."""
        self._writer.set_compatibility(subject, mode)

    def restore_schema(self, subject: str, schema: Schema) -> LiveVersion:
        """Register; never called, since the broker answers a known schema with its old version."""
        return self._writer.register_schema(subject, schema)

    def reset_compatibility(self, subject: str) -> None:
        """Take a topic's strategy away; see the port."""
        self._writer.reset_compatibility(subject)

    def delete_versions(self, subject: str, versions: Sequence[int], *, permanent: bool) -> None:
        """Do nothing: the broker deletes whole schemas only; never called."""

    def delete_subject(self, subject: str, *, permanent: bool) -> None:
        """Delete a topic's schema by a tombstone, or with all that was stored; see the port."""
        self._writer.delete_subject(subject, is_permanent=permanent)

    def read_dependants(self, subject: str) -> tuple[Dependant, ...]:
        """None: schemas do not refer to each other here."""
        return ()

    def probe(self, subject: str, schema: Schema, mode: Mode) -> Verdict | None:
        """Ask for the broker's own verdict; see :class:`reconciler.registry.VerdictProbe`."""
        topic, row = self._naming.find_topic(subject), self._reader.read_row(subject)
        payload = self._writer.make_payload(subject, schema, row)
        return probe(self._connection, self.name, topic, subject, payload, mode)

    def find_version(self, subject: str, schema: Schema) -> int | None:
        """Which version the broker takes for the same; see :class:`reconciler.registry.IdentityProbe`.

        The broker itself tells it only of texts that are equal byte by byte, and registers by other rules.
        """
        history = self._reader.read_history(subject)
        return next((version.version for version in history if is_same_for_broker(version.schema, schema)), None)

    def close(self) -> None:
        """Give back connections."""
        self._connection.close()


def _make_capabilities(*, has_namespace: bool) -> Capabilities:
    return Capabilities(
        formats=frozenset({Format.AVRO, Format.PROTOBUF}),
        references=frozenset(),
        judges=frozenset({Format.AVRO}),
        dialect=Dialect.PULSAR,
        deletion=frozenset({Deletion.SOFT, Deletion.HARD}),
        deletes_versions=False,
        restore=RestoreWay.NONE,
        resets_modes=True,
        modes_need_subject=True,
        has_level=has_namespace,
        names=TOPIC_RULE if has_namespace else FULL_RULE,
        max_bytes=_MAX_BYTES,
    )
