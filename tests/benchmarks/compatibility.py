"""How quickly schemas are judged: pairs that are parsed already, texts, and many subjects with long histories."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import active_children, get_context
from pathlib import Path
from time import process_time
from typing import TypeVar

import avro.compatibility
import avro.schema

from reconciler.compatibility import JUDGED_FORMATS, Judged, check
from reconciler.compatibility.batch import Request, SchemaText, check_all
from reconciler.model import EVENT_FORMATS, Format, Mode, Outcome, Verdict
from reconciler.schemas import Parsed, language
from tests.benchmarks.measure import Run, Runs
from tests.benchmarks.pairs import (
    MAKERS,
    Make,
    make_avro,
    make_changed_json,
    make_json,
    make_nested_avro,
    make_protobuf,
)
from tests.benchmarks.report import Bound, Figure

_TIMES = 5
_VERSIONS = 10
_FIELDS = 20  # as in the other measurements
_PROCESSES = 2
_BOUNDED_SUBJECTS = 1_000
_BOUNDS = (Bound(seconds=3), Bound(seconds=3), Bound(ratio=0.6))
"""Of histories: prepared, from texts, and from texts by two processes."""
_TICKS = os.sysconf("SC_CLK_TCK")
_Any = TypeVar("_Any")


class WrongVerdictError(Exception):
    """A schema was judged otherwise than it was made to be, so that the figure would mean something else."""


@dataclass(frozen=True)
class Pairs:
    """One row: pairs of a format and size, and what judging one of them may take."""

    name: str
    format: Format
    make: Make
    fields: int
    microseconds: float


_ROWS = (
    Pairs("check Avro, 30 fields", Format.AVRO, make_avro, 30, 40),
    Pairs("check Avro, 300 nested fields", Format.AVRO, make_nested_avro, 300, 400),
    Pairs("check JSON Schema, 30 properties", Format.JSON, make_json, 30, 150),
    Pairs("check JSON Schema, 30 changed properties", Format.JSON, make_changed_json, 30, 400),
    Pairs("check Protobuf, 30 fields", Format.PROTOBUF, make_protobuf, 30, 70),
)


def find_unjudged() -> list[Format]:
    """The formats that the engine does not judge yet, which can therefore not be measured."""
    return [schema_format for schema_format in EVENT_FORMATS if schema_format not in JUDGED_FORMATS]


def measure_compatibility(subjects: int, fields: int = 9_000) -> Iterator[Figure]:
    """Measure everything about judging schemas.

    Args:
        subjects: how many have a long history.
        fields: how many are judged in one run of each kind of pair; bigger schemas make fewer pairs.

    Raises:
        WrongVerdictError: a schema is judged otherwise than it should be.
    """
    for row in _ROWS:
        if row.format in JUDGED_FORMATS:
            yield from _measure_pairs(row, max(1, fields // row.fields))
    yield from _measure_histories(subjects)


def _measure_pairs(row: Pairs, count: int) -> Iterator[Figure]:
    """Judge prepared pairs, and for Avro the same from texts; beside PyPI's `avro`, which has no other format."""
    texts = [(row.make(number, row.fields, 1), row.make(number, row.fields, 0)) for number in range(count)]
    judge = _judge_texts(row.format)
    parsed = [(_parse(row.format, new), _parse(row.format, old)) for new, old in texts]
    bound = Bound(microseconds=row.microseconds)
    if row.format is not Format.AVRO:
        (runs,) = _measure_in_turn(lambda: _each(parsed, _judge))
        yield Figure(f"{row.name}, prepared", count, runs, None, "", bound)
        return
    theirs = [(avro.schema.parse(new), avro.schema.parse(old)) for new, old in texts]
    ours, floor = _measure_in_turn(lambda: _each(parsed, _judge), lambda: _each(theirs, _judge_by_avro))
    yield Figure(f"{row.name}, prepared", count, ours, floor, "PyPI avro", bound)
    ours, floor = _measure_in_turn(lambda: _each(texts, judge), lambda: _each(texts, _judge_texts_by_avro))
    yield Figure(f"{row.name}, from texts", count, ours, floor, "PyPI avro", Bound(ratio=1 / 3))


