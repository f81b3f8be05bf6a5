"""Secrets never leave in text."""

from __future__ import annotations

import base64
import io
import json
import logging
import sys
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

import pytest

from reconciler.secrets.redaction import forget_all, redact, redact_logs, remember, write_exception

SECRET = 'pä"ss/wörd +&1'
LIBRARY = logging.getLogger("tests.library")


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    forget_all()
    yield
    forget_all()


@pytest.mark.parametrize(
    "spelling",
    [
        SECRET,
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
        base64.b64encode(f"ann:{SECRET}".encode()).decode(),
        quote(SECRET),
        quote(SECRET, safe=""),
        quote(SECRET, safe="").lower(),
        quote_plus(SECRET),
        SECRET.replace('"', '""'),
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        json.dumps(json.dumps({"doc": SECRET}))[1:-1],
        repr({"password": SECRET}),
    ],
)
def test_spelling(spelling: str) -> None:
    remember(SECRET, user="ann")

    redacted = redact(f"before {spelling} after")

    assert redacted.startswith("before ") and redacted.endswith(" after")
    assert "***" in redacted and spelling.strip("\"'={}") not in redacted


def test_text_without_secrets_stays() -> None:
    remember(SECRET)

    assert redact("nothing to see") == "nothing to see"


def test_longer_secret_is_replaced_whole() -> None:
    remember("hunter22")
    remember("hunter22-and-more")

    assert redact("x hunter22-and-more y") == "x *** y"


@pytest.mark.parametrize("short", ["", "a", "abc"])
def test_short_value_is_not_looked_for_by_itself(short: str) -> None:
    remember(short, user="admin")

    assert redact(f"a {short} cab abc") == f"a {short} cab abc"


def test_short_value_with_its_user_is() -> None:
    remember("abc", user="admin")

    assert redact(f"Basic {base64.b64encode(b'admin:abc').decode()}") == "Basic ***"


def test_lines_of_a_key() -> None:
    remember("-----BEGIN KEY-----\nMIIEvQIBADAN\n-----END KEY-----\n")

    assert "MIIEvQIBADAN" not in redact("line: MIIEvQIBADAN")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What a library's logger writes, by a handler of its own, once logs are redacted."""
    factory, stream = logging.getLogRecordFactory(), io.StringIO()
    handler = logging.StreamHandler(stream)
    LIBRARY.addHandler(handler)
    redact_logs()
    yield stream
    LIBRARY.removeHandler(handler)
    logging.setLogRecordFactory(factory)


def test_log_records(log: io.StringIO) -> None:
    remember("hunter22")

    try:
        raise ValueError("bad hunter22")
    except ValueError:
        LIBRARY.getChild("wire").exception("login %s failed", "hunter22", stack_info=True)

    assert "login *** failed" in log.getvalue() and "bad ***" in log.getvalue()
    assert "Stack (most recent call last)" in log.getvalue()
    assert "login hunter22" not in log.getvalue() and "bad hunter22" not in log.getvalue().replace('"bad hunter22"', "")


class _Unshown:
    def __repr__(self) -> str:
        raise ValueError("hunter22")


def test_log_record_whose_values_do_not_fit(log: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    remember("hunter22")

    LIBRARY.warning("login failed", "hunter22")
    LIBRARY.warning("login of hunter22: %s", _Unshown())

    assert log.getvalue() == "'login failed' ('***',)\n'login of ***: %s'\n"
    assert capsys.readouterr().err == ""


def test_tracebacks(capsys: pytest.CaptureFixture[str]) -> None:
    remember("hunter22")
    try:
        raise ValueError("bad hunter22")
    except ValueError:
        write_exception(*sys.exc_info())  # type: ignore[arg-type]

    assert "ValueError: bad ***" in capsys.readouterr().err
