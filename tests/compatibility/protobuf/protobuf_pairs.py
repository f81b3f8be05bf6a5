"""What the Protobuf compatibility tests share: short texts in full, the engine's answer in one line a difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler.compatibility import Judged, check
from reconciler.model import Mode, Verdict
from reconciler.schemas import Parsed, protobuf

FOLDER = Path(__file__).parent / "cases"

HEADS = {"proto2": 'syntax = "proto2";', "proto3": 'syntax = "proto3";', "2023": 'edition = "2023";', "none": ""}


def parsed(text: str, imports: Mapping[str, str] | None = None, syntax: str = "proto3") -> Parsed:
    """Read and parse a text without its first line; imports by name, each may import those before it."""
    return _parsed(text, tuple((imports or {}).items()), syntax)


@cache
def _parsed(text: str, imports: tuple[tuple[str, str], ...], syntax: str) -> Parsed:
    dependencies: dict[str, Parsed] = {}
    for name, content in imports:
        dependencies[name] = _with(f'syntax = "proto3"; {content}', dependencies)
    return _with(f"{HEADS[syntax]} {text}", dependencies)


def _with(text: str, known: Mapping[str, Parsed]) -> Parsed:
    document = protobuf.read(text)
    return protobuf.parse(document, {need.name: known[need.name] for need in document.needs})


def sides(case: dict[str, Any]) -> tuple[Parsed, Parsed]:
    """The old and the new schema of a case."""
    texts = case["files"] if "files" in case else [f"message M {{ {fields} }}" for fields in case["fields"]]
    texts = [f"{text} {case.get('also', '')}" for text in texts]
    syntaxes = _of_both(case.get("syntax", "proto3"))
    imports = case.get("imports", {})
    imports = imports if isinstance(imports, list) else [imports, imports]
    old, new = (parsed(*side) for side in zip(texts, imports, syntaxes, strict=True))
    return old, new


def _of_both(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value, value]


def verdict(new: Parsed, old: Parsed, mode: Mode) -> Verdict:
    """Judge one schema after one version, number 4."""
    return check(new, [Judged(4, old)], mode)


def differences(new: Parsed, old: Parsed, mode: Mode) -> list[str]:
    """What differs, as ``CODE #/path``, harmless or not, in alphabetical order."""
    return sorted(f"{finding.code} {finding.path}" for finding in verdict(new, old, mode).findings)


def load_cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{file.stem}: {case['case']}")
        for file in sorted(FOLDER.glob("*.yaml"))
        for case in yaml.safe_load(file.read_text(encoding="utf-8"))
    ]
