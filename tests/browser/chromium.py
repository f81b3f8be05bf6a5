"""A headless Chromium of the system, driven by the tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Error, sync_playwright

from tests.servers.unavailable import ServerUnavailableError

NAMES = ("chromium", "chromium-browser", "chromium-headless-shell", "google-chrome", "google-chrome-stable")
"""As distributions and vendors call it; `SCHEMAFED_TEST_CHROMIUM` names another."""


@contextmanager
def run_chromium() -> Iterator[Browser]:
    """Start the browser and stop it in the end.

    Raises:
        ServerUnavailableError: there is none, or it does not start.
    """
    found = os.environ.get("SCHEMAFED_TEST_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise ServerUnavailableError("there is no Chromium; on Debian, `apt-get install chromium`")
    # Root, as in containers, has no sandbox; the pages are our own.
    options = ["--no-sandbox"] if os.getuid() == 0 else []
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=found, args=options)
        except Error as error:
            raise ServerUnavailableError(f"{found} does not start: {error.message.splitlines()[0]}") from error
        try:
            yield browser
        finally:
            browser.close()
