"""Reports for a terminal: coloured where it can be, plain lines elsewhere; views of values, no decisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Group
from rich.text import Text

from reconciler.model import (
    Change,
    DeleteSubject,
    DeleteVersions,
    Difference,
    DifferenceKind,
    Observation,
    Plan,
    RegisterSchema,
    Registration,
    RestoreVersion,
    Waiver,
)
from reconciler.render.findings import render_findings
from reconciler.render.words import (
    MARKS,
    OUTCOME_STYLES,
    WHOLE,
    count,
    describe_change,
    describe_deletions,
    describe_verdict,
    printable,
    summarize,
)

_DIFFERENCE_STYLES: Mapping[DifferenceKind, str] = {
    DifferenceKind.ADDED: "green",
    DifferenceKind.REMOVED: "red",
    DifferenceKind.CHANGED: "yellow",
}
MOST_DETAILED = 200
"""Up to how many changes a report shows each one's details; above, a line each."""
MOST_ON_A_LINE = 90
"""How many characters of a difference stand on one line; what was and what is stand below each other beyond."""
_WAS_AND_IS = (DifferenceKind.REMOVED, DifferenceKind.ADDED)
MOST_DIFFERENCES = 20
"""How many differences of one schema a report shows before it counts the rest."""
MOST_NAMES = 10
"""How many subjects of a list a report names before it counts the rest."""


def render_plan(plan: Plan) -> Group:
    """Show a plan: every registry with its changes, what was found, and the one-line summary."""
    lines: list[Text] = [_line(("Plan", "bold"), f" for environment {plan.environment}")]
    for observation in plan.observations:
        changes = [c for c in plan.changes if c.registry == observation.registry]
        lines += [Text(), *_registry(observation, changes, is_detailed=len(plan.changes) <= MOST_DETAILED)]
    lines += render_findings(plan.findings)
    lines += [Text(), *_conclusion(plan)]
    return Group(*lines)


def render_error(message: str, fix: str | None) -> Group:
    """Show what stopped a run."""
    lines = [_line(("error", "bold red"), f": {printable(message)}")]
    if fix:
        lines.append(_line(("  fix: ", "green"), printable(fix)))
    return Group(*lines)


def _registry(observation: Observation, changes: list[Change], *, is_detailed: bool) -> Iterator[Text]:
    unchanged = count(observation.unchanged, "unchanged", "unchanged")
    heading = f" ({observation.kind}): {count(len(changes), 'change')}, {unchanged}"
    yield _line((observation.registry, "bold cyan"), heading)
    if not is_detailed:
        yield from (_headline(change) for change in changes)
        yield _line(("  every detail: --output json, or fewer changes with --subject", "dim"))
    previous = None
    for change in changes if is_detailed else ():
        if change.subject is None or change.subject != previous:
            yield Text()
        yield from _change(change)
        previous = change.subject
    if observation.unmanaged:
        yield Text()
        yield _line(("  unmanaged, left alone: ", "dim"), (_names(observation.unmanaged), "dim"))


def _change(change: Change) -> Iterator[Text]:
    yield _headline(change)
    yield _line((f"      {printable(str(change.location))}: {printable(change.reason)}", "dim"))
    match change:
        case RegisterSchema() | RestoreVersion():
            yield from _schema_details(change)
        case DeleteVersions():
            yield from _dependants(change)
            yield from render_differences(change.differences)
        case DeleteSubject():
            yield from _dependants(change)


def _dependants(change: DeleteVersions | DeleteSubject) -> Iterator[Text]:
    if change.dependants:
        yield _line((f"      after {_names(change.dependants)}, which referred to it", "dim"))


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(map(printable, names[:MOST_NAMES]))
    return f"{shown} and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else shown


def _headline(change: Change) -> Text:
    kind = _kind(change)
    name = change.subject or change.registry
    mark = (f"  {MARKS[kind]} ", _DIFFERENCE_STYLES[kind])
    described = (f"  {describe_change(change)}", "red" if kind is DifferenceKind.REMOVED else "")
    return _line(mark, (printable(name), "bold"), described)


def _kind(change: Change) -> DifferenceKind:
    match change:
        case RegisterSchema(before=None):
            return DifferenceKind.ADDED
        case DeleteVersions() | DeleteSubject():
            return DifferenceKind.REMOVED
    return DifferenceKind.CHANGED


def _schema_details(change: Registration) -> Iterator[Text]:
    for reference in change.after.references:
        version = reference.version or "made by this plan"
        yield _line((f"      uses {printable(reference.subject)}, version {version}", "dim"))
    if change.verdict is not None and change.before is not None:
        yield _line((f"      {printable(describe_verdict(change.verdict))}", OUTCOME_STYLES[change.verdict.outcome]))
    for waiver in change.waivers:
        yield _waiver(waiver)
    if change.waivers:
        again = change.restores_mode or "inherited"
        yield _line((f"      in three steps: mode NONE, the new version, mode {again} again", "yellow"))
    yield from render_differences(change.differences)


def _waiver(waiver: Waiver) -> Text:
    place = f" at {printable(waiver.path)}" if waiver.path is not None else ""
    by = f"{printable(waiver.approver)}, until {waiver.until} ({printable(str(waiver.location))})"
    label = (f"      waived {waiver.code}{place}", "bold yellow")
    return _line(label, f": {printable(waiver.reason)}; approved by {by}")


def render_differences(differences: Sequence[Difference]) -> Iterator[Text]:
    """The first structural differences of a schema, a line each, and how many more there are."""
    for difference in differences[:MOST_DIFFERENCES]:
        yield render_difference(difference)
    more = len(differences) - MOST_DIFFERENCES
    if more > 0:
        yield _line((f"      and {count(more, 'more difference')}", "dim"))


def render_difference(difference: Difference) -> Text:
    """One line for a structural difference; what is long before and after has a line for each."""
    sides = [printable(text) for text in (difference.before, difference.after) if text]
    style = _DIFFERENCE_STYLES[difference.kind]
    name = "" if difference.path == WHOLE else printable(difference.path)
    head = ((f"      {MARKS[difference.kind]} ", style), (name, style))
    if len(sides) > 1 and len(name) + sum(map(len, sides)) > MOST_ON_A_LINE:
        was, now = ((side, _DIFFERENCE_STYLES[kind]) for side, kind in zip(sides, _WAS_AND_IS, strict=True))
        return _line(*head, "\n          - ", was, "\n          + ", now)
    return _line(*head, "  " if name and sides else "", " → ".join(sides))


def _conclusion(plan: Plan) -> Iterator[Text]:
    if plan.changes or plan.findings:
        yield _line(("Summary: ", "bold"), summarize(plan))
    deletions = describe_deletions(plan.changes)
    if deletions:
        yield _line(("Deletes: ", "bold red"), (f"{deletions}.", "red"))
    if not plan.can_apply:
        yield _line(("This plan cannot be applied.", "bold red"), " Mend the errors above and plan again.")
    elif not plan.changes:
        unchanged = count(plan.summary.unchanged, "subject")
        same = "Drift is kept; else what" if plan.keeps_drift else "What"
        yield _line(("Nothing to do.", "bold green"), f" {same} is declared is what is live ({unchanged}).")


def _line(*parts: str | tuple[str, str]) -> Text:
    return Text.assemble(*parts)
