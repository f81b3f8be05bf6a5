"""The products that speak Confluent's interface, and what each can do, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from reconciler.model import Deletion, Dialect, Format, Mode
from reconciler.registry import Capabilities, RestoreWay


@dataclass(frozen=True, slots=True)
class Product:
    """What one product does its own way.

    ``label`` is its name where it does not tell it itself. ``checks_every_version`` says whether it judges a schema
    against all versions without registering it; else it is asked about each version.
    """

    label: str
    capabilities: Capabilities
    checks_every_version: bool = True


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
# Only Confluent lets the client ask for a number; the others answer a known schema with its old version, so that only
# deleting leads back.
_OTHER = replace(_CONFLUENT, metadata=False, restore=RestoreWay.DELETE_NEWER)

PRODUCTS: Mapping[str, Product] = {
    "confluent": Product("Confluent-compatible registry", _CONFLUENT),
    "karapace": Product(
        "Karapace",
        replace(_OTHER, references=frozenset({Format.AVRO, Format.PROTOBUF}), dialect=Dialect.KARAPACE),
    ),
    # It keeps properties and drops the rest of a schema's metadata. It refuses later versions of JSON schemas that use
    # what it does not judge, references among it.
    "redpanda": Product(
        "Redpanda",
        replace(_OTHER, references=frozenset({Format.AVRO, Format.PROTOBUF})),
        checks_every_version=False,
    ),
    # What refers to a subject keeps it from being deleted until it is deleted for good itself.
    "apicurio": Product(
        "Confluent-compatible registry",
        replace(_OTHER, dialect=Dialect.APICURIO, releasing=frozenset({Deletion.HARD})),
    ),
}
"""By kind, or by the word of the option ``dialect`` of the kind ``confluent``."""
