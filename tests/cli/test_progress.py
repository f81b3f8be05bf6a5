"""What is shown while changes are made: a line each, and on a terminal a bar with counts below them."""

from __future__ import annotations

import re
from dataclasses import replace
from io import StringIO

import pytest
from rich import get_console

from reconciler.applier import Result, Status
from reconciler.cli.console import _console, showing_progress
from reconciler.cli.progress import MOST_LINES, showing_results
from reconciler.model import Finding, Location, Mode, SetCompatibility, Severity, Source
from reconciler.secrets.redaction import forget_all, remember

CHANGE = SetCompatibility("orders", "payments.order", None, Mode.FULL, "declared", Location("x.yaml"))
MADE = Result(CHANGE, Status.APPLIED)
FAILED = Result(CHANGE, Status.FAILED, message="refused")
WARNING = Finding("WAIVER_UNCONFIRMED", Severity.WARNING, Source.POLICY, "the approver is not confirmed")
_STYLE = re.compile(r"\x1b\[[\d;?]*[A-Za-z]")


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def show(out: StringIO, results: list[Result], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stdout", out)
    with showing_results(len(results)) as listeners:
        for result in results:
            listeners.on_result(result)
    return out.getvalue()


def test_a_log_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    text = show(StringIO(), [MADE, FAILED], monkeypatch)

    lines = text.splitlines()
    assert lines[0] == "  ✓ orders/payments.order  mode inherited → FULL"
    assert lines[-1] == "      failed: refused"
    assert "\x1b" not in text


def test_a_terminal_gets_lines_and_a_bar_with_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    text = show(Terminal(), [MADE, FAILED, MADE], monkeypatch)

    assert text.count("payments.order") == 3
    assert "applying, 1 failed" in text
    assert "3/3" in text


def test_a_terminal_is_told_the_remaining_time_once_it_can_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    out, seconds = Terminal(), [0.0]
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stdout", out)
    monkeypatch.setattr(get_console(), "get_time", lambda: seconds[0])

    with showing_results(100) as listeners:
        for _ in range(10):
            seconds[0] += 2
            listeners.on_result(MADE)

    shown = _STYLE.sub("", out.getvalue())
    assert "0/100 -:--:--" in shown
    # Two seconds a change, and ninety of them to go.
    assert "10/100 0:03:00" in shown


def test_a_terminals_bar_says_what_is_done_before_the_first_change(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stdout", out)
    monkeypatch.setattr("sys.stderr", StringIO())

    with showing_results(2) as listeners:
        listeners.on_warning(WARNING)
        listeners.on_progress("reading histories of orders", 3, 40)

    assert "reading histories of orders 3/40" in out.getvalue()
    assert "warning: the approver is not confirmed" in _STYLE.sub("", out.getvalue())


STEPS: list[tuple[str, int, int]] = [
    ("reading orders", 0, 0),
    *(("reading histories of orders", done, 30) for done in range(1, 31)),
    *(("asking for verdicts", done, 3) for done in range(1, 4)),
]


def tell(err: StringIO, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", err)
    _console.cache_clear()
    with showing_progress() as on_progress:
        for step in STEPS:
            on_progress(*step)
    return err.getvalue()


def test_a_log_gets_a_line_a_step_and_none_for_what_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tell(StringIO(), monkeypatch) == "reading orders ...\n"


def test_a_terminal_counts_what_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = _STYLE.sub("", tell(Terminal(), monkeypatch))

    assert "reading orders" in shown
    assert "reading histories of orders" in shown and "/30" in shown
    assert "asking for verdicts" not in shown, "it is over before anybody has read it"


def test_a_terminal_is_told_the_remaining_time_of_what_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    err, seconds = Terminal(), [0.0]
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", err)
    _console.cache_clear()
    monkeypatch.setattr(_console(err), "get_time", lambda: seconds[0])

    with showing_progress() as on_progress:
        for done in range(11):
            on_progress("reading histories of orders", done, 100)
            seconds[0] += 2

    assert "10/100 0:03:00" in _STYLE.sub("", err.getvalue())


def test_a_terminal_is_not_flooded(monkeypatch: pytest.MonkeyPatch) -> None:
    text = show(Terminal(), [MADE] * MOST_LINES + [FAILED], monkeypatch)

    assert text.count("payments.order") == 1
    assert f"{MOST_LINES + 1}/{MOST_LINES + 1}" in text


@pytest.mark.parametrize("out", [StringIO, Terminal])
def test_what_was_skipped_is_one_line_for_a_reason(out: type[StringIO], monkeypatch: pytest.MonkeyPatch) -> None:
    skipped = [
        Result(replace(CHANGE, subject=f"s{n}"), Status.SKIPPED, message="the run was interrupted") for n in range(1200)
    ]
    alone = Result(CHANGE, Status.SKIPPED, message="what it rests on was not applied")

    text = show(out(), [MADE, *skipped, alone], monkeypatch)

    assert [_STYLE.sub("", line) for line in text.splitlines()[-4:]] == [
        "  - 1,200 changes skipped: the run was interrupted",
        "      orders/s0, orders/s1, orders/s2, orders/s3, orders/s4 and 1,195 more",
        "  - 1 change skipped: what it rests on was not applied",
        "      orders/payments.order",
    ]


@pytest.mark.parametrize("out", [StringIO, Terminal])
def test_no_secret_is_shown(out: type[StringIO], monkeypatch: pytest.MonkeyPatch) -> None:
    remember("s3cret-of-this-test")
    try:
        text = show(out(), [Result(CHANGE, Status.FAILED, message="asked with s3cret-of-this-test")], monkeypatch)
    finally:
        forget_all()

    assert "asked with" in text
    assert "s3cret-of-this-test" not in text
