"""Between the interface's JSON and our values; nothing here sends anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from reconciler.model import (
    EVENT_FORMATS,
    NO_RULES,
    ContractRule,
    Format,
    LiveSubject,
    LiveVersion,
    Metadata,
    Mode,
    Reference,
    RuleSet,
    Schema,
)

_FORMATS: Mapping[str, Format] = {f.value: f for f in EVENT_FORMATS}
_MODES: Mapping[str, Mode] = {m.value: m for m in Mode}
_SERVERS_OWN = "confluent:"
"""Properties that begin so are the server's notes (``confluent:version``), not the author's."""


class WireError(ValueError):
    """An item of an answer that we cannot make sense of; the text is one sentence."""


def make_version(item: Mapping[str, Any]) -> LiveVersion:
    """Read one version, as every route tells it. Without ``schemaType`` it is Avro.

    Raises:
        WireError: an unknown format, or a part of it is missing.
    """
    schema, number = make_schema(item), item.get("version")
    if not isinstance(number, int):
        raise WireError("it came without a version number")
    return LiveVersion(number, schema, item.get("id"))


def make_schema(item: Mapping[str, Any]) -> Schema:
    """Read a schema by itself; raises as :func:`make_version`."""
    name = item.get("schemaType") or "AVRO"
    schema_format = _FORMATS.get(name)
    if schema_format is None:
        raise WireError(f"its format {name} is unknown")
    definition = item.get("schema")
    if not isinstance(definition, str) or not definition.strip():
        raise WireError("its text did not arrive")
    try:
        return Schema(schema_format, definition, _make_references(item), _make_metadata(item), _make_rules(item))
    except (KeyError, TypeError, AttributeError) as error:
        raise WireError("its references, metadata or rules are not as this interface has them") from error


def make_subject(name: str, item: Mapping[str, Any]) -> LiveSubject:
    """Read the latest version of a subject; what is wrong with it becomes its ``problem``."""
    try:
        return LiveSubject(name, make_version(item))
    except WireError as error:
        return LiveSubject(name, None, problem=f"The latest version cannot be read: {error}.")


def make_mode(content: Any) -> Mode | None:
    """Read an answer about a level; None where it has settings of other kinds only.

    Raises:
        WireError: it is no mode that we know.
    """
    if not isinstance(content, dict):
        raise WireError("the answer about the compatibility mode is not an object")
    level = content.get("compatibilityLevel") or content.get("compatibility")
    if level is None:
        return None
    mode = _MODES.get(level)
    if mode is None:
        raise WireError(f"the compatibility mode {level} is unknown")
    return mode


def make_body(schema: Schema, version: int | None = None, identity: int | None = None) -> bytes:
    """Write a schema as the body of registering, looking up and probing alike.

    Args:
        version: the number that the schema must get where it is registered.
        identity: the id that it must get.
    """
    body: dict[str, Any] = {"schemaType": schema.format.value, "schema": schema.definition}
    if schema.references:
        body["references"] = [
            {"name": r.name, "subject": r.subject, "version": -1 if r.version is None else r.version}
            for r in schema.references
        ]
    metadata = make_plain_metadata(schema.metadata)
    if metadata:
        body["metadata"] = metadata
    rules = make_plain_rules(schema.rules)
    if rules:
        body["ruleSet"] = rules
    if version is not None:
        body["version"] = version
    if identity is not None:
        body["id"] = identity
    return json.dumps(body).encode()


def make_plain_metadata(metadata: Metadata | None) -> dict[str, Any]:
    """Write metadata without its empty parts, tags and names sorted: two are equal when these are."""
    if metadata is None:
        return {}
    parts: dict[str, Any] = {
        "properties": dict(metadata.properties),
        "tags": {path: sorted(tags) for path, tags in metadata.tags.items()},
        "sensitive": sorted(metadata.sensitive),
    }
    return {name: part for name, part in parts.items() if part}


_RULE_GROUPS: Mapping[str, str] = {
    "domain": "domainRules",
    "migration": "migrationRules",
    "encoding": "encodingRules",
}
_RULE_FIELDS: Mapping[str, str] = {"on_success": "onSuccess", "on_failure": "onFailure"}
"""Of rules, what the interface spells otherwise."""


def make_plain_rules(rules: RuleSet | None) -> dict[str, Any]:
    """Write a rule set without its empty parts, tags sorted: two are equal when these are."""
    groups = {field: [_make_plain_rule(r) for r in getattr(rules, group, ())] for group, field in _RULE_GROUPS.items()}
    return {field: each for field, each in groups.items() if each}


def _make_plain_rule(rule: ContractRule) -> dict[str, Any]:
    content = {**asdict(rule), "tags": sorted(rule.tags)}
    return {_RULE_FIELDS.get(name, name): value for name, value in content.items() if value}


def _make_rules(item: Mapping[str, Any]) -> RuleSet | None:
    raw = item.get("ruleSet")
    if not raw:
        return None
    rules = RuleSet(**{group: tuple(map(_make_rule, raw.get(field) or ())) for group, field in _RULE_GROUPS.items()})
    return None if rules == NO_RULES else rules


def _make_rule(raw: Mapping[str, Any]) -> ContractRule:
    known = {f.name: raw.get(_RULE_FIELDS.get(f.name, f.name)) for f in fields(ContractRule)}
    given = {name: value for name, value in known.items() if value is not None}
    return ContractRule(**{**given, "tags": tuple(sorted(raw.get("tags") or ()))})


def _make_references(item: Mapping[str, Any]) -> tuple[Reference, ...]:
    references = item.get("references")
    if not references:
        return ()
    return tuple(Reference(r["name"], r["subject"], r["version"]) for r in references)


def _make_metadata(item: Mapping[str, Any]) -> Metadata | None:
    raw = item.get("metadata")
    if not raw:
        return None
    properties = {k: v for k, v in (raw.get("properties") or {}).items() if not k.startswith(_SERVERS_OWN)}
    tags = {path: tuple(sorted(tags)) for path, tags in (raw.get("tags") or {}).items()}
    sensitive = tuple(sorted(raw.get("sensitive") or ()))
    return Metadata(properties, tags, sensitive) if properties or tags or sensitive else None
