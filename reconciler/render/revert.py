"""Reports of what a rollback did, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from reconciler.render.words import count, printable

if TYPE_CHECKING:
    from reconciler.operations.rollback import RolledBack

_SHORT = 12
_MOST = 50


def render_rolled_back(made: RolledBack) -> Group:
    """Which subjects went back, by which commit."""
    target = f'{made.revision[:_SHORT]} ("{printable(made.headline)}")'
    if not made.files:
        return Group(Text(f"Nothing to roll back: the files are what they were at {target}."))
    number = len(made.restored) + len(made.removed)
    lines = [Text.assemble(("Rolled back", "bold green"), f" {count(number, 'subject')} to {target}.")]
    lines += [Text.assemble(("  ↺ ", "yellow"), printable(name)) for name in made.restored[:_MOST]]
    lines += [
        Text.assemble(("  - ", "red"), printable(name), ("  was not there then", "dim"))
        for name in made.removed[:_MOST]
    ]
    lines += [
        Text.assemble(("  ~ ", "cyan"), printable(name), ("  uses a file that went back", "dim"))
        for name in made.also[:_MOST]
    ]
    shown = sum(min(len(names), _MOST) for names in (made.restored, made.removed, made.also))
    left = number + len(made.also) - shown
    lines += [Text(f"  and {left:,} more", "dim")] if left else []
    what = count(len(made.files), "file")
    if made.commit:
        lines.append(Text.assemble(("Commit ", "bold"), f"{made.commit[:_SHORT]}, {what}."))
    else:
        lines.append(Text(f"{what} staged, nothing committed."))
    return Group(*lines)


def render_next_steps(made: RolledBack) -> Text:
    """What to do so that registries go back too."""
    if made.commit is None:
        return Text("Next: look at `git diff --cached` and commit; `git restore --staged --worktree .` takes it back.")
    return Text(
        "Next: push the branch and open a pull request, or `schemafed apply` here; `git revert HEAD` takes it back."
    )
