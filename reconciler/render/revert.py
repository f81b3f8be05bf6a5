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


def render_next_steps(made: RolledBack, option: str = "", *, is_blocked: bool = False) -> Text:
    """What to do so that registries go back too.

    Args:
        option: what names the environment in a command, with a blank before it; empty for the default one.
        is_blocked: the plan that was shown cannot be applied.
    """
    if made.commit is None:
        return Text("Next: look at `git diff --cached` and commit; `git restore --staged --worktree .` takes it back.")
    back = "`git revert HEAD` takes it back"
    if is_blocked:
        return Text(f"Next: mend what blocks, or waive it, and `schemafed plan{option}` again; {back}.")
    return Text(f"Next: push the branch and open a pull request, or `schemafed apply{option}` here; {back}.")
