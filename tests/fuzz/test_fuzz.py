"""Whatever a text holds: a result or a SchemaError, in bounded time and memory, and nothing is printed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from reconciler.errors import SchemaError
from reconciler.model import Format
from tests.fuzz import watchdog as fuzz_watchdog
from tests.fuzz.hostile import HOSTILE
from tests.fuzz.rounds import run_round
from tests.fuzz.subject import Example, try_example
from tests.fuzz.watchdog import BadOutcomeError, Watchdog

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("fuzz")]
_EXAMPLES = 150
ANY = Example(Format.AVRO, '"int"', '"int"')

PLAIN = {Format.AVRO: '"int"', Format.JSON: '{"type": "object"}', Format.PROTOBUF: "message M { optional M m = 1; }"}


@pytest.fixture(scope="module")
def watchdog() -> Iterator[Watchdog]:
    with Watchdog() as started:
        yield started


@pytest.mark.parametrize(
    ("schema_format", "name"), [(schema_format, name) for schema_format, texts in HOSTILE.items() for name in texts]
)
def test_texts_with_bad_intent(schema_format: Format, name: str, watchdog: Watchdog) -> None:
    text = HOSTILE[schema_format][name]

    outcomes = [watchdog.watch(Example(schema_format, first, text)) for first in (text, PLAIN[schema_format])]

    assert outcomes[0].startswith(("read read ", "refused refused"))
    assert outcomes[1].startswith("read ")


@pytest.mark.parametrize("schema_format", PLAIN)
def test_texts_that_were_damaged_or_made_up(schema_format: Format, watchdog: Watchdog) -> None:
    outcomes = run_round(schema_format, 1, _EXAMPLES, watchdog, shrink=True)

    # The examples mean something only if many of them get as far as the check.
    assert outcomes.total() >= _EXAMPLES / 2
    assert outcomes["read read compatible"]
    assert outcomes["read read incompatible"]
    assert outcomes["refused refused"]


def fail(example: Example) -> str:
    raise KeyError("nobody expects this")


def hang(example: Example) -> str:
    begin = time.process_time()
    while time.process_time() < begin + 0.2:
        pass
    return "late"


def crash(example: Example) -> str:
    os.abort()


def chatter(example: Example) -> str:
    os.write(2, b"by the way")
    return "read"


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (fail, "KeyError: 'nobody expects this'"),
        (hang, "took 0.2 seconds of processor time"),
        (crash, "the process ended with -6"),
        (chatter, "printed b'by the way'"),
    ],
)
def test_what_ends_badly_is_noticed_each_time(attempt: object, words: str) -> None:
    with Watchdog(attempt, max_seconds=0.1) as watchdog:  # type: ignore[arg-type]
        for _ in range(2):
            with pytest.raises(BadOutcomeError, match=words):
                watchdog.watch(ANY)


def test_memory_of_whoever_started_the_process_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz_watchdog, "_MAX_BYTES", 300_000_000)
    ours = b"\1" * 350_000_000

    with Watchdog() as watchdog:
        assert watchdog.watch(ANY).startswith("read read compatible")

    assert len(ours) > 300_000_000


def test_a_message_that_cannot_be_shown_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    from reconciler.schemas import avro

    def refuse(definition: str) -> None:
        raise SchemaError(f"`{definition}` is nothing", line=1, column=1)

    monkeypatch.setattr(avro, "read", refuse)

    with pytest.raises(UnicodeEncodeError):
        try_example(Example(Format.AVRO, "\ud800", "\ud800"))
