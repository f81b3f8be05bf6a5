"""The products that speak Confluent's interface, and what each can do, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from adapters.confluent.settings import IMPORT, PLAIN_WRITE_MODE, REGISTRY_SETTINGS, SUBJECT_SETTINGS
from reconciler.model import EVENT_FORMATS, Deletion, Dialect, Format, Mode
from reconciler.registry import Capabilities, Importing, RestoreWay


@dataclass(frozen=True, slots=True)
class Product:
    """What one product does its own way.

    ``label`` is its name where it does not tell it itself. ``checks_every_version`` says whether it judges a schema
    against all versions without registering it; else it is asked about each version. ``has_topic``: it keeps its
    schemas in a Kafka topic whose records are known here. ``normalizes``: it normalizes schemas of every format where a
    request asks for it.
    """

    label: str
    capabilities: Capabilities
    checks_every_version: bool = True
    has_topic: bool = False
    normalizes: bool = False


_CONFLUENT = Capabilities(
    formats=EVENT_FORMATS,
    modes=frozenset(Mode),
    native_modes=True,
    references=EVENT_FORMATS,
    judges=EVENT_FORMATS,
    metadata=True,
    rules=True,
    dialect=Dialect.CONFLUENT,
    requires_own_verdict=False,
    deletion=frozenset({Deletion.SOFT, Deletion.HARD}),
    restore=RestoreWay.NEW_VERSION,
    resets_modes=True,
    settings=SUBJECT_SETTINGS,
    registry_settings=REGISTRY_SETTINGS,
    concurrent_writes=4,
    importing=Importing("write_mode", IMPORT),
    has_contexts=True,
)
# Only Confluent lets the client ask for a number or an id; the others answer a known schema with its old version, so
# that only deleting leads back.
_OTHER = replace(
    _CONFLUENT,
    metadata=False,
    rules=False,
    restore=RestoreWay.DELETE_NEWER,
    settings={},
    registry_settings={},
    importing=None,
    has_contexts=False,
)

PRODUCTS: Mapping[str, Product] = {
    "confluent": Product("Confluent-compatible registry", _CONFLUENT, has_topic=True, normalizes=True),
    "karapace": Product(
        "Karapace",
        replace(_OTHER, references=frozenset({Format.AVRO, Format.PROTOBUF}), dialect=Dialect.KARAPACE),
        has_topic=True,
    ),
    # It keeps properties and drops the rest of a schema's metadata. It refuses later versions of JSON schemas that use
    # what it does not judge, references among it.
    "redpanda": Product(
        "Redpanda",
        replace(
            _OTHER,
            references=frozenset({Format.AVRO, Format.PROTOBUF}),
            settings={"write_mode": PLAIN_WRITE_MODE},
            registry_settings={"write_mode": PLAIN_WRITE_MODE},
        ),
        checks_every_version=False,
    ),
    # What refers to a subject keeps it from being deleted until it is deleted for good itself.
    "apicurio": Product(
        "Confluent-compatible registry",
        replace(
            _OTHER,
            dialect=Dialect.APICURIO,
            releasing=frozenset({Deletion.HARD}),
            reads_old_by_new=frozenset({Format.AVRO, Format.JSON}),
        ),
    ),
}
"""By kind, or by the word of the option ``dialect`` of the kind ``confluent``."""
