"""What each product that speaks Confluent's interface can do, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reconciler.model import Deletion, Dialect, Format, Mode
from reconciler.registry import Capabilities, RestoreWay

_CONFLUENT = Capabilities(
    formats=frozenset(Format),
    modes=frozenset(Mode),
    native_modes=True,
    references=frozenset(Format),
    judges=frozenset(Format),
    metadata=True,
    dialect=Dialect.CONFLUENT,
    requires_own_verdict=False,
    deletion=frozenset({Deletion.SOFT, Deletion.HARD}),
    restore=RestoreWay.NEW_VERSION,
    resets_modes=True,
    concurrent_writes=4,
)

CAPABILITIES: Mapping[Dialect, Capabilities] = {
    Dialect.CONFLUENT: _CONFLUENT,
    # Both answer a known schema with its old version, whatever number is asked for, so that only deleting leads back.
    Dialect.KARAPACE: replace(
        _CONFLUENT,
        references=frozenset({Format.AVRO, Format.PROTOBUF}),
        metadata=False,
        dialect=Dialect.KARAPACE,
        restore=RestoreWay.DELETE_NEWER,
    ),
    Dialect.APICURIO: replace(
        _CONFLUENT,
        metadata=False,
        dialect=Dialect.APICURIO,
        # What refers to a subject keeps it from being deleted until it is deleted for good itself.
        releasing=frozenset({Deletion.HARD}),
        restore=RestoreWay.DELETE_NEWER,
    ),
}
"""By the product whose ways a server has."""
