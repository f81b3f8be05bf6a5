"""What the names that schemas use mean in the tree: finding references, never writing them.

A sidecar's ``references`` come first. Then each format looks in its own way: Avro by the names that files define, JSON
Schema by path and by ``$id``, Protobuf by the import's path. Of several candidates the nearest folder wins.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from urllib.parse import unquote

from reconciler.file_findings import did_you_mean, make_finding, make_warning
from reconciler.model import Finding, Format, Location, Severity, Source
from reconciler.repository.settings import SidecarFile
from reconciler.repository.sources import BrokenSchema, ReadSchema
from reconciler.schemas import Need

PinKey = tuple[str, int]
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_WORDS: Mapping[Format, tuple[str, ...]] = {
    Format.AVRO: (
        *("null", "boolean", "int", "long", "float", "double", "bytes", "string"),
        *("record", "enum", "array", "map", "fixed"),
    ),
}
"""Types of the language itself, which a misspelt one looks like a name beside."""
_MAX_NEAR_NAMES = 20
"""Missing references for which near names are looked up; it is slow in a large tree."""


@dataclass(frozen=True, slots=True)
class Use:
    """One reference of a file: the name, and the file that it means. ``version`` is that of a pin."""

    name: str
    target: str
    version: int | None = None
    location: Location | None = None


@dataclass
class Tree:
    """Everything that a name may mean.

    Args:
        schemas: what could be read, by path; fragments too, pins not.
        broken: what could not.
        subjects: the path of every subject's file.
        pins: the path of every pin's file.
    """

    schemas: Mapping[str, ReadSchema]
    broken: Sequence[BrokenSchema]
    subjects: Mapping[str, str]
    pins: Mapping[str, ReadSchema] = field(default_factory=dict)
    near_lookups: int = 0

    @cached_property
    def _outermost(self) -> Mapping[tuple[Format, str], list[str]]:
        found: dict[tuple[Format, str], list[str]] = {}
        for path, read in self.schemas.items():
            for name in read.document.defines[:1]:
                found.setdefault((read.format, name), []).append(path)
        return found

    @cached_property
    def _defining(self) -> Mapping[tuple[Format, str], list[str]]:
        found: dict[tuple[Format, str], list[str]] = {}
        for path, read in self.schemas.items():
            for name in read.document.defines:
                found.setdefault((read.format, name), []).append(path)
        return found

    @cached_property
    def _by_file_name(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path, read in self.schemas.items():
            if read.format is Format.PROTOBUF:
                found.setdefault(read.file.source.name, []).append(path)
        return found

    def defining(self, schema_format: Format, names: Iterable[str]) -> list[str]:
        """The files that define one of the names, the first that has any: as their outermost one, else at all."""
        for name in names:
            key = (schema_format, name)
            if found := self._outermost.get(key) or self._defining.get(key):
                return found
        return []

    def imported(self, name: str) -> list[str]:
        """The Protobuf files whose path ends in an import's."""
        named = self._by_file_name.get(name.rpartition("/")[2], [])
        return [path for path in named if path == name or path.endswith(f"/{name}")]

    def known_names(self, schema_format: Format) -> list[str]:
        """Every name by which a schema of a format could be meant."""
        if schema_format is Format.PROTOBUF:
            return [path for paths in self._by_file_name.values() for path in paths]
        return [name for of_format, name in self._defining if of_format is schema_format]


def _find_avro(tree: Tree, read: ReadSchema, need: Need) -> list[str]:
    return tree.defining(Format.AVRO, (need.name, *need.alternatives))


def _find_json(tree: Tree, read: ReadSchema, need: Need) -> list[str]:
    path = _relative_path(read.path, need.name)
    if path and path in tree.schemas and tree.schemas[path].format is Format.JSON:
        return [path]
    return tree.defining(Format.JSON, (need.name, *need.alternatives))


def _find_protobuf(tree: Tree, read: ReadSchema, need: Need) -> list[str]:
    return tree.imported(need.name)


