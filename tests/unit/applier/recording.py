"""A registry that remembers its calls, and changes to make in it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence

from reconciler.model import (
    DeleteSubject,
    DeleteVersions,
    Format,
    LiveState,
    LiveVersion,
    Location,
    Mode,
    Reference,
    RegisterSchema,
    ResetCompatibility,
    RestoreVersion,
    Schema,
    SetCompatibility,
    SetDefaultCompatibility,
    Waiver,
)
from reconciler.registry import Capabilities, Dependant, Health

HERE = Location("schemas/x.avsc")
WAIVER = Waiver("FIELD_REMOVED", "never used", "@acme/payments", "2027-03-01", HERE)


class RecordingRegistry:
    """Remembers the calls in order, as (what, subject), and fails where it is told to: by subject, or by call."""

    name = "orders"
    capabilities = Capabilities(formats=frozenset(Format))

    def __init__(self, failing: dict[object, Exception] | None = None, version: int = 1) -> None:
        self.calls: list[tuple[object, object]] = []
        self.registered: dict[str, Schema] = {}
        self.failing = failing or {}
        self.version = version
        self.before_call: Callable[[str], None] = lambda subject: None
        self.lock = threading.Lock()

    def register_schema(self, subject: str, schema: Schema) -> LiveVersion:
        return self._write("register", subject, schema)

    def restore_schema(self, subject: str, schema: Schema) -> LiveVersion:
        return self._write("restore", subject, schema)

    def set_compatibility(self, subject: str | None, mode: Mode) -> None:
        self._call(mode, subject)

    def reset_compatibility(self, subject: str) -> None:
        self._call("reset", subject)

    def delete_versions(self, subject: str, versions: Sequence[int], *, permanent: bool) -> None:
        self._call(("delete", *versions, permanent), subject)

    def delete_subject(self, subject: str, *, permanent: bool) -> None:
        self._call(("delete", permanent), subject)

    def read_dependants(self, subject: str) -> tuple[Dependant, ...]:
        return ()

    def check_health(self) -> Health:
        return Health("recording", None, 0)

    def read_state(
        self, subjects: Collection[str] | None = None, *, modes_of: Collection[str] | None = None
    ) -> LiveState:
        return LiveState({}, None)

    def read_history(self, subject: str) -> tuple[LiveVersion, ...]:
        return ()

    def close(self) -> None:
        pass

    def _write(self, what: str, subject: str, schema: Schema) -> LiveVersion:
        self.before_call(subject)
        if subject in self.failing:
            raise self.failing[subject]
        self._call(what, subject)
        self.registered[subject] = schema
        return LiveVersion(self.version, schema)

    def _call(self, what: object, subject: str | None) -> None:
        if (what, subject) in self.failing:
            raise self.failing[what, subject]
        with self.lock:
            self.calls.append((what, subject))


def live(*references: Reference, version: int = 1) -> LiveVersion:
    return LiveVersion(version, Schema(Format.AVRO, '"string"', references))


def register(
    subject: str, *references: Reference, before: int | LiveVersion | None = None, **fields: object
) -> RegisterSchema:
    old = live(version=before) if isinstance(before, int) else before
    after = Schema(Format.AVRO, '"string"', references)
    return RegisterSchema("orders", subject, old, after, "because", HERE, **fields)  # type: ignore[arg-type]


def restore(subject: str, *references: Reference, before: int = 1, **fields: object) -> RestoreVersion:
    after = Schema(Format.AVRO, '"string"', references)
    return RestoreVersion(
        "orders",
        subject,
        1,
        live(version=before),
        after,
        "because",
        HERE,
        **fields,  # type: ignore[arg-type]
    )


def set_mode(subject: str, mode: Mode = Mode.FULL) -> SetCompatibility:
    return SetCompatibility("orders", subject, None, mode, "because", HERE)


def reset_mode(subject: str) -> ResetCompatibility:
    return ResetCompatibility("orders", subject, Mode.FULL, "because", HERE)


def delete(subject: str, *references: Reference, **fields: object) -> DeleteSubject:
    return DeleteSubject("orders", subject, live(*references), "because", HERE, **fields)  # type: ignore[arg-type]


def delete_newer(subject: str, *versions: int, references: tuple[Reference, ...] = ()) -> DeleteVersions:
    left = live(version=min(versions) - 1)
    return DeleteVersions("orders", subject, versions, live(*references, version=max(versions)), left, "because", HERE)


DEFAULT = SetDefaultCompatibility("orders", None, Mode.NONE, "because", HERE)
