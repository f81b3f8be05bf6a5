"""An Avro schema together with the definitions of everything that it uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast

from reconciler.errors import SchemaError
from reconciler.schemas import Document, Need, Parsed
from reconciler.schemas.avro.defaults import UnknownNameError, definition_namespace
from reconciler.schemas.avro.field_defaults import DefaultFlaw, FieldDefault, find_default_flaw
from reconciler.schemas.avro.flaws import make_flaw
from reconciler.schemas.avro.moving import are_same, without_definitions
from reconciler.schemas.avro.names import split_name, suggest_type
from reconciler.schemas.avro.nodes import Node, make_node
from reconciler.schemas.avro.reading import Reading, ReadText, read_text

Definitions = Mapping[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Content:
    """What reading a text leaves behind: its canonical form, and defaults that wait for the types of other texts, or
    that are not of their types.
    """

    canonical: str
    pending: tuple[FieldDefault, ...] = ()
    unfit: SchemaError | None = None

    def __reduce__(self) -> tuple[type[Content], tuple[object, ...]]:
        # As for documents.
        return Content, (self.canonical, self.pending, self.unfit)


@dataclass(frozen=True)
class AvroSchema(Parsed):
    """An Avro schema that can be compared; its JSON and its prepared forms are made when first asked for.

    ``late_violation`` is what is found once the other texts are there; ``late_unfit`` the first default that is not of
    its type and whose type another text defines.
    """

    late_violation: SchemaError | None = None
    late_unfit: SchemaError | None = None

    @property
    def violation(self) -> SchemaError | None:
        """What the specification forbids of the schema together with what it refers to."""
        return self.late_violation

    @property
    def content(self) -> Content:
        """What reading left behind."""
        return cast(Content, self.document.content)

    @cached_property
    def _text(self) -> ReadText:
        return read_text(self.document.definition)

    @property
    def json(self) -> object:
        """The text as JSON values."""
        return self._text.json

    @cached_property
    def definitions(self) -> Definitions:
        """Every named type that this text or one of its dependencies defines, by full name."""
        if not self.dependencies:
            return self._text.defined
        merged: dict[str, dict[str, Any]] = {}
        for schema in reversed(_reachable(self)):  # the own text last, so that it wins
            merged.update(schema._text.defined)
        return merged

    @cached_property
    def origins(self) -> Mapping[str, str]:
        """For every name that can be used here, the text that defines it."""
        found = {name: text for d in self.dependencies.values() for name, text in cast(AvroSchema, d).origins.items()}
        return found | dict.fromkeys(self.document.defines, self.document.definition)

    @property
    def unfit(self) -> SchemaError | None:
        """The first default that is not of its type, in the text or in what it refers to."""
        return next((error for schema in _reachable(self) if (error := schema._own_unfit())), None)

    def _own_unfit(self) -> SchemaError | None:
        return self.content.unfit or self.late_unfit

    @cached_property
    def has_field_aliases(self) -> bool:
        """Whether any field has an alias."""
        records = (raw for raw in self.definitions.values() if raw["type"] in ("record", "error"))
        return any("aliases" in field for record in records for field in record["fields"])

    @cached_property
    def node(self) -> Node:
        """The form that compatibility is judged on."""
        return make_node(self.json, self.definitions)


def _reachable(schema: AvroSchema) -> list[AvroSchema]:
    """A schema and all that it depends on, each once, the schema first; without recursion, as chains may be long."""
    found = {id(schema): schema}
    queue = [schema]
    while queue:
        for dependency in queue.pop().dependencies.values():
            if id(dependency) not in found:
                found[id(dependency)] = cast(AvroSchema, dependency)
                queue.append(cast(AvroSchema, dependency))
    return list(found.values())


def find_definitions(raw: object, namespace: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every named type in a valid schema's JSON with its full name, outermost first."""
    if isinstance(raw, list):
        for branch in raw:
            yield from find_definitions(branch, namespace)
    if not isinstance(raw, dict):
        return
    if raw["type"] in ("record", "error", "enum", "fixed"):
        namespace = definition_namespace(raw, namespace)
        name = split_name(raw["name"])[1]
        yield (f"{namespace}.{name}" if namespace else name), raw
    if raw["type"] in ("record", "error"):
        for field in raw["fields"]:
            yield from find_definitions(field["type"], namespace)
    elif raw["type"] in ("array", "map"):
        yield from find_definitions(raw["items" if raw["type"] == "array" else "values"], namespace)


