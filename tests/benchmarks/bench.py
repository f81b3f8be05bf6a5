"""What is measured: rows of a command, its floor, how often, and the bound that it must keep to."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.answers import make_targets
from tests.benchmarks.floor.http import CONNECTIONS
from tests.benchmarks.history import write_history
from tests.benchmarks.measure import Run, Runs, measure_once
from tests.benchmarks.records import measure_ledger
from tests.benchmarks.report import Bound, Figure, Rate, Weight
from tests.benchmarks.samples import CHANGES, MORE_CHANGES, SCHEMAS, commit_all, write_changes, write_configuration
from tests.benchmarks.server import compile_program, measure_rate, run_server

CHECKOUT = Path(__file__).parents[2]
PRODUCT = Path(sys.executable).parent / "schemafed"
_BOUNDED_SUBJECTS = 10_000
_MOST_COMMITS = 10_000
_RECORDS = 5_000
_LEDGER = "refs/schemafed/rest"
_FLOOR = (sys.executable, "-m", "tests.benchmarks.floor")
_UNCHANGED = "Nothing to do."
_GROWTH = Bound(ratio=1.25)


@dataclass(frozen=True)
class Case:
    """One row: what the product does, what its floor is, and what must be so before each run."""

    name: str
    arguments: tuple[str, ...]
    floor: tuple[str, ...] = ()
    floor_name: str = ""
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


def measure_size(subjects: int, on_figure: Callable[[Figure], None]) -> list[Rate | Weight]:
    """Measure everything that depends on the number of subjects.

    Args:
        subjects: how many.
        on_figure: told each figure as it is there.

    Returns:
        how quick the server was, and how small the ledger.

    Raises:
        NoCompilerError, UnexpectedExitError: nothing can be measured.
    """
    with _made_place(subjects) as (place, hammer):
        for case in (*make_reading_cases(place), *make_applying_cases(place)):
            on_figure(_measure(case, subjects, place.root))
        on_figure(_measure(make_history_case(), _count_records(subjects), place.root))
        write_changes(place.root, subjects)
        commit_all(place.root, "Change a few")
        for case in make_changed_cases(place):
            on_figure(_measure(case, subjects, place.root))
        # Others than before: an odd number among even ones.
        write_changes(place.root, subjects, MORE_CHANGES, first=1)
        commit_all(place.root, "Change more")
        for case in make_more_changed_cases(place):
            on_figure(_measure(case, subjects, place.root))
        weight = Weight(_count_records(subjects), subjects, measure_ledger(place.root, _LEDGER))
        return [*_measure_server(hammer, place), weight]


def measure_reading(subjects: int, on_figure: Callable[[Figure], None]) -> None:
    """Measure what reads everything and writes nothing, for as many subjects; arguments and errors as above."""
    with _made_place(subjects) as (place, _):
        for case in make_reading_cases(place):
            on_figure(_measure(replace(case, bound=Bound(), times=3), subjects, place.root))


def make_growth(figures: Sequence[Figure], small: int, large: int) -> Iterator[Figure]:
    """How much longer more subjects take than so many times as few: the medians of both, of every figure."""
    by_name = {figure.name: figure.product for figure in figures if figure.subjects == small}
    for figure in figures:
        before = by_name.get(figure.name)
        if figure.subjects == large and before is not None:
            floor = Runs((Run(before.seconds * large / small, 0),))
            name = f"growth of {figure.name}"
            yield Figure(name, large, figure.product, floor, f"{large // small} times {small:,}", _GROWTH)


@contextmanager
def _made_place(subjects: int) -> Iterator[tuple[Place, Path]]:
    """A repository with a past and a ledger of many records, and the server; beside it the program that hammers it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="schemafed-bench-")))
        quick, hammer = (compile_program(name, folder) for name in ("quick", "hammer"))
        answers, targets = folder / "answers.bin", folder / "targets.txt"
        targets.write_text("\n".join(make_targets(subjects)) + "\n")
        # In a process of its own: a big parent would show in the peak of every child.
        measure_once((sys.executable, "-m", "tests.benchmarks.answers", str(subjects), answers), folder=CHECKOUT)
        port = stack.enter_context(run_server(quick, answers))
        place = Place(subjects, folder / "repository", targets, folder / "rows.db", port)
        place.root.mkdir()
        write_configuration(place.root, port)
        write_history(place.root, subjects, min(subjects, _MOST_COMMITS))
        measure_once((PRODUCT, "apply", "-e", "rest", "--yes"), folder=place.root)
        records = ("-m", "tests.benchmarks.records", place.root, _LEDGER, str(_count_records(subjects)))
        measure_once((sys.executable, *records), folder=CHECKOUT)
        yield place, hammer


