"""The adapter: settings in, port out."""

from __future__ import annotations

import time
from collections.abc import Collection
from urllib.parse import urlsplit

from adapters.confluent.options import FIXES, ConfluentOptions
from adapters.confluent.probing import probe
from adapters.confluent.reading import Reader
from adapters.confluent.writing import Writer
from reconciler.errors import RegistryError
from reconciler.http import HttpClient, Request
from reconciler.http.options import check_options
from reconciler.model import Dialect, Format, LiveState, LiveVersion, Mode, Schema, Verdict
from reconciler.registry import Capabilities, Health, RegistrySettings

CAPABILITIES = Capabilities(
    formats=frozenset(Format),
    modes=frozenset(Mode),
    native_modes=True,
    references=frozenset(Format),
    judges=frozenset(Format),
    metadata=True,
    dialect=Dialect.CONFLUENT,
    requires_own_verdict=False,
    concurrent_writes=4,
)

_APICURIO_PATH = "/apis/ccompat/"
_MISSING = frozenset({400, 401, 403, 404, 405})


class ConfluentRegistry:
    """A registry that speaks Confluent's interface; satisfies ``SchemaRegistry`` and ``VerdictProbe``.

    Args:
        settings: with the options of :class:`adapters.confluent.options.ConfluentOptions`.

    Raises:
        ConfigurationError: the options are not usable. Nothing is asked of the registry yet.
    """

    capabilities: Capabilities = CAPABILITIES

    def __init__(self, settings: RegistrySettings) -> None:
        options = check_options(ConfluentOptions, settings.name, settings.options)
        self.name: str = settings.name
        endpoint = options.make_endpoint(settings.root)
        self._url_path = urlsplit(options.url).path
        self._client = HttpClient(endpoint, options.make_client_settings(FIXES), settings.name)
        self._reader = Reader(self._client, options.concurrency, options.page_size)
        self._writer = Writer(self._client, self._reader, settings.name)

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

    def probe(self, subject: str, schema: Schema, mode: Mode) -> Verdict | None:
        """Ask for the server's own verdict; see :class:`reconciler.registry.VerdictProbe`."""
        return probe(self._client, self._reader, self.name, subject, schema, mode)

    def find_version(self, subject: str, schema: Schema) -> int | None:
        """See :meth:`reconciler.registry.IdentityProbe.find_version`; one request."""
        found = self._writer.look_up(subject, schema)
        return found.version if found else None

    def close(self) -> None:
        """Give back connections."""
        self._client.close()

    def _read_product(self) -> tuple[str, str | None]:
        """Tell product and version by whichever server answers; who does not tell is only known as compatible."""
        version = self._read_field("/v1/metadata/version", "version")
        if version is not None:
            return "Confluent Schema Registry", version
        before, apicurio, _ = self._url_path.partition(_APICURIO_PATH)
        if apicurio:
            return "Apicurio Registry", self._read_field(f"{before}/apis/registry/v3/system/info", "version", True)
        return "Confluent-compatible registry", None

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
