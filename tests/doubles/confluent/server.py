"""The double as a server: `with ConfluentDouble(version="8.1") as double: ... double.url ...`."""

from __future__ import annotations

import copy
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from tests.doubles.certificates import CertificateFiles
from tests.doubles.confluent.behaviour import BEHAVIOURS
from tests.doubles.confluent.contexts import canonical
from tests.doubles.confluent.errors import ApiError, make_error
from tests.doubles.confluent.registration import parse_posted
from tests.doubles.confluent.registry import Registry
from tests.doubles.confluent.routes import ROUTES, Call, Route, make_body
from tests.doubles.wire import Access, HttpDouble, Reply, Request, make_json_reply

_CONTENT_TYPE = "application/vnd.schemaregistry.v1+json"
_ACCEPTED_TYPES = frozenset(
    {_CONTENT_TYPE, "application/vnd.schemaregistry+json", "application/json", "application/octet-stream"}
)
_IN_CONTEXT = re.compile(r"/contexts/(?P<context>[^/]+)(?P<rest>/.+)")
_HAS_SUBJECT = re.compile(r"(?P<head>(?:/compatibility)?/(?:subjects|config|mode)/)(?P<subject>[^/]+)(?P<tail>.*)")


class ConfluentDouble(HttpDouble):
    """Confluent Schema Registry in memory.

    `version` is "7.9" or "8.1". `users` (name -> password) and `tokens` switch authentication on; `deny` refuses
    (method, path) shell patterns with 403; `tls` serves HTTPS and `client_certificate_required` makes it mutual.
    `base_path` puts the API below a path, as a gateway does; `keeps_rules` stores rule sets. `lag` is how many reads
    after a write come to a node that does not know of it yet; it can be set at any time.
    From `HttpDouble`: `faults`, `requests`, `count`, `most_at_once`.
    """

    routes: Sequence[Route] = ROUTES

    def __init__(
        self,
        version: str = "8.1",
        *,
        users: Mapping[str, str] | None = None,
        tokens: frozenset[str] = frozenset(),
        deny: tuple[tuple[str, str], ...] = (),
        tls: CertificateFiles | None = None,
        client_certificate_required: bool = False,
        base_path: str = "",
        keeps_rules: bool = False,
        lag: int = 0,
    ) -> None:
        super().__init__(
            self._answer,
            access=Access(users or {}, tokens, deny),
            tls=tls,
            client_certificate_required=client_certificate_required,
        )
        self.behaviour = BEHAVIOURS[version]
        self.registry = Registry(self.behaviour.incompatible_code, keeps_rules)
        self.lag = lag
        self._base_path = base_path
        self._before = self.registry
        self._reads_behind = 0
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return super().url + self._base_path

    def register(self, subject: str, schema: str, **fields: Any) -> int:
        """Register a schema as another client would, without a request; returns its id."""
        with self._lock:
            return self.registry.register(subject, parse_posted({"schema": schema, **fields}), normalize=False).id

    def set_compatibility(self, subject: str, level: str) -> None:
        """Set a subject's compatibility, or the registry's for the empty name, without a request."""
        with self._lock:
            self.registry.settings.put_config(subject, {"compatibility": level})

    def set_write_mode(self, subject: str, mode: str) -> None:
        """Set a subject's write mode, or the registry's for the empty name, without a request."""
        with self._lock:
            self.registry.settings.put_mode(subject, mode)

    def plant_text(self, subject: str, text: str) -> None:
        """Put any text in place of a subject's latest, as a registry may hold from another age or client."""
        with self._lock:
            latest = self.registry.store.require_version(subject, "latest")
            self.registry.store.put(replace(latest, parsed=replace(latest.parsed, text=text)))

    @property
    def writes(self) -> list[Request]:
        """The logged requests that ask for a change: neither look-ups nor checks."""
        return [request for request in list(self.requests) if _is_write(request)]

    def make_refusal(self, error: ApiError) -> Reply:
        """Write an error as the server does."""
        return make_json_reply(error.status, {"error_code": error.code, "message": error.message}, _CONTENT_TYPE)

    def _answer(self, request: Request) -> Reply:
        try:
            path = request.path.removeprefix(self._base_path)
            route, groups = _find_route(self.routes, request.method, _enter_context(path))
            _raise_if_media_type_unknown(request)
            subject = canonical(unquote(groups.get("subject") or ""))
            with self._lock:
                registry = self._choose_registry(request)
                call = Call(registry, self.behaviour, request, subject, unquote(groups.get("part") or ""))
                return Reply(200, make_body(route.act(call)), {"Content-Type": _CONTENT_TYPE})
        except ApiError as error:
            return self.make_refusal(error)
        except Exception as error:
            # A mistake of the double must not look like a dropped connection.
            body = {"error_code": 500, "message": f"the double itself failed: {error!r}"}
            return make_json_reply(500, body, _CONTENT_TYPE)

    def _choose_registry(self, request: Request) -> Registry:
        """The state that a request meets: writes always the present one."""
        if _is_write(request):
            if self.lag:
                self._before, self._reads_behind = copy.deepcopy(self.registry), self.lag
            return self.registry
        if not self.lag or self._reads_behind == 0:
            self._reads_behind = 0
            return self.registry
        self._reads_behind -= 1
        return self._before


def _is_write(request: Request) -> bool:
    registers = request.method == "POST" and re.search(r"/subjects/[^/]+/versions$", request.path)
    return request.method in {"PUT", "DELETE"} or bool(registers and "/compatibility/" not in request.path)


def _enter_context(path: str) -> str:
    """Rewrite `/contexts/.ctx/subjects/S` as `/subjects/:.ctx:S`."""
    inside = _IN_CONTEXT.fullmatch(path)
    if not inside:
        return path
    context = unquote(inside["context"]).strip(":")
    with_subject = _HAS_SUBJECT.fullmatch(inside["rest"])
    if not with_subject:
        return inside["rest"]
    return f"{with_subject['head']}:{context}:{with_subject['subject']}{with_subject['tail']}"


def _find_route(routes: Sequence[Route], method: str, path: str) -> tuple[Route, dict[str, str | Any]]:
    path = path if path == "/" else path.rstrip("/")
    fitting = [(route, found) for route in routes if (found := route.pattern.fullmatch(path or "/"))]
    for route, found in fitting:
        if route.method == method:
            return route, found.groupdict()
    raise make_error("method_not_allowed" if fitting else "unknown_path")


def _raise_if_media_type_unknown(request: Request) -> None:
    given = request.headers.get("content-type", _CONTENT_TYPE).partition(";")[0].strip()
    if request.body and given not in _ACCEPTED_TYPES:
        raise make_error("unsupported_media_type")
