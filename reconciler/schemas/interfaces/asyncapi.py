"""What the AsyncAPI Specification forbids, by the JSON Schemas that the AsyncAPI Initiative publishes for 2.x and 3.x.

The archive beside this module has them as they are in its package ``@asyncapi/specs``, under the Apache Licence 2.0;
``scripts/asyncapi_schemas.py`` makes it.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any

from reconciler.errors import SchemaError
from reconciler.schemas.interfaces.violations import Path, find_first, make_violation
from reconciler.schemas.json_positions import count_levels

_ARCHIVE = "asyncapi_schemas.zip"
_MAX_COPIED = 100_000_000
"""Characters up to which it is told what is wrong: for each branch of each level, and for each of those within it, the
library copies all that lies below."""


def find_violation(text: str, document: dict[str, Any]) -> SchemaError | None:
    """Hold a document against the specification that it names.

    A reference may stand anywhere; what it leads to is looked at where it is, if that is in the document.

    Args:
        text: where it was read from, for line and column.
        document: the value.

    Returns:
        the first violation in the order of the text; None for a valid document.
    """
    version = str(document["asyncapi"])
    known = _list_versions()
    file = known.get(".".join(version.split(".")[:2]))
    if file is None:
        message = f"`asyncapi: {version}` is no version that is known here: {', '.join(known)}"
        return make_violation(text, ("asyncapi",), message, "name one of these; `asyncapi` is text")
    validator, value = _make_validator(file), {**document, "asyncapi": file}
    if validator.is_valid(value):
        return None
    if count_levels(value) ** 2 * len(text) > _MAX_COPIED:
        message = f"not a valid document of AsyncAPI {version}, and too large and too deep to tell where"
        return make_violation(text, (), message, "take parts of it into documents of their own, or try it without some")
    problems = _list_problems(validator.iter_errors(value))
    return find_first(text, problems, f"AsyncAPI {version}", "https://www.asyncapi.com/docs/reference/specification")


def _list_problems(errors: Iterator[Any]) -> Iterator[tuple[Path, str]]:
    for error in errors:
        if cause := _find_cause(error):
            yield tuple(cause.instance_path), cause.message


def _find_cause(error: Any) -> Any | None:
    """What went wrong in the branch that comes nearest, where a value fits none of several; the error itself elsewhere.

    Nearly every object may be a reference instead: what has no ``$ref`` was not meant to be one. None where a branch
    has nothing against the value but that references stand in it.
    """
    branches = [branch for branch in getattr(error.kind, "context", ()) if branch and not _misses_reference(branch)]
    if not branches:
        return None if error.instance_path and _is_reference(error.instance) else error
    causes = [[cause for each in branch if (cause := _find_cause(each))] for branch in branches]
    if not all(causes):
        return None
    return max((max(branch, key=_depth) for branch in causes), key=_depth)


def _misses_reference(branch: list[Any]) -> bool:
    return any(getattr(each.kind, "property", None) == "$ref" for each in branch)


def _is_reference(value: object) -> bool:
    return isinstance(value, dict) and "$ref" in value


def _depth(error: Any) -> int:
    return len(error.instance_path)


@cache
def _list_versions() -> Mapping[str, str]:
    """By a version's first two numbers, the whole of it as its schema has it."""
    with _open() as archive:
        names = sorted(name.removesuffix(".json") for name in archive.namelist() if name.endswith(".json"))
    return {name.rpartition(".")[0]: name for name in names}


@cache
def _make_validator(version: str) -> Any:
    import jsonschema_rs

    with _open() as archive:
        schema = json.loads(archive.read(f"{version}.json"))
    # The address of a reference is looked at where it is followed, and names of channels have braces.
    return jsonschema_rs.Draft7Validator(schema, formats={"uri-reference": lambda _: True})


def _open() -> zipfile.ZipFile:
    return zipfile.ZipFile(BytesIO(files(__package__).joinpath(_ARCHIVE).read_bytes()))
