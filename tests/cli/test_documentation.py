"""The reference says what the product does: its pages are compared with the code."""

from __future__ import annotations

import ast
import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
FINDINGS = CHECKOUT / "docs/reference/findings.md"
RULES = CHECKOUT / "docs/reference/compatibility-rules.md"
CODE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z]+ED")
RULE_FILES = re.compile(r"reconciler/compatibility/(?:dialects\.py|avro/|json_schema/|protobuf/)")
NO_CODES = re.compile(
    r"SQLITE_.*|O_.*"  # constants of SQLite and the system
    r"|.*_PROXY|VAULT_.*|AWS_.*|LC_ALL|REQUEST_METHOD|SCHEMAFED_.*"  # environment variables
    r"|(?:GIT|GITHUB|GITEA|GITLAB|RUNNER|CI|CIRCLE|BUILD|BUILDKITE|BITBUCKET)_.*"  # those of Git and of CI systems
    r"|SERVER_URL|RUN_ID|CHANGE_TARGET|PYDANTIC_.*"  # parts of those
    r"|(?:BACKWARD|FORWARD|FULL)_TRANSITIVE|READONLY_OVERRIDE"  # modes and write modes
    r"|ENABLED|DEPRECATED|SYNTAX_ONLY|REFS_EXIST|ALL_REFS_MAPPED|NO_DUPLICATES"  # words of Apicurio
    r"|DELETE_SUBJECT"  # records of the topic of a registry
    r"|PROTOBUF_NATIVE|UNDEFINED|ALWAYS_(?:IN)?COMPATIBLE"  # words of Pulsar
)


def test_generated_pages_of_the_reference_are_up_to_date() -> None:
    script = runpy.run_path(str(CHECKOUT / "scripts/generate_reference.py"))

    pages = script["render_pages"]()

    assert {page.name for page in pages} == {"commands.md", "compatibility-rules.md"}
    for page, text in pages.items():
        assert page.read_text(encoding="utf-8") == text, "run `make docs`"


@pytest.mark.slow
def test_picture_of_a_plan_is_up_to_date() -> None:
    script = runpy.run_path(str(CHECKOUT / "scripts/plan_picture.py"))

    assert script["PICTURE"].read_text(encoding="utf-8") == script["draw"](), "run scripts/plan_picture.py"


def test_every_finding_is_documented_and_every_documented_one_exists() -> None:
    rules, others = _codes_of_a_page(RULES), _codes_of_a_page(FINDINGS)

    assert len(rules + others) == len({*rules, *others})
    assert set(others) == _codes_of_the_product()


def _codes_of_a_page(page: Path) -> list[str]:
    return re.findall(r"^\| `([A-Z0-9_]+)` \|", page.read_text(encoding="utf-8"), re.MULTILINE)


def _codes_of_the_product() -> set[str]:
    """All but those of the rules, whose page is made from their tables: there, codes are put together from parts."""
    paths = (path for package in ("reconciler", "adapters") for path in (CHECKOUT / package).rglob("*.py"))
    files = [path for path in paths if not RULE_FILES.match(path.relative_to(CHECKOUT).as_posix())]
    texts = {text for path in files for text in _texts_of(ast.parse(path.read_text(encoding="utf-8")))}
    return {text for text in texts if CODE.fullmatch(text) and not NO_CODES.fullmatch(text)}


def _texts_of(module: ast.Module) -> Iterator[str]:
    """Every text that a module holds, but for the names that it exports."""
    for statement in module.body:
        if not (isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "__all__"):
            nodes = ast.walk(statement)
            yield from (n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str))


def test_every_promise_of_a_plan_has_tests_that_carry_its_number() -> None:
    page = (CHECKOUT / "docs/explanation/promises.md").read_text(encoding="utf-8")
    promises = [int(number) for number in re.findall(r"^(\d+)\. \*\*", page, re.MULTILINE)]
    names = [
        node.name
        for file in (CHECKOUT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    ]
    carried = {
        int(number)
        for name in names
        if (found := re.match(r"test_semantics?((?:_\d+)+)_", name))
        for number in found[1].strip("_").split("_")
    }

    assert promises == list(range(1, 14))
    assert carried == set(promises)


PAGES = sorted([CHECKOUT / "README.md", *(CHECKOUT / "docs").rglob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(CHECKOUT).as_posix())
def test_what_a_page_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\(((?!https?:|#|mailto:)[^)#]+)", text)
    modules = re.findall(r"`((?:reconciler|adapters|tests|scripts|docs|schemas-repo-template)/[\w./-]+)`", text)

    missing = [link for link in links if not (page.parent / link).exists()]
    missing += [module for module in modules if not (CHECKOUT / module).exists()]

    assert missing == []
