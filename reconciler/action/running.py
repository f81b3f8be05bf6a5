"""One command of the command line, run as a process of its own, with its reports."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from reconciler.action.inputs import PREFIX, Inputs
from reconciler.action.outcomes import Outcome, load_document, make_outcome

_REPORTS: Mapping[str, str] = {
    "json": "report.json",
    "markdown": "report.md",
    "html": "report.html",
    "sarif": "report.sarif",
    "annotations": "annotations.txt",
}
_REPORTING = frozenset({"check", "plan", "apply"})
"""Commands that write reports; the others print."""


def make_command(inputs: Inputs, folder: Path, expect: str | None) -> tuple[str, ...]:
    """Write the command line that the inputs ask for.

    Args:
        folder: where reports go.
        expect: the digest of the reviewed plan.
    """
    plan_file = inputs.plan_file if inputs.command == "apply" else None
    options = (
        ("-C", None if inputs.directory == Path() else str(inputs.directory)),
        # A saved plan has its own environment.
        ("-e", None if plan_file else inputs.environment),
        ("--base", inputs.base if inputs.command == "check" else None),
        ("--expect", expect if inputs.command == "apply" else None),
        ("--output", "json" if inputs.command == "drift" else None),
        ("--plan-file", str(find_plan_file(inputs, folder)) if inputs.command == "plan" else None),
        *(("--report", f"{name}={path}") for name, path in find_reports(inputs, folder).items()),
    )
    typed = [part for name, value in options if value is not None for part in (name, value)]
    saved = [str(plan_file)] if plan_file else []
    yes = ["--yes"] if inputs.command == "apply" else []
    return (inputs.command, *saved, *typed, *yes, *inputs.arguments)


def find_reports(inputs: Inputs, folder: Path) -> dict[str, Path]:
    """Where each report of a command goes; none of a command that writes none."""
    if inputs.command not in _REPORTING:
        return {}
    found = {name: folder / file for name, file in _REPORTS.items()}
    return {**found, "sarif": inputs.sarif.absolute()} if inputs.sarif else found


def find_plan_file(inputs: Inputs, folder: Path) -> Path:
    """Where a plan is saved."""
    return (inputs.plan_file or folder / "plan.json").absolute()


def run_command(
    inputs: Inputs, folder: Path, expect: str | None, variables: Mapping[str, str], say: Callable[[str], None]
) -> Outcome:
    """Run a command, show what it prints, and take its reports together.

    Args:
        say: writes a line to the log of the job.
    """
    folder.mkdir(parents=True, exist_ok=True)
    command = make_command(inputs, folder, expect)
    environment = {name: value for name, value in variables.items() if not name.startswith(PREFIX)}
    if inputs.token:
        environment["GITHUB_TOKEN"] = inputs.token
    say(f"schemafed {' '.join(command[:1])}")
    code, text = _run(command, environment, say)
    reports = {name: path for name, path in find_reports(inputs, folder).items() if path.is_file()}
    plan = find_plan_file(inputs, folder) if inputs.command == "plan" else None
    if inputs.command == "drift":
        reports["json"] = folder / _REPORTS["json"]
        reports["json"].write_text(text, encoding="utf-8")
    if plan and plan.is_file():
        reports["plan"] = plan
    document = load_document(reports.get("json"))
    return make_outcome(inputs.command, code, document, written=reports, text=text)


def _run(command: Sequence[str], environment: Mapping[str, str], say: Callable[[str], None]) -> tuple[int, str]:
    """Run the command line; its exit code, and what it printed.

    Until it is over, the runner takes no line of it for a command: a schema's text may look like one.
    """
    word = secrets.token_hex(16)
    say(f"::stop-commands::{word}")
    try:
        with subprocess.Popen(  # noqa: S603 - no shell, and our own program
            # -P: else a module in the repository could take the place of one of ours.
            [sys.executable, "-P", "-c", "from reconciler.cli import main; main()", *command],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            # Else a terminal's Ctrl-C reached it twice, and the second one ends an apply without waiting for answers.
            start_new_session=True,
        ) as process:
            _hand_on_signals(process)
            text = "".join(_show(process.stdout or (), say))
        return process.returncode, text
    finally:
        say(f"::{word}::")


def _hand_on_signals(process: subprocess.Popen[str]) -> None:
    """Let a command that is told to end do so in its own way: an apply writes down what it has done."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, frame: process.send_signal(received))


def _show(lines: Iterable[str], say: Callable[[str], None]) -> Iterator[str]:
    for line in lines:
        say(line.rstrip("\n"))
        yield line


def find_folder(variables: Mapping[str, str], key: str) -> Path:
    """The folder for the reports of a run: below that which the runner empties, one for each key."""
    root = variables.get("RUNNER_TEMP") or variables.get("CI_PROJECT_DIR") or os.curdir
    name = "".join(letter if letter.isalnum() else "-" for letter in key)[:100]
    return Path(root).absolute() / "schemafed" / name
