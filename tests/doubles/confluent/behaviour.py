"""What differs between the versions of the registry, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Behaviour:
    """One version's ways.

    `incompatible_code` is the error code beside HTTP 409; `echoes` means that registering answers the whole schema;
    `detailed` means that versions carry `guid`, `ts`, `deleted`, and `schemaType` for Avro too.
    """

    version: str
    incompatible_code: int
    echoes: bool
    detailed: bool


BEHAVIOURS = {
    "7.9": Behaviour("7.9.9", incompatible_code=409, echoes=False, detailed=False),
    "8.1": Behaviour("8.1.5", incompatible_code=40901, echoes=True, detailed=True),
}
