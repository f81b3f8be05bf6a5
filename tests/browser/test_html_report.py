"""The HTML report as a browser shows it: searched, folded, printed, in light and dark, with nothing from elsewhere."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

import pytest
from playwright.sync_api import expect

from reconciler.render.html import render_html
from reconciler.render.making import make_check_report, make_plan_report
from reconciler.render.report import Report, with_texts
from tests.browser.conftest import Open, Opened
from tests.unit.render import report_samples as samples
from tests.unit.render.test_hostile_reports import TOKENS

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PLAN = make_plan_report(samples.BLOCKED)
REPORTS = {
    "plan": PLAN,
    "empty": make_plan_report(samples.EMPTY),
    "applied": make_plan_report(samples.READY, samples.APPLIED),
    "check": make_check_report(samples.CHECKED),
}
AXE = files("axe_playwright_python").joinpath("axe.min.js")


def visible_names(opened: Opened) -> list[str]:
    return opened.page.locator(".entry:not([hidden]) .name").all_inner_texts()


def search(opened: Opened, words: str, found: int) -> None:
    opened.page.get_by_label("Search").fill(words)
    every = opened.page.locator(".item").count()
    # `expect` describes the whole page whenever it has to wait, which takes minutes on a page of ten thousand changes.
    opened.page.locator("#found", has_text=f"{found} of {every}").wait_for(timeout=60_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", REPORTS)
def test_a_page_is_accessible_and_quiet(open_page: Open, name: str, scheme: str) -> None:
    opened = open_page(render_html(REPORTS[name]), scheme=scheme)
    opened.page.get_by_role("button", name="Unfold all").click()

    # The page's own policy forbids every other script; the browser's own world is not bound by it.
    opened.page.evaluate(AXE.read_text(encoding="utf-8"))
    found = opened.page.evaluate("axe.run()")

    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]] == []
    assert found["passes"]
    assert opened.problems == []


def test_a_page_asks_for_nothing_but_itself(open_page: Open) -> None:
    opened = open_page(render_html(PLAN, link="https://forge.example/runs/7"))

    assert opened.requests == [opened.file.as_uri()]


def test_search_shows_what_has_all_words_and_counts_it(open_page: Open) -> None:
    opened = open_page(render_html(PLAN))

    search(opened, "refund WAIVED", found=1)

    assert visible_names(opened) == ["payments.refund"]
    assert opened.page.locator(".finding:visible").count() == 0

    opened.page.get_by_label("Search").press("Escape")

    assert len(visible_names(opened)) == len(PLAN.entries)


def test_a_key_leads_to_the_search(open_page: Open) -> None:
    opened = open_page(render_html(PLAN))

    opened.page.keyboard.press("/")
    opened.page.keyboard.type("legacy")
    expect(opened.page.locator("#found")).to_contain_text("1 of ")

    assert visible_names(opened) == ["payments.legacy"]


def test_differences_fold_one_by_one_and_all_at_once(open_page: Open) -> None:
    opened = open_page(render_html(PLAN))
    differences = opened.page.get_by_role("region", name="What differs in payments.customer")
    assert not differences.is_visible()

    opened.page.locator("summary", has_text="payments.customer").press("Enter")
    assert differences.is_visible()
    assert opened.page.locator("table:visible").count() == 1
    assert "amount int long" in " ".join(differences.inner_text().split())

    opened.page.get_by_role("button", name="Unfold all").click()
    assert opened.page.locator("table:visible").count() == 3

    opened.page.get_by_role("button", name="Fold all", exact=True).click()
    assert opened.page.locator("table:visible").count() == 0


def test_a_button_turns_light_to_dark_and_back(open_page: Open) -> None:
    opened = open_page(render_html(PLAN))
    colour = "getComputedStyle(document.body).backgroundColor"
    light = opened.page.evaluate(colour)

    opened.page.get_by_role("button", name="Dark or light").click()
    assert opened.page.evaluate(colour) != light

    opened.page.get_by_role("button", name="Dark or light").click()
    assert opened.page.evaluate(colour) == light


@pytest.mark.parametrize("width", [320, 420, 1200])
def test_a_page_is_never_wider_than_its_window(open_page: Open, width: int) -> None:
    opened = open_page(render_html(with_texts(PLAN, lambda text: text.replace(" ", "") * 5)), width)
    opened.page.get_by_role("button", name="Unfold all").click()

    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width


def test_paper_has_what_is_folded_and_no_tools(open_page: Open) -> None:
    opened = open_page(render_html(PLAN))

    opened.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    opened.page.emulate_media(media="print")

    assert opened.page.locator("table:visible").count() == 3
    assert not opened.page.get_by_label("Search").is_visible()

    opened.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert opened.page.locator("table:visible").count() == 0


def test_a_page_prints_to_pdf(open_page: Open) -> None:
    assert open_page(render_html(PLAN)).page.pdf().startswith(b"%PDF")


def test_hostile_texts_do_nothing(open_page: Open) -> None:
    every = "".join(TOKENS)
    opened = open_page(render_html(with_texts(PLAN, lambda text: every)))

    assert opened.problems == []
    assert opened.requests == [opened.file.as_uri()]
    assert opened.page.locator("body img, body script").count() == 1
    assert "<script>alert(1)</script>" in opened.page.locator("h1").inner_text()


@pytest.mark.slow
def test_ten_thousand_changes_can_be_searched(open_page: Open) -> None:
    changes = [replace(samples.UPDATE, subject=f"subject-{number}") for number in range(10_000)]
    report: Report = make_plan_report(samples.make_plan(*changes))
    opened = open_page(render_html(report))

    search(opened, "subject-7777", found=1)

    assert visible_names(opened) == ["subject-7777"]
