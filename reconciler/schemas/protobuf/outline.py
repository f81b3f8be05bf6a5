"""A Protobuf file as a list of its elements."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.schemas import Element
from reconciler.schemas.protobuf.canonical import comment_lines
from reconciler.schemas.protobuf.scan import Statement

_NAMED = frozenset({"message", "enum", "service", "rpc", "oneof", "field", "group", "value"})
_SINGLE = frozenset({"syntax", "edition", "package"})


def make_outline(statements: tuple[Statement, ...]) -> dict[str, Element]:
    """List what a file declares, in its order.

    A field is ``Order.amount``, a field of a oneof ``Order.method.card``, a value ``Order.Status.ACTIVE``; what has no
    name of its own goes by its keyword: ``package``, ``import money.proto``, ``Order.reserved``.
    """
    elements: dict[str, Element] = {}
    for path, statement in dotted_paths(statements):
        element = _element(statement)
        if path in elements:  # several `reserved` lines are one element
            before = elements[path]
            element = Element(before.kind, f"{before.summary}; {element.summary}", {**before.notes, **element.notes})
        elements[path] = element
    return elements


def dotted_paths(statements: tuple[Statement, ...], scope: str = "") -> Iterator[tuple[str, Statement]]:
    """Every statement with its path as in an outline, outer before inner."""
    for statement in statements:
        path = (scope + "." if scope else "") + _own_path(statement)
        yield path, statement
        yield from dotted_paths(statement.body or (), path)


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
