"""The three formats: what the double stores, when two texts are the same, and what it calls incompatible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.doubles.confluent.formats import avro, json_schema, protobuf
from tests.doubles.confluent.formats.parsed import Dependency, InvalidTextError, Parsed

__all__ = ["FORMATS", "Dependency", "Format", "InvalidTextError", "Parsed"]


@dataclass(frozen=True)
class Format:
    """`parse(text, dependencies, normalize)`; `judge(reader, writer)` returns the reasons against reading."""

    parse: Callable[[str, tuple[Dependency, ...], bool], Parsed]
    judge: Callable[[Parsed, Parsed], list[str]]


FORMATS = {
    "JSON": Format(json_schema.parse, json_schema.judge),
    "PROTOBUF": Format(protobuf.parse, protobuf.judge),
    "AVRO": Format(avro.parse, avro.judge),
}
