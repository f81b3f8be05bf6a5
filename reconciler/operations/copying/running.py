"""A copy as it is made: each subject's versions one after the other, several subjects at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from graphlib import TopologicalSorter
from queue import SimpleQueue
from threading import Event

from reconciler.copying import CopyPlan, SubjectCopy, VersionCopy, VersionKey
from reconciler.errors import RegistryError, ThrottledError, UnauthorizedError, UnreachableError
from reconciler.operations.copying.journal import Before
from reconciler.operations.copying.restoring import restore
from reconciler.operations.copying.writing import Made, Writer
from reconciler.registry import SchemaRegistry

_LASTING = (UnreachableError, UnauthorizedError, ThrottledError)
"""After these the rest of the copy would fail likewise."""
_INTERRUPTED = "the run was interrupted"


def find_temporary(plan: CopyPlan, target: SchemaRegistry, held: Mapping[str | None, object]) -> dict[str, Before]:
    """By subject of the target, what it has now of that which is changed for a while.

    Args:
        held: by subject, the present value of the setting that an import changes; None for the registry's own, which
            may be what it takes already.
    """
    importing = target.capabilities.importing
    found = {}
    for subject in plan.changed:
        setting = held.get(subject.target)
        is_open = plan.keeps_ids and bool(subject.writes) and importing is not None
        is_open = is_open and (setting or held.get(None)) != (importing.value if importing else None)
        if is_open or subject.is_loosened:
            before = setting if isinstance(setting, str) else None
            mode = subject.mode_before if subject.mode_before or target.capabilities.resets_modes else subject.mode
            found[subject.target] = Before(mode, before, subject.is_loosened, is_open)
    return found


class Run:
    """Makes a copy once.

    Args:
        temporary: what is changed for a while, as it is written down.
        on_version: told how many of how many versions are written.
    """

    def __init__(
        self,
        plan: CopyPlan,
        registry: SchemaRegistry,
        temporary: Mapping[str, Before],
        on_version: Callable[[int, int], None],
    ) -> None:
        self._registry = registry
        self._temporary = temporary
        self._on_version = on_version
        self._subjects = {subject.source: subject for subject in plan.changed}
        self._copies = {copy.key: copy for subject in plan.changed for copy in subject.writes}
        self._waiting = Counter(key[0] for key in self._copies)
        self.made = Made()
        for subject in plan.subjects:
            self.made.numbers.update(((subject.source, n), number) for n, number in subject.present.items())
        self._writer = Writer(registry, plan.keeps_ids, temporary, self.made)
        self._interrupted = Event()
        self._sorter = self._make_sorter()
        self._finished: SimpleQueue[VersionKey] = SimpleQueue()
        self._ready: list[VersionKey] = []
        self._under_way = 0
        self._closed: set[str] = set()

    def run(self) -> Made:
        """Make it; called once. Whatever happens, what was changed for a while is given back if the target lets us."""
        pool = ThreadPoolExecutor(self._registry.capabilities.concurrent_writes, thread_name_prefix="copy")
        try:
            self._make_all(pool)
        except KeyboardInterrupt:
            self._interrupted.set()
            self.made.is_interrupted = True
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        for subject in self._subjects.values():
            if subject.source not in self._closed:
                self.made.failed.setdefault(subject.source, _INTERRUPTED)
            self._give_back(subject)
        return self.made

    def _make_sorter(self) -> TopologicalSorter[VersionKey]:
        """Let each version wait for the one before it and for what it refers to; a mode alone waits for nothing."""
        sorter: TopologicalSorter[VersionKey] = TopologicalSorter()
        for name, subject in self._subjects.items():
            before: tuple[VersionKey, ...] = ()
            for copy in subject.writes:
                sorter.add(copy.key, *before, *(use for use in copy.uses if use in self._copies))
                before = (copy.key,)
            if not subject.writes:
                sorter.add((name, 0))
        sorter.prepare()
        return sorter

    def _make_all(self, pool: ThreadPoolExecutor) -> None:
        """Go on with what was begun before beginning anything else, so that few subjects are open at a time."""
        self._ready.extend(sorted(self._sorter.get_ready(), reverse=True))
        while self._ready or self._under_way:
            while self._ready and self._under_way < self._registry.capabilities.concurrent_writes:
                pool.submit(self._work, self._ready.pop())
                self._under_way += 1
            self._sorter.done(self._finished.get())
            self._under_way -= 1
            self._ready.extend(self._sorter.get_ready())
            if self._copies:
                self._on_version(len(self._copies) - self._waiting.total(), len(self._copies))

    def _work(self, key: VersionKey) -> None:
        try:
            subject, copy = self._subjects[key[0]], self._copies.get(key)
            why = self._find_hindrance(subject, copy)
            if why is None:
                self._try(subject, copy)
            else:
                self.made.failed.setdefault(subject.source, why)
            self._waiting[subject.source] -= copy is not None
            if not self._waiting[subject.source]:
                self._close(subject)
        finally:
            self._finished.put(key)

    def _find_hindrance(self, subject: SubjectCopy, copy: VersionCopy | None) -> str | None:
        if self._interrupted.is_set():
            return _INTERRUPTED
        if self.made.stopped or subject.source in self.made.failed:
            return self.made.failed.get(subject.source) or self.made.stopped
        missing = next((use for use in copy.uses if use not in self.made.numbers), None) if copy else None
        return f"version {missing[1]} of {missing[0]}, to which it refers, was not copied" if missing else None

    def _try(self, subject: SubjectCopy, copy: VersionCopy | None) -> None:
        if copy is not None:
            self._guard(subject, lambda: self._writer.write(subject, copy))

    def _close(self, subject: SubjectCopy) -> None:
        """Give a subject what it has in the end, or where it is not complete what it had."""
        if subject.source not in self.made.failed:
            self._guard(subject, lambda: self._writer.finish(subject))
        self._give_back(subject)
        self._closed.add(subject.source)

    def _give_back(self, subject: SubjectCopy) -> None:
        before = self._writer.opened.pop(subject.target, None)
        if before is None:
            return
        try:
            restore(self._registry, subject.target, before)
        except RegistryError as error:
            self.made.left[subject.target] = before
            self.made.failed.setdefault(subject.source, str(error))

    def _guard(self, subject: SubjectCopy, act: Callable[[], None]) -> None:
        try:
            act()
        except RegistryError as error:
            self.made.failed.setdefault(subject.source, str(error))
            if isinstance(error, _LASTING):
                self.made.stopped = str(error)
        except Exception as error:  # noqa: BLE001 - an adapter's defect must not take the other subjects with it
            defect = f"this is a defect of schemafed: {type(error).__name__}: {error}"
            self.made.failed.setdefault(subject.source, defect)
