"""Protobuf (proto2, proto3, editions), through Google's compiler, as a :class:`reconciler.schemas.Language`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, cast

from reconciler.errors import SchemaError
from reconciler.model import Dialect, Format
from reconciler.schemas import Document, Need, Outline, Parsed
from reconciler.schemas.json_positions import place, raise_if_not_text
from reconciler.schemas.protobuf.built_in import BUILT_IN
from reconciler.schemas.protobuf.canonical import render
from reconciler.schemas.protobuf.compiler import OUR_FILES, SCHEMA_FILE, WELL_KNOWN, load_descriptors, raise_if_rejected
from reconciler.schemas.protobuf.outline import make_outline
from reconciler.schemas.protobuf.positions import locate_path
from reconciler.schemas.protobuf.readable import find_undefined, is_grammatical
from reconciler.schemas.protobuf.scan import Scanned, Statement, is_closed, take_apart, walk
from reconciler.schemas.protobuf.types import File, Types, make_file, with_well_known
from reconciler.schemas.protobuf.writing import write_file

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

__all__ = [
    "ParsedProtobuf",
    "bundle",
    "canonical",
    "locate",
    "outline",
    "parse",
    "pretty",
    "read",
    "scanned_of",
    "statements_of",
    "with_versions",
]

MAX_SIZE = 2_000_000
"""Characters that are read. Registries keep schemas as messages, which brokers limit to a million bytes."""

MAX_TYPES = 20_000
"""Messages, enums, maps and services of one file that are read: the compiler's time grows with the square of them."""

_TYPES = frozenset({"message", "enum", "group", "service"})
_SHORTEST = 10  # characters of a declaration

_KEEPS_COMMENTS = frozenset({Dialect.KARAPACE})


