"""Certificates made at run time, so that no key ever stands in the repository."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


@dataclass(frozen=True)
class CertificateFiles:
    """PEM files: an authority, and a server and a client certificate that it signed."""

    ca: Path
    server_certificate: Path
    server_key: Path
    client_certificate: Path
    client_key: Path


@dataclass(frozen=True)
class _Signed:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def write_certificates(folder: Path, host_names: tuple[str, ...] = ("localhost",)) -> CertificateFiles:
    """Write a fresh authority with a server certificate (loopback and `host_names`) and a client one."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = _make_authority()
    server = _make_leaf(authority, "schemafed test server", ExtendedKeyUsageOID.SERVER_AUTH, host_names)
    client = _make_leaf(authority, "schemafed test client", ExtendedKeyUsageOID.CLIENT_AUTH, ())
    return CertificateFiles(
        ca=_write_certificate(folder / "ca.pem", authority.certificate),
        server_certificate=_write_certificate(folder / "server.pem", server.certificate),
        server_key=_write_key(folder / "server.key", server.key),
        client_certificate=_write_certificate(folder / "client.pem", client.certificate),
        client_key=_write_key(folder / "client.key", client.key),
    )


def _make_name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _start_builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=2))
    )


def _make_authority() -> _Signed:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _make_name("schemafed test authority")
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        _start_builder(name, name, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return _Signed(builder.sign(key, hashes.SHA256()), key)


def _make_leaf(authority: _Signed, name: str, usage: x509.ObjectIdentifier, host_names: tuple[str, ...]) -> _Signed:
    key = ec.generate_private_key(ec.SECP256R1())
    addresses = [x509.IPAddress(ipaddress.ip_address(text)) for text in ("127.0.0.1", "::1")]
    hosts = [x509.DNSName(text) for text in host_names]
    issuer_key = authority.key.public_key()
    builder = (
        _start_builder(_make_name(name), authority.certificate.subject, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        .add_extension(x509.SubjectAlternativeName([*hosts, *addresses]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )
    return _Signed(builder.sign(authority.key, hashes.SHA256()), key)


def _write_certificate(path: Path, certificate: x509.Certificate) -> Path:
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return path


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> Path:
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(pem)
    path.chmod(0o600)
    return path
