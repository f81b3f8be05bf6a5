"""References between JSON Schemas: what a document needs, and what each of its ``$ref`` means once that is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from reconciler.errors import SchemaError
from reconciler.schemas import Document, Need, Parsed
from reconciler.schemas.json_positions import locate
from reconciler.schemas.json_schema.content import Content, Use, is_within
from reconciler.schemas.json_schema.drafts import is_meta_schema


@dataclass(frozen=True)
class Target:
    """What one reference means: a pointer into a document. ``parsed`` None is the document that refers."""

    parsed: ParsedJson | None
    path: str


@dataclass(frozen=True)
class ParsedJson(Parsed):
    """A JSON Schema with everything that it refers to.

    ``targets`` is by the pointer of the keyword (``/properties/a/$ref``); a reference to a meta-schema has none.
    """

    targets: Mapping[str, Target] = field(default_factory=dict, repr=False)

    @property
    def content(self) -> Content:
        """The document taken apart."""
        return content_of(self.document)


def content_of(document: Document) -> Content:
    """The content of a document that this format read."""
    return cast(Content, document.content)


def make_needs(content: Content) -> tuple[Need, ...]:
    """The documents that one refers to, each once: as its ``$ref`` is written, and as resolved against its address."""
    needs: dict[str, Need] = {}
    for use in _outer_uses(content):
        alternatives = (use.address,) if use.address != use.name else ()
        needs.setdefault(use.name, Need(use.name, use.path, alternatives))
    return tuple(needs.values())


def resolve_targets(document: Document, dependencies: Mapping[str, Parsed]) -> dict[str, Target]:
    """Follow every reference of a document.

    Raises:
        SchemaError: one leads nowhere; the code is REFERENCE_MISSING.
    """
    content = content_of(document)
    targets = {use.path: _inner_target(document, use) for use in content.uses if is_within(content, use.address)}
    for use in _outer_uses(content):
        targets[use.path] = _outer_target(document, use, dependencies)
    return targets


def _outer_uses(content: Content) -> Iterator[Use]:
    for use in content.uses:
        if not is_within(content, use.address) and not is_meta_schema(use.address):
            yield use


def _inner_target(document: Document, use: Use) -> Target:
    path = content_of(document).find(use.address, use.fragment)
    if path is None:
        raise _missing(
            document,
            use,
            f"`{use.written}` leads nowhere: this schema has no `#{use.fragment}`",
            "correct the reference, or define what it names",
        )
    return Target(None, path)


def _outer_target(document: Document, use: Use, dependencies: Mapping[str, Parsed]) -> Target:
    parsed = find_dependency(use, dependencies)
    if parsed is None:
        raise _missing(
            document,
            use,
            f"`{use.name}` is not among the schema's references",
            f"add a schema whose `$id` is `{use.address}`, or reference the subject that holds it under this name",
        )
    path = parsed.content.find(use.address, use.fragment)
    if path is None:
        raise _missing(
            document,
            use,
            f"`{use.written}` leads nowhere: `{use.name}` has no `#{use.fragment}`",
            "correct the reference, or define what it names there",
        )
    return Target(parsed, path)


def find_dependency(use: Use, dependencies: Mapping[str, Parsed]) -> ParsedJson | None:
    """The dependency that a reference means: by its name as written, as resolved, or by the address that it gives
    itself; then likewise among what the dependencies refer to, since registries join them all.
    """
    name = dependency_name(use, dependencies)
    if name is not None:
        return cast(ParsedJson, dependencies[name])
    ordered = (find_dependency(use, parsed.dependencies) for parsed in dependencies.values())
    return next((found for found in ordered if found), None)


def dependency_name(use: Use, dependencies: Mapping[str, Parsed]) -> str | None:
    """The name of the dependency that a reference means, without looking into those of the dependencies."""
    for name in (use.name, use.address):
        if name in dependencies:
            return name
    of_documents = ((name, content_of(parsed.document)) for name, parsed in dependencies.items())
    return next((name for name, content in of_documents if use.address in content.resources), None)


def _missing(document: Document, use: Use, message: str, fix: str) -> SchemaError:
    line, column = locate(document.definition, use.path) or (0, 0)
    return SchemaError(message, path=use.path, line=line, column=column, fix=fix, code="REFERENCE_MISSING")
