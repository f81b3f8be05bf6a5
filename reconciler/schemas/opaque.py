"""Formats that travel as texts: identity by text, no references found in them, no rules of compatibility.

What their syntax is known by is checked, so that no half file reaches a registry: XML must be well-formed, and a schema
of Kafka Connect must be JSON. GraphQL is taken as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.parsers import expat

from reconciler.errors import SchemaError
from reconciler.model import Dialect, Format
from reconciler.schemas import Document, Element, Outline, Parsed, fingerprint
from reconciler.schemas.json_positions import load_json

Check = Callable[[str], object]
_SHOWN = 12
"""Digits of a text's fingerprint that tell two texts apart for a person."""


@dataclass(frozen=True)
class Opaque:
    """A format of texts, as a :class:`reconciler.schemas.Language`; ``check`` raises where a text is no syntax."""

    format: Format
    check: Check

    def read(self, definition: str) -> Document:
        """Take a text as a schema.

        Raises:
            SchemaError: it breaks the format's syntax, as far as that is known here.
        """
        self.check(definition)
        return Document(self.format, definition, (), ())

    def parse(self, document: Document, dependencies: Mapping[str, Parsed]) -> Parsed:
        """Keep the text beside what it is declared to refer to."""
        return Parsed(document, dependencies)

    def canonical(self, parsed: Parsed, dialect: Dialect) -> str:
        """The text but for line ends at its end, which editors add."""
        return _cut_end(parsed.document.definition)

    def outline(self, parsed: Parsed) -> Outline:
        """One element, by which two texts are told apart."""
        text = _cut_end(parsed.document.definition)
        count = text.count("\n") + 1
        lines = "1 line" if count == 1 else f"{count:,} lines"
        return {"text": Element("text", f"{lines}, {fingerprint(text)[:_SHOWN]}")}

    def locate(self, definition: str, path: str) -> tuple[int, int] | None:
        """Nothing in such a text has a path."""
        return None

    def pretty(self, definition: str) -> str:
        """The text as it is, ending in a newline."""
        return _cut_end(definition) + "\n"

    def bundle(self, parsed: Parsed, names: frozenset[str]) -> str:
        """Nothing can be written into such a text.

        Raises:
            SchemaError: always.
        """
        raise SchemaError(
            f"what a {self.format} text refers to cannot be written into it",
            fix="take the references out of its sidecar, or use a registry that keeps them",
        )


def _cut_end(text: str) -> str:
    return text.rstrip("\r\n")


def _check_xml(definition: str) -> None:
    # The text is decoded already, whatever its declaration says. Nothing outside of it is read, and expat itself ends
    # entities that grow without bounds.
    parser = expat.ParserCreate("utf-8")
    try:
        parser.Parse(definition.encode("utf-8", "surrogatepass"), True)
    except expat.ExpatError as error:
        raise SchemaError(
            f"this is not well-formed XML: {expat.ErrorString(error.code)}",
            line=error.lineno,
            column=error.offset + 1,
            fix="mend the syntax at this place, or just above it",
        ) from error


def _take(definition: str) -> None:
    """Any text will do."""


XSD = Opaque(Format.XSD, _check_xml)
WSDL = Opaque(Format.WSDL, _check_xml)
XML = Opaque(Format.XML, _check_xml)
KCONNECT = Opaque(Format.KCONNECT, load_json)
GRAPHQL = Opaque(Format.GRAPHQL, _take)
