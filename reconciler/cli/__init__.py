"""The command line: parse, call an operation, render. Commands are imported when they run, so that help is quick."""

from __future__ import annotations

import atexit
import gc
import io
import os
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from types import TracebackType
from typing import NamedTuple, NoReturn

import click

from reconciler import __version__

INTERRUPTED = 130
_ASKING = ("registry", "ask")
"""How the names of threads begin that only read."""


class Entry(NamedTuple):
    """Where a command is, its line in the list of commands, and whether it reads all of the repository."""

    module: str
    help: str
    reads_all: bool = False


COMMANDS: Mapping[str, Entry] = {
    "init": Entry("reconciler.cli.init", "Start a repository of schemas from the template."),
    "import": Entry("reconciler.cli.import_", "Write a registry that exists into the repository."),
    "validate": Entry(
        "reconciler.cli.validate", "Check every file of the repository, without any network.", reads_all=True
    ),
    "check": Entry("reconciler.cli.check", "Tell what a change of the repository breaks, without any network."),
    "plan": Entry("reconciler.cli.plan", "Show what each registry would get.", reads_all=True),
    "apply": Entry("reconciler.cli.apply", "Make the changes of a plan.", reads_all=True),
    "drift": Entry("reconciler.cli.drift", "Tell what someone else changed since it was applied."),
    "release": Entry("reconciler.cli.release", "Stop managing subjects, without deleting them."),
    "promote": Entry("reconciler.cli.promote", "Show what an environment lacks of another one, or make it so."),
    "rollback": Entry("reconciler.cli.rollback", "Make schemas in Git what they were at a commit."),
    "history": Entry("reconciler.cli.history", "Tell what was applied: who, when, from which commit, by which run."),
    "unlock": Entry("reconciler.cli.unlock", "Take the lease from an apply that is gone."),
    "compat": Entry("reconciler.cli.compat", "Tell whether one schema may follow others, without or with a registry."),
    "diff": Entry("reconciler.cli.diff", "Show how two schemas differ in structure."),
    "find": Entry("reconciler.cli.find", "Look through all registries for a name, a field or a fingerprint."),
    "compare": Entry("reconciler.cli.compare", "Tell how two registries differ."),
    "copy": Entry("reconciler.cli.copy", "Copy subjects of one registry into another, with their history."),
    "policy": Entry("reconciler.cli.policy", "List, test and explain the rules that schemas are held against."),
    "registries": Entry("reconciler.cli.registries", "List the configured registries and whether they answer."),
    "schema": Entry("reconciler.cli.schema", "Print the JSON Schema of a file that schemafed reads or writes."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called; listing them needs only the table above."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        command = import_module(entry.module).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            place = f"Options stand after the command: `schemafed plan {error.option_name} ...`."
            raise click.UsageError(f"{error.format_message()} {place}", ctx) from error

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, 1)
            meant = f" Did you mean `{near[0]}`?" if near else ""
            raise click.UsageError(f"There is no command `{args[0]}`.{meant}", ctx)
        if args and args[0] in COMMANDS and COMMANDS[args[0]].reads_all:
            from reconciler.head_start import begin

            begin(args)
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="schemafed", message="%(prog)s %(version)s")
def schemafed() -> None:
    """GitOps for schemas, across every registry.

    A Git repository declares schemas and the compatibility modes that they must keep; schemafed compares it with live
    registries and makes them what the repository says.

    Exit codes: 0 passed or nothing to do, 1 error, 2 changes pending (only with --detailed-exitcode), 3 findings that
    block, 130 interrupted.
    """
    # Not where help is all that is asked for: a command needs the module anyway.
    from reconciler.secrets.redaction import redact_logs

    redact_logs()


def main() -> None:
    """Run the command line; every way out of it is an exit code of the table in the help, never a traceback."""
    # A command is over before looking for cyclic garbage pays.
    gc.disable()
    # Looking through all that is installed for plugins of pydantic takes longer than reading our own files with it.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    for stream in (sys.stdout, sys.stderr):
        # What a terminal or a file cannot hold is shown as an escape; it is no reason to fail.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.excepthook = _write_exception
    threading.excepthook = _write_exception_of_thread
    _leave(run(sys.argv[1:]))


def _write_exception(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    from reconciler.secrets.redaction import write_exception

    write_exception(kind, error, trace)


def _write_exception_of_thread(told: threading.ExceptHookArgs) -> None:
    if told.exc_type is not SystemExit:
        _write_exception(told.exc_type, told.exc_value, told.exc_traceback)


def _leave(code: int) -> NoReturn:
    """End the process at once: taking apart the objects of a large repository takes Python a tenth of a second."""
    with suppress(OSError):  # Python says what a stream could not take when it ends by itself
        sys.stdout.flush()
        sys.stderr.flush()
        if not any(_is_at_work(thread, code) for thread in threading.enumerate()):
            atexit._run_exitfuncs()
            os._exit(code)
    sys.exit(code)


def _is_at_work(thread: threading.Thread, code: int) -> bool:
    """Whether the process waits for a thread; whoever interrupts does not wait for one that waits for an answer."""
    if thread is threading.main_thread() or thread.daemon:
        return False
    return code != INTERRUPTED or not thread.name.startswith(_ASKING)


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code."""
    try:
        result = schemafed.main(arguments, prog_name="schemafed", standalone_mode=False)
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.ClickException as error:
        error.show()
        return 1
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last resort, so that no user sees a traceback
        from reconciler.cli.failure import report_failure

        return report_failure(error)
    return result if isinstance(result, int) else 0
