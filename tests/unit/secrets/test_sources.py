"""Secrets of Vault and of AWS: what they become, asked how often, and what is said where they cannot be read."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from reconciler.errors import SecretError
from reconciler.secrets import Secrets, check_value
from tests.doubles.vault import ROOT, VaultDouble

PASSWORD = {"kv/registries/orders": {"password": "s3cret", "user": "ann"}, "old/orders": {"password": "older"}}
APPROLE = {"auth/approle/login": {"role_id": "role", "secret_id": "secret"}}
JWT = {"auth/jwt/login": {"role": "ci", "jwt": "token-of-the-job"}}


def resolve(text: str, variables: dict[str, str]) -> tuple[str, tuple[str, ...]]:
    return Secrets(variables).resolve(text, Path.cwd())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${vault:kv/registries/orders#password}", "s3cret"),
        ("Basic ${vault:kv/registries/orders#user}:x", "Basic ann:x"),
        ("${vault:old/orders#password}", "older"),
    ],
)
def test_a_key_of_either_version_of_engines(text: str, value: str) -> None:
    with VaultDouble(PASSWORD, versions={"old": "1"}) as vault:
        found, secret = resolve(text, {"VAULT_ADDR": vault.url, "VAULT_TOKEN": ROOT})

    assert found == value
    assert secret == (value.removeprefix("Basic ").removesuffix(":x"),)


def test_a_secret_is_asked_for_once_for_all_its_keys() -> None:
    with VaultDouble(PASSWORD, logins=APPROLE) as vault:
        secrets = Secrets({"VAULT_ADDR": vault.url, "VAULT_ROLE_ID": "role", "VAULT_SECRET_ID": "secret"})
        for key in ("user", "password", "user"):
            secrets.resolve(f"${{vault:kv/registries/orders#{key}}}", Path.cwd())

        assert vault.logins_made == 1
        assert vault.count("GET", "/v1/kv/*") == 1


def test_a_login_that_is_over_is_made_once_more() -> None:
    secrets = {f"kv/{name}": {"key": name} for name in ("a", "b", "c")}
    with VaultDouble(secrets, logins=APPROLE, token_uses=2) as vault:
        made = Secrets({"VAULT_ADDR": vault.url, "VAULT_ROLE_ID": "role", "VAULT_SECRET_ID": "secret"})
        found = [made.resolve(f"${{vault:kv/{name}#key}}", Path.cwd())[0] for name in ("a", "b", "c")]

        assert found == ["a", "b", "c"]
        assert vault.logins_made == 3


def test_a_job_logs_in_by_its_own_token(tmp_path: Path) -> None:
    (tmp_path / "jwt").write_text("token-of-the-job\n")
    with VaultDouble(PASSWORD, logins=JWT) as vault:
        variables = {"VAULT_ADDR": vault.url, "VAULT_ROLE": "ci", "VAULT_JWT_FILE": str(tmp_path / "jwt")}

        assert resolve("${vault:kv/registries/orders#user}", variables)[0] == "ann"


@pytest.mark.parametrize(
    ("variables", "text", "message"),
    [
        ({}, "${vault:kv/registries/orders#x}", "has no key `x`"),
        ({}, "${vault:kv/gone#x}", "Vault has no secret kv/gone"),
        ({"VAULT_TOKEN": "wrong"}, "${vault:kv/registries/orders#user}", "does not allow reading kv/registries/orders"),
        ({"VAULT_TOKEN": ""}, "${vault:kv/registries/orders#user}", "nothing says who asks Vault"),
        (
            {"VAULT_TOKEN": "", "VAULT_ROLE_ID": "role", "VAULT_SECRET_ID": "old"},
            "${vault:kv/registries/orders#user}",
            "does not accept the login: invalid role or secret ID",
        ),
        ({"VAULT_ADDR": ""}, "${vault:kv/registries/orders#user}", "Vault's address is not known"),
    ],
)
def test_what_vault_does_not_give_is_told(variables: dict[str, str], text: str, message: str) -> None:
    with VaultDouble(PASSWORD, logins=APPROLE) as vault, pytest.raises(SecretError) as raised:
        resolve(text, {"VAULT_ADDR": vault.url, "VAULT_TOKEN": ROOT, **variables})

    assert message in raised.value.message
    assert raised.value.fix
    assert "s3cret" not in f"{raised.value.message} {raised.value.fix}"


def test_a_sealed_vault_and_one_that_is_not_there_are_two_errors() -> None:
    with VaultDouble(PASSWORD, is_sealed=True) as vault, pytest.raises(SecretError, match="is sealed"):
        resolve("${vault:kv/registries/orders#user}", {"VAULT_ADDR": vault.url, "VAULT_TOKEN": ROOT})
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(SecretError, match="cannot be reached"):
            resolve("${vault:kv/registries/orders#user}", {"VAULT_ADDR": url, "VAULT_TOKEN": ROOT})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${vault:kv#x}", "is not written as this source wants it"),
        ("${vault:kv/x}", "is not written as this source wants it"),
        ("${aws-ssm:a#b}", "is not written as this source wants it"),
        ("${gcp:x}", "is not a source of secrets that this version knows"),
    ],
)
def test_how_a_target_is_written_is_checked_without_asking(text: str, message: str) -> None:
    with pytest.raises(SecretError, match=message):
        check_value(text)


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def account(aws: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Variables that lead to an account with two secrets and a parameter."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "only-for-tests",
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }.items():
        monkeypatch.setenv(name, value)
    manager: Any = boto3.client("secretsmanager", endpoint_url=aws)
    store: Any = boto3.client("ssm", endpoint_url=aws)
    names = {"orders": '{"user": "ann", "port": 8081}', "plain": "just text"}
    for name, text in names.items():
        manager.create_secret(Name=name, SecretString=text)
    store.put_parameter(Name="/orders/password", Value="s3cret", Type="SecureString")
    yield {"AWS_ENDPOINT_URL": aws}
    for name in names:
        manager.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    store.delete_parameter(Name="/orders/password")
    manager.close()
    store.close()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${aws-sm:orders#user}", "ann"),
        ("${aws-sm:orders#port}", "8081"),
        ("${aws-sm:plain}", "just text"),
        ("${aws-ssm:/orders/password}", "s3cret"),
    ],
)
def test_secrets_and_parameters_of_aws(account: dict[str, str], text: str, value: str) -> None:
    assert resolve(text, account) == (value, (value,))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${aws-sm:gone}", "does not give gone (ResourceNotFoundException)"),
        ("${aws-sm:orders#x}", "has no key `x`"),
        ("${aws-sm:plain#x}", "plain is no JSON object"),
        ("${aws-ssm:/gone}", "does not give /gone (ParameterNotFound)"),
    ],
)
def test_what_aws_does_not_give_is_told(account: dict[str, str], text: str, message: str) -> None:
    with pytest.raises(SecretError) as raised:
        resolve(text, account)

    assert message in raised.value.message
    assert raised.value.fix
