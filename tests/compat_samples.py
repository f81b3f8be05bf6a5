"""Schemas to compare, and the command that compares them, for the tests of ``schemafed compat``."""

from __future__ import annotations

import json
from typing import Any

from tests.repositories import Repository, record

OLD = record("Order", "id", "note")
WITHOUT_NOTE = record("Order", "id")
WITH_TOTAL = record("Order", "id", "note", {"name": "total", "type": "int"})
WITH_DEFAULT = record("Order", "id", "note", {"name": "total", "type": "int", "default": 0})
MONEY = record("Money", "currency")
PRICED = record("Order", "id", {"name": "price", "type": "com.acme.Money"})


def judge(repository: Repository, *arguments: str) -> dict[str, Any]:
    """The JSON report of a comparison."""
    document = json.loads(repository.run_plain("compat", *arguments, "--output", "json").out)
    assert isinstance(document, dict)
    return document
