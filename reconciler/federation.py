"""Many registries side by side: opened together, each asked on its own thread, a failure of one the answer for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import TypeVar

from reconciler.errors import RegistryError
from reconciler.plugins import open_registry
from reconciler.registry import RegistrySettings, SchemaRegistry

Given = TypeVar("Given")
Got = TypeVar("Got")


@contextmanager
def open_registries(settings: Iterable[RegistrySettings]) -> Iterator[Mapping[str, SchemaRegistry]]:
    """Open registries for the length of a ``with`` block, by name.

    Raises:
        ConfigurationError: a kind is unknown, or settings are not usable.
    """
    with ExitStack() as stack:
        opened: dict[str, SchemaRegistry] = {}
        for one in settings:
            opened[one.name] = open_registry(one)
            stack.callback(opened[one.name].close)
        yield opened


def for_each(items: Mapping[str, Given], ask: Callable[[str, Given], Got]) -> dict[str, Got | RegistryError]:
    """Call ``ask(name, item)`` for every item at once; Ctrl-C leaves those alone that are still being asked.

    Returns:
        by name, in the order given, the answer, or the error that the registry gave instead.
    """
    if not items:
        return {}

    def guarded(name: str) -> Got | RegistryError:
        try:
            return ask(name, items[name])
        except RegistryError as error:
            return error

    with asking_threads(min(len(items), 32), "registry") as threads:
        return dict(zip(items, threads.map(guarded, items), strict=True))


@contextmanager
def asking_threads(number: int, name: str) -> Iterator[ThreadPoolExecutor]:
    """Threads that have ended after the block; but Ctrl-C does not wait for a registry that says nothing."""
    pool = ThreadPoolExecutor(number, thread_name_prefix=name)
    waits = True
    try:
        yield pool
    except KeyboardInterrupt:
        waits = False
        raise
    finally:
        pool.shutdown(wait=waits, cancel_futures=True)
