"""The words that have a fixed set of values: formats, modes, dialects, severities."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """The language that a schema is written in, by the names that registries use on the wire."""

    AVRO = "AVRO"
    JSON = "JSON"
    PROTOBUF = "PROTOBUF"
    OPENAPI = "OPENAPI"
    ASYNCAPI = "ASYNCAPI"
    GRAPHQL = "GRAPHQL"
    XSD = "XSD"
    WSDL = "WSDL"
    XML = "XML"
    KCONNECT = "KCONNECT"


EVENT_FORMATS = frozenset({Format.AVRO, Format.JSON, Format.PROTOBUF})
"""Those that events are written by: every kind of registry has them, and what changes in them is judged here."""
JSON_FORMATS = frozenset({Format.AVRO, Format.JSON, Format.OPENAPI, Format.ASYNCAPI, Format.KCONNECT})
"""Those whose texts are JSON."""
YAML_FORMATS = frozenset({Format.JSON, Format.OPENAPI, Format.ASYNCAPI})
"""Those whose files may be written in YAML, which is registered as JSON."""


class Mode(StrEnum):
    """A compatibility mode: who must be able to read whose data when a schema changes."""

    NONE = "NONE"
    BACKWARD = "BACKWARD"
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE"
    FORWARD = "FORWARD"
    FORWARD_TRANSITIVE = "FORWARD_TRANSITIVE"
    FULL = "FULL"
    FULL_TRANSITIVE = "FULL_TRANSITIVE"

    @property
    def is_transitive(self) -> bool:
        """Whether every earlier version counts, not only the newest."""
        return self.endswith("_TRANSITIVE")

    @property
    def directions(self) -> tuple[Direction, ...]:
        """The directions that must hold: none for NONE, both for FULL."""
        return tuple(d for d in Direction if self.startswith((d, "FULL")))

    def allows(self, other: Mode) -> bool:
        """Whether whatever passes under ``other`` passes under this mode too (this one is as loose or looser)."""
        narrower = set(self.directions) <= set(other.directions)
        return narrower and (not self.is_transitive or other.is_transitive or not self.directions)


class Direction(StrEnum):
    """BACKWARD: the new schema reads old data. FORWARD: the old schema reads new data."""

    BACKWARD = "BACKWARD"
    FORWARD = "FORWARD"


class Dialect(StrEnum):
    """Whose rules say that two texts are the same schema, and how two schemas are judged."""

    CONFLUENT = "confluent"
    KARAPACE = "karapace"
    APICURIO = "apicurio"
    GLUE = "glue"
    PULSAR = "pulsar"


class Deletion(StrEnum):
    """What becomes of a subject that Git dropped: it stays, or it is deleted softly or for good."""

    FORBID = "forbid"
    SOFT = "soft"
    HARD = "hard"


class OnDrift(StrEnum):
    """What a plan does where live is neither what was applied last nor what is desired."""

    BLOCK = "block"
    OVERWRITE = "overwrite"
    KEEP = "keep"


class Severity(StrEnum):
    """ERROR blocks a plan, WARNING asks for a look, INFO tells."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Source(StrEnum):
    """What found a finding."""

    VALIDATION = "validation"
    PLANNING = "planning"
    COMPATIBILITY = "compatibility"
    POLICY = "policy"
    REGISTRY = "registry"