def _count_records(subjects: int) -> int:
    return min(subjects // 2, _RECORDS)


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


def make_history_case() -> Case:
    """Read every record of a ledger; what counts is their number."""
    return Case("history, all records", ("history", "-e", "rest", "--output", "csv"), times=3)


def make_changed_cases(place: Place) -> list[Case]:
    """What a pull request asks for, and plan where some subjects have changed; against both kinds, since each has other
    questions.
    """
    files = ("files", str(place.root / SCHEMAS))
    rest = (*files, "http", str(place.port), str(place.targets))
    rows = (*_FLOOR, *files, "rows", str(place.rows))
    is_bounded = place.subjects >= _BOUNDED_SUBJECTS
    bound, checking, since = (
        (Bound(megabytes=500), Bound(seconds=2, megabytes=500), Bound(seconds=3, megabytes=500))
        if is_bounded
        else (Bound(), Bound(), Bound())
    )
    name = f"plan, {CHANGES} changes"
    return [
        Case(f"check, {CHANGES} changes", ("check", "--base", "HEAD~1"), bound=checking),
        Case(f"{name}, --since, REST", ("plan", "-e", "rest", "--since", "HEAD~1"), bound=since),
        Case(f"{name}, REST", ("plan", "-e", "rest"), (*_FLOOR, *rest), "files + HTTP", bound, times=3),
        Case(f"{name}, local", ("plan", "-e", "local"), rows, "files + SQLite", bound, times=3),
        Case(
            f"apply {CHANGES} changes, local",
            ("apply", "-e", "local", "--yes"),
            rows,
            "files + SQLite",
            bound,
            times=1,
        ),
    ]


def make_more_changed_cases(place: Place) -> list[Case]:
    """Plan and apply more changes, and see that nothing is left of them."""
    bound = Bound(megabytes=500) if place.subjects >= _BOUNDED_SUBJECTS else Bound()
    name, local = f"{MORE_CHANGES} changes, local", ("-e", "local")
    return [
        Case(f"plan, {name}", ("plan", *local), bound=bound, times=3),
        Case(f"apply {name}", ("apply", *local, "--yes"), bound=bound, times=1, expect="Applied."),
        Case("plan after it, local", ("plan", *local), bound=bound, times=1, expect=_UNCHANGED),
    ]


def _measure(case: Case, subjects: int, root: Path) -> Figure:
    """Measure product and floor in turn, so that whatever else the machine does falls on both."""
    product: list[Run] = []
    floor: list[Run] = []
    for _ in range(case.times):
        case.before()
        if case.floor:
            floor.append(measure_once(case.floor, folder=CHECKOUT))
        product.append(measure_once((PRODUCT, *case.arguments), folder=root, expect=case.expect))
    beside = Runs(tuple(floor)) if floor else None
    return Figure(case.name, subjects, Runs(tuple(product)), beside, case.floor_name, case.bound)


def _measure_server(hammer: Path, place: Place) -> Iterator[Rate]:
    targets: Sequence[str] = place.targets.read_text().splitlines()
    for connections in (1, CONNECTIONS):
        seconds = measure_rate(hammer, place.port, place.targets, connections)
        yield Rate("a C client", connections, len(targets), seconds)
    alone = measure_once((*_FLOOR, "http", str(place.port), str(place.targets)), folder=CHECKOUT)
    yield Rate("the floor's client (whole process)", CONNECTIONS, len(targets), alone.seconds)
