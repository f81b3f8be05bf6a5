"""A real Pulsar, one namespace of it; read raw by its own interface with the standard library."""

from __future__ import annotations

import base64
import json
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from reconciler.registry import RegistrySettings, SchemaRegistry
from tests.contract.targets.target import NOT_TROUBLED, Given, Start, Target, find_given, open_unreachable
from tests.doubles.fault_proxy import FaultProxy, WireFault
from tests.raw_registry import RawReference, RawVersion, exchange
from tests.servers.pulsar import STRANGER, PulsarServer, make_token

_TYPES = {"AVRO": "AVRO", "JSON": "AVRO", "PROTOBUF_NATIVE": "PROTOBUF"}
_WORDS = {"NONE": "ALWAYS_COMPATIBLE"}
_MODES = {word: mode for mode, word in _WORDS.items()}
_SCALARS = {5: "int32", 9: "string"}


@dataclass(frozen=True)
class RawPulsar:
    """The cluster as it answers; `namespace` is the one that the adapter has."""

    url: str
    namespace: str
    token: str = ""

    def send(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(f"{self.url}/admin/v2{path}", data, headers, method=method)
        answer = exchange(request, timeout=60)
        return answer.status, answer.body

    def make_namespace(self) -> None:
        tenant = self.namespace.partition("/")[0]
        self.send("PUT", f"/tenants/{tenant}", {"allowedClusters": ["standalone"]})
        assert self.send("PUT", f"/namespaces/{self.namespace}", {})[0] in (204, 409)

    def delete_namespace(self) -> None:
        self.send("DELETE", f"/namespaces/{self.namespace}?force=true")

    def read_subjects(self) -> list[str]:
        status, found = self.send("GET", f"/persistent/{self.namespace}")
        topics = [name.rpartition("/")[2] for name in found] if status == 200 else []
        return sorted(name for name in topics if self.read_rows(name))

    def read_rows(self, subject: str) -> list[dict[str, Any]]:
        status, found = self.send("GET", f"/schemas/{self._topic(subject)}/schemas")
        return found["getSchemaResponses"] if status == 200 else []

    def read_numbers(self, subject: str) -> list[int]:
        """Numbers from 1, as the adapter counts."""
        return [row["version"] + 1 for row in self.read_rows(subject)]

    def read_versions(self, subject: str) -> list[RawVersion]:
        return [
            RawVersion(
                subject,
                row["version"] + 1,
                None,  # type: ignore[arg-type]
                _TYPES.get(row["type"], row["type"]),
                _write_message(row["data"]) if row["type"] == "PROTOBUF_NATIVE" else row["data"],
            )
            for row in self.read_rows(subject)
        ]

    def read_compatibility(self, subject: str = "") -> str | None:
        """The strategy by our word; of the namespace what holds there, as the broker's own is FULL."""
        if subject:
            status, word = self.send("GET", f"/persistent/{self._topic(subject)}/schemaCompatibilityStrategy")
            return _MODES.get(word, word) if status == 200 else None
        word = self.send("GET", f"/namespaces/{self.namespace}/schemaCompatibilityStrategy")[1]
        return "FULL" if word == "UNDEFINED" else _MODES.get(word, word)

    def write_compatibility(self, subject: str, level: str) -> None:
        place = f"persistent/{self._topic(subject)}" if subject else f"namespaces/{self.namespace}"
        word = _WORDS.get(level, level)
        assert self.send("PUT", f"/{place}/schemaCompatibilityStrategy", word)[0] == 204

    def write_schema(self, subject: str, kind: str, text: str, **properties: str) -> int:
        body = {"type": kind, "schema": text, "properties": properties}
        return self.send("POST", f"/schemas/{self._topic(subject)}/schema", body)[0]

    def register(
        self, subject: str, text: str, schema_format: str = "AVRO", references: Sequence[RawReference] = ()
    ) -> int:
        """Add a version of a topic, which is made where it is missing, whoever is refused; the status of the answer."""
        assert schema_format == "AVRO" and not references, "there are none here"
        self.send("PUT", f"/persistent/{self._topic(subject)}")
        return self.write_schema(subject, schema_format, text)

    def make_topic(self, subject: str) -> None:
        assert self.send("PUT", f"/persistent/{self._topic(subject)}")[0] == 204

    def write_text(self, subject: str, text: str) -> None:
        raise AssertionError("the broker stores no text that it cannot read")

    def write_write_mode(self, subject: str, write_mode: str) -> None:
        raise AssertionError("the broker has no write modes")

    def delete_subject(self, subject: str) -> None:
        self.send("DELETE", f"/schemas/{self._topic(subject)}/schema?force=true")
        self.send("DELETE", f"/persistent/{self._topic(subject)}?force=true")

    def delete_all(self) -> None:
        for subject in self.read_subjects():
            self.delete_subject(subject)

    def _topic(self, subject: str) -> str:
        name = {".": "%2E", "..": "%2E%2E"}.get(subject) or quote(subject, safe="")
        return f"{self.namespace}/{name}"


def _write_message(data: str) -> str:
    """The text of a file with one message of simple fields, which is what the suite's samples are."""
    content = json.loads(data)
    files = FileDescriptorSet.FromString(base64.b64decode(content["fileDescriptorSet"]))
    (file,) = (each for each in files.file if each.name == content["rootFileDescriptorName"])
    (message,) = file.message_type
    assert content["rootMessageTypeName"] == f"{file.package}.{message.name}"
    return _write_file(file, message.name)


def _write_file(file: FileDescriptorProto, message: str) -> str:
    fields = "".join(f"{_SCALARS[each.type]} {each.name} = {each.number};" for each in file.message_type[0].field)
    return f'syntax = "{file.syntax}"; package {file.package}; message {message} {{ {fields} }}'


def open_pulsar(url: str, **options: object) -> SchemaRegistry:
    from adapters.pulsar import PulsarRegistry

    return PulsarRegistry(RegistrySettings("contract", "pulsar", Path.cwd(), {"url": url, **options}))


@contextmanager
def run_pulsar(name: str, given: Given, guarded: PulsarServer | None = None) -> Iterator[Target]:
    raw = RawPulsar(given.url, f"contract/{uuid.uuid4().hex[:10]}", given.password)
    raw.make_namespace()
    auth = {"auth": {"kind": "bearer", "token": given.password}} if given.password else {}
    fixed = {"namespace": raw.namespace, **auth}
    troubles = {
        "unreachable": lambda: open_unreachable(lambda url: open_pulsar(url, **fixed, retries=1)),
        "throttled": lambda: _open_behind(raw, fixed, dict.fromkeys(range(99), WireFault.TOO_MANY)),
        # The latest version is read, the topic created, and then the answer to the schema is lost.
        "lost answer": lambda: _open_behind(raw, fixed, {2: WireFault.RESET_AFTER}),
        **(_make_troubles(guarded) if guarded else {}),
    }
    try:
        yield Target(
            name,
            lambda **options: open_pulsar(given.url, **fixed, **options),
            raw,
            {"kind": "pulsar", "url": given.url, **fixed},
            lacks={
                **{trouble: why for trouble, why in NOT_TROUBLED.items() if trouble not in troubles},
                "unreadable text": "the broker stores no text that it cannot read",
                "write mode": "the broker has no write modes",
                "versions of documentation": "the broker takes Avro texts that differ in documentation for one",
                "numbers of what is deleted": "the broker shows nothing of it",
                "a number for each version": "a tombstone takes a number, too",
            },
            troubles=troubles,
            bulk=40,
            is_shared=True,
        )
    finally:
        raw.delete_namespace()


@contextmanager
def _open_behind(raw: RawPulsar, fixed: dict[str, Any], faults: dict[int, WireFault]) -> Iterator[SchemaRegistry]:
    """An adapter whose requests suffer faults on their way."""
    raw.delete_subject("contract-s")
    with FaultProxy(raw.url) as proxy, closing(open_pulsar(proxy.url, **fixed, retries=1)) as registry:
        proxy.arm(faults)
        yield registry


def _make_troubles(guarded: PulsarServer) -> dict[str, Any]:
    """Troubles with credentials, on a server that asks for them."""

    @contextmanager
    def troubled(token: str) -> Iterator[SchemaRegistry]:
        options: dict[str, Any] = {"namespace": "public/default", "auth": {"kind": "bearer", "token": token}}
        with closing(open_pulsar(guarded.url, **options, retries=1)) as registry:
            yield registry

    return {
        "unauthorized": lambda: troubled(make_token("anybody", seconds=-60)),
        "forbidden": lambda: troubled(make_token(STRANGER)),
    }


def _run_real(request: pytest.FixtureRequest) -> Any:
    given = Given(request.getfixturevalue("pulsar").url)
    return run_pulsar("pulsar", given, request.getfixturevalue("guarded_pulsar"))


STARTS = {
    "pulsar": Start(_run_real, is_server=True),
    **(
        {"pulsar-given": Start(lambda _: run_pulsar("pulsar-given", given), is_server=True)}
        if (given := find_given("pulsar"))
        else {}
    ),
}
