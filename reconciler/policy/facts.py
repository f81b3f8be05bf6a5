"""The values that rules see: their types, with what each means.

These types are also what the published JSON Schema is made of (``schemafed schema policy-model``). A text that is not
there is empty, a list without entries too, a number 0, so that a rule compares without asking whether there is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field as About
from pydantic import TypeAdapter
from typing_extensions import TypedDict

VERSION = 1
"""Counts up when a rule that was right for an older model would be wrong for a newer one."""

Text = str


class Value(TypedDict):
    """One value of an enum."""

    name: Annotated[Text, About(description="As the schema writes it.")]
    words: Annotated[list[str], About(description="The words of the name, in small letters.")]
    cases: Annotated[list[str], About(description="The ways of writing that the name fits.")]
    number: Annotated[int, About(description="Protobuf: its number; elsewhere its place, from 0.")]
    doc: Annotated[Text, About(description="What its comment says (Protobuf).")]


class Field(TypedDict):
    """A field of a record, a property of an object, a field of a message."""

    name: Annotated[Text, About(description="As the schema writes it.")]
    path: Annotated[Text, About(description="Where it is, in words: `customer.email`, `items[].price`.")]
    at: Annotated[Text, About(description="Where it is, as findings and waivers say it: `/fields/2`, `Order.amount`.")]
    definition: Annotated[Text, About(description="The name of the type that has it.")]
    words: Annotated[list[str], About(description="The words of the name, in small letters.")]
    cases: Annotated[list[str], About(description="The ways of writing that the name fits.")]
    endings: Annotated[
        list[str],
        About(description="What the name ends with: `homeEMail` has `home e mail`, `e mail`, `mail`."),
    ]
    type: Annotated[
        Text,
        About(description="The type without `null`: `string`, `record`, `array`, `union`, `int32`, `message`, ..."),
    ]
    type_name: Annotated[Text, About(description="The full name of a type that has one, or what a `$ref` says.")]
    items: Annotated[Text, About(description="The type of what an array, a map or a repeated field holds.")]
    logical: Annotated[Text, About(description="Avro's logical type, JSON Schema's `format`.")]
    precision: Annotated[int, About(description="Of a decimal.")]
    scale: Annotated[int, About(description="Of a decimal.")]
    doc: Annotated[Text, About(description="Its documentation: `doc`, `description`, the comment above it.")]
    tags: Annotated[list[str], About(description="Tags by the sidecar or the schema, of what holds it too.")]
    aliases: Annotated[list[str], About(description="Other names that it goes by (Avro).")]
    is_nullable: Annotated[bool, About(description="Whether null is one of its values.")]
    is_required: Annotated[bool, About(description="Whether a writer must give it: no default, `required`.")]
    is_repeated: Annotated[bool, About(description="Whether it holds several values.")]
    is_deprecated: Annotated[bool, About(description="Whether it says of itself that it is deprecated.")]
    has_default: Annotated[bool, About(description="Whether it has a default of its own.")]
    default: Annotated[Text, About(description="The default as JSON.")]
    samples: Annotated[list[str], About(description="Default, examples, constants: values that the schema shows.")]
    number: Annotated[int, About(description="Protobuf: its number.")]
    depth: Annotated[int, About(description="How deep it is; 1 is outermost.")]
    options: Annotated[
        Mapping[str, str], About(description="Everything else that it says, as text: constraints, options, properties.")
    ]


class Definition(TypedDict):
    """A type that a schema defines: record, enum, fixed, object, message, oneof, service."""

    name: Annotated[Text, About(description="Without its namespace.")]
    full_name: Annotated[Text, About(description="With its namespace.")]
    kind: Annotated[Text, About(description="record, enum, fixed, object, message, oneof, service or rpc.")]
    path: Annotated[Text, About(description="Where it is, in words; `$` is the outermost.")]
    at: Annotated[Text, About(description="Where it is, as findings and waivers say it.")]
    namespace: Annotated[Text, About(description="Its namespace or package.")]
    words: Annotated[list[str], About(description="The words of the name, in small letters.")]
    cases: Annotated[list[str], About(description="The ways of writing that the name fits.")]
    doc: Annotated[Text, About(description="Its documentation.")]
    aliases: Annotated[list[str], About(description="Other names that it goes by (Avro).")]
    values: Annotated[list[Value], About(description="Of an enum.")]
    fields: Annotated[list[str], About(description="The names of its fields, in their order.")]
    alike: Annotated[list[str], About(description="The names of fields that differ only in how they are written.")]
    required: Annotated[list[str], About(description="The names of its fields that must be given.")]
    default: Annotated[Text, About(description="Of an enum (Avro).")]
    additional: Annotated[
        Text,
        About(description="JSON Schema, of other properties: `true`, `false`, `schema`; empty where nothing is said."),
    ]
    reserved: Annotated[list[str], About(description="Protobuf: names and numbers that may not be used again.")]
    is_outermost: Annotated[bool, About(description="Whether it is the schema's own type.")]
    is_deprecated: Annotated[bool, About(description="Whether it says of itself that it is deprecated.")]
    options: Annotated[Mapping[str, str], About(description="Everything else that it says, as text.")]


class Schema(TypedDict):
    """What a subject's text says."""

    format: Annotated[Text, About(description="AVRO, JSON or PROTOBUF.")]
    dialect: Annotated[Text, About(description="`proto3`, a JSON Schema's `$schema`; empty for Avro.")]
    name: Annotated[Text, About(description="The name of its outermost type.")]
    namespace: Annotated[Text, About(description="Its namespace or package.")]
    doc: Annotated[Text, About(description="The documentation of its outermost type, or of the file.")]
    size: Annotated[int, About(description="Bytes of the text as it is registered.")]
    depth: Annotated[int, About(description="The depth of its deepest field.")]
    documented: Annotated[int, About(description="How many of its fields have documentation.")]
    fields: Annotated[list[Field], About(description="Every field of its own text, outer before inner.")]
    definitions: Annotated[list[Definition], About(description="Every type that its own text defines.")]
    needs: Annotated[list[str], About(description="Names, imports and `$ref`s that other texts have.")]
    options: Annotated[Mapping[str, str], About(description="Everything else on the outermost level, as text.")]


