"""The structural difference of two outlines: what was added, removed, or is described otherwise; in every format."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from reconciler.model import Difference, DifferenceKind
from reconciler.schemas import Element, Outline

_SEPARATORS = ".[{(</"


def differences(old: Outline | None, new: Outline) -> tuple[Difference, ...]:
    """Compare two outlines.

    What stands inside an added or removed element is only counted, behind its summary. Where nothing differs but the
    order of elements, that is one difference.

    Args:
        old: the outline before; None where there was no schema.
        new: the outline after.

    Returns:
        additions and changes in the order of the new outline, removals where they stood in the old one.
    """
    before: Outline = {} if old is None else old
    added = [path for path in new if path not in before]
    removed = [path for path in before if path not in new]
    tops = {
        **{path: Difference(DifferenceKind.ADDED, path, after=text) for path, text in _folded(added, new)},
        **{path: Difference(DifferenceKind.REMOVED, path, before=text) for path, text in _folded(removed, before)},
    }
    changed = {path: change for path in new if path in before for change in _changes(path, before[path], new[path])}
    found = tops | changed
    return tuple(found[path] for path in _merged_order(before, new) if path in found) or _reordered(before, new)


def _folded(paths: list[str], outline: Outline) -> Iterator[tuple[str, str]]:
    """The outermost of some paths, each with its summary and the number of those inside it."""
    inside: dict[str, int] = {}
    chosen = set(paths)
    for path in paths:
        top = next((parent for parent in _ancestors(path) if parent in chosen), path)
        inside[top] = inside.get(top, -1) + 1
    for path, count in inside.items():
        suffix = f" ({count} inside)" if count else ""
        yield path, outline[path].summary + suffix


def _ancestors(path: str) -> Iterator[str]:
    """Every proper prefix of a path that ends where a part ends, the shortest first."""
    return (path[:index] for index, character in enumerate(path) if index and character in _SEPARATORS)


def _changes(path: str, before: Element, after: Element) -> Iterator[Difference]:
    if before == after:
        return
    notes = [key for key in {**before.notes, **after.notes} if before.notes.get(key) != after.notes.get(key)]
    has_new_summary = (before.kind, before.summary) != (after.kind, after.summary)
    yield Difference(
        DifferenceKind.CHANGED,
        path,
        before=_describe(before, notes, has_new_summary),
        after=_describe(after, notes, has_new_summary),
    )


def _describe(element: Element, notes: Collection[str], with_summary: bool) -> str:
    parts = [element.summary] if with_summary else []
    parts += [f"{key}: {element.notes[key]}" if key in element.notes else f"no {key}" for key in notes]
    return "; ".join(parts)


def _merged_order(before: Outline, new: Outline) -> list[str]:
    """The new paths in their order, and each removed one behind the path that it followed."""
    following: dict[str | None, list[str]] = {}
    anchor: str | None = None
    for path in before:
        if path in new:
            anchor = path
        else:
            following.setdefault(anchor, []).append(path)
    order = following.get(None, [])
    for path in new:
        order += [path, *following.get(path, [])]
    return order


def _reordered(before: Mapping[str, Element], new: Mapping[str, Element]) -> tuple[Difference, ...]:
    moved = [(old, now) for old, now in zip(before, new, strict=False) if old != now]
    if not moved:
        return ()
    return (
        Difference(
            DifferenceKind.CHANGED,
            moved[0][1],
            before="order: " + ", ".join(old for old, _ in moved),
            after="order: " + ", ".join(now for _, now in moved),
        ),
    )
