"""A Pulsar that asks who it is: tokens, client credentials and certificates, and rights that are missing."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from reconciler.errors import ForbiddenError, UnauthorizedError
from reconciler.model import Mode
from reconciler.registry import SchemaRegistry
from tests.contract.samples import AB, A
from tests.contract.targets.pulsar import RawPulsar, open_pulsar
from tests.doubles.tokens import TokenDouble
from tests.servers.pulsar import ADMIN, STRANGER, PulsarServer, make_token

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("contract-pulsar")]


@pytest.fixture
def raw(guarded_pulsar: PulsarServer) -> Iterator[RawPulsar]:
    found = RawPulsar(guarded_pulsar.url, f"guarded/{uuid.uuid4().hex[:10]}", make_token(ADMIN))
    found.make_namespace()
    yield found
    found.delete_namespace()


def open_with(raw: RawPulsar, token: str | None, **options: Any) -> SchemaRegistry:
    auth = {"auth": {"kind": "bearer", "token": token}} if token else {}
    return open_pulsar(raw.url, namespace=raw.namespace, retries=0, **auth, **options)


def test_a_token_opens_everything(raw: RawPulsar) -> None:
    with closing(open_with(raw, make_token(ADMIN))) as registry:
        registry.register_schema("s", A)
        registry.set_compatibility("s", Mode.FULL)

        assert registry.read_state().subjects["s"].mode is Mode.FULL
        assert registry.check_health().version == "4.0.8"


@pytest.mark.parametrize("token", [None, make_token(ADMIN, seconds=-60), "no.token.atall"], ids=["none", "old", "bad"])
def test_who_is_not_known_is_told_to_look_at_the_credentials(raw: RawPulsar, token: str | None) -> None:
    with closing(open_with(raw, token)) as registry, pytest.raises(UnauthorizedError) as caught:
        registry.read_state()

    assert "`auth`" in str(caught.value.fix)


def test_a_right_that_is_missing_is_no_absence(raw: RawPulsar) -> None:
    """The broker answers 401 or 403, by the operation; neither says that there is nothing."""
    with closing(open_with(raw, make_token(STRANGER))) as registry:
        for call in (
            lambda: registry.read_state(),
            lambda: registry.read_state(["s"]),
            lambda: registry.read_history("s"),
            lambda: registry.register_schema("s", A),
            lambda: registry.set_compatibility("s", Mode.FULL),
            lambda: registry.set_compatibility(None, Mode.FULL),
            lambda: registry.delete_subject("s", permanent=True),
        ):
            with pytest.raises(ForbiddenError) as caught:
                call()
            assert caught.value.detail
            assert "administrator of the tenant" in str(caught.value.fix)


def test_a_client_of_topics_may_read_schemas_and_no_strategies(raw: RawPulsar) -> None:
    """What cannot be read is named: such a role makes no plan, since nobody would know what the topics demand."""
    role = f"client-{uuid.uuid4().hex[:6]}"
    raw.send("POST", f"/namespaces/{raw.namespace}/permissions/{role}", ["produce", "consume"])
    with closing(open_with(raw, make_token(ADMIN))) as admin:
        admin.register_schema("s", A)

    with closing(open_with(raw, make_token(role))) as registry:
        assert registry.register_schema("s", AB).version == 2
        with pytest.raises(ForbiddenError) as caught:
            registry.read_state()

    assert f"namespace {raw.namespace}" in caught.value.message


def test_an_administrator_of_the_tenant_need_not_rule_the_cluster(raw: RawPulsar) -> None:
    """The broker's own strategy is for superusers: the option says it."""
    role = f"admin-{uuid.uuid4().hex[:6]}"
    tenant = raw.namespace.partition("/")[0]
    assert raw.send("POST", f"/tenants/{tenant}", {"adminRoles": [role], "allowedClusters": ["standalone"]})[0] == 204

    with closing(open_with(raw, make_token(role), broker_compatibility="FORWARD")) as registry:
        registry.register_schema("s", A)
        registry.set_compatibility("s", Mode.BACKWARD)
        state = registry.read_state()

    assert (state.default_mode, state.subjects["s"].mode) == (Mode.FORWARD, Mode.BACKWARD)


def test_client_credentials_ask_for_the_token_and_renew_it(raw: RawPulsar) -> None:
    """The first token is over already: it is refused once, and asked for again."""
    given = [make_token(ADMIN, seconds=-60), make_token(ADMIN)]
    with TokenDouble(tokens=given) as tokens:
        auth = {"kind": "oauth", "token_url": f"{tokens.url}/token", "client_id": "ci", "client_secret": "s3cret/+"}
        with closing(open_pulsar(raw.url, namespace=raw.namespace, auth=auth, retries=0)) as registry:
            registry.register_schema("s", A)
            assert list(registry.read_state().subjects) == ["s"]

        assert tokens.given == 2


def test_a_certificate_says_who_it_is(raw: RawPulsar, guarded_pulsar: PulsarServer) -> None:
    files = guarded_pulsar.certificates
    assert files is not None
    tls = {"ca": str(files.ca), "certificate": str(files.client_certificate), "key": str(files.client_key)}
    raw.send("POST", f"/namespaces/{raw.namespace}/permissions/schemafed%20test%20client", ["produce", "consume"])
    with closing(open_with(raw, make_token(ADMIN))) as admin:
        admin.register_schema("s", A)

    with closing(open_pulsar(guarded_pulsar.tls_url, namespace=raw.namespace, tls=tls, retries=0)) as registry:
        assert registry.register_schema("s", AB).version == 2
        assert len(registry.read_history("s")) == 2


def test_over_tls_without_a_certificate_nobody_is_known(raw: RawPulsar, guarded_pulsar: PulsarServer) -> None:
    assert guarded_pulsar.certificates is not None
    tls = {"ca": str(guarded_pulsar.certificates.ca)}

    registry = open_pulsar(guarded_pulsar.tls_url, namespace=raw.namespace, tls=tls, retries=0)
    with closing(registry), pytest.raises(UnauthorizedError):
        registry.read_state()