class Reference(TypedDict):
    """A subject's use of another subject."""

    name: Annotated[Text, About(description="What the text says.")]
    subject: Annotated[Text, About(description="The subject that it means.")]
    version: Annotated[int, About(description="The pinned version; 0 follows the repository.")]
    is_pinned: Annotated[bool, About(description="Whether a version is pinned.")]
    owner: Annotated[Text, About(description="Who answers for the other subject.")]
    tags: Annotated[list[str], About(description="The other subject's tags.")]
    mode: Annotated[Text, About(description="The mode that the other subject is judged by.")]
    metadata: Annotated[Mapping[str, str], About(description="The other subject's metadata properties.")]
    folder: Annotated[Text, About(description="The folder of the other subject's file.")]


class Metadata(TypedDict):
    """What a sidecar says for a registry to store beside the schema."""

    properties: Annotated[Mapping[str, str], About(description="Free properties.")]
    tags: Annotated[Mapping[str, list[str]], About(description="Tags by the path of what they tag.")]
    sensitive: Annotated[list[str], About(description="Names of properties whose values are sensitive.")]


class Waiver(TypedDict):
    """A break that Git lets through."""

    code: Text
    path: Text
    reason: Text
    approver: Text
    until: Annotated[Text, About(description="The last day that it holds, as YYYY-MM-DD.")]


class Subject(TypedDict):
    """A subject as Git declares it."""

    name: Text
    words: Annotated[list[str], About(description="The words of the name, in small letters.")]
    cases: Annotated[list[str], About(description="The ways of writing that the name fits.")]
    file: Annotated[Text, About(description="The schema's file, from the repository's root.")]
    folder: Annotated[Text, About(description="The folder of that file.")]
    stem: Annotated[Text, About(description="The file's name without its ending.")]
    owner: Annotated[Text, About(description="Who answers for it.")]
    code_owners: Annotated[list[str], About(description="Whom CODEOWNERS names for the file.")]
    has_code_owners_file: Annotated[bool, About(description="Whether the repository has a CODEOWNERS file.")]
    tags: list[str]
    registries: Annotated[list[str], About(description="The registries that get it in this environment.")]
    kinds: Annotated[list[str], About(description="The kinds of these registries: `confluent`, `glue`, ...")]
    names: Annotated[Mapping[str, str], About(description="Its name in each of these registries.")]
    mode: Annotated[Text, About(description="The declared mode; empty where the registry's level holds.")]
    judged_mode: Annotated[Text, About(description="The mode that it is judged by: declared, or noted, or BACKWARD.")]
    is_managed: Annotated[bool, About(description="Whether schemafed writes it.")]
    metadata: Metadata
    references: list[Reference]
    referrers: Annotated[list[str], About(description="The subjects that refer to it.")]
    waivers: list[Waiver]


