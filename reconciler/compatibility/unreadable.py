"""A version that cannot be read: one finding, whoever comes upon it."""

from __future__ import annotations

from reconciler.errors import SchemaError
from reconciler.model import Finding, Severity, Source


def unreadable_version(error: SchemaError, version: int | None = None) -> Finding:
    """An existing version that cannot be read, so that nothing can be said of what follows it.

    Args:
        error: why.
        version: its number, where it is known.
    """
    what = "a schema that the registry holds for this subject" if version is None else f"version {version}"
    place = f", line {error.line}, column {error.column}" if error.line else ""
    return Finding(
        code="LIVE_SCHEMA_UNREADABLE",
        severity=Severity.ERROR,
        source=Source.COMPATIBILITY,
        message=f"{what} cannot be read ({error.message}{place}), so that it cannot be compared",
        path=error.path,
        fix="delete the broken version in the registry, or leave the subject out with --subject",
        against=version,
    )
