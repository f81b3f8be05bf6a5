"""The golden pairs of the packs that ship: every rule with an example that fails and one that passes."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from reconciler.operations.policies.loading import load_shipped
from reconciler.operations.policies.testing import find_cases, run_case

EXAMPLES = Path(__file__).parent / "examples"
SHIPPED = load_shipped()


def test_every_pack_that_ships_can_be_used() -> None:
    assert SHIPPED.findings == ()


@pytest.mark.parametrize("case", find_cases(EXAMPLES), ids=lambda case: case.relative_to(EXAMPLES).as_posix())
def test_a_golden_pair_finds_what_is_expected(case: Path) -> None:
    made = run_case(case, SHIPPED.packs, EXAMPLES)

    assert made.found == made.expected


@pytest.mark.parametrize("code", [rule.code for pack in SHIPPED.packs.values() for rule in pack.rules])
def test_every_rule_has_an_example_that_fails_and_one_that_passes(code: str) -> None:
    cases = {case.name: run_case(case, SHIPPED.packs, EXAMPLES) for case in EXAMPLES.glob(f"*/{code}/*")}

    assert any(code in line for line in cases["fails"].expected)
    assert not any(code in line for line in cases["passes"].expected)


def test_the_pages_of_the_packs_are_up_to_date() -> None:
    script = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "policy_pages.py"))

    for page, text in script["render_pages"]().items():
        assert page.read_text(encoding="utf-8") == text, "run `make docs`"
