"""The broker's own verdict; a refusal comes as a server error with the stack trace of the exception that it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from adapters.pulsar import requests
from adapters.pulsar.connection import Connection
from adapters.pulsar.topics import Topic
from reconciler.http import Response
from reconciler.model import Finding, Mode, Outcome, Severity, Source, Verdict

_REFUSALS = ("IncompatibleSchemaException", "InvalidSchemaDataException")
_WORDS = re.compile(r"Message: (.*?)\s*\n\s*Stacktrace:", re.DOTALL)


def probe(
    connection: Connection, registry: str, topic: Topic, subject: str, payload: Mapping[str, Any], mode: Mode
) -> Verdict:
    """See :meth:`reconciler.registry.VerdictProbe.probe`."""
    answer = connection.send(requests.check_compatibility(topic, subject, payload))
    content = _read(answer)
    if answer.status < 300:
        if content.get("compatibility") is not False:
            return Verdict(Outcome.COMPATIBLE, mode, judge=registry)
        words = "the schema is incompatible"
    else:
        reason = str(content.get("reason", ""))
        if not any(name in reason for name in _REFUSALS):
            raise connection.make_error(answer)
        found = _WORDS.search(reason)
        words = found[1] if found else "the schema is incompatible"
    finding = Finding("REGISTRY_REFUSES", Severity.ERROR, Source.REGISTRY, words, registry=registry, subject=subject)
    return Verdict(Outcome.INCOMPATIBLE, mode, findings=(finding,), judge=registry)


def _read(response: Response) -> dict[str, Any]:
    content = response.json()
    return content if isinstance(content, dict) else {}
