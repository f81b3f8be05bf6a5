"""Where in a new JSON Schema that is which a finding points at.

Paths are the registry's: they name what its reader makes of a schema, count branches as they are in one of the two, and
lead through references. This follows them through the new text as it is written, and through the old one for what is
counted there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from reconciler.compatibility.json_schema.loading import count_branches
from reconciler.model import Direction, Finding
from reconciler.schemas import Document, json_schema
from reconciler.schemas.json_positions import pointer, pointer_parts
from reconciler.schemas.json_schema.content import REFERENCES, Use, is_within
from reconciler.schemas.json_schema.references import content_of

_COMBINATIONS = ("anyOf", "oneOf", "allOf")
_WRITTEN_AS = {
    "items": ("items", "prefixItems"),
    "additionalItems": ("additionalItems", "items"),
    "dependencies": ("dependencies", "dependentRequired", "dependentSchemas"),
}
_NAMING = frozenset({"properties", "required", "dependencies"})
_TOLD_OF = {
    "id": ("$id", "id"),
    "title": ("title",),
    "description": ("description",),
    "default": ("default",),
    "type": ("type", "enum", "const", *_COMBINATIONS, "$ref"),
    **dict.fromkeys(("combined", "sum", "product"), (*_COMBINATIONS, "type", "$ref")),
}
"""By the first word of a code, the keywords of which one tells what differs in the schema as a whole."""
_MAX_HOLDERS = 50
_MAX_SLASHES = 5
_read = lru_cache(4)(json_schema.read)


class _Spot(NamedTuple):
    """A value of a document; ``is_part`` within the ``allOf`` of a schema's demands that nobody wrote."""

    document: Document
    way: tuple[str, ...]
    value: object
    is_part: bool = False

    def get(self, *steps: str) -> _Spot | None:
        """What stands further down."""
        value = self.value
        for step in steps:
            if isinstance(value, dict) and step in value:
                value = value[step]
            elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
                value = value[int(step)]
            else:
                return None
        return _Spot(self.document, (*self.way, *steps), value)


def find_place(finding: Finding, old: str, new: str) -> str:
    """Find the place in the new schema's text for a finding about two JSON Schemas.

    Args:
        finding: with the registry's path.
        old: the text that the new one was compared with.
        new: the new text.

    Returns:
        a pointer into ``new``, of what is meant or of what encloses it.
    """
    if finding.direction is None:  # of another format than the old one
        return finding.path or "/"
    was, spot = (_Spot(document, (), content_of(document).schema) for document in map(_read, (old, new)))
    steps = [step for step in (finding.path or "").removeprefix("#/").split("/") if step]
    while steps:
        step = _next(steps, spot, was)
        del steps[: 1 + sum(part.count("/") + 1 for part in step[1:])]
        counted = spot if finding.direction is Direction.FORWARD else was
        following = _follow(spot, step, counted)
        if following is None:
            return pointer(_closest(spot, step).way) or "/"
        was, spot = _follow(was, step, counted) or was, following
    told_of = _TOLD_OF.get(finding.code.partition("_")[0].lower(), ()) if isinstance(spot.value, dict) else ()
    return pointer(next(filter(None, map(spot.get, told_of)), spot).way) or "/"


def _next(steps: Sequence[str], spot: _Spot, was: _Spot) -> tuple[str, ...]:
    """A keyword, with the name or number that belongs to it.

    A name may have slashes in it, which paths do not mask: the longest that either schema has is meant.
    """
    keyword, rest = steps[0], steps[1:]
    if keyword in _NAMING:
        names = ("/".join(rest[:size]) for size in range(min(len(rest), _MAX_SLASHES), 0, -1))
        known = (name for name in names if any(_named(side, keyword, name) for side in (spot, was)))
        return (keyword, next(known, rest[0])) if rest else (keyword,)
    is_counted = rest and rest[0].isdecimal() and (keyword in _COMBINATIONS or keyword == "items")
    return (keyword, rest[0]) if is_counted else (keyword,)


