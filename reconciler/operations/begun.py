"""Registries that are read while another process still reads the schemas of a large repository."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from reconciler.config import Config
from reconciler.errors import RegistryError
from reconciler.federation import for_each, open_registries
from reconciler.ledger.values import Ledger
from reconciler.operations.live_reading import BulkReading, read_in_bulk
from reconciler.operations.progress import Progress
from reconciler.operations.settings import resolve_registries
from reconciler.registry import SchemaRegistry


@dataclass(frozen=True)
class Begun:
    """Open registries, and by name what those of which the ledger knows something were found to hold, or the error that
    one gave instead.
    """

    registries: Mapping[str, SchemaRegistry]
    found: Mapping[str, BulkReading | RegistryError]

    def take(self, name: str) -> BulkReading | None:
        """What a registry was found to hold; None where it was not read.

        Raises:
            RegistryError: it could not be read.
        """
        found = self.found.get(name)
        if isinstance(found, RegistryError):
            raise found
        return found


def open_and_read(
    root: Path, config: Config, names: Sequence[str], ledger: Ledger, stack: ExitStack, on_progress: Progress
) -> Begun:
    """Open registries, and read all that those hold to which something was applied.

    Args:
        root: the repository's root.
        config: its settings.
        names: of the registries.
        ledger: what was last applied to them.
        stack: closes them.
        on_progress: told what is being done.

    Raises:
        ConfigurationError, SecretError: an entry of schemafed.yaml is not usable.
    """
    registries = stack.enter_context(open_registries(resolve_registries(config, names, root)))
    on_progress(f"reading {', '.join(names)}")
    known = {name: one for name, one in registries.items() if ledger.applied(name).subjects}
    return Begun(registries, for_each(known, lambda name, one: read_in_bulk(one, *ledger.of_registry(name))))
