"""``compat --stdin``: one request a line, one answer a line; nothing that a line holds ends the run."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, BinaryIO, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from reconciler import compatibility
from reconciler.compatibility import Judged
from reconciler.compatibility.dialects import select_history
from reconciler.compatibility.groups import select_group
from reconciler.compatibility.terms import Policy
from reconciler.errors import SchemaError, SchemafedError
from reconciler.model import Format, Metadata, Mode, Outcome, Reference, Schema, Severity, Verdict
from reconciler.schemas import Document, Parsed, language
from reconciler.schemas.resolved import SchemaSet

MAX_LINE = 50_000_000
"""Bytes of one request; what is longer is answered with an error and not kept."""
MAX_REMEMBERED = 20_000
"""Characters of a text, with what it refers to, up to which it is remembered in its parsed form."""
_REMEMBERED = 256
_MOST_PROBLEMS = 3
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

Version = tuple[str, int | str]
"""A subject, and a version's number."""
Id = str | int | float | bool | None
Pool = tuple[tuple[str, str, Version | None], ...]
"""Names, texts and versions of what a schema, and what that uses in turn, may refer to; None for an unknown version."""


class _Model(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, allow_inf_nan=False)


class _ReferenceEntry(_Model):
    name: str
    text: str = Field(alias="schema")
    subject: str | None = None
    version: int | str | None = None

    @property
    def identity(self) -> Version | None:
        """Which version of which subject it is, where both are told."""
        return (self.subject, self.version) if self.subject and self.version else None


class _References(_Model):
    new: tuple[_ReferenceEntry, ...] | None = None
    existing: tuple[tuple[_ReferenceEntry, ...] | None, ...] | None = None


class _MetadataEntry(_Model):
    """Metadata as registries have it, or its properties alone."""

    properties: dict[str, str] | None = None

    @model_validator(mode="before")
    @classmethod
    def _wrap(cls, given: object) -> object:
        is_flat = isinstance(given, dict) and all(isinstance(value, str) for value in given.values())
        return {"properties": given} if is_flat else given

    def as_metadata(self) -> Metadata:
        return Metadata(self.properties or {})


class _Groups(_Model):
    """The part of ``metadata`` that decides which versions count."""

    compatibility_group: str = Field(alias="compatibilityGroup")
    new: _MetadataEntry | None = None
    existing: tuple[_MetadataEntry | None, ...] | None = None


_EventFormat = Literal[Format.AVRO, Format.JSON, Format.PROTOBUF]


class Request(_Model):
    """One line: may ``new`` follow ``existing``? Keys that are not named here are ignored."""

    id: Id
    format: _EventFormat
    mode: Mode
    new: str
    existing: tuple[str, ...]
    references: _References | None = None
    existing_formats: tuple[_EventFormat, ...] | None = None
    metadata: dict[str, Any] | None = None
    policy: Policy | None = None

    @property
    def groups(self) -> _Groups | None:
        """What the metadata says of groups; None where it names no property for them.

        Raises:
            ValidationError: it names one, and is not as it should be.
        """
        if not self.metadata or self.metadata.get("compatibilityGroup") is None:
            return None
        return _Groups.model_validate_json(json.dumps(self.metadata))


def answer_lines(stream: BinaryIO) -> Iterator[str]:
    """Answer every line of a stream, in order, each before the next is read."""
    while line := stream.readline(MAX_LINE + 1):
        is_whole = len(line) <= MAX_LINE
        while len(line) > MAX_LINE and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE + 1)
        yield answer_line(line) if is_whole else _render_error(None, f"the line is longer than {MAX_LINE:,} bytes")


def answer_line(line: bytes) -> str:
    """Answer one request; whatever is wrong with it is the answer."""
    try:
        request = Request.model_validate_json(line.removeprefix(_BYTE_ORDER_MARK))
    except ValidationError as error:
        return _render_error(_find_id(line), _describe(error))
    try:
        verdict = judge(request)
    except SchemafedError as error:
        return _render_error(request.id, error.message)
    except RecursionError:
        return _render_error(request.id, "the schemas refer to each other in too long a chain")
    except Exception as error:  # noqa: BLE001 - the next line is another request, and has a right to its answer
        return _render_error(request.id, f"this is a defect of schemafed: {type(error).__name__}: {error}")
    if verdict.outcome is Outcome.NOT_JUDGED:
        return _render_error(request.id, f"{request.format} schemas are not judged yet")
    return _render(request.id, verdict)


def judge(request: Request) -> Verdict:
    """Judge one request; the existing versions are numbered from 1.

    Raises:
        SchemafedError: a schema, or what one refers to, cannot be parsed, be it an old one that the mode looks at; or
            lists differ in length.
    """
    new = _parse("new", request.format, request.new, (request.references or _References()).new)
    if new.unfit:
        raise _make_error("new", new.unfit)
    history = select_history(_select_group(_existing(request), request), request.mode)
    judged = [Judged(old.version, _parse(f"existing version {old.version}", *old.written)) for old in history]
    policy = request.policy or Policy.STRICT
    return compatibility.check(new, judged, request.mode, policy=policy, tells_again=True)


@dataclass(frozen=True, slots=True)
class _Existing:
    """An existing version before it is parsed; ``written`` are its format, text and references."""

    version: int
    written: tuple[Format, str, Sequence[_ReferenceEntry] | None]


def _existing(request: Request) -> list[_Existing]:
    count = len(request.existing)
    given = request.references or _References()
    formats = _fit("existing_formats", request.existing_formats, count) or (request.format,) * count
    pools = _fit("references.existing", given.existing, count) or (None,) * count
    written = zip(formats, request.existing, pools, strict=True)
    return [_Existing(number, each) for number, each in enumerate(written, 1)]


