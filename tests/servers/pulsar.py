"""A real Pulsar, alone with its bookie and metadata, as a process: whoever can fetch it has the Java that it needs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.doubles.certificates import CertificateFiles, write_certificates
from tests.servers.artifacts import fetch_distribution
from tests.servers.java import find_java_home, read_java_version
from tests.servers.ports import find_free_ports
from tests.servers.sharing import Place, find_place, share, start_guard, wait_until_ready
from tests.servers.unavailable import ServerUnavailableError

VERSION = "4.0.8"
_COORDINATES = f"org.apache.pulsar:pulsar-server-distribution:{VERSION}:tar.gz:bin"
_JAVA = 17
_READY_SECONDS = 300.0
_POLL_SECONDS = 0.2
_CLASS = "org.apache.pulsar.PulsarStandaloneStarter"
_KEY = b"a key of 32 bytes for the tests!"
ADMIN, STRANGER = "admin", "stranger"
"""Roles: one may do everything, one nothing that was not granted."""
_PROVIDERS = "org.apache.pulsar.broker.authentication.AuthenticationProvider"
_SETTINGS = {
    "bindAddress": "127.0.0.1",
    "advertisedAddress": "127.0.0.1",
    "listeningInterface": "lo",
    "allowLoopback": "true",
    # Else a topic that nobody uses goes after a minute, with its schema.
    "brokerDeleteInactiveTopicsEnabled": "false",
}
_MEMORY = ("-Xms128m", "-Xmx384m", "-XX:MaxDirectMemorySize=384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
_OPENED = (
    "java.base/java.io",
    "java.base/java.util.zip",
    "java.base/java.nio",
    "java.base/jdk.internal.misc",
    "java.base/jdk.internal.platform",
    "java.management/sun.management",
    "jdk.management/com.sun.management.internal",
)
"""Packages that the server's own start script opens, too."""


@dataclass(frozen=True)
class PulsarServer:
    """`url` is the web service; `tls_url` and `certificates` are those of a server that asks who it is."""

    url: str
    tls_url: str = ""
    certificates: CertificateFiles | None = None


def make_token(role: str, seconds: float = 3600.0) -> str:
    """A token of a role, that ends after a while or before now."""
    parts = ({"alg": "HS256"}, {"sub": role, "exp": int(time.time() + seconds)})
    signed = ".".join(_encode(json.dumps(part).encode()) for part in parts)
    return f"{signed}.{_encode(hmac.digest(_KEY, signed.encode(), hashlib.sha256))}"


@contextmanager
def run_pulsar(base_temp: Path) -> Iterator[PulsarServer]:
    """Run one server that lets anybody in, for all processes of a test run. Raises ServerUnavailableError."""
    with share(find_place(base_temp, "pulsar"), lambda place: _start(place, {})) as url:
        yield PulsarServer(url)


@contextmanager
def run_guarded_pulsar(base_temp: Path) -> Iterator[PulsarServer]:
    """Run one that wants a token, or a certificate over TLS. Raises ServerUnavailableError."""
    place = find_place(base_temp, "pulsar-guarded")
    with share(place, _start_guarded) as urls:
        yield PulsarServer(*urls.split(), _find_certificates(place))


def _start_guarded(place: Place) -> str:
    (port,) = find_free_ports(1)
    files = write_certificates(place.folder / f"{place.name}-certificates")
    settings = {
        "authenticationEnabled": "true",
        "authorizationEnabled": "true",
        "authenticationProviders": f"{_PROVIDERS}Token,{_PROVIDERS}Tls",
        "tokenSecretKey": f"data:;base64,{base64.b64encode(_KEY).decode()}",
        "superUserRoles": ADMIN,
        "brokerClientAuthenticationPlugin": "org.apache.pulsar.client.impl.auth.AuthenticationToken",
        "brokerClientAuthenticationParameters": f"token:{make_token(ADMIN, 86_400)}",
        "webServicePortTls": str(port),
        "tlsCertificateFilePath": str(files.server_certificate),
        "tlsKeyFilePath": str(files.server_key),
        "tlsTrustCertsFilePath": str(files.ca),
        "tlsRequireTrustedClientCertOnConnect": "false",
    }
    return f"{_start(place, settings)} https://localhost:{port}"


def _start(place: Place, settings: Mapping[str, str]) -> str:
    home = find_java_home(_JAVA)
    (distribution,) = fetch_distribution(_COORDINATES).iterdir()
    web, binary = find_free_ports(2)
    folder = place.folder / f"{place.name}-data"
    folder.mkdir()
    ports = {"webServicePort": str(web), "brokerServicePort": str(binary)}
    written = folder / "standalone.conf"
    # Whoever asks for its status gets an answer once it is ready, as long as this file is there.
    own = {**_SETTINGS, **ports, **settings, "statusFilePath": str(written)}
    # The file that is delivered does not end its last line.
    lines = [(distribution / "conf" / "standalone.conf").read_text(), *(f"{name}={own[name]}" for name in own), ""]
    written.write_text("\n".join(lines))
    start_guard(place, command=_make_command(home, distribution, folder, written), folder=str(folder))
    url = f"http://127.0.0.1:{web}"
    wait_until_ready(place, f"{url}/status.html", _READY_SECONDS)
    _wait_for_cluster(place, url)
    return url


def _wait_for_cluster(place: Place, url: str) -> None:
    """Wait for what a server makes last, once it answers already: the first namespace of its cluster."""
    headers = {"Authorization": f"Bearer {make_token(ADMIN)}"}
    request = urllib.request.Request(f"{url}/admin/v2/namespaces/public", headers=headers)
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and place.marker.exists():
        try:
            with urllib.request.urlopen(request, timeout=5) as reply:
                if "public/default" in json.load(reply):
                    return
        except OSError:
            pass
        time.sleep(_POLL_SECONDS)
    raise ServerUnavailableError(f"{place.name} made no cluster within {_READY_SECONDS:.0f} s")


def _make_command(home: Path, distribution: Path, folder: Path, settings: Path) -> list[str]:
    options = [option for package in _OPENED for option in ("--add-opens", f"{package}=ALL-UNNAMED")]
    if read_java_version(home) >= 23:
        options.append("--sun-misc-unsafe-memory-access=allow")
    logging = {
        "log4j.configurationFile": "log4j2.yaml",
        "log4j2.is.webapp": "false",
        "pulsar.log.appender": "Console",
        "pulsar.log.level": "warn",
        "pulsar.log.root.level": "warn",
        "pulsar.log.dir": str(folder / "logs"),
        "pulsar.config.file": str(settings),
        "java.net.preferIPv4Stack": "true",
        "io.netty.tryReflectionSetAccessible": "true",
    }
    properties = [f"-D{name}={value}" for name, value in logging.items()]
    path = f"{distribution / 'conf'}:{distribution / 'lib'}/*"
    places = ["--metadata-dir", str(folder / "metadata"), "--bookkeeper-dir", str(folder / "bookkeeper")]
    java = [str(home / "bin" / "java"), *_MEMORY, *options, "--enable-native-access=ALL-UNNAMED", *properties]
    return [*java, "-cp", path, _CLASS, "-nfw", "-nss", "-a", "127.0.0.1", "-c", str(settings), *places]


def _find_certificates(place: Place) -> CertificateFiles:
    folder = place.folder / f"{place.name}-certificates"
    names = ("ca.pem", "server.pem", "server.key", "client.pem", "client.key")
    return CertificateFiles(*(folder / name for name in names))


def _encode(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")