_FINDERS: Mapping[Format, Callable[[Tree, ReadSchema, Need], list[str]]] = {
    Format.AVRO: _find_avro,
    Format.JSON: _find_json,
    Format.PROTOBUF: _find_protobuf,
}


def _relative_path(path: str, name: str) -> str | None:
    if _URL.match(name):
        return None
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(name)))


def resolve_uses(
    tree: Tree, read: ReadSchema, sidecar: SidecarFile | None
) -> tuple[tuple[Use, ...] | None, list[Finding]]:
    """Find what every name that a schema uses means.

    Returns:
        the references, None where one is missing or not settled, and the findings.
    """
    uses, findings = _resolve_written(tree, read, sidecar) if sidecar else ([], [])
    written = {name for use in uses for name in (use.name, *_document(tree, use).document.defines)}
    is_settled = not any(f.blocks for f in findings)
    for need in read.document.needs:
        if written.intersection((need.name, *need.alternatives)):
            continue
        candidates = [p for p in _FINDERS[read.format](tree, read, need) if p != read.path]
        nearest = _nearest(read.path, candidates)
        if len(nearest) == 1:
            uses.append(_make_use(tree, read, need, nearest[0]))
            continue
        if need.is_built_in and not nearest:
            continue
        is_settled = False
        if nearest:
            findings.append(_make_ambiguous(tree, read, need, nearest))
        elif not _may_be_broken(tree, read, need):
            findings.append(_make_missing(tree, read, need))
    return (_without_repeats(read.format, uses) if is_settled else None), findings


def _document(tree: Tree, use: Use) -> ReadSchema:
    return tree.pins[use.target] if use.version is not None else tree.schemas[use.target]


def _make_use(tree: Tree, read: ReadSchema, need: Need, path: str) -> Use:
    # A registry tells references apart by name. Avro's may be any, and the outermost is the same whoever refers.
    name = tree.schemas[path].document.defines[0] if read.format is Format.AVRO else need.name
    return Use(name, path)


def _without_repeats(schema_format: Format, uses: Iterable[Use]) -> tuple[Use, ...]:
    """One reference a file in Avro, however many of its names are used; one a name elsewhere."""
    if schema_format is Format.AVRO:
        return tuple({use.target: use for use in uses}.values())
    return tuple({use.name: use for use in uses}.values())


def _resolve_written(tree: Tree, read: ReadSchema, sidecar: SidecarFile) -> tuple[list[Use], list[Finding]]:
    uses: list[Use] = []
    findings: list[Finding] = []
    for index, entry in enumerate(sidecar.sidecar.references):
        at = sidecar.document.locate(("references", index))
        if entry.version is not None and entry.file is not None:
            path = pin_path(sidecar, entry.file)
            if path in tree.pins:
                uses.append(Use(entry.name, path, entry.version, at))
        elif entry.subject in tree.subjects:
            uses.append(Use(entry.name, tree.subjects[entry.subject], None, at))
        else:
            message = f"there is no subject `{entry.subject}`{did_you_mean(entry.subject, tree.subjects)}"
            location = sidecar.document.locate(("references", index, "subject"))
            findings.append(
                make_finding("REFERENCE_MISSING", message, location, "correct the name, or add a schema for it")
            )
    findings.extend(_check_used(tree, read, uses))
    return uses, findings


def _check_used(tree: Tree, read: ReadSchema, uses: Iterable[Use]) -> Iterable[Finding]:
    needed = {name for need in read.document.needs for name in (need.name, *need.alternatives)}
    for use in uses:
        if not needed.intersection((use.name, *_document(tree, use).document.defines)):
            message = f"`{read.file.source.name}` does not use `{use.name}`"
            yield make_warning("REFERENCE_UNUSED", message, use.location, "remove the line, or correct the name")


def pin_path(sidecar: SidecarFile, file: str) -> str:
    """The path of a pin's text, relative to the root; one that starts with ``..`` leaves it."""
    return resolve_pin(sidecar.document.file, file)


