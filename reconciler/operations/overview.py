"""``registries --overview``: every subject beside its version and mode in every registry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from reconciler.errors import RegistryError
from reconciler.federation import for_each, open_registries
from reconciler.model import LiveState, Mode
from reconciler.operations.settings import load_valid_config, resolve_registries

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Held:
    """A subject in one registry; ``mode`` None inherits, ``problem`` says why it cannot be read."""

    version: int | None
    mode: Mode | None = None
    closing: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """One subject, by the name that registries have for it, with what each holds; None where one lacks it."""

    subject: str
    held: tuple[Held | None, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """All registries side by side; ``levels`` are their own modes, ``unread`` those that could not be asked."""

    registries: tuple[str, ...]
    levels: tuple[Mode | None, ...]
    rows: tuple[OverviewRow, ...]
    unread: tuple[tuple[str, str], ...] = ()


def make_overview(root: Path, registry: str | None = None, on_progress: Progress = lambda text: None) -> Overview:
    """Read the latest version and the mode of every subject of every registry of schemafed.yaml.

    Args:
        registry: one registry only.

    Raises:
        ConfigurationError: an entry is not usable.
    """
    config = load_valid_config(root)
    names = [name for name in config.registries if registry in (None, name)]
    on_progress(f"reading {', '.join(names)}")
    with open_registries(resolve_registries(config, names, root)) as opened:
        answers = for_each(opened, lambda _, one: one.read_state())
    states = {name: answer for name, answer in answers.items() if isinstance(answer, LiveState)}
    unread = tuple((name, str(answer)) for name, answer in answers.items() if isinstance(answer, RegistryError))
    subjects = sorted({subject for state in states.values() for subject in state.subjects})
    rows = tuple(OverviewRow(name, tuple(_find(state, name) for state in states.values())) for name in subjects)
    return Overview(tuple(states), tuple(state.default_mode for state in states.values()), rows, unread)


def _find(state: LiveState, name: str) -> Held | None:
    found = state.subjects.get(name)
    if found is None:
        return None
    return Held(found.latest.version if found.latest else None, found.mode, found.closing, found.problem)
