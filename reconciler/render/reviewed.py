"""How to apply exactly the plan that was shown."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from reconciler.render.words import printable

if TYPE_CHECKING:
    from reconciler.model import Plan

_DIGITS = 12
"""So many of a digest name a plan beyond doubt; ``--expect`` takes no fewer."""


def render_way_to_apply(plan: Plan, options: Sequence[str], saved: str | None = None) -> Text:
    """One line for below a plan that can be applied: its digest, and the command that applies it and no other.

    Args:
        options: those with which the plan was made, as they are typed.
        saved: the file that it was saved to, which is then applied itself.
    """
    shown = plan.digest[:_DIGITS]
    asked = [saved] if saved is not None else [*options, "--expect", shown]
    command = shlex.join(["schemafed", "apply", *asked])
    return Text(printable(f"Digest {shown}; to apply exactly this: {command}"), style="dim")
