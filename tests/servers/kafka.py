"""A real Kafka broker, its own controller, as a process: whoever can fetch it has the Java that it needs."""

from __future__ import annotations

import base64
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.doubles.certificates import CertificateFiles, write_certificates
from tests.servers.artifacts import fetch_libraries
from tests.servers.java import find_java_home
from tests.servers.ports import find_free_ports
from tests.servers.sharing import Place, find_place, share, start_guard
from tests.servers.unavailable import ServerUnavailableError

VERSION = "4.1.1"
USER = ("sam", "sam-s3cret")
_POM = Path(__file__).with_name("kafka_pom.xml")
_JAVA = 17
_READY_SECONDS = 180.0
_JVM = ("-Xmx256m", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")
_LISTENERS = "PLAINTEXT://127.0.0.1:{plain},SASL_SSL://127.0.0.1:{guarded}"
_SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners={listeners},CONTROLLER://127.0.0.1:{controller}
advertised.listeners={listeners}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
sasl.enabled.mechanisms=PLAIN
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
user_{user}="{password}";
ssl.keystore.type=PEM
ssl.keystore.location={keys}
log.dirs={logs}
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
auto.create.topics.enable=false
message.max.bytes=8388608
log.cleaner.backoff.ms=200
log.initial.task.delay.ms=0
broker.session.timeout.ms=120000
initial.broker.registration.timeout.ms=180000
controller.quorum.request.timeout.ms=30000
controller.quorum.fetch.timeout.ms=30000
"""


@dataclass(frozen=True)
class KafkaServer:
    """`brokers` takes anybody; `guarded` speaks TLS and wants `USER`, its authority is `certificates.ca`."""

    brokers: str
    guarded: str
    certificates: CertificateFiles


@contextmanager
def run_kafka(base_temp: Path) -> Iterator[KafkaServer]:
    """Run one broker for all processes of a test run. Raises ServerUnavailableError."""
    place = find_place(base_temp, "kafka")
    with share(place, _start) as addresses:
        plain, guarded = addresses.split()
        yield KafkaServer(plain, guarded, _find_certificates(place))


def _start(place: Place) -> str:
    java = str(find_java_home(_JAVA) / "bin" / "java")
    path = f"{fetch_libraries('kafka', VERSION, _POM)}/*"
    settings, (plain, guarded) = _write_settings(place)
    identity = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    storage = [java, *_JVM, "-cp", path, "kafka.tools.StorageTool", "format", "-t", identity, "-c", str(settings)]
    reply = subprocess.run(storage, capture_output=True, text=True, check=False, timeout=_READY_SECONDS)
    if reply.returncode != 0:
        raise ServerUnavailableError(f"Kafka could not make its storage: {reply.stderr.strip()[-300:]}")
    command = [java, *_JVM, "-cp", path, "kafka.Kafka", str(settings)]
    start_guard(place, command=command, folder=str(place.folder))
    _wait(place, plain)
    return f"{plain} {guarded}"


def _write_settings(place: Place) -> tuple[Path, tuple[str, str]]:
    """Write the broker's settings, certificates and key; returns their file and the two addresses."""
    folder = place.folder / "kafka"
    folder.mkdir()
    certificates = write_certificates(folder / "certificates")
    keys = folder / "keys.pem"
    keys.write_text(certificates.server_key.read_text() + certificates.server_certificate.read_text())
    plain, guarded, controller = find_free_ports(3)
    text = _SETTINGS.format(
        listeners=_LISTENERS.format(plain=plain, guarded=guarded),
        controller=controller,
        user=USER[0],
        password=USER[1],
        keys=keys,
        logs=folder / "logs",
    )
    settings = folder / "server.properties"
    settings.write_text(text)
    return settings, (f"127.0.0.1:{plain}", f"127.0.0.1:{guarded}")


def _find_certificates(place: Place) -> CertificateFiles:
    folder = place.folder / "kafka" / "certificates"
    names = ("ca.pem", "server.pem", "server.key", "client.pem", "client.key")
    return CertificateFiles(*(folder / name for name in names))


def _wait(place: Place, brokers: str) -> None:
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient

    client = AdminClient({"bootstrap.servers": brokers, "log_level": 0})
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and place.marker.exists():
        try:
            client.list_topics(timeout=1)
        except KafkaException:
            continue
        return
    tail = " | ".join(place.log.read_text(errors="replace").splitlines()[-2:]) if place.log.exists() else "no log"
    raise ServerUnavailableError(f"Kafka did not answer at {brokers} within {_READY_SECONDS:.0f} s: {tail}")
