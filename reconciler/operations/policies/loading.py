"""The rules of a repository: the packs that ship, its own, and where they hold."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from reconciler.config import FILE_NAME, Config
from reconciler.file_findings import make_finding
from reconciler.manifest import Defaults
from reconciler.model import Finding, Location
from reconciler.policy.loading import INVALID, LoadedPacks, load_packs, make_python_pack
from reconciler.policy.rules import Pack
from reconciler.policy.selection import Policies, make_policies
from reconciler.repository.early import DEFAULTS_NAME
from reconciler.repository.patterns import compile_pattern
from reconciler.repository.settings import read_model
from reconciler.resources import find_policies
from reconciler.yaml_lines import YamlDocument

ENTRY_POINTS = "schemafed.policies"
"""The entry point group in which a package offers rules in Python: name = pack, value = a ``PythonPack``."""
ENDINGS = (".yaml", ".yml", ".json")
"""The endings of rule files."""


def load_policies(
    root: Path, config: Config, environment: str, folders: Iterable[str], packs: Mapping[str, Pack] | None = None
) -> Policies:
    """Load the rules that hold in a repository; what is wrong with them is among their findings.

    Args:
        root: the folder that holds schemafed.yaml.
        config: its settings.
        environment: the one that is meant.
        folders: those that hold schemas; they and those above may have a defaults.yaml.
        packs: the packs that there are beside those of the repository; by default those that ship.
    """
    ours = load_shipped() if packs is None else LoadedPacks(packs, ())
    installed = load_installed(entry.use for entry in config.policies if entry.use and entry.use not in ours.packs)
    found = [*ours.findings, *installed.findings]
    known: dict[str, Pack] = {**installed.packs, **ours.packs}
    by_path: dict[str, tuple[str, ...]] = {}
    for index, entry in enumerate(config.policies):
        if entry.path is None:
            continue
        files = find_rule_files(root, entry.path)
        if not files:
            at = config.locate(("policies", index, "path"))
            found.append(make_finding(INVALID, f"no file fits `{entry.path}`", at, "correct the pattern"))
        own = load_packs(root, [file for file in files if file not in {pack.file for pack in known.values()}])
        found.extend((*own.findings, *_check_clashes(ours, own)))
        known |= {name: pack for name, pack in own.packs.items() if name not in ours.packs}
        by_path[entry.path] = tuple(name for name, pack in known.items() if pack.file in files)
    return make_policies(config, known, by_path, ours.packs, _read_defaults(root, config, folders), environment, found)


@cache
def load_shipped() -> LoadedPacks:
    """Load the packs that ship, once."""
    folder = find_policies()
    loaded = load_packs(folder, sorted(file.name for file in folder.glob("*.yaml")))
    return LoadedPacks({name: _as_shipped(pack) for name, pack in loaded.packs.items()}, loaded.findings)


def _as_shipped(pack: Pack) -> Pack:
    return replace(pack, rules=tuple(replace(rule, is_own=False) for rule in pack.rules))


def load_installed(names: Iterable[str]) -> LoadedPacks:
    """Load packs of rules in Python that installed packages offer; only those that are asked for.

    Args:
        names: those of the entry points.
    """
    from importlib.metadata import entry_points

    wanted = frozenset(names)
    packs: dict[str, Pack] = {}
    findings: list[Finding] = []
    for point in entry_points(group=ENTRY_POINTS) if wanted else ():
        if point.name in wanted:
            try:
                packs[point.name] = make_python_pack(point.name, point.value, point.load())
            except Exception as error:  # noqa: BLE001 - whatever a stranger's package raises
                message = f"the package that offers `{point.name}` cannot be used: {error}"
                findings.append(make_finding(INVALID, message, Location(FILE_NAME), "ask whoever maintains it"))
    return LoadedPacks(packs, tuple(findings))


def find_rule_files(root: Path, pattern: str) -> tuple[str, ...]:
    """List the files below a folder that fit a pattern, in their order."""
    fits = make_file_filter([pattern])
    start = pattern.partition("*")[0].rpartition("/")[0]
    listed = (
        Path(folder, name).relative_to(root).as_posix()
        for folder, _, names in os.walk(root / start)
        for name in names
        if name.endswith(ENDINGS)
    )
    return tuple(sorted(file for file in listed if fits(file)))


def make_file_filter(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Tell rule files by the patterns of the entries' `path`."""
    compiled = [compile_pattern(f"/{pattern}") for pattern in patterns]
    return lambda file: any(pattern.matches(file) for pattern in compiled)


def _check_clashes(ours: LoadedPacks, own: LoadedPacks) -> Iterator[Finding]:
    codes = {rule.code: pack.name for pack in ours.packs.values() for rule in pack.rules}
    for pack in own.packs.values():
        if pack.name in ours.packs:
            message = f"a pack that ships is called `{pack.name}` already"
            yield make_finding(INVALID, message, Location(pack.file, 1), "give this one another name")
        for rule in pack.rules:
            if rule.code in codes:
                message = f"pack `{codes[rule.code]}`, which ships, has a rule {rule.code} already"
                yield make_finding(INVALID, message, rule.location, "give this one another code")


def _read_defaults(root: Path, config: Config, folders: Iterable[str]) -> Mapping[str, tuple[Defaults, YamlDocument]]:
    """The defaults.yaml of some folders and those above that can be used; of the others loading the files tells."""
    found: dict[str, tuple[Defaults, YamlDocument]] = {}
    alike: dict[str, Any] = {}
    for folder in sorted({above for each in folders for above in _upwards(each, config.paths)}):
        if (root / folder / DEFAULTS_NAME).is_file():
            path = f"{folder}/{DEFAULTS_NAME}" if folder else DEFAULTS_NAME
            defaults, document, _ = read_model(root, path, Defaults, alike)
            if defaults and defaults.policies:
                found[folder] = (defaults, document)
    return found


def _upwards(folder: str, bases: Iterable[str]) -> Iterator[str]:
    """The folder and those above it, up to the configured one."""
    tops = {"" if base == "." else base for base in bases}
    while True:
        yield folder
        if folder in tops or not folder:
            return
        folder = folder.rpartition("/")[0]
