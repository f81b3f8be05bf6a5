"""A process that has loaded schemafed and forks one child a command: a real process each, at a fork's cost.

`python -m tests.convergence.forking` reads requests as lines of JSON and answers each with one; see `commands.py`.
"""

from __future__ import annotations

import gc
import json
import os
import pkgutil
import signal
import sys
from collections.abc import Callable
from functools import partial, wraps
from importlib import import_module
from itertools import count
from typing import Any

import adapters
import reconciler
from adapters.apicurio import ApicurioRegistry
from adapters.confluent import ConfluentRegistry
from adapters.glue import GlueRegistry
from adapters.local import LocalRegistry
from adapters.pulsar import PulsarRegistry
from reconciler import git
from reconciler.cli import run
from reconciler.git import running

_WRITES = (
    "register_schema",
    "restore_schema",
    "set_compatibility",
    "reset_compatibility",
    "delete_versions",
    "delete_subject",
    "set_settings",
)
_GIT_WRITES = frozenset({"fast-import", "update-ref", "push"})
_OTHERS = ("grpc_tools._protoc_compiler", "httpcore", "httpx", "jsonschema_rs", "pydantic.dataclasses")
"""What is imported only where it is used; a child would import it anew each time."""
_COMMAND_FAILED_BADLY = 70


def main() -> None:
    _load_everything()
    for line in sys.stdin:
        request = json.loads(line)
        answer = _wait(request["wait"]) if "wait" in request else _start(request)
        print(json.dumps(answer), flush=True)


def _load_everything() -> None:
    for package in (reconciler, adapters):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                import_module(module.name)
    for name in _OTHERS:
        import_module(name)
    # Children that collect garbage would copy all that they share with this process.
    gc.freeze()


def _start(request: dict[str, Any]) -> dict[str, int]:
    process = os.fork()
    if process:
        return {"process": process}
    code = _COMMAND_FAILED_BADLY
    try:
        code = _run(request)
    finally:
        os._exit(code)


def _wait(process: int) -> dict[str, int]:
    return {"code": os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])}


def _run(request: dict[str, Any]) -> int:
    os.setpgid(0, 0)
    os.environ.update(request["variables"])
    target = os.open(request["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(target, 1)
    os.dup2(target, 2)
    if log := request["log"]:
        _wrap_writes(lambda: _append(log))
    if kill := request["kill"]:
        _arrange_kill(**kill)
    code = run(request["arguments"])
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def _arrange_kill(what: str, index: int, is_after: bool) -> None:
    """Let the process kill itself at its write number `index`: of a registry, or of its Git repository."""
    numbers = count()

    def strike(is_after_now: bool, number: int) -> None:
        if number == index and is_after_now is is_after:
            os.kill(os.getpid(), signal.SIGKILL)

    if what == "git":
        _wrap(running, "ask", lambda _, *arguments, **__: arguments[0] in _GIT_WRITES, lambda: next(numbers), strike)
        # Whoever asks for a change himself, and `run`, which does it for others.
        git.ask = running.ask
    else:
        _wrap_writes(lambda: next(numbers), strike)


def _append(log: str) -> int:
    with open(log, "a") as file:
        file.write(f"{os.getpid()}\n")
    return 0


def _wrap_writes(begin: Callable[[], int], at: Callable[[bool, int], None] = lambda is_after, number: None) -> None:
    for kind in (LocalRegistry, ConfluentRegistry, ApicurioRegistry, GlueRegistry, PulsarRegistry):
        for name in filter(partial(hasattr, kind), _WRITES):
            _wrap(kind, name, lambda *_, **__: True, begin, at)


def _wrap(
    owner: object,
    name: str,
    counts: Callable[..., bool],
    begin: Callable[[], int],
    at: Callable[[bool, int], None],
) -> None:
    """Call `begin` before each call that counts, and `at` with what it gave before and after the call."""
    act = getattr(owner, name)

    @wraps(act)
    def wrapped(*arguments: Any, **options: Any) -> Any:
        if not counts(*arguments, **options):
            return act(*arguments, **options)
        number = begin()
        at(False, number)
        result = act(*arguments, **options)
        at(True, number)
        return result

    setattr(owner, name, wrapped)


if __name__ == "__main__":
    main()
