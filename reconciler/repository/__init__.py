"""A work tree as desired state: every schema that it declares, and everything that is wrong with it in one go.

The steps: list the files (``walk``), tell schemas from settings (``settings``, ``sources``), read the texts, name the
subjects (``subjects``), find what references mean (``references``), make the schemas in their order (``assembly``), and
name them in each registry (``live_names``).
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reconciler.config import DEFAULT_ENVIRONMENT, Config, load_config
from reconciler.model import Finding, Location
from reconciler.repository.live_names import check_cases, check_shared_registries, make_registries
from reconciler.repository.state import DesiredRegistry, DesiredState, SchemaFiles
from reconciler.repository.subjects import load_subjects
from reconciler.repository.walk import read_tree

__all__ = ["DesiredRegistry", "DesiredState", "SchemaFiles", "load_desired_state"]


def load_desired_state(root: Path, environment: str | None = None) -> DesiredState:
    """Load what a work tree declares for one environment.

    Args:
        root: the folder that holds schemafed.yaml.
        environment: its name; None for the first of schemafed.yaml.

    Returns:
        the state, with every finding of every file; what is unusable is left out of it and has a finding that blocks.

    Raises:
        ConfigurationError: there is no schemafed.yaml.
        UsageError: there is no such environment.
        RepositoryError: Git is missing or refuses.
    """
    config, findings = load_config(root)
    # With a schemafed.yaml that is wrong the schemas are still looked at, as far as they can be without it.
    settings = config or Config(version=1)
    chosen = settings.select_environment(environment) if config else environment or DEFAULT_ENVIRONMENT
    with _without_collection():
        files, path_findings = read_tree(root, settings.paths)
        loaded = load_subjects(root, files, settings, chosen, is_config_known=config is not None)
    registries, name_findings = make_registries(settings, chosen, loaded.subjects)
    if config is None:
        path_findings = tuple(f for f in path_findings if f.code != "PATH_MISSING")
    found = [*findings, *path_findings, *loaded.findings, *check_cases(loaded.subjects.values()), *name_findings]
    found.extend(check_shared_registries(settings, loaded.subjects))
    return DesiredState(
        chosen,
        loaded.subjects,
        loaded.assembly.pins,
        registries,
        loaded.assembly.schemas,
        _sort(found),
        loaded.files,
    )


def _sort(findings: list[Finding]) -> tuple[Finding, ...]:
    nowhere = Location("")
    return tuple(sorted(dict.fromkeys(findings), key=lambda f: (f.location or nowhere, f.code, f.message)))


@contextmanager
def _without_collection() -> Iterator[None]:
    """Hold the cyclic garbage collector back: of the many objects that are made, nearly all stay."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
