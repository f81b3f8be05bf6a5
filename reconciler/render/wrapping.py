"""Lines that are too long for a terminal, wrapped such that one sees where the next begins."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.text import Text

HANG = 2
"""How many columns further in than its first line the rest of a wrapped one begins."""
_LEAST = 20
"""In fewer columns than these no text can be read; a narrower terminal cuts the lines itself."""


def wrap_hanging(renderable: RenderableType, console: Console) -> RenderableType:
    """Wrap every line to a console's width, the rest of it indented below its beginning; what is no text stays."""
    if isinstance(renderable, Group):
        return Group(*(wrap_hanging(part, console) for part in renderable.renderables))
    if not isinstance(renderable, Text):
        return renderable
    lines = renderable.split("\n", allow_blank=True)
    return Text("\n").join(part for line in lines for part in _wrap(line, console))


def _wrap(line: Text, console: Console) -> Iterator[Text]:
    if line.cell_len <= console.width:
        yield line
        return
    indent = len(line.plain) - len(line.plain.lstrip(" "))
    width = max(console.width - indent - HANG, _LEAST)
    for number, part in enumerate(line[indent:].wrap(console, width)):
        part.rstrip()
        yield Text(" " * (indent + HANG * (number > 0))).append_text(part)
