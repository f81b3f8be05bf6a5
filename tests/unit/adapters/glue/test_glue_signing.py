"""Our signatures are those of the SDK, to the letter."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials

from adapters.glue.signing import CONTENT_TYPE, Signer

NOW = datetime(2026, 3, 9, 4, 5, 6, tzinfo=UTC)
BODY = '{"SchemaId": {"RegistryName": "r", "SchemaName": "größe"}}'.encode()


@pytest.mark.parametrize("token", [None, "a/session+token=="])
@pytest.mark.parametrize("host", ["glue.eu-central-1.amazonaws.com", "127.0.0.1:4566"])
def test_a_signature_is_that_of_the_sdk(monkeypatch: pytest.MonkeyPatch, host: str, token: str | None) -> None:
    keys = ReadOnlyCredentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG", token)
    scheme = "http" if ":" in host else "https"
    fixed = {"X-Amz-Target": "AWSGlue.GetSchema", "Content-Type": CONTENT_TYPE}
    expected = AWSRequest("POST", f"{scheme}://{host}/", fixed, BODY)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: NOW.replace(tzinfo=None))
    SigV4Auth(keys, "glue", "eu-central-1").add_auth(expected)

    headers = Signer(host, "eu-central-1", "GetSchema").make_headers(BODY, keys, NOW)

    assert dict(headers) == {name: str(value) for name, value in expected.headers.items()}
