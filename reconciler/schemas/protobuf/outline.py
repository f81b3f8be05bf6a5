"""A Protobuf file as a list of its elements, and the places of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.schemas import Element
from reconciler.schemas.json_positions import place, pointer_parts
from reconciler.schemas.protobuf.canonical import comment_lines
from reconciler.schemas.protobuf.scan import Statement, scan, walk

_NAMED = frozenset({"message", "enum", "service", "rpc", "oneof", "field", "group", "value"})
_SINGLE = frozenset({"syntax", "edition", "package"})


def make_outline(statements: tuple[Statement, ...]) -> dict[str, Element]:
    """List what a file declares, in its order.

    A field is ``Order.amount``, a field of a oneof ``Order.method.card``, a value ``Order.Status.ACTIVE``; what has no
    name of its own goes by its keyword: ``package``, ``import money.proto``, ``Order.reserved``.
    """
    elements: dict[str, Element] = {}
    for path, statement in _paths(statements, ""):
        element = _element(statement)
        if path in elements:  # several `reserved` lines are one element
            before = elements[path]
            element = Element(before.kind, f"{before.summary}; {element.summary}", {**before.notes, **element.notes})
        elements[path] = element
    return elements


def _paths(statements: tuple[Statement, ...], scope: str) -> Iterator[tuple[str, Statement]]:
    for statement in statements:
        path = (scope + "." if scope else "") + _own_path(statement)
        yield path, statement
        yield from _paths(statement.body or (), path)


def _own_path(statement: Statement) -> str:
    if statement.kind in _NAMED:
        return statement.name
    if statement.kind in ("import", "option", "extend"):
        return f"{statement.kind} {statement.name}"
    return statement.kind


def _element(statement: Statement) -> Element:
    doc = "\n".join(line for comment in statement.comments for line in comment_lines(comment))
    return Element(statement.kind, _summary(statement), {"doc": doc} if doc else {})


def _summary(statement: Statement) -> str:
    texts = statement.texts
    if statement.kind in ("field", "group"):
        words = (statement.label, statement.type, _options(texts))
        return f"{statement.number}: " + " ".join(word for word in words if word)
    if statement.kind in ("value", "option") or statement.kind in ("syntax", "edition"):
        after = texts[texts.index("=") + 1 :] if "=" in texts else texts
        return ("= " if statement.kind == "value" else "") + " ".join(after)
    if statement.kind == "rpc":
        return " ".join(texts[2:]).replace("( ", "(").replace(" )", ")")
    if statement.body is not None:
        names = [member.name for member in statement.body if member.kind in _NAMED]
        return f"{statement.kind} of {', '.join(names)}" if statement.kind == "oneof" else statement.kind
    return " ".join(texts[1:]).replace(" ,", ",")


def _options(texts: tuple[str, ...]) -> str:
    return " ".join(texts[texts.index("[") :]).replace("[ ", "[").replace(" ]", "]") if "[" in texts else ""


def locate_path(definition: str, path: str) -> tuple[int, int] | None:
    """Find where an element of a Protobuf text stands.

    Args:
        definition: the text.
        path: ``Order.amount`` as in an outline, also behind the package; or ``#/Order/3`` with names and numbers of
            fields, as in verdicts; ``#/`` is the package.

    Returns:
        line and column from 1 of the statement; of the nearest enclosing one where the path leads nowhere.
    """
    statements = scan(definition)
    offset = _pointed(statements, path) if path.startswith(("#", "/")) else _named(statements, path)
    if offset is not None:
        return place(definition, offset)
    return place(definition, statements[0].offset) if statements else None


def _named(statements: tuple[Statement, ...], path: str) -> int | None:
    offsets: Mapping[str, int] = {own: statement.offset for own, statement in _paths(statements, "")}
    package = next((statement.name for statement in statements if statement.kind == "package"), "")
    inner = path.removeprefix(package + ".") if package else path
    while inner:
        if inner in offsets:
            return offsets[inner]
        inner = inner.rpartition(".")[0]
    return None


def _pointed(statements: tuple[Statement, ...], path: str) -> int | None:
    wanted = [part for part in pointer_parts(path) if part]
    if not wanted:
        return next((s.offset for s in statements if s.kind == "package"), None)
    best: tuple[int, int] | None = None
    for names, statement in walk(statements):
        own = (*names[:-1], statement.number or names[-1])
        if _leads_along(own, names, wanted) and (best is None or len(names) > best[0]):
            best = len(names), statement.offset
    return best[1] if best else None


def _leads_along(own: tuple[str, ...], names: tuple[str, ...], wanted: list[str]) -> bool:
    """Whether a statement is on the way; a field of a oneof is also reached without naming the oneof."""
    if len(own) <= len(wanted):
        return all(w in (o, n) for o, n, w in zip(own, names, wanted, strict=False))
    return len(own) == len(wanted) + 1 and (*own[:-2], own[-1]) == tuple(wanted)
