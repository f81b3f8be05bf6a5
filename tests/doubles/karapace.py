"""A double of Karapace 6.2: what it does otherwise than Confluent 7, of which it has the interface.

It is quirky on purpose: the filter of deleted schemas means its opposite, lists have neither order nor pages, errors of
the path and of the body have shapes of their own, and who lacks a permission is told that nothing is there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote

from tests.doubles.certificates import CertificateFiles
from tests.doubles.confluent.bodies import make_registered_body, make_version_body
from tests.doubles.confluent.compatibility import OldVersion, find_conflicts
from tests.doubles.confluent.errors import ApiError, make_error
from tests.doubles.confluent.formats import Parsed
from tests.doubles.confluent.registration import Posted, Reference, Version, parse_posted
from tests.doubles.confluent.registry import Registry
from tests.doubles.confluent.routes import ROUTES, Call, make_route
from tests.doubles.confluent.server import ConfluentDouble
from tests.doubles.wire import Reply, Request, make_json_reply

_KEPT_FIELDS = ("schema", "schemaType", "references")
_LISTS = ("/subjects", "/schemas")
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


class _KarapaceRegistry(Registry):
    """Judges and stores as Karapace does."""

    def register(self, subject: str, posted: Posted, normalize: bool) -> Version:
        try:
            return super().register(subject, posted, normalize)
        except ApiError as error:
            if error.code == 42209:
                raise ApiError(500, 500, "Internal server error") from error
            raise

    def _parse(self, subject: str, posted: Posted, normalize: bool) -> tuple[Parsed, tuple[Reference, ...]]:
        if posted.schema_type == "JSON" and posted.references:
            raise ApiError(422, 44302, "Schema references are not supported for JSON schema type")
        try:
            parsed, references = super()._parse(subject, posted, normalize=False)
        except ApiError as error:
            if error.code != 42201:
                raise
            raise ApiError(422, 42201, f"Invalid {posted.schema_type} schema. Error: {error.message}") from error
        if posted.schema_type == "PROTOBUF":
            # Comments are kept, and one that differs makes another schema.
            comments = " ".join(" ".join(_COMMENT.findall(posted.text)).split())
            return replace(parsed, text=posted.text, identity=f"{parsed.identity}\n{comments}"), references
        # Names stay as they were written, and only Avro is stored with its keys sorted.
        text = json.dumps(json.loads(posted.text), sort_keys=True, separators=(",", ":"))
        stored = text if posted.schema_type == "AVRO" else parsed.text
        return replace(parsed, text=stored, identity=text), references

    def _raise_if_incompatible(self, version: Version) -> None:
        level = self.settings.resolve_config(version.subject)["compatibilityLevel"]
        try:
            super()._raise_if_incompatible(version)
        except ApiError as error:
            raise ApiError(409, 409, f"Incompatible schema, compatibility_mode={level}") from error

    def judge(self, subject: str, number: str, posted: Posted) -> list[str]:
        """Tell what a schema breaks; without a number, of the versions that the level counts."""
        if number and not self.store.get_versions(subject):
            raise make_error("version_not_found", version=number)
        parsed, _ = self._parse(subject, posted, normalize=False)
        versions = self._choose_compared(subject, number) if number else self.store.get_versions(subject)
        history = [OldVersion(v.version, v.parsed, {}) for v in versions]
        found = find_conflicts(parsed, {}, history, self.settings.resolve_config(subject))
        return [line for line in found if not line.startswith(("{oldSchema", "{compatibility"))]


class KarapaceDouble(ConfluentDouble):
    """Karapace in memory; `users` and `deny` as in `ConfluentDouble`, answered in Karapace's way."""

    def __init__(
        self,
        *,
        users: Mapping[str, str] | None = None,
        deny: tuple[tuple[str, str], ...] = (),
        tls: CertificateFiles | None = None,
    ) -> None:
        super().__init__("7.9", users=users, deny=deny, tls=tls)
        self.routes = _ROUTES
        self.registry = _KarapaceRegistry(409)

    def refuse_stranger(self) -> Reply:
        return make_json_reply(401, {"message": "Unauthorized", "reason": "no credentials"})

    def refuse_denied(self, request: Request) -> Reply:
        """Act as if there were nothing; lists leave out what may not be seen."""
        if request.path in _LISTS:
            reply = self.answer(request)
            rows = [row for row in json.loads(reply.body) if not self._hides(row)]
            return make_json_reply(200, rows)
        return self.make_refusal(make_error("subject_not_found", subject=unquote(request.path.split("/")[-1])))

    def make_refusal(self, error: ApiError) -> Reply:
        match error:
            case ApiError(status=404, code=404):
                return make_json_reply(404, "Not Found")
            case ApiError(status=405):
                return make_json_reply(405, "Method Not Allowed")
            case _MalformedError():
                return make_json_reply(422, {"error_code": 422, "message": error.details})
            case _:
                return super().make_refusal(error)

    def _hides(self, row: Any) -> bool:
        name = row if isinstance(row, str) else row["subject"]
        return self.access.denies(Request("GET", f"/subjects/{quote(name, safe='')}", {}, {}))


