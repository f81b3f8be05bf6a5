"""A copy, planned and made: for a terminal and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.text import Text

from reconciler.render.findings import render_findings
from reconciler.render.words import count, describe_settings, describe_versions, printable

if TYPE_CHECKING:
    from reconciler.copying import CopyPlan, SubjectCopy
    from reconciler.operations.copy import Copied

FORMAT_VERSION = 1
MOST_SUBJECTS = 200
"""So many subjects are shown before the rest is counted."""


def render_restored(subjects: Sequence[str], target: str) -> list[Text]:
    """Say what an earlier copy, which was cut off, had left."""
    if not subjects:
        return []
    what = (
        f"Given back to {count(len(subjects), 'subject')} of {printable(target)} what a copy that was cut off had left."
    )
    return [Text(what, "yellow"), Text()]


def render_copy_plan(plan: CopyPlan) -> Group:
    """Show what would be written, subject by subject, what cannot be carried, and a summary."""
    how = ", under the same ids and numbers" if plan.keeps_ids else ""
    lines = [Text.assemble((printable(plan.source), "bold"), " to ", (printable(plan.target), "bold"), how)]
    lines += [_subject(subject) for subject in plan.changed[:MOST_SUBJECTS]]
    if len(plan.changed) > MOST_SUBJECTS:
        lines.append(Text(f"  and {len(plan.changed) - MOST_SUBJECTS:,} more; --output json has all", "dim"))
    return Group(*lines, *render_findings(plan.findings), Text(), _summary(plan))


def render_copied(copied: Copied) -> Group:
    """Say what became of a copy: what was not finished, what differs, and a summary."""
    told = frozenset(copied.plan.findings)
    new = [finding for finding in copied.findings if finding not in told]
    failed = list(_failed(copied))
    return Group(
        *failed[:MOST_SUBJECTS], *render_findings(new), *([Text()] if failed or new else []), _conclusion(copied)
    )


def render_copy_json(plan: CopyPlan, copied: Copied | None) -> str:
    """A plan, and what became of it where it was carried out, as JSON that ends in a newline."""
    document = {
        "version": FORMAT_VERSION,
        "from": plan.source,
        "to": plan.target,
        "keeps_ids": plan.keeps_ids,
        "can_copy": plan.can_copy,
        "subjects": [_plain(subject, copied) for subject in plan.subjects],
        "left_out": list(plan.left_out),
        "findings": [asdict(finding) for finding in (copied.findings if copied else plan.findings)],
        "result": _plain_result(copied) if copied else None,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _plain_result(copied: Copied) -> dict[str, Any]:
    return {
        "is_complete": copied.is_complete,
        "is_interrupted": copied.is_interrupted,
        "stopped": copied.stopped,
        "verified": copied.verified,
        "unrestored": list(copied.unrestored),
    }


def _plain(subject: SubjectCopy, copied: Copied | None) -> dict[str, Any]:
    numbers = copied.numbers if copied else {}
    ids = copied.ids if copied else {}
    written = [
        {"from": copy.key[1], "to": numbers.get(copy.key), "id_from": copy.id, "id_to": ids.get(copy.key)}
        for copy in subject.writes
    ]
    return {
        "from": subject.source,
        "to": subject.target,
        "versions": written,
        "present": [{"from": number, "to": there} for number, there in sorted(subject.present.items())],
        "merged": [{"from": number, "is": stand_in} for number, stand_in in sorted(subject.merged.items())],
        "mode": {"before": subject.mode_before, "after": subject.mode, "is_set": subject.is_mode_set},
        "settings": dict(subject.settings),
        "failed": copied.failed.get(subject.source) if copied else None,
    }


def _subject(subject: SubjectCopy) -> Text:
    mark = ("+ ", "green") if not subject.present else ("~ ", "yellow")
    name = printable(subject.source)
    renamed = f" as {printable(subject.target)}" if subject.target != subject.source else ""
    return Text.assemble("  ", mark, (name, "bold"), renamed, f"  {', '.join(_parts(subject))}")


def _parts(subject: SubjectCopy) -> Iterator[str]:
    if subject.writes:
        yield describe_versions(tuple(copy.key[1] for copy in subject.writes))
    if subject.is_mode_set and subject.mode is not subject.mode_before:
        yield f"mode {subject.mode_before or 'inherited'} → {subject.mode or 'inherited'}"
    if subject.is_loosened:
        yield "mode NONE meanwhile"
    if subject.settings:
        yield f"settings: {printable(describe_settings({}, subject.settings))}"


def _summary(plan: CopyPlan) -> Text:
    versions = sum(len(subject.writes) for subject in plan.subjects)
    present = sum(len(subject.present) for subject in plan.subjects)
    changed = len(plan.changed)
    parts = [
        f"{count(versions, 'version')} of {count(changed, 'subject')} to copy" if versions else "",
        f"modes or settings of {count(changed, 'subject')} to set" if changed and not versions else "",
        "" if changed else "nothing to copy",
        f"{present:,} already there" if present else "",
        f"{count(len(plan.left_out), 'subject')} left out" if plan.left_out else "",
    ]
    text = "; ".join(part for part in parts if part)
    head = f"{text[:1].upper()}{text[1:]}."
    blocked = "" if plan.can_copy else " Nothing can be copied while there are errors."
    return Text.assemble(head, (blocked, "bold red"))


def _failed(copied: Copied) -> Iterator[Text]:
    reasons: dict[str, list[str]] = {}
    for subject, why in copied.failed.items():
        reasons.setdefault(why, []).append(printable(subject))
    for why, subjects in reasons.items():
        names = ", ".join(subjects[:5]) + (f" and {len(subjects) - 5:,} more" if len(subjects) > 5 else "")
        yield Text.assemble(
            ("  ✗ ", "bold red"), (names, "bold"), (f"\n      not finished: {printable(why)}", "bold red")
        )
    for name in copied.unrestored:
        what = "still has the mode or write mode that was meant for a while; copy again, which gives it back first"
        yield Text.assemble(("  ✗ ", "bold red"), (printable(name), "bold"), f"  {what}")


def _conclusion(copied: Copied) -> Text:
    plan = copied.plan
    written = [copy.key for subject in plan.changed for copy in subject.writes if copy.key in copied.numbers]
    what = f"{count(len(written), 'version')} of {count(len(plan.changed), 'subject')}"
    if copied.is_complete:
        return Text.assemble(
            ("Copied.", "bold green"),
            f" {what} to {printable(plan.target)}; {copied.verified:,} read back, all the same.",
        )
    head = "Interrupted." if copied.is_interrupted else "Not everything was copied."
    head = head if copied.is_interrupted or copied.failed or copied.unrestored else "Copied, but not all is as it was."
    again = " Run it again: what was copied is not repeated." if copied.failed or copied.is_interrupted else ""
    rest = f", {count(len(copied.failed), 'subject')} not finished" if copied.failed else ""
    done = f" {count(len(written), 'version')} copied{rest}."
    return Text.assemble((head, "bold red"), done, again)