def parse(document: Document, dependencies: Mapping[str, Parsed]) -> AvroSchema:
    """Join a text with what it needs; see :meth:`reconciler.schemas.Language.parse`.

    Raises:
        SchemaError: a name is defined nowhere (REFERENCE_MISSING), or twice and not alike.
    """
    schema = AvroSchema(document, dependencies)
    if not (dependencies or document.needs or schema.content.pending):
        return schema
    for name, dependency in dependencies.items():
        if not isinstance(dependency, AvroSchema):
            raise SchemaError(
                f"the reference `{name}` is {dependency.document.format}, and Avro can only use Avro",
                fix="refer to an Avro schema",
                code="REFERENCE_INVALID",
            )
    _raise_if_references_differ(schema)
    schema = _without_repeated(schema)
    for need in document.needs:
        if not any(name in schema.origins for name in (need.name, *need.alternatives)):
            raise _undefined(schema, need)
    flaws = list(_find_late_flaws(schema))
    unfit = next((flaw.error for flaw in flaws if not flaw.is_taken), None)
    return replace(schema, late_violation=next((flaw.error for flaw in flaws), None), late_unfit=unfit)


def _find_late_flaws(schema: AvroSchema) -> Iterator[DefaultFlaw]:
    try:
        for default in schema.content.pending:
            if flaw := find_default_flaw(schema.document.definition, default, schema.definitions):
                yield flaw
    except UnknownNameError as error:  # every need is there, so only a dependency can be at fault
        raise SchemaError(f"`{error}` is defined by none of the references", code="REFERENCE_MISSING") from error


def _raise_if_references_differ(schema: AvroSchema) -> None:
    seen: dict[str, tuple[str, str]] = {}
    for reference, dependency in schema.dependencies.items():
        for name, text in cast(AvroSchema, dependency).origins.items():
            other = seen.setdefault(name, (reference, text))
            if other[1] != text and read_text(other[1]).canonical != read_text(text).canonical:
                raise make_flaw(
                    schema.document.definition,
                    "",
                    f"`{name}` is defined by two references, `{other[0]}` and `{reference}`",
                    "define it in one schema that both refer to",
                )


def _without_repeated(schema: AvroSchema) -> AvroSchema:
    """Take out definitions that a dependency has too.

    Confluent's registry writes a type inline that is only *nested* in a reference (the library tells referenced types
    by the outermost name), so such a text means the one that was posted. Any other repetition is an error.
    """
    document = schema.document
    provided = {name: d for d in schema.dependencies.values() for name in cast(AvroSchema, d).origins}
    repeated = [name for name in document.defines if name in provided]
    if not repeated:
        return schema
    own = dict(find_definitions(schema.json, ""))
    for name in repeated:
        if name in schema.dependencies or not are_same(
            name, own[name], cast(AvroSchema, provided[name]).definitions[name]
        ):
            raise make_flaw(
                document.definition,
                find_path(schema.json, name),
                f"`{name}` is defined here, and by a reference too",
                f'use "{name}" here, or give this type another name',
            )
    reading = Reading(document.definition)
    text = reading.schema(without_definitions(schema.json, "", frozenset(repeated)), "", ())
    content = Content(text, tuple(reading.pending), reading.unfit)
    defines = tuple(name for name in document.defines if name not in repeated)
    return AvroSchema(replace(document, defines=defines, content=content), schema.dependencies)


def find_path(raw: object, name: str) -> str:
    """The pointer of the definition of a name in a valid schema's JSON; the root where it has none."""
    return next((path for full, path in _definition_paths(raw, "", "") if full == name), "")


def _definition_paths(raw: object, namespace: str, path: str) -> Iterator[tuple[str, str]]:
    for full, definition in find_definitions(raw, namespace):
        yield full, _path_of(raw, definition, path) or path


def _path_of(raw: object, wanted: dict[str, Any], path: str) -> str | None:
    if raw is wanted:
        return path
    members = raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ()
    found = (_path_of(value, wanted, f"{path}/{key}") for key, value in members)
    return next((path for path in found if path is not None), None)


def _undefined(schema: AvroSchema, need: Need) -> SchemaError:
    names = " and no ".join(f"`{name}`" for name in (need.name, *need.alternatives))
    return make_flaw(
        schema.document.definition,
        need.path,
        f"there is no {names}: neither this schema nor what it refers to defines it",
        suggest_type(need.name, schema.origins) or "define it in a schema of its own, or correct the name",
        code="REFERENCE_MISSING",
    )
