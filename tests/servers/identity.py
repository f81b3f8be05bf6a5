"""Keys of an identity provider of our own, and tokens that they sign, for servers that are told the public key."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.servers.artifacts import locked

ISSUER = "https://identity.test"


@dataclass(frozen=True)
class Keys:
    """An RSA key that signs tokens (RS256)."""

    private: rsa.RSAPrivateKey

    @property
    def public_line(self) -> str:
        """The public key as one line, without the marks of PEM."""
        encoded = self.private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(encoded).decode()

    def make_token(self, name: str, roles: Collection[str], seconds: float = 3600) -> str:
        """A token of somebody with roles, which ends after some seconds."""
        now = int(time.time())
        claims = {"iss": ISSUER, "sub": name, "upn": name, "roles": sorted(roles), "iat": now, "exp": now + seconds}
        signed = ".".join(_encode(json.dumps(part).encode()) for part in ({"alg": "RS256", "typ": "JWT"}, claims))
        return f"{signed}.{_encode(self.private.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def make_keys() -> Keys:
    """Keys that nobody knows."""
    return Keys(rsa.generate_private_key(public_exponent=65537, key_size=2048))


def share_keys(folder: Path) -> Keys:
    """The keys of a test run: made by the process that comes first, read by the others."""
    path = folder / "identity.pem"
    with locked(folder / "identity.lock"):
        if not path.exists():
            private = make_keys().private
            path.write_bytes(
                private.private_bytes(
                    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
                )
            )
        loaded = serialization.load_pem_private_key(path.read_bytes(), None)
    assert isinstance(loaded, rsa.RSAPrivateKey)
    return Keys(loaded)


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
