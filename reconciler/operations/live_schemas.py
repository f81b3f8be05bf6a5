"""The versions of one live subject together with everything that they refer to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from reconciler.model import LiveVersion, Reference, Schema
from reconciler.operations.live_reading import read_histories
from reconciler.operations.schema_files import Lookup
from reconciler.registry import SchemaRegistry
from reconciler.repository.sources import ReadSchema
from reconciler.schemas import Need


@dataclass(frozen=True)
class LiveSchemas:
    """What was read of a registry; ``histories`` are by subject, each the oldest first.

    ``subject`` is the one that it is all about.
    """

    subject: str
    histories: dict[str, tuple[LiveVersion, ...]] = field(default_factory=dict)

    @property
    def latest(self) -> LiveVersion | None:
        """The newest version of the subject."""
        versions = self.histories.get(self.subject, ())
        return versions[-1] if versions else None

    def find(self, reference: Reference) -> Schema | None:
        """The schema that a reference of a live schema means."""
        versions = self.histories.get(reference.subject, ())
        return next((v.schema for v in versions if v.version == reference.version), None)

    def read(self, registry: SchemaRegistry, subjects: Iterable[str]) -> None:
        """Read some subjects, and then whatever they refer to, as far as it is not there yet."""
        wanted = frozenset(subjects)
        while missing := wanted - self.histories.keys():
            read = read_histories(registry, missing)
            self.histories.update(read)
            versions = (version for history in read.values() for version in history)
            wanted = frozenset(r.subject for version in versions for r in version.schema.references)

    def make_lookup(self, registry: SchemaRegistry) -> Lookup:
        """A function that finds names of a text in the registry: what the latest version means by the name, else the
        subject of that name; the latest version of it in either case.
        """
        known: Mapping[str, str] = {r.name: r.subject for r in self.latest.schema.references} if self.latest else {}

        def find(read: ReadSchema, need: Need) -> Reference | None:
            names = (need.name, *need.alternatives)
            for subject in (*(known[name] for name in names if name in known), *names):
                self.read(registry, [subject])
                versions = self.histories[subject]
                if versions and versions[-1].schema.format is read.format:
                    return Reference(need.name, subject, versions[-1].version)
            return None

        return find


def read_live_schemas(registry: SchemaRegistry, subject: str) -> LiveSchemas:
    """Read every version of a subject, and of the subjects that these refer to.

    Raises:
        RegistryError: the registry cannot be read.
    """
    schemas = LiveSchemas(subject)
    schemas.read(registry, [subject])
    return schemas