def resolve_pin(sidecar: str, file: str) -> str:
    """Likewise, by the path of the sidecar."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(sidecar), file))


def pin_sidecar_path(file: str) -> str:
    """The sidecar in which a pinned text says which versions it refers to itself."""
    folder, slash, name = file.rpartition("/")
    stem = name.rpartition(".")[0] or name
    return f"{folder}{slash}{stem.removesuffix('.schema')}.meta.yaml"


def _nearest(path: str, candidates: Sequence[str]) -> list[str]:
    """The candidates of the nearest folder: the same one, else the one with the longest common path."""
    if len(candidates) < 2:
        return list(candidates)
    folder = path.split("/")[:-1]

    def nearness(candidate: str) -> int:
        other = candidate.split("/")[:-1]
        common = next((i for i, (a, b) in enumerate(zip(folder, other, strict=False)) if a != b), None)
        shared = min(len(folder), len(other)) if common is None else common
        return len(folder) + 1 if other == folder else shared

    best = max(map(nearness, candidates))
    return [candidate for candidate in candidates if nearness(candidate) == best]


def _may_be_broken(tree: Tree, read: ReadSchema, need: Need) -> bool:
    """Whether a file that cannot be read may define the name; its own finding is enough then."""
    simple = re.split(r"[./#]", need.name.removesuffix(".proto").removesuffix(".json"))[-1]
    relative = _relative_path(read.path, need.name)
    for broken in tree.broken:
        if broken.file.format is not read.format:
            continue
        if read.format is Format.AVRO or broken.text is None:
            if broken.text is None or f'"{simple}"' in broken.text or f'.{simple}"' in broken.text:
                return True
        elif broken.file.path == relative or broken.file.path.endswith(f"/{need.name}") or need.name in broken.text:
            return True
    return False


def _make_missing(tree: Tree, read: ReadSchema, need: Need) -> Finding:
    what = {Format.AVRO: "no schema defines", Format.JSON: "no schema is", Format.PROTOBUF: "no file's path ends in"}
    tree.near_lookups += 1
    near: list[str] = []
    if tree.near_lookups <= _MAX_NEAR_NAMES:
        near = _near_names(need, [*_WORDS.get(read.format, ()), *tree.known_names(read.format)])
    fix = f"did you mean {' or '.join(f'`{n}`' for n in near)}?" if near else "add the schema that has it to the tree"
    return Finding(
        "REFERENCE_MISSING",
        Severity.ERROR,
        Source.VALIDATION,
        f"{what[read.format]} `{need.name}`, which this one uses",
        path=need.path,
        location=read.locate(need.path),
        fix=fix,
    )


def _near_names(need: Need, known: Sequence[str]) -> list[str]:
    """Known names that look like the one that is missing; a namespace, which is long, says little of likeness."""
    by_last = {name.rpartition(".")[2] if "/" not in name else name: name for name in known}
    last = need.name.rpartition(".")[2] if "/" not in need.name else need.name
    return [by_last[match] for match in get_close_matches(last, by_last, n=3, cutoff=0.7)]


def _make_ambiguous(tree: Tree, read: ReadSchema, need: Need, nearest: Sequence[str]) -> Finding:
    by_path = {path: subject for subject, path in tree.subjects.items()}
    subject = next((by_path[path] for path in nearest if path in by_path), "SUBJECT")
    sidecar = f"{read.path.rpartition('/')[0]}/{read.file.stem}.yaml".lstrip("/")
    return Finding(
        "AMBIGUOUS_REFERENCE",
        Severity.ERROR,
        Source.VALIDATION,
        f"`{need.name}` may be any of {', '.join(sorted(nearest))}, all equally near",
        path=need.path,
        location=read.locate(need.path),
        fix=f"say which in {sidecar}: `references: [{{name: {need.name}, subject: {subject}}}]`",
    )
