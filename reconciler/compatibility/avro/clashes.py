"""What the comparison of Avro schemas finds, and where."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.compatibility.avro.rules import show
from reconciler.compatibility.clash import Clash, Rule
from reconciler.schemas.avro.nodes import Node

At = tuple["At", str, str] | None
"""A place: the enclosing one, then a step as a pointer and as words. Turned into text only for a clash."""

Clashes = list[Clash]


def make_clashes(
    rules: Mapping[str, Rule], key: str, at: At, step: str, reader: Node, writer: Node, **values: str
) -> Clashes:
    """What a row says of a place; nothing where there is no such row.

    Args:
        rules: the table, by key.
        key: of the row.
        at: the place.
        step: a pointer from there, that words leave out.
        reader: the type there.
        writer: the one that it is compared with.
        values: fill the row's words, beside what the two types give.
    """
    rule = rules.get(key)
    if rule is None:
        return []
    path, where = step, ""
    while at is not None:
        at, pointer, words = at
        path, where = pointer + path, words + where
    types = {"reader": show(reader), "writer": show(writer), "reader_name": reader.name, "writer_name": writer.name}
    return [Clash(rule, path or "/", where.removeprefix("."), types | values)]
