"""The measurements themselves: they run, judge their bounds, and answer as the registry would."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from reconciler.compatibility import JUDGED_FORMATS
from reconciler.model import EVENT_FORMATS, Format
from tests.benchmarks.answers import write_answers
from tests.benchmarks.bench import make_growth, measure_size
from tests.benchmarks.compatibility import find_unjudged, measure_compatibility
from tests.benchmarks.floor.writes import write_all
from tests.benchmarks.history import write_history
from tests.benchmarks.measure import Run, Runs, Stretch, UnexpectedExitError, measure_once, measure_stretch
from tests.benchmarks.policies import measure_policies
from tests.benchmarks.reading import measure_kind
from tests.benchmarks.report import Bound, Figure, Rate, Weight
from tests.benchmarks.samples import find_file, make_file, make_schema, make_stored_text
from tests.benchmarks.server import compile_program, run_server
from tests.doubles.confluent.formats import avro
from tests.repositories import run_git


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

    remarks = measure_size(40, figures.append)

    assert [figure.name for figure in figures] == [
        "validate",
        "plan, no changes, REST",
        "apply all, local",
        "plan, no changes, local",
        "history, all records",
        "check, 20 changes",
        "plan, 20 changes, --since, REST",
        "plan, 20 changes, REST",
        "plan, 20 changes, local",
        "apply 20 changes, local",
        "plan, 50 changes, local",
        "apply 50 changes, local",
        "plan after it, local",
    ]
    assert all(figure.product.seconds > 0 and figure.product.peak_bytes > 1_000_000 for figure in figures)
    assert [remark.requests for remark in remarks if isinstance(remark, Rate)] == [42, 42, 42]
    (weight,) = (remark for remark in remarks if isinstance(remark, Weight))
    assert (weight.records, weight.subjects) == (20, 40)
    assert 0 < weight.bytes < 100_000


def make_plan_figure(subjects: int, *seconds: float) -> Figure:
    return Figure("plan", subjects, Runs(tuple(Run(s, 0) for s in seconds)), None, "")


@pytest.mark.parametrize(("seconds", "ratio", "is_met"), [(10.0, 1.0, True), (12.4, 1.24, True), (12.6, 1.26, False)])
def test_growth_is_that_of_the_medians_beside_as_many_times_the_small_one(
    seconds: float, ratio: float, is_met: bool
) -> None:
    figures = [make_plan_figure(1_000, 9, 2, 1), make_plan_figure(5_000, 99, seconds, 1), make_plan_figure(7_000, 1)]

    (growth,) = make_growth(figures, 1_000, 5_000)

    assert growth.ratio == pytest.approx(ratio)
    assert growth.is_met is is_met


def test_a_stretch_is_measured_from_its_first_line_to_its_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen_at = iter([10.0, 11.0, 14.0])
    script = "echo before; echo applying; echo done; echo done; echo after"

    with monkeypatch.context() as patched:
        patched.setattr("tests.benchmarks.measure.perf_counter", lambda: next(seen_at))
        run = measure_stretch(("sh", "-c", script), Stretch("applying", "done"), folder=tmp_path)

    assert run.seconds == 4.0
    with pytest.raises(UnexpectedExitError, match="did not print 'applying' and 'ended'"):
        measure_stretch(("sh", "-c", "echo applying"), Stretch("applying", "ended"), folder=tmp_path)


def test_a_past_has_as_many_commits_as_wanted_and_ends_with_the_files_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "schemafed.yaml").write_text("version: 1\n")

    write_history(tmp_path, 7, 30)

    assert run_git(tmp_path, "rev-list", "--count", "main").strip() == "30"
    assert run_git(tmp_path, "status", "--short") == ""
    assert [find_file(tmp_path, n).read_text() for n in range(7)] == [make_file(make_schema(n)) for n in range(7)]
    assert len(run_git(tmp_path, "log", "--format=%H", "--", str(find_file(tmp_path, 3))).split()) == 5


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("cc") is None, reason="the server of the measurements needs a C compiler")
def test_a_server_takes_in_no_more_than_its_pace(tmp_path: Path) -> None:
    write_answers(30, tmp_path / "answers.bin", is_empty=True)

    with run_server(compile_program("quick", tmp_path), tmp_path / "answers.bin", 200) as port:
        seconds = write_all(f"http://127.0.0.1:{port}", "", 30)

    assert seconds >= 60 / 200


@pytest.mark.slow
def test_judging_can_be_measured_in_every_format_that_is_judged() -> None:
    figures = list(measure_compatibility(6, fields=60))

    by_name = {figure.name: figure for figure in figures}
    assert all(figure.product.seconds > 0 for figure in figures)
    assert by_name["check Avro, 30 fields, from texts"].floor is not None
    assert by_name["the same by 2 processes, each"].subjects == 6
    assert ("check Protobuf, 30 fields, prepared" in by_name) is (Format.PROTOBUF in JUDGED_FORMATS)
    assert set(find_unjudged()) == EVENT_FORMATS - JUDGED_FORMATS


def test_all_packs_are_measured_over_a_repository_and_in_a_check() -> None:
    figures: list[Figure] = []

    measure_policies(20, figures.append)

    assert [figure.name for figure in figures] == [
        "all packs, every subject",
        "all packs, no two fields alike",
        "check, 20 changes, all packs",
    ]
    assert all(figure.product.seconds > 0 for figure in figures)


@pytest.mark.parametrize(
    ("kind", "requests"),
    [
        ("local", 0),
        # Two for health (one of Glue's), the level, lists; then a mode each, and a text where a list has none.
        ("confluent", 5 + 60),
        ("karapace", 7 + 60),
        ("redpanda", 6 + 120),
        ("apicurio", 4 + 120),
        ("glue", 2 + 120),
    ],
)
def test_reading_a_kind_takes_the_requests_that_its_page_tells(kind: str, requests: int) -> None:
    run, asked = measure_kind(kind, 60)

    assert asked == requests
    assert run.seconds > 0
