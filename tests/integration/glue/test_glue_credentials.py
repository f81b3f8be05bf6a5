"""Who the adapter is: the chain of credentials of the AWS tools, and what happens when credentials end in a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.errors import ConfigurationError, UnauthorizedError
from tests.contract.samples import A
from tests.doubles.glue import GlueDouble, GlueGate, Refusal
from tests.integration.glue.conftest import OpenGlue

ROLE = "arn:aws:iam::123456789012:role/schemas"


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An environment without any credentials; the folder is where files of them are looked for."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return tmp_path


def write_key(folder: Path, key: str, profile: str = "default") -> None:
    (folder / "credentials").write_text(f"[{profile}]\naws_access_key_id = {key}\naws_secret_access_key = secret\n")


def test_keys_of_the_environment(open_glue: OpenGlue, gate: GlueGate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDVARIABLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")

    open_glue(auth=None).read_state()

    assert gate.keys() == ["AKIDVARIABLE"]


def test_a_profile(open_glue: OpenGlue, gate: GlueGate, nobody: Path) -> None:
    write_key(nobody, "AKIDPROFILE", "schemas")

    open_glue(auth=None, profile="schemas").read_state()

    assert gate.keys() == ["AKIDPROFILE"]


def test_a_region_of_the_profile_and_of_the_environment(
    open_glue: OpenGlue, nobody: Path, gate: GlueGate, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_key(nobody, "AKIDPROFILE", "schemas")
    (nobody / "config").write_text("[profile schemas]\nregion = eu-central-1\n")
    options = {"auth": None, "region": None, "profile": "schemas"}

    open_glue(**options).read_state()
    for name, region in (("AWS_DEFAULT_REGION", "eu-west-3"), ("AWS_REGION", "eu-west-2")):
        monkeypatch.setenv(name, region)
        with pytest.raises(Exception, match="Registry is not found"):
            # Another region of the double: the registry is not there.
            open_glue(**options).check_health()

    used = [request.headers["authorization"].split("/")[2] for request in gate.requests]
    assert list(dict.fromkeys(used)) == ["eu-central-1", "eu-west-3", "eu-west-2"]


def test_no_region_is_a_problem_of_the_configuration(open_glue: OpenGlue) -> None:
    with pytest.raises(ConfigurationError, match="region") as raised:
        open_glue(region=None)

    assert "AWS_REGION" in str(raised.value.fix)


def test_a_role_is_assumed(
    open_glue: OpenGlue, gate: GlueGate, glue: GlueDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", glue.url)

    open_glue(role_arn=ROLE, external_id="acme").read_state()

    (key,) = gate.keys()
    assert key.startswith("ASIA"), "the keys of a role are temporary ones"


def test_a_web_identity(
    open_glue: OpenGlue, gate: GlueGate, glue: GlueDouble, nobody: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (nobody / "token").write_text("a-token-of-the-forge")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", glue.url)
    monkeypatch.setenv("AWS_ROLE_ARN", ROLE)
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(nobody / "token"))

    open_glue(auth=None).read_state()

    (key,) = gate.keys()
    assert key.startswith("ASIA")


def test_a_web_identity_without_its_token(open_glue: OpenGlue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ROLE_ARN", ROLE)
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere/token")

    with pytest.raises(UnauthorizedError, match="/nowhere/token") as raised:
        open_glue(auth=None).read_state()

    assert raised.value.fix


def test_nobody_at_all(open_glue: OpenGlue) -> None:
    with pytest.raises(UnauthorizedError, match="Unable to locate credentials") as raised:
        open_glue(auth=None).read_state()

    assert raised.value.fix


@pytest.mark.parametrize("code", ["ExpiredTokenException", "UnrecognizedClientException"])
def test_credentials_that_end_in_a_run_are_looked_for_once_more(
    open_glue: OpenGlue, gate: GlueGate, nobody: Path, code: str
) -> None:
    write_key(nobody, "AKIDOLD")
    registry = open_glue(auth=None)
    registry.read_state()
    gate.refusals.append(Refusal(code, key="AKIDOLD"))
    write_key(nobody, "AKIDNEW")

    registry.register_schema("order", A)
    registry.read_state()

    assert gate.keys() == ["AKIDOLD", "AKIDNEW"]
    old = [request for request in gate.requests if "AKIDOLD" in request.headers["authorization"]]
    # The listing of the first reading, and the one call that was refused.
    assert len(old) == 2


def test_a_write_that_was_refused_with_old_credentials_is_made_once(
    open_glue: OpenGlue, gate: GlueGate, nobody: Path
) -> None:
    write_key(nobody, "AKIDOLD")
    registry = open_glue(auth=None)
    gate.refusals.append(Refusal("ExpiredTokenException", "RegisterSchemaVersion", key="AKIDOLD"))
    write_key(nobody, "AKIDOLD")
    registry.read_state()
    write_key(nobody, "AKIDNEW")

    answer = registry.register_schema("order", A)

    assert answer.version == 1
    assert gate.operations("CreateSchema") == ["CreateSchema"]


def test_credentials_that_end_without_newer_ones_are_told(open_glue: OpenGlue, gate: GlueGate) -> None:
    gate.refusals.append(Refusal("ExpiredTokenException"))

    with pytest.raises(UnauthorizedError, match="the credentials are over") as raised:
        open_glue().read_state()

    assert raised.value.code == "ExpiredTokenException"
    assert len(gate.requests) == 2
