"""A work tree as desired state: every schema that it declares, and everything that is wrong with it in one go.

The steps: list the files (``walk``), begin to read those that look like schemas (``early``), tell schemas from settings
(``settings``, ``sources``), read the texts, name the subjects (``subjects``), find what references mean
(``references``), make the schemas in their order (``assembly``), and name them in each registry (``live_names``).
"""

from __future__ import annotations

from pathlib import Path

from reconciler.repository.early import Early, reading_early
from reconciler.repository.state import DesiredRegistry, DesiredState, SchemaFiles

__all__ = ["DesiredRegistry", "DesiredState", "Early", "SchemaFiles", "load_desired_state", "reading_early"]


def load_desired_state(root: Path, environment: str | None = None, early: Early | None = None) -> DesiredState:
    """Load what a work tree declares for one environment.

    Args:
        root: the folder that holds schemafed.yaml.
        environment: its name; None for the first of schemafed.yaml.
        early: where reading the work tree has begun already, by :func:`reading_early`.

    Returns:
        the state, with every finding of every file; what is unusable is left out of it and has a finding that blocks.

    Raises:
        ConfigurationError: there is no schemafed.yaml.
        UsageError: there is no such environment.
        RepositoryError: Git is missing or refuses.
    """
    if early is None:
        with reading_early(root) as begun:
            return load_desired_state(root, environment, begun)
    # Not above: what reads settings takes long to import, and by now another process is reading the schemas.
    from reconciler.repository.loading import load

    return load(root, environment, early)
