"""Ctrl-C and a request to terminate, where they must wait."""

from __future__ import annotations

import signal

import pytest

from reconciler.operations.interrupts import deferring_interrupts, ignoring_interrupts, terminating_gently


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_deferred_interrupt_is_noted_and_the_next_one_counts(number: signal.Signals) -> None:
    with terminating_gently():
        with deferring_interrupts() as is_interrupted:
            before = is_interrupted()
            signal.raise_signal(number)
            after = is_interrupted()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)

    assert (before, after, is_interrupted()) == (False, True, True)


def test_an_ignored_interrupt_does_nothing_and_the_next_one_counts() -> None:
    with ignoring_interrupts():
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
