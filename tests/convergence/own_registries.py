"""Registries that a test has to itself, behind a proxy each, read and written by clients of the tests: Glue's double, a
group of a real Apicurio Registry, and a namespace of a real Pulsar.
"""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.contract.targets.apicurio import RawApicurio, make_raw
from tests.contract.targets.glue import RawGlue
from tests.contract.targets.pulsar import RawPulsar
from tests.convergence.reading import Holding, Reader, read_holding
from tests.doubles.fault_proxy import FaultProxy, Page
from tests.doubles.glue import GlueDouble

_THROTTLED: Page = (400, {}, b'{"__type": "ThrottlingException", "message": "a fault of the test"}')


@dataclass(frozen=True)
class OwnRegistry:
    """`keys` are its lines of schemafed.yaml, `save` returns what puts it back to how it is now."""

    raw: RawGlue | RawApicurio | RawPulsar
    proxy: FaultProxy
    keys: str
    save: Callable[[], Callable[[], None]]

    @property
    def reader(self) -> Reader:
        return self.raw


@contextmanager
def open_own_glue(*, timeout: float = 5.0, retries: int = 3, delay: float = 0.6) -> Iterator[OwnRegistry]:
    """Glue's double with a registry of a name of its own; the SDK repeats by itself what gets no answer."""
    with GlueDouble(f"own-{uuid.uuid4().hex[:8]}") as double, FaultProxy(double.url, delay, _THROTTLED) as proxy:
        client = double.make_client()
        entry = {"kind": "glue", **double.options, "endpoint": proxy.url, "timeout": timeout, "retries": retries}
        yield OwnRegistry(RawGlue(client, double.registry), proxy, _write_keys(entry), lambda: _save_glue(double))
        for subject in RawGlue(client, double.registry).read_subjects():
            RawGlue(client, double.registry).delete_subject(subject)
        client.close()


@contextmanager
def open_own_group(url: str, *, timeout: float = 20.0, retries: int = 1, delay: float = 0.6) -> Iterator[OwnRegistry]:
    """A group of a real Apicurio Registry, by the interface of its own that the path of `url` names."""
    raw = make_raw(url, f"own-{uuid.uuid4().hex[:8]}")
    try:
        with FaultProxy(url, delay) as proxy:
            entry = {"kind": "apicurio", "url": proxy.url, "group": raw.group, "timeout": timeout, "retries": retries}
            yield OwnRegistry(raw, proxy, _write_keys(entry), lambda: _save_all(raw))
    finally:
        raw.delete_all()


@contextmanager
def open_own_namespace(
    url: str, *, timeout: float = 20.0, retries: int = 1, delay: float = 0.6
) -> Iterator[OwnRegistry]:
    """A namespace of a real Pulsar."""
    raw = RawPulsar(url, f"own/{uuid.uuid4().hex[:8]}")
    raw.make_namespace()
    try:
        with FaultProxy(url, delay) as proxy:
            entry = {"kind": "pulsar", "url": proxy.url, "namespace": raw.namespace}
            keys = _write_keys({**entry, "timeout": timeout, "retries": retries})
            yield OwnRegistry(raw, proxy, keys, lambda: _save_all(raw))
    finally:
        raw.delete_namespace()


def _write_keys(entry: dict[str, object]) -> str:
    return json.dumps(entry)[1:-1]


def _save_glue(double: GlueDouble) -> Callable[[], None]:
    kept = copy.deepcopy(double.backend.registries[double.registry])

    def put_back() -> None:
        double.backend.registries[double.registry] = copy.deepcopy(kept)

    return put_back


def _save_all(raw: RawApicurio | RawPulsar) -> Callable[[], None]:
    kept = read_holding(raw)
    return lambda: _put_back(raw, kept)


def _put_back(raw: RawApicurio | RawPulsar, kept: Holding) -> None:
    """Delete everything, and register anew what was kept, in its old order."""
    raw.delete_all()
    versions = sorted((v for held in kept.values() for v in held.versions), key=lambda v: v.id or 0)
    for version in versions:
        status = raw.register(version.subject, version.text, version.schema_type, version.references)
        assert status == 200, version
    for name, held in kept.items():
        if held.mode and (name or held.mode != "NONE"):
            raw.write_compatibility(name, held.mode)
