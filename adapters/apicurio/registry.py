"""The adapter of kind ``apicurio``: settings in, port out."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from urllib.parse import urlsplit

from adapters.apicurio.interfaces import find_interface
from adapters.apicurio.options import DEFAULT_GROUP, FIXES, ApicurioOptions
from adapters.apicurio.probing import probe
from adapters.apicurio.reading import COMPATIBILITY, Reader
from adapters.apicurio.settings import SettingsStore
from adapters.apicurio.writing import Writer
from reconciler.http import HttpClient, Request
from reconciler.http.options import check_options
from reconciler.model import LiveState, LiveVersion, Mode, Schema, SettingValue, Verdict
from reconciler.registry import Capabilities, Dependant, Health, RegistrySettings


class ApicurioRegistry:
    """One group of an Apicurio Registry: the port, a verdict of its own, and settings.

    Args:
        settings: with the options of :class:`adapters.apicurio.options.ApicurioOptions`.

    Raises:
        ConfigurationError: the options are not usable. Nothing is asked of the registry yet.
    """

    def __init__(self, settings: RegistrySettings) -> None:
        options = check_options(ApicurioOptions, settings.name, settings.options)
        interface = find_interface(urlsplit(options.url).path)
        self.name: str = settings.name
        self.capabilities: Capabilities = interface.capabilities
        endpoint = options.make_endpoint(settings.name, settings.root)
        self._client = HttpClient(endpoint, options.make_client_settings(FIXES), settings.name)
        self._requests = interface.requests(options.group, DEFAULT_GROUP)
        self._reader = Reader(
            self._client,
            self._requests,
            options.concurrency,
            options.page_size,
            lists_versions=interface.lists_versions,
        )
        self._writer = Writer(self._client, self._requests, self._reader, settings.name)
        self._settings = SettingsStore(
            self._client,
            self._requests,
            self._reader,
            self._writer,
            settings.name,
            has_artifacts="labels" in self.capabilities.settings,
        )

    def check_health(self) -> Health:
        """Ask for the group's level, which needs credentials where anything does, and who answers."""
        started = time.perf_counter()
        self._reader.read_level()
        seconds = time.perf_counter() - started
        told = self._client.send(Request("GET", "/system/info", purpose="read the version")).json()
        version = told.get("version") if isinstance(told, dict) else None
        return Health("Apicurio Registry", str(version) if version else None, seconds)

    def read_state(
        self, subjects: Collection[str] | None = None, *, modes_of: Collection[str] | None = None
    ) -> LiveState:
        """Read subjects and modes; see the port."""
        return self._reader.read_state(subjects, modes_of)

    def read_history(self, subject: str) -> tuple[LiveVersion, ...]:
        """Read every version in use of a subject; see the port."""
        return self._reader.read_history(subject)

    def register_schema(self, subject: str, schema: Schema) -> LiveVersion:
        """Register a schema; see the port."""
        return self._writer.register_schema(subject, schema)

    def set_compatibility(self, subject: str | None, mode: Mode) -> None:
        """Set the rule COMPATIBILITY of an artifact or the group; see the port."""
        self._writer.set_rule(subject, COMPATIBILITY, mode.value)

    def restore_schema(self, subject: str, schema: Schema) -> LiveVersion:
        """Register an older schema anew, which is a new version here; see the port."""
        return self._writer.register_schema(subject, schema)

    def reset_compatibility(self, subject: str) -> None:
        """Take an artifact's rule COMPATIBILITY away; see the port."""
        self._writer.delete_rule(subject, COMPATIBILITY)

    def delete_versions(self, subject: str, versions: Sequence[int], *, permanent: bool) -> None:
        """Delete versions for good; see the port."""
        self._writer.delete_versions(subject, versions)

    def delete_subject(self, subject: str, *, permanent: bool) -> None:
        """Delete an artifact for good; see the port."""
        self._writer.delete_subject(subject)

    def read_dependants(self, subject: str) -> tuple[Dependant, ...]:
        """Read what refers to a subject, one request a version; see the port."""
        found = set()
        for row in self._reader.list_versions(subject):
            used = row.number
            response = self._reader.ask(self._requests.read_referrers(subject, used))
            rows = [] if self._reader.is_absent(response) else response.json()
            found |= {Dependant(each["artifactId"], int(each["version"]), used) for each in rows}
        return tuple(sorted(found))

    def probe(self, subject: str, schema: Schema, mode: Mode) -> Verdict | None:
        """Ask for the registry's own verdict; see :class:`reconciler.registry.VerdictProbe`."""
        judges = self.capabilities.judges
        return probe(self._reader, self._requests, self.name, subject, schema, mode, judges)

    def read_settings(self, subjects: Collection[str | None]) -> dict[str | None, Mapping[str, SettingValue]]:
        """Read settings; see :class:`reconciler.registry.SettingsKeeper`."""
        return self._settings.read_settings(subjects)

    def set_settings(self, subject: str | None, settings: Mapping[str, SettingValue | None]) -> None:
        """Set settings; see :class:`reconciler.registry.SettingsKeeper`."""
        self._settings.set_settings(subject, settings)

    def close(self) -> None:
        """Give back connections."""
        self._client.close()
