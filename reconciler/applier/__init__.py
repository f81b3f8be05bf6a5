"""A plan's changes, made through the port: in order where order matters, side by side where it does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from reconciler.applier.order import find_predecessors
from reconciler.applier.results import Applied, Result, Status
from reconciler.applier.run import INTERRUPTED, Run
from reconciler.model import Change
from reconciler.registry import SchemaRegistry

__all__ = ["Applied", "Result", "Status", "apply_changes", "find_predecessors", "skip_changes"]


def apply_changes(
    changes: Sequence[Change],
    registries: Mapping[str, SchemaRegistry],
    on_result: Callable[[Result], None] = lambda result: None,
    *,
    before_write: Callable[[], None] = lambda: None,
) -> Applied:
    """Make changes.

    A change that fails stops those that rest on it, and no others. An interrupt (Ctrl-C) lets the requests in flight
    finish, takes back what was to hold only for a while, and skips the rest; a second one waits for nothing more.

    Args:
        changes: in an order in which they can be made one by one.
        registries: by name, those that the changes name.
        on_result: called on the calling thread as each change ends, skipped ones too.
        before_write: called before each write, on any thread. If it raises, that write is not started, nor any later
            one, and the error is why the rest is skipped.
    """
    return Run(changes, registries, on_result, before_write).run()


def skip_changes(changes: Sequence[Change], on_result: Callable[[Result], None] = lambda result: None) -> Applied:
    """Make none of the changes, since the run was interrupted before its first write; arguments as above."""
    results = tuple(Result(change, Status.SKIPPED, message=INTERRUPTED) for change in changes)
    for result in results:
        on_result(result)
    return Applied(results, is_interrupted=True)
