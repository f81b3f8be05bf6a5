"""Who may do what on a real Apicurio Registry: by name and password, and by tokens of an identity provider."""

from __future__ import annotations

import json
import time

import pytest

from reconciler.errors import ForbiddenError, UnauthorizedError
from reconciler.model import Format, Schema
from tests.doubles.tokens import TokenDouble
from tests.integration.apicurio.apicurio_samples import configure, open_registry
from tests.repositories import MakeRepository, record
from tests.servers.apicurio import ADMIN, NOBODY, READER, ApicurioServer
from tests.servers.identity import Keys, make_keys

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("apicurio-with-users")]

SCHEMA = Schema(Format.AVRO, json.dumps(record("Order", "id")))


def basic(user: tuple[str, str]) -> dict[str, object]:
    return {"auth": {"kind": "basic", "username": user[0], "password": user[1]}}


def oauth(tokens: TokenDouble) -> dict[str, object]:
    told = {"kind": "oauth", "token_url": f"{tokens.url}/token", "client_id": "ci", "client_secret": "s3cret/+"}
    return {"auth": told}


def write_basic(user: tuple[str, str]) -> str:
    return f"    auth: {{kind: basic, username: {user[0]}, password: {user[1]}}}"


def test_a_name_and_a_password_let_in(apicurio_with_users: ApicurioServer, group: str) -> None:
    with open_registry(apicurio_with_users.native_url, group=group, **basic(ADMIN)) as registry:
        registry.register_schema("order", SCHEMA)

        assert list(registry.read_state().subjects) == ["order"]


def test_a_token_by_client_credentials_lets_in(
    apicurio_with_users: ApicurioServer, identity_keys: Keys, group: str
) -> None:
    with (
        TokenDouble(tokens=[identity_keys.make_token("ci", ["sr-developer"])]) as tokens,
        open_registry(apicurio_with_users.native_url, group=group, **oauth(tokens)) as registry,
    ):
        registry.register_schema("order", SCHEMA)
        registry.read_state()

        assert tokens.given == 1


def test_a_token_that_ends_in_the_middle_of_a_run_is_renewed_once(
    apicurio_with_users: ApicurioServer, identity_keys: Keys, group: str
) -> None:
    short, long = (identity_keys.make_token("ci", ["sr-admin"], seconds) for seconds in (2, 3600))
    with (
        TokenDouble(tokens=[short, long]) as tokens,
        open_registry(apicurio_with_users.native_url, group=group, **oauth(tokens)) as registry,
    ):
        registry.read_state()
        time.sleep(3.1)
        registered = registry.register_schema("order", SCHEMA)
        history = registry.read_history("order")

        assert tokens.given == 2
    assert registered.version == 1
    assert [version.version for version in history] == [1]


def test_tokens_that_somebody_else_signed_are_refused(apicurio_with_users: ApicurioServer, group: str) -> None:
    others = make_keys()
    with (
        TokenDouble(tokens=[others.make_token("ci", ["sr-admin"])] * 3) as tokens,
        open_registry(apicurio_with_users.native_url, group=group, **oauth(tokens)) as registry,
        pytest.raises(UnauthorizedError) as raised,
    ):
        registry.read_state()

    assert "auth" in (raised.value.fix or "")
    assert tokens.given == 2


def test_a_reader_reads_and_is_told_what_it_may_not_do(apicurio_with_users: ApicurioServer, group: str) -> None:
    with open_registry(apicurio_with_users.native_url, group=group, **basic(ADMIN)) as registry:
        registry.register_schema("order", SCHEMA)
    with open_registry(apicurio_with_users.native_url, group=group, **basic(READER)) as registry:
        assert list(registry.read_state().subjects) == ["order"]
        with pytest.raises(ForbiddenError) as raised:
            registry.register_schema("other", SCHEMA)

    assert raised.value.subject == "other"
    assert "grant" in (raised.value.fix or "")


def test_an_apply_by_a_reader_fails_with_the_reason(
    apicurio_with_users: ApicurioServer, make_repository: MakeRepository, group: str
) -> None:
    shop = make_repository(configure(apicurio_with_users.native_url, group, write_basic(READER)))
    shop.write("schemas/order.avsc", record("Order", "id"))
    shop.commit()

    planned = shop.run("plan")
    applied = shop.run("apply", "--yes")

    assert planned.exit_code == 0, planned.text
    assert applied.exit_code == 1, applied.text
    assert "the credentials do not allow this" in applied.text


def test_what_may_not_be_read_is_never_planned_as_missing(
    apicurio_with_users: ApicurioServer, make_repository: MakeRepository, group: str
) -> None:
    shop = make_repository(configure(apicurio_with_users.native_url, group, write_basic(NOBODY)))
    shop.write("schemas/order.avsc", record("Order", "id"))
    shop.commit()

    planned = shop.run("plan")

    assert planned.exit_code != 0
    assert "the credentials do not allow this" in planned.text
    assert "+ order" not in planned.text
