"""What an interface's description refers to by ``$ref``, and whether that is there."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from typing import Any
from urllib.parse import unquote

from reconciler.errors import SchemaError
from reconciler.schemas.json_positions import locate, pointer

Path = tuple[str | int, ...]
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_DATA = frozenset({"example", "examples", "default", "const", "enum"})
"""Keys of values that are data of the interface, in which `$ref` means nothing."""


def list_references(document: object) -> list[tuple[Path, str]]:
    """Every ``$ref`` with the place where it stands."""
    return list(_walk(document, ()))


def _walk(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield (*path, "$ref"), value["$ref"]
        for key, inner in value.items():
            if key not in _DATA or (path and path[-1] == "properties"):
                yield from _walk(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _walk(inner, (*path, number))


def refers_outside(reference: str) -> bool:
    """Whether a reference leads out of its document."""
    return not reference.startswith("#")


def find_lost_reference(
    text: str, references: Sequence[tuple[Path, str]], document: object, declared: Container[str]
) -> SchemaError | None:
    """The first reference that leads nowhere: to a place that is not there, or to a file that is not declared.

    Args:
        text: the document's text, for line and column.
        references: as :func:`list_references` lists them.
        document: the value.
        declared: names of what the sidecar declares.
    """
    for path, reference in references:
        address, _, fragment = reference.partition("#")
        if address:
            if not _ADDRESS.match(address) and address not in declared and reference not in declared:
                return _make_undeclared(text, path, address)
        elif fragment.startswith("/") and not _leads_somewhere(document, fragment):
            return _make_error(
                text, path, f"`{reference}` leads nowhere in this document", "correct it, or add what it means"
            )
    return None


def _leads_somewhere(document: Any, fragment: str) -> bool:
    value = document
    for step in fragment.split("/")[1:]:
        name = unquote(step).replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return False
    return True


def _make_undeclared(text: str, path: Path, address: str) -> SchemaError:
    return _make_error(
        text,
        path,
        f"`{address}` is another file, which does not come along with this document",
        "let a bundler make one file of both, or declare it in the sidecar: "
        f"`references: [{{name: {address}, subject: SUBJECT}}]`",
    )


def _make_error(text: str, path: Path, message: str, fix: str) -> SchemaError:
    line, column = locate(text, pointer(path)) or (1, 1)
    return SchemaError(message, path=pointer(path), line=line, column=column, fix=fix, code="REFERENCE_MISSING")
