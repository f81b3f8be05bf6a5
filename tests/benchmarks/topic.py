"""Reading everything, modes included, from the registry's topic, beside the same over REST."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.answers import make_row
from tests.benchmarks.bench import CHECKOUT
from tests.benchmarks.measure import Run, Runs, Stretch, measure_once, measure_stretch
from tests.benchmarks.report import Bound, Figure
from tests.benchmarks.samples import make_mode
from tests.benchmarks.server import compile_program, run_server
from tests.schemas_topic import Record, create_topic, make_key, make_schema_key, write_records
from tests.servers.kafka import run_kafka
from tests.servers.unavailable import ServerUnavailableError

_TIMES = 5
_MEASURED = 10_000
_THINKING = (82_000, 1_600)
"""What a stock Confluent 8.1 was seen to take: 82 ms a page, and 9,900 answers a second over 16 connections."""
_ROWS: tuple[tuple[str, tuple[int, int] | None, Bound], ...] = (
    ("read the topic; REST answers at once", None, Bound(ratio=1)),
    ("read the topic; REST thinks as Confluent", _THINKING, Bound(ratio=0.4)),
)
_READING = Stretch("reading", "read")


def measure_topic(subjects: int, on_figure: Callable[[Figure], None]) -> str | None:
    """Measure a process that opens a registry and reads all of its state, both ways in turn.

    Args:
        subjects: how many there are.
        on_figure: told each figure as it is there.

    Returns:
        why no broker could be asked; None where one was.

    Raises:
        NoCompilerError, UnexpectedExitError: nothing can be measured.
    """
    with TemporaryDirectory(prefix="schemafed-bench-") as name:
        folder = Path(name)
        answers = folder / "answers.bin"
        measure_once((sys.executable, "-m", "tests.benchmarks.answers", str(subjects), answers), folder=CHECKOUT)
        quick = compile_program("quick", folder)
        try:
            with run_kafka(folder) as kafka:
                topic = create_topic(kafka.brokers)
                write_records(kafka.brokers, topic, _make_records(subjects))
                for row, thinking, bound in _ROWS:
                    with run_server(quick, answers, thinking=thinking) as port:
                        url, snapshot = f"http://127.0.0.1:{port}", f"kafka://{kafka.brokers}/{topic}"
                        on_figure(_measure(row, subjects, url, snapshot, bound if subjects >= _MEASURED else Bound()))
        except ServerUnavailableError as error:
            return str(error)
    return None


def _measure(name: str, subjects: int, url: str, snapshot: str, bound: Bound) -> Figure:
    by_topic: list[Run] = []
    by_rest: list[Run] = []
    for _ in range(_TIMES):
        by_rest.append(_read(url))
        by_topic.append(_read(url, snapshot))
    return Figure(name, subjects, Runs(tuple(by_topic)), Runs(tuple(by_rest)), "over REST", bound)


def _read(*place: str) -> Run:
    return measure_stretch((sys.executable, "-m", "tests.benchmarks.topic_reading", *place), _READING, folder=CHECKOUT)


def _make_records(subjects: int) -> Iterator[Record]:
    for number in range(subjects):
        row = make_row(number)
        subject = row["subject"]
        value = {key: row[key] for key in ("subject", "version", "id", "schema", "deleted")}
        yield make_schema_key(subject, 1), {**value, "references": [], "metadata": None, "ruleSet": None}
        yield make_key("CONFIG", subject), {"subject": subject, "compatibilityLevel": make_mode(number)}
