"""``schemafed init``."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
from rich.text import Text

from reconciler.cli.console import emit
from reconciler.operations.init import KINDS, GitOutcome, Initialised, init

_GIT_WORDS: Mapping[GitOutcome, str] = {
    GitOutcome.PRESENT: "The folder is in a Git repository already; nothing was committed.",
    GitOutcome.BEGUN: "Began a Git repository there, branch main; nothing was committed.",
    GitOutcome.ABSENT: "The folder is in no Git repository yet.",
}
_PREPARATIONS: Mapping[str, str] = {
    "confluent": "export SCHEMA_REGISTRY_URL=http://localhost:8081   # where your registry is"
}
"""What has to be done before the first plan, by kind of registry."""


@click.command("init")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--kind", type=click.Choice(tuple(KINDS)), default="local", show_default=True, help="The registry to start with."
)
@click.option("--keep", is_flag=True, help="Keep files that exist and write the others, instead of refusing.")
def command(folder: Path, kind: str, keep: bool) -> int:
    """Start a repository of schemas in DIR, the present folder by default.

    Writes schemafed.yaml, sample schemas in every format, settings for editors and a workflow that plans pull requests
    and applies what is merged. Files that exist are never changed.
    """
    done = init(folder, kind, keep=keep)
    emit(*_report(done))
    return 0


def _report(done: Initialised) -> Iterator[Text]:
    count = len(done.written)
    yield Text.assemble(("Started", "bold green"), f" a repository of schemas in {done.root}: {count} files.")
    yield from (Text.assemble(("  + ", "green"), name) for name in done.written)
    yield from (Text.assemble("  = ", name, ("  kept as it is", "dim")) for name in done.kept)
    yield Text(_GIT_WORDS[done.git])
    yield Text()
    yield Text("Next:", "bold")
    yield from (Text(f"  {step}") for step in _next_steps(done))


def _next_steps(done: Initialised) -> Iterator[str]:
    if done.root.resolve() != Path.cwd():
        yield f"cd {shlex.quote(os.fspath(done.root))}"
    if done.git is GitOutcome.ABSENT:
        yield "git init -b main"
    yield 'git add . && git commit -m "Start with the template of schemafed"'
    yield "schemafed validate"
    if done.kind in _PREPARATIONS:
        yield _PREPARATIONS[done.kind]
    yield "schemafed plan"
    yield "schemafed apply"
