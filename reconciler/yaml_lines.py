"""The one way in which YAML files are read: safely, bounded, and with the line and column of every key and value.

The values are those of YAML 1.2's core schema: only ``true`` and ``false`` are booleans, dates are text, and a number
that starts with a zero is text. A file is loaded once by the C parser, without positions; they are found by composing
the text again, which happens only for the few files that a finding or a mode's location needs them of.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml

from reconciler.files import is_lfs_pointer, read_at_most
from reconciler.model import Finding, Location, Severity, Source

MAX_BYTES = 1_000_000
MAX_DEPTH = 100
MAX_NODES = 100_000
"""Nodes that a file may have once every alias is written out."""

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BOM = "﻿"
_NESTING = re.compile(r"[\[{]|[-?:](?=\s)")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
KeyPath = Sequence[str | int]


class YamlError(Exception):
    """A text that is not usable YAML.

    Args:
        message: what is wrong, without the place.
        line: counted from 1; 0 where unknown.
        column: counted from 1; 0 where unknown.
        fix: what to do about it.
    """

    def __init__(self, message: str, line: int = 0, column: int = 0, fix: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.fix = fix


@dataclass(frozen=True)
class YamlDocument:
    """One file's value, and where each part of it stands.

    ``file`` is relative to the repository's root; ``value`` holds mappings, lists, text, numbers, booleans and None.
    """

    file: str
    value: object
    text: str = field(repr=False)

    def locate(self, path: KeyPath, *, of_key: bool = False) -> Location:
        """Find where a value stands, or with ``of_key`` its key; the nearest enclosing one where it is not there."""
        if of_key and len(path) == 1 and (place := _find_top_key(self.text, str(path[0]))):
            return Location(self.file, *place)
        node = self._root
        mark = node.start_mark if node else None
        for step in path:
            found = _child(node, step)
            if not found:
                break
            key, node = found
            mark = key.start_mark if of_key and step == path[-1] else node.start_mark
        return Location(self.file, mark.line + 1, mark.column + 1) if mark else Location(self.file, 1, 1)

    @cached_property
    def _root(self) -> yaml.Node | None:
        return yaml.compose(self.text, Loader=_CoreLoader)


@lru_cache(maxsize=64)
def _find_top_key(text: str, key: str) -> tuple[int, int] | None:
    """Find a key of a mapping in block style without parsing; only there can one start a line.

    Remembered, because thousands of sidecars say the same few things.
    """
    if text.lstrip().startswith(("{", "-", "%")):
        return None
    found = list(_top_key_pattern(key).finditer(text))
    return (text.count("\n", 0, found[0].start()) + 1, 1) if len(found) == 1 else None


@lru_cache(maxsize=64)
def _top_key_pattern(key: str) -> re.Pattern[str]:
    return re.compile(rf"^{re.escape(key)}\s*:", re.MULTILINE)


def _child(node: yaml.Node | None, step: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    """The key and value of a mapping's entry; for a list's entry the value stands for both."""
    if isinstance(node, yaml.MappingNode):
        return next(((k, v) for k, v in reversed(node.value) if k.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None


class _CoreLoader(_Loader):  # type: ignore[misc, valid-type]
    """The C loader with YAML 1.2's core types, and duplicate keys as errors."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._checked: set[int] = set()

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        # Merged keys may repeat own ones, so only a mapping that was not merged into yet is looked at.
        if id(node) not in self._checked:
            self._checked.add(id(node))
            _raise_if_duplicate(node)
        super().flatten_mapping(node)


def _raise_if_duplicate(node: yaml.MappingNode) -> None:
    seen: dict[Hashable, int] = {}
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.tag == "tag:yaml.org,2002:merge":
            continue
        if key.value in seen:
            line, column = key.start_mark.line + 1, key.start_mark.column + 1
            raise YamlError(
                f"key `{key.value}` stands here a second time, first in line {seen[key.value]}",
                line,
                column,
                fix="keep one of the two",
            )
        seen[key.value] = key.start_mark.line + 1


CORE_TYPES: Sequence[tuple[str, str, Sequence[str]]] = (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?(?:0|[1-9][0-9]{0,299})", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)\.[0-9]*)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("float", r"[-+]?(?:0|[1-9][0-9]*)[eE][-+]?[0-9]+", "-+0123456789"),
    ("merge", r"<<", "<"),
)
"""YAML 1.2's core schema: a tag, what a plain text of it looks like, and how that may begin."""
for _tag, _pattern, _first in CORE_TYPES:
    _CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), list(_first))


def read_yaml(root: Path, file: str) -> YamlDocument:
    """Read one YAML file of the repository.

    Raises:
        YamlError: unreadable, not UTF-8, too large, too deep, too many aliases, duplicate keys, or not YAML.
    """
    text = read_yaml_text(root, file)
    return YamlDocument(file, parse_yaml(text), text)


