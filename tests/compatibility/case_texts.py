"""The cases of compatibility as texts of files, so that the rules and real servers may be asked the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from reconciler.model import Format
from reconciler.schemas import Parsed, language

FOLDER = Path(__file__).parent
DIALECT_CASES = FOLDER / "dialects" / "cases"

DRAFTS = {
    "4": "http://json-schema.org/draft-04/schema#",
    "6": "http://json-schema.org/draft-06/schema#",
    "7": "http://json-schema.org/draft-07/schema#",
    "2019-09": "https://json-schema.org/draft/2019-09/schema",
    "2020-12": "https://json-schema.org/draft/2020-12/schema",
}


@dataclass(frozen=True)
class Pair:
    """Two texts of one format; ``case`` is what the file of cases says besides."""

    format: Format
    old: str
    new: str
    case: Mapping[str, Any]

    @property
    def title(self) -> str:
        return str(self.case["case"])

    @property
    def row(self) -> str | None:
        """The row of a dialect that decides, where the case names one."""
        return self.case.get("row")

    @property
    def exchanged(self) -> Pair:
        return Pair(self.format, self.new, self.old, self.case)

    def parse(self) -> tuple[Parsed, Parsed]:
        """The old and the new schema."""
        lang = language(self.format)
        old, new = (lang.parse(lang.read(text), {}) for text in (self.old, self.new))
        return old, new


def list_files(schema_format: Format) -> list[Path]:
    """The files of cases that Confluent's rules of a format are tried with."""
    folder = {Format.JSON: "json_schema", Format.PROTOBUF: "protobuf"}[schema_format]
    return sorted((FOLDER / folder / "cases").glob("*.yaml"))


def list_dialect_files() -> list[Path]:
    """The files of cases that a dialect judges in its own way, ``DIALECT_FORMAT.yaml``."""
    return sorted(DIALECT_CASES.glob("*.yaml"))


def load_pairs(file: Path) -> Iterator[Pair]:
    """The cases of a file that need no second file."""
    schema_format = Format.JSON if "json_schema" in str(file) else Format.PROTOBUF
    for case in yaml.safe_load(file.read_text(encoding="utf-8")):
        if not case.get("imports"):
            texts = _json_texts(case) if schema_format is Format.JSON else _protobuf_texts(case)
            yield Pair(schema_format, *texts, case)


def _json_texts(case: Mapping[str, Any]) -> tuple[str, str]:
    """JSON Schemas that name their draft: a server may take a text without for no JSON Schema."""
    draft = {"$schema": DRAFTS[case.get("draft", "7")]}
    old, new = (json.dumps({**draft, **s} if isinstance(s, dict) else s) for s in (case["old"], case["new"]))
    return old, new


def _protobuf_texts(case: Mapping[str, Any]) -> tuple[str, str]:
    texts = case["files"] if "files" in case else [f"message M {{ {fields} }}" for fields in case["fields"]]
    syntax = case.get("syntax", "proto3")
    syntaxes = syntax if isinstance(syntax, list) else [syntax, syntax]
    old, new = (f"{_head(one)} {text} {case.get('also', '')}" for text, one in zip(texts, syntaxes, strict=True))
    return old, new


def _head(syntax: str) -> str:
    if syntax == "none":
        return ""
    return f'edition = "{syntax}";' if syntax.isdigit() else f'syntax = "{syntax}";'
