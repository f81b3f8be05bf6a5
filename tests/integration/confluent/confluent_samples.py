"""Schemas and registries of the tests of this folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from adapters.confluent import ConfluentRegistry
from reconciler.model import Format, Schema
from reconciler.registry import RegistrySettings
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.wire import Reply, Request

Answer = Callable[[Request], Reply]


def record(*fields: str, name: str = "Order") -> str:
    """An Avro record with integer fields, laid out as a registry stores it."""
    named = [{"name": field, "type": "int"} for field in fields]
    return json.dumps({"type": "record", "name": name, "fields": named}, separators=(",", ":"))


def avro(*fields: str, name: str = "Order") -> Schema:
    return Schema(Format.AVRO, record(*fields, name=name))


OPENED: list[ConfluentRegistry] = []


def open_registry(url: object, *, root: Path = Path(), **options: object) -> ConfluentRegistry:
    """An adapter that never waits long; closed after the test."""
    quick = {"url": url, "retries": 1, "timeout": 10, "patience": 0.5}
    settings = RegistrySettings("orders", "confluent", root, {**quick, **options})
    OPENED.append(ConfluentRegistry(settings))
    return OPENED[-1]


def answer_otherwise(double: ConfluentDouble, path: str, answer: Callable[[Request, Answer], Reply]) -> ConfluentDouble:
    """Make a double answer one path as another server would."""
    original = double.answer
    double.answer = lambda request: answer(request, original) if request.path == path else original(request)
    return double


def list_requests(double: ConfluentDouble, *ignored: str) -> list[str]:
    return [f"{r.method} {r.path}" for r in double.requests if r.path not in ignored]


def fill(double: ConfluentDouble, names: Iterable[str]) -> None:
    for name in names:
        double.register(name, record("a"))
