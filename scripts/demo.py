"""Show schemafed at work in a temporary folder: every command is real, and so is its output.

Exits with 1, saying which command, as soon as one ends otherwise than it should; leaves nothing behind.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import textwrap
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

PAYMENT = Path("schemas/payments/payment-received-value.avsc")
REFUND = Path("schemas/payments/payment-refunded-value.avsc")
SIDECAR = Path("schemas/payments/payment-received-value.meta.yaml")
INDENT = "   "
CODES = {0: "passed", 1: "error", 2: "changes pending", 3: "findings that block"}
SECOND_REPOSITORY = """\
version: 1
registries:
  laptop: {kind: local, path: ../schemas/.schemafed/registry.db}
"""


class DemoError(Exception):
    """A command did not end as it should."""


@dataclass
class Stage:
    """Where the demo plays: a console to tell on, and the folder in which commands run."""

    console: Console
    folder: Path
    scene: int = 0

    def tell(self, title: str, *sentences: str) -> None:
        """Begin a scene: a heading, and what is about to be seen."""
        self.scene += 1
        heading = Text.assemble((f"{self.scene}  ", "bold cyan"), (title, "bold"))
        self.console.print()
        self.console.print(Rule(heading, align="left", style="cyan"))
        width = min(self.console.width, 100)
        story = textwrap.fill(" ".join(sentences), width, initial_indent=INDENT, subsequent_indent=INDENT)
        self.console.print(Text(story))

    def run(self, *command: str, expect: int = 0) -> None:
        """Run a command as a user would, on this very terminal.

        Raises:
            DemoError: its exit code is not the expected one.
        """
        self.console.print()
        self.console.print(Text.assemble(("$ ", "bold green"), (_shown(command), "bold")), soft_wrap=True)
        sys.stdout.flush()
        code = subprocess.run(command, cwd=self.folder, env=_environment(), check=False).returncode
        if command[0] == "schemafed":
            style = "dim" if code == 0 else "dim red"
            self.console.print(Text(f"[exit code {code}: {CODES.get(code, 'unknown')}]", style))
        if code != expect:
            raise DemoError(f"`{_shown(command)}` ended with {code} instead of {expect}")

    def edit(self, file: Path, before: str, after: str) -> None:
        """Change a file, and show the change as Git sees it.

        Raises:
            DemoError: the text to change is not there.
        """
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        if text.count(before) != 1:
            raise DemoError(f"{file} does not hold {before!r} once")
        path.write_text(text.replace(before, after), encoding="utf-8")
        self.run("git", "--no-pager", "diff", "-U1", "--", file.as_posix())


def main() -> int:
    """Play the demo and return its exit code."""
    console = Console(emoji=False, highlight=False)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="schemafed-demo-") as folder:
        try:
            play(Stage(console, Path(folder)))
        except DemoError as error:
            console.print(Text(f"\nThe demo failed: {error}", "bold red"))
            return 1
        except KeyboardInterrupt:
            return 130
    console.print()
    console.print(Rule(style="cyan"))
    seconds = time.monotonic() - started
    console.print(Text.assemble(("That was schemafed, ", "bold"), f"in {seconds:.0f} seconds. The folder is removed."))
    console.print("Do it yourself, step by step: docs/tutorial.md")
    return 0


def play(stage: Stage) -> None:
    """Play all scenes."""
    start_repository(stage)
    apply_first_plan(stage)
    change_compatibly(stage)
    break_something(stage)
    slip(stage)
    import_back(stage)


def start_repository(stage: Stage) -> None:
    """A repository from the template, checked without any network."""
    stage.tell(
        "Git declares the schemas",
        "`init` writes a repository that works as it is: Avro, JSON Schema and Protobuf, with references between",
        "files, and a registry in a single file, so that no server is needed.",
    )
    stage.run("schemafed", "init", "schemas")
    stage.folder /= "schemas"
    stage.run("git", "add", ".")
    stage.run("git", "commit", "--quiet", "-m", "Start with the template")
    stage.run("schemafed", "validate")


def apply_first_plan(stage: Stage) -> None:
    """Everything is new; afterwards nothing is left to do."""
    stage.tell(
        "A plan, then the registry",
        "`plan` reads the registry and says what it would get; here for one subject, and for what that one uses, which",
        "comes first. `apply` shows the whole plan and makes it. Then there is nothing left to do.",
    )
    stage.run("schemafed", "plan", "--subject", "payment-received-value")
    stage.run("schemafed", "apply", "--yes")
    stage.run("schemafed", "plan")


def change_compatibly(stage: Stage) -> None:
    """A field with a default, by a plan that is saved, reviewed and applied as it is."""
    stage.tell(
        "A change that everybody can live with",
        "A new field with a default. The plan is saved; what is applied is what was reviewed, or nothing at all.",
    )
    stage.edit(
        PAYMENT,
        '{"name": "order_id", "type": "string"},\n',
        '{"name": "order_id", "type": "string"},\n    {"name": "tip", "type": "long", "default": 0},\n',
    )
    stage.run("git", "commit", "--quiet", "--all", "-m", "Customers may tip")
    stage.run("schemafed", "plan", "--plan-file", "../tip.plan.json")
    stage.run("schemafed", "apply", "../tip.plan.json", "--yes")


def break_something(stage: Stage) -> None:
    """A renamed field, which is refused with its place and the way out."""
    stage.tell(
        "A change that would break somebody",
        "A field is renamed. The plan says in which file and line, against which versions, why, and how to mend it;",
        "its exit code makes a pull request red.",
    )
    stage.edit(REFUND, '"name": "payment_id"', '"name": "payment"')
    stage.run("schemafed", "plan", expect=3)
    stage.run("git", "restore", ".")


def slip(stage: Stage) -> None:
    """A key that does not exist, found without any network."""
    stage.tell(
        "A slip of the pen",
        "`validate` finds mistakes in files without any network, all of them in one run.",
    )
    stage.edit(SIDECAR, "compatibility: FULL_TRANSITIVE", "compatability: FULL_TRANSITIVE")
    stage.run("schemafed", "validate", expect=3)
    stage.run("git", "restore", ".")


def import_back(stage: Stage) -> None:
    """The registry as the start of another repository."""
    stage.tell(
        "A registry that was there before",
        "A team with a registry and no repository starts here: `import` writes what is live, and the first plan",
        "is empty.",
    )
    stage.folder = stage.folder.parent / "imported"
    stage.folder.mkdir()
    (stage.folder / "schemafed.yaml").write_text(SECOND_REPOSITORY, encoding="utf-8")
    stage.run("git", "init", "--quiet", "-b", "main")
    stage.run("cat", "schemafed.yaml")
    stage.run("schemafed", "import", "--registry", "laptop")
    stage.run("git", "add", ".")
    stage.run("git", "commit", "--quiet", "-m", "Import what is live")
    stage.run("schemafed", "plan")


def _shown(command: tuple[str, ...]) -> str:
    return " ".join(f'"{word}"' if " " in word else word for word in command)


def _environment() -> dict[str, str]:
    """The caller's environment, with our own `schemafed` first and without a personal Git configuration."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    author = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in _AUTHOR.items()}
    return {**os.environ, **author, "PATH": path, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


_AUTHOR = {"NAME": "Demo", "EMAIL": "demo@example.com"}


if __name__ == "__main__":
    sys.exit(main())
