"""What each subject is called in each registry, and whether two of them would be one there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import combinations

from reconciler.config import Config, RegistryEntry
from reconciler.file_findings import make_finding, make_warning
from reconciler.model import DesiredSubject, Finding, Location
from reconciler.name_templates import LIVE_VARIABLES as VARIABLES
from reconciler.name_templates import TemplateError, check_name, compile_template
from reconciler.repository.state import DesiredRegistry, UnreadSubject

Named = DesiredSubject | UnreadSubject
Subjects = Mapping[str, Named]
_SAME_NAME = ("", "name", "")
"""The parts of the template that changes nothing, so that nothing can be wrong with what it makes."""


def make_registries(
    config: Config, environment: str, subjects: Subjects, pinned: Collection[str] = ()
) -> tuple[Mapping[str, DesiredRegistry], list[Finding]]:
    """What each registry of an environment shall hold, under which names.

    Args:
        pinned: the subjects that are pinned, whether they are declared or not.
    """
    findings: list[Finding] = []
    registries: dict[str, DesiredRegistry] = {}
    chosen = config.all_environments.get(environment)
    for name in dict.fromkeys(chosen.registries if chosen else ()):
        entry = config.registries[name]
        names, wrong = _make_names(config, environment, name, subjects)
        findings.extend(wrong)
        at = config.locate(("registries", name, "compatibility"), of_key=True) if entry.compatibility else None
        of_settings = config.locate(("registries", name, "settings"), of_key=True) if entry.settings else None
        registries[name] = DesiredRegistry(
            name,
            entry.kind,
            entry.compatibility,
            at,
            entry.settings,
            of_settings,
            names,
            dict(_name_elsewhere(config, environment, name, [subject for subject in pinned if subject not in names])),
        )
    return registries, findings


def _name_elsewhere(
    config: Config, environment: str, registry: str, subjects: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """What subjects that do not go to a registry are called there; whoever refers to one that cannot be is told so."""
    template = compile_template(config.registries[registry].name, VARIABLES)
    for subject in subjects:
        with suppress(TemplateError):
            yield subject, template.render({"name": subject, "environment": environment})


def check_shared_registries(config: Config, subjects: Subjects) -> Iterator[Finding]:
    """Report registries that two environments, or two names, share, and in which subjects would be one."""
    places = [
        (environment, name, index)
        for environment, entry in config.all_environments.items()
        for index, name in enumerate(entry.registries)
    ]
    for (env_a, name_a, _), (env_b, name_b, index) in combinations(places, 2):
        if _target(name_a, config.registries[name_a]) != _target(name_b, config.registries[name_b]):
            continue
        ours = _make_names(config, env_a, name_a, subjects)[0].values()
        common = sorted(set(ours) & set(_make_names(config, env_b, name_b, subjects)[0].values()))
        if common:
            where = f"environments {env_a} and {env_b}" if env_a != env_b else f"environment {env_a}, twice,"
            which = name_a if name_a == name_b else f"{name_a} and {name_b}"
            count = f"{len(common)} subjects are" if len(common) > 1 else "one subject is"
            yield make_finding(
                "LIVE_NAME_COLLISION",
                f"{where} write to one registry ({which}), where {count} the same: `{common[0]}`",
                config.locate(("environments", env_b, "registries", index)),
                'tell them apart by a template in the registry\'s entry: `name: "{{ environment }}.{{ name }}"`',
            )


def check_cases(subjects: Iterable[Named]) -> Iterator[Finding]:
    """Warn of subjects whose names differ in case only."""
    seen: dict[str, Named] = {}
    for subject in subjects:
        other = seen.setdefault(subject.name.casefold(), subject)
        if other is not subject:
            yield make_warning(
                "SUBJECT_CASE",
                f"subject `{subject.name}` differs only in case from `{other.name}` of {other.location.file}",
                subject.location,
                "give one of them another name, unless both are meant",
            )


def _target(name: str, entry: RegistryEntry) -> tuple[str, object]:
    """What tells that two entries mean one registry: their address as it is written, else their name."""
    address = entry.options.get("url") or entry.options.get("path")
    return (entry.kind, address.rstrip("/")) if isinstance(address, str) else ("", name)


def _make_names(
    config: Config, environment: str, registry: str, subjects: Subjects
) -> tuple[dict[str, str], list[Finding]]:
    template = compile_template(config.registries[registry].name, VARIABLES)
    if template.parts == _SAME_NAME:
        return {s.name: s.name for s in subjects.values() if not s.registries or registry in s.registries}, []
    names: dict[str, str] = {}
    takers: dict[str, str] = {}
    findings: list[Finding] = []
    for subject in subjects.values():
        if subject.registries and registry not in subject.registries:
            continue
        try:
            live = template.render({"name": subject.name, "environment": environment})
        except TemplateError as error:
            live, problem = "", error.message
        else:
            problem = check_name(live) or ""
        if problem:
            at = config.locate(("registries", registry, "name"))
            message = f"in registry {registry}, subject `{subject.name}` cannot be called `{live}`: {problem}"
            findings.append(make_finding("INVALID_SUBJECT_NAME", message, at, "correct the registry's `name`"))
        elif live in takers:
            findings.append(_make_collision(registry, live, subjects[takers[live]], subject))
        else:
            names[subject.name] = live
            takers[live] = subject.name
    return names, findings


def _make_collision(registry: str, live: str, first: Named, second: Named) -> Finding:
    return make_finding(
        "LIVE_NAME_COLLISION",
        f"in registry {registry}, subjects `{first.name}` and `{second.name}` are both called `{live}`",
        Location(second.location.file),
        f"rename one of them, or change the `name` of registry {registry} in schemafed.yaml",
    )
