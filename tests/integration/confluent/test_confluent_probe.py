"""The server's own verdict, as findings."""

from __future__ import annotations

import pytest

from reconciler.errors import UnexpectedAnswerError
from reconciler.model import Format, Mode, Outcome, Reference, Schema, Severity, Source
from reconciler.registry import VerdictProbe
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.wire import Reply
from tests.integration.confluent.confluent_samples import answer_otherwise, avro, open_registry, record


def test_the_adapter_gives_verdicts(confluent: ConfluentDouble) -> None:
    assert isinstance(open_registry(confluent.url), VerdictProbe)


def test_what_breaks_is_a_finding_in_the_servers_words(confluent: ConfluentDouble) -> None:
    confluent.register("order", record())

    verdict = open_registry(confluent.url).probe("order", avro("a"), Mode.BACKWARD)

    assert verdict
    assert (verdict.outcome, verdict.mode, verdict.versions, verdict.judge) == (
        Outcome.INCOMPATIBLE,
        Mode.BACKWARD,
        (1,),
        "orders",
    )
    (finding,) = verdict.findings
    assert (finding.code, finding.path, finding.against) == ("READER_FIELD_MISSING_DEFAULT_VALUE", "/fields/0", 1)
    assert (finding.severity, finding.source) == (Severity.ERROR, Source.REGISTRY)
    assert (finding.registry, finding.subject) == ("orders", "order")


def test_what_fits_has_no_findings(confluent: ConfluentDouble) -> None:
    confluent.register("order", record("a"))

    verdict = open_registry(confluent.url).probe("order", avro(), Mode.BACKWARD)

    assert verdict
    assert (verdict.outcome, verdict.findings) == (Outcome.COMPATIBLE, ())


@pytest.mark.parametrize(
    ("mode", "route"),
    [(Mode.FULL, "versions/latest"), (Mode.BACKWARD_TRANSITIVE, "versions"), (Mode.FULL_TRANSITIVE, "versions")],
)
def test_transitive_modes_ask_about_every_version(confluent: ConfluentDouble, mode: Mode, route: str) -> None:
    confluent.register("order", record())

    open_registry(confluent.url).probe("order", avro(), mode)

    assert confluent.requests[-1].path == f"/compatibility/subjects/order/{route}"


@pytest.mark.parametrize("mode", [Mode.BACKWARD, Mode.BACKWARD_TRANSITIVE])
def test_a_new_subject_has_nothing_to_break(confluent: ConfluentDouble, mode: Mode) -> None:
    verdict = open_registry(confluent.url).probe("new", avro(), mode)

    assert verdict
    assert verdict.outcome is Outcome.COMPATIBLE


def test_a_text_that_is_no_schema_is_incompatible_and_says_why(confluent: ConfluentDouble) -> None:
    confluent.register("order", record())

    verdict = open_registry(confluent.url).probe("order", Schema(Format.AVRO, "{"), Mode.BACKWARD)

    assert verdict
    assert verdict.outcome is Outcome.INCOMPATIBLE
    assert "Invalid schema" in verdict.findings[0].message


PATH = "/compatibility/subjects/order/versions/latest"
REFERRING = Schema(Format.AVRO, '"Money"', (Reference("Money", "money", 1),))


@pytest.mark.parametrize("status", [422, 500])
def test_a_server_that_fails_over_references_has_no_say(confluent: ConfluentDouble, status: int) -> None:
    """Apicurio answers so."""
    double = answer_otherwise(confluent, PATH, lambda request, original: Reply(status, b"{}"))

    assert open_registry(double.url).probe("order", REFERRING, Mode.BACKWARD) is None
    assert double.count("POST") == 1


def test_a_server_that_fails_otherwise_is_an_error(confluent: ConfluentDouble) -> None:
    double = answer_otherwise(confluent, PATH, lambda request, original: Reply(500, b"{}"))

    with pytest.raises(UnexpectedAnswerError, match="ask for the registry's verdict"):
        open_registry(double.url).probe("order", avro(), Mode.BACKWARD)


def test_a_bare_no_is_still_a_finding(confluent: ConfluentDouble) -> None:
    body = b'{"is_compatible": false}'
    double = answer_otherwise(confluent, PATH, lambda request, original: Reply(200, body))

    verdict = open_registry(double.url).probe("order", avro(), Mode.BACKWARD)

    assert verdict
    assert [(f.code, f.message) for f in verdict.findings] == [
        ("REGISTRY_REFUSES", "the registry calls it incompatible and says no more")
    ]


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"is_compatible": "yes"}'])
def test_an_answer_that_does_not_say_is_no_verdict(confluent: ConfluentDouble, body: bytes) -> None:
    double = answer_otherwise(confluent, PATH, lambda request, original: Reply(200, body))

    assert open_registry(double.url).probe("order", avro(), Mode.BACKWARD) is None


@pytest.mark.parametrize("mode", [Mode.FULL, Mode.FULL_TRANSITIVE])
def test_a_server_that_does_not_know_the_subject_has_nothing_to_break(confluent: ConfluentDouble, mode: Mode) -> None:
    """Karapace and Apicurio answer 404 where Confluent says yes."""
    missing = Reply(404, b'{"error_code": 40401, "message": "Subject \'order\' not found."}')
    for path in (PATH, PATH.removesuffix("/latest")):
        answer_otherwise(confluent, path, lambda request, original: missing)

    verdict = open_registry(confluent.url).probe("order", avro(), mode)

    assert verdict
    assert verdict.outcome is Outcome.COMPATIBLE


def test_a_refused_text_is_incompatible(confluent: ConfluentDouble) -> None:
    """Karapace and Apicurio answer 422 where Confluent says no."""
    refused = Reply(422, b'{"error_code": 42201, "message": "Invalid schema"}')
    double = answer_otherwise(confluent, PATH, lambda request, original: refused)

    verdict = open_registry(double.url).probe("order", Schema(Format.AVRO, "{"), Mode.BACKWARD)

    assert verdict
    assert [f.message for f in verdict.findings] == ["Invalid schema"]
