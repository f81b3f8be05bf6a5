"""The registries that a command names, and what Git calls the subjects in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.config import Config
from reconciler.errors import UsageError
from reconciler.file_findings import did_you_mean
from reconciler.name_templates import LIVE_VARIABLES, TemplateError, check_name, compile_template

_NAME = "{{ name }}"


def choose_place(config: Config, name: str) -> tuple[str, str]:
    """The registry that a name means, and the environment that it is of.

    Args:
        name: a registry, or an environment that has one.

    Raises:
        UsageError: there is no such registry, or an environment has several.
    """
    places = choose_places(config, name)
    if len(places) != 1:
        raise UsageError(
            f"environment {name} has several registries",
            fix=f"name one of them: {', '.join(registry for registry, _ in places)}",
        )
    return places[0]


def choose_places(config: Config, name: str) -> list[tuple[str, str]]:
    """The registries that a name means, in their order, each with the environment that it is of.

    Args:
        name: a registry, or an environment.

    Raises:
        UsageError: there is no such registry or environment.
    """
    if name in config.registries:
        environments = (e for e, each in config.all_environments.items() if name in each.registries)
        return [(name, next(environments, ""))]
    known = {*config.registries, *config.all_environments}
    chosen = config.all_environments.get(name)
    if chosen is None:
        raise UsageError(
            f"there is no registry or environment `{name}`{did_you_mean(name, known)}",
            fix=f"there are {', '.join(sorted(known))}",
        )
    return [(registry, name) for registry in dict.fromkeys(chosen.registries)]


def name_in_git(config: Config, registry: str, environment: str, live: Iterable[str]) -> Mapping[str, str]:
    """By the names that Git has, what subjects are called in a registry, whose template hides that.

    Those that the template cannot have made are left out.
    """
    template = config.registries[registry].name
    if template == _NAME:
        return {name: name for name in live}
    before, _, after = (
        compile_template(template, LIVE_VARIABLES).render({"name": "\0", "environment": environment}).partition("\0")
    )
    return {
        name[len(before) : len(name) - len(after)]: name
        for name in live
        if name.startswith(before) and name.endswith(after) and len(name) > len(before) + len(after)
    }


def name_in_registry(config: Config, registry: str, environment: str, name: str) -> tuple[str, str | None]:
    """What a subject of Git is called in a registry, and why it cannot be called so; None where it can."""
    template = compile_template(config.registries[registry].name, LIVE_VARIABLES)
    try:
        live = template.render({"name": name, "environment": environment})
    except TemplateError as error:
        return name, error.message
    problem = check_name(live)
    return live, problem and f"it cannot be called `{live}`: {problem}"
