"""The registries of schemafed.yaml as their adapters take them, as far as that shows without secrets or a network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from reconciler.config import Config
from reconciler.errors import ConfigurationError, OptionProblem
from reconciler.file_findings import make_finding
from reconciler.model import Finding
from reconciler.plugins import open_registry
from reconciler.registry import RegistrySettings


def check_registries(config: Config, root: Path) -> Iterator[Finding]:
    """Find unknown kinds, and keys and values that a kind does not take; a value with a ``${...}`` passes unseen."""
    for name, entry in config.registries.items():
        settings = RegistrySettings(name, entry.kind, root, entry.options)
        try:
            open_registry(settings).close()
        except ConfigurationError as error:
            certain = [problem for problem in error.problems if not _rests_on_variable(entry.options, problem)]
            found = [_make_finding(config, name, problem, error.fix) for problem in certain]
            yield from sorted(found, key=_place)


def _place(finding: Finding) -> tuple[int, int]:
    at = finding.location
    return (at.line or 0, at.column or 0) if at else (0, 0)


def _make_finding(config: Config, name: str, problem: OptionProblem, fix: str | None) -> Finding:
    place = config.locate(("registries", name, *problem.path), of_key=problem.code == "UNKNOWN_KEY")
    return make_finding(problem.code, f"registry {name}: {problem.message}", place, fix)


def _rests_on_variable(options: Mapping[str, object], problem: OptionProblem) -> bool:
    """Whether a value is only known once its ``${...}`` is resolved; a key that is wrong stays so."""
    value: object = options
    for step in problem.path:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int):
            value = value[step]
    return problem.code == "INVALID_VALUE" and isinstance(value, str) and "${" in value
