"""What moto's Glue lacks, after the vendor's API reference: listings, deletion of versions, metadata, and a judge.

A version is judged as the guide "Schema versioning and compatibility" says: modes without `_ALL` compare with the
checkpoint, the others with every version; what fails stays with status FAILURE. Which differences break is told by the
judges of our double of Confluent, since the vendor does not publish them in detail.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.glue.exceptions import EntityNotFoundException, InvalidInputException
from moto.glue.responses import GlueResponse

from tests.doubles.confluent.formats import FORMATS, InvalidTextError

PENDING_READS = 1
"""How often a new version is still PENDING when it is asked for."""


def install() -> None:
    """Give moto's responses the missing operations; doing it again changes nothing."""
    for name, method in _OPERATIONS.items():
        setattr(GlueResponse, name, method)


def _schema(response: Any) -> Any:
    # A request of which only the beginning came names nothing.
    asked = response._get_param("SchemaId") or {}
    registry = response.glue_backend.registries.get(asked.get("RegistryName"))
    schema = registry.schemas.get(asked.get("SchemaName")) if registry else None
    if schema is None:
        raise EntityNotFoundException(f"Schema is not found. SchemaName: {asked.get('SchemaName')}")
    return schema


def _page(response: Any, rows: list[dict[str, Any]]) -> dict[str, Any]:
    start, size = int(response._get_param("NextToken") or 0), int(response._get_param("MaxResults") or 25)
    more = {"NextToken": str(start + size)} if start + size < len(rows) else {}
    return {"Schemas": rows[start : start + size], **more}


def _list_schemas(response: Any) -> ActionResult:
    name = (response._get_param("RegistryId") or {}).get("RegistryName")
    registry = response.glue_backend.registries.get(name)
    if registry is None:
        raise EntityNotFoundException(f"Registry is not found. RegistryName: {name}")
    rows = [{"SchemaName": s.schema_name, "SchemaStatus": s.schema_status} for s in registry.schemas.values()]
    return ActionResult(_page(response, rows))


def _list_schema_versions(response: Any) -> ActionResult:
    versions = _schema(response).schema_versions.values()
    rows = [{"VersionNumber": v.version_number, "Status": v.schema_version_status} for v in versions]
    return ActionResult(_page(response, rows))


def _find_version(response: Any) -> Any:
    schema, asked = _schema(response), response._get_param("SchemaVersionNumber") or {}
    versions = list(schema.schema_versions.values())
    number = asked.get("VersionNumber") or max(v.version_number for v in versions)
    found = next((v for v in versions if v.version_number == number), None)
    if found is None:
        raise EntityNotFoundException("Schema version is not found.")
    return found


def _query_metadata(response: Any) -> ActionResult:
    told = _find_version(response).metadata
    return ActionResult({"MetadataInfoMap": {key: {"MetadataValue": values[-1]} for key, values in told.items()}})


def _remove_metadata(response: Any) -> ActionResult:
    version, pair = _find_version(response), response._get_param("MetadataKeyValue")
    kept = [value for value in version.metadata.get(pair["MetadataKey"], []) if value != pair["MetadataValue"]]
    version.metadata[pair["MetadataKey"]] = kept
    if not kept:
        del version.metadata[pair["MetadataKey"]]
    return ActionResult({"SchemaArn": version.schema_arn})


def _delete_versions(response: Any) -> ActionResult:
    schema, errors = _schema(response), []
    for part in response._get_param("Versions").split(","):
        first, _, last = part.partition("-")
        for number in range(int(first), int(last or first) + 1):
            if number in (1, schema.schema_checkpoint):
                details = {"ErrorCode": "InvalidInput", "ErrorMessage": "first version or checkpoint"}
                errors.append({"VersionNumber": number, "ErrorDetails": details})
            else:
                kept = {i: v for i, v in schema.schema_versions.items() if v.version_number != number}
                schema.schema_versions.clear()
                schema.schema_versions.update(kept)
    schema.latest_schema_version = max(v.version_number for v in schema.schema_versions.values())
    return ActionResult({"SchemaVersionErrors": errors})