class _MalformedError(ApiError):
    """A body that has not the fields that it must have: the message is a list."""

    def __init__(self, field: str) -> None:
        super().__init__(422, 422, "")
        self.details = [{"type": "missing", "loc": ["body", field], "msg": "Field required"}]


def _read_posted(call: Call) -> Posted:
    """Parse a body; what Karapace does not know is dropped silently."""
    body = call.body
    if not isinstance(body, dict) or not isinstance(body.get("schema"), str):
        raise _MalformedError("schema")
    return parse_posted({key: body[key] for key in _KEPT_FIELDS if key in body})


def _register(call: Call) -> Any:
    return make_registered_body(call.registry.register(call.subject, _read_posted(call), False), call.behaviour)


def _look_up(call: Call) -> Any:
    found = call.registry.look_up(call.subject, _read_posted(call), False, call.flag("deleted"))
    return {key: value for key, value in make_version_body(found, call.behaviour).items() if key != "references"}


def _get_schemas(call: Call) -> Any:
    """All rows at once, as they were registered; `deleted=true` leaves out what is deleted, and nothing else does."""
    rows = [v for v in call.registry.store.all_versions() if not (call.flag("deleted") and v.deleted)]
    rows.sort(key=lambda version: version.order)
    if call.flag("latestOnly"):
        rows = list({version.subject: version for version in rows}.values())
    return [make_version_body(version, call.behaviour) for version in rows]


def _get_subjects(call: Call) -> Any:
    store = call.registry.store
    first = {v.subject: v.order for v in sorted(store.all_versions(), key=lambda v: -v.order)}
    names = [name for name in first if store.get_versions(name, call.flag("deleted"))]
    return sorted(names, key=lambda name: first[name])


def _put_config(call: Call) -> Any:
    body = call.body
    if not isinstance(body, dict) or "compatibility" not in body:
        raise _MalformedError("compatibility")
    return call.registry.settings.put_config(call.subject, {"compatibility": body["compatibility"]})


def _delete_config(call: Call) -> Any:
    """Answers the registry's level, whether there was one to take away or not."""
    if call.registry.settings.delete_config(call.subject) is None:
        raise make_error("subject_not_found", subject=call.subject)
    return {"compatibility": call.registry.settings.resolve_config("")["compatibilityLevel"]}


def _get_mode(call: Call) -> Any:
    return {"mode": "READWRITE"}


def _check(call: Call) -> Any:
    assert isinstance(call.registry, _KarapaceRegistry)
    messages = call.registry.judge(call.subject, call.part, _read_posted(call))
    return {"is_compatible": not messages} | ({"messages": messages} if messages else {})


_SUBJECT = "/subjects/{subject}"
_CHECKS = "/compatibility/subjects/{subject}/versions"
_OWN = tuple(
    make_route(*row)
    for row in (
        ("GET", "/subjects", _get_subjects),
        ("POST", _SUBJECT, _look_up),
        ("POST", f"{_SUBJECT}/versions", _register),
        ("GET", "/schemas", _get_schemas),
        ("PUT", "/config", _put_config),
        ("PUT", "/config/{subject}", _put_config),
        ("DELETE", "/config/{subject}", _delete_config),
        ("GET", "/mode", _get_mode),
        ("GET", "/mode/{subject}", _get_mode),
        ("POST", _CHECKS, _check),
        ("POST", f"{_CHECKS}/{{part}}", _check),
    )
)
_ABSENT = ("/contexts", "/mode", "/v1", "/schemas/guids")
_ROUTES = (*_OWN, *(route for route in ROUTES if not route.pattern.pattern.startswith(_ABSENT)))
