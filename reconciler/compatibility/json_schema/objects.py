"""Objects: required properties, properties, dependencies, content model, limits."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.compatibility.json_schema.content import compare_content, covering_schema, is_open
from reconciler.compatibility.json_schema.differences import Difference, Differences, below
from reconciler.compatibility.json_schema.pairs import Pairs
from reconciler.compatibility.json_schema.scalars import compare_limits
from reconciler.compatibility.json_schema.shapes import EmptyShape, FalseShape, ObjectShape, Shape


def compare_objects(pairs: Pairs, old: ObjectShape, new: ObjectShape) -> Iterator[Difference]:
    """Compare two objects."""
    if old.required != new.required:
        yield from below(_compare_required(old, new), "required")
    yield from _compare_properties(pairs, old, new)
    if old.needed_names or new.needed_names or old.needed_schemas or new.needed_schemas:
        yield from below(_compare_needed_names(old, new), "dependencies")
        yield from below(_compare_needed_schemas(pairs, old, new), "dependencies")
    yield from compare_content("Properties", pairs, old, new)
    yield from compare_limits(old, new)


def _compare_required(old: ObjectShape, new: ObjectShape) -> Iterator[Difference]:
    """Only properties that both describe count."""
    for name in old.properties:
        is_required = name in new.required
        if (name in old.required) is is_required or name not in new.properties:
            continue
        movement = "REMOVED" if not is_required else "ADDED"
        if is_required and new.properties[name].has_default:
            movement = "WITH_DEFAULT_ADDED"
        yield Difference(f"REQUIRED_ATTRIBUTE_{movement}", (name,))


def _compare_properties(pairs: Pairs, old: ObjectShape, new: ObjectShape) -> Iterator[Difference]:
    for name, before in old.properties.items():
        after = new.properties.get(name)
        if after is None:
            yield from below(_removed(pairs, name, before, new), "properties", name)
        elif before.key != after.key or not before.is_quiet:
            yield from below(pairs.pair(before, after), "properties", name)
    for name, after in new.properties.items():
        if name not in old.properties:
            yield from below(_added(pairs, name, after, old, new), "properties", name)


def _removed(pairs: Pairs, name: str, before: Shape, new: ObjectShape) -> Iterator[Difference]:
    if is_open(new):
        yield Difference("PROPERTY_REMOVED_FROM_OPEN_CONTENT_MODEL", (), before)
    elif (rest := covering_schema(pairs, new, name)) is not None:
        found = pairs.pair(before, rest)
        yield from found
        yield _covered("PROPERTY_REMOVED", pairs, found, before, rest)
    elif isinstance(before, FalseShape):
        yield Difference("PROPERTY_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL", (), before)
    else:
        yield Difference("PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL", (), before)


def _added(pairs: Pairs, name: str, after: Shape, old: ObjectShape, new: ObjectShape) -> Iterator[Difference]:
    if is_open(old):
        if isinstance(after, EmptyShape):
            yield Difference("PROPERTY_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL", (), None, after)
        else:
            yield Difference(f"{_necessity(name, after, new)}_ADDED_TO_OPEN_CONTENT_MODEL", (), None, after)
        return
    rest = covering_schema(pairs, old, name)
    if rest is not None:
        found = pairs.pair(rest, after)
        yield from found
        yield _covered("PROPERTY_ADDED", pairs, found, rest, after)
    yield Difference(f"{_necessity(name, after, new)}_ADDED_TO_UNOPEN_CONTENT_MODEL", (), None, after)


def _necessity(name: str, schema: Shape, holder: ObjectShape) -> str:
    if name not in holder.required:
        return "OPTIONAL_PROPERTY"
    return "REQUIRED_PROPERTY_WITH_DEFAULT" if schema.has_default else "REQUIRED_PROPERTY"


def _covered(code: str, pairs: Pairs, found: Differences, before: Shape, after: Shape) -> Difference:
    is_covered = "IS_COVERED" if pairs.is_compatible(found) else "NOT_COVERED"
    return Difference(f"{code}_{is_covered}_BY_PARTIALLY_OPEN_CONTENT_MODEL", (), before, after)


def _compare_needed_names(old: ObjectShape, new: ObjectShape) -> Iterator[Difference]:
    for name in dict.fromkeys((*old.needed_names, *new.needed_names)):
        before, after = old.needed_names.get(name), new.needed_names.get(name)
        if before != after:
            yield Difference(f"DEPENDENCY_ARRAY_{_movement(before, after)}", (name,), before, after)


def _movement(before: frozenset[str] | None, after: frozenset[str] | None) -> str:
    if before is None or after is None:
        return "ADDED" if before is None else "REMOVED"
    return "EXTENDED" if before < after else "NARROWED" if before > after else "CHANGED"


def _compare_needed_schemas(pairs: Pairs, old: ObjectShape, new: ObjectShape) -> Iterator[Difference]:
    for name in dict.fromkeys((*old.needed_schemas, *new.needed_schemas)):
        before, after = old.needed_schemas.get(name), new.needed_schemas.get(name)
        if before is None or after is None:
            movement = "ADDED" if before is None else "REMOVED"
            yield Difference(f"DEPENDENCY_SCHEMA_{movement}", (name,), before, after)
        else:
            yield from below(pairs.pair(before, after), name)
