"""One JSON Schema out of several: dependencies become definitions, and references point there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from reconciler.errors import SchemaError
from reconciler.schemas.json_positions import load_json, pointer, pointer_parts, render_json
from reconciler.schemas.json_schema.content import ANCHORS, Use
from reconciler.schemas.json_schema.references import ParsedJson, Target, dependency_name


@dataclass
class _Definitions:
    """The dependencies that became definitions: key by their text, schema by key."""

    root: ParsedJson
    names: frozenset[str]
    keys: dict[str, str] = field(default_factory=dict)
    schemas: dict[str, object] = field(default_factory=dict)


def make_bundle(parsed: ParsedJson, names: frozenset[str]) -> str:
    """Write one text in which the dependencies called ``names``, and what only they need, are definitions.

    Args:
        parsed: the schema.
        names: names of its references. The others stay references.

    Returns:
        compact JSON, the schema's own order kept.

    Raises:
        SchemaError: a dependency of another draft, or with references that depend on who refers.
    """
    keyword = parsed.content.draft.definitions
    schema = load_json(parsed.document.definition)
    if not isinstance(schema, dict):
        return render_json(schema)
    found = _Definitions(parsed, names)
    _rewrite(schema, parsed, "", found)
    if found.schemas:
        schema[keyword] = {**schema.get(keyword, {}), **found.schemas}
    return render_json(schema)


def _rewrite(schema: object, parsed: ParsedJson, prefix: str, found: _Definitions) -> None:
    """Point the references in a copy of a document to where their targets now are; ``prefix`` is where it is now."""
    for use in parsed.content.uses:
        target = parsed.targets.get(use.path)
        if target is None:
            continue
        written = _written(use, target, parsed, prefix, found)
        if written is not None:
            *above, keyword = pointer_parts(use.path)
            holder = _follow(schema, above)
            holder[keyword] = written


def _written(use: Use, target: Target, parsed: ParsedJson, prefix: str, found: _Definitions) -> str | None:
    """How a reference is now written; None for as before."""
    is_embedded = parsed is not found.root
    if target.parsed is None:
        return f"#{prefix}{target.path}" if is_embedded else None
    kept = _kept_name(use, target.parsed, found)
    if kept is not None:
        return (f"{kept}#{use.fragment}" if use.fragment else kept) if is_embedded else None
    if not is_embedded and _is_in_inner_resource(use, parsed):
        raise SchemaError(
            f"`{use.written}` stands in a part with an address of its own, from where a definition cannot be reached",
            path=use.path,
            fix="remove the inner `$id`, or register the referenced schema where references are possible",
        )
    return f"#{_embed(use, target.parsed, found)}{target.path}"


def _kept_name(use: Use, dependency: ParsedJson, found: _Definitions) -> str | None:
    """The name of the schema's own reference that holds a dependency, if that one was not asked for."""
    kept = {name: parsed for name, parsed in found.root.dependencies.items() if name not in found.names}
    name = dependency_name(use, kept)
    return name if name is not None and kept[name].document.definition == dependency.document.definition else None


def _is_in_inner_resource(use: Use, parsed: ParsedJson) -> bool:
    node = parsed.content.nodes.get(pointer(pointer_parts(use.path)[:-1]))
    return node is not None and node.base != parsed.content.base


def _embed(use: Use, dependency: ParsedJson, found: _Definitions) -> str:
    """Make a dependency a definition, once, and tell the pointer of it."""
    text = dependency.document.definition
    keyword = found.root.content.draft.definitions
    if text not in found.keys:
        _raise_if_foreign(use, dependency, found.root)
        found.keys[text] = _free_key(use, found)
        schema = load_json(text)
        found.schemas[found.keys[text]] = schema
        _rewrite(schema, dependency, pointer((keyword, found.keys[text])), found)
        _forget_addresses(schema, dependency)
    return pointer((keyword, found.keys[text]))


def _raise_if_foreign(use: Use, dependency: ParsedJson, root: ParsedJson) -> None:
    schema, draft = dependency.content.schema, dependency.content.draft
    if isinstance(schema, dict) and "$schema" in schema and draft != root.content.draft:
        raise SchemaError(
            f"`{use.name}` is written in JSON Schema {draft.name} and this schema in {root.content.draft.name}: "
            "one text cannot hold both",
            path=use.path,
            fix="write both in the same draft",
        )
    if any("/$dynamic" in u.path or "/$recursive" in u.path for u in dependency.content.uses):
        raise SchemaError(
            f"`{use.name}` has dynamic references, which mean something else once it is part of another schema",
            path=use.path,
            fix="use `$ref` there",
        )


def _free_key(use: Use, found: _Definitions) -> str:
    """A name for a definition: the last part of the reference, numbered where it is taken."""
    last = use.name.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1]
    stem = re.sub(r"(\.schema)?\.json$", "", last)
    name = re.sub(r"[^\w.-]+", "_", stem) or "schema"
    schema = found.root.content.schema
    own = schema.get(found.root.content.draft.definitions, {}) if isinstance(schema, dict) else {}
    taken = {*found.keys.values(), *(own if isinstance(own, dict) else ())}
    numbered = (f"{name}_{number}" for number in range(2, len(taken) + 3))
    return next(key for key in (name, *numbered) if key not in taken)


def _forget_addresses(schema: object, dependency: ParsedJson) -> None:
    """Take out what would make a part of the embedded document a resource of its own, or define a name twice."""
    content = dependency.content
    for path in content.nodes:
        part = _follow(schema, pointer_parts(path))
        for keyword in ("$schema", content.draft.id_keyword, *ANCHORS):
            part.pop(keyword, None)


def _follow(schema: object, parts: list[str]) -> dict[str, object]:
    value = schema
    for part in parts:
        value = value[int(part)] if isinstance(value, list) else value[part] if isinstance(value, dict) else {}
    return value if isinstance(value, dict) else {}
