"""From the name of a kind of registry to its adapter: ours imported when first used, others through entry points."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from reconciler.errors import ConfigurationError, OptionProblem
from reconciler.registry import RegistrySettings, SchemaRegistry

ENTRY_POINTS = "schemafed.adapters"
"""The entry point group in which a package offers adapters of its own: name = kind, value = the adapter's class."""


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """Where an adapter of ours is, and the extra that installs what it needs beyond the core."""

    module: str
    name: str
    extra: str | None = None


BUILT_INS: Mapping[str, BuiltIn] = {
    "local": BuiltIn("adapters.local", "LocalRegistry"),
    "confluent": BuiltIn("adapters.confluent", "ConfluentRegistry"),
    "karapace": BuiltIn("adapters.confluent", "ConfluentRegistry"),
    "redpanda": BuiltIn("adapters.confluent", "ConfluentRegistry"),
    "apicurio": BuiltIn("adapters.apicurio", "ApicurioRegistry"),
    "pulsar": BuiltIn("adapters.pulsar", "PulsarRegistry"),
    "glue": BuiltIn("adapters.glue", "GlueRegistry", "glue"),
}


def open_registry(settings: RegistrySettings) -> SchemaRegistry:
    """Make the adapter of a configured registry; nothing is contacted yet.

    Raises:
        ConfigurationError: the kind is unknown, its package is missing, or its settings are not usable.
    """
    built_in = BUILT_INS.get(settings.kind)
    adapter = _import_built_in(settings.kind, built_in) if built_in else _load_entry_point(settings)
    return cast(SchemaRegistry, adapter(settings))  # type: ignore[operator]


def _import_built_in(kind: str, built_in: BuiltIn) -> object:
    try:
        return getattr(import_module(built_in.module), built_in.name)
    except ModuleNotFoundError as error:
        if built_in.extra is None:
            raise
        raise ConfigurationError(
            f"registries of kind `{kind}` need the Python package {error.name}, which is not installed",
            fix=f'install it with `pip install "schemafed[{built_in.extra}]"`',
        ) from error


def _load_entry_point(settings: RegistrySettings) -> object:
    from importlib.metadata import entry_points

    others = {point.name: point for point in entry_points(group=ENTRY_POINTS)}
    if settings.kind in others:
        return others[settings.kind].load()
    kinds = sorted({*BUILT_INS, *others})
    near = difflib.get_close_matches(settings.kind, kinds, 1)
    meant = f"; did you mean `{near[0]}`?" if near else ""
    problem = OptionProblem(("kind",), f"unknown kind `{settings.kind}`{meant}")
    raise ConfigurationError(
        f"registry {settings.name}: {problem.message}",
        fix=f"kinds: {', '.join(kinds)}; a package can add more through the entry point group {ENTRY_POINTS}",
        problems=[problem],
    )
