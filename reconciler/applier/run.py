"""One run over a list of changes: what is waiting, what is under way, what is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event

from reconciler.applier.making import Maker, StoppedError
from reconciler.applier.order import find_predecessors
from reconciler.applier.results import Applied, Result, Status
from reconciler.model import Change
from reconciler.registry import SchemaRegistry

INTERRUPTED = "the run was interrupted"
"""Why what was not begun is skipped after Ctrl-C."""
_RESTED = "what it rests on was not applied"


class Run:
    """Makes changes once; see :func:`reconciler.applier.apply_changes` for the arguments."""

    def __init__(
        self,
        changes: Sequence[Change],
        registries: Mapping[str, SchemaRegistry],
        on_result: Callable[[Result], None],
        before_write: Callable[[], None],
    ) -> None:
        self._changes = changes
        self._on_result = on_result
        self._check_lease = before_write
        self._interrupted = Event()
        self._stopped: str | None = None
        names = {change.registry for change in changes}
        self._makers = {name: Maker(registries[name], self._before_write, self._before_restoring) for name in names}
        self._pools = {
            name: ThreadPoolExecutor(
                registries[name].capabilities.concurrent_writes, thread_name_prefix=f"apply-{name}"
            )
            for name in names
        }
        predecessors = find_predecessors(changes)
        self._waiting = {index: set(needed) for index, needed in enumerate(predecessors)}
        self._followers: dict[int, list[int]] = {}
        for index, needed in enumerate(predecessors):
            for other in needed:
                self._followers.setdefault(other, []).append(index)
        self._versions: dict[str, dict[str, int]] = {name: {} for name in names}
        self._results: dict[int, Result] = {}
        # Workers write down what they do, so that an interrupt at any moment loses nothing.
        self._begun: set[int] = set()
        self._done: dict[int, Result] = {}
        self._finished: SimpleQueue[int] = SimpleQueue()
        self._under_way = 0

    def run(self) -> Applied:
        """Make the changes; called once."""
        try:
            self._make_all()
        except KeyboardInterrupt:
            self._interrupted.set()
            self._wait_for_those_in_flight()
        finally:
            for pool in self._pools.values():
                pool.shutdown(wait=not self._interrupted.is_set(), cancel_futures=True)
        self._skip_rest(INTERRUPTED if self._interrupted.is_set() else self._stopped or _RESTED)
        results = tuple(self._results[index] for index in range(len(self._changes)))
        return Applied(results, self._interrupted.is_set(), self._stopped)

    def _make_all(self) -> None:
        for index in [index for index, needed in self._waiting.items() if not needed]:
            self._start(index)
        while self._under_way:
            self._finish(self._finished.get())

    def _wait_for_those_in_flight(self) -> None:
        """Wait until every thread has come to its end; a second interrupt leaves it open how the rest ends."""
        try:
            for pool in self._pools.values():
                pool.shutdown(wait=True, cancel_futures=True)
        except KeyboardInterrupt:
            pass
        for index in sorted(self._begun - self._results.keys()):
            lost = Result(self._changes[index], Status.UNKNOWN, message="its answer was not waited for")
            self._record(index, self._done.get(index, lost))

    def _start(self, index: int) -> None:
        del self._waiting[index]
        self._under_way += 1
        self._pools[self._changes[index].registry].submit(self._work, index)

    def _work(self, index: int) -> None:
        change = self._changes[index]
        self._begun.add(index)
        self._done[index] = self._makers[change.registry].make(change, self._versions[change.registry])
        self._finished.put(index)

    def _finish(self, index: int) -> None:
        result = self._done[index]
        self._record(index, result)
        self._under_way -= 1
        if result.status is not Status.APPLIED:
            return
        for follower in self._followers.get(index, ()):
            self._waiting[follower].discard(index)
            if not self._waiting[follower]:
                self._start(follower)

    def _record(self, index: int, result: Result) -> None:
        self._results[index] = result
        change = result.change
        if result.version is not None and change.subject is not None:
            self._versions[change.registry][change.subject] = result.version
        self._on_result(result)

    def _skip_rest(self, why: str) -> None:
        for index, change in enumerate(self._changes):
            if index not in self._results:
                self._record(index, Result(change, Status.SKIPPED, message=why))

    def _before_write(self) -> None:
        if self._interrupted.is_set():
            raise StoppedError(INTERRUPTED)
        self._before_restoring()

    def _before_restoring(self) -> None:
        """Whoever may no longer write must not take a temporary mode back either: that is up to who may."""
        if self._stopped is None:
            try:
                self._check_lease()
            except Exception as error:  # noqa: BLE001 - whatever it is, nothing may be written after it
                self._stopped = str(error)
        if self._stopped is not None:
            raise StoppedError(self._stopped)
