"""Where the topic of a registry is, as `snapshot` and `kafka` say it in schemafed.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

DEFAULT_TOPIC = "_schemas"
EXTRA = "kafka"
_PORT = 9092
_FILES = (".location", ".file")
KAFKA_SETTINGS = frozenset(
    {
        "broker.address.family",
        "client.dns.lookup",
        "client.id",
        "sasl.mechanism",
        "sasl.mechanisms",
        "sasl.oauthbearer.client.id",
        "sasl.oauthbearer.client.secret",
        "sasl.oauthbearer.extensions",
        "sasl.oauthbearer.method",
        "sasl.oauthbearer.scope",
        "sasl.oauthbearer.token.endpoint.url",
        "sasl.password",
        "sasl.username",
        "security.protocol",
        "ssl.ca.location",
        "ssl.ca.pem",
        "ssl.certificate.location",
        "ssl.certificate.pem",
        "ssl.cipher.suites",
        "ssl.crl.location",
        "ssl.key.location",
        "ssl.key.password",
        "ssl.key.pem",
        "ssl.keystore.location",
        "ssl.keystore.password",
    }
)
"""What a `kafka` block may set, by librdkafka's names. Left out is what runs programs or loads code (Kerberos's
`kinit`, engines, plug-ins), and what would leave a broker unverified."""


@dataclass(frozen=True, slots=True)
class TopicPlace:
    """A topic, the brokers that lead to it, and how to get in; ``settings`` are librdkafka's, files made absolute."""

    brokers: str
    topic: str
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        return f"kafka://{self.brokers}/{self.topic}"


def check_snapshot(url: str) -> str:
    """Say whether a text is ``kafka://host:port[,host:port][/topic]``; gives it back.

    Raises:
        ValueError: it is not.
    """
    _split(url)
    return url


def check_kafka(settings: Mapping[str, str]) -> Mapping[str, str]:
    """Say whether every name is one that a ``kafka`` block may have; gives them back.

    Raises:
        ValueError: one is not.
    """
    for name in settings:
        if name not in KAFKA_SETTINGS:
            near = get_close_matches(name, KAFKA_SETTINGS, n=1)
            meant = f"; did you mean `{near[0]}`?" if near else ""
            raise ValueError(f"`{name}` cannot be set{meant}")
    return settings


def make_place(url: str, settings: Mapping[str, str], root: Path) -> TopicPlace:
    """Make the place of a topic; files of ``settings`` count from ``root``."""
    brokers, topic = _split(url)
    placed = {name: str(root / value) if name.endswith(_FILES) else value for name, value in settings.items()}
    return TopicPlace(brokers, topic, placed)


def _split(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    topic = parts.path.strip("/") or DEFAULT_TOPIC
    hosts = [host for host in parts.netloc.split(",") if host]
    if parts.scheme != "kafka" or not hosts or "@" in parts.netloc or "/" in topic or parts.query or parts.fragment:
        raise ValueError("write it like `kafka://broker1:9092,broker2:9092/_schemas`; credentials go into `kafka`")
    return ",".join(_with_port(host) for host in hosts), topic


def _with_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    if not colon or host.endswith("]"):
        return f"{host}:{_PORT}"
    if not name or not port.isdecimal():
        raise ValueError(f"`{host}` is not a host and a port")
    return host
