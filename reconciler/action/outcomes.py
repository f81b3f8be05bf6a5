"""What a command came to, taken out of the JSON documents that it wrote."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reconciler.action.inputs import Inputs

ERROR, BLOCKED = 1, 3
"""Exit codes of the command line."""
_DELETIONS = frozenset({"delete_subject", "delete_versions"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command came to.

    ``exit_code`` is the command's own. ``written`` are the files of its reports by format, only those that are there;
    ``text`` is what it printed.
    """

    exit_code: int
    creates: int = 0
    updates: int = 0
    deletes: int = 0
    changes: int = 0
    errors: int = 0
    warnings: int = 0
    drift: int = 0
    applied: int = 0
    digest: str = ""
    environment: str = ""
    written: Mapping[str, Path] = field(default_factory=dict)
    text: str = ""

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing that anybody would have to look at."""
        return not (self.exit_code or self.changes or self.errors or self.warnings or self.drift)


def make_outcome(command: str, exit_code: int, document: Mapping[str, Any], **rest: Any) -> Outcome:
    """Make the outcome of a command of its JSON document; counts of what the document lacks are 0."""
    return Outcome(exit_code, **_COUNTED[command](document), **_findings(document), **rest)


def make_exit_code(outcome: Outcome, inputs: Inputs, *, is_fork: bool) -> int:
    """Decide whether the job fails.

    A run that an error stopped fails, unless it is of a fork, which lacks the credentials that it would need. Findings
    fail it from the severity on that the workflow names.
    """
    if outcome.exit_code == ERROR and is_fork and inputs.command != "check":
        return 0
    if outcome.exit_code == BLOCKED and inputs.fail_on == "never":
        return 0
    if outcome.exit_code == 0 and outcome.warnings and inputs.fail_on == "warning":
        return BLOCKED
    return outcome.exit_code


def load_document(path: Path | None) -> Mapping[str, Any]:
    """Read a JSON document that a command wrote; empty where it wrote none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8")) if path else {}
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _findings(document: Mapping[str, Any]) -> dict[str, Any]:
    severities = [finding.get("severity") for finding in document.get("findings", ())]
    return {"errors": severities.count("error"), "warnings": severities.count("warning")}


def _of_check(document: Mapping[str, Any]) -> dict[str, Any]:
    kinds = [subject["kind"] for subject in document.get("subjects", ())]
    return {
        "creates": kinds.count("added"),
        "updates": kinds.count("changed") + kinds.count("renamed"),
        "deletes": kinds.count("dropped"),
        "changes": len(kinds),
        "environment": document.get("environment", ""),
    }


def _of_plan(document: Mapping[str, Any]) -> dict[str, Any]:
    summary = document.get("summary", {})
    return {
        "creates": summary.get("creates", 0),
        "updates": sum(summary.get(name, 0) for name in ("updates", "restores", "modes", "settings")),
        "deletes": summary.get("deletes", 0),
        "changes": len(document.get("changes", ())),
        "digest": document.get("digest", ""),
        "environment": document.get("environment", ""),
    }


def _of_apply(document: Mapping[str, Any]) -> dict[str, Any]:
    results = document.get("results", ())
    done = [result["kind"] for result in results if result["status"] == "applied"]
    deletes = _count(done, _DELETIONS)
    creates = sum(result["kind"] == "register_schema" and result["version"] == 1 for result in _applied(results))
    return {
        "creates": creates,
        "updates": len(done) - deletes - creates,
        "deletes": deletes,
        "changes": len(results),
        "applied": len(done),
        "digest": document.get("digest", ""),
        "environment": document.get("environment", ""),
    }


def _of_drift(document: Mapping[str, Any]) -> dict[str, Any]:
    return {"drift": len(document.get("drift", ())), "environment": document.get("environment", "")}


def _of_rollback(document: Mapping[str, Any]) -> dict[str, Any]:
    return {}


def _applied(results: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [result for result in results if result["status"] == "applied"]


def _count(kinds: Iterable[str], wanted: frozenset[str]) -> int:
    return sum(kind in wanted for kind in kinds)


_COUNTED = {
    "check": _of_check,
    "plan": _of_plan,
    "apply": _of_apply,
    "drift": _of_drift,
    "rollback": _of_rollback,
}
