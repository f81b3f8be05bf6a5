"""The options of a `local` registry, checked by hand because importing pydantic takes longer than opening the file."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from reconciler.errors import ConfigurationError, OptionProblem
from reconciler.registry import RegistrySettings

_OPTIONS = ("path", "timeout")
_EXAMPLE = "for example `path: .schemafed/registry.db`"
DEFAULT_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """Where the file is (absolute), and how many seconds to wait for another process that is writing."""

    path: Path
    timeout: float = DEFAULT_TIMEOUT


def make_settings(settings: RegistrySettings) -> LocalSettings:
    """Check the options of one registry's entry.

    Raises:
        ConfigurationError: an option is unknown, missing, or has a value that cannot be.
    """
    for option in settings.options:
        if option not in _OPTIONS:
            raise _make_unknown_option_error(settings.name, option)
    return LocalSettings(_make_path(settings), _make_timeout(settings))


def _make_unknown_option_error(registry: str, option: str) -> ConfigurationError:
    near = get_close_matches(option, _OPTIONS, n=1)
    guess = f"; did you mean `{near[0]}`?" if near else ""
    return _make_error(
        registry,
        OptionProblem((option,), f"unknown option `{option}` for kind `local`{guess}", "UNKNOWN_KEY"),
        f"the options of kind `local` are {', '.join(f'`{name}`' for name in _OPTIONS)}",
    )


def _make_error(registry: str, problem: OptionProblem, fix: str) -> ConfigurationError:
    return ConfigurationError(f"registry {registry}: {problem.message}", fix=fix, problems=[problem])


def _make_path(settings: RegistrySettings) -> Path:
    path = settings.options.get("path")
    problem = _find_path_problem(path)
    if problem:
        code = "MISSING_KEY" if path is None else "INVALID_VALUE"
        raise _make_error(settings.name, OptionProblem(("path",), problem, code), _EXAMPLE)
    return (settings.root / str(path)).absolute()


def _find_path_problem(path: object) -> str | None:
    if path is None:
        return "kind `local` needs `path`, the file that holds the registry"
    if not isinstance(path, str) or not path.strip():
        return f"`path` must be the name of a file, not {path!r}"
    if "\0" in path:
        return "`path` holds a NUL character, which no file name can"
    if path.startswith("~"):
        return "`path` starts with `~`, which is not expanded; write ${HOME}"
    return None


def _make_timeout(settings: RegistrySettings) -> float:
    timeout = settings.options.get("timeout", DEFAULT_TIMEOUT)
    # bool is an int to Python; `timeout: yes` is a slip all the same.
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout <= 3600:
        words = f"`timeout` must be a number of seconds from above 0 to 3600, not {timeout!r}"
        raise _make_error(settings.name, OptionProblem(("timeout",), words), "leave it out for 30 seconds")
    return float(timeout)
