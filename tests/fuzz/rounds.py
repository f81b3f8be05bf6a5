"""Rounds of examples: a number of them, or as many as a time allows; each round is drawn from a number of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, seed, settings

from reconciler.model import Format
from tests.fuzz.subject import Example
from tests.fuzz.texts import make_examples
from tests.fuzz.watchdog import Watchdog


def run_round(schema_format: Format, number: int, examples: int, watchdog: Watchdog, *, shrink: bool) -> Counter[str]:
    """Try as many examples of a format.

    Args:
        number: another one gives other examples, the same one the same.
        shrink: look for a small example when one fails.

    Returns:
        how often each outcome came.

    Raises:
        BadOutcomeError: the smallest example found that ends otherwise than it should.
    """
    outcomes: Counter[str] = Counter()
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)

    def attempt(example: Example) -> None:
        outcomes[watchdog.watch(example)] += 1

    limits = settings(
        max_examples=examples,
        phases=phases,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
    )
    tried: Callable[[], None] = seed(number)(limits(given(make_examples(schema_format))(attempt)))
    tried()
    return outcomes
