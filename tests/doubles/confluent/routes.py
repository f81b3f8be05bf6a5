"""The registry's paths: one row a route, one small function a row.

After the vendor's API reference. Left out: exporters, encryption keys, rule sets (an open-source server drops them
silently, and so does the double), `format=`, aliases.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.doubles.confluent.behaviour import Behaviour
from tests.doubles.confluent.bodies import make_guid, make_registered_body, make_schema_body, make_version_body
from tests.doubles.confluent.contexts import ALL, DEFAULT, split_name
from tests.doubles.confluent.errors import make_error
from tests.doubles.confluent.formats import FORMATS
from tests.doubles.confluent.registration import Version, parse_posted
from tests.doubles.confluent.registry import Registry
from tests.doubles.confluent.settings import GLOBAL
from tests.doubles.wire import Request

_PAGE_ROWS = 1_000


@dataclass(frozen=True)
class Call:
    """A request that found its route; `subject` is decoded and canonical, `part` is the path's last variable."""

    registry: Registry
    behaviour: Behaviour
    request: Request
    subject: str
    part: str

    def flag(self, name: str) -> bool:
        return self.request.query.get(name, "").lower() == "true"

    def page(self, rows: list[Any], at_most: int | None = None) -> list[Any]:
        """Cut a page out of a list; a negative or absent limit means as many as the registry gives."""
        offset = int(self.request.query.get("offset") or 0)
        limit = int(self.request.query.get("limit") or -1)
        limit = limit if limit >= 0 else len(rows)
        return rows[offset : offset + min(limit, at_most or limit)]

    @property
    def body(self) -> Any:
        try:
            return json.loads(self.request.body)
        except ValueError as error:
            raise make_error("bad_request", detail=f"Unrecognized token: {error}") from error

    def version(self, deleted: bool = False) -> Version:
        return self.registry.store.require_version(self.subject, self.part, deleted)

    def with_id(self) -> list[Version]:
        """The versions that have the id of the path, in the context that `subject` names."""
        context = split_name(self.request.query.get("subject", ""))[0]
        found = self.registry.store.find_by_id(context, int(self.part))
        if not found:
            raise make_error("schema_not_found", id=self.part)
        return found


def _get_root(call: Call) -> Any:
    return {}


def _get_server_version(call: Call) -> Any:
    return {"version": call.behaviour.version, "commitId": "0" * 40}


def _get_contexts(call: Call) -> Any:
    subjects = call.registry.store.find_subjects(ALL, deleted=True)
    return sorted({DEFAULT, *(split_name(subject)[0] for subject in subjects)})


def _get_subjects(call: Call) -> Any:
    prefix = call.request.query.get("subjectPrefix", ALL)
    return call.page(call.registry.store.find_subjects(prefix, call.flag("deleted")))


def _look_up(call: Call) -> Any:
    posted = parse_posted(call.body)
    found = call.registry.look_up(call.subject, posted, call.flag("normalize"), call.flag("deleted"))
    return make_version_body(found, call.behaviour)


def _delete_subject(call: Call) -> Any:
    call.registry.settings.raise_if_read_only(call.subject)
    gone = call.registry.store.delete_subject(call.subject, call.flag("permanent"))
    if call.flag("permanent"):
        call.registry.settings.forget(call.subject)
    return gone


def _get_versions(call: Call) -> Any:
    found = call.registry.store.require_versions(call.subject, call.flag("deleted"))
    return call.page([version.version for version in found])


def _register(call: Call) -> Any:
    version = call.registry.register(call.subject, parse_posted(call.body), call.flag("normalize"))
    return make_registered_body(version, call.behaviour)


def _get_version(call: Call) -> Any:
    return make_version_body(call.version(call.flag("deleted")), call.behaviour)


def _get_text(call: Call) -> Any:
    return _Raw(call.version(call.flag("deleted")).parsed.text)


def _get_referenced_by(call: Call) -> Any:
    version = call.version(deleted=True)
    dependants = call.registry.store.find_dependants(version.subject, version.version)
    return sorted({dependant.id for dependant in dependants})


def _delete_version(call: Call) -> Any:
    call.registry.settings.raise_if_read_only(call.subject)
    number = call.registry.store.delete_version(call.subject, call.part, call.flag("permanent"))
    if not call.registry.store.get_versions(call.subject, deleted=True):
        call.registry.settings.forget(call.subject)
    return number


def _get_schemas(call: Call) -> Any:
    store, deleted = call.registry.store, call.flag("deleted")
    first = -1 if call.flag("latestOnly") else 0
    subjects = store.find_subjects(call.request.query.get("subjectPrefix", ALL), deleted)
    rows = [version for subject in subjects for version in store.get_versions(subject, deleted)[first:]]
    return [make_version_body(version, call.behaviour) for version in call.page(rows, _PAGE_ROWS)]


def _get_types(call: Call) -> Any:
    return list(FORMATS)


def _get_schema(call: Call) -> Any:
    return make_schema_body(call.with_id()[0], call.behaviour)


def _get_schema_text(call: Call) -> Any:
    return _Raw(call.with_id()[0].parsed.text)


def _get_schema_subjects(call: Call) -> Any:
    found = [version for version in call.with_id() if call.flag("deleted") or not version.deleted]
    return sorted({version.subject for version in found})


def _get_schema_versions(call: Call) -> Any:
    found = [version for version in call.with_id() if call.flag("deleted") or not version.deleted]
    return [{"subject": version.subject, "version": version.version} for version in found]


def _get_schema_by_guid(call: Call) -> Any:
    for version in call.registry.store.all_versions():
        if call.behaviour.detailed and make_guid(version) == call.part:
            return make_schema_body(version, call.behaviour)
    raise make_error("schema_not_found", id=call.part)


