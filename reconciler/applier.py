"""A plan's changes, made through the port: in order where order matters, side by side where it does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import StrEnum
from queue import SimpleQueue
from typing import assert_never

from reconciler.errors import OutcomeUnknownError, RegistryError
from reconciler.model import Change, RegisterSchema, SetCompatibility, SetDefaultCompatibility
from reconciler.registry import SchemaRegistry, resolve_versions


class Status(StrEnum):
    """What became of a change."""

    APPLIED = "applied"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Result:
    """One change and what became of it: the version registered, or why it failed and what to do."""

    change: Change
    status: Status
    version: int | None = None
    message: str | None = None
    fix: str | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """The results in the plan's order, and whether the run was interrupted."""

    results: tuple[Result, ...]
    is_interrupted: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether every change was applied."""
        return all(r.status is Status.APPLIED for r in self.results)


def apply_changes(
    changes: Sequence[Change],
    registries: Mapping[str, SchemaRegistry],
    on_result: Callable[[Result], None] = lambda result: None,
) -> Applied:
    """Make changes.

    A change that fails stops those that rest on it, and no others. An interrupt (Ctrl-C) lets the requests in flight
    finish and skips the rest.

    Args:
        changes: in an order in which they can be made one by one.
        registries: by name, those that the changes name.
        on_result: called on the calling thread as each change ends, skipped ones too.
    """
    return _Run(changes, registries, on_result).run()


def find_predecessors(changes: Sequence[Change]) -> list[frozenset[int]]:
    """For each change, the indexes of the changes that must be applied before it.

    These are the earlier changes of the same subject, the registrations of what it refers to, and around a change of a
    registry's own level everything of that registry.
    """
    latest: dict[tuple[str, str], int] = {}
    registered: dict[tuple[str, str], int] = {}
    level: dict[str, int] = {}
    of_registry: dict[str, list[int]] = {}
    predecessors = []
    for index, change in enumerate(changes):
        needed = {level[change.registry]} if change.registry in level else set()
        if isinstance(change, SetDefaultCompatibility):
            needed.update(of_registry.get(change.registry, ()))
            level[change.registry] = index
        else:
            key = (change.registry, change.subject)
            if key in latest:
                needed.add(latest[key])
            latest[key] = index
            if isinstance(change, RegisterSchema):
                registered[key] = index
                references = ((change.registry, r.subject) for r in change.after.references)
                needed.update(registered[r] for r in references if r in registered and r != key)
        of_registry.setdefault(change.registry, []).append(index)
        predecessors.append(frozenset(needed))
    return predecessors


@dataclass
class _Run:
    """One run over a list of changes: what is waiting, what is under way, what is done."""

    changes: Sequence[Change]
    registries: Mapping[str, SchemaRegistry]
    on_result: Callable[[Result], None]
    versions: dict[tuple[str, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        predecessors = find_predecessors(self.changes)
        self.waiting = {i: set(p) for i, p in enumerate(predecessors)}
        self.followers: dict[int, list[int]] = {}
        for index, needed in enumerate(predecessors):
            for other in needed:
                self.followers.setdefault(other, []).append(index)
        self.results: dict[int, Result] = {}
        self.finished: SimpleQueue[tuple[int, Result]] = SimpleQueue()
        self.under_way = 0

    def run(self) -> Applied:
        names = {change.registry for change in self.changes}
        pools = {
            name: ThreadPoolExecutor(
                self.registries[name].capabilities.concurrent_writes, thread_name_prefix=f"apply-{name}"
            )
            for name in names
        }
        is_interrupted = False
        try:
            for index in [i for i, needed in self.waiting.items() if not needed]:
                self._start(index, pools)
            while self.under_way:
                self._finish(*self.finished.get(), pools)
        except KeyboardInterrupt:
            is_interrupted = True
            for pool in pools.values():
                pool.shutdown(wait=True, cancel_futures=True)
            while not self.finished.empty():
                self._record(*self.finished.get())
        finally:
            for pool in pools.values():
                pool.shutdown(wait=True, cancel_futures=True)
        self._skip_rest("the run was interrupted" if is_interrupted else "what it rests on was not applied")
        return Applied(tuple(self.results[i] for i in range(len(self.changes))), is_interrupted)

    def _start(self, index: int, pools: Mapping[str, ThreadPoolExecutor]) -> None:
        del self.waiting[index]
        change = self.changes[index]
        self.under_way += 1
        future = pools[change.registry].submit(self._apply, change)
        future.add_done_callback(lambda done: self._hand_over(index, done))

    def _hand_over(self, index: int, done: Future[Result]) -> None:
        if done.cancelled():
            return
        error = done.exception()
        if error is not None:
            message = f"this is a defect of schemafed: {type(error).__name__}: {error}"
            self.finished.put((index, Result(self.changes[index], Status.UNKNOWN, message=message)))
        else:
            self.finished.put((index, done.result()))

    def _finish(self, index: int, result: Result, pools: Mapping[str, ThreadPoolExecutor]) -> None:
        self._record(index, result)
        self.under_way -= 1
        if result.status is not Status.APPLIED:
            return
        for follower in self.followers.get(index, ()):
            self.waiting[follower].discard(index)
            if not self.waiting[follower]:
                self._start(follower, pools)

    def _record(self, index: int, result: Result) -> None:
        self.results[index] = result
        if result.version is not None and isinstance(result.change, RegisterSchema):
            self.versions[result.change.registry, result.change.subject] = result.version
        self.on_result(result)

    def _skip_rest(self, why: str) -> None:
        for index, change in enumerate(self.changes):
            if index not in self.results:
                self._record(index, Result(change, Status.SKIPPED, message=why))

    def _apply(self, change: Change) -> Result:
        registry = self.registries[change.registry]
        try:
            return self._call(registry, change)
        except OutcomeUnknownError as error:
            return Result(change, Status.UNKNOWN, message=str(error), fix=error.fix)
        except RegistryError as error:
            return Result(change, Status.FAILED, message=str(error), fix=error.fix)

    def _call(self, registry: SchemaRegistry, change: Change) -> Result:
        match change:
            case RegisterSchema():
                return self._register(registry, change)
            case SetCompatibility():
                registry.set_compatibility(change.subject, change.after)
            case SetDefaultCompatibility():
                registry.set_compatibility(None, change.after)
            case _:
                assert_never(change)
        return Result(change, Status.APPLIED)

    def _register(self, registry: SchemaRegistry, change: RegisterSchema) -> Result:
        known = {
            r.subject: self.versions[change.registry, r.subject]
            for r in change.after.references
            if (change.registry, r.subject) in self.versions
        }
        references = resolve_versions(change.after.references, known)
        got = registry.register_schema(change.subject, replace(change.after, references=references))
        if change.before and got.version <= change.before.version:
            return Result(
                change,
                Status.FAILED,
                got.version,
                f"the registry answered with version {got.version}, which it had already, and changed nothing",
                "plan again to see what it holds now",
            )
        return Result(change, Status.APPLIED, got.version)
