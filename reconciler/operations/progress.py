"""How a long run tells what it is doing; who listens decides what of it is shown."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called with one sentence as each step begins, and with numbers while many questions of one kind are answered."""

    def __call__(self, text: str, done: int = 0, total: int = 0) -> None:
        """Take one sentence.

        Args:
            text: what is being done, without a full stop.
            done: how many of the questions are answered.
            total: how many there are; 0 where a step is not counted.
        """


def silent(text: str, done: int = 0, total: int = 0) -> None:
    """Listen to nothing."""
