"""Secrets of a real OpenBao, which has Vault's interface: engines, logins, policies, namespaces, certificates."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hvac
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from reconciler.errors import SecretError
from reconciler.secrets import Secrets
from tests.doubles.certificates import CertificateFiles
from tests.doubles.wire import Access, HttpDouble, Reply, Request, make_json_reply
from tests.servers.openbao import ROOT, OpenBaoServer, run_openbao
from tests.servers.unavailable import ServerUnavailableError, skip_or_fail

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("openbao")]

POLICY = 'path "kv/data/registries/*" { capabilities = ["read"] }'


@pytest.fixture(scope="module")
def openbao(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenBaoServer]:
    """A server with engines of both versions, one of them below a nested mount, and a policy for one of them."""
    try:
        with run_openbao(tmp_path_factory.getbasetemp()) as server:
            _fill(open_as_root(server))
            yield server
    except ServerUnavailableError as error:
        skip_or_fail("OpenBao", error)


def open_as_root(server: OpenBaoServer, namespace: str | None = None) -> Any:
    return hvac.Client(url=server.url, token=ROOT, verify=str(server.ca), namespace=namespace)


def _fill(client: Any) -> None:
    for mount, version in (("kv", "2"), ("team/kv", "2"), ("old", "1")):
        client.sys.enable_secrets_engine("kv", path=mount, options={"version": version})
    _write_when_ready(client, "kv/data/registries/orders", {"data": {"password": "s3cret", "user": "ann"}})
    _write_when_ready(client, "kv/data/others", {"data": {"password": "not for ci"}})
    _write_when_ready(client, "team/kv/data/orders", {"data": {"password": "of a team"}})
    client.write_data("old/orders", data={"password": "older"})
    client.sys.create_or_update_policy("ci", POLICY)


def _write_when_ready(client: Any, path: str, data: dict[str, object]) -> None:
    """A new engine of version 2 first puts its storage in order."""
    for _ in range(50):
        try:
            client.write_data(path, data=data)
        except hvac.exceptions.InvalidRequest:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"{path} could not be written")


def read(server: OpenBaoServer, target: str, **variables: str) -> str:
    known = {"VAULT_ADDR": server.url, "VAULT_CACERT": str(server.ca), **variables}
    return Secrets(known).resolve(f"${{vault:{target}}}", Path.cwd())[0]


@pytest.mark.parametrize(
    ("target", "value"),
    [
        ("kv/registries/orders#password", "s3cret"),
        ("team/kv/orders#password", "of a team"),
        ("old/orders#password", "older"),
    ],
)
def test_engines_of_both_versions_wherever_they_are_mounted(openbao: OpenBaoServer, target: str, value: str) -> None:
    assert read(openbao, target, VAULT_TOKEN=ROOT) == value


@pytest.fixture(scope="module")
def approle(openbao: OpenBaoServer) -> dict[str, str]:
    """The variables of a role whose tokens hold for two reads: the mount is asked for, then the secret."""
    client = open_as_root(openbao)
    client.sys.enable_auth_method("approle")
    client.auth.approle.create_or_update_approle("ci", token_policies=["ci"], token_num_uses=2)
    role = client.auth.approle.read_role_id("ci")["data"]["role_id"]
    secret = client.auth.approle.generate_secret_id("ci")["data"]["secret_id"]
    return {"VAULT_ROLE_ID": role, "VAULT_SECRET_ID": secret}


def test_approle(openbao: OpenBaoServer, approle: dict[str, str]) -> None:
    assert read(openbao, "kv/registries/orders#user", **approle) == "ann"


def test_a_login_that_is_over_is_made_once_more(openbao: OpenBaoServer, approle: dict[str, str]) -> None:
    client = open_as_root(openbao)
    for name in ("a", "b", "c"):
        client.write_data(f"kv/data/registries/{name}", data={"data": {"key": name}})
    secrets = Secrets({"VAULT_ADDR": openbao.url, "VAULT_CACERT": str(openbao.ca), **approle})

    found = [secrets.resolve(f"${{vault:kv/registries/{name}#key}}", Path.cwd())[0] for name in ("a", "b", "c")]

    assert found == ["a", "b", "c"]


def test_an_approle_that_is_none(openbao: OpenBaoServer, approle: dict[str, str]) -> None:
    with pytest.raises(SecretError, match="does not accept the login"):
        read(openbao, "kv/registries/orders#user", **{**approle, "VAULT_SECRET_ID": "not-the-one"})


def test_what_the_policy_does_not_allow(openbao: OpenBaoServer, approle: dict[str, str]) -> None:
    with pytest.raises(SecretError, match="does not allow reading kv/others") as caught:
        read(openbao, "kv/others#password", **approle)

    assert "not for ci" not in str(caught.value)


def test_a_job_logs_in_by_its_own_token(openbao: OpenBaoServer, tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    client = open_as_root(openbao)
    client.sys.enable_auth_method("jwt", path="jobs")
    client.write_data("auth/jobs/config", data={"jwt_validation_pubkeys": [public.decode()]})
    role = {"role_type": "jwt", "user_claim": "sub", "bound_audiences": ["schemafed"], "token_policies": ["ci"]}
    client.write_data("auth/jobs/role/ci", data=role)
    file = tmp_path / "jwt"
    file.write_text(_make_jwt(key, audience="schemafed") + "\n")
    job = {"VAULT_ROLE": "ci", "VAULT_AUTH_MOUNT": "jobs"}

    assert read(openbao, "kv/registries/orders#user", **job, VAULT_JWT_FILE=str(file)) == "ann"
    with pytest.raises(SecretError, match="does not accept the login"):
        read(openbao, "kv/registries/orders#user", **job, VAULT_JWT=_make_jwt(key, audience="another"))


def review(request: Request) -> Reply:
    """A cluster's answer to whether a token is good: only that of the service account `schemafed` is."""
    asked = json.loads(request.body)
    claims = asked["spec"]["token"].split(".")[1]
    account = json.loads(base64.urlsafe_b64decode(claims + "=="))["sub"]
    status: dict[str, object] = {"authenticated": False, "error": "unknown token"}
    if request.path == "/apis/authentication.k8s.io/v1/tokenreviews" and account.endswith(":schemafed"):
        user = {"username": account, "uid": "schemafed", "groups": ["system:serviceaccounts"]}
        status = {"authenticated": True, "user": user, "audiences": asked["spec"].get("audiences", [])}
    return make_json_reply(201, {**asked, "status": status})


