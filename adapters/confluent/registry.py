"""The adapter: settings in, port out."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from urllib.parse import urlsplit

from adapters.confluent.deleting import Deleter
from adapters.confluent.dependants import read_dependants
from adapters.confluent.options import APICURIO_PATH, FIXES, ConfluentOptions, ProductOptions
from adapters.confluent.probing import probe
from adapters.confluent.products import PRODUCTS, Product
from adapters.confluent.reading import Reader
from adapters.confluent.restoring import Restorer
from adapters.confluent.writing import Writer
from reconciler.errors import RegistryError
from reconciler.http import HttpClient, Request
from reconciler.http.options import check_options
from reconciler.model import Deletion, LiveState, LiveVersion, Mode, Schema, Verdict
from reconciler.registry import Capabilities, Dependant, Health, RegistrySettings

_MISSING = frozenset({400, 401, 403, 404, 405})


class ConfluentRegistry:
    """A registry that speaks Confluent's interface; satisfies ``SchemaRegistry`` and ``VerdictProbe``.

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
        endpoint = options.make_endpoint(settings.name, settings.root)
        self._url_path = urlsplit(options.url).path
        self._client = HttpClient(endpoint, options.make_client_settings(FIXES), settings.name)
        self._reader = Reader(self._client, options.concurrency, options.page_size)
        self._writer = Writer(self._client, self._reader, settings.name)
        self._restorer = Restorer(self._reader, self._writer, self.capabilities.dialect, settings.name)
        self._deleter = Deleter(self._client, self._reader, self._writer)
        self._concurrency = options.concurrency

    def check_health(self) -> Health:
        """Read the registry's level, which needs credentials where anything does, and ask who answers."""
        started = time.perf_counter()
        self._reader.read_default_mode()
        seconds = time.perf_counter() - started
        product, version = self._read_product()
        return Health(product, version, seconds)

    def read_state(
        self, subjects: Collection[str] | None = None, *, modes_of: Collection[str] | None = None
    ) -> LiveState:
        """Read subjects and modes; see the port."""
        return self._reader.read_state(subjects, modes_of)

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
        self._writer.reset_compatibility(subject)

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
        return probe(self._client, self._reader, self.name, subject, schema, mode, is_every)

    def find_version(self, subject: str, schema: Schema) -> int | None:
        """See :meth:`reconciler.registry.IdentityProbe.find_version`; up to three requests."""
        found = self._restorer.find_newest(subject, schema)
        return found.version if found else None

    def close(self) -> None:
        """Give back connections."""
        self._client.close()

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


def _check_options(settings: RegistrySettings) -> tuple[ProductOptions, Product]:
    """The options, and the product whose ways the server has."""
    if settings.kind != "confluent" and settings.kind in PRODUCTS:
        return check_options(ProductOptions, settings.name, settings.options), PRODUCTS[settings.kind]
    options = check_options(ConfluentOptions, settings.name, settings.options)
    return options, PRODUCTS[options.choose_product()]
