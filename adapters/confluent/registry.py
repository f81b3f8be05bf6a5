"""The adapter: settings in, port out."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from urllib.parse import urlsplit

from adapters.confluent.deleting import Deleter
from adapters.confluent.dependants import read_dependants
from adapters.confluent.importing import Importer
from adapters.confluent.options import APICURIO_PATH, FIXES, ConfluentOptions, ProductOptions
from adapters.confluent.probing import probe
from adapters.confluent.products import PRODUCTS, Product
from adapters.confluent.reading import ASK_DEFAULT_MODE, Reader
from adapters.confluent.restoring import Restorer
from adapters.confluent.settings import SettingsStore
from adapters.confluent.snapshot import SnapshotReader
from adapters.confluent.topic import check_topic, raise_if_missing, read_topic
from adapters.confluent.topic_options import TopicPlace
from adapters.confluent.writing import Writer
from reconciler.errors import ConfigurationError, OptionProblem, RegistryError
from reconciler.http import HttpClient, Request
from reconciler.http.options import check_options
from reconciler.model import Deletion, LiveState, LiveVersion, Mode, Schema, SettingValue, Verdict
from reconciler.registry import Capabilities, Dependant, EndpointHealth, Health, RegistrySettings

_MISSING = frozenset({400, 401, 403, 404, 405})


class ConfluentRegistry:
    """A registry that speaks Confluent's interface: the port, a verdict of its own, and settings.

    Args:
        settings: with the options of :class:`adapters.confluent.options.ConfluentOptions`, or where the kind names
            another product, of :class:`adapters.confluent.options.ProductOptions`.

    Raises:
        ConfigurationError: the options are not usable. Nothing is asked of the registry yet.
    """

    def __init__(self, settings: RegistrySettings) -> None:
        options, self._product = _check_options(settings)
        self.name: str = settings.name
        self.capabilities: Capabilities = self._product.capabilities
        endpoints = options.make_endpoints(settings.name, settings.root)
        self._has_several = len(endpoints) > 1
        self._url_path = urlsplit(options.url[0]).path
        self._client = HttpClient(endpoints, options.make_client_settings(FIXES), settings.name)
        self._reader = Reader(
            self._client, options.concurrency, options.page_size, has_contexts=self.capabilities.has_contexts
        )
        _raise_if_cannot(self._product, options, settings)
        self._way = {"normalize": "true"} if options.normalize else {}
        self._writer = Writer(self._client, self._reader, settings.name, options.patience, self._way)
        self._restorer = Restorer(self._reader, self._writer, self.capabilities.dialect, settings.name)
        self._deleter = Deleter(self._client, self._reader, self._writer)
        self._settings = SettingsStore(
            self._client,
            self._reader,
            self._writer,
            settings.name,
            concurrency=options.concurrency,
            has_config=len(self.capabilities.settings) > 1,
        )
        self._concurrency = options.concurrency
        self._importer = Importer(self._client, self._reader, self._writer, settings.name, options.concurrency)
        self._connect_timeout = options.connect_timeout
        self._topic = options.make_topic(settings.root)
        self._snapshot = None if self._topic is None else self._make_snapshot(self._topic, options.timeout)

    def check_health(self) -> Health:
        """Read the registry's level, which needs credentials where anything does, and ask who answers.

        Of several addresses each is asked, and the topic if there is one, so that what is down shows.
        """
        started = time.perf_counter()
        self._reader.read_default_mode()
        seconds = time.perf_counter() - started
        product, version = self._read_product()
        asked = self._client.ask_each(ASK_DEFAULT_MODE) if self._has_several else []
        endpoints = [EndpointHealth(one.origin, one.seconds, one.problem) for one in asked]
        if self._topic is not None:
            endpoints.append(self._check_topic(self._topic))
        return Health(product, version, seconds, tuple(endpoints))

    def read_state(
        self, subjects: Collection[str] | None = None, *, modes_of: Collection[str] | None = None
    ) -> LiveState:
        """Read subjects and modes; see the port. What was written by us is read back over REST."""
        source = self._reader if self._snapshot is None or self._writer.has_written else self._snapshot
        return source.read_state(subjects, modes_of)

    def read_history(self, subject: str) -> tuple[LiveVersion, ...]:
        """Read every undeleted version of a subject; see the port."""
        return self._reader.read_history(subject)

    def register_schema(self, subject: str, schema: Schema) -> LiveVersion:
        """Register a schema; see the port."""
        return self._writer.register_schema(subject, schema)

    def set_compatibility(self, subject: str | None, mode: Mode) -> None:
        """Set a mode; see the port."""
        self._writer.set_compatibility(subject, mode)

    def restore_schema(self, subject: str, schema: Schema) -> LiveVersion:
        """Make an older schema the latest again; see the port."""
        return self._restorer.restore_schema(subject, schema)

    def reset_compatibility(self, subject: str) -> None:
        """Take away a subject's mode; see the port."""
        self._settings.reset_compatibility(subject)

    def read_settings(self, subjects: Collection[str | None]) -> dict[str | None, Mapping[str, SettingValue]]:
        """Read settings, two requests a subject; see :class:`reconciler.registry.SettingsKeeper`."""
        source = self._settings if self._snapshot is None or self._writer.has_written else self._snapshot
        return source.read_settings(subjects)

    def set_settings(self, subject: str | None, settings: Mapping[str, SettingValue | None]) -> None:
        """Set settings; see :class:`reconciler.registry.SettingsKeeper`."""
        self._settings.set_settings(subject, settings)

    def delete_versions(self, subject: str, versions: Sequence[int], *, permanent: bool) -> None:
        """Delete versions, one request a version and step; see the port."""
        self._deleter.delete_versions(subject, versions, permanent)

    def delete_subject(self, subject: str, *, permanent: bool) -> None:
        """Delete a subject, one request a step; see the port."""
        self._deleter.delete_subject(subject, permanent)

    def read_dependants(self, subject: str) -> tuple[Dependant, ...]:
        """Read what refers to a subject; see the port."""
        deleted = Deletion.SOFT not in self.capabilities.releasing
        return read_dependants(self._client, self._reader, subject, concurrency=self._concurrency, deleted=deleted)

    def probe(self, subject: str, schema: Schema, mode: Mode) -> Verdict | None:
        """Ask for the server's own verdict; see :class:`reconciler.registry.VerdictProbe`."""
        is_every = self._product.checks_every_version
        return probe(self._client, self._reader, self.name, subject, schema, mode, is_every, self._way)

    def find_version(self, subject: str, schema: Schema) -> int | None:
        """See :meth:`reconciler.registry.IdentityProbe.find_version`; up to three requests."""
        found = self._restorer.find_newest(subject, schema)
        return found.version if found else None

    def read_numbers(self, subjects: Collection[str]) -> dict[str, tuple[int, ...]]:
        """Read all numbers; see :class:`reconciler.registry.NumberKeeper`."""
        return self._importer.read_numbers(subjects)

    def begin_import(self, subject: str) -> None:
        """Set the write mode IMPORT; see :class:`reconciler.registry.VersionImporter`."""
        self._importer.begin_import(subject)

    def import_version(self, subject: str, version: LiveVersion) -> LiveVersion:
        """Register with number and id; see :class:`reconciler.registry.VersionImporter`."""
        return self._importer.import_version(subject, version)

    def find_ids(self, ids: Mapping[str, Collection[int]]) -> dict[tuple[str, int], Schema]:
        """Read schemas by id; see :class:`reconciler.registry.VersionImporter`."""
        return self._importer.find_ids(ids)

    def close(self) -> None:
        """Give back connections."""
        self._client.close()

    def _check_topic(self, place: TopicPlace) -> EndpointHealth:
        started, problem = time.perf_counter(), None
        try:
            check_topic(place, self.name, connect_timeout=self._connect_timeout)
        except (RegistryError, ConfigurationError) as error:
            problem = str(error)
        return EndpointHealth(str(place), time.perf_counter() - started, problem)

    def _make_snapshot(self, place: TopicPlace, timeout: float) -> SnapshotReader:
        raise_if_missing(self.name)
        load = partial(read_topic, place, self.name, connect_timeout=self._connect_timeout, timeout=timeout)
        name = f"topic {place.topic} of {place.brokers}"
        return SnapshotReader(load, self._reader, self._settings, place=name, registry=self.name)

    def _read_product(self) -> tuple[str, str | None]:
        """Tell product and version by whichever server answers; who does not tell is only known as compatible."""
        version = self._read_field("/v1/metadata/version", "version")
        if version is not None:
            return "Confluent Schema Registry", version
        before, apicurio, _ = self._url_path.partition(APICURIO_PATH)
        if apicurio:
            return "Apicurio Registry", self._read_field(f"{before}/apis/registry/v3/system/info", "version", True)
        return self._product.label, None

    def _read_field(self, path: str, field: str, is_below_host: bool = False) -> str | None:
        request = Request("GET", path, accepts=_MISSING, is_below_host=is_below_host, purpose="read the version")
        try:
            response = self._client.send(request)
            content = response.json() if response.status == 200 else None
        except RegistryError:
            # The registry is well, as was just seen; not telling its version is no failure.
            return None
        value = content.get(field) if isinstance(content, dict) else None
        return str(value) if value else None


_Can = Callable[[Product], bool]
_LIMITED: Mapping[str, _Can] = {
    "snapshot": lambda product: product.has_topic,
    "normalize": lambda product: product.normalizes,
}
"""Options that not every product takes."""


def _raise_if_cannot(product: Product, options: ProductOptions, settings: RegistrySettings) -> None:
    for key, can in _LIMITED.items():
        if getattr(options, key) and not can(product):
            kinds = " and ".join(f"`{name}`" for name, one in PRODUCTS.items() if can(one))
            problem = OptionProblem((key,), f"`{key}` is for registries of kind {kinds}")
            message = f"registry {settings.name}: {problem.message}"
            raise ConfigurationError(message, fix=f"take `{key}` out", problems=[problem])


def _check_options(settings: RegistrySettings) -> tuple[ProductOptions, Product]:
    """The options, and the product whose ways the server has."""
    if settings.kind != "confluent" and settings.kind in PRODUCTS:
        return check_options(ProductOptions, settings.name, settings.options), PRODUCTS[settings.kind]
    options = check_options(ConfluentOptions, settings.name, settings.options)
    return options, PRODUCTS[options.choose_product()]