class FieldChange(TypedDict):
    """What a change does to one field; `before` and `after` are null where there is none."""

    kind: Annotated[Text, About(description="added, removed or changed.")]
    path: Text
    at: Text
    before: Field | None
    after: Field | None


class DefinitionChange(TypedDict):
    """What a change does to one type; `before` and `after` are null where there is none."""

    kind: Annotated[Text, About(description="added, removed or changed.")]
    path: Text
    at: Text
    before: Definition | None
    after: Definition | None
    values_added: list[str]
    values_removed: list[str]


class Break(TypedDict):
    """One thing by which old and new cannot read each other's data, whatever the subject's mode."""

    code: Annotated[Text, About(description="As compatibility rules call it, such as FIELD_REMOVED.")]
    direction: Annotated[
        Text, About(description="BACKWARD: the new schema cannot read old data; FORWARD: the old one new data.")
    ]
    at: Text
    path: Text
    message: Text


class Change(TypedDict):
    """What a change of the repository does to one subject."""

    kind: Annotated[Text, About(description="added, changed, renamed or dropped.")]
    registry: Annotated[Text, About(description="In a plan, the registry that is changed; in a check, empty.")]
    mode_before: Annotated[Text, About(description="The mode that it was judged by before; empty where it is new.")]
    mode_after: Annotated[Text, About(description="The mode that it is judged by from now on.")]
    is_loosened: Annotated[bool, About(description="Whether the mode lets through what it did not before.")]
    is_text_changed: Annotated[bool, About(description="Whether the schema's text is another one.")]
    before: Annotated[Schema | None, About(description="The schema before; null where it is new.")]
    fields: list[FieldChange]
    definitions: list[DefinitionChange]
    breaks: Annotated[list[Break], About(description="What breaks in either direction, judged as under FULL.")]


class Registry(TypedDict):
    """A registry of the environment."""

    name: Text
    kind: Text
    level: Annotated[Text, About(description="The registry's own mode, where one is declared.")]
    subjects: Annotated[list[str], About(description="The subjects that it gets.")]


class Repository(TypedDict):
    """The whole repository."""

    subjects: Annotated[list[str], About(description="The names of all subjects.")]
    owners: Annotated[list[str], About(description="Everyone who answers for one.")]
    registries: Annotated[list[str], About(description="The registries of the environment.")]
    has_code_owners_file: bool


class Values(TypedDict):
    """The variables of rules. Which of them there are depends on the scope."""

    environment: Annotated[Text, About(description="The environment's name.")]
    today: Annotated[Text, About(description="The date, as YYYY-MM-DD.")]
    params: Annotated[Mapping[str, Any], About(description="The parameters of the rule's pack.")]
    subject: Subject
    schema: Schema
    field: Field
    definition: Definition
    reference: Reference
    change: Change
    registry: Registry
    repository: Repository
    item: Annotated[Any, About(description="An entry of the list that the rule's `each` names.")]


def make_json_schema() -> dict[str, Any]:
    """The JSON Schema of everything that rules see."""
    return TypeAdapter(Values).json_schema()


KEYS: Mapping[str, frozenset[str]] = {
    variable: frozenset(kind.__annotations__)
    for variable, kind in (
        ("subject", Subject),
        ("schema", Schema),
        ("field", Field),
        ("definition", Definition),
        ("reference", Reference),
        ("change", Change),
        ("registry", Registry),
        ("repository", Repository),
    )
}
"""By variable, the keys that it has."""
