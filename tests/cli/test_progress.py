"""What is shown while changes are made: a line each, and on a terminal a bar with counts below them."""

from __future__ import annotations

import re
from dataclasses import replace
from io import StringIO

import pytest

from reconciler.applier import Result, Status
from reconciler.cli.progress import MOST_LINES, showing_results
from reconciler.model import Location, Mode, SetCompatibility
from reconciler.secrets.redaction import forget_all, remember

CHANGE = SetCompatibility("orders", "payments.order", None, Mode.FULL, "declared", Location("x.yaml"))
MADE = Result(CHANGE, Status.APPLIED)
FAILED = Result(CHANGE, Status.FAILED, message="refused")
_STYLE = re.compile(r"\x1b\[\w+")


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def show(out: StringIO, results: list[Result], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stdout", out)
    with showing_results(len(results)) as on_result:
        for result in results:
            on_result(result)
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
