"""Descriptions of interfaces, OpenAPI and AsyncAPI, as :class:`reconciler.schemas.Language`.

Their texts are JSON here: what is written in YAML is converted where it is read. Identity is the text without white
space, as of JSON Schema. What a document refers to inside itself must be there; what it refers to outside must have an
address, or be declared in its sidecar.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from reconciler.errors import SchemaError
from reconciler.model import Dialect, Format
from reconciler.schemas import Document, Outline, Parsed
from reconciler.schemas.interfaces import asyncapi, openapi
from reconciler.schemas.interfaces.outline import make_outline
from reconciler.schemas.interfaces.targets import find_lost_reference, list_references
from reconciler.schemas.json_positions import load_json, locate, render_json

FindViolation = Callable[[str, dict[str, Any]], SchemaError | None]


@dataclass(frozen=True)
class ParsedInterface(Parsed):
    """A document with what it is declared to refer to."""

    find_violation: FindViolation

    @cached_property
    def violation(self) -> SchemaError | None:
        """The first thing that the specification forbids. Found only when asked for: it takes a heavy library."""
        text = self.document.definition
        value = json.loads(text)
        lost = find_lost_reference(text, list_references(value), value, self.dependencies)
        return lost or self.find_violation(text, value)


@dataclass(frozen=True)
class Interface:
    """One kind of document. ``keys`` are those of which one says its version; ``word`` is its name for people."""

    format: Format
    word: str
    keys: tuple[str, ...]
    find_violation: FindViolation

    def read(self, definition: str) -> Document:
        """Read a document.

        Raises:
            SchemaError: it is not JSON, or does not say that it is of this kind.
        """
        value = load_json(definition)
        if not isinstance(value, dict) or not any(isinstance(value.get(key), str) for key in self.keys):
            keys = " or ".join(f"`{key}`" for key in self.keys)
            raise SchemaError(
                f"this is no {self.word} document: nothing says its version, as {keys} does",
                path="",
                line=1,
                column=1,
                fix=f"add {keys} with the version as text, or take the file for another format in defaults.yaml",
            )
        return Document(self.format, definition, (), (), _name(value))

    def parse(self, document: Document, dependencies: Mapping[str, Parsed]) -> ParsedInterface:
        """Keep the document beside what it is declared to refer to."""
        return ParsedInterface(document, dependencies, self.find_violation)

    def canonical(self, parsed: Parsed, dialect: Dialect) -> str:
        """Write the document without white space."""
        return render_json(load_json(parsed.document.definition))

    def outline(self, parsed: Parsed) -> Outline:
        """List operations, channels, components and what else stands at the top."""
        return make_outline(json.loads(parsed.document.definition))

    def locate(self, definition: str, path: str) -> tuple[int, int] | None:
        """Find a JSON pointer."""
        return locate(definition, path)

    def pretty(self, definition: str) -> str:
        """Indent by two; keys stay in their order and numbers as they are."""
        return render_json(load_json(definition), indent=2) + "\n"

    def bundle(self, parsed: Parsed, names: frozenset[str]) -> str:
        """References of such documents are not written into them.

        Raises:
            SchemaError: always.
        """
        raise SchemaError(
            f"what an {self.word} document refers to is not written into it",
            fix="let a bundler of that format make one file of it, and register that",
        )


def _name(value: Mapping[str, Any]) -> str:
    """The title, where it can be part of a name."""
    info = value.get("info")
    title = info.get("title") if isinstance(info, dict) else None
    return title if isinstance(title, str) and not re.search(r"\s", title) else ""


OPENAPI = Interface(Format.OPENAPI, "OpenAPI", ("openapi", "swagger"), openapi.find_violation)
ASYNCAPI = Interface(Format.ASYNCAPI, "AsyncAPI", ("asyncapi",), asyncapi.find_violation)
