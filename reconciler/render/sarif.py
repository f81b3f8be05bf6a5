"""A report's findings as SARIF 2.1.0, for code scanning and editors; the changes of a plan are properties of the run.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from reconciler import __version__
from reconciler.model import Finding, Location, Severity
from reconciler.render.report import Entry, Report, State, with_texts
from reconciler.render.words import printable

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"
_LEVELS: Mapping[Severity, str] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render_sarif(report: Report) -> str:
    """Write one run with a result for each finding; those that were there before are ``unchanged``."""
    report = with_texts(report, printable)
    codes = sorted({finding.code for finding in (*report.findings, *report.known)})
    numbers = {code: number for number, code in enumerate(codes)}
    fresh = "new" if report.command == "check" else None
    results = [_result(f, numbers[f.code], fresh) for f in report.findings]
    # What would be done is nothing wrong, and a result would be an alert.
    changes = [_change(entry) for entry in report.entries if entry.change]
    results += [_result(f, numbers[f.code], "unchanged") for f in report.known]
    run = {
        "tool": {"driver": {"name": "schemafed", "version": __version__, "rules": _rules(codes)}},
        "automationDetails": {"id": f"schemafed/{report.command}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "invocations": [_invocation(report)],
        "results": results,
        **({"properties": {"changes": changes}} if changes else {}),
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rules(codes: Iterable[str]) -> list[dict[str, Any]]:
    return [
        {"id": code, "shortDescription": {"text": code.replace("_", " ").capitalize()}, "name": _pascal(code)}
        for code in codes
    ]


def _pascal(code: str) -> str:
    return "".join(word.capitalize() for word in code.split("_"))


def _invocation(report: Report) -> dict[str, Any]:
    if report.state is not State.FAILED:
        return {"executionSuccessful": True}
    told = _message(": ".join((report.verdict, report.summary)))
    return {"executionSuccessful": False, "toolExecutionNotifications": [{"level": "error", "message": told}]}


def _result(finding: Finding, rule: int, baseline: str | None) -> dict[str, Any]:
    text = "\n".join(part for part in (finding.message, f"Fix: {finding.fix}" if finding.fix else "") if part)
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": _message(text),
        "locations": [_location(finding)],
        "partialFingerprints": {"schemafed/v1": _fingerprint(finding)},
        "properties": {"source": finding.source},
        **({"baselineState": baseline} if baseline else {}),
    }


def _change(entry: Entry) -> dict[str, Any]:
    told = {"registry": entry.registry, "subject": entry.subject, "kind": entry.change, "message": entry.what}
    file = quote(entry.location.file.encode(errors="replace"))
    return {**told, "file": file, **({"outcome": entry.status} if entry.status else {})}


def _message(text: str) -> dict[str, str]:
    # "[text](target)" is a link in a message, and none of ours has one.
    return {"text": text.replace("](", "]\\(") or " "}


def _location(finding: Finding) -> dict[str, Any]:
    place = finding.location or Location("schemafed.yaml")
    physical: dict[str, Any] = {
        "artifactLocation": {"uri": quote(place.file.encode(errors="replace")), "uriBaseId": _ROOT}
    }
    region = {name: value for name, value in (("startLine", place.line), ("startColumn", place.column)) if value}
    # A column without a line is none, and code scanning wants a line.
    physical["region"] = region if place.line else {"startLine": 1}
    names = _names(finding)
    if not names:
        return {"physicalLocation": physical}
    logical = {"name": names[-1], "fullyQualifiedName": "/".join(names), "kind": "resource"}
    return {"physicalLocation": physical, "logicalLocations": [logical]}


def _names(finding: Finding) -> Sequence[str]:
    return [part for part in (finding.registry, finding.subject) if part]


def _fingerprint(finding: Finding) -> str:
    """What stays when lines move: everything that tells the finding from others but its line."""
    file = finding.location.file if finding.location else ""
    parts = (finding.code, finding.registry, finding.subject, finding.path, file, finding.message)
    return sha256(json.dumps(parts).encode()).hexdigest()[:32]
