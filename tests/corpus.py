"""Where the corpus of real schemas is, what its index says of each file, and who is left out without it."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from reconciler.model import Format

CORPUS = Path(os.environ.get("SCHEMAFED_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))
"""The folder that is named, or the one that would lie beside the folder of the checkout."""
_INDEX = CORPUS / "index.json"

NEEDS_CORPUS = [
    pytest.mark.corpus,
    pytest.mark.skipif(not _INDEX.is_file(), reason="no corpus: name its folder in SCHEMAFED_CORPUS"),
]
"""Marks of a module that reads it."""


def needs_corpus(test: Callable[..., None]) -> Callable[..., None]:
    """Mark one test that reads it."""
    for mark in NEEDS_CORPUS:
        test = mark(test)
    return test


@cache
def records(schema_format: Format) -> Mapping[str, dict[str, Any]]:
    """What the index says of every file of a format, by path."""
    files = json.loads(_INDEX.read_text(encoding="utf-8"))["files"]
    return {file["path"]: file for file in files if file["format"] == schema_format}


def histories(schema_format: Format) -> Mapping[str, Sequence[str]]:
    """Paths of the valid schemas of each family of a format, oldest first."""
    found: dict[str, list[str]] = defaultdict(list)
    for path, record in records(schema_format).items():
        if record["valid"] and record["role"] == "schema":
            found[record["family"]].append(path)
    return found


def read_text(path: str) -> str:
    """The text of a file by its path in the corpus."""
    return (CORPUS / path).read_text(encoding="utf-8")
