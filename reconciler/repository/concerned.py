"""Which schemas a change of files may concern, so that the others of a large repository need not be read.

A schema is *affected* where its file or its sidecar changed, where it is a link or its sidecar writes references, or
where it uses one that is affected. It is *chosen* where it is affected, or may be what a chosen one uses. Only chosen
ones are read.

Why nothing is lost. What is found in a schema depends on its text, its settings, its subject's name, and what the names
that it uses mean. For one that is not chosen none of these differs from the base: its text did not change; settings
come from its sidecar and from files that concern everything (below); and a name means something else only where a file
that defines it, now or before, changed: such a name stands in the text of whoever uses it, where :func:`git.find_texts`
sees it. Spellings that hide a name (escapes, percent signs) are searched for too, and YAML, which has too many, is
always looked at. So whatever is found in it was there before.

What is found between files that did not change rests on names, and these come from paths and sidecars, which are read
in full. Where such a finding turns up, or one whose words tell of other schemas, all is read after all
(:data:`ASKS_ALL`), so nothing is told that a full reading would not tell.

Everything is concerned where schemafed.yaml or a defaults.yaml changed, where subjects are named by what their schemas
say, where a file beside a pinned text changed that no subject pins, and where a file that changed cannot be read, now
or before, since nobody knows what it defines.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from reconciler import git
from reconciler.config import FILE_NAME
from reconciler.model import Format
from reconciler.name_templates import SUBJECT_VARIABLES, TemplateError, compile_template
from reconciler.repository.references import pin_path
from reconciler.repository.settings import DEFAULTS_NAME, FolderSettings, SidecarFile
from reconciler.repository.sources import YAML_ENDINGS, ReadSchema, SchemaFile, decode_schema, read_schema, sort_files
from reconciler.repository.walk import SourceFile

ASKS_ALL = frozenset({"DUPLICATE_SUBJECT", "SUBJECT_CASE", "LIVE_NAME_COLLISION", "REFERENCE_MISSING"})
"""Findings in which schemas that were not read may have a say."""
_FROM_CONTENT = frozenset({"record_name", "namespace", "package"})
_HIDING = ("\\u", "\\U", "\\/", "\\x", "\\X", *(f"\\{digit}" for digit in range(8)))
"""How JSON and Protobuf may write a character of a name otherwise."""
MANY = 1_000
"""Changed files from which on everything is read, since that costs no more."""


@dataclass(frozen=True)
class Difference:
    """How files differ from a commit.

    ``files`` are those that do, removed ones too; ``before`` has, of those that were there, what they were. ``same``
    has, of those that do not differ and are no links, what Git calls their content, so that what thousands of files
    have in common is read once.
    """

    files: frozenset[str]
    before: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    same: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class _Known:
    """Words of one schema: by which others mean it, by which it means others, and files that its sidecar names.

    A word is a text that whoever uses the name has in its own, unless it hides it.
    """

    defines: frozenset[str]
    needs: frozenset[str]
    targets: frozenset[str] = frozenset()


def choose_files(
    root: Path,
    files: Sequence[SchemaFile],
    sidecars: Mapping[str, SidecarFile],
    subjects: Mapping[str, str],
    folders: FolderSettings,
    difference: Difference,
) -> frozenset[str] | None:
    """Find the schemas that a change may concern; None for all of them.

    Args:
        root: the folder that the paths count from; in a Git work tree.
        files: all that hold schemas.
        sidecars: by the path of their schemas.
        subjects: the path of every subject's file.
        folders: what holds in each folder.
        difference: what changed.

    Raises:
        RepositoryError: Git refuses.
    """
    if _touches_what_pins_use(sidecars, difference):
        return None
    by_path = {file.path: file for file in files}
    earlier = _read_earlier(by_path, folders, difference)
    if earlier is None:
        return None
    search = _Search(root, by_path, sidecars, subjects)
    # What sidecars write about references is held against each other, so all of these count.
    written = {path for path, file in sidecars.items() if file.sidecar.references}
    touched = _find_touched(root, by_path, difference) | written
    search.read({*touched, *(file.path for file in files if file.is_yaml)})
    if not touched <= search.known.keys():
        return None
    return search.run(touched | difference.files, earlier)


def _touches_what_pins_use(sidecars: Mapping[str, SidecarFile], difference: Difference) -> bool:
    """Whether a text changed that a pinned one may use, or a pinned one's sidecar; what pins use is not followed."""
    written = ((file, entry) for file in sidecars.values() for entry in file.sidecar.references)
    pins = {pin_path(file, entry.file) for file, entry in written if entry.file is not None}
    # Pinned texts lie together.
    folders = {posixpath.dirname(pin) for pin in pins}
    return any(path not in pins and posixpath.dirname(path) in folders for path in difference.files)


def concerns_all(difference: Difference, templates: Iterable[str]) -> bool:
    """Whether a change may concern every schema: by the files that changed, or by how subjects get their names.

    Args:
        templates: of subjects' names.
    """
    names = {path.rpartition("/")[2] for path in difference.files}
    return FILE_NAME in difference.files or DEFAULTS_NAME in names or any(map(_is_from_content, templates))


def _is_from_content(template: str) -> bool:
    try:
        parts = compile_template(template, SUBJECT_VARIABLES).parts
    except TemplateError:
        return True
    return parts is None or not _FROM_CONTENT.isdisjoint(parts[1::2])


