"""A registry that misbehaves: a clear error, the exit code of the help, nothing changed, nothing registered twice."""

from __future__ import annotations

import base64
import socket
from urllib.parse import quote

import pytest

from tests.doubles.certificates import CertificateFiles
from tests.doubles.confluent import ConfluentDouble
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository, over_rest, record


@pytest.fixture
def shop(double: ConfluentDouble, make_repository: MakeRepository) -> Repository:
    return _shop(make_repository, double.url)


def _shop(make_repository: MakeRepository, url: str, extra: str = "") -> Repository:
    repository = make_repository(over_rest(url, "    retries: 2\n    timeout: 5\n" + extra))
    repository.write("schemas/money.avsc", record("Money", "currency"))
    repository.write("schemas/order.avsc", record("Order", "id", {"name": "total", "type": "Money"}))
    repository.commit()
    return repository


def test_an_unreachable_host(make_repository: MakeRepository) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        shop = _shop(make_repository, f"http://127.0.0.1:{reserved.getsockname()[1]}")

        planned = shop.run("plan")

    assert planned.exit_code == 1
    assert "REGISTRY_UNREADABLE" in planned.out
    assert "orders" in planned.out
    assert "This plan cannot be applied." in planned.out


def test_a_wrong_password(make_repository: MakeRepository) -> None:
    with ConfluentDouble("8.1", users={"ada": "right"}) as double:
        shop = _shop(make_repository, double.url, "    auth: {kind: basic, username: ada, password: wrong-password}\n")

        planned = shop.run("plan")

    assert planned.exit_code == 1
    assert "HTTP 401" in planned.out
    assert "fix:" in planned.out
    assert "wrong-password" not in planned.text


def test_a_certificate_that_is_not_trusted(make_repository: MakeRepository, certificates: CertificateFiles) -> None:
    with ConfluentDouble("8.1", tls=certificates) as double:
        planned = _shop(make_repository, double.url).run("plan")

    assert planned.exit_code == 1
    assert "certificate" in planned.out
    assert "tls" in planned.out


ONCE = [("error_500", {}), ("error_503", {}), ("too_many_requests", {"retry_after": "0"}), ("drop_before_reading", {})]


@pytest.mark.parametrize(("kind", "options"), ONCE, ids=[kind for kind, _ in ONCE])
def test_a_fault_while_reading_is_gone_after_a_retry(
    shop: Repository, double: ConfluentDouble, kind: str, options: dict[str, str]
) -> None:
    double.faults.add(kind=kind, method="GET", times=1, **options)

    planned = shop.run("plan")

    assert planned.exit_code == 0
    assert "2 subjects to create" in planned.out
    assert double.faults.pending == ()


@pytest.mark.parametrize("kind", ["html", "half_json", "error_500", "too_many_requests"])
def test_a_fault_that_stays_is_said_and_nothing_is_planned_from_it(
    shop: Repository, double: ConfluentDouble, kind: str
) -> None:
    double.faults.add(kind=kind, method="GET", times=None)

    planned = shop.run("plan")

    assert planned.exit_code == 1
    assert "REGISTRY_UNREADABLE" in planned.out
    assert "to create" not in planned.out
    assert double.writes == []


WRITES = ["drop_before_reading", "drop_after_commit", "too_many_requests", "error_500"]


@pytest.mark.parametrize("skip", [0, 1])
@pytest.mark.parametrize("kind", WRITES)
def test_a_write_that_fails_once_is_looked_up_and_never_made_twice(
    shop: Repository, double: ConfluentDouble, kind: str, skip: int
) -> None:
    double.faults.add(kind=kind, method="POST", path="/subjects/*/versions", times=1, skip=skip)

    applied = shop.run("apply", "--yes")
    again = shop.run("apply", "--yes")

    assert double.faults.pending == ()
    assert again.exit_code == 0
    assert applied.exit_code in (0, 1)
    raw = RawRegistry(double.url)
    assert {subject: len(raw.read_versions(subject)) for subject in raw.read_subjects()} == {"money": 1, "order": 1}
    assert "Nothing to do." in shop.run("plan").out


