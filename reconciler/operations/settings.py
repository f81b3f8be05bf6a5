"""schemafed.yaml as the operations use it: valid, or the run stops."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from reconciler.config import FILE_NAME, Config, load_config, resolve_registry
from reconciler.errors import InvalidRepositoryError
from reconciler.model import Finding
from reconciler.registry import RegistrySettings
from reconciler.secrets import Secrets


def load_valid_config(root: Path) -> Config:
    """Load schemafed.yaml.

    Raises:
        ConfigurationError: there is none.
        InvalidRepositoryError: it has errors, with every one of them.
    """
    config, findings = load_config(root)
    if config is None:
        raise InvalidRepositoryError(f"{FILE_NAME} cannot be used", findings)
    return config


def raise_if_invalid(findings: Sequence[Finding]) -> None:
    """Stop when the desired state itself has findings that block.

    Raises:
        InvalidRepositoryError: with all findings.
    """
    if any(f.blocks for f in findings):
        raise InvalidRepositoryError("the repository has problems", findings, fix="mend them first")


def resolve_registries(config: Config, names: Iterable[str], root: Path) -> list[RegistrySettings]:
    """Resolve the settings of some registries, secrets included.

    Raises:
        ConfigurationError, SecretError: an entry, or a value in it, is not usable.
    """
    secrets = Secrets()
    return [resolve_registry(config, name, root, secrets) for name in names]
