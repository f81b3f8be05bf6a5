"""The registry's own verdict, without registering: its words as findings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from adapters.confluent.reading import Reader
from adapters.confluent.wire import make_body
from adapters.confluent.writing import CONTENT_TYPE
from reconciler.http import HttpClient, Request, Response, make_path
from reconciler.http.failures import read_words
from reconciler.model import Finding, Mode, Outcome, Schema, Severity, Source, Verdict

_REFUSED = 422
_UNANSWERED = frozenset({500, 501})

_TYPE = re.compile(r"errorType: *['\"]?(\w+)")
_PATH = re.compile(r"at path '([^']*)'|path: *'([^']*)'")
_WORDS = re.compile(r"description: *(['\"])(?P<words>.*?)\1(?:, *additionalInfo|\}\s*$)", re.DOTALL)
_VERSION = re.compile(r"\s*\{ *oldSchemaVersion: *(\d+)")
_NOTE = re.compile(r"^\{ *(oldSchemaVersion|oldSchema|validateFields|compatibility)\b")
"""The last messages of an answer are not about what is wrong, but about what was asked."""


def probe(
    client: HttpClient,
    reader: Reader,
    registry: str,
    subject: str,
    schema: Schema,
    mode: Mode,
    is_every: bool,
    way: Mapping[str, str],
) -> Verdict | None:
    """See :meth:`reconciler.registry.VerdictProbe.probe`.

    A mode that counts every version is asked of the route of all versions: the one of the latest looks at that alone,
    whatever the mode. A subject without versions has nothing to be incompatible with. Apicurio fails on schemas with
    references, by 422 or 500, so those answers say nothing there.

    Args:
        is_every: whether the server has a route of all versions; else each is asked about, from the newest on, until
            one says no.
        way: parameters of every request that sends a schema.
    """
    ask = partial(_ask, client, reader, registry, subject, schema, mode, way)
    if not mode.is_transitive:
        return ask("latest")
    if is_every:
        return ask(None)
    for number in reversed(reader.read_numbers(subject)):
        one = ask(number)
        if one is None or one.outcome is not Outcome.COMPATIBLE:
            return one
    return _make_verdict(True, [], registry, subject, mode)


def _ask(
    client: HttpClient,
    reader: Reader,
    registry: str,
    subject: str,
    schema: Schema,
    mode: Mode,
    way: Mapping[str, str],
    version: int | str | None,
) -> Verdict | None:
    """Ask about one version, or with None about all."""
    route = () if version is None else (version,)
    request = Request(
        "POST",
        make_path("compatibility", "subjects", subject, "versions", *route),
        {"verbose": "true", **way},
        make_body(schema),
        CONTENT_TYPE,
        accepts=frozenset({404, _REFUSED}) | (_UNANSWERED if schema.references else frozenset()),
        subject=subject,
        purpose="ask for the registry's verdict",
    )
    response = client.send(request)
    if response.status in _UNANSWERED or (response.status == _REFUSED and schema.references):
        return None
    if response.status == _REFUSED:
        words = [read_words(response)[1] or "the registry refuses the schema"]
        return _make_verdict(False, words, registry, subject, mode)
    if reader.is_absent(response):
        return _make_verdict(True, [], registry, subject, mode)
    return _read_verdict(response, registry, subject, mode)


def _read_verdict(response: Response, registry: str, subject: str, mode: Mode) -> Verdict | None:
    content = response.json()
    if not isinstance(content, dict) or not isinstance(content.get("is_compatible"), bool):
        return None
    messages = [str(message) for message in content.get("messages") or ()]
    return _make_verdict(content["is_compatible"], messages, registry, subject, mode)


def _make_verdict(is_compatible: bool, messages: list[str], registry: str, subject: str, mode: Mode) -> Verdict:
    versions = tuple(sorted({int(told.group(1)) for m in messages if (told := _VERSION.match(m))}))
    if is_compatible:
        return Verdict(Outcome.COMPATIBLE, mode, versions, judge=registry)
    against = versions[-1] if versions else None
    findings = tuple(_make_findings(messages, registry, subject, against))
    return Verdict(Outcome.INCOMPATIBLE, mode, versions, findings, judge=registry)


def _make_findings(messages: Iterable[str], registry: str, subject: str, against: int | None) -> Iterator[Finding]:
    told = [m for m in messages if not _NOTE.match(m.strip())] or [
        "the registry calls it incompatible and says no more"
    ]
    for message in told:
        kind, path, words = _TYPE.search(message), _PATH.search(message), _WORDS.search(message)
        yield Finding(
            code=kind.group(1) if kind else "REGISTRY_REFUSES",
            severity=Severity.ERROR,
            source=Source.REGISTRY,
            message=words["words"] if words else message,
            registry=registry,
            subject=subject,
            path=next((p for p in path.groups() if p is not None), None) if path else None,
            against=against,
        )
