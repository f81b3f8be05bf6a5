"""schemafed.yaml of the commit that a change sets out from: no change is judged by registries of its own making."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from reconciler import git
from reconciler.config import FILE_NAME, Config, load_config
from reconciler.model import Location
from reconciler.repository import DesiredRegistry, DesiredState


def load_config_at(root: Path, revision: str) -> Config | None:
    """Load schemafed.yaml of a revision; None where there is none, or it cannot be used."""
    found = git.ask(root, "cat-file", "blob", f"{revision}:./{FILE_NAME}")
    return load_config_text(root, found.stdout) if found.returncode == 0 else None


def load_config_text(root: Path, content: bytes) -> Config | None:
    """Load the text of a schemafed.yaml of another revision; None where it is not valid."""
    if (root / FILE_NAME).is_file() and (root / FILE_NAME).read_bytes() == content:
        return load_config(root)[0]
    with TemporaryDirectory(prefix="schemafed-") as name:
        (Path(name) / FILE_NAME).write_bytes(content)
        return load_config(Path(name))[0]


def with_registries_of(config: Config, base: Config | None) -> Config:
    """The settings of a change, but its registries as the base has them; those that only the change has stay."""
    if base is None:
        return config
    return config.model_copy(update={"registries": {**config.registries, **base.registries}})


def with_levels_of(state: DesiredState, base: Config | None) -> DesiredState:
    """The same state, but with the levels that the base declares for its registries."""
    known = base.registries if base else {}
    registries = {
        name: _with_level(registry, base) if base and name in known else registry
        for name, registry in state.registries.items()
    }
    return replace(state, registries=registries) if registries != state.registries else state


def _with_level(registry: DesiredRegistry, base: Config) -> DesiredRegistry:
    level = base.registries[registry.name].compatibility
    return replace(registry, default_mode=level, default_mode_location=_locate(base, registry.name) if level else None)


def _locate(base: Config, registry: str) -> Location:
    return base.locate(("registries", registry, "compatibility"), of_key=True)
