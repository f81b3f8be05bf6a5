"""The double as a server on loopback, and one that refuses everything."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any, Self

import boto3
from moto.core import DEFAULT_ACCOUNT_ID
from moto.glue.models import glue_backends
from moto.server import ThreadedMotoServer

from tests.doubles.glue.missing import install
from tests.doubles.wire import HttpDouble, Reply, Request

REGION = "eu-central-1"
KEYS = {"aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "only-for-tests"}


class GlueDouble:
    """AWS Glue in memory, with one registry: `with GlueDouble("orders") as double: ... double.url ...`."""

    def __init__(self, registry: str = "orders") -> None:
        self.registry = registry
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)

    @property
    def url(self) -> str:
        host, port = self._server.get_host_and_port()
        return f"http://{host}:{port}"

    @property
    def options(self) -> dict[str, Any]:
        """What a registry's entry says to reach it."""
        auth = {"access_key_id": KEYS["aws_access_key_id"], "secret_access_key": KEYS["aws_secret_access_key"]}
        return {"registry": self.registry, "region": REGION, "endpoint": self.url, "auth": auth}

    @property
    def backend(self) -> Any:
        """What moto holds of the region, for tests that put there what no call can."""
        return glue_backends[DEFAULT_ACCOUNT_ID][REGION]

    def make_client(self) -> Any:
        """A client of the tests' own."""
        return boto3.client("glue", region_name=REGION, endpoint_url=self.url, **KEYS)

    def __enter__(self) -> Self:
        install()
        self._server.start()
        self.make_client().create_registry(RegistryName=self.registry)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        client = self.make_client()
        client.delete_registry(RegistryId={"RegistryName": self.registry})
        client.close()
        self._server.stop()


class RefusingGlue(HttpDouble):
    """Answers every call with one error of the service."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(self._answer)
        self._body = json.dumps({"__type": code, "message": f"refused with {code}"}).encode()
        self._status = status

    def _answer(self, request: Request) -> Reply:
        return Reply(self._status, self._body, {"Content-Type": "application/x-amz-json-1.1"})