def _measure_histories(subjects: int) -> Iterator[Figure]:
    """Judge the next version of many subjects of all formats against ten each: prepared, from texts, by processes."""
    requests = list(_make_requests(subjects))
    name = f"{_VERSIONS} versions each, FULL_TRANSITIVE"
    prepared, texts, shared = _BOUNDS if subjects == _BOUNDED_SUBJECTS else (Bound(), Bound(), Bound())
    yield Figure(f"{name}, prepared", subjects, _measure_prepared(requests), None, "", prepared)
    with ProcessPoolExecutor(_PROCESSES, get_context("spawn")) as executor:
        # So that the processes have imported what they need.
        _raise_if_incompatible(check_all(requests[:200], executor, chunk=25))
        alone, together = _measure_in_turn(
            lambda: _raise_if_incompatible(check_all(requests)),
            lambda: _raise_if_incompatible(check_all(requests, executor)),
            clock=_time_of_all,
            times=3,
        )
    each = Runs(tuple(Run(run.seconds / _PROCESSES, 0) for run in together.runs))
    yield Figure(f"{name}, from texts", subjects, alone, None, "", texts)
    yield Figure(f"the same by {_PROCESSES} processes, each", subjects, each, alone, "one process", shared)


def _time_of_all() -> float:
    """Processor time of this process and of those that it has started: on the clock, others' work would count too."""
    return process_time() + sum(_time_of(child.pid) for child in active_children() if child.pid)


def _time_of(process: int) -> float:
    """Processor time of another process, as Linux tells it: the 14th and 15th part, of which the second may be any text
    in brackets.
    """
    after_name = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / _TICKS


def _measure_prepared(requests: Sequence[Request]) -> Runs:
    cases = [(_parse(r.new.format, r.new.definition), _parse_history(r)) for r in requests]
    (runs,) = _measure_in_turn(
        lambda: _raise_if_incompatible(check(new, history, Mode.FULL_TRANSITIVE) for new, history in cases)
    )
    return runs


def _make_requests(subjects: int) -> Iterator[Request]:
    judged = [schema_format for schema_format in EVENT_FORMATS if schema_format in JUDGED_FORMATS]
    for number in range(subjects):
        schema_format = judged[number % len(judged)]
        texts = [
            SchemaText(schema_format, MAKERS[schema_format](number, _FIELDS, version))
            for version in range(_VERSIONS + 1)
        ]
        yield Request(texts[-1], tuple(enumerate(texts[:-1], 1)), Mode.FULL_TRANSITIVE)


def _parse(schema_format: Format, text: str) -> Parsed:
    lang = language(schema_format)
    return lang.parse(lang.read(text), {})


def _parse_history(request: Request) -> list[Judged]:
    return [Judged(version, _parse(text.format, text.definition)) for version, text in request.history]


def _measure_in_turn(
    *works: Callable[[], object], clock: Callable[[], float] = process_time, times: int = _TIMES
) -> list[Runs]:
    """Time each work several times, one after the other; once before, which prepares what is made when first asked.

    Processor time, unless asked otherwise: these are figures of a few milliseconds on a core, whoever else wants it.
    """
    runs: list[list[Run]] = [[] for _ in works]
    for work in works:
        work()
    for _ in range(times):
        for work, own in zip(works, runs, strict=True):
            gc.collect()
            begin = clock()
            work()
            own.append(Run(clock() - begin, 0))
    return [Runs(tuple(own)) for own in runs]


def _each(pairs: Sequence[tuple[_Any, _Any]], judge: Callable[[_Any, _Any], bool]) -> None:
    for new, old in pairs:
        if not judge(new, old):
            raise WrongVerdictError(f"a schema that may follow another was found not to: {new}")


def _raise_if_incompatible(verdicts: Iterable[Verdict]) -> None:
    for verdict in verdicts:
        if verdict.outcome is not Outcome.COMPATIBLE or len(verdict.versions) != _VERSIONS:
            raise WrongVerdictError(f"a schema that may follow {_VERSIONS} others: {verdict.findings[:1]}")


def _judge(new: Parsed, old: Parsed) -> bool:
    return check(new, [Judged(1, old)], Mode.BACKWARD).outcome is Outcome.COMPATIBLE


def _judge_texts(schema_format: Format) -> Callable[[str, str], bool]:
    return lambda new, old: _judge(_parse(schema_format, new), _parse(schema_format, old))


def _judge_by_avro(new: avro.schema.Schema, old: avro.schema.Schema) -> bool:
    checker = avro.compatibility.ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]
    found = checker.get_compatibility(new, old)
    return bool(found.compatibility is avro.compatibility.SchemaCompatibilityType.compatible)


def _judge_texts_by_avro(new: str, old: str) -> bool:
    return _judge_by_avro(avro.schema.parse(new), avro.schema.parse(old))
