"""What a registry cannot do, reported before the first call."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from reconciler.model import DesiredSubject, Finding, Mode, Severity
from reconciler.planner.findings import make_finding
from reconciler.registry import Capabilities


def _listed(values: frozenset[str] | frozenset[Mode]) -> str:
    return ", ".join(sorted(values))


def _format(s: DesiredSubject, c: Capabilities) -> tuple[str, str] | None:
    if s.schema.format in c.formats:
        return None
    return (
        f"this registry does not store {s.schema.format} schemas",
        f"it stores {_listed(c.formats)}; list other registries for this subject with `registries:`",
    )


def _mode(s: DesiredSubject, c: Capabilities) -> tuple[str, str] | None:
    if s.mode is None or s.mode in c.modes:
        return None
    return f"this registry does not know the mode {s.mode}", f"it knows {_listed(c.modes)}"


def _references(s: DesiredSubject, c: Capabilities) -> tuple[str, str] | None:
    if not s.schema.references or s.schema.format in c.references:
        return None
    return (
        f"this registry does not keep references between {s.schema.format} schemas",
        "mark the referenced files `register: false`, so that they are written into the schemas that use them",
    )


def _metadata(s: DesiredSubject, c: Capabilities) -> tuple[str, str] | None:
    metadata = s.schema.metadata
    if metadata is None or c.metadata:
        return None
    parts = (("properties", metadata.properties), ("tags of", metadata.tags), ("sensitive", metadata.sensitive))
    declared = "; ".join(f"{what} {', '.join(sorted(names))}" for what, names in parts if names)
    return (
        f"this registry does not keep metadata, so what is declared changes nothing there: {declared or 'none'}",
        "list registries that keep it with `registries:`, or take `metadata:` out of the sidecar",
    )


def _rules(s: DesiredSubject, c: Capabilities) -> tuple[str, str] | None:
    if s.schema.rules is None or c.rules:
        return None
    return (
        "this registry does not keep rules of data contracts, so what is declared changes nothing there",
        "list registries that keep them with `registries:`, or take `rules:` out of the sidecar",
    )


def _name(s: DesiredSubject, c: Capabilities) -> tuple[str, str] | None:
    if c.names is None or c.names.pattern.fullmatch(s.name):
        return None
    return (
        f"this registry cannot hold a subject of this name: a name is {c.names.described}",
        "rename it, or map names by the registry's `name` template in schemafed.yaml",
    )


def _size(s: DesiredSubject, c: Capabilities) -> tuple[str, str] | None:
    if c.max_bytes is None or len(s.schema.definition) * 4 <= c.max_bytes:
        return None
    size = len(s.schema.definition.encode("utf-8", "surrogatepass"))
    if size <= c.max_bytes:
        return None
    return (
        f"this registry takes schemas of up to {c.max_bytes:,} bytes, and this one has {size:,}",
        "split it, or list other registries for this subject with `registries:`",
    )


_RULES: tuple[tuple[str, Severity, Callable[[DesiredSubject, Capabilities], tuple[str, str] | None]], ...] = (
    ("UNSUPPORTED_FORMAT", Severity.ERROR, _format),
    ("UNSUPPORTED_MODE", Severity.ERROR, _mode),
    ("UNSUPPORTED_REFERENCES", Severity.ERROR, _references),
    ("UNSUPPORTED_METADATA", Severity.WARNING, _metadata),
    ("UNSUPPORTED_RULES", Severity.WARNING, _rules),
    ("UNSUPPORTED_NAME", Severity.ERROR, _name),
    ("UNSUPPORTED_SIZE", Severity.ERROR, _size),
)


def check_capabilities(subject: DesiredSubject, registry: str, capabilities: Capabilities) -> Iterator[Finding]:
    """Report what a desired subject needs and the registry does not have."""
    for code, severity, rule in _RULES:
        problem = rule(subject, capabilities)
        if problem:
            yield make_finding(code, severity, registry, subject, *problem)
