"""What the OpenAPI Specification forbids, by the package openapi-spec-validator (versions 2.0, 3.0, 3.1 and 3.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.errors import SchemaError
from reconciler.schemas.interfaces.targets import list_references, refers_outside
from reconciler.schemas.interfaces.violations import find_first, make_violation

_CLASSES: Mapping[str, str] = {
    "2.0": "OpenAPIV2SpecValidator",
    "3.0": "OpenAPIV30SpecValidator",
    "3.1": "OpenAPIV31SpecValidator",
    "3.2": "OpenAPIV32SpecValidator",
}
"""By the beginning of a version."""
_PACKAGE = "openapi-spec-validator"


def find_violation(text: str, document: dict[str, Any]) -> SchemaError | None:
    """Hold a document against the specification that it names.

    One that refers to other documents is held against its structure alone: nothing is fetched.

    Args:
        text: where it was read from, for line and column.
        document: the value; what it refers to inside itself is there.

    Returns:
        the first violation in the order of the text; None for a valid document.
    """
    key = "openapi" if "openapi" in document else "swagger"
    version = str(document[key])
    name = next((cls for start, cls in _CLASSES.items() if version == start or version.startswith(f"{start}.")), None)
    if name is None:
        message = f"`{key}: {version}` is no version that is known here: {', '.join(_CLASSES)}"
        return make_violation(text, (key,), message, f"name one of these; `{key}` is text")
    try:
        import openapi_spec_validator
    except ModuleNotFoundError:
        fix = f'install it with `pip install "schemafed[openapi]"`, or ignore the file in defaults.yaml ({_PACKAGE})'
        return make_violation(
            text, (), f"OpenAPI documents are checked by the package {_PACKAGE}, which is missing", fix
        )
    found = _list_errors(getattr(openapi_spec_validator, name), document)
    problems = ((tuple(getattr(each, "absolute_path", ())), str(getattr(each, "message", each))) for each in found)
    return find_first(text, problems, f"OpenAPI {version}", "https://spec.openapis.org/oas/")


def _list_errors(validator: Any, document: dict[str, Any]) -> Iterator[Any]:
    structure = list(validator.schema_validator.iter_errors(document))
    if structure or any(refers_outside(reference) for _, reference in list_references(document)):
        yield from structure
        return
    yield from validator(_without_extended_paths(document)).iter_errors()


def _without_extended_paths(document: dict[str, Any]) -> dict[str, Any]:
    """The document without what extends `paths`, which may be anything and which the package takes for paths."""
    paths = document.get("paths")
    if not isinstance(paths, dict):
        return document
    return {**document, "paths": {name: item for name, item in paths.items() if not name.startswith("x-")}}
