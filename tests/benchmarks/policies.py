"""How quickly all packs are held against a repository: against every subject, and in a check of a pull request."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from reconciler.config import load_config
from reconciler.operations.policies.loading import load_policies
from reconciler.operations.policies.making import list_folders, make_inspection
from reconciler.repository import load_desired_state
from tests.benchmarks.bench import PRODUCT
from tests.benchmarks.measure import Run, Runs, UnexpectedExitError, measure_once
from tests.benchmarks.report import Bound, Figure
from tests.benchmarks.samples import (
    CHANGES,
    commit_all,
    write_changes,
    write_configuration,
    write_repository,
    write_unlike,
)

_BOUNDED_SUBJECTS = 10_000
_ENVIRONMENT = "local"
_EVERYTHING = Bound(seconds=20)
_CHECK = Bound(seconds=2, megabytes=500)


def measure_policies(subjects: int, on_figure: Callable[[Figure], None]) -> None:
    """Measure all packs that ship, at their own levels.

    Args:
        subjects: how many the repository has.
        on_figure: told each figure as it is there.

    Raises:
        UnexpectedExitError: the rules cannot be used, or found nothing where there is something to find.
    """
    everything, check = (_EVERYTHING, _CHECK) if subjects == _BOUNDED_SUBJECTS else (Bound(), Bound())
    with TemporaryDirectory(prefix="schemafed-bench-") as name:
        root = Path(name)
        write_repository(root, subjects)
        write_configuration(root, 1)
        with (root / "schemafed.yaml").open("a") as file:
            file.write("policies:\n  - use: default\n")
        commit_all(root, "Start with all packs")
        on_figure(Figure("all packs, every subject", subjects, _measure_all(root), None, "", everything))
        write_unlike(root, subjects)
        on_figure(Figure("all packs, no two fields alike", subjects, _measure_all(root), None, "", Bound()))
        write_repository(root, subjects)
        write_changes(root, subjects)
        commit_all(root, "Change a few")
        command = (PRODUCT, "check", "--base", "HEAD~1", "-e", _ENVIRONMENT)
        runs = Runs(tuple(measure_once(command, folder=root, expect="DOC_COVERAGE") for _ in range(5)))
        on_figure(Figure(f"check, {CHANGES} changes, all packs", subjects, runs, None, "", check))


def _measure_all(root: Path) -> Runs:
    """Compile the rules and hold them against loaded subjects; in processor time, for the bound is a core's."""
    config, _ = load_config(root)
    state = load_desired_state(root, _ENVIRONMENT)
    if config is None:
        raise UnexpectedExitError("the configuration of the measurement cannot be used")
    gc.collect()
    begin = process_time()
    folders = list_folders(subject.location.file for subject in state.subjects.values())
    policies = load_policies(root, config, state.environment, folders)
    inspection = make_inspection(root, state, policies)
    found = [*inspection.check_subjects(sorted(state.subjects)), *inspection.check_whole()]
    seconds = process_time() - begin
    if policies.findings or {finding.code for finding in found} != {"DOC_COVERAGE"}:
        raise UnexpectedExitError(f"the rules found something else than what is there to find: {found[:3]}")
    return Runs((Run(seconds, 0),))
