"""The measurements themselves: they run, judge their bounds, and answer as the registry would."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from reconciler.compatibility import JUDGED_FORMATS
from reconciler.model import Format
from tests.benchmarks.bench import measure_size
from tests.benchmarks.compatibility import find_unjudged, measure_compatibility
from tests.benchmarks.measure import Run, Runs, UnexpectedExitError, measure_once
from tests.benchmarks.report import Bound, Figure
from tests.benchmarks.samples import make_file, make_schema, make_stored_text
from tests.doubles.confluent.formats import avro


def make_figure(seconds: float, megabytes: float, bound: Bound) -> Figure:
    product = Runs(tuple(Run(s, int(megabytes * 1e6)) for s in (seconds / 2, seconds, seconds * 9)))
    return Figure("plan", 10_000, product, Runs((Run(1.0, 0),)), "files", bound)


@pytest.mark.parametrize(
    ("seconds", "megabytes", "is_met"),
    [(2.5, 499, True), (2.51, 100, False), (2.0, 500.1, False), (0.1, 1, True)],
)
def test_a_bound_is_met_by_the_median_of_the_runs_and_the_highest_peak(
    seconds: float, megabytes: float, is_met: bool
) -> None:
    figure = make_figure(seconds, megabytes, Bound(ratio=2.5, seconds=5, megabytes=500))

    assert figure.is_met is is_met


def test_seconds_are_a_bound_of_their_own() -> None:
    assert make_figure(4.9, 1, Bound(seconds=5)).is_met
    assert not make_figure(5.1, 1, Bound(seconds=5)).is_met
    assert make_figure(5.1, 1, Bound()).is_met


@pytest.mark.parametrize(("microseconds", "is_met"), [(250, True), (249, False)])
def test_microseconds_are_a_bound_for_each_of_what_is_counted(microseconds: float, is_met: bool) -> None:
    figure = make_figure(2.5, 1, Bound(microseconds=microseconds))

    assert figure.microseconds == 250
    assert figure.is_met is is_met


def test_without_a_floor_there_is_no_ratio() -> None:
    figure = Figure("check", 10, Runs((Run(1.0, 0),)), None, "")

    assert figure.ratio == 0
    assert figure.is_met


def test_the_server_holds_texts_as_the_registry_would_store_the_files() -> None:
    stored = avro.parse(make_file(make_schema(7)), (), normalize=False).text

    assert make_stored_text(7) == stored
    assert stored not in make_file(make_schema(7))
    assert len(make_schema(7)["fields"]) == 20


def test_a_command_that_does_something_else_is_not_measured(tmp_path: Path) -> None:
    with pytest.raises(UnexpectedExitError, match="ended with 3 instead of 0"):
        measure_once(("sh", "-c", "exit 3"), folder=tmp_path)
    with pytest.raises(UnexpectedExitError, match="did not print 'done'"):
        measure_once(("sh", "-c", "echo no"), folder=tmp_path, expect="done")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("cc") is None, reason="the server of the measurements needs a C compiler")
def test_everything_can_be_measured() -> None:
    figures: list[Figure] = []

    rates = measure_size(40, figures.append)

    assert [figure.name for figure in figures] == [
        "validate",
        "plan, no changes, REST",
        "apply all, local",
        "plan, no changes, local",
        "plan, 20 changes, REST",
        "plan, 20 changes, local",
        "apply 20 changes, local",
    ]
    assert all(figure.ratio > 0 and figure.product.peak_bytes > 1_000_000 for figure in figures)
    assert [rate.requests for rate in rates] == [42, 42, 42]


@pytest.mark.slow
def test_judging_can_be_measured_in_every_format_that_is_judged() -> None:
    figures = list(measure_compatibility(6, fields=60))

    by_name = {figure.name: figure for figure in figures}
    assert all(figure.product.seconds > 0 for figure in figures)
    assert by_name["check Avro, 30 fields, from texts"].floor is not None
    assert by_name["the same by 2 processes"].subjects == 6
    assert ("check Protobuf, 30 fields, prepared" in by_name) is (Format.PROTOBUF in JUDGED_FORMATS)
    assert set(find_unjudged()) == set(Format) - JUDGED_FORMATS
