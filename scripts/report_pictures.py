"""Draw docs/images/report-*.png: the reports of a real plan, made in a temporary folder, as a browser shows them.

One is the HTML report, dark; the other the comment in Markdown, light, in the look of a forge. It needs Chromium,
and a font with emoji.
"""

from __future__ import annotations

import runpy
import sys
import tempfile
from pathlib import Path

from markdown_it import MarkdownIt

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

from reconciler.model import Plan  # noqa: E402
from reconciler.operations.apply import apply  # noqa: E402
from reconciler.operations.init import init  # noqa: E402
from reconciler.operations.plan import plan  # noqa: E402
from reconciler.operations.scope import Scope  # noqa: E402
from reconciler.render.html import render_html  # noqa: E402
from reconciler.render.making import make_plan_report  # noqa: E402
from reconciler.render.markdown import render_markdown  # noqa: E402
from tests.browser.chromium import run_chromium  # noqa: E402

IMAGES = CHECKOUT / "docs" / "images"
WIDTH = 1000
COMMENT = """\
<!doctype html><meta charset="utf-8"><style>
body {{ font: 14px/1.5 system-ui, "DejaVu Sans", sans-serif; color: #1f2328; background: #fff; margin: 20px; }}
main {{ border: 1px solid #d1d9e0; border-radius: 6px; padding: 4px 16px 12px; }}
h2 {{ font-size: 20px; border-bottom: 1px solid #d1d9e0b3; padding-bottom: 6px; }}
h3 {{ font-size: 16px; }}
code {{ background: #818b981f; border-radius: 6px; padding: 2px 5px; font: 12px ui-monospace, "DejaVu Sans Mono"; }}
pre {{ background: #f6f8fa; border-radius: 6px; padding: 12px; margin: 8px 0; }}
pre code {{ background: none; padding: 0; }}
table {{ border-collapse: collapse; }}
th, td {{ border: 1px solid #d1d9e0; padding: 5px 12px; text-align: left; }}
td code {{ white-space: nowrap; }}
sub {{ color: #59636e; font-size: 12px; vertical-align: baseline; }}
ins {{ color: #116329; background: #dafbe1; text-decoration: none; display: block; }}
del {{ color: #82071e; background: #ffebe9; text-decoration: none; display: block; }}
</style><main>{comment}</main>
"""


def make_plan() -> Plan:
    """A plan with a new subject, a compatible change and one that breaks: that of docs/images/plan.svg."""
    story = runpy.run_path(str(CHECKOUT / "scripts" / "plan_picture.py"))
    with tempfile.TemporaryDirectory(prefix="schemafed-picture-") as folder:
        root = Path(folder) / "schemas"
        init(root)
        story["_commit"](root)
        apply(root, plan(root, Scope()).plan)
        story["_change"](root)
        story["_commit"](root)
        return plan(root, Scope()).plan


def make_comment(markdown: str) -> str:
    """The page of a forge that shows a comment: lines of a difference coloured as there."""
    parser = MarkdownIt("commonmark", {"html": True, "highlight": _colour}).enable(["table", "strikethrough"])
    return COMMENT.format(comment=parser.render(markdown))


def _colour(code: str, language: str, attributes: str) -> str:
    from html import escape

    tags = {"+": "ins", "-": "del"}
    lines = [(tags.get(line[:1]), escape(line)) for line in code.splitlines()]
    return "".join(f"<{tag}>{line}</{tag}>" if tag else f"{line}\n" for tag, line in lines)


def main() -> int:
    """Write the pictures."""
    report = make_plan_report(make_plan())
    pages = {
        "report-html": (render_html(report), "dark"),
        "report-comment": (make_comment(render_markdown(report)), "light"),
    }
    with run_chromium() as browser:
        for name, (text, scheme) in pages.items():
            page = browser.new_page(viewport={"width": WIDTH, "height": 600}, color_scheme=scheme)
            page.set_content(text)
            page.screenshot(path=IMAGES / f"{name}.png", full_page=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