def _read_earlier(
    files: Mapping[str, SchemaFile], folders: FolderSettings, difference: Difference
) -> dict[str, _Known] | None:
    """What changed files were before; None where one cannot be read."""
    bases = {file.source.base for file in files.values()}
    sources = [SourceFile(path, _find_base(path, bases)) for path in difference.before]
    schemas, _ = sort_files(sources, folders, FILE_NAME)
    found = {}
    for file in schemas:
        result, _ = decode_schema(file, difference.before[file.path])
        if not isinstance(result, ReadSchema):
            return None
        found[file.path] = _make_known(result)
    return found


def _find_base(path: str, bases: Iterable[str]) -> str:
    return max((base for base in bases if path.startswith(f"{base}/")), key=len, default="")


def _find_touched(root: Path, files: Iterable[str], difference: Difference) -> frozenset[str]:
    """The schemas whose own files changed; a sidecar, there or removed, shares its schema's stem."""
    stems = {_stem(path) for path in difference.files}
    return frozenset(
        path for path in files if _stem(path) in stems or (path not in difference.same and (root / path).is_symlink())
    )


def _stem(path: str) -> str:
    folder, _, name = path.rpartition("/")
    return f"{folder}/{name.partition('.')[0]}"


@dataclass
class _Search:
    """Reads what may be concerned, and looks in all other texts for the words of what was read.

    ``known`` is by the path of what could be read.
    """

    root: Path
    files: Mapping[str, SchemaFile]
    sidecars: Mapping[str, SidecarFile]
    subjects: Mapping[str, str]
    known: dict[str, _Known] = field(default_factory=dict)

    def read(self, paths: Iterable[str]) -> None:
        """Read more schemas; what is wrong with one is told by whoever loads it."""
        for path in sorted(self.files.keys() & set(paths) - self.known.keys()):
            result, _ = read_schema(self.root, self.files[path])
            if isinstance(result, ReadSchema):
                self.known[path] = _make_known(result, self._find_targets(path))

    def _find_targets(self, path: str) -> frozenset[str]:
        sidecar = self.sidecars.get(path)
        entries = sidecar.sidecar.references if sidecar else ()
        pins = {pin_path(sidecar, entry.file) for entry in entries if sidecar and entry.file is not None}
        return frozenset(pins.union(self.subjects.get(entry.subject, "") for entry in entries))

    def run(self, touched: frozenset[str], earlier: Mapping[str, _Known]) -> frozenset[str] | None:
        """Find everything that is chosen where some files were touched; None where a word cannot be looked for."""
        asked: set[str] = set()
        by_name: dict[str, set[str]] = {}
        for path in self.files:
            by_name.setdefault(posixpath.basename(path), set()).add(path)
        while True:
            affected = self._spread(touched, earlier)
            chosen = self._with_used(affected, earlier)
            before = earlier.values()
            words = _union(k.defines for k in (*self._of(affected), *before))
            words |= _union(k.needs for k in (*self._of(chosen), *before))
            if words <= asked:
                return chosen & self.files.keys()
            if any(not word or "\n" in word for word in words):
                return None
            # What hides its words is looked at in the first round, and known from then on.
            hiding = () if asked else self._find_hiding()
            self.read(git.find_texts(self.root, [*sorted(words - asked), *hiding], self._bases(), self._aside()))
            self.read(path for word in words for path in by_name.get(word, ()))
            asked |= words

    def _spread(self, touched: frozenset[str], earlier: Mapping[str, _Known]) -> frozenset[str]:
        """What was touched, and whatever uses it, near or far."""
        affected = touched
        while True:
            defined = _union(k.defines for k in (*self._of(affected), *earlier.values()))
            more = {
                p for p, k in self.known.items() if not (k.needs.isdisjoint(defined) and k.targets.isdisjoint(affected))
            }
            if more <= affected:
                return affected
            affected |= more

    def _with_used(self, affected: frozenset[str], earlier: Mapping[str, _Known]) -> frozenset[str]:
        """What is affected, and whatever it uses, near or far."""
        chosen = affected
        while True:
            needed = _union(k.needs for k in (*self._of(chosen), *earlier.values()))
            more = {path for path, known in self.known.items() if not known.defines.isdisjoint(needed)}
            more |= _union(k.targets for k in self._of(chosen))
            if more <= chosen:
                return chosen
            chosen |= more

    def _of(self, paths: Collection[str]) -> list[_Known]:
        return [self.known[path] for path in paths if path in self.known]

    def _bases(self) -> list[str]:
        return sorted({file.source.base or "." for file in self.files.values()})

    def _aside(self) -> tuple[str, ...]:
        """Endings of files that need not be searched: what is YAML is sidecars, and schemas that are known anyway."""
        is_other = any(path.endswith(YAML_ENDINGS) and not file.is_yaml for path, file in self.files.items())
        return () if is_other else YAML_ENDINGS

    def _find_hiding(self) -> list[str]:
        is_json = any(file.format is Format.JSON for file in self.files.values())
        return [*_HIDING, *(["%"] if is_json else [])]


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)


def _make_known(read: ReadSchema, targets: frozenset[str] = frozenset()) -> _Known:
    used = {name for need in read.document.needs for name in (need.name, *need.alternatives)}
    names = () if read.format is Format.PROTOBUF else read.document.defines
    own = () if read.format is Format.AVRO else (read.path,)
    defines = (_make_word(read.format, name) for name in (*names, *own))
    return _Known(frozenset(defines), frozenset(_make_word(read.format, name) for name in used), targets)


def _make_word(schema_format: Format, name: str) -> str:
    """The part of a name that every spelling of it ends with: in Avro with the quote, elsewhere the last of a path."""
    if schema_format is Format.AVRO:
        return name.rpartition(".")[2] + '"'
    return unquote(name.rpartition("/")[2])
