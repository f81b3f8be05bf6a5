"""What became of a plan, as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from reconciler.model import Plan

if TYPE_CHECKING:
    from reconciler.applier import Applied, Result

FORMAT_VERSION = 1
"""Counts up when a reader of an older document would misunderstand a newer one."""


def render_applied_json(plan: Plan, applied: Applied | None) -> str:
    """Write the outcome of every change, ending in a newline; ``applied`` None where nothing was applied."""
    document = {
        "version": FORMAT_VERSION,
        "environment": plan.environment,
        "digest": plan.digest,
        "commit": plan.commit,
        "can_apply": plan.can_apply,
        "complete": applied is not None and applied.is_complete,
        "interrupted": applied is not None and applied.is_interrupted,
        "stopped": applied.stopped if applied else None,
        "results": [_result(result) for result in applied.results] if applied else [],
        "findings": [
            {"code": f.code, "severity": f.severity, "registry": f.registry, "subject": f.subject, "message": f.message}
            for f in plan.findings
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _result(result: Result) -> dict[str, object]:
    change = result.change
    return {
        "registry": change.registry,
        "subject": change.subject,
        "kind": change.kind,
        "status": result.status,
        "version": result.version,
        "message": result.message,
        "fix": result.fix,
        "unprotected": result.is_mode_left,
    }
