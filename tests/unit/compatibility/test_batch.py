"""Many checks at once: the same verdicts as one by one, in order, whoever does the work."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from typing import Any

import pytest

from reconciler import compatibility
from reconciler.compatibility import Judged, batch
from reconciler.compatibility.batch import Request, SchemaText, check_all
from reconciler.errors import SchemafedError
from reconciler.model import Dialect, Format, Mode, Outcome, Severity
from reconciler.schemas import Document, language

EVERY_RULE = {
    Format.AVRO: "reconciler.compatibility.avro",
    Format.JSON: "reconciler.compatibility.json_schema",
    Format.PROTOBUF: "reconciler.compatibility.protobuf",
}


class Elsewhere(Executor):
    """An executor as far away as can be: everything is bytes on its way there and back, and the last answer is first.

    ``sent`` has the number of requests of each piece of work.
    """

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.most_waiting = 0
        self.cancelled = 0
        self._waiting: list[tuple[bytes, Future[Any]]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = LazyFuture(self)
        self.sent.append(len(args[0]))
        self._waiting.append((pickle.dumps((fn, args, kwargs)), future))
        self.most_waiting = max(self.most_waiting, len(self._waiting))
        return future

    def work(self) -> None:
        while self._waiting:
            message, future = self._waiting.pop()
            fn, args, kwargs = pickle.loads(message)
            if future.set_running_or_notify_cancel():
                future.set_result(pickle.loads(pickle.dumps(fn(*args, **kwargs))))


class LazyFuture(Future[Any]):
    """Its executor works when it is asked for the result, so that nothing depends on time."""

    def __init__(self, executor: Elsewhere) -> None:
        super().__init__()
        self._executor = executor

    def result(self, timeout: float | None = None) -> Any:
        self._executor.work()
        return super().result(timeout)

    def cancel(self) -> bool:
        self._executor.cancelled += 1
        return super().cancel()


def avro(*fields: str, name: str = "Order", optional: str = "") -> SchemaText:
    members: list[dict[str, Any]] = [{"name": field, "type": "string"} for field in fields]
    members += [{"name": optional, "type": "string", "default": ""}] * bool(optional)
    return SchemaText(Format.AVRO, json.dumps({"type": "record", "name": name, "fields": members}))


def versions(*texts: SchemaText) -> tuple[tuple[int, SchemaText], ...]:
    return tuple(enumerate(texts, 1))


GOOD = Request(avro("id", optional="remark"), versions(avro("id")), Mode.BACKWARD)
BAD = Request(avro("id", "customer"), versions(avro("id")), Mode.BACKWARD)
BROKEN = Request(SchemaText(Format.AVRO, '{"type": "record"'), versions(avro("id")), Mode.BACKWARD)


def outcomes(verdicts: Iterator[Any]) -> str:
    words = {Outcome.COMPATIBLE: "+", Outcome.INCOMPATIBLE: "-", Outcome.NOT_JUDGED: "?"}
    return "".join(words[verdict.outcome] for verdict in verdicts)


def test_each_request_has_its_verdict_in_order() -> None:
    assert outcomes(check_all([GOOD, BAD, GOOD, GOOD, BAD], chunk=2)) == "+-++-"


def test_verdicts_are_those_of_single_checks() -> None:
    lang = language(Format.AVRO)
    texts = [avro("id", "customer"), avro("id"), avro("id", optional="customer")]
    new, *old = [lang.parse(lang.read(text.definition), {}) for text in texts]
    history = [Judged(number, parsed) for number, parsed in enumerate(old, 1)]

    for mode in Mode:
        (verdict,) = check_all([Request(texts[0], versions(*texts[1:]), mode)])

        assert verdict == compatibility.check(new, history, mode)


def test_the_dialect_reaches_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(batch, "check", lambda *arguments, **more: asked.append((*arguments[2:], more)))

    list(check_all([Request(avro("id"), (), Mode.FULL, Dialect.GLUE, checkpoint=3)]))

    assert asked == [(Mode.FULL, Dialect.GLUE, {"checkpoint": 3})]


def test_a_checkpoint_is_what_a_mode_looks_at() -> None:
    history = versions(avro("id"), avro("id", "customer"))
    new = avro("id", "customer")

    one, two = check_all([Request(new, history, Mode.BACKWARD, Dialect.GLUE, checkpoint=n) for n in (1, 2)])

    assert (one.outcome, one.versions) == (Outcome.INCOMPATIBLE, (1,))
    assert (two.outcome, two.versions) == (Outcome.COMPATIBLE, (2,))


def test_no_requests_have_no_verdicts() -> None:
    assert list(check_all([])) == []
    assert list(check_all([], Elsewhere())) == []


@pytest.mark.parametrize("chunk", [0, -1])
def test_a_chunk_holds_at_least_one_request(chunk: int) -> None:
    with pytest.raises(ValueError, match=f"a chunk of {chunk} requests"):
        check_all([GOOD], chunk=chunk)


def test_requests_are_read_only_as_they_are_needed() -> None:
    read = []

    def endless() -> Iterator[Request]:
        while True:
            read.append(1)
            yield GOOD

    verdicts = check_all(endless(), chunk=3)
    next(verdicts)

    assert len(read) == 3


def test_a_new_text_that_cannot_be_read_is_a_finding_with_its_place() -> None:
    first, broken, last = check_all([GOOD, BROKEN, BAD])

    assert (first.outcome, broken.outcome, last.outcome) == (
        Outcome.COMPATIBLE,
        Outcome.INCOMPATIBLE,
        Outcome.INCOMPATIBLE,
    )
    (finding,) = broken.findings
    assert finding.code == "SCHEMA_INVALID"
    assert finding.severity is Severity.ERROR
    assert finding.message.startswith("the new schema cannot be read (line 1, column 18): ")
    assert finding.fix


def test_an_old_text_that_cannot_be_read_is_a_finding_beside_those_of_the_other_versions() -> None:
    history = versions(avro("id"), SchemaText(Format.AVRO, "{"), avro("id", "customer"))

    (verdict,) = check_all([Request(avro("id", "customer"), history, Mode.BACKWARD_TRANSITIVE)])

    assert verdict.outcome is Outcome.INCOMPATIBLE
    assert verdict.versions == (1, 3)
    assert [(finding.code, finding.against) for finding in verdict.findings] == [
        ("LIVE_SCHEMA_UNREADABLE", 2),
        ("READER_FIELD_MISSING_DEFAULT_VALUE", 1),
    ]
    assert verdict.findings[0].message == (
        "version 2 cannot be read (not JSON: expecting property name enclosed in double quotes, line 1, column 2),"
        " so that it cannot be compared"
    )
    assert verdict.findings[0].fix == (
        "delete the broken version in the registry, or leave the subject out with --subject"
    )


def test_a_default_of_another_type_is_taken_from_an_old_version_only() -> None:
    text = '{"type": "record", "name": "Order", "fields": [{"name": "total", "type": "int", "default": "none"}]}'
    unfit = SchemaText(Format.AVRO, text)

    as_old, as_new = check_all(
        [Request(avro(), versions(unfit), Mode.FULL), Request(unfit, versions(avro()), Mode.BACKWARD)]
    )

    assert (as_old.outcome, as_new.outcome) == (Outcome.COMPATIBLE, Outcome.INCOMPATIBLE)
    assert 'the default "none" of field `total`' in as_new.findings[0].message


@pytest.mark.parametrize("mode", [Mode.NONE, Mode.BACKWARD, Mode.FULL])
def test_versions_that_do_not_count_are_not_read(mode: Mode) -> None:
    history = versions(SchemaText(Format.AVRO, "no JSON"), avro("id"))

    (verdict,) = check_all([Request(avro("id"), history, mode)])

    assert verdict.outcome is Outcome.COMPATIBLE
    assert verdict.findings == ()


def test_a_new_text_must_be_readable_even_if_nothing_is_judged() -> None:
    (verdict,) = check_all([Request(BROKEN.new, (), Mode.NONE)])

    assert verdict.outcome is Outcome.INCOMPATIBLE


def test_schemas_that_cannot_be_compared_are_a_finding() -> None:
    def chain(field: str) -> SchemaText:
        """Records that use each other through references, so that no text is nested deeply."""
        text = avro(field, name="R0")
        for number in range(1, 120):
            fields = json.dumps([{"name": "next", "type": nested_type(f"R{number - 1}")}])
            definition = f'{{"type": "record", "name": "R{number}", "fields": {fields}}}'
            text = SchemaText(Format.AVRO, definition, ((f"R{number - 1}", text),))
        return text

    def nested_type(name: str) -> object:
        kind: object = name
        for _ in range(10):
            kind = {"type": "array", "items": kind}
        return kind

    new, old = chain("a"), chain("b")

    (verdict,) = check_all([Request(new, versions(old), Mode.BACKWARD)])

    assert verdict.outcome is Outcome.INCOMPATIBLE
    assert verdict.findings[-1].message.startswith("the schemas cannot be compared: ")


MONEY = SchemaText(Format.AVRO, '{"type": "fixed", "name": "Money", "size": 8}')


def using_money(money: SchemaText) -> SchemaText:
    text = '{"type": "record", "name": "Order", "fields": [{"name": "price", "type": "Money"}]}'
    return SchemaText(Format.AVRO, text, (("Money", money),))


def test_each_version_has_references_of_its_own() -> None:
    smaller = SchemaText(Format.AVRO, MONEY.definition.replace("8", "4"))

    same, other = check_all(
        [
            Request(using_money(MONEY), versions(using_money(MONEY)), Mode.BACKWARD),
            Request(using_money(MONEY), versions(using_money(smaller)), Mode.BACKWARD),
        ]
    )

    assert same.outcome is Outcome.COMPATIBLE
    assert [finding.code for finding in other.findings] == ["FIXED_SIZE_MISMATCH"]


def test_a_reference_that_cannot_be_read_is_the_error_of_whoever_needs_it() -> None:
    broken = using_money(SchemaText(Format.AVRO, '{"type": "fixed", "name": "Money"}'))

    (verdict,) = check_all([Request(broken, (), Mode.BACKWARD)])

    assert verdict.outcome is Outcome.INCOMPATIBLE
    assert "the new schema cannot be read" in verdict.findings[0].message


def test_a_reference_that_is_not_given_is_told_by_its_code() -> None:
    alone = SchemaText(Format.AVRO, using_money(MONEY).definition)

    (verdict,) = check_all([Request(alone, (), Mode.BACKWARD)])

    assert [finding.code for finding in verdict.findings] == ["REFERENCE_MISSING"]


def test_a_text_is_parsed_once_in_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    lang = language(Format.AVRO)
    reads = []
    original = lang.read

    def read(text: str) -> Document:
        reads.append(text)
        return original(text)

    monkeypatch.setattr(lang, "read", read)
    # Equal texts that are other objects, as they are when they come from somewhere.
    requests: list[Request] = [pickle.loads(pickle.dumps(GOOD)) for _ in range(6)]
    shared = [Request(using_money(MONEY), versions(using_money(MONEY)), Mode.FULL) for _ in range(6)]

    assert outcomes(check_all([*requests, *shared], chunk=12)) == "+" * 12
    assert len(reads) == 4

    assert outcomes(check_all([*requests, *shared], chunk=6)) == "+" * 12
    assert len(reads) == 8


def test_references_that_are_shared_by_many_do_not_multiply() -> None:
    text = SchemaText(Format.AVRO, '{"type": "fixed", "name": "N0", "size": 1}')
    for number in range(1, 60):
        fields = [{"name": side, "type": f"N{number - 1}"} for side in ("left", "right")]
        definition = json.dumps({"type": "record", "name": f"N{number}", "fields": fields})
        text = SchemaText(Format.AVRO, definition, ((f"N{number - 1}", text), (f"com.N{number - 1}", text)))

    (verdict,) = check_all([Request(text, versions(text), Mode.NONE)])

    assert verdict.outcome is Outcome.COMPATIBLE


def test_another_format_is_incompatible() -> None:
    history = versions(SchemaText(Format.JSON, '{"type": "object"}'))

    (verdict,) = check_all([Request(avro("id"), history, Mode.BACKWARD)])

    assert [finding.code for finding in verdict.findings] == ["FORMAT_CHANGED"]


PAIRS = [
    (Format.AVRO, '{"type": "record", "name": "M", "fields": [{"name": "a", "type": "%s"}]}', "int", "string"),
    (Format.JSON, '{"type": "object", "properties": {"a": {"type": "%s"}}}', "integer", "string"),
    (Format.PROTOBUF, 'syntax = "proto3"; message M { %s a = 1; }', "int32", "string"),
]


@pytest.mark.parametrize(("schema_format", "text", "old", "other"), PAIRS, ids=lambda value: str(value)[:8])
def test_every_format_is_judged(
    schema_format: Format, text: str, old: str, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compatibility, "_RULES", EVERY_RULE)
    monkeypatch.setattr(compatibility, "JUDGED_FORMATS", frozenset(EVERY_RULE))
    history = versions(SchemaText(schema_format, text % old))
    requests = [Request(SchemaText(schema_format, text % kind), history, Mode.BACKWARD) for kind in (old, other)]

    same, changed = check_all(requests, Elsewhere())

    assert same.outcome is Outcome.COMPATIBLE
    assert changed.outcome is Outcome.INCOMPATIBLE


def test_an_executor_far_away_gives_the_same_verdicts_in_the_same_order() -> None:
    requests = [GOOD, BAD, BROKEN, BAD, GOOD] * 5
    executor = Elsewhere()

    verdicts = list(check_all(requests, executor, chunk=4))

    assert verdicts == list(check_all(requests))
    assert executor.sent == [4, 4, 4, 4, 4, 4, 1]


def test_an_executor_holds_a_bounded_number_of_chunks() -> None:
    executor = Elsewhere()

    count = sum(1 for _ in check_all([GOOD] * 500, executor, chunk=1))

    assert count == 500
    assert executor.most_waiting == 64


def test_whoever_stops_listening_stops_the_work() -> None:
    executor = Elsewhere()
    verdicts = check_all([GOOD] * 500, executor, chunk=1)
    next(verdicts)

    verdicts.close()  # type: ignore[attr-defined]

    assert len(executor.sent) == 64
    assert executor.cancelled == 63


def test_two_processes_give_the_same_verdicts() -> None:
    requests = [GOOD, BAD, BROKEN, BAD] * 10

    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as executor:
        verdicts = list(check_all(requests, executor, chunk=5))

    assert verdicts == list(check_all(requests))


def test_a_process_that_dies_is_an_error_in_words() -> None:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as executor:
        executor.submit(os._exit, 9)

        with pytest.raises(SchemafedError, match="a process that judges schemas died") as caught:
            list(check_all([GOOD] * 5, executor, chunk=1))

    assert caught.value.fix


def test_verdicts_travel_between_processes_as_they_are() -> None:
    verdicts = list(check_all([GOOD, BAD, BROKEN]))

    assert pickle.loads(pickle.dumps(verdicts)) == verdicts
    assert any(verdict.findings for verdict in verdicts)
