"""The registry's errors: HTTP status, error code and message, as the vendor's API reference lists them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class ApiError(Exception):
    """A request that the registry refuses."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True)
class _Row:
    status: int
    code: int
    message: str


_ROWS = {
    "bad_request": _Row(400, 400, "{detail}"),
    "unknown_path": _Row(404, 404, "HTTP 404 Not Found"),
    "method_not_allowed": _Row(405, 405, "HTTP 405 Method Not Allowed"),
    "unsupported_media_type": _Row(415, 415, "HTTP 415 Unsupported Media Type"),
    "unrecognized_field": _Row(422, 422, "Unrecognized field: {field}"),
    "subject_not_found": _Row(404, 40401, "Subject '{subject}' not found."),
    "version_not_found": _Row(404, 40402, "Version {version} not found."),
    "schema_not_found": _Row(404, 40403, "Schema {id} not found"),
    "text_not_found": _Row(404, 40403, "Schema not found"),
    "subject_soft_deleted": _Row(
        404, 40404, "Subject '{subject}' was soft deleted. Set permanent=true to delete permanently"
    ),
    "subject_not_soft_deleted": _Row(
        404, 40405, "Subject '{subject}' was not deleted first before being permanently deleted"
    ),
    "version_soft_deleted": _Row(
        404,
        40406,
        "Subject '{subject}' Version {version} was soft deleted. Set permanent=true to delete permanently",
    ),
    "version_not_soft_deleted": _Row(
        404,
        40407,
        "Subject '{subject}' Version {version} was not deleted first before being permanently deleted",
    ),
    "no_subject_compatibility": _Row(
        404, 40408, "Subject '{subject}' does not have subject-level compatibility configured"
    ),
    "no_subject_mode": _Row(404, 40409, "Subject '{subject}' does not have subject-level mode configured"),
    "invalid_schema": _Row(422, 42201, "Invalid schema of subject '{subject}', details: {detail}"),
    "invalid_version": _Row(
        422,
        42202,
        "The specified version '{version}' is not a valid version id. "
        'Allowed values are between [1, 2^31-1] and the string "latest"',
    ),
    "invalid_compatibility": _Row(
        422,
        42203,
        "Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, "
        "forward_transitive, and full_transitive",
    ),
    "invalid_mode": _Row(
        422, 42204, "Invalid mode. Valid values are READWRITE, READONLY, READONLY_OVERRIDE, and IMPORT"
    ),
    "read_only": _Row(422, 42205, "Subject {subject} is in read-only mode"),
    "not_import_mode": _Row(422, 42205, "Subject {subject} is not in import mode"),
    "import_mode": _Row(422, 42205, "Subject {subject} is in import mode"),
    "cannot_import": _Row(422, 42205, "Cannot import since found existing subjects"),
    "referenced": _Row(
        422,
        42206,
        "One or more references exist to the schema {{magic=1,keytype=SCHEMA,subject={subject},version={version}}}.",
    ),
    "id_taken": _Row(422, 42207, "Overwrite new schema with id {id} is not permitted."),
    "too_large": _Row(422, 42209, "Schema is too large"),
}


def make_error(row: str, **details: Any) -> ApiError:
    """Return the error of the named row, its message filled with `details`."""
    found = _ROWS[row]
    return ApiError(found.status, found.code, found.message.format(**details))


def make_incompatible_error(code: int, subject: str, messages: list[str]) -> ApiError:
    """Return HTTP 409; `code` is 409 up to 7.9 and 40901 from 8.1 on."""
    details = ", ".join(messages)
    text = (
        f'Schema being registered is incompatible with an earlier schema for subject "{subject}", details: [{details}]'
    )
    return ApiError(409, code, text)
