"""Live subjects as files of a repository: the inverse of loading, as values; nothing is written here."""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from reconciler.model import Format, LiveSubject, Metadata, Mode, Reference, RuleSet, Schema
from reconciler.repository.names import escape_names
from reconciler.schemas import language

ENDINGS: Mapping[Format, str] = {
    Format.AVRO: ".avsc",
    Format.JSON: ".schema.json",
    Format.PROTOBUF: ".proto",
    Format.OPENAPI: ".openapi.json",
    Format.ASYNCAPI: ".asyncapi.json",
    Format.GRAPHQL: ".graphql",
    Format.XSD: ".xsd",
    Format.WSDL: ".wsdl",
    Format.XML: ".schema.xml",
    Format.KCONNECT: ".kconnect.json",
}
PINS = "pins"
"""The folder beside the schemas' folder that holds the texts of pinned versions."""
_INDENTS = (2, 4, "\t")
_LONGEST = 200
"""Bytes; common file systems hold 255, and an ending and a sidecar's are added."""


@dataclass(frozen=True, slots=True)
class AuthoredSubject:
    """One subject as it will stand in the repository.

    ``stem`` is its path without an ending, ``references`` are the lines that its sidecar needs, ``name_is_found``
    whether the file's own name says the subject's. ``inherited`` is what it has from its part of the registry, where
    that has a level of its own.
    """

    name: str
    stem: str
    schema: Schema
    mode: Mode | None
    name_is_found: bool
    references: tuple[Reference, ...] = ()
    inherited: Mode | None = None

    @property
    def schema_file(self) -> str:
        """The path of its schema."""
        return self.stem + ENDINGS[self.schema.format]

    @property
    def sidecar_file(self) -> str:
        """The path of its sidecar."""
        return self.stem + ".meta.yaml"


def author_subjects(subjects: Iterable[LiveSubject], folder: str, *, names_by_stem: bool) -> list[AuthoredSubject]:
    """Give every live subject its place in a folder.

    Args:
        subjects: those that have a latest version, by the names that Git shall give them.
        folder: the folder of the schemas, relative to the repository's root.
        names_by_stem: whether the folder's rule is that a subject is called like its file.
    """
    chosen = [s for s in subjects if s.latest is not None]
    stems = escape_names(s.name for s in chosen)
    return [_author(s, folder, stems[s.name], names_by_stem) for s in chosen]


def _author(subject: LiveSubject, folder: str, stem: str, names_by_stem: bool) -> AuthoredSubject:
    assert subject.latest is not None
    is_long = len(stem.encode()) > _LONGEST
    if is_long:
        stem = f"{stem[:60]}-{hashlib.sha256(subject.name.encode()).hexdigest()[:16]}"
    path = f"{folder}/{stem}" if folder != "." else stem
    return AuthoredSubject(
        subject.name,
        path,
        subject.latest.schema,
        subject.mode,
        names_by_stem and not is_long,
        inherited=None if subject.mode else subject.inherited,
    )


def make_schema_text(schema: Schema) -> str:
    """The schema's text, laid out for people.

    Raises:
        SchemaError: it cannot be read.
    """
    return language(schema.format).pretty(schema.definition)


def make_schema_text_like(schema: Schema, text: str) -> str:
    """The schema's text, laid out as another one where that is how a JSON library indents; else for people.

    Raises:
        SchemaError: it cannot be read.
    """
    for indent in _INDENTS:
        if _indent(text, indent) == text.strip():
            return f"{_indent(schema.definition, indent)}\n"
    return make_schema_text(schema)


def _indent(text: str, indent: int | str) -> str | None:
    try:
        return json.dumps(json.loads(text), indent=indent, ensure_ascii=False)
    except ValueError:
        return None


def common_mode(subjects: Sequence[AuthoredSubject]) -> Mode | None:
    """The mode that the folder's defaults can declare: the most frequent one, where every subject has a mode."""
    counts = Counter(s.mode for s in subjects)
    if not counts or None in counts:
        return None
    return counts.most_common(1)[0][0]


def make_defaults(default_mode: Mode | None, common: Mode | None) -> dict[str, Any]:
    """What the folder's defaults.yaml says: the registry's own level for offline checks, and the common mode."""
    content = {"compatibility": common, "inherited_mode": default_mode}
    return {key: mode.value for key, mode in content.items() if mode is not None}


def make_sidecar(subject: AuthoredSubject, common: Mode | None) -> dict[str, Any]:
    """What the subject's sidecar says; empty where it needs none. ``common`` is the mode that its folder declares."""
    content: dict[str, Any] = {}
    if not subject.name_is_found:
        content["subject"] = subject.name
    if subject.mode is not None and subject.mode is not common:
        content["compatibility"] = subject.mode.value
    if subject.inherited is not None:
        content["inherited_mode"] = subject.inherited.value
    if subject.schema.metadata is not None:
        content["metadata"] = make_metadata_entry(subject.schema.metadata)
    if subject.schema.rules is not None:
        content["rules"] = make_rules_entry(subject.schema.rules)
    if subject.references:
        content["references"] = [_reference(r, subject) for r in subject.references]
    return content


def pin_path(reference: Reference, schema_format: Format) -> str:
    """Where the text of a pinned version stands, relative to the repository's root."""
    stem = escape_names([reference.subject])[reference.subject]
    return f"{PINS}/{stem}-{reference.version}{ENDINGS[schema_format]}"


def make_pin_sidecar(schema: Schema) -> dict[str, Any]:
    """What the sidecar beside a pinned text says: which versions it refers to."""
    return {
        "references": [
            make_reference_line(r, posixpath.basename(pin_path(r, schema.format))) for r in schema.references
        ]
    }


def with_reference_lines(
    subject: AuthoredSubject, found: Iterable[Reference], latest: Mapping[str, int]
) -> AuthoredSubject:
    """Add the lines without which loading would not find what the live schema refers to.

    Args:
        subject: without any lines.
        found: what loading finds in the text by itself.
        latest: the latest version of each subject that follows the repository.
    """
    names = {(r.name, r.subject) for r in found}
    lines = []
    for reference in subject.schema.references:
        if reference.version != latest.get(reference.subject):
            lines.append(reference)
        elif (reference.name, reference.subject) not in names:
            lines.append(replace(reference, version=None))
    return replace(subject, references=tuple(lines))


def _reference(reference: Reference, subject: AuthoredSubject) -> dict[str, Any]:
    return make_reference_line(reference, "../" * subject.stem.count("/") + pin_path(reference, subject.schema.format))


def make_reference_line(reference: Reference, file: str) -> dict[str, Any]:
    """What a sidecar says of one reference; a version comes with the file of its text, as the sidecar sees it."""
    line = {"name": reference.name, "subject": reference.subject}
    return line if reference.version is None else {**line, "version": reference.version, "file": file}


def make_rules_entry(rules: RuleSet) -> dict[str, Any]:
    """What a sidecar says of rules under its key, without the parts that say nothing; empty where there are none."""
    groups = {name: [asdict(rule) for rule in getattr(rules, name)] for name in ("domain", "migration", "encoding")}
    return {name: [{k: v for k, v in rule.items() if v} for rule in each] for name, each in groups.items() if each}


def make_metadata_entry(metadata: Metadata) -> dict[str, Any]:
    """What a sidecar says of metadata under its key; empty where there is none."""
    content = {
        "properties": dict(metadata.properties),
        "tags": {path: list(tags) for path, tags in metadata.tags.items()},
        "sensitive": list(metadata.sensitive),
    }
    return {key: value for key, value in content.items() if value}
