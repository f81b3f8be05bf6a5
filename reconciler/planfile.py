"""A plan as JSON: saved, published as a JSON Schema, and reduced to the digest that names it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from reconciler import __version__
from reconciler.errors import PlanFileError
from reconciler.model import Plan

FORMAT_VERSION = 1
"""Counts up when a reader of an older plan file would misunderstand a newer one."""

_DIGESTED = ("environment", "changes", "read_set", "configuration")


def make_digest(plan: Plan) -> str:
    """Reduce a plan to 64 hexadecimal digits over its changes, read set and configuration, not its commit or time."""
    content = _adapter().dump_python(plan, mode="json")
    relevant = {key: content[key] for key in _DIGESTED}
    return hashlib.sha256(json.dumps(relevant, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def with_digest(plan: Plan) -> Plan:
    """The same plan, named by its digest."""
    return replace(plan, digest=make_digest(plan))


def render_json(plan: Plan) -> str:
    """Write a plan as the JSON that :func:`make_json_schema` describes, ending in a newline."""
    return json.dumps(make_document(plan), indent=2, ensure_ascii=False) + "\n"


def make_document(plan: Plan) -> dict[str, Any]:
    """Put a plan into the form of its JSON document."""
    summary = plan.summary
    return {
        "version": FORMAT_VERSION,
        "schemafed": __version__,
        "can_apply": plan.can_apply,
        "summary": {name: getattr(summary, name) for name in summary.__slots__},
        **_adapter().dump_python(plan, mode="json"),
    }


def make_json_schema() -> dict[str, Any]:
    """Describe the JSON form of a plan as a JSON Schema (2020-12)."""
    schema: dict[str, Any] = _document_model().model_json_schema(mode="serialization")
    return schema


def write_plan(plan: Plan, path: Path) -> None:
    """Save a plan.

    Raises:
        PlanFileError: the file cannot be written.
    """
    from reconciler.secrets.redaction import redact

    try:
        # Half a surrogate pair can stand in a schema; written as an escape it is the same JSON.
        path.write_text(redact(render_json(plan)), encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise PlanFileError(f"cannot write the plan to {path}: {error.strerror}") from error


def read_plan(path: Path) -> Plan:
    """Read a saved plan.

    Raises:
        PlanFileError: the file is missing, is no plan, was made by a newer version, or was changed by hand.
    """
    again = "make it again with `schemafed plan --plan-file`"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PlanFileError(f"cannot read the plan {path}: {error.strerror}", fix=again) from error
    except (ValueError, RecursionError) as error:
        raise PlanFileError(f"{path} is not a plan: it is not JSON ({error})", fix=again) from error
    version = content.get("version") if isinstance(content, dict) else None
    if version != FORMAT_VERSION:
        raise PlanFileError(f"{path} is not a plan of format {FORMAT_VERSION} (version: {version!r})", fix=again)
    return _validate(content, path, again)


def _validate(content: dict[str, Any], path: Path, again: str) -> Plan:
    from pydantic import ValidationError

    try:
        document = _document_model().model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise PlanFileError(f"{path} is not a plan: {place}: {first['msg']}", fix=again) from error
    plan: Plan = _adapter().validate_python({name: getattr(document, name) for name in Plan.__slots__})
    if plan.digest != make_digest(plan):
        raise PlanFileError(f"{path} was changed after it was made: its content does not match its digest", fix=again)
    return plan


@cache
def _adapter() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(Plan)


@cache
def _document_model() -> Any:
    from pydantic import Field, create_model

    from reconciler.model import Change, Finding, Note, Observation, ReadItem, Summary

    # Without the kind to go by, every kind would be tried, and an error would tell of all of them.
    by_kind = Field(discriminator="kind")
    return create_model(
        "Plan",
        __doc__="A plan of schemafed: what apply would do, what was found, and what the plan rests on.",
        version=(Literal[1], Field(description="the format of this document")),
        schemafed=(str, Field(description="the version of schemafed that made it")),
        can_apply=(bool, Field(description="whether nothing that was found blocks")),
        summary=(Summary, Field(description="counts")),
        environment=(str, Field(description="the environment that it was made for")),
        changes=(
            tuple[Annotated[Change, by_kind], ...],
            Field(description="what apply would do, in this order"),
        ),
        findings=(tuple[Finding, ...], Field(description="what was found; severity error blocks")),
        read_set=(tuple[ReadItem, ...], Field(description="what it rests on; apply reads it again")),
        observations=(tuple[Observation, ...], Field(description="what was seen of each registry")),
        configuration=(str, Field(description="digest of the settings that it was made with")),
        commit=(str | None, Field(description="the commit of the desired state")),
        notes=(tuple[Note, ...], Field(description="what the ledger gets without any write")),
        digest=(str, Field(description="names the plan: equal for equal changes, read set and configuration")),
    )
