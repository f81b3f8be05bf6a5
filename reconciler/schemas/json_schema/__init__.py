"""JSON Schema, drafts 4 to 2020-12, as a :class:`reconciler.schemas.Language`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from reconciler.errors import SchemaError
from reconciler.model import Dialect, Format
from reconciler.schemas import Document, Outline, Parsed
from reconciler.schemas.json_positions import escape_surrogates, load_json, locate, render_json
from reconciler.schemas.json_schema.bundle import make_bundle
from reconciler.schemas.json_schema.content import Content, make_content
from reconciler.schemas.json_schema.drafts import draft_of
from reconciler.schemas.json_schema.meta_schema import find_violation, is_valid
from reconciler.schemas.json_schema.outline import make_outline
from reconciler.schemas.json_schema.readable import may_be_unreadable, raise_if_unreadable
from reconciler.schemas.json_schema.references import ParsedJson, Target, content_of, make_needs, resolve_targets

__all__ = ["ParsedJson", "Target", "bundle", "canonical", "content_of", "locate", "outline", "parse", "pretty", "read"]

_SORTS_KEYS = frozenset({Dialect.KARAPACE})
_OTHER_DOCUMENTS = {"openapi": "OpenAPI", "swagger": "OpenAPI", "asyncapi": "AsyncAPI"}
_FILE_ENDING = re.compile(r"(\.schema)?\.json$")


def read(definition: str) -> Document:
    """Read one schema: strict JSON of which registries can make a schema.

    That is less than its draft's meta-schema asks for; what is against that is the document's ``violation``.

    A key that an object has twice is taken as JSON parsers take it, the last one counts;
    :func:`reconciler.schemas.json_positions.duplicate_keys` finds them for whoever wants to warn.

    Raises:
        SchemaError: with the JSON pointer, line and column of what is wrong.
    """
    schema = load_json(definition)
    raise_if_other_document(definition, schema)
    draft = draft_of(schema)
    try:
        content = make_content(schema, draft)
    except ValueError as error:
        raise _address_error(definition, str(error)) from error
    is_standard = is_valid(schema, draft)
    if not is_standard or may_be_unreadable(definition):
        raise_if_unreadable(definition, content)
    violation = None if is_standard else find_violation(definition, schema, draft)
    name, namespace = map(escape_surrogates, _name(content))
    needs = make_needs(content)
    return Document(Format.JSON, definition, _defines(content), needs, name, namespace, content, violation)


def parse(document: Document, dependencies: Mapping[str, Parsed]) -> ParsedJson:
    """Join a schema with what it refers to.

    Raises:
        SchemaError: a ``$ref`` leads nowhere: no such document among the dependencies, or no such place in it.
    """
    return ParsedJson(document, dependencies, resolve_targets(document, dependencies))


def canonical(parsed: Parsed, dialect: Dialect) -> str:
    """Write the schema without white space; Karapace also sorts keys. Everything else is part of its identity."""
    return render_json(content_of(parsed.document).schema, sort_keys=dialect in _SORTS_KEYS)


def outline(parsed: Parsed) -> Outline:
    """List properties, items, branches and definitions by dotted path; references are told, not followed."""
    return make_outline(content_of(parsed.document))


def pretty(definition: str) -> str:
    """Indent by two; keys stay in their order and numbers as they are.

    Raises:
        SchemaError: it is not JSON.
    """
    return render_json(load_json(definition), indent=2) + "\n"


def bundle(parsed: Parsed, names: frozenset[str]) -> str:
    """Write one text in which the dependencies called ``names`` are definitions.

    Raises:
        SchemaError: a dependency of another draft, or with dynamic references.
    """
    return make_bundle(cast(ParsedJson, parsed), names)


def _defines(content: Content) -> tuple[str, ...]:
    """The address that the document gives itself, then those of its parts."""
    return tuple(address for address in dict.fromkeys((content.base, *content.resources)) if address)


def _name(content: Content) -> tuple[str, str]:
    """A title without spaces, as serializers name a record by it (``com.acme.Order``), else the address' last part."""
    title = content.schema.get("title") if isinstance(content.schema, dict) else None
    if isinstance(title, str) and title and not re.search(r"\s", title):
        namespace, _, name = title.rpartition(".")
        return name or title, namespace
    last = _FILE_ENDING.sub("", re.split(r"[/:]", content.base.rstrip("/"))[-1])
    return last or (title if isinstance(title, str) else ""), ""


def raise_if_other_document(definition: str, schema: object) -> None:
    """Refuse documents that are JSON and describe an interface, not a value: any JSON object passes for a schema.

    Raises:
        SchemaError: the text says that it is an OpenAPI or AsyncAPI document.
    """
    if not isinstance(schema, dict) or "$schema" in schema:
        return
    for key, kind in _OTHER_DOCUMENTS.items():
        if isinstance(schema.get(key), str):
            line, column = locate(definition, f"/{key}") or (0, 0)
            raise SchemaError(
                f"this is an {kind} document, not a JSON Schema",
                path=f"/{key}",
                line=line,
                column=column,
                fix=f"call it NAME.{kind.lower()}.json, or say so in defaults.yaml (`files: {{NAME: {kind.lower()}}}`)",
            )


def _address_error(definition: str, path: str) -> SchemaError:
    line, column = locate(definition, path) or (0, 0)
    return SchemaError(
        "this is not an address that can be resolved",
        path=path,
        line=line,
        column=column,
        fix="write a URI, relative or whole, such as `money.json` or `https://example.com/money.json`",
    )