def _follow(spot: _Spot, step: tuple[str, ...], counted: _Spot) -> _Spot | None:
    """Where a step leads to; None where there is no such thing. ``counted`` has the branches that are counted."""
    keyword, name = step[0], step[1] if len(step) > 1 else None
    if name is None:
        written = (holder.get(each) for each in _WRITTEN_AS.get(keyword, (keyword,)) for holder in _holders(spot))
        is_tuple = keyword in _WRITTEN_AS
        return next((found for found in written if found and not (is_tuple and isinstance(found.value, list))), None)
    return _branch(spot, keyword, int(name), counted) if keyword in _COMBINATIONS else _named(spot, keyword, name)


def _named(spot: _Spot, keyword: str, name: str) -> _Spot | None:
    """What a keyword has under a name; of a name that is required no more, the property."""
    if keyword == "required":
        return _listed(spot, name) or _named(spot, "properties", name)
    written = _WRITTEN_AS.get(keyword, (keyword,))
    return next(filter(None, (holder.get(each, name) for holder in _holders(spot) for each in written)), None)


def _listed(spot: _Spot, name: str) -> _Spot | None:
    for holder in _holders(spot):
        names = holder.get("required")
        if names and isinstance(names.value, list) and name in names.value:
            return names.get(str(names.value.index(name)))
    return None


def _branch(spot: _Spot, criterion: str, number: int, counted: _Spot) -> _Spot | None:
    """The branch of a combination, the one that is written like the one that was counted, or has its number; the schema
    itself where it is a demand beside others or has no combination any more.
    """
    for holder in _holders(counted):
        numbers = count_branches(holder.document, pointer(holder.way), criterion, within=holder.is_part)
        if numbers is not None:
            break
    else:
        return spot._replace(is_part=True)
    lists = (found for one in _holders(spot) if (found := one.get(criterion)) and isinstance(found.value, list))
    branches = next(lists, None)
    if branches is None or number >= len(numbers):
        return spot
    meant = holder.get(criterion, str(numbers[number]))
    values = branches.value if isinstance(branches.value, list) else []
    index = values.index(meant.value) if meant and meant.value in values else numbers[number]
    return branches.get(str(index)) or branches


def _closest(spot: _Spot, step: tuple[str, ...]) -> _Spot:
    """What is there of a step that leads nowhere."""
    words = _WRITTEN_AS.get(step[0], step[:1]) if len(step) > 1 else ()
    return next(filter(None, map(spot.get, words)), spot)


def _holders(spot: _Spot) -> Iterator[_Spot]:
    """The schema itself, what it refers to, and the branches of its combinations: where a keyword may stand."""
    return islice(_all_holders(spot), _MAX_HOLDERS)


def _all_holders(spot: _Spot) -> Iterator[_Spot]:
    waiting = [spot]
    while waiting:
        holder = waiting.pop(0)
        yield holder
        for criterion in _COMBINATIONS:
            found = holder.get(criterion)
            count = len(found.value) if found and isinstance(found.value, list) else 0
            waiting += [branch for index in range(count) if (branch := holder.get(criterion, str(index)))]
        target = _target(holder)
        waiting += [target] if target else []


def _target(spot: _Spot) -> _Spot | None:
    """What a reference leads to within the document."""
    if not isinstance(spot.value, dict) or spot.value.keys().isdisjoint(REFERENCES):
        return None
    content = content_of(spot.document)
    use = _uses(spot.document.definition).get(pointer(spot.way))
    path = content.find(use.address, use.fragment) if use and is_within(content, use.address) else None
    return _Spot(spot.document, (), content.schema).get(*pointer_parts(path)) if path is not None else None


@lru_cache(4)
def _uses(definition: str) -> dict[str, Use]:
    """The references of a document by the pointers of the schemas that have them."""
    return {use.path.rpartition("/")[0]: use for use in content_of(_read(definition)).uses}
