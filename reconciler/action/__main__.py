"""Run one command for a workflow: ``python -m reconciler.action``, which reads what it is to do from variables."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace

from reconciler.action.drift_report import render_drift_markdown
from reconciler.action.inputs import Inputs, make_inputs
from reconciler.action.outcomes import ERROR, Outcome, load_document, make_exit_code
from reconciler.action.posting import Posted, make_body, post_comment, post_issue
from reconciler.action.publishing import (
    make_outputs,
    make_summary,
    say_annotations,
    say_error,
    say_warning,
    write_outputs,
    write_summary,
)
from reconciler.action.reviewed import Reviewed, load_reviewed
from reconciler.action.running import find_folder, run_command
from reconciler.errors import ForgeError, SchemafedError
from reconciler.forge import Forge, open_forge
from reconciler.forge.events import Event, read_event
from reconciler.forge.markers import Marker
from reconciler.ledger.leases import find_run_url
from reconciler.secrets.redaction import redact, redact_logs, remember, write_exception

_NOTHING_REVIEWED = Reviewed(None)


def main(variables: Mapping[str, str]) -> int:
    """Run what the variables of a workflow ask for; the exit code of the step."""
    redact_logs()
    try:
        inputs, event = make_inputs(variables), read_event(variables)
        remember(inputs.token or "")
        forge = open_forge(variables, inputs.token)
    except SchemafedError as error:
        say_error(f"{error}\nfix: {error.fix}" if error.fix else str(error), say)
        return ERROR
    try:
        return _Job(inputs, event, forge, variables).run()
    finally:
        if forge:
            forge.close()


def say(line: str) -> None:
    """Write a line to the log of the job, at once."""
    sys.stdout.write(f"{redact(line)}\n")
    sys.stdout.flush()


@dataclass(frozen=True)
class _Job:
    """One run of the action; ``forge`` None where there is no token for one."""

    inputs: Inputs
    event: Event
    forge: Forge | None
    variables: Mapping[str, str]

    def run(self) -> int:
        """Run the command, then show what it came to; the verdict is the command's own."""
        if self.event.trouble:
            say_warning(f"{self.event.trouble}; it counts as one of no pull request", say)
        reviewed = self._find_reviewed()
        expect = self.inputs.expect or reviewed.digest
        folder = find_folder(self.variables, self.inputs.key)
        outcome = run_command(self.inputs, folder, expect, self.variables, say)
        exit_code = make_exit_code(outcome, self.inputs, is_fork=self.event.is_fork)
        notes = self._make_notes(outcome, reviewed)
        if self.inputs.command == "drift":
            report = render_drift_markdown(load_document(outcome.written.get("json")), find_run_url(os.environ))
            (folder / "report.md").write_text(report, encoding="utf-8")
            outcome = replace(outcome, written={**outcome.written, "markdown": folder / "report.md"})
        report = make_summary(outcome, notes)
        if self.inputs.annotations and exit_code == outcome.exit_code:
            say_annotations(outcome, say)
        summary = write_summary(self.variables.get("GITHUB_STEP_SUMMARY"), report) if self.inputs.summary else None
        posted = self._post(outcome, report, reviewed)
        write_outputs(self.variables.get("GITHUB_OUTPUT"), make_outputs(outcome.exit_code, outcome, posted, summary))
        return exit_code

    def _find_reviewed(self) -> Reviewed:
        """Find the plan that was reviewed, unless the workflow says one, or applies a saved one."""
        asked = self.inputs
        if asked.command != "apply" or asked.expect or asked.plan_file or asked.comment == "never":
            return _NOTHING_REVIEWED
        if self.forge is None or self.event.commit is None:
            return _NOTHING_REVIEWED
        key = replace(asked, command="plan").key
        try:
            found = load_reviewed(self.forge, self.event.commit, key, self.variables.get("GITHUB_REF_NAME", ""))
        except ForgeError as error:
            say_warning(f"which plan was reviewed cannot be read: {error}; fix: {error.fix}", say)
            return Reviewed("none", note="Which plan was reviewed could not be read.")
        if found.note:
            say(found.note)
        return found

    def _make_notes(self, outcome: Outcome, reviewed: Reviewed) -> tuple[str, ...]:
        notes = [reviewed.note] if reviewed.note else []
        if self.event.is_fork and outcome.exit_code == ERROR and self.inputs.command != "check":
            notes.append(
                f"This pull request is from a fork, which gets no credentials: `{self.inputs.command}` could not be run"
                " and does not count."
            )
            say_warning(notes[-1], say)
        return tuple(notes)

    def _post(self, outcome: Outcome, report: str, reviewed: Reviewed) -> Posted | None:
        """Comment on the pull request, or open, rewrite or close the issue of drift; a lack is a warning."""
        if self.inputs.comment == "never" or self.forge is None or self.event.is_fork:
            return None
        try:
            if self.inputs.command == "drift":
                return self._post_issue(self.forge, outcome, report)
            return self._post_comment(self.forge, outcome, report, reviewed)
        except ForgeError as error:
            say_warning(f"{error}; what was found stands all the same; fix: {error.fix}", say)
            return None

    def _post_comment(self, forge: Forge, outcome: Outcome, report: str, reviewed: Reviewed) -> Posted | None:
        merged = reviewed.pull_request.number if reviewed.pull_request else None
        number = self.event.pull_request or merged
        if number is None:
            return None
        marker = self._make_marker(outcome)
        # A check that found nothing is told by its green mark; one that did is rewritten once it is mended.
        is_needless = self.inputs.comment == "auto" and self.inputs.command == "check" and not _has_findings(outcome)
        return post_comment(forge, number, marker, make_body(marker, report, outcome), only_if_there=is_needless)

    def _post_issue(self, forge: Forge, outcome: Outcome, report: str) -> Posted | None:
        if outcome.exit_code == ERROR:
            # What could not be read may have drifted or not: the issue stays as it is.
            return None
        marker = Marker(self.inputs.key, {"command": "drift", "environment": outcome.environment})
        title = f"Drift in {outcome.environment}: what is live is not what was applied"
        body = make_body(marker, report, replace(outcome, exit_code=3))
        return post_issue(forge, title, marker, body, is_open=outcome.drift > 0)

    def _make_marker(self, outcome: Outcome) -> Marker:
        facts = {
            "command": self.inputs.command,
            "environment": outcome.environment,
            "digest": outcome.digest,
            "commit": self.event.commit or "",
        }
        return Marker(self.inputs.key, {name: value for name, value in facts.items() if value})


def _has_findings(outcome: Outcome) -> bool:
    return bool(outcome.exit_code or outcome.errors or outcome.warnings)


if __name__ == "__main__":
    sys.excepthook = write_exception
    sys.exit(main(os.environ))
