"""Reports of what was done, and of what is configured, for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from reconciler.model import Change, Severity
from reconciler.render.findings import render_findings
from reconciler.render.words import STATUS_MARKS, count, describe_change, printable

if TYPE_CHECKING:
    from reconciler.applier import Applied, Result
    from reconciler.operations.import_ import Imported
    from reconciler.operations.registries import RegistryStatus
    from reconciler.operations.validate import Validated

_RESTORES: Mapping[str, str] = {
    "new version": "as a new version",
    "delete newer": "by deleting what came after",
    "none": "never",
}

_MOST_NAMES = 5
"""So many of the changes that were skipped are named."""


def render_result(result: Result) -> Text:
    """One line for a change that ended, and what to do where it failed."""
    mark, style = STATUS_MARKS[result.status]
    change = result.change
    name = describe_subject(change)
    version = f" (version {result.version})" if result.version and not result.message else ""
    text = Text.assemble(
        (f"  {mark} ", style), (printable(name), "bold"), f"  {describe_change(change)}", (version, "dim")
    )
    if result.message:
        text.append(f"\n      {result.status}: {printable(result.message)}", style)
    if result.fix:
        text.append(f"\n      fix: {printable(result.fix)}", "green")
    return text


def render_skipped(results: Sequence[Result]) -> Text:
    """One line for all changes that were skipped for one reason, and the first of them by name."""
    mark, style = STATUS_MARKS["skipped"]
    names = [printable(describe_subject(result.change)) for result in results[:_MOST_NAMES]]
    more = f" and {len(results) - len(names):,} more" if len(results) > len(names) else ""
    head = f"  {mark} {count(len(results), 'change')} skipped: {printable(results[0].message or '')}"
    return Text.assemble((head, style), f"\n      {', '.join(names)}{more}")


def describe_subject(change: Change) -> str:
    """The registry and the subject of a change; the registry alone for its own level."""
    return f"{change.registry}/{change.subject}" if change.subject is not None else change.registry


def render_applied(applied: Applied) -> Text:
    """The one-line summary of an apply."""
    counts = {status: sum(r.status == status for r in applied.results) for status in STATUS_MARKS}
    listed = ", ".join(f"{number:,} {status}" for status, number in counts.items() if number)
    if applied.is_complete:
        return Text.assemble(("Applied.", "bold green"), f" {count(len(applied.results), 'change')} made.")
    stopped = f"Stopped: {printable(applied.stopped)}." if applied.stopped else "Not everything was applied."
    head = "Interrupted." if applied.is_interrupted else stopped
    text = Text.assemble((head, "bold red"), f" {listed}. Run it again: what was applied is not repeated.")
    unprotected = [describe_subject(r.change) for r in applied.results if r.is_mode_left]
    if unprotected:
        shown = ", ".join(map(printable, unprotected))
        text.append(f"\nUNPROTECTED, mode NONE still holds: {shown}. Run it again now.", "bold red")
    return text


def render_validation(validated: Validated) -> Group:
    """What is wrong with the repository, the worst first, and one line that sums it up."""
    severities = [f.severity for f in validated.findings]
    errors, warnings = severities.count(Severity.ERROR), severities.count(Severity.WARNING)
    formats = ", ".join(f"{number:,} {name}" for name, number in sorted(validated.counts.items()))
    usable = count(len(validated.state.subjects), "subject") + (f" ({formats})" if formats else "")
    found = ", ".join((count(errors, "error"), count(warnings, "warning")))
    verdict = ("Valid.", "bold green") if validated.is_valid else ("Not valid.", "bold red")
    lines = render_findings(validated.findings)
    return Group(*lines, *([Text()] if lines else []), Text.assemble(verdict, f" {usable}; {found}."))


def render_imported(imported: Imported) -> Text:
    """What an import wrote, and what comes next."""
    history = f", {count(imported.commits, 'commit')}" if imported.commits else ""
    written = f"{count(len(imported.subjects), 'subject')} in {count(len(imported.files), 'file')}{history}."
    after = "" if imported.commits else " Look at `git diff`, commit, and plan: the plan is empty."
    return Text.assemble(("Imported.", "bold green"), f" {written}{after}")


def render_registries(statuses: Sequence[RegistryStatus]) -> Group:
    """The configured registries: whether they answer, and what they can do."""
    lines: list[Text] = []
    for status in statuses:
        lines += [*_registry(status), Text()]
    return Group(*lines[:-1])


def _registry(status: RegistryStatus) -> list[Text]:
    used = f"environments: {', '.join(status.environments)}" if status.environments else "in no environment"
    lines = [Text.assemble((status.name, "bold cyan"), f" ({status.kind}), {used}")]
    if status.health:
        version = f" {status.health.version}" if status.health.version else ""
        answered = f"  answers: {status.health.product}{version}, {status.health.seconds * 1000:.0f} ms"
        lines.append(Text.assemble(("  ✓", "green"), printable(answered)))
    elif status.problem:
        lines.append(Text.assemble(("  ✗", "bold red"), f"  {printable(status.problem)}"))
    for endpoint in status.health.endpoints if status.health else ():
        mark = ("     ✗", "bold red") if endpoint.problem else ("     ✓", "green")
        told = endpoint.problem or f"{endpoint.seconds * 1000:.0f} ms"
        lines.append(Text.assemble(mark, f"  {printable(f'{endpoint.address}: {told}')}"))
    if status.fix:
        lines.append(Text.assemble(("     fix: ", "green"), printable(status.fix)))
    if status.capabilities:
        can = status.capabilities
        lines += [
            Text(f"     formats: {', '.join(sorted(can.formats))}", "dim"),
            Text(f"     modes: {', '.join(sorted(can.modes))}", "dim"),
            Text(f"     references: {', '.join(sorted(can.references)) or 'none'}", "dim"),
            Text(f"     judges by itself: {', '.join(sorted(can.judges)) or 'nothing'}", "dim"),
            Text(f"     metadata: {'kept' if can.metadata else 'not kept'}", "dim"),
            Text(f"     deletion: {', '.join(sorted(can.deletion)) or 'none'}", "dim"),
            Text(f"     ids of another registry: {'kept' if can.importing else 'not kept'}", "dim"),
            Text(f"     an older schema becomes the latest again: {_RESTORES[can.restore]}", "dim"),
        ]
    return lines
