"""``schemafed policy``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.console import emit, emit_machine

BLOCKED = 3


@click.group("policy")
def command() -> None:
    """List, test and explain the rules that `check` and `plan` hold schemas against.

    Rules come in packs: those that ship, switched on in schemafed.yaml with `policies: [{use: naming}]`, and files of
    your own, `policies: [{path: policies/*.yaml}]`.
    """


@command.command("list")
@options.directory
@options.environment
@options.output("text", "json")
def list_(root: Path, environment: str | None, output: str) -> int:
    """List every rule, and the level at which it holds; folders may say otherwise.

    Exit codes: 0 fine, 3 a file of rules cannot be used, 1 error.
    """
    from reconciler.operations.policy import list_rules
    from reconciler.render.policy import render_rules

    listed = list_rules(root, environment)
    if output == "json":
        emit_machine(json.dumps(listed.document(), indent=2, ensure_ascii=False) + "\n")
    else:
        emit(render_rules(listed))
    return BLOCKED if any(f.blocks for f in listed.findings) else 0


@command.command("explain")
@click.argument("subject")
@options.directory
@options.environment
@options.output("text", "json")
def explain_(subject: str, root: Path, environment: str | None, output: str) -> int:
    """Print the values that rules see of a subject, the rules that hold for it, and what they find.

    `schemafed schema policy-model` prints the JSON Schema of these values, with what each means.

    Exit codes: 0 fine, 3 a rule that blocks is broken, 1 error.
    """
    from reconciler.operations.policy import explain
    from reconciler.render.policy import render_explained

    explained = explain(root, subject, environment)
    if output == "json":
        emit_machine(json.dumps(explained.document(), indent=2, ensure_ascii=False) + "\n")
    else:
        emit(render_explained(explained))
    return BLOCKED if any(f.blocks for f in explained.findings) else 0


@command.command("test")
@click.argument("folder", default="policies/tests", type=click.Path(path_type=Path))
@options.directory
@click.option("--write", "is_writing", is_flag=True, help="Write what is found as what is expected; look at it then.")
def test_(folder: Path, root: Path, is_writing: bool) -> int:
    """Run the golden pairs of rules below FOLDER, by default policies/tests.

    A test is a folder with `head/`, the files after a change; `base/`, those before, where there were any; and
    `expected`, a line a finding. The rules are on whose codes the folder's path names.

    Exit codes: 0 passed, 3 a rule finds something else, 1 error.
    """
    from reconciler.operations.policies.testing import run_cases
    from reconciler.render.policy import render_cases

    cases = run_cases(root, root / folder, is_writing=is_writing)
    emit(render_cases(cases))
    return 0 if all(case.is_passed for case in cases) else BLOCKED
