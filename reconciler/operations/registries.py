"""``registries``: the configured ones, whether they answer, and what they can do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from reconciler.config import resolve_registry
from reconciler.errors import RegistryError, SchemafedError
from reconciler.federation import for_each
from reconciler.operations.settings import load_valid_config
from reconciler.plugins import open_registry
from reconciler.registry import Capabilities, Health
from reconciler.secrets import Secrets


@dataclass(frozen=True, slots=True)
class RegistryStatus:
    """One configured registry: ``health`` where it answered, else ``problem`` and ``fix``."""

    name: str
    kind: str
    environments: tuple[str, ...]
    health: Health | None = None
    capabilities: Capabilities | None = None
    problem: str | None = None
    fix: str | None = None


def list_registries(root: Path, only: str | None = None) -> list[RegistryStatus]:
    """Ask every configured registry for a sign of life, all at once.

    Args:
        only: the name of the one that is asked; None for all.

    Raises:
        ConfigurationError: schemafed.yaml is not usable. A single registry's settings are that one's ``problem``.
    """
    config = load_valid_config(root)
    names = {name: entry.kind for name, entry in config.registries.items() if only in (None, name)}

    secrets = Secrets()

    def ask(name: str, kind: str) -> RegistryStatus:
        environments = tuple(e for e, env in config.all_environments.items() if name in env.registries)
        try:
            registry = open_registry(resolve_registry(config, name, root, secrets))
        except SchemafedError as error:
            return RegistryStatus(name, kind, environments, problem=error.message, fix=error.fix)
        try:
            health = registry.check_health()
        except RegistryError as error:
            return RegistryStatus(name, kind, environments, None, registry.capabilities, str(error), error.fix)
        finally:
            registry.close()
        return RegistryStatus(name, kind, environments, health, registry.capabilities)

    return [status for status in for_each(names, ask).values() if isinstance(status, RegistryStatus)]