def _select_group(history: Sequence[_Existing], request: Request) -> Sequence[_Existing]:
    """The versions of the new schema's compatibility group, where the request tells of groups."""
    try:
        groups = request.groups
    except ValidationError as error:
        raise SchemafedError(f"metadata.{_describe(error)}") from error
    if groups is None:
        return history
    given = _fit("metadata.existing", groups.existing, len(history)) or (None,) * len(history)
    found = {old.version: entry.as_metadata() for old, entry in zip(history, given, strict=True) if entry}
    new = groups.new.as_metadata() if groups.new else None
    return select_group(history, groups.compatibility_group, new, lambda old: found.get(old.version))


def _fit(name: str, values: tuple[Any, ...] | None, count: int) -> tuple[Any, ...] | None:
    """One value for each existing version; no value at all is as good as no list."""
    if values and len(values) != count:
        raise SchemafedError(f"{name} has {len(values)} entries for {count} existing versions")
    return values


def _parse(what: str, schema_format: Format, text: str, references: Sequence[_ReferenceEntry] | None) -> Parsed:
    pool = tuple((entry.name, entry.text, entry.identity) for entry in references or ())
    try:
        if len(text) + sum(len(other) for _, other, _ in pool) > MAX_REMEMBERED:
            return parse_with(schema_format, text, pool)
        return _parse_remembered(schema_format, text, pool)
    except SchemaError as error:
        raise _make_error(what, error) from error


def _make_error(what: str, error: SchemaError) -> SchemafedError:
    place = f", line {error.line}, column {error.column}" if error.line else ""
    return SchemafedError(f"{what}{place}: {error.message}")


def parse_with(schema_format: Format, text: str, pool: Pool) -> Parsed:
    """Parse a text with what it refers to, which is found among ``pool`` by name, or by what it defines.

    Raises:
        SchemaError: a text is invalid, a name is not there, is there twice, or leads back to where it is used.
    """
    document = language(schema_format).read(text)
    if not pool:
        return language(schema_format).parse(document, {})
    documents: dict[str, Document] = {}
    for name, definition, _ in pool:
        if name in documents and documents[name].definition != definition:
            raise SchemaError(f"there are two references called `{name}`", code="REFERENCE_INVALID")
        documents[name] = _read_reference(name, schema_format, definition)
    parsed = _join(schema_format, document, documents)
    return _with_versions(parsed, pool) if schema_format is Format.PROTOBUF else parsed


def _join(schema_format: Format, document: Document, documents: dict[str, Document]) -> Parsed:
    """Parse a document with those that it uses."""

    def link(linked: Document) -> Schema:
        return Schema(schema_format, linked.definition, _find_references(linked, documents))

    schemas = {name: link(each) for name, each in documents.items()}
    schema_set, schema = SchemaSet(lambda reference: schemas.get(reference.subject)), link(document)
    try:
        return schema_set.parsed(schema, document)
    except SchemaError:
        everything = tuple(dict.fromkeys((*schema.references, *(Reference(name, name) for name in documents))))
        if schema_format is not Format.PROTOBUF or everything == schema.references:
            raise
        # To Confluent, a Protobuf file sees all that it is said to refer to, whether it imports that or not.
        return schema_set.parsed(replace(schema, references=everything), document)


def _with_versions(parsed: Parsed, pool: Pool) -> Parsed:
    from reconciler.schemas.protobuf import with_versions

    return with_versions(parsed, {name: version for name, _, version in pool if version})


_parse_remembered = lru_cache(_REMEMBERED)(parse_with)


def _read_reference(name: str, schema_format: Format, definition: str) -> Document:
    try:
        return language(schema_format).read(definition)
    except SchemaError as error:
        raise SchemaError(f"the reference `{name}` cannot be read: {error.message}") from error


def _find_references(document: Document, documents: dict[str, Document]) -> tuple[Reference, ...]:
    """What a text uses of the pool; what is missing there is told by parsing, with its place."""
    found: dict[Reference, None] = {}
    for need in document.needs:
        names = (need.name, *need.alternatives)
        named = next((name for name in names if name in documents), None)
        defining = (n for wanted in names for n, other in documents.items() if wanted in other.defines)
        if (subject := named or next(defining, None)) is not None:
            found[Reference(need.name, subject)] = None
    return tuple(found)


def _render(request_id: Id, verdict: Verdict) -> str:
    differences = [
        {
            "type": finding.code,
            "path": finding.path,
            "compatible": finding.severity is not Severity.ERROR,
            "against": finding.against,
        }
        for finding in verdict.findings
    ]
    compatible = verdict.outcome is Outcome.COMPATIBLE
    return json.dumps({"id": request_id, "compatible": compatible, "differences": differences})


def _render_error(request_id: Id, message: str) -> str:
    return json.dumps({"id": request_id, "error": message})


def _describe(error: ValidationError) -> str:
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    shown = [f"{'.'.join(map(str, p['loc']))}: {p['msg']}".removeprefix(": ") for p in problems[:_MOST_PROBLEMS]]
    more = len(problems) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more > 0 else "")


def _find_id(line: bytes) -> Id:
    """The ``id`` of a request that is otherwise wrong; None where there is none to be found."""
    try:
        value = json.loads(line)["id"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    is_id = isinstance(value, str | int | bool) or (isinstance(value, float) and math.isfinite(value))
    return value if is_id else None
