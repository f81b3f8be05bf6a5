"""Which rules hold where: what schemafed.yaml switches on, and what the folders make of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reconciler.config import Config, PolicyEntry
from reconciler.file_findings import did_you_mean, make_finding
from reconciler.manifest import Defaults, PolicySettings
from reconciler.model import Finding, Location, Severity
from reconciler.policy.grouping import Chosen, RuleSet
from reconciler.policy.loading import INVALID
from reconciler.policy.rules import Pack, Rule
from reconciler.yaml_lines import KeyPath, YamlDocument

DEFAULT = "default"
"""The word for all packs that ship."""
OFF = "off"


@dataclass
class _Holding:
    """How the rules of one pack hold, as far as it is known: by code the level, and the parameters."""

    levels: dict[str, str]
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Policies:
    """The rules of a repository.

    ``folders`` has, by folder, what its defaults.yaml says of packs. ``findings`` are what is wrong with any of it.
    """

    packs: Mapping[str, Pack]
    entries: Sequence[tuple[PolicyEntry, tuple[str, ...]]]
    folders: Mapping[str, Mapping[str, PolicySettings]]
    environment: str
    findings: tuple[Finding, ...] = ()
    _chosen: dict[str, RuleSet] = field(default_factory=dict, repr=False, compare=False)

    def choose(self, folder: str = "") -> RuleSet:
        """The rules that hold for the files of a folder, those of one pack together; worked out once a folder."""
        if folder not in self._chosen:
            settings = [self.folders[name] for name in _folders_down(folder) if name in self.folders]
            above = folder.rpartition("/")[0]
            is_same = folder != "" and folder not in self.folders
            self._chosen[folder] = self.choose(above) if is_same else self._choose(settings)
        return self._chosen[folder]

    @property
    def is_empty(self) -> bool:
        """Whether no rule holds anywhere."""
        return not self.entries

    def _choose(self, folders: Iterable[Mapping[str, PolicySettings]]) -> RuleSet:
        holding: dict[str, _Holding] = {}
        for entry, names in self.entries:
            if entry.environments is None or self.environment in entry.environments:
                for name in names:
                    pack = self.packs[name]
                    _apply(entry, pack, holding.setdefault(name, _start(pack)))
        for settings in folders:
            for name, each in settings.items():
                if name in self.packs:
                    pack = self.packs[name]
                    _apply(each, pack, holding.setdefault(name, _Holding({}, pack.defaults)))
        return RuleSet([c for name, held in holding.items() for c in _rules_of(self.packs[name], held)])


def make_policies(
    config: Config,
    packs: Mapping[str, Pack],
    by_path: Mapping[str, tuple[str, ...]],
    shipped: Iterable[str],
    folders: Mapping[str, tuple[Defaults, YamlDocument]],
    environment: str,
    findings: Iterable[Finding] = (),
) -> Policies:
    """Join what schemafed.yaml, the folders and the rule files say.

    Args:
        config: schemafed.yaml.
        packs: every pack that can be used, by name.
        by_path: by the `path` of an entry, the packs of its files.
        shipped: the names of those that `default` stands for.
        folders: by folder, its defaults.yaml.
        environment: the one whose rules are meant.
        findings: what is wrong with the rule files.
    """
    found = list(findings)
    entries = []
    for index, entry in enumerate(config.policies):
        at: KeyPath = ("policies", index)
        names = by_path.get(entry.path or "", ()) if entry.path else (entry.use or "",)
        names = tuple(shipped) if names == (DEFAULT,) else names
        unknown = [name for name in names if name not in packs]
        found.extend(_unknown_pack(name, packs, config.locate((*at, "use"))) for name in unknown)
        found.extend(_check_settings(entry, [packs[n] for n in names if n in packs], config.locate, at))
        if not unknown:
            entries.append((entry, names))
        for environment_index, name in enumerate(entry.environments or ()):
            if name not in config.all_environments:
                message = f"there is no environment `{name}`{did_you_mean(name, config.all_environments)}"
                where = config.locate((*at, "environments", environment_index))
                found.append(make_finding(INVALID, message, where, "name one of this file"))
    for _, (defaults, document) in sorted(folders.items()):
        for name, settings in defaults.policies.items():
            key: KeyPath = ("policies", name)
            if name not in packs:
                found.append(_unknown_pack(name, packs, document.locate(key, of_key=True)))
            else:
                found.extend(_check_settings(settings, [packs[name]], document.locate, key))
    by_folder = {folder: defaults.policies for folder, (defaults, _) in folders.items() if defaults.policies}
    return Policies(packs, tuple(entries), by_folder, environment, tuple(found))


def _start(pack: Pack) -> _Holding:
    return _Holding({r.code: str(r.severity) for r in pack.rules if r.is_enabled}, pack.defaults)


def _apply(settings: PolicySettings, pack: Pack, held: _Holding) -> None:
    if settings.severity is not None:
        held.levels = {} if settings.severity == OFF else dict.fromkeys(held.levels, settings.severity)
    for code, level in settings.rules.items():
        if code in {rule.code for rule in pack.rules}:
            held.levels[code] = level
    held.parameters.update(settings.parameters)


def _rules_of(pack: Pack, held: _Holding) -> Iterator[Chosen]:
    for rule in pack.rules:
        level = held.levels.get(rule.code, OFF)
        if level != OFF:
            yield Chosen(rule, Severity(level), held.parameters)


def _folders_down(folder: str) -> Iterator[str]:
    """The root, then each folder on the way to the one that is meant."""
    yield ""
    steps = folder.split("/") if folder else []
    yield from ("/".join(steps[: end + 1]) for end in range(len(steps)))


def _unknown_pack(name: str, packs: Mapping[str, Pack], at: Location) -> Finding:
    message = f"there is no policy pack `{name}`{did_you_mean(name, packs)}"
    return make_finding(INVALID, message, at, f"packs: {', '.join(sorted(packs)) or 'none'}")


def _check_settings(settings: PolicySettings, packs: Sequence[Pack], locate: Any, at: KeyPath) -> Iterator[Finding]:
    rules: dict[str, Rule] = {rule.code: rule for pack in packs for rule in pack.rules}
    for code in settings.rules:
        if code not in rules:
            where = locate((*at, "rules", code), of_key=True)
            listed = f"rules: {', '.join(sorted(rules)) or 'none'}"
            yield make_finding(INVALID, f"there is no rule `{code}` here{did_you_mean(code, rules)}", where, listed)
    known = {name: entry for pack in packs for name, entry in pack.parameters.items()}
    for name, value in settings.parameters.items():
        where = locate((*at, "parameters", name))
        if name not in known:
            message = f"there is no parameter `{name}` here{did_you_mean(name, known)}"
            yield make_finding(INVALID, message, where, f"parameters: {', '.join(sorted(known)) or 'none'}")
        elif problem := _check_value(value, known[name].default, known[name].choices):
            yield make_finding(INVALID, f"`{name}` {problem}", where, known[name].description)


_KINDS: Mapping[type, str] = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    list: "a list",
    dict: "a mapping",
}


def _check_value(value: Any, default: Any, choices: Sequence[Any] | None) -> str | None:
    if choices is not None and value not in choices:
        return f"must be one of: {', '.join(map(str, choices))}"
    if type(value) is not type(default):
        return f"must be {_KINDS.get(type(default), 'of another kind')}"
    return None
