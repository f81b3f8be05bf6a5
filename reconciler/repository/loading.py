"""From the files of a work tree to the desired state of one environment."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reconciler.config import DEFAULT_ENVIRONMENT, Config, load_config
from reconciler.documents import Meanwhile, nothing
from reconciler.model import Finding, Location
from reconciler.repository.concerned import ASKS_ALL, Difference
from reconciler.repository.early import Early
from reconciler.repository.live_names import Named, check_cases, check_shared_registries, make_registries
from reconciler.repository.shared_waivers import check_shared_waivers, read_shared_waivers, with_shared_waivers
from reconciler.repository.state import DesiredState
from reconciler.repository.subjects import load_subjects
from reconciler.repository.walk import read_tree


def load(root: Path, environment: str | None, early: Early, meanwhile: Meanwhile = nothing) -> DesiredState:
    """Load what a work tree declares; see :func:`reconciler.repository.load_desired_state`."""
    return _load(root, environment, early, None, meanwhile)


def load_concerned(root: Path, environment: str | None, difference: Difference) -> DesiredState:
    """Load what a work tree declares of what a change may concern; the rest, if it is left out, is ``unread``.

    Args:
        root: the folder that holds schemafed.yaml, in a Git work tree.
        environment: its name; None for the first of schemafed.yaml.
        difference: what changed.

    Raises:
        ConfigurationError, UsageError, RepositoryError: as :func:`reconciler.repository.load_desired_state`.
    """
    state = _load(root, environment, Early(), difference)
    is_told_by_all = not state.unread or ASKS_ALL.isdisjoint(finding.code for finding in state.findings)
    return state if is_told_by_all else load(root, environment, Early())


def _load(
    root: Path,
    environment: str | None,
    early: Early,
    difference: Difference | None,
    meanwhile: Meanwhile = nothing,
) -> DesiredState:
    config, findings = load_config(root)
    # With a schemafed.yaml that is wrong the schemas are still looked at, as far as they can be without it.
    settings = config or Config(version=1)
    chosen = settings.select_environment(environment) if config else environment or DEFAULT_ENVIRONMENT
    with _without_collection():
        is_guessed = early.paths == tuple(settings.paths)
        files, path_findings = (early.files, early.findings) if is_guessed else read_tree(root, settings.paths)
        is_known = config is not None
        loaded = load_subjects(
            root,
            files,
            settings,
            chosen,
            early.ahead,
            difference if is_known else None,
            is_config_known=is_known,
            meanwhile=meanwhile,
        )
    placed, waiver_findings = read_shared_waivers(root, files)
    named: dict[str, Named] = {**loaded.subjects, **loaded.unread}
    pinned = {subject for subject, _ in loaded.assembly.pins}
    registries, name_findings = make_registries(settings, chosen, named, pinned)
    if config is None:
        path_findings = tuple(f for f in path_findings if f.code != "PATH_MISSING")
    found = [*findings, *path_findings, *loaded.findings, *check_cases(named.values()), *name_findings]
    found.extend(check_shared_registries(settings, named))
    found += (*waiver_findings, *check_shared_waivers(placed, named.values()))
    return DesiredState(
        chosen,
        with_shared_waivers(loaded.subjects, placed),
        loaded.assembly.pins,
        registries,
        loaded.assembly.schemas,
        _sort(found),
        loaded.files,
        loaded.unread,
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