def _get_config(call: Call) -> Any:
    settings = call.registry.settings
    own = settings.get_config(call.subject)
    if own is None and call.subject != GLOBAL and not call.flag("defaultToGlobal"):
        raise make_error("no_subject_compatibility", subject=call.subject)
    resolved = settings.resolve_config(call.subject)
    return {**resolved, **own} if own and "compatibilityLevel" in own else resolved


def _put_config(call: Call) -> Any:
    call.registry.settings.raise_if_read_only(call.subject)
    return call.registry.settings.put_config(call.subject, call.body)


def _delete_config(call: Call) -> Any:
    call.registry.settings.raise_if_read_only(call.subject)
    before = call.registry.settings.resolve_config(call.subject)
    removed = call.registry.settings.delete_config(call.subject)
    if removed is None and call.subject != GLOBAL:
        raise make_error("subject_not_found", subject=call.subject)
    return removed or before


def _get_mode(call: Call) -> Any:
    settings = call.registry.settings
    if call.subject != GLOBAL and not call.flag("defaultToGlobal") and settings.get_mode(call.subject) is None:
        raise make_error("no_subject_mode", subject=call.subject)
    return {"mode": settings.resolve_mode(call.subject)}


def _put_mode(call: Call) -> Any:
    mode = call.body.get("mode") if isinstance(call.body, dict) else None
    is_new = call.registry.settings.resolve_mode(call.subject) != "IMPORT"
    if str(mode).upper() == "IMPORT" and is_new and not call.flag("force"):
        _make_room(call)
    call.registry.settings.put_mode(call.subject, mode)
    return {"mode": str(mode).upper()}


def _make_room(call: Call) -> None:
    """Where versions are to be imported there must be none; those that are softly deleted are forgotten."""
    store = call.registry.store
    names = [call.subject] if call.subject else store.find_subjects(ALL, deleted=True)
    if any(store.get_versions(name) for name in names):
        raise make_error("cannot_import")
    for name in names:
        if store.get_versions(name, deleted=True):
            store.delete_subject(name, permanent=True)


def _delete_mode(call: Call) -> Any:
    removed = call.registry.settings.delete_mode(call.subject)
    if removed is None and call.subject != GLOBAL:
        raise make_error("subject_not_found", subject=call.subject)
    return {"mode": removed or "READWRITE"}


def _check(call: Call) -> Any:
    number = call.part or None
    messages = call.registry.check(call.subject, number, parse_posted(call.body), call.flag("normalize"))
    verdict: dict[str, Any] = {"is_compatible": not messages}
    return {**verdict, "messages": messages} if call.flag("verbose") else verdict


@dataclass(frozen=True)
class _Raw:
    """Text that is answered as it is, not as a JSON string."""

    text: str


@dataclass(frozen=True)
class Route:
    method: str
    pattern: re.Pattern[str]
    act: Callable[[Call], Any]


def make_route(method: str, path: str, act: Callable[[Call], Any]) -> Route:
    """Turn `{subject}` and `{part}` into groups: both hold one percent-encoded segment."""
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)
    return Route(method, re.compile(pattern), act)


_SUBJECT = "/subjects/{subject}"
_VERSION = "/subjects/{subject}/versions/{part}"
_CHECK = "/compatibility/subjects/{subject}/versions"
ROUTES = tuple(
    make_route(*row)
    for row in (
        ("GET", "/", _get_root),
        ("GET", "/v1/metadata/version", _get_server_version),
        ("GET", "/contexts", _get_contexts),
        ("GET", "/subjects", _get_subjects),
        ("POST", _SUBJECT, _look_up),
        ("DELETE", _SUBJECT, _delete_subject),
        ("GET", f"{_SUBJECT}/versions", _get_versions),
        ("POST", f"{_SUBJECT}/versions", _register),
        ("GET", _VERSION, _get_version),
        ("DELETE", _VERSION, _delete_version),
        ("GET", f"{_VERSION}/schema", _get_text),
        ("GET", f"{_VERSION}/referencedby", _get_referenced_by),
        ("GET", "/schemas", _get_schemas),
        ("GET", "/schemas/types", _get_types),
        ("GET", r"/schemas/ids/(?P<part>\d+)", _get_schema),
        ("GET", r"/schemas/ids/(?P<part>\d+)/schema", _get_schema_text),
        ("GET", r"/schemas/ids/(?P<part>\d+)/subjects", _get_schema_subjects),
        ("GET", r"/schemas/ids/(?P<part>\d+)/versions", _get_schema_versions),
        ("GET", "/schemas/guids/{part}", _get_schema_by_guid),
        ("GET", "/config", _get_config),
        ("PUT", "/config", _put_config),
        ("DELETE", "/config", _delete_config),
        ("GET", "/config/{subject}", _get_config),
        ("PUT", "/config/{subject}", _put_config),
        ("DELETE", "/config/{subject}", _delete_config),
        ("GET", "/mode", _get_mode),
        ("PUT", "/mode", _put_mode),
        ("DELETE", "/mode", _delete_mode),
        ("GET", "/mode/{subject}", _get_mode),
        ("PUT", "/mode/{subject}", _put_mode),
        ("DELETE", "/mode/{subject}", _delete_mode),
        ("POST", _CHECK, _check),
        ("POST", f"{_CHECK}/{{part}}", _check),
    )
)


def make_body(result: Any) -> bytes:
    """Write a route's result as it goes over the wire."""
    return (result.text if isinstance(result, _Raw) else json.dumps(result)).encode()
