"""What the JSON Schema compatibility tests share: schemas of cases, the engine's answer in one line a difference."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler.compatibility import Judged, check
from reconciler.compatibility.json_schema import compare
from reconciler.compatibility.terms import Policy, Terms
from reconciler.model import Mode, Verdict
from reconciler.schemas import Parsed, json_schema

FOLDER = Path(__file__).parent / "cases"

ADDRESSES = {
    "4": "http://json-schema.org/draft-04/schema#",
    "6": "http://json-schema.org/draft-06/schema#",
    "7": "http://json-schema.org/draft-07/schema#",
    "2019-09": "https://json-schema.org/draft/2019-09/schema",
    "2020-12": "https://json-schema.org/draft/2020-12/schema",
}


def parsed(schema: Any, draft: str | None = None, dependencies: Mapping[str, Parsed] | None = None) -> Parsed:
    """Read and parse a schema given as JSON values, or as text."""
    if draft and isinstance(schema, dict):
        schema = {"$schema": ADDRESSES[draft], **schema}
    text = schema if isinstance(schema, str) else json.dumps(schema)
    return json_schema.parse(json_schema.read(text), dependencies) if dependencies else _parsed(text)


@cache
def _parsed(text: str) -> Parsed:
    return json_schema.parse(json_schema.read(text), {})


def sides(case: dict[str, Any]) -> tuple[Parsed, Parsed]:
    """The old and the new schema of a case."""
    draft = case.get("draft")
    return parsed(case["old"], draft), parsed(case["new"], draft)


def verdict(new: Parsed, old: Parsed, mode: Mode) -> Verdict:
    """Judge one schema after one version, number 4."""
    return check(new, [Judged(4, old)], mode, tells_again=True)


def differences(reader: Parsed, writer: Parsed, policy: Policy = Policy.STRICT) -> list[str]:
    """What differs, as ``CODE #/path``, in alphabetical order; what does no harm in brackets."""
    found = [
        (clash.rule.breaks, f"{clash.rule.code} {clash.path}")
        for clash in compare(reader, writer, Terms(policy=policy, tells_again=True))
    ]
    return sorted((text if breaks else f"({text})") for breaks, text in found)


def findings(new: Parsed, old: Parsed, mode: Mode) -> list[str]:
    """The same through the engine's front door."""
    found = verdict(new, old, mode).findings
    return sorted(f"{f.code} {f.path}" if f.blocks else f"({f.code} {f.path})" for f in found)


def breaking(found: Sequence[str]) -> list[str]:
    """Those of the lines that break."""
    return [line for line in found if not line.startswith("(")]


def load_cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{file.stem}: {case['case']}")
        for file in sorted(FOLDER.glob("*.yaml"))
        for case in yaml.safe_load(file.read_text(encoding="utf-8"))
    ]