@dataclass(frozen=True)
class ParsedProtobuf(Parsed):
    """A Protobuf file with everything that it imports, as registries read it.

    ``versions`` tells by import name which version of a subject an import is, as far as that is known: equal ones need
    no comparison. ``may_use_all``: it uses what it should have imported, as registries let a file.
    """

    versions: Mapping[str, tuple[str, int | str]] = field(default_factory=dict)
    may_use_all: bool = False

    @cached_property
    def _compiled(self) -> bool | SchemaError:
        """Whether the compiler has warnings, or what it has against the file; asked when somebody wants to know."""
        try:
            return _compile(self.document, self.dependencies)
        except SchemaError as error:
            return error

    @property
    def violation(self) -> SchemaError | None:
        """What the compiler has against the file, where registries read it nevertheless."""
        return self._compiled if isinstance(self._compiled, SchemaError) else None

    @cached_property
    def descriptors(self) -> FileDescriptorSet:
        """The descriptors of the file and of all that it imports, imported ones first.

        Raises:
            SchemaError: the file's violation.
        """
        if self.violation:
            raise self.violation
        return load_descriptors(
            self.document.definition,
            texts_of(self.document, self.dependencies),
            has_warnings=self._compiled is True,
        )

    @property
    def descriptor(self) -> FileDescriptorProto:
        """The descriptor of the file itself, names resolved, with source positions."""
        return next(file for file in self.descriptors.file if file.name == SCHEMA_FILE)

    @property
    def own_descriptors(self) -> tuple[FileDescriptorProto, tuple[FileDescriptorProto, ...]]:
        """The file's descriptor, and those of all that it imports, each after what it imports itself."""
        imports = tuple(file for file in self.descriptors.file if file.name not in OUR_FILES)
        return self.descriptor, imports

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The file as it is written."""
        return statements_of(self.document)

    @cached_property
    def file(self) -> File:
        """What the file declares."""
        return make_file(self.document.definition, self.statements)

    @cached_property
    def types(self) -> Types:
        """What the file and everything that it imports declare; of two imports that share a name the nearer counts."""
        imported = {name: cast(ParsedProtobuf, each).file for name, each in _closure(self.dependencies).items()}
        return Types(self.file, with_well_known(self.file, imported, all_of_them=self.may_use_all), self.versions)


def statements_of(document: Document) -> tuple[Statement, ...]:
    """The statements of a document that this format read."""
    return scanned_of(document).statements


def scanned_of(document: Document) -> Scanned:
    """A document that this format read, taken apart."""
    return cast(Scanned, document.content)


def read(definition: str) -> Document:
    """Read one file on its own: what it declares and imports. Whether it is right, :func:`parse` tells.

    Raises:
        SchemaError: it is empty, too big, declares too much, no text, or nested without end.
    """
    raise_if_not_text(definition)
    if len(definition) > MAX_SIZE:
        raise SchemaError(
            f"a Protobuf file of {len(definition)} characters, where {MAX_SIZE} are read",
            line=1,
            column=1,
            fix="split it into files that import each other",
        )
    scanned = take_apart(definition)
    statements = scanned.statements
    if not statements:
        raise SchemaError(
            "the text declares nothing", line=1, column=1, fix="write a schema into it, or remove the file"
        )
    if len(definition) > MAX_TYPES * _SHORTEST:
        _raise_if_too_many(statements)
    package = next((s.name for s in statements if s.kind == "package"), "")
    names = list(_type_names(statements))
    return Document(
        Format.PROTOBUF,
        definition,
        tuple(f"{package}.{name}" if package else name for name in sorted(names, key=lambda name: name.count("."))),
        tuple(_needs(statements)),
        names[0] if names else "",
        package,
        scanned,
    )


def parse(document: Document, dependencies: Mapping[str, Parsed]) -> ParsedProtobuf:
    """Join a file with what it imports, as registries read it.

    The compiler is asked only where that fails, and by whoever asks for the ``violation``: it takes five times as long,
    and what it takes, registries take.

    Raises:
        SchemaError: an import is not among the dependencies (REFERENCE_MISSING) and a type of it is used, or what the
            compiler says and registries do too.
    """
    parsed = ParsedProtobuf(document, dependencies)
    is_right = is_grammatical(document.definition, scanned_of(document))
    if is_right and find_undefined(parsed.statements, parsed.types) is None:
        return parsed
    violation = parsed.violation
    if violation is None:
        return parsed
    if not is_right:
        raise violation
    parsed = replace(parsed, may_use_all=True)
    undefined = find_undefined(parsed.statements, parsed.types)
    if undefined is None:
        return parsed
    if violation.code == "REFERENCE_MISSING" or f'"{undefined[1]}"' in violation.message:
        raise violation
    raise _undefined_type(document, *undefined) from violation


def _undefined_type(document: Document, statement: Statement, name: str) -> SchemaError:
    line, column = place(document.definition, statement.offset)
    return SchemaError(
        f"`{name}` is declared neither here nor in what is imported",
        line=line,
        column=column,
        fix="declare the message or enum, or import the file that does",
    )


def _compile(document: Document, dependencies: Mapping[str, Parsed]) -> bool:
    """Let the compiler see a file; whether it has warnings.

    Raises:
        SchemaError: an import is not among the dependencies (REFERENCE_MISSING), or what the compiler says.
    """
    texts = texts_of(document, dependencies)
    for need in document.needs:
        if need.name not in texts:
            raise _missing_import(document, need)
    try:
        return raise_if_rejected(document.definition, texts)
    except SchemaError as error:
        raise _placed(document, error) from error


def with_versions(parsed: Parsed, versions: Mapping[str, tuple[str, int | str]]) -> ParsedProtobuf:
    """The same file, with what is known of its imports: by name, the subject and the number of the version."""
    return replace(cast(ParsedProtobuf, parsed), versions=versions)


def texts_of(document: Document, dependencies: Mapping[str, Parsed]) -> dict[str, str]:
    """The texts of everything that is imported by name, those of built-in files that nobody else has included; of two
    that share a name the nearer one counts.
    """
    found = _closure(dependencies)
    needs = (need for each in (document, *(parsed.document for parsed in found.values())) for need in each.needs)
    missing = (need.name for need in needs if need.is_built_in and need.name not in found)
    return {name: BUILT_IN[name] for name in missing} | {name: p.document.definition for name, p in found.items()}


def _closure(dependencies: Mapping[str, Parsed]) -> dict[str, Parsed]:
    """Dependencies and theirs, nearer ones first, each name once however many ways lead to it."""
    found: dict[str, Parsed] = {}
    waiting = [dependencies]
    for some in waiting:
        new = {name: parsed for name, parsed in some.items() if name not in found}
        found |= new
        waiting += [parsed.dependencies for parsed in new.values()]
    return found


def canonical(parsed: Parsed, dialect: Dialect) -> str:
    """Write the file without layout, and without comments but for Karapace, to which a comment is a new version.

    PULSAR keeps descriptors: the same declarations are the same schema, however their types are written, and the first
    message is the one that counts. What the compiler refuses has none, and is written as elsewhere.
    """
    if dialect is Dialect.PULSAR and not (file := cast(ParsedProtobuf, parsed)).violation:
        return write_file(*file.own_descriptors, is_sorted=True)
    return render(statements_of(parsed.document), comments=dialect in _KEEPS_COMMENTS)


def outline(parsed: Parsed) -> Outline:
    """List messages, fields, enums, values, oneofs and services by dotted path, with types as they are written."""
    return make_outline(statements_of(parsed.document))


def locate(definition: str, path: str) -> tuple[int, int] | None:
    """Find the line and column of ``Order.amount`` or ``#/Order/3``; see :func:`locate_path`."""
    try:
        return locate_path(definition, path)
    except SchemaError as error:
        return error.line, error.column


