"""What happens where a server cannot run."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


class ServerUnavailableError(Exception):
    """The message is one line for whoever runs the tests: what is missing, and what would help."""


def skip_or_fail(server: str, error: ServerUnavailableError) -> NoReturn:
    """Say in one line that a server was not run; with CI=true, where every server must run, that is a failure."""
    reason = f"{server} was not run: {error}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
