"""Reports in every format, to stdout with ``--output`` and to files with ``--report``: one way for all commands."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import click

from reconciler import git
from reconciler.cli.console import emit_machine
from reconciler.errors import SchemafedError, UsageError
from reconciler.ledger.leases import find_run_url
from reconciler.operations.validate import make_finding_document
from reconciler.render.making import make_error_report
from reconciler.render.report import Report, with_folder, with_texts
from reconciler.secrets.redaction import redact


class _Format(NamedTuple):
    """Where a format's function is, and whether it takes the address of the run."""

    module: str
    function: str
    is_linked: bool = False


_FORMATS: Mapping[str, _Format] = {
    "markdown": _Format("reconciler.render.markdown", "render_markdown", True),
    "html": _Format("reconciler.render.html", "render_html", True),
    "sarif": _Format("reconciler.render.sarif", "render_sarif"),
    "junit": _Format("reconciler.render.junit", "render_junit"),
    "annotations": _Format("reconciler.render.annotations", "render_annotations"),
    "csv": _Format("reconciler.render.csv_table", "render_csv"),
}
FORMATS = ("json", *_FORMATS)
"""What ``--report`` writes; ``--output`` also has text."""


class Wanted(NamedTuple):
    """A report that was asked for."""

    format: str
    file: Path


@dataclass(frozen=True)
class Answer:
    """What a command came to: as a report, and as the JSON document that machines read; made where asked for."""

    make_report: Callable[[], Report]
    render_json: Callable[[], str]


def _make_wanted(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[Wanted, ...]:
    return tuple(map(_read_wanted, values))


def _read_wanted(value: str) -> Wanted:
    name, _, file = value.partition("=")
    if name not in FORMATS:
        raise click.BadParameter(f"there is no format `{name}`: it is one of {', '.join(FORMATS)}")
    if not file:
        raise click.BadParameter(f"`{value}` names no file: say {name}=FILE")
    return Wanted(name, Path(file))


report_option = click.option(
    "--report",
    "reports",
    metavar="FORMAT=FILE",
    multiple=True,
    callback=_make_wanted,
    help=f"Write a report to a file too; as often as you like. FORMAT is one of {', '.join(FORMATS)}.",
)


def emit_answer(root: Path, answer: Answer, output: str) -> None:
    """Print a report to stdout in a format that is not text."""
    emit_machine(_render(answer, output, _find_folder(root)))


def write_reports(root: Path, answer: Answer, wanted: tuple[Wanted, ...]) -> None:
    """Write the reports that were asked for, each to its file.

    Raises:
        UsageError: a file cannot be written.
    """
    folder = _find_folder(root) if wanted else ""
    for report in wanted:
        _write(report, _render(answer, report.format, folder))


class _UnwritableError(UsageError):
    """A report cannot be written: no other report is to say that the run was stopped by it."""


@contextmanager
def reporting_errors(root: Path, command: str, wanted: tuple[Wanted, ...]) -> Iterator[None]:
    """Let reports say what stopped a run, and what was found until then.

    Raises:
        UsageError: two reports go to one file, or one cannot be written, which is told before anything is done.
    """
    _raise_if_unwritable(wanted)
    try:
        yield
    except _UnwritableError:
        raise
    except SchemafedError as error:
        found = getattr(error, "findings", ())
        report = make_error_report(command, str(error), error.fix, found)
        document = {
            "version": 1,
            "error": {"message": str(error), "fix": error.fix},
            "findings": [make_finding_document(finding) for finding in found],
        }
        write_reports(root, Answer(lambda: report, lambda: render_document(document)), wanted)
        raise


def render_document(document: Mapping[str, object]) -> str:
    """Write a document of our own as JSON, ending in a newline."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _render(answer: Answer, output: str, folder: str) -> str:
    if output == "json":
        return answer.render_json()
    module, function, is_linked = _FORMATS[output]
    # Secrets go before anything is escaped: an escaped one would not be known again.
    report = with_folder(with_texts(answer.make_report(), redact), folder)
    options = {"link": find_run_url(os.environ)} if is_linked else {}
    rendered: str = getattr(import_module(module), function)(report, **options)
    return rendered


def _find_folder(root: Path) -> str:
    """Where the repository of schemas is in its work tree; forges name files from the root of that."""
    tree = git.find_work_tree(root)
    return "" if tree is None or tree == root.resolve() else root.resolve().relative_to(tree).as_posix()


def _raise_if_unwritable(wanted: tuple[Wanted, ...]) -> None:
    files = [report.file.absolute() for report in wanted]
    for file in files:
        parent = next(folder for folder in file.parents if folder.exists())
        if files.count(file) > 1:
            raise _UnwritableError(f"--report: two reports would go to {file}", fix="give each a file of its own")
        if file.is_dir() or not parent.is_dir() or not os.access(file if file.exists() else parent, os.W_OK):
            raise _UnwritableError(f"--report: cannot write {file}", fix="name a file that can be written")


def _write(wanted: Wanted, text: str) -> None:
    try:
        wanted.file.parent.mkdir(parents=True, exist_ok=True)
        wanted.file.write_text(redact(text), encoding="utf-8", errors="backslashreplace", newline="\n")
    except OSError as error:
        raise _UnwritableError(
            f"--report: cannot write {wanted.file}: {error.strerror}", fix="name a file that can be written"
        ) from error