def pretty(definition: str) -> str:
    """Normalise line ends, white space at ends of lines and the end of the text; the rest is the author's."""
    lines = (line.rstrip(" \t") for line in definition.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return "\n".join(lines).strip("\n") + "\n"


def bundle(parsed: Parsed, names: frozenset[str]) -> str:
    """Refuse to inline imports; without any to inline, the text as it is.

    Raises:
        SchemaError: ``names`` is not empty. A message belongs to the package of its file, which one file cannot have
            two of.
    """
    if not names:
        return parsed.document.definition
    imported = ", ".join(f"`{name}`" for name in sorted(names))
    raise SchemaError(
        f"Protobuf imports cannot be put into the file that imports them: {imported}",
        fix="register the imported files as subjects where references are possible, or declare the messages here",
    )


def _raise_if_too_many(statements: tuple[Statement, ...]) -> None:
    count = sum(each.kind in _TYPES or each.texts[0] == "map" for _, each in walk(statements))
    if count > MAX_TYPES:
        raise SchemaError(
            f"a Protobuf file of {count} messages, enums, maps and services, where {MAX_TYPES} are read",
            line=1,
            column=1,
            fix="split it into files that import each other",
        )


def _type_names(statements: tuple[Statement, ...], scope: str = "") -> Iterator[str]:
    """Messages and enums, outer before inner."""
    for statement in statements:
        is_type = statement.kind in ("message", "enum")
        if is_type or statement.body:
            name = f"{scope}.{statement.name}" if scope else statement.name
            if is_type:
                yield name
            yield from _type_names(statement.body or (), name)


def _needs(statements: tuple[Statement, ...]) -> Iterator[Need]:
    imports = (s for s in statements if s.kind == "import" and is_closed(s.texts[-1]))
    names = dict.fromkeys(statement.name for statement in imports)
    return (Need(name, f"import {name}", is_built_in=name in BUILT_IN) for name in names if name not in WELL_KNOWN)


def _missing_import(document: Document, need: Need) -> SchemaError:
    line, column = locate(document.definition, need.path) or (0, 0)
    return SchemaError(
        f'import "{need.name}" is not among the schema\'s references',
        path=need.path,
        line=line,
        column=column,
        fix="add the file under this path, or reference the subject that holds it under this name",
        code="REFERENCE_MISSING",
    )


def _placed(document: Document, error: SchemaError) -> SchemaError:
    """Errors of an import stand at its import statement, the others at their path."""
    if error.line or error.path is None:
        return error
    line, column = locate(document.definition, error.path) or (0, 0)
    return SchemaError(error.message, path=error.path, line=line, column=column, fix=error.fix, code=error.code)
