"""Shapes of combinations, enumerations and constants, made of what they hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reconciler.compatibility.json_schema.shapes import CombinedShape, ConstShape, EnumShape, Shape
from reconciler.compatibility.json_schema.values import digest, make_value
from reconciler.schemas.json_positions import render_json

Branch = tuple[Shape, int, int]
"""A branch, the number that tells it from others that compare alike, and its number as it is written."""


def make_combined(criterion: str, told: Iterable[Branch], *, is_implied: bool = False) -> CombinedShape:
    """A combination. Branches that are combinations come first: the registry's reader puts them there, which shows in
    paths (`allOf/0`).
    """
    ordered = sorted(told, key=_is_plain)
    branches = tuple(branch for branch, _, _ in ordered)
    variants = [variant for _, variant, _ in ordered]
    distinct: dict[tuple[bytes, int], tuple[Shape, int]] = {}
    for branch, variant, number in ordered:
        distinct.setdefault((branch.key, variant), (branch, number))
    return CombinedShape(
        key=digest(criterion, *(branch.key for branch in branches), variants if any(variants) else 0),
        is_quiet=all(branch.is_quiet for branch in branches),
        criterion=criterion,
        branches=branches,
        distinct=tuple(branch for branch, _ in distinct.values()),
        numbers=tuple(number for _, number in distinct.values()),
        is_implied=is_implied,
    )


def numbered(branches: Iterable[Shape]) -> Iterator[Branch]:
    """Branches of which those that compare alike are the same."""
    return ((branch, 0, number) for number, branch in enumerate(branches))


def _is_plain(told: Branch) -> bool:
    return not isinstance(told[0], CombinedShape)


def parts_of(branch: Shape) -> Sequence[Shape]:
    """What a branch falls apart into: the demands that nobody wrote an ``allOf`` for."""
    return branch.branches if isinstance(branch, CombinedShape) and branch.is_implied else (branch,)


def make_enum(written: Sequence[object]) -> EnumShape:
    """``enum``."""
    values = tuple(map(make_value, written))
    pairs = tuple(zip(values, written, strict=True))
    return EnumShape(key=digest("enum", values), values=frozenset(values), written=pairs)


def make_const(value: object) -> ConstShape:
    """``const``."""
    text = render_json(value)
    return ConstShape(key=digest("const", text), value=make_value(value), text=text)
