"""Whether a plan that was made now is the one that was reviewed, and in what it differs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from reconciler import planfile
from reconciler.errors import StalePlanError, UsageError
from reconciler.model import Change, Finding, Plan, ReadItem, Severity, Source
from reconciler.render.words import count, describe_change

_SHORTEST_DIGEST = 12
"""So many digits name a plan beyond doubt."""
_DIGEST = re.compile(r"[0-9a-f]{12,64}", re.IGNORECASE)
_NONE = "none"
_Key = tuple[str, str | None, str]


@dataclass(frozen=True, slots=True)
class Expected:
    """The reviewed plan: its digest or the beginning of it, ``none`` where there was to be one and was not; and the
    plan itself, where it was saved.
    """

    digest: str
    plan: Plan | None = None


def load_expected(text: str | None) -> Expected | None:
    """Read what a user expects.

    Args:
        text: a digest of at least 12 digits, ``none``, or the file of a saved plan; None where nobody asks.

    Raises:
        UsageError: it is none of these.
        PlanFileError: the file is no plan.
    """
    if text is None:
        return None
    if text == _NONE or _DIGEST.fullmatch(text):
        return Expected(text.lower())
    if not Path(text).is_file():
        raise UsageError(
            f"--expect: `{text}` is neither a digest of at least {_SHORTEST_DIGEST} digits nor a file",
            fix="`schemafed plan` ends with its digest, and saves the plan with --plan-file",
        )
    plan = planfile.read_plan(Path(text))
    return Expected(plan.digest, plan)


def check_expected(made: Plan, expected: Expected | None) -> tuple[Finding, ...]:
    """Find in what a plan is not the one that was reviewed; empty where it is.

    A plan without changes needs no review: so a run that is started again after it has done its work passes.
    """
    if expected is None or made.digest.startswith(expected.digest) or (not made.changes and made.can_apply):
        return ()
    message = f"the plan is {made.digest[:12]} now, {count(len(made.changes), 'change')}; {expected.digest[:12]} was"
    whole = Finding("PLAN_CHANGED", Severity.ERROR, Source.PLANNING, f"{message} reviewed")
    return (whole, *(_compare_plans(expected.plan, made) if expected.plan else ()))


def raise_if_unexpected(differences: tuple[Finding, ...], *, proceeds: bool) -> tuple[Finding, ...]:
    """Stop where a plan is not the one that was reviewed.

    Args:
        differences: what :func:`check_expected` found.
        proceeds: go on all the same, as ``on_plan_change: proceed`` says.

    Returns:
        the differences as warnings, where the run goes on.

    Raises:
        StalePlanError: the two are not the same.
    """
    if differences and not proceeds:
        raise StalePlanError(
            "the plan is not the one that was reviewed",
            differences,
            fix="review what is planned now, or let `on_plan_change: proceed` stand in schemafed.yaml",
        )
    return tuple(replace(finding, severity=Severity.WARNING) for finding in differences)


def _compare_plans(reviewed: Plan, made: Plan) -> Iterator[Finding]:
    before, after = _by_key(reviewed), _by_key(made)
    for key in {**before, **after}:
        was, now = before.get(key), after.get(key)
        if was is None and now is not None:
            yield _differs(now, f"not reviewed: {describe_change(now)}")
        elif was is not None and now is None:
            yield _differs(was, f"reviewed, and not planned any more: {describe_change(was)}")
        elif was is not None and now is not None and was != now:
            yield _differs(now, f"reviewed otherwise: {describe_change(was)}; it is now {describe_change(now)}")
    yield from _compare_readings(reviewed, made)
    if reviewed.configuration != made.configuration:
        yield _finding("the settings of the environment are others")


def _compare_readings(reviewed: Plan, made: Plan) -> Iterator[Finding]:
    """What both plans rest on, and moved between them."""
    before = {(item.registry, item.subject): item for item in reviewed.read_set}
    for now in made.read_set:
        was = before.get((now.registry, now.subject))
        if was is not None and was != now:
            message = f"what it rests on moved: {_describe(was)}; it is now {_describe(now)}"
            yield _finding(message, now.registry, now.subject)


def _describe(item: ReadItem) -> str:
    version = f"version {item.version}" if item.version else ""
    mode = f"mode {item.mode}" if item.mode else ""
    return ", ".join(part for part in (version, mode) if part) or "absent, or unset"


def _by_key(plan: Plan) -> Mapping[_Key, Change]:
    return {(change.registry, change.subject, change.kind): change for change in plan.changes}


def _differs(change: Change, message: str) -> Finding:
    return replace(_finding(message, change.registry, change.subject), location=change.location)


def _finding(message: str, registry: str | None = None, subject: str | None = None) -> Finding:
    return Finding("PLAN_CHANGED", Severity.ERROR, Source.PLANNING, message, registry=registry, subject=subject)
