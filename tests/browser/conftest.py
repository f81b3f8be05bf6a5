"""A browser for a run, and pages whose errors and requests are remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import run_chromium
from tests.servers.unavailable import ServerUnavailableError, skip_or_fail


@dataclass
class Opened:
    """A page, and what happened in it."""

    page: Page
    file: Path
    problems: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


Open = Callable[..., Opened]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    try:
        with run_chromium() as browser:
            yield browser
    except ServerUnavailableError as error:
        skip_or_fail("Chromium", error)


@pytest.fixture
def open_page(chromium: Browser, tmp_path: Path) -> Iterator[Open]:
    """A function that opens a page from its text: with a width, and in light or dark."""
    contexts = []

    def open_(text: str, width: int = 1200, scheme: str = "light") -> Opened:
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        file = tmp_path / "report.html"
        file.write_text(text, encoding="utf-8", errors="backslashreplace")
        opened = Opened(context.new_page(), file)
        opened.page.on("console", lambda message: opened.problems.append(message.text))
        opened.page.on("pageerror", lambda error: opened.problems.append(str(error)))
        opened.page.on("request", lambda request: opened.requests.append(request.url))
        opened.page.goto(file.as_uri())
        return opened

    yield open_
    for context in contexts:
        context.close()
