"""Schemas in files that are named on the command line, in a repository or not, with what they refer to."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import NoReturn

from reconciler.documents import MAX_BYTES
from reconciler.errors import SchemaError, SchemafedError, UsageError
from reconciler.manifest import FORMATS
from reconciler.model import Finding, Format, Reference, Schema
from reconciler.repository.references import Tree, resolve_uses
from reconciler.repository.sources import (
    FORMAT_BY_ENDING,
    ReadSchema,
    SchemaFile,
    decode_schema,
    format_of,
    make_schema_finding,
    make_unreadable,
)
from reconciler.repository.walk import SourceFile
from reconciler.schemas import Need, Parsed, raise_if_unfit
from reconciler.schemas.resolved import SchemaSet

Lookup = Callable[[ReadSchema, Need], Reference | None]
"""Finds what a name means that no file given for it has; the reference carries a version."""


def read_schema_file(path: Path | str, schema_format: Format | None = None) -> ReadSchema:
    """Read one file on its own.

    Args:
        path: relative to the present folder, or absolute.
        schema_format: None to tell it by the file's ending.

    Raises:
        UsageError: the ending does not tell the format.
        SchemafedError: the file cannot be read, or holds no schema; with file, line and column.
    """
    name = _normalize(path)
    file = make_schema_file(name, schema_format)
    try:
        with Path(path).open("rb") as stream:  # whole reads: it may be a pipe, as a shell's `<(...)` is
            raw = stream.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise_unusable(make_unreadable(name, error), "correct the path; it counts from the present folder")
    except OSError as error:
        raise_unusable(make_unreadable(name, error), "name a file that can be read")
    return read_bytes(file, raw)


def make_schema_file(name: str, schema_format: Format | None) -> SchemaFile:
    """A file by its name for messages; its format is the given one, or told by the ending.

    Raises:
        UsageError: the ending does not tell the format.
    """
    told = schema_format or format_of(name)
    if told is None:
        raise UsageError(
            f"the name {name} does not tell the format",
            fix=f"say --format {', '.join(FORMATS)}; endings that tell it: {', '.join(FORMAT_BY_ENDING)}",
        )
    return SchemaFile(SourceFile(name, ""), told, PurePath(name).stem)


def read_bytes(file: SchemaFile, raw: bytes) -> ReadSchema:
    """Read a text that is there already.

    Raises:
        SchemafedError: it is no schema; with file, line and column.
    """
    read, finding = decode_schema(file, raw)
    if finding:
        raise_unusable(finding)
    assert isinstance(read, ReadSchema)
    return read


def raise_unusable(finding: Finding, fix: str | None = None) -> NoReturn:
    """Stop because of what is wrong with one file.

    Raises:
        SchemafedError: with the finding's place and words.
    """
    raise SchemafedError(f"{finding.location}: {finding.message}", fix=fix or finding.fix)


def _normalize(path: PurePath | str) -> str:
    """One spelling for a path, however it was written: relative within the present folder, else absolute."""
    absolute, here = os.path.abspath(path), Path.cwd()  # noqa: PTH100 - links are not to be followed
    return PurePath(os.path.relpath(absolute) if PurePath(absolute).is_relative_to(here) else absolute).as_posix()


@dataclass(frozen=True)
class ReferenceFiles:
    """Files that others refer to: by a name that was given for them, or by what they define and where they are."""

    named: Mapping[str, ReadSchema]
    others: Mapping[str, ReadSchema]


def read_references(options: Iterable[str], schema_format: Format | None) -> ReferenceFiles:
    """Read the files of ``--reference [NAME=]FILE``.

    Raises:
        UsageError: a name is given twice.
        SchemafedError: a file cannot be read.
    """
    named: dict[str, ReadSchema] = {}
    others: dict[str, ReadSchema] = {}
    for option in options:
        # Names may be addresses with `=` in them, and so may files that exist.
        name, equals, file = ("", "", option) if _is_file(option) else option.rpartition("=")
        read = read_schema_file(file, schema_format)
        if not equals:
            others[read.path] = read
        elif name in named:
            raise UsageError(f"--reference names `{name}` twice", fix="give each name one file")
        else:
            named[name] = read
    return ReferenceFiles(named, others)


class LinkedFiles:
    """Joins texts of files with what they refer to.

    A name means, in this order: the file that ``--reference`` gives for it; one of the others by the repository's
    rules; what ``lookup`` says; a file beside the text that uses it.

    Args:
        references: the files given for it.
        apart: files that are never taken for what another refers to.
        lookup: asked where no file was given; what it finds is resolved by ``find``.
        find: the schema of a reference that ``lookup`` found.
    """

    def __init__(
        self,
        references: ReferenceFiles,
        apart: Sequence[ReadSchema],
        lookup: Lookup = lambda read, need: None,
        find: Callable[[Reference], Schema | None] = lambda reference: None,
    ) -> None:
        self._named = references.named
        self._others = _make_tree(references.others.values())
        self._apart = frozenset(read.path for read in apart)
        self._lookup = lookup
        self._find_elsewhere = find
        self._reads = {read.path: read for read in (*references.named.values(), *references.others.values())}
        self._schemas = SchemaSet(self._find)
        self._known: dict[str, Schema] = {}
        self._siblings: dict[tuple[str, Format], Tree] = {}

    def parsed(self, read: ReadSchema, *, is_new: bool = False) -> Parsed:
        """Parse a text with what it refers to.

        Args:
            read: the text.
            is_new: refuse what registries hold among their old versions only.

        Raises:
            SchemafedError: it, or what it refers to, is invalid or missing; with file, line and column.
        """
        return self._parsed(read, (), is_new)

    def _parsed(self, read: ReadSchema, users: tuple[str, ...], is_new: bool) -> Parsed:
        schema = self._schema(read)
        for reference in schema.references:
            # What is wrong in a referenced file is told there; a circle is told below, by the schema that closes it.
            if reference.version is None and reference.subject not in (*users, read.path):
                self._parsed(self._reads[reference.subject], (*users, read.path), is_new)
        try:
            parsed = self._schemas.prepare(schema, read.document)
            if is_new:
                raise_if_unfit(parsed)
        except SchemaError as error:
            raise_unusable(_place(read, error))
        return parsed

    def _find(self, reference: Reference) -> Schema | None:
        if reference.version is not None:
            return self._find_elsewhere(reference)
        return self._schema(self._reads[reference.subject])

    def _schema(self, read: ReadSchema) -> Schema:
        if read.path not in self._known:
            found = dict.fromkeys(self._resolve(read, need) for need in read.document.needs)
            references = tuple(reference for reference in found if reference)
            self._known[read.path] = Schema(read.format, read.document.definition, references)
        return self._known[read.path]

    def _resolve(self, read: ReadSchema, need: Need) -> Reference | None:
        """What a name means; None where it is built in and nothing else has it."""
        for name in (need.name, *need.alternatives):
            if name in self._named:
                return Reference(need.name, self._named[name].path)
        reference = self._by_rule(self._others, read, need) or self._lookup(read, need) or self._beside(read, need)
        if reference is None and not need.is_built_in:
            missing = resolve_uses(self._others, _with_need(read, need), None)[1][0]
            near = missing.fix if missing.fix and missing.fix.startswith("did you mean") else None
            raise_unusable(missing, near or f"name the file that has it: --reference [{need.name}=]FILE")
        return reference

    def _by_rule(self, tree: Tree, read: ReadSchema, need: Need) -> Reference | None:
        """What a name means among some files, by the rules of a repository."""
        uses, findings = resolve_uses(tree, _with_need(read, need), None)
        ambiguous = next((f for f in findings if f.code == "AMBIGUOUS_REFERENCE"), None)
        if ambiguous:
            raise_unusable(ambiguous, f"say which: --reference {need.name}=FILE")
        return Reference(need.name, uses[0].target) if uses else None

    def _beside(self, read: ReadSchema, need: Need) -> Reference | None:
        folder = PurePath(read.path).parent
        # A relative path may lead elsewhere: a `$ref` from the folder, an import from it or one of those above it.
        above = (folder, *folder.parents) if read.format is Format.PROTOBUF else (folder,)
        pointed = (_normalize(at / need.name) for at in above if read.format is not Format.AVRO)
        path = next((p for p in pointed if p != read.path and _is_file(p)), None)
        if path and not need.name.startswith("/"):
            self._reads.setdefault(path, read_schema_file(path, read.format))
            return Reference(need.name, path)
        return self._by_rule(self._neighbours(folder, read.format), read, need)

    def _neighbours(self, folder: PurePath, schema_format: Format) -> Tree:
        """The schemas of a folder; files that are none are passed over."""
        key = (str(folder), schema_format)
        if key not in self._siblings:
            endings = tuple(ending for ending, f in FORMAT_BY_ENDING.items() if f is schema_format)
            paths = (_normalize(p) for p in sorted(Path(folder).glob("*")) if p.name.endswith(endings) and p.is_file())
            reads = [read for p in paths if p not in self._apart and (read := _read_if_schema(p, schema_format))]
            self._reads = {read.path: read for read in reads} | self._reads
            self._siblings[key] = _make_tree(reads)
        return self._siblings[key]


def _is_file(path: str) -> bool:
    return os.path.isfile(path)  # noqa: PTH113 - unlike a Path, it takes names that are too long for a file


def _read_if_schema(path: str, schema_format: Format) -> ReadSchema | None:
    try:
        return read_schema_file(path, schema_format)
    except SchemafedError:
        return None


def _with_need(read: ReadSchema, need: Need) -> ReadSchema:
    """The same, as if this were all that it uses."""
    return replace(read, document=replace(read.document, needs=(need,)))


def _make_tree(reads: Iterable[ReadSchema]) -> Tree:
    return Tree({read.path: read for read in reads}, (), {})


def _place(read: ReadSchema, error: SchemaError) -> Finding:
    finding = make_schema_finding(read.path, error, read.origin)
    if error.path is None or error.line:
        return finding
    return replace(finding, location=read.locate(error.path))
