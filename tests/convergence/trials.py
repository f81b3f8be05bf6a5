"""One fault in the middle of an apply, then another apply: what the registry must hold afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from tests.convergence.commands import KILLED, Ended, Kill, Running
from tests.convergence.reading import find_deviations, find_touched
from tests.convergence.remotes import RemoteFault, write_hooks
from tests.convergence.scenario import LEVELS
from tests.convergence.stages import Origin, Place, Stage
from tests.doubles.fault_proxy import Passed, WireFault


class SelfFault(StrEnum):
    """`kill -9` of the process by itself, around a write to the registry or to the Git repository."""

    WRITE = "killed before a write"
    WRITE_AFTER = "killed after a write"
    GIT = "killed before a change in Git"
    GIT_AFTER = "killed after a change in Git"

    @property
    def what(self) -> str:
        return "write" if self in (SelfFault.WRITE, SelfFault.WRITE_AFTER) else "git"

    @property
    def is_after(self) -> bool:
        return self in (SelfFault.WRITE_AFTER, SelfFault.GIT_AFTER)


_RUNS = 3
"""How often the next apply may run on a machine that is too busy to answer in the time that the faults need."""
_SLOW = "no answer in time"
"""What a run says then, or where half a request holds the registry up."""

Fault = WireFault | RemoteFault | SelfFault


@dataclass(frozen=True)
class Trial:
    """Faults of one kind of place in one run, by the number of the request, push or write that suffers each."""

    faults: tuple[tuple[int, Fault], ...]

    def __str__(self) -> str:
        return ", ".join(f"{fault} at {index}" for index, fault in self.faults)


def one(fault: Fault, index: int) -> Trial:
    """A single fault."""
    return Trial(((index, fault),))


SURVIVED = tuple(
    f for f in WireFault if f not in (WireFault.REFUSE, WireFault.ERROR_503_AGAIN, WireFault.KILL, WireFault.KILL_AFTER)
)
"""Faults with which a run may go on."""
WRITES = 34
"""How many writes to the registry the thirty changes are, where a registry restores: two of them are of three steps."""
GIT_CHANGES = 6
"""Writing, pushing and noting a commit of the ledger, twice: the intent and the record."""
PUSHES = 2
FATAL = (WireFault.KILL, WireFault.REFUSE, WireFault.KILL_AFTER, WireFault.ERROR_503_AGAIN)
"""Faults with which it ends."""


def rotate_single(faults: Sequence[Fault], numbers: Iterable[int]) -> list[Trial]:
    """Each number with one fault, which goes around; a run each."""
    return [one(faults[turn % len(faults)], number) for turn, number in enumerate(numbers)]


def rotate_together(faults: Sequence[Fault], numbers: Iterable[int], runs: int, play: Callable[[Trial], Ended]) -> None:
    """Likewise, in few runs, each of which suffers many faults; until each number has had its own."""
    left = {number: faults[turn % len(faults)] for turn, number in enumerate(numbers)}
    while left:
        ended = play(Trial(tuple(left.items())[::runs]))
        left = {number: fault for number, fault in left.items() if number not in ended.struck}


@dataclass
class Table:
    """What became of the runs that suffered a fault; each was followed by one that finished the work."""

    rows: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, stage: str, trial: Trial, ended: Ended) -> None:
        self.rows.update(make_rows(stage, trial, ended))

    def render(self) -> str:
        columns = sorted({column for _, column in self.rows})
        names = sorted({name for name, _ in self.rows})
        width = max(map(len, names), default=0)
        lines = [" " * width + "".join(f"{column:>14}" for column in columns)]
        lines += [f"{n:<{width}}" + "".join(f"{self.rows[n, c]:>14,}" for c in columns) for n in names]
        return "\n".join([*lines, f"{self.rows.total():,} faults, and after each of them the next apply converged"])


def make_rows(stage: str, trial: Trial, ended: Ended) -> list[tuple[str, str]]:
    """What is counted of a trial: each fault that came, and what became of the run."""
    became = {0: "carried on", KILLED: "killed"}.get(ended.code, f"stopped ({ended.code})")
    among = ", among others" if len(trial.faults) > 1 else ""
    came = [fault for index, fault in trial.faults if not among or index in ended.struck]
    return [(f"{stage}: {fault}{among}", became) for fault in came]


def find_requests(origin: Origin) -> list[Passed]:
    """The requests of an apply that suffers no fault: what two runs agree on, as a slow machine repeats some."""
    before: list[Passed] = []
    while len(requests := _record_requests(origin)) != len(before):
        before = requests
    return requests


def _record_requests(origin: Origin, runs: int = _RUNS) -> list[Passed]:
    place = origin.begin()
    proxy = origin.stage.proxy
    assert proxy is not None
    proxy.arm()
    ended = origin.stage.commands.run(place.root, "apply", "--yes")
    if _SLOW in ended.text and runs > 1:
        origin.end(place)
        return _record_requests(origin, runs - 1)
    assert ended.code == 0, ended.text
    requests = list(proxy.passed)
    _raise_if_not_converged(origin, place, f"without a fault: {ended.text}")
    origin.end(place)
    return requests


def attempt(origin: Origin, trial: Trial) -> Ended:
    """Play one trial; the run that suffered the fault, and how it ended.

    Raises:
        AssertionError: the next apply does not lead where the repository says.
    """
    place = origin.begin()
    ended = _run_with_fault(origin, place, trial)
    story = f"{origin.stage.name}: {trial}\n--- the run with the fault ended with {ended.code}\n{ended.text}"
    touched = find_touched(origin.before, origin.read_foreign(place))
    assert not touched, f"{touched} of somebody else changed\n{story}"
    again = _apply_patiently(origin, place)
    story += f"\n--- the next one ended with {again.code}\n{again.text}"
    assert again.code == 0, story
    _raise_if_not_converged(origin, place, story)
    origin.end(place)
    return ended


def _apply_patiently(origin: Origin, place: Place) -> Ended:
    """Apply without a fault, and again only where the registry, with nothing in between, gave no answer in time."""
    ended = origin.stage.commands.run(place.root, "apply", "--yes")
    for _ in range(_RUNS - 1):
        if _SLOW not in ended.text:
            break
        ended = origin.stage.commands.run(place.root, "apply", "--yes")
    return ended


def _run_with_fault(origin: Origin, place: Place, trial: Trial) -> Ended:
    commands = origin.stage.commands
    index, fault = trial.faults[0]
    if isinstance(fault, WireFault):
        return _run_behind(origin.stage, place, trial)
    if isinstance(fault, SelfFault):
        return commands.run(place.root, "apply", "--yes", kill=Kill(fault.what, index, fault.is_after))
    write_hooks(place.remote, fault, index)
    ended = commands.run(place.root, "apply", "--yes")
    write_hooks(place.remote, None)
    return ended


def _run_behind(stage: Stage, place: Place, trial: Trial) -> Ended:
    proxy = stage.proxy
    assert proxy is not None
    running: list[Running] = []
    proxy.find_victim = lambda: running[0].process
    proxy.arm({index: fault for index, fault in trial.faults if isinstance(fault, WireFault)})
    running.append(stage.commands.start(place.root, "apply", "--yes"))
    ended = running[0].wait()
    ended = replace(ended, struck=proxy.struck)
    proxy.arm()
    assert trial.faults[0][0] in ended.struck, f"{trial} never came: the run made fewer requests\n{ended.text}"
    return ended


def _raise_if_not_converged(origin: Origin, place: Place, story: str) -> None:
    stage = origin.stage
    deviations = find_deviations(
        origin.before,
        origin.read(place),
        level=LEVELS[-1] if stage.has_level else None,
        restores=stage.restores,
        no_mode=stage.no_mode,
        is_permanent=stage.deletion == "hard",
        lacks=stage.lacks,
    )
    assert not deviations, "\n".join(["not as the repository says:", *deviations, story])
    planned = stage.commands.run(place.root, "plan", "--detailed-exitcode")
    assert planned.code == 0 and "APPLY_UNFINISHED" not in planned.text, f"{planned.text}\n{story}"
