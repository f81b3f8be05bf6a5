"""The reference says what the product does: its pages are compared with the code."""

from __future__ import annotations

import ast
import re
import runpy
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
FINDINGS = CHECKOUT / "docs/reference/findings.md"
CODE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
NO_CODES = re.compile(
    r"SQLITE_.*|O_.*|.*_PROXY|REQUEST_METHOD|SCHEMAFED_.*"  # constants of SQLite and the system, environment variables
    r"|(?:BACKWARD|FORWARD|FULL)_TRANSITIVE"  # modes
)


def test_reference_of_commands_is_up_to_date() -> None:
    page = runpy.run_path(str(CHECKOUT / "scripts/generate_reference.py"))

    assert page["PAGE"].read_text(encoding="utf-8") == page["render_reference"](), "run `make docs`"


@pytest.mark.slow
def test_picture_of_a_plan_is_up_to_date() -> None:
    script = runpy.run_path(str(CHECKOUT / "scripts/plan_picture.py"))

    assert script["PICTURE"].read_text(encoding="utf-8") == script["draw"](), "run scripts/plan_picture.py"


def test_every_finding_is_documented_and_every_documented_one_exists() -> None:
    documented = re.findall(r"^\| `([A-Z0-9_]+)` \|", FINDINGS.read_text(encoding="utf-8"), re.MULTILINE)

    assert len(documented) == len(set(documented))
    assert set(documented) == _codes_of_the_product()


def _codes_of_the_product() -> set[str]:
    files = [path for package in ("reconciler", "adapters") for path in (CHECKOUT / package).rglob("*.py")]
    texts = {
        node.value
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {text for text in texts if CODE.fullmatch(text) and not NO_CODES.fullmatch(text)}


PAGES = sorted([CHECKOUT / "README.md", *(CHECKOUT / "docs").rglob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(CHECKOUT).as_posix())
def test_what_a_page_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\(((?!https?:|#|mailto:)[^)#]+)", text)
    modules = re.findall(r"`((?:reconciler|adapters|tests|scripts|docs|schemas-repo-template)/[\w./-]+)`", text)

    missing = [link for link in links if not (page.parent / link).exists()]
    missing += [module for module in modules if not (CHECKOUT / module).exists()]

    assert missing == []
