"""Which branches of a large union may read a type: looked up by name, so that unions of thousands are no matter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reconciler.schemas.avro.nodes import Node

FEW = 16
"""Branches that are tried one by one; more are looked up."""


class Branches:
    """The branches of a union by what a writer can match: a name, an alias, or a kind of type without one.

    Args:
        branches: in the order of the union.
    """

    __slots__ = ("_all", "_by_alias", "_by_name", "_unnamed")

    def __init__(self, branches: Sequence[Node]) -> None:
        self._all = branches
        self._unnamed = [index for index, branch in enumerate(branches) if not branch.name]
        self._by_name: dict[tuple[str, str], list[int]] = {}
        self._by_alias: dict[tuple[str, str], list[int]] = {}
        for index, branch in enumerate(branches):
            if branch.name:
                self._by_name.setdefault((branch.kind, branch.simple_name), []).append(index)
            for alias in branch.aliases:
                self._by_alias.setdefault((branch.kind, alias), []).append(index)

    def find(self, writer: Node, begun: frozenset[int]) -> Iterable[tuple[int, Node]]:
        """The branches that names do not rule out, with their numbers, in order.

        Args:
            writer: what is to be read.
            begun: branches, by identity, that are not ruled out whatever their names.
        """
        if not writer.name:
            return [(index, self._all[index]) for index in self._unnamed]
        found = {
            *self._by_name.get((writer.kind, writer.simple_name), ()),
            *self._by_alias.get((writer.kind, writer.name), ()),
        }
        if begun:
            found.update(index for index, branch in enumerate(self._all) if id(branch) in begun)
        return [(index, self._all[index]) for index in sorted(found)]
