"""``diff``: how two schemas differ in structure, wherever each of them is."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from pathlib import Path

from reconciler import git
from reconciler.errors import NotFoundError, SchemaError, SchemafedError, UsageError
from reconciler.federation import open_registries
from reconciler.model import Difference, Format, LiveVersion
from reconciler.operations.schema_files import make_schema_file, read_bytes, read_schema_file
from reconciler.operations.settings import load_valid_config, resolve_registries
from reconciler.schemas import Document, Outline, Parsed, language
from reconciler.schemas.difference import differences

FORMAT_VERSION = 1
"""Counts up when a reader of an older document would misunderstand a newer one."""
_LIVE = "registry:"
_VERSION = re.compile(r"(?P<subject>.+)@(?P<version>[0-9]+|latest)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two schemas; ``name`` says where it was found."""

    name: str
    document: Document

    @property
    def format(self) -> Format:
        """The language that it is written in."""
        return self.document.format

    @property
    def outline(self) -> Outline:
        """Its elements; what it refers to is told by name, and need not be there."""
        return language(self.format).outline(Parsed(self.document, {}))


@dataclass(frozen=True, slots=True)
class Compared:
    """Two schemas and how the second differs from the first."""

    a: Side
    b: Side
    differences: tuple[Difference, ...]

    @property
    def has_same_text(self) -> bool:
        """Whether the two texts are the same to the letter."""
        return self.a.document.definition == self.b.document.definition

    def document(self) -> dict[str, object]:
        """The answer as a JSON document."""
        return {
            "version": FORMAT_VERSION,
            "equal": not self.differences,
            "a": {"source": self.a.name, "format": self.a.format},
            "b": {"source": self.b.name, "format": self.b.format},
            "differences": [asdict(difference) for difference in self.differences],
        }


def compare_structure(a: str, b: str, root: Path, schema_format: Format | None = None) -> Compared:
    """Compare two schemas.

    Args:
        a: a file; ``REV:path``, a file of ``root`` at a revision of Git; or ``registry:NAME/SUBJECT[@VERSION]``.
        b: likewise.
        root: the folder that holds schemafed.yaml, and against which paths at a revision count.
        schema_format: the format of files; None to tell it by their endings.

    Raises:
        UsageError: an argument is none of these, or the format of a file cannot be told.
        SchemafedError: a file, a revision, a subject or a version is not there, or holds no schema.
    """
    old, new = _read_side(a, root, schema_format), _read_side(b, root, schema_format)
    if old.format is new.format:
        return Compared(old, new, differences(old.outline, new.outline))
    # Nothing of one language is the same as anything of another, whatever it is called.
    return Compared(old, new, (*differences(old.outline, {}), *differences(None, new.outline)))


def _read_side(source: str, root: Path, schema_format: Format | None) -> Side:
    if source.startswith(_LIVE):
        return _read_live(source, root)
    revision, colon, path = source.partition(":")
    if colon and not Path(source).is_file():
        return _read_revision(revision, path, root, schema_format)
    return Side(source, read_schema_file(source, schema_format).document)


def _read_revision(revision: str, path: str, root: Path, schema_format: Format | None) -> Side:
    if not revision or not path:
        raise UsageError(
            f"`{revision}:{path}` is neither a file nor a file at a revision",
            fix=f"write a file, REV:path such as HEAD:schemas/order.avsc, or {_LIVE}NAME/SUBJECT[@VERSION]",
        )
    file = make_schema_file(f"{revision}:{path}", schema_format)
    return Side(f"{revision}:{path}", read_bytes(file, git.read_file_at(root, revision, path)).document)


def _read_live(source: str, root: Path) -> Side:
    registry, slash, rest = source.removeprefix(_LIVE).partition("/")
    if not slash or not rest or not registry:
        raise UsageError(f"`{source}` names no subject", fix=f"write {_LIVE}NAME/SUBJECT or {_LIVE}NAME/SUBJECT@3")
    match = _VERSION.fullmatch(rest)
    subject, wanted = (match["subject"], match["version"]) if match else (rest, "latest")
    version = _read_version(root, registry, subject, wanted)
    name = f"{_LIVE}{registry}/{subject}@{version.version}"
    try:
        return Side(name, language(version.schema.format).read(version.schema.definition))
    except SchemaError as error:
        raise SchemafedError(f"{name} cannot be read: {error.message}", fix="mend it in the registry") from error


def _read_version(root: Path, registry: str, subject: str, wanted: str) -> LiveVersion:
    config = load_valid_config(root)
    with open_registries(resolve_registries(config, [registry], root)) as opened:
        history = opened[registry].read_history(subject)
    if not history:
        raise NotFoundError(
            "the registry has no such subject", registry=registry, subject=subject, fix="correct the subject's name"
        )
    found = next((v for v in reversed(history) if wanted in (str(v.version), "latest")), None)
    if found is None:
        numbers = ", ".join(str(version.version) for version in history[-20:])
        raise NotFoundError(
            f"the subject has no version {wanted}", registry=registry, subject=subject, fix=f"it has {numbers}"
        )
    return found