def _update_schema(response: Any) -> ActionResult:
    schema, number = _schema(response), response._get_param("SchemaVersionNumber")
    compatibility = response._get_param("Compatibility")
    if compatibility and not number:
        raise InvalidInputException("UpdateSchema", "A checkpoint version is required with a compatibility")
    if number:
        schema.schema_checkpoint = number.get("VersionNumber") or schema.latest_schema_version
    schema.compatibility = compatibility or schema.compatibility
    schema.description = response._get_param("Description") or schema.description
    return ActionResult({"SchemaName": schema.schema_name, "SchemaArn": schema.schema_arn})


def _create(original: Callable[[Any], ActionResult]) -> Callable[[Any], ActionResult]:
    def create_schema(response: Any) -> ActionResult:
        text, data_format = response._get_param("SchemaDefinition"), response._get_param("DataFormat")
        _parse(data_format, text)
        return original(response)

    return create_schema


def _register(original: Callable[[Any], ActionResult]) -> Callable[[Any], ActionResult]:
    def register_schema_version(response: Any) -> ActionResult:
        schema, text = _schema(response), response._get_param("SchemaDefinition")
        known = {v.schema_version_id for v in schema.schema_versions.values()}
        history = [v for v in schema.schema_versions.values() if v.schema_version_status == "AVAILABLE"]
        answer = original(response)
        identity = answer.result["SchemaVersionId"]
        schema.latest_schema_version = max(v.version_number for v in schema.schema_versions.values())
        if identity not in known:
            version = schema.schema_versions[identity]
            version.fails = not _is_compatible(schema, text, history)
            version.pending = PENDING_READS
            version.schema_version_status = "PENDING"
            answer.result["Status"] = "PENDING"
        return answer

    return register_schema_version


def _get_version(original: Callable[[Any], ActionResult]) -> Callable[[Any], ActionResult]:
    def get_schema_version(response: Any) -> ActionResult:
        answer = original(response)
        for registry in response.glue_backend.registries.values():
            for schema in registry.schemas.values():
                version = schema.schema_versions.get(answer.result["SchemaVersionId"])
                if version is not None and version.schema_version_status == "PENDING":
                    _settle(version)
        return answer

    return get_schema_version


def _settle(version: Any) -> None:
    version.pending -= 1
    if version.pending < 0:
        version.schema_version_status = "FAILURE" if version.fails else "AVAILABLE"


def _parse(data_format: str, text: str) -> Any:
    try:
        return FORMATS[data_format].parse(text, (), False)
    except InvalidTextError as error:
        raise InvalidInputException("CreateSchema", f"Schema definition is invalid: {error}") from error


def _is_compatible(schema: Any, text: str, history: list[Any]) -> bool:
    try:
        new = FORMATS[schema.data_format].parse(text, (), False)
    except InvalidTextError:
        return False
    level, judge = schema.compatibility, FORMATS[schema.data_format].judge
    if not level.endswith("_ALL"):
        history = [v for v in history if v.version_number == schema.schema_checkpoint]
    for version in history if level != "NONE" else ():
        old = FORMATS[schema.data_format].parse(version.schema_definition, (), False)
        backward = judge(new, old) if level.startswith(("BACKWARD", "FULL")) else []
        forward = judge(old, new) if level.startswith(("FORWARD", "FULL")) else []
        if backward or forward:
            return False
    return True


_OPERATIONS: dict[str, Callable[[Any], ActionResult]] = {
    "list_schemas": _list_schemas,
    "list_schema_versions": _list_schema_versions,
    "query_schema_version_metadata": _query_metadata,
    "remove_schema_version_metadata": _remove_metadata,
    "delete_schema_versions": _delete_versions,
    "update_schema": _update_schema,
    "create_schema": _create(GlueResponse.create_schema),
    "register_schema_version": _register(GlueResponse.register_schema_version),
    "get_schema_version": _get_version(GlueResponse.get_schema_version),
}
