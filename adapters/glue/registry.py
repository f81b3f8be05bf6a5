"""The adapter of kind ``glue``: settings in, port out."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Mapping, Sequence
from functools import partial

from adapters.glue.calls import Calls
from adapters.glue.options import GlueOptions
from adapters.glue.quick import QuickReads
from adapters.glue.reading import Reader
from adapters.glue.session import connect
from adapters.glue.settings import SETTINGS, SettingsStore
from adapters.glue.writing import Writer
from reconciler.http.options import check_options
from reconciler.model import Deletion, Dialect, Format, LiveState, LiveVersion, Mode, Schema, SettingValue
from reconciler.registry import Capabilities, Dependant, Health, NameRule, RegistrySettings, RestoreWay

_FORMATS = frozenset({Format.AVRO, Format.JSON, Format.PROTOBUF})


class GlueRegistry:
    """One registry of AWS Glue: the port, and settings of schemas.

    Args:
        settings: with the options of :class:`adapters.glue.options.GlueOptions`.

    Raises:
        ConfigurationError: the options are not usable. Nothing is asked of AWS yet.
    """

    capabilities = Capabilities(
        formats=_FORMATS,
        references=frozenset(),
        judges=_FORMATS,
        dialect=Dialect.GLUE,
        deletion=frozenset({Deletion.HARD}),
        restore=RestoreWay.DELETE_NEWER,
        settings=SETTINGS,
        modes_need_subject=True,
        has_level=False,
        # API reference, "SchemaName" and "SchemaDefinition".
        names=NameRule(re.compile(r"[a-zA-Z0-9_$#.-]{1,255}"), "up to 255 of the letters a to z, digits and `_$#.-`"),
        max_bytes=170_000,
    )

    def __init__(self, settings: RegistrySettings) -> None:
        options = check_options(GlueOptions, settings.name, settings.options)
        self.name: str = settings.name
        self._registry = options.registry
        self._calls = Calls(
            partial(connect, options, settings.name, settings.root),
            QuickReads(options, settings.root),
            settings.name,
            options.registry,
            concurrency=options.concurrency,
            per_second=options.requests_per_second,
        )
        self._reader = Reader(self._calls)
        self._writer = Writer(self._calls, self._reader, options.default_compatibility, options.patience)
        self._settings = SettingsStore(self._calls, self._reader, self._writer)

    def check_health(self) -> Health:
        """Ask for the registry by its name, which needs credentials and the registry."""
        started = time.perf_counter()
        self._calls.call("get_registry", f"find the registry {self._registry}", RegistryId=self._calls.registry_id)
        return Health("AWS Glue Schema Registry", None, time.perf_counter() - started)

    def read_state(
        self, subjects: Collection[str] | None = None, *, modes_of: Collection[str] | None = None
    ) -> LiveState:
        """Read subjects and modes, one or two requests each; see the port."""
        return self._reader.read_state(subjects, modes_of)

    def read_history(self, subject: str) -> tuple[LiveVersion, ...]:
        """Read every available version of a subject; see the port."""
        return self._reader.read_history(subject)

    def register_schema(self, subject: str, schema: Schema) -> LiveVersion:
        """Register a schema and wait until it is available; see the port."""
        return self._writer.register_schema(subject, schema)

    def set_compatibility(self, subject: str | None, mode: Mode) -> None:
        """Set a schema's mode; the registry itself has none; see the port."""
        if subject is not None:
            self._writer.set_compatibility(subject, mode)

    def restore_schema(self, subject: str, schema: Schema) -> LiveVersion:
        """Register; never called, since an older schema is not made the latest again by registering it."""
        return self._writer.register_schema(subject, schema)

    def reset_compatibility(self, subject: str) -> None:
        """Do nothing: every schema has a mode of its own; never called."""

    def delete_versions(self, subject: str, versions: Sequence[int], *, permanent: bool) -> None:
        """Delete versions for good and wait until they are gone; see the port."""
        self._writer.delete_versions(subject, versions)

    def delete_subject(self, subject: str, *, permanent: bool) -> None:
        """Delete a schema for good and wait until it is gone; see the port."""
        self._writer.delete_subject(subject)

    def read_dependants(self, subject: str) -> tuple[Dependant, ...]:
        """None: schemas do not refer to each other here."""
        return ()

    def read_settings(self, subjects: Collection[str | None]) -> dict[str | None, Mapping[str, SettingValue]]:
        """Read settings; see :class:`reconciler.registry.SettingsKeeper`."""
        return self._settings.read_settings(subjects)

    def set_settings(self, subject: str | None, settings: Mapping[str, SettingValue | None]) -> None:
        """Set settings; see :class:`reconciler.registry.SettingsKeeper`."""
        self._settings.set_settings(subject, settings)

    def close(self) -> None:
        """Give back connections."""
        self._calls.close()
