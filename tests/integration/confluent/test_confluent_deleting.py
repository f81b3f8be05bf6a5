"""Deleting, taking a mode away, and reading dependants: the requests, and what happens when an answer is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from adapters.confluent import ConfluentRegistry
from reconciler.errors import NotFoundError, OutcomeUnknownError, RejectedError, UnreachableError
from reconciler.model import Format, Mode, Reference, Schema
from reconciler.registry import Dependant
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.faults import FaultKind
from tests.doubles.wire import Reply
from tests.integration.confluent.confluent_samples import answer_otherwise, avro, list_requests, open_registry, record
from tests.raw_registry import RawRegistry

LOST = [FaultKind.DROP_AFTER_COMMIT, FaultKind.HALF_JSON, FaultKind.HTML]
NOT_DONE = [FaultKind.DROP_BEFORE_READING, FaultKind.ERROR_500, FaultKind.ERROR_503]
DELETIONS: dict[str, Callable[[ConfluentRegistry], None]] = {
    "version softly": lambda r: r.delete_versions("order", [2], permanent=False),
    "version for good": lambda r: r.delete_versions("order", [2], permanent=True),
    "subject softly": lambda r: r.delete_subject("order", permanent=False),
    "subject for good": lambda r: r.delete_subject("order", permanent=True),
}
LEFT = {
    "version softly": ([1], [1, 2]),
    "version for good": ([1], [1]),
    "subject softly": ([], [1, 2]),
    "subject for good": ([], []),
}


@pytest.fixture
def filled(confluent: ConfluentDouble) -> ConfluentDouble:
    """A registry with two versions of the subject `order`."""
    confluent.set_compatibility("", "NONE")
    confluent.register("order", record())
    confluent.register("order", record("a"))
    return confluent


def numbers(double: ConfluentDouble) -> tuple[list[int], list[int]]:
    """The versions that are left, and those and the softly deleted ones."""
    raw = RawRegistry(double.url)
    live, every = (raw.send("GET", f"/subjects/order/versions{query}") for query in ("", "?deleted=true"))
    return (live.body if live.status == 200 else [], every.body if every.status == 200 else [])


@pytest.mark.parametrize("deletion", DELETIONS)
def test_each_step_is_one_request(filled: ConfluentDouble, deletion: str) -> None:
    DELETIONS[deletion](open_registry(filled.url))

    path = "/subjects/order/versions/2" if "version" in deletion else "/subjects/order"
    assert list_requests(filled) == [f"DELETE {path}"] * (2 if "good" in deletion else 1)
    assert numbers(filled) == LEFT[deletion]


@pytest.mark.parametrize("step", [0, 1])
@pytest.mark.parametrize("kind", [*LOST, *NOT_DONE])
@pytest.mark.parametrize("deletion", DELETIONS)
def test_a_deletion_is_done_whatever_happens_to_one_answer(
    filled: ConfluentDouble, deletion: str, kind: FaultKind, step: int
) -> None:
    filled.faults.add(method="DELETE", kind=kind, skip=step, retry_after=None)

    DELETIONS[deletion](open_registry(filled.url))

    assert numbers(filled) == LEFT[deletion]


@pytest.mark.parametrize("deletion", DELETIONS)
def test_a_deletion_that_never_happens_is_known_not_to_have(filled: ConfluentDouble, deletion: str) -> None:
    filled.faults.add(method="DELETE", kind=FaultKind.DROP_BEFORE_READING, times=None)

    with pytest.raises(UnreachableError, match="it was looked up and was not done"):
        DELETIONS[deletion](open_registry(filled.url))

    assert numbers(filled) == ([1, 2], [1, 2])


def test_when_looking_fails_too_the_outcome_is_unknown(filled: ConfluentDouble) -> None:
    filled.faults.add(method="DELETE", kind=FaultKind.DROP_AFTER_COMMIT)
    filled.faults.add(method="GET", kind=FaultKind.ERROR_500, times=None)

    with pytest.raises(OutcomeUnknownError, match="could not be looked up"):
        open_registry(filled.url).delete_subject("order", permanent=False)


def test_an_address_that_is_not_there_is_no_deletion(filled: ConfluentDouble) -> None:
    answer_otherwise(filled, "/subjects/order", lambda request, original: Reply(404, b'{"error_code": 404}'))

    with pytest.raises(NotFoundError):
        open_registry(filled.url).delete_subject("order", permanent=False)


@pytest.mark.parametrize("deletion", DELETIONS)
def test_a_read_only_subject_is_not_deleted(filled: ConfluentDouble, deletion: str) -> None:
    filled.set_write_mode("order", "READONLY")

    with pytest.raises(RejectedError) as caught:
        DELETIONS[deletion](open_registry(filled.url))

    assert caught.value.code == 42205
    assert numbers(filled) == ([1, 2], [1, 2])


def test_the_newest_version_goes_first(filled: ConfluentDouble) -> None:
    filled.register("order", record("b"))

    open_registry(filled.url).delete_versions("order", [2, 3], permanent=False)

    assert list_requests(filled) == ["DELETE /subjects/order/versions/3", "DELETE /subjects/order/versions/2"]


@pytest.mark.parametrize("kind", [*LOST, *NOT_DONE])
def test_a_mode_is_taken_away_whatever_happens_to_one_answer(filled: ConfluentDouble, kind: FaultKind) -> None:
    registry = open_registry(filled.url)
    registry.set_compatibility("order", Mode.FULL)
    filled.faults.add(method="DELETE", kind=kind, retry_after=None)

    registry.reset_compatibility("order")

    assert RawRegistry(filled.url).read_compatibility("order") is None


def test_dependants_within_a_context(confluent: ConfluentDouble) -> None:
    registry = open_registry(confluent.url)
    money = avro("amount", name="Money")
    text = '{"type":"record","name":"Line","fields":[{"name":"price","type":"Money"}]}'
    for context in ("", ":.team:"):
        registry.register_schema(f"{context}money", money)
        registry.register_schema(f"{context}line", Schema(Format.AVRO, text, (Reference("Money", "money", 1),)))

    assert registry.read_dependants("money") == (Dependant("line", 1, 1),)
    assert registry.read_dependants(":.team:money") == (Dependant(":.team:line", 1, 1),)


def test_a_softly_deleted_version_can_still_be_referred_to(confluent: ConfluentDouble) -> None:
    registry = open_registry(confluent.url)
    registry.register_schema("money", avro("amount", name="Money"))
    text = '{"type":"record","name":"Line","fields":[{"name":"price","type":"Money"}]}'
    registry.register_schema("line", Schema(Format.AVRO, text, (Reference("Money", "money", 1),)))
    store = confluent.registry.store
    (version,) = store.get_versions("money")
    store.put(replace(version, deleted=True))

    assert registry.read_dependants("money") == (Dependant("line", 1, 1),)