def test_a_pod_logs_in_by_the_token_of_its_service_account(
    openbao: OpenBaoServer, certificates: CertificateFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    client = open_as_root(openbao)
    file = tmp_path / "token"
    monkeypatch.setattr("reconciler.secrets.vault._POD_TOKEN", file)
    reviewer = _make_jwt(key, sub="system:serviceaccount:vault:reviewer")
    with HttpDouble(review, access=Access(tokens=frozenset({reviewer})), tls=certificates) as cluster:
        client.sys.enable_auth_method("kubernetes", path="pods")
        authority = {"kubernetes_ca_cert": certificates.ca.read_text(), "disable_local_ca_jwt": True}
        host = {"kubernetes_host": cluster.url, "token_reviewer_jwt": reviewer}
        client.write_data("auth/pods/config", data={**host, **authority})
        role = {"bound_service_account_names": ["schemafed"], "bound_service_account_namespaces": ["ci"]}
        client.write_data("auth/pods/role/ci", data={**role, "token_policies": ["ci"]})
        pod = {"VAULT_ROLE": "ci", "VAULT_AUTH_MOUNT": "pods"}

        file.write_text(_make_jwt(key, sub="system:serviceaccount:ci:schemafed") + "\n")
        assert read(openbao, "kv/registries/orders#user", **pod) == "ann"

        file.write_text(_make_jwt(key, sub="system:serviceaccount:ci:another") + "\n")
        with pytest.raises(SecretError, match="does not accept the login: service account name not authorized"):
            read(openbao, "kv/registries/orders#user", **pod)


def _make_jwt(key: rsa.RSAPrivateKey, audience: str = "schemafed", sub: str = "job-1") -> str:
    now = int(time.time())
    claims: dict[str, object] = {"sub": sub, "aud": [audience], "iat": now, "nbf": now - 5, "exp": now + 300}
    if sub.startswith("system:serviceaccount:"):
        namespace, name = sub.split(":")[2:]
        claims["kubernetes.io"] = {"namespace": namespace, "serviceaccount": {"name": name, "uid": name}}
    text = ".".join(_encode(json.dumps(part).encode()) for part in ({"alg": "RS256", "typ": "JWT"}, claims))
    return f"{text}.{_encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def test_a_namespace(openbao: OpenBaoServer) -> None:
    open_as_root(openbao).write_data("sys/namespaces/payments", data={})
    inside = open_as_root(openbao, namespace="payments")
    inside.sys.enable_secrets_engine("kv", path="kv", options={"version": "2"})
    _write_when_ready(inside, "kv/data/orders", {"data": {"password": "of payments"}})

    assert read(openbao, "kv/orders#password", VAULT_TOKEN=ROOT, VAULT_NAMESPACE="payments") == "of payments"


@pytest.mark.parametrize(
    ("target", "message"),
    [("kv/registries/orders#port", "has no key `port`"), ("kv/gone#x", "Vault has no secret kv/gone")],
)
def test_what_is_not_there(openbao: OpenBaoServer, target: str, message: str) -> None:
    with pytest.raises(SecretError, match=message):
        read(openbao, target, VAULT_TOKEN=ROOT)


def test_a_wrong_token(openbao: OpenBaoServer) -> None:
    with pytest.raises(SecretError, match="does not allow reading"):
        read(openbao, "kv/registries/orders#user", VAULT_TOKEN="wrong-token")


def test_an_authority_that_is_not_trusted(openbao: OpenBaoServer) -> None:
    with pytest.raises(SecretError, match="its certificate is not trusted"):
        read(openbao, "kv/registries/orders#user", VAULT_TOKEN=ROOT, VAULT_CACERT="")