def read_yaml_text(root: Path, file: str) -> str:
    """Read the text of a YAML file without parsing it.

    Raises:
        YamlError: unreadable, not UTF-8, or too large.
    """
    try:
        raw = read_at_most(root, file, MAX_BYTES)
    except OSError as error:
        raise YamlError(f"cannot be read: {(error.strerror or 'unknown reason').lower()}") from error
    if is_lfs_pointer(raw):
        raise YamlError("is a pointer of Git LFS, in place of a file that was not fetched", fix="run `git lfs pull`")
    return _decode(raw)


def parse_yaml(text: str) -> object:
    """Turn YAML text into values.

    Raises:
        YamlError: as for :func:`read_yaml`.
    """
    if "&" in text or "*" in text or len(_NESTING.findall(text)) > MAX_DEPTH // 2:
        _raise_if_unbounded(text)
    try:
        # S506 warns of unsafe loaders; this one derives from the safe one.
        return yaml.load(text, Loader=_CoreLoader)  # noqa: S506
    except yaml.MarkedYAMLError as error:
        raise _translate(error, text) from error
    except (yaml.YAMLError, ValueError) as error:
        raise YamlError(f"is not YAML: {error}", fix="mend its syntax") from error


def make_finding(file: str, error: YamlError) -> Finding:
    """Turn the error into what reports show."""
    location = Location(file, error.line, error.column)
    return Finding("YAML_INVALID", Severity.ERROR, Source.VALIDATION, error.message, location=location, fix=error.fix)


def _decode(raw: bytes) -> str:
    if len(raw) > MAX_BYTES:
        raise YamlError("is larger than 1 MB", fix="such files hold settings; move what is large elsewhere")
    try:
        text = raw.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise YamlError("is not UTF-8 text", line, fix="save the file as UTF-8") from error
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise YamlError(f"holds the control character U+{ord(found[0]):04X}", line, fix="remove the character")
    return text


def _translate(error: yaml.MarkedYAMLError, text: str) -> YamlError:
    mark = error.problem_mark or error.context_mark
    if mark and text[mark.index : mark.index + 1] == "\t":
        return YamlError("is indented with a tab, which YAML does not allow", *_place(mark), fix="use spaces")
    words = ", ".join(part for part in (error.context, error.problem) if part)
    return YamlError(f"is not YAML: {words}", *_place(mark), "mend the syntax at this line, or just above it")


def _place(mark: Any) -> tuple[int, int]:
    return (mark.line + 1, mark.column + 1) if mark else (0, 0)


def _raise_if_unbounded(text: str) -> None:
    """Walk the events, which needs no recursion, before anything is built from them."""
    try:
        _raise_if_too_much(yaml.parse(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        raise _translate(error, text) from error
    except yaml.YAMLError as error:
        raise YamlError(f"is not YAML: {error}", fix="mend its syntax") from error


@dataclass(slots=True)
class _Open:
    """A collection whose end is not reached yet: its name, the values before it, the levels found below it."""

    anchor: str | None
    before: int
    levels: int = 0


_LESS = "write out what the aliases stand for, as far as it is needed; a file of settings never needs so much"
_FLATTER = "close the brackets that were left open, or nest less"


def _raise_if_too_much(events: Iterator[yaml.Event]) -> None:
    """Count values with every alias written out, and levels likewise, without writing anything out."""
    total = 0
    sizes: dict[str, tuple[int, int]] = {}
    stack: list[_Open] = []
    for event in events:
        place = _place(event.start_mark)
        levels = 0
        if isinstance(event, yaml.CollectionStartEvent):
            sizes.pop(event.anchor or "", None)
            stack.append(_Open(event.anchor, total))
            total += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            closed = stack.pop()
            levels = closed.levels + 1
            sizes[closed.anchor or ""] = (total - closed.before, levels)
        elif isinstance(event, yaml.NodeEvent):
            count, levels = _size(event, sizes, place)
            total += count
        if stack:
            stack[-1].levels = max(stack[-1].levels, levels)
        if total > MAX_NODES:
            raise YamlError(f"has more than {MAX_NODES:,} values once its aliases are written out", *place, _LESS)
        if len(stack) + levels > MAX_DEPTH:
            raise YamlError(f"is nested deeper than {MAX_DEPTH} levels", *place, _FLATTER)


def _size(event: yaml.NodeEvent, sizes: dict[str, tuple[int, int]], place: tuple[int, int]) -> tuple[int, int]:
    """The values and levels that a scalar or an alias stands for."""
    if isinstance(event, yaml.AliasEvent):
        if event.anchor not in sizes:
            message = f"alias `*{event.anchor}` stands inside or before what it names"
            raise YamlError(message, *place, "write the value out in its place, or put `&name` on an earlier value")
        return sizes[event.anchor]
    if event.anchor:
        sizes[event.anchor] = (1, 0)
    return 1, 0
