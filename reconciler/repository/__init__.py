"""A work tree as desired state: every schema that it declares, and everything that is wrong with it in one go.

The steps: list the files (``walk``), begin to read those that look like schemas (``early``), tell schemas from settings
(``settings``, ``sources``), read the texts, name the subjects (``subjects``), find what references mean
(``references``), make the schemas in their order (``assembly``), and name them in each registry (``live_names``).
"""

from __future__ import annotations

from pathlib import Path

from reconciler.documents import Meanwhile, nothing
from reconciler.repository.early import reading_early
from reconciler.repository.state import DesiredRegistry, DesiredState, SchemaFiles

__all__ = ["DesiredRegistry", "DesiredState", "SchemaFiles", "load_desired_state"]


def load_desired_state(root: Path, environment: str | None = None, meanwhile: Meanwhile = nothing) -> DesiredState:
    """Load what a work tree declares for one environment.

    Args:
        root: the folder that holds schemafed.yaml.
        environment: its name; None for the first of schemafed.yaml.
        meanwhile: is called while another process reads the schemas, which one does where there are thousands. It must
            not raise.

    Returns:
        the state, with every finding of every file; what is unusable is left out of it and has a finding that blocks.

    Raises:
        ConfigurationError: there is no schemafed.yaml.
        UsageError: there is no such environment.
        RepositoryError: Git is missing or refuses.
    """
    with reading_early(root) as early:
        # Not above: what reads settings takes long to import, and by now another process is reading the schemas.
        from reconciler.repository.loading import load

        return load(root, environment, early, meanwhile)
