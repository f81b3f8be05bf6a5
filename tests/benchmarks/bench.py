"""What is measured: rows of a command, its floor, how often, and the bound that it must keep to."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.answers import make_targets
from tests.benchmarks.floor.http import CONNECTIONS
from tests.benchmarks.measure import Run, Runs, measure_once
from tests.benchmarks.report import Bound, Figure, Rate
from tests.benchmarks.samples import SCHEMAS, commit_all, write_changes, write_configuration, write_repository
from tests.benchmarks.server import compile_program, measure_rate, run_server

CHECKOUT = Path(__file__).parents[2]
PRODUCT = Path(sys.executable).parent / "schemafed"
_BOUNDED_SUBJECTS = 10_000
_CHANGES = 20
_FLOOR = (sys.executable, "-m", "tests.benchmarks.floor")
_UNCHANGED = "Nothing to do."


@dataclass(frozen=True)
class Case:
    """One row: what the product does, what its floor is, and what must be so before each run."""

    name: str
    arguments: tuple[str, ...]
    floor: tuple[str, ...]
    floor_name: str
    bound: Bound = field(default_factory=Bound)
    times: int = 5
    expect: str = ""
    before: Callable[[], object] = lambda: None


@dataclass(frozen=True)
class Place:
    """Where the subjects of one size are: repository, list of targets, the floor's own store, port of the server."""

    subjects: int
    root: Path
    targets: Path
    rows: Path
    port: int

    @property
    def registry(self) -> Path:
        return self.root / ".schemafed"


def measure_start() -> Iterator[Figure]:
    """Measure what a command costs that does nothing: against Python itself."""
    bare = (sys.executable, "-c", "pass")
    for option in ("--help", "--version"):
        case = Case(f"schemafed {option}", (option,), bare, "python -c pass", Bound(ratio=5), times=15)
        yield _measure(case, 0, CHECKOUT)


def measure_size(subjects: int, on_figure: Callable[[Figure], None]) -> list[Rate]:
    """Measure everything that depends on the number of subjects.

    Args:
        subjects: how many.
        on_figure: told each figure as it is there.

    Returns:
        how quick the server was.

    Raises:
        NoCompilerError, UnexpectedExitError: nothing can be measured.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="schemafed-bench-")))
        quick, hammer = (compile_program(name, folder) for name in ("quick", "hammer"))
        answers, targets = folder / "answers.bin", folder / "targets.txt"
        targets.write_text("\n".join(make_targets(subjects)) + "\n")
        # In a process of its own: a big parent would show in the peak of every child.
        measure_once((sys.executable, "-m", "tests.benchmarks.answers", str(subjects), answers), folder=CHECKOUT)
        port = stack.enter_context(run_server(quick, answers))
        place = Place(subjects, folder / "repository", targets, folder / "rows.db", port)
        write_repository(place.root, subjects)
        write_configuration(place.root, port)
        commit_all(place.root, "Every schema as it is at first")
        for case in (*make_reading_cases(place), *make_applying_cases(place)):
            on_figure(_measure(case, subjects, place.root))
        write_changes(place.root, subjects, _CHANGES)
        commit_all(place.root, "Change a few")
        for case in make_changed_cases(place):
            on_figure(_measure(case, subjects, place.root))
        return list(_measure_server(hammer, place))


def make_reading_cases(place: Place) -> list[Case]:
    """Validate, and plan over REST where nothing has changed."""
    is_bounded = place.subjects >= _BOUNDED_SUBJECTS
    files = ("files", str(place.root / SCHEMAS))
    rest = (*files, "http", str(place.port), str(place.targets))
    reading = Bound(ratio=3, megabytes=500) if is_bounded else Bound()
    planning = Bound(ratio=2.5, seconds=5, megabytes=500) if is_bounded else Bound()
    return [
        Case("validate", ("validate",), (*_FLOOR, *files), "files", reading),
        Case(
            "plan, no changes, REST",
            ("plan", "-e", "rest"),
            (*_FLOOR, *rest),
            "files + HTTP",
            planning,
            expect=_UNCHANGED,
        ),
    ]


def make_applying_cases(place: Place) -> list[Case]:
    """Apply everything to an empty embedded registry, then plan against it."""
    files = ("files", str(place.root / SCHEMAS))
    database = str(place.rows)
    bound = Bound(megabytes=500) if place.subjects >= _BOUNDED_SUBJECTS else Bound()

    def forget() -> None:
        shutil.rmtree(place.registry, ignore_errors=True)
        for left in place.rows.parent.glob(f"{place.rows.name}*"):
            left.unlink()

    write = (*_FLOOR, *files, "write", str(place.root / SCHEMAS), database)
    apply = ("apply", "-e", "local", "--yes")
    return [
        Case("apply all, local", apply, write, "files + SQLite", bound, times=1, before=forget),
        Case(
            "plan, no changes, local",
            ("plan", "-e", "local"),
            (*_FLOOR, *files, "rows", database),
            "files + SQLite",
            bound,
            times=3,
            expect=_UNCHANGED,
        ),
    ]


def make_changed_cases(place: Place) -> list[Case]:
    """Plan where some subjects have changed; against both kinds, since each has other questions."""
    files = ("files", str(place.root / SCHEMAS))
    rest = (*files, "http", str(place.port), str(place.targets))
    bound = Bound(megabytes=500) if place.subjects >= _BOUNDED_SUBJECTS else Bound()
    name = f"plan, {_CHANGES} changes"
    return [
        Case(f"{name}, REST", ("plan", "-e", "rest"), (*_FLOOR, *rest), "files + HTTP", bound, times=3),
        Case(
            f"{name}, local",
            ("plan", "-e", "local"),
            (*_FLOOR, *files, "rows", str(place.rows)),
            "files + SQLite",
            bound,
            times=3,
        ),
        Case(
            f"apply {_CHANGES} changes, local",
            ("apply", "-e", "local", "--yes"),
            (*_FLOOR, *files, "rows", str(place.rows)),
            "files + SQLite",
            bound,
            times=1,
        ),
    ]


def _measure(case: Case, subjects: int, root: Path) -> Figure:
    """Measure product and floor in turn, so that whatever else the machine does falls on both."""
    product: list[Run] = []
    floor: list[Run] = []
    for _ in range(case.times):
        case.before()
        floor.append(measure_once(case.floor, folder=CHECKOUT))
        product.append(measure_once((PRODUCT, *case.arguments), folder=root, expect=case.expect))
    return Figure(case.name, subjects, Runs(tuple(product)), Runs(tuple(floor)), case.floor_name, case.bound)


def _measure_server(hammer: Path, place: Place) -> Iterator[Rate]:
    targets: Sequence[str] = place.targets.read_text().splitlines()
    for connections in (1, CONNECTIONS):
        seconds = measure_rate(hammer, place.port, place.targets, connections)
        yield Rate("a C client", connections, len(targets), seconds)
    alone = measure_once((*_FLOOR, "http", str(place.port), str(place.targets)), folder=CHECKOUT)
    yield Rate("the floor's client (whole process)", CONNECTIONS, len(targets), alone.seconds)
