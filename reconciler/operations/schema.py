"""``schema``: the JSON Schemas of our own files, for editors and for other programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from reconciler import planfile
from reconciler.config import Config
from reconciler.errors import UsageError
from reconciler.file_findings import did_you_mean
from reconciler.manifest import Defaults, Sidecar, Waivers
from reconciler.policy.facts import make_json_schema as make_policy_model
from reconciler.policy.rules import RuleFile


def _of_model(model: type[BaseModel]) -> Callable[[], dict[str, Any]]:
    return lambda: model.model_json_schema(by_alias=True)


PUBLISHED: Mapping[str, Callable[[], dict[str, Any]]] = {
    "schemafed": _of_model(Config),
    "defaults": _of_model(Defaults),
    "sidecar": _of_model(Sidecar),
    "waivers": _of_model(Waivers),
    "plan": planfile.make_json_schema,
    "policy-rules": _of_model(RuleFile),
    "policy-model": make_policy_model,
}
"""What there is a schema of: the file's name without its ending, and what makes the schema."""

_TITLES: Mapping[str, str] = {
    "schemafed": "schemafed.yaml",
    "defaults": "defaults.yaml",
    "sidecar": "sidecar of a schema",
    "waivers": "waivers.yaml",
    "plan": "plan of schemafed",
    "policy-rules": "rules of schemafed",
    "policy-model": "what rules of schemafed see",
}


def make_schema(name: str) -> dict[str, Any]:
    """Make the JSON Schema (2020-12) of one of our files.

    Args:
        name: a key of :data:`PUBLISHED`.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in PUBLISHED:
        message = f"there is no schema called `{name}`{did_you_mean(name, PUBLISHED)}"
        raise UsageError(message, fix=f"one of: {', '.join(PUBLISHED)}")
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:schemafed:{name}:1",
        "title": _TITLES[name],
    }
    return head | {key: value for key, value in PUBLISHED[name]().items() if key not in head}


def render_schema(name: str) -> str:
    """The text of :func:`make_schema`, ending in a newline."""
    return json.dumps(make_schema(name), indent=2, ensure_ascii=False) + "\n"
