"""AWS Glue: a double on moto's server, or the service at an address; read raw by a client of the tests' own."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from reconciler.registry import RegistrySettings, SchemaRegistry
from tests.contract.targets.target import NOT_TROUBLED, Given, Start, Target, find_given, open_unreachable
from tests.doubles.fault_proxy import FaultProxy, WireFault
from tests.doubles.glue import GlueDouble, RefusingGlue
from tests.doubles.glue.server import REGION
from tests.raw_registry import RawReference, RawVersion

_WORDS = {f"{mode}_TRANSITIVE": f"{mode}_ALL" for mode in ("BACKWARD", "FORWARD", "FULL")}
_MODES = {word: mode for mode, word in _WORDS.items()}


@dataclass(frozen=True)
class RawGlue:
    """The registry as the service tells it."""

    client: Any
    registry: str

    def _id(self, subject: str) -> dict[str, str]:
        return {"RegistryName": self.registry, "SchemaName": subject}

    def read_subjects(self) -> list[str]:
        pages = self.client.get_paginator("list_schemas").paginate(RegistryId={"RegistryName": self.registry})
        return [row["SchemaName"] for page in pages for row in page["Schemas"]]

    def read_numbers(self, subject: str) -> list[int]:
        try:
            rows = self.client.list_schema_versions(SchemaId=self._id(subject), MaxResults=100)["Schemas"]
        except self.client.exceptions.EntityNotFoundException:
            return []
        return sorted(row["VersionNumber"] for row in rows if row["Status"] == "AVAILABLE")

    def read_versions(self, subject: str) -> list[RawVersion]:
        numbers = ({"VersionNumber": number} for number in self.read_numbers(subject))
        got = [self.client.get_schema_version(SchemaId=self._id(subject), SchemaVersionNumber=n) for n in numbers]
        return [
            RawVersion(subject, v["VersionNumber"], None, v["DataFormat"], v["SchemaDefinition"])  # type: ignore[arg-type]
            for v in got
        ]

    def read_compatibility(self, subject: str = "") -> str | None:
        if not subject:
            return None
        word: str = self.client.get_schema(SchemaId=self._id(subject))["Compatibility"]
        return _MODES.get(word, word)

    def write_compatibility(self, subject: str, level: str) -> None:
        at = {"LatestVersion": True}
        word = _WORDS.get(level, level)
        self.client.update_schema(SchemaId=self._id(subject), Compatibility=word, SchemaVersionNumber=at)

    def register(
        self, subject: str, text: str, schema_format: str = "AVRO", references: Sequence[RawReference] = ()
    ) -> None:
        """Add a version, and see it through until it is available or has failed."""
        assert not references, "there are none here"
        try:
            told = self.client.register_schema_version(SchemaId=self._id(subject), SchemaDefinition=text)
        except self.client.exceptions.EntityNotFoundException:
            registry = {"RegistryName": self.registry}
            about = {"DataFormat": schema_format, "Compatibility": "BACKWARD", "SchemaDefinition": text}
            self.client.create_schema(RegistryId=registry, SchemaName=subject, **about)
            return
        while told["Status"] == "PENDING":
            told = self.client.get_schema_version(SchemaVersionId=told["SchemaVersionId"])

    def write_text(self, subject: str, text: str) -> None:
        raise AssertionError("the service stores no text that it cannot read")

    def write_write_mode(self, subject: str, write_mode: str) -> None:
        raise AssertionError("the service has no write modes")

    def delete_subject(self, subject: str) -> None:
        with suppress(self.client.exceptions.EntityNotFoundException, self.client.exceptions.InvalidInputException):
            self.client.delete_schema(SchemaId=self._id(subject))


def open_glue(double_options: dict[str, Any], **options: object) -> SchemaRegistry:
    from adapters.glue import GlueRegistry

    return GlueRegistry(RegistrySettings("contract", "glue", Path.cwd(), {**double_options, **options}))


@contextmanager
def _refused(code: str, status: int = 400) -> Iterator[SchemaRegistry]:
    keys = {"access_key_id": "AKIDEXAMPLE", "secret_access_key": "wrong"}
    with RefusingGlue(code, status) as double:
        options = {"region": "eu-central-1", "endpoint": double.url, "auth": keys, "retries": 0}
        with closing(open_glue(options)) as registry:
            yield registry


@contextmanager
def _lose_one_answer(double: GlueDouble) -> Iterator[SchemaRegistry]:
    """An adapter that does not hear that its schema was created: the SDK sends it again and is told that it exists."""
    with (
        FaultProxy(double.url) as proxy,
        closing(open_glue(double.options, endpoint=proxy.url, retries=1)) as registry,
    ):
        # The latest version, the registry, and a version of a schema that is not there are asked for first.
        proxy.arm({3: WireFault.RESET_AFTER})
        yield registry
        assert proxy.passed[3].path == "AWSGlue.CreateSchema"


_LACKS = {
    "unreadable text": "the service stores no text that it cannot read",
    "write mode": "the service has no write modes",
    "telling inherited from own": "every schema has a mode of its own",
}


def _open_unreachable(options: dict[str, Any]) -> AbstractContextManager[SchemaRegistry]:
    return open_unreachable(lambda url: open_glue(options, endpoint=url, retries=0))


@contextmanager
def run_glue(_: object) -> Iterator[Target]:
    with GlueDouble("contract") as double:
        client = double.make_client()
        yield Target(
            "glue",
            lambda **options: open_glue(double.options, **options),
            RawGlue(client, double.registry),
            {"kind": "glue", **double.options},
            lacks=_LACKS,
            troubles={
                "unreachable": lambda: _open_unreachable(double.options),
                "unauthorized": lambda: _refused("UnrecognizedClientException"),
                "forbidden": lambda: _refused("AccessDeniedException"),
                "throttled": lambda: _refused("ThrottlingException"),
                "lost answer": lambda: _lose_one_answer(double),
            },
            bulk=101,
        )
        client.close()


@contextmanager
def run_given_glue(given: Given) -> Iterator[Target]:
    """The service at an address, with a registry of its own; without keys, credentials are those of the AWS tools."""
    name, region = f"contract-{uuid.uuid4().hex[:10]}", os.environ.get("AWS_REGION", REGION)
    keys = {"access_key_id": given.user, "secret_access_key": given.password} if given.user else {}
    options = {"registry": name, "region": region, "endpoint": given.url, **({"auth": keys} if keys else {})}
    own_keys = {f"aws_{key}": value for key, value in keys.items()}
    client = boto3.client("glue", region_name=region, endpoint_url=given.url, **own_keys)
    client.create_registry(RegistryName=name)
    raw = RawGlue(client, name)
    try:
        yield Target(
            "glue-given",
            lambda **more: open_glue(options, **more),
            raw,
            {"kind": "glue", **options},
            lacks={**_LACKS, **NOT_TROUBLED},
            troubles={"unreachable": lambda: _open_unreachable(options)},
            bulk=101,
            is_shared=True,
        )
    finally:
        for subject in raw.read_subjects():
            raw.delete_subject(subject)
        client.delete_registry(RegistryId={"RegistryName": name})
        client.close()


STARTS = {
    "glue": Start(run_glue),
    **({"glue-given": Start(lambda _: run_given_glue(given), is_server=True)} if (given := find_given("glue")) else {}),
}
