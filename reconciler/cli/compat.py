"""``schemafed compat``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.console import emit, emit_error, emit_machine
from reconciler.cli.reports import (
    FORMATS,
    Answer,
    Wanted,
    emit_answer,
    render_document,
    report_option,
    reporting_errors,
    write_reports,
)
from reconciler.compatibility.dialects import DIALECTS, Baseline, mode_of, takes_versions
from reconciler.errors import UsageError
from reconciler.model import Dialect, Format, Mode
from reconciler.operations.compat import Judgement, compare_files, compare_with_subject
from reconciler.render.compat import make_judgement_report, render_judgement
from reconciler.render.text import render_error

BLOCKED = 3


@click.command("compat")
@click.argument("files", metavar="[NEW] [OLD]...", nargs=-1, type=click.Path(path_type=Path))
@options.directory
@click.option(
    "--mode",
    metavar="MODE",
    help="The compatibility mode, such as FULL_TRANSITIVE, or the dialect's own word, such as BACKWARD_ALL of glue;"
    " BACKWARD by default, with --registry the subject's own.",
)
@click.option(
    "--dialect",
    metavar="NAME",
    type=click.Choice([str(dialect) for dialect in Dialect], case_sensitive=False),
    help="Whose rules judge files: confluent (the default), karapace, apicurio, glue, pulsar.",
)
@click.option(
    "--checkpoint",
    metavar="N",
    type=click.IntRange(1),
    help="With --dialect glue: which OLD, counted from 1, the modes without _ALL look at; the first by default.",
)
@options.schema_format
@click.option(
    "--reference",
    "references",
    metavar="[NAME=]FILE",
    multiple=True,
    help="A file that the others refer to, by this name or by what it defines; may be repeated.",
)
@click.option("--registry", metavar="NAME", help="Compare NEW with a subject of this registry of schemafed.yaml.")
@click.option("--subject", metavar="NAME", help="The subject in the registry.")
@click.option("--stdin", "from_stdin", is_flag=True, help="Answer requests from stdin, one JSON object a line.")
@options.output("text", *FORMATS)
@report_option
def command(
    files: tuple[Path, ...],
    root: Path,
    mode: str | None,
    dialect: str | None,
    checkpoint: int | None,
    schema_format: Format | None,
    references: tuple[str, ...],
    registry: str | None,
    subject: str | None,
    from_stdin: bool,
    output: str,
    reports: tuple[Wanted, ...],
) -> int:
    """Tell whether schema NEW may follow the versions OLD, the oldest first, under a compatibility mode.

    Every difference is told with its code, path, direction, version and place in NEW, and how to mend it. With
    --registry and --subject the old versions are those of a live subject. With --stdin each line of input is a request
    and each line of output its answer.

    Exit codes: 0 compatible, 3 incompatible or not judged, 1 unreadable input.
    """
    if from_stdin:
        if files or mode or dialect or checkpoint or references or registry or subject or schema_format or reports:
            raise UsageError("--stdin takes everything from its lines", fix="leave out files and the other options")
        return _answer_lines()
    _raise_if_unfit(files, registry, subject, dialect)
    whose = Dialect(dialect) if dialect else Dialect.CONFLUENT
    word = mode.upper() if mode else None
    _raise_if_no_checkpoint(checkpoint, whose, len(files) - 1)
    if word and not takes_versions(whose, word):
        refused = f"under {word} a subject of {whose} takes no new version, whatever it holds"
        emit_error(render_error(refused, "name the mode that the subject shall have"))
        return BLOCKED
    by = _choose_mode(word, whose) if word else None
    new, *old = files
    with reporting_errors(Path.cwd(), "compat", reports):
        if registry and subject:
            judgement = compare_with_subject(
                new, root, registry, subject, mode=by, schema_format=schema_format, references=references
            )
        else:
            judgement = compare_files(
                new,
                old,
                mode=by,
                schema_format=schema_format,
                references=references,
                dialect=whose,
                checkpoint=checkpoint,
            )
    _report(judgement, output, reports)
    return 0 if judgement.is_compatible else BLOCKED


def _raise_if_unfit(files: tuple[Path, ...], registry: str | None, subject: str | None, dialect: str | None) -> None:
    if not files:
        raise UsageError("no schema was named", fix="`schemafed compat NEW OLD...`, or --stdin")
    if bool(registry) != bool(subject):
        raise UsageError("--registry and --subject belong together", fix="say both")
    if registry and len(files) > 1:
        raise UsageError("with --registry the old versions are the subject's", fix="name one file")
    if registry and dialect:
        raise UsageError("--dialect is for files; a registry has its own", fix="leave out --dialect")
    if not registry and len(files) == 1:
        raise UsageError(
            f"there is nothing to compare {files[0]} with", fix="name old versions, or --registry and --subject"
        )


def _choose_mode(word: str, dialect: Dialect) -> Mode:
    mode = mode_of(dialect, word) or next((mode for mode in Mode if mode == word), None)
    if mode is None:
        words = ", ".join((*DIALECTS[dialect].modes, *sorted(DIALECTS[dialect].closing)))
        raise UsageError(f"{dialect} has no mode `{word}`", fix=f"name one of {words}")
    return mode


def _raise_if_no_checkpoint(checkpoint: int | None, dialect: Dialect, versions: int) -> None:
    if checkpoint is None:
        return
    if DIALECTS[dialect].baseline is not Baseline.CHECKPOINT:
        raise UsageError(
            "--checkpoint is for a dialect that has checkpoints", fix="leave it out, or say --dialect glue"
        )
    if checkpoint > versions:
        there = "the only old version" if versions == 1 else f"one of the {versions} old versions"
        raise UsageError(f"--checkpoint {checkpoint} is not {there}", fix="count them from 1")


def _report(judgement: Judgement, output: str, reports: tuple[Wanted, ...]) -> None:
    # Files are named from the present folder, wherever schemafed.yaml is.
    here = Path.cwd()
    answer = Answer(lambda: make_judgement_report(judgement), lambda: render_document(judgement.document()))
    write_reports(here, answer, reports)
    if output == "text":
        emit(render_judgement(judgement))
    else:
        emit_answer(here, answer, output)


def _answer_lines() -> int:
    from reconciler.operations.compat_lines import answer_lines

    if sys.stdin is None:
        raise UsageError("--stdin has nothing to read: stdin is closed", fix="send it requests, one a line")
    try:
        for answer in answer_lines(sys.stdin.buffer):
            emit_machine(answer + "\n")
    except BrokenPipeError:
        # Whoever asked has gone; what is left in the buffer must not complain when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