def test_a_write_that_always_fails_is_reported_with_what_was_skipped(shop: Repository, double: ConfluentDouble) -> None:
    double.faults.add(kind="error_500", method="POST", path="/subjects/money/versions", times=None)

    applied = shop.run("apply", "--yes")

    assert applied.exit_code == 1
    assert "orders/money" in applied.out
    assert "skipped: what it rests on was not applied" in applied.out
    assert "Not everything was applied." in applied.out
    assert RawRegistry(double.url).read_subjects() == []


def test_semantic_1_a_registry_in_read_only_write_mode_is_known_before_the_first_write(
    shop: Repository, double: ConfluentDouble
) -> None:
    double.set_write_mode("", "READONLY")

    applied = shop.run("apply", "--yes")

    assert applied.exit_code == 3
    assert "SUBJECT_READONLY" in applied.out
    assert double.writes == []


def test_a_live_schema_that_cannot_be_parsed_is_reported_and_the_others_go_on(
    shop: Repository, double: ConfluentDouble
) -> None:
    double.register("other", '"string"')
    shop.write("schemas/other.avsc", '"string"')
    shop.commit()
    double.plant_text("other", '{"type": "record", "name"')

    planned = shop.run("plan")

    assert planned.exit_code == 3
    assert "LIVE_SCHEMA_UNREADABLE" in planned.out
    assert "2 subjects to create" in planned.out


def test_secrets_are_in_no_output(make_repository: MakeRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "s3cr3t-p%ss w\u00f6rd"
    monkeypatch.setenv("PASSWORD", secret)
    monkeypatch.setenv("SCHEMAFED_DEBUG", "1")
    with ConfluentDouble("8.1", users={"ada": "another"}) as double:
        shop = _shop(make_repository, double.url, '    auth: {kind: basic, username: ada, password: "${PASSWORD}"}\n')
        outcomes = [
            shop.run("plan"),
            shop.run("plan", "--output", "json"),
            shop.run("registries"),
            shop.run("registries", "--output", "json"),
            shop.run("import", "--registry", "orders"),
            shop.run("apply", "--yes"),
        ]

    forms = [secret, quote(secret), base64.b64encode(f"ada:{secret}".encode()).decode(), repr(secret)[1:-1]]
    assert [o.exit_code for o in outcomes] == [1, 1, 1, 1, 1, 1]
    for outcome in outcomes:
        assert [form for form in forms if form in outcome.text] == []


def test_a_missing_variable_names_itself_and_its_line(make_repository: MakeRepository) -> None:
    shop = _shop(make_repository, "http://127.0.0.1:1", '    auth: {kind: bearer, token: "${NO_SUCH_TOKEN}"}\n')

    planned = shop.run("plan")

    assert planned.exit_code == 1
    assert "NO_SUCH_TOKEN" in planned.err
    assert "schemafed.yaml:" in planned.err


def test_an_address_that_is_none_is_told_with_its_registry(make_repository: MakeRepository) -> None:
    configuration = (
        "registries:\n  orders: {kind: confluent, url: 'htp:/x y'}\nenvironments: {dev: {registries: [orders]}}\n"
    )
    shop = make_repository(f"version: 1\n{configuration}")
    shop.write("schemas/money.avsc", record("Money", "currency"))

    planned = shop.run("plan")

    assert planned.exit_code == 1
    assert "registry orders: `url` is not a URL of http or https: htp:/x y" in planned.err
    assert "fix: write it like" in planned.err


def test_an_unknown_kind_of_registry(make_repository: MakeRepository) -> None:
    configuration = "registries:\n  orders: {kind: confluant, url: x}\nenvironments: {dev: {registries: [orders]}}\n"
    shop = make_repository(f"version: 1\n{configuration}")
    shop.write("schemas/money.avsc", record("Money", "currency"))

    planned = shop.run("plan")

    assert planned.exit_code == 1
    assert "unknown kind `confluant`; did you mean `confluent`?" in planned.err
