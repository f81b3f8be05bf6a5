"""Making an older schema the latest again, whatever happens to answers and whoever else writes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reconciler.errors import OutcomeUnknownError, RejectedError, UnreachableError
from reconciler.model import Format, Mode, Reference, Schema
from reconciler.registry import RestoreWay
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.faults import FaultKind
from tests.doubles.wire import Reply, Request
from tests.integration.confluent.confluent_samples import answer_otherwise, avro, list_requests, open_registry, record
from tests.raw_registry import RawRegistry

LOST = [FaultKind.DROP_AFTER_COMMIT, FaultKind.HALF_JSON]
NOT_DONE = [FaultKind.DROP_BEFORE_READING, FaultKind.ERROR_500, FaultKind.HTML, FaultKind.ERROR_503]
POST = "/subjects/order/versions"


@pytest.fixture
def moved_on(confluent: ConfluentDouble) -> ConfluentDouble:
    """A registry whose subject `order` has a second version."""
    confluent.set_compatibility("", "NONE")
    confluent.register("order", record())
    confluent.register("order", record("a"))
    return confluent


def texts(double: ConfluentDouble, subject: str = "order") -> list[str]:
    return [version.text for version in RawRegistry(double.url).read_versions(subject)]


def test_the_older_text_stands_under_a_new_number(moved_on: ConfluentDouble) -> None:
    version = open_registry(moved_on.url).restore_schema("order", avro())

    assert version.version == 3
    assert texts(moved_on) == [record(), record("a"), record()]


def test_the_number_that_was_asked_for_is_no_metadata_of_ours(moved_on: ConfluentDouble) -> None:
    registry = open_registry(moved_on.url)

    registry.restore_schema("order", avro())

    latest = registry.read_state(["order"]).subjects["order"].latest
    assert latest is not None
    assert latest.schema == avro()


@pytest.mark.parametrize("kind", LOST)
def test_a_restoration_whose_answer_was_lost_is_found_and_not_repeated(
    moved_on: ConfluentDouble, kind: FaultKind
) -> None:
    moved_on.faults.add(method="POST", path=POST, kind=kind)

    version = open_registry(moved_on.url).restore_schema("order", avro())

    assert version.version == 3
    assert texts(moved_on) == [record(), record("a"), record()]
    assert moved_on.count("POST", POST) == 1


@pytest.mark.parametrize("kind", NOT_DONE)
def test_a_restoration_that_did_not_happen_is_repeated_after_looking(
    moved_on: ConfluentDouble, kind: FaultKind
) -> None:
    moved_on.faults.add(method="POST", path=POST, kind=kind, retry_after=None)

    version = open_registry(moved_on.url).restore_schema("order", avro())

    asked = [r for r in list_requests(moved_on) if r.startswith("POST") or r.endswith("/3")]
    assert version.version == 3
    assert asked[:4] == ["POST /subjects/order", f"POST {POST}", f"GET {POST}/3", f"POST {POST}"]
    assert texts(moved_on) == [record(), record("a"), record()]


def test_a_restoration_that_never_happens_is_known_not_to_have(moved_on: ConfluentDouble) -> None:
    moved_on.faults.add(method="POST", path=POST, kind=FaultKind.DROP_BEFORE_READING, times=None)

    with pytest.raises(UnreachableError, match="it was looked up and was not done"):
        open_registry(moved_on.url).restore_schema("order", avro())

    assert texts(moved_on) == [record(), record("a")]


def test_when_looking_fails_too_the_outcome_is_unknown(moved_on: ConfluentDouble) -> None:
    moved_on.faults.add(method="POST", path=POST, kind=FaultKind.DROP_AFTER_COMMIT)
    moved_on.faults.add(method="GET", path=f"{POST}/3", kind=FaultKind.ERROR_500, times=None)

    with pytest.raises(OutcomeUnknownError, match="could not be looked up"):
        open_registry(moved_on.url).restore_schema("order", avro())


def test_whoever_was_quicker_with_the_number_is_believed_once(moved_on: ConfluentDouble) -> None:
    rivals = [record("b")]

    def answer(request: Request, original: Callable[[Request], Reply]) -> Reply:
        if request.method == "POST" and rivals:
            moved_on.register("order", rivals.pop())
        return original(request)

    answer_otherwise(moved_on, POST, answer)

    version = open_registry(moved_on.url).restore_schema("order", avro())

    assert version.version == 4
    assert texts(moved_on) == [record(), record("a"), record("b"), record()]


def test_a_rival_that_restored_the_same_is_as_good(moved_on: ConfluentDouble) -> None:
    raw, rivals = RawRegistry(moved_on.url), [3]

    def answer(request: Request, original: Callable[[Request], Reply]) -> Reply:
        if request.method == "POST" and rivals and b'"version": 3' in request.body:
            rivals.pop()
            raw.register("order", record(), version=3)
        return original(request)

    answer_otherwise(moved_on, POST, answer)

    version = open_registry(moved_on.url).restore_schema("order", avro())

    assert version.version == 3
    assert texts(moved_on) == [record(), record("a"), record()]


def test_a_server_that_answers_with_the_old_version_is_said(moved_on: ConfluentDouble) -> None:
    answer_otherwise(
        moved_on,
        POST,
        lambda request, original: Reply(200, b'{"id": 1}') if request.method == "POST" else original(request),
    )

    with pytest.raises(RejectedError, match="changed nothing") as caught:
        open_registry(moved_on.url).restore_schema("order", avro())

    assert "dialect" in (caught.value.fix or "")


def test_the_restored_version_is_the_one_that_is_found(moved_on: ConfluentDouble) -> None:
    registry = open_registry(moved_on.url)
    registry.restore_schema("order", avro())

    assert registry.find_version("order", avro()) == 3
    assert registry.find_version("order", avro("a")) == 2
    assert registry.find_version("order", avro("b")) is None


def test_references_within_a_context_are_found_when_an_answer_is_lost(confluent: ConfluentDouble) -> None:
    registry = open_registry(confluent.url)
    line = Schema(
        Format.AVRO,
        '{"type":"record","name":"Line","fields":[{"name":"price","type":"Money"}]}',
        (Reference("Money", "money", 1),),
    )
    registry.register_schema(":.team:money", avro("amount", name="Money"))
    registry.register_schema(":.team:line", line)
    registry.set_compatibility(":.team:line", Mode.NONE)
    registry.register_schema(":.team:line", avro("price", name="Line"))
    confluent.faults.add(method="POST", path="/subjects/:.team:line/versions", kind=FaultKind.DROP_AFTER_COMMIT)

    version = registry.restore_schema(":.team:line", line)

    assert version.version == 3
    assert len(texts(confluent, ":.team:line")) == 3


@pytest.mark.parametrize(
    ("options", "way"),
    [
        ({}, RestoreWay.NEW_VERSION),
        ({"dialect": "karapace"}, RestoreWay.DELETE_NEWER),
        ({"url": "http://127.0.0.1:1/apis/ccompat/v7"}, RestoreWay.DELETE_NEWER),
    ],
)
def test_the_product_says_how_an_older_schema_comes_back(options: dict[str, object], way: RestoreWay) -> None:
    registry = open_registry(**{"url": "http://127.0.0.1:1", **options})  # type: ignore[arg-type]

    assert registry.capabilities.restore is way
