"""The registry's own verdict, by a dry run: its causes as findings."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from adapters.apicurio.reading import Reader
from adapters.apicurio.requests import Requests
from reconciler.http import Response
from reconciler.http.failures import read_words
from reconciler.model import Finding, Format, Mode, Outcome, Schema, Severity, Source, Verdict

_VIOLATION = "RuleViolationException"


def probe(
    reader: Reader,
    requests: Requests,
    registry: str,
    subject: str,
    schema: Schema,
    mode: Mode,
    judges: Collection[Format],
) -> Verdict | None:
    """See :meth:`reconciler.registry.VerdictProbe.probe`.

    Args:
        judges: formats in which the registry's consent means that it has compared anything.
    """
    question = requests.try_version(subject, schema)
    if question is None:
        return None
    response = reader.ask(question)
    if response.status < 300 or response.status == 404:
        return Verdict(Outcome.COMPATIBLE, mode, judge=registry) if schema.format in judges else None
    content = _read(response)
    if content.get("name") not in (_VIOLATION, None):
        return None
    findings = tuple(_make_finding(registry, subject, cause) for cause in content.get("causes") or ())
    told = findings or (_make_finding(registry, subject, {"description": read_words(response)[1]}),)
    return Verdict(Outcome.INCOMPATIBLE, mode, findings=told, judge=registry)


def _read(response: Response) -> dict[str, Any]:
    content = response.json()
    return content if isinstance(content, dict) else {}


def _make_finding(registry: str, subject: str, cause: dict[str, Any]) -> Finding:
    words, path = str(cause.get("description") or "incompatible"), cause.get("context")
    return Finding(
        "REGISTRY_REFUSES",
        Severity.ERROR,
        Source.REGISTRY,
        words,
        registry=registry,
        subject=subject,
        path=str(path) if path else None,
    )
