"""Draw docs/images/plan.svg: the report of a real plan, made in a temporary folder, as a terminal shows it."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme

from reconciler.operations.apply import apply
from reconciler.operations.init import init
from reconciler.operations.plan import plan
from reconciler.operations.scope import Scope
from reconciler.render.text import render_plan

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "images" / "plan.svg"
PAYMENT = Path("schemas/payments/payment-received-value.avsc")
REFUND = Path("schemas/payments/payment-refunded-value.avsc")
DISPUTE = """\
{
  "type": "record",
  "name": "PaymentDisputed",
  "namespace": "com.example.payments",
  "fields": [
    {"name": "payment_id", "type": "string"},
    {"name": "amount", "type": "com.example.platform.Money"}
  ]
}
"""
WIDTH = 120
THEME = TerminalTheme(
    (13, 17, 23),
    (201, 209, 217),
    [
        *((110, 118, 129), (255, 123, 114), (63, 185, 80), (210, 153, 34)),
        *((88, 166, 255), (188, 140, 255), (57, 197, 207), (201, 209, 217)),
    ],
)
# Fonts that machines have: a page that shows the picture then asks no other host for one.
FORMAT = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="A plan of schemafed">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
.{unique_id}-title {{ font-family: system-ui, "DejaVu Sans", sans-serif; font-size: 18px; font-weight: bold; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def draw() -> str:
    """Make a plan in a temporary folder and draw its report."""
    with tempfile.TemporaryDirectory(prefix="schemafed-picture-") as folder:
        root = Path(folder) / "schemas"
        init(root)
        _commit(root)
        apply(root, plan(root, Scope()).plan)
        _change(root)
        _commit(root)
        report = render_plan(plan(root, Scope()).plan)
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, emoji=False)
    console.print(report)
    svg = console.export_svg(title="$ schemafed plan", theme=THEME, code_format=FORMAT, unique_id="plan")
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def main() -> int:
    """Write the picture."""
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(draw(), encoding="utf-8")
    return 0


def _change(root: Path) -> None:
    """A new subject, a compatible change, and one that breaks."""
    (root / "schemas/payments/payment-disputed-value.avsc").write_text(DISPUTE, encoding="utf-8")
    order = '{"name": "order_id", "type": "string"},\n'
    _replace(root / PAYMENT, order, order + '    {"name": "tip", "type": "long", "default": 0},\n')
    _replace(root / REFUND, '"name": "payment_id"', '"name": "payment"')


def _replace(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text, f"{path} has changed: {before}"
    path.write_text(text.replace(before, after), encoding="utf-8")


def _commit(root: Path) -> None:
    author = ("-c", "user.name=Picture", "-c", "user.email=picture@example.com")
    subprocess.run(("git", *author, "add", "."), cwd=root, check=True)
    subprocess.run(("git", *author, "commit", "--quiet", "--no-gpg-sign", "-m", "Change"), cwd=root, check=True)


if __name__ == "__main__":
    sys.exit(main())
