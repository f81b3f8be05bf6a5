"""A secret that was resolved shows in nothing that a command writes: reports in every format, logs, tracebacks."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from reconciler.applier import Result, Status
from reconciler.cli import run
from reconciler.cli.console import _console, emit
from reconciler.cli.progress import showing_results
from reconciler.cli.reports import FORMATS
from reconciler.model import Location, Mode, SetCompatibility
from reconciler.secrets.redaction import forget_all, remember
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.wire import Reply, Request, make_json_reply
from tests.repositories import MakeRepository, Repository, record, run_git

SECRET = 'hunter22"<&|wörd'
"""Every format escapes something of it."""
PAIR = base64.b64encode(f"ann:{SECRET}".encode()).decode()
TRACES = ("hunter22", "wörd", "w\\u00f6rd", PAIR)
"""Of each spelling of the secret, something that is in no other text."""
PROGRAM = [sys.executable, "-c", "from reconciler.cli import main; main()"]

OUTPUTS = {
    "find": ("text", "json", "csv"),
    "compare": ("text", "json", "csv"),
    "copy": ("text", "json"),
    "registries": ("text", "json", "csv"),
    "drift": ("text", "json"),
    "check": ("text", *FORMATS),
}
ARGUMENTS = {
    "find": ("value",),
    "compare": ("orders", "laptop"),
    "copy": ("--from", "orders", "--to", "laptop", "--dry-run"),
    "registries": ("--overview",),
    "drift": ("-e", "dev"),
    "check": ("-e", "dev", "--live"),
}


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    forget_all()
    yield
    forget_all()


@pytest.fixture
def guarded() -> Iterator[ConfluentDouble]:
    with ConfluentDouble("8.1", users={"ann": SECRET}) as double:
        yield double


@pytest.fixture
def shop(
    guarded: ConfluentDouble, make_repository: MakeRepository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Repository:
    """A repository with a registry that asks for the secret, an empty one, and one schema, which is applied."""
    monkeypatch.setenv("ORDERS_PASSWORD", SECRET)
    repository = make_repository(f"""\
version: 1
registries:
  orders:
    kind: confluent
    url: {guarded.url}
    retries: 0
    auth: {{kind: basic, username: ann, password: "${{ORDERS_PASSWORD}}"}}
  laptop: {{kind: local, path: .schemafed/registry.db}}
environments:
  dev: {{registries: [orders], ledger: shared}}
""")
    run_git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    repository.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    repository.write("schemas/order-value.avsc", record("Order", "id"))
    repository.commit()
    assert repository.run("apply", "--yes", "-e", "dev").exit_code == 0
    forget_all()
    return repository


def fail(request: Request) -> Reply:
    """Answer as a server that says back what it was sent."""
    words = f"{SECRET} of {request.headers.get('authorization')} is none of ours"
    return make_json_reply(500, {"error_code": 50001, "message": words})


def raise_if_shown(*texts: str) -> None:
    for text in texts:
        assert [trace for trace in TRACES if trace in text] == []


@pytest.mark.parametrize("command", OUTPUTS)
def test_no_output_shows_what_a_registry_says_back(shop: Repository, guarded: ConfluentDouble, command: str) -> None:
    guarded.answer = fail
    shop.write("schemas/order-value.avsc", record("Order", "id", {"name": "note", "type": "string", "default": ""}))

    for output in OUTPUTS[command]:
        done = shop.run(command, *ARGUMENTS[command], "--output", output)

        assert done.exit_code == 1, done.text
        raise_if_shown(done.text)
        if output != "csv":  # a table of what was found has no line for what could not be read
            assert "*** of Basic *** is none of ours" in done.text.replace("\\*", "*")


def test_no_report_file_shows_what_a_registry_says_back(
    shop: Repository, guarded: ConfluentDouble, tmp_path: Path
) -> None:
    guarded.answer = fail
    shop.write("schemas/order-value.avsc", record("Order", "id", {"name": "note", "type": "string", "default": ""}))
    files = [tmp_path / f"report.{name}" for name in FORMATS]
    reports = [part for file in files for part in ("--report", f"{file.suffix[1:]}={file}")]

    shop.run("check", *ARGUMENTS["check"], *reports)

    texts = [file.read_text(encoding="utf-8") for file in files]
    raise_if_shown(*texts)
    assert all("is none of ours" in text for text in texts)


@pytest.mark.parametrize("command", ["find", "compare", "copy", "registries", "drift"])
def test_no_output_shows_what_a_registry_holds(shop: Repository, guarded: ConfluentDouble, command: str) -> None:
    guarded.register(f"{SECRET}-value", json.dumps(record("Other", "id")))

    for output in OUTPUTS[command]:
        done = shop.run(command, *ARGUMENTS[command], "--output", output)

        raise_if_shown(done.text)
        assert "***-value" in done.out


def test_history_shows_it_to_nobody_who_does_not_know_it(shop: Repository, guarded: ConfluentDouble) -> None:
    shop.write("schemas/bill-value.avsc", record("Bill", "id"))
    shop.commit()
    answer = guarded.answer
    guarded.answer = lambda request: fail(request) if request.method == "POST" else answer(request)
    applied = shop.run("apply", "--yes", "-e", "dev")
    forget_all()

    told = [shop.run("history", "-e", "dev", "--output", output) for output in ("text", "json", "csv")]

    assert applied.exit_code == 1
    raise_if_shown(applied.text, shop.git("log", "--all", "--patch"), *(history.text for history in told))
    assert all("is none of ours" in history.out for history in told)


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_narrow_terminal_does_not_show_it_in_pieces(
    shop: Repository, guarded: ConfluentDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded.register(f"{SECRET}-value", json.dumps(record("Other", "id")))
    out = Terminal()
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setattr("sys.stdout", out)
    _console.cache_clear()

    assert run(["registries", "-C", str(shop.root), "--overview"]) == 0

    raise_if_shown(out.getvalue())
    assert "hunter" not in out.getvalue()
    assert "***-" in out.getvalue()  # how much of the rest stands in this line is the width's matter


def test_what_cannot_be_looked_through_is_not_shown() -> None:
    from rich.panel import Panel

    with pytest.raises(TypeError, match="Panel is not looked through for secrets"):
        emit(Panel("hunter22"))


def test_the_bar_of_an_apply_does_not_show_it(monkeypatch: pytest.MonkeyPatch) -> None:
    remember(SECRET)
    out = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stdout", out)
    monkeypatch.setattr("sys.stderr", StringIO())
    change = SetCompatibility("orders", "order", None, Mode.FULL, "declared", Location("x.yaml"))

    with showing_results(1) as listeners:
        listeners.on_result(Result(change, Status.FAILED, message=f"{SECRET} is none of ours"))
        listeners.on_progress(f"reading {SECRET}", 3, 40)
    with showing_results(1) as listeners:
        listeners.on_progress(f"asking \x1b[2J{SECRET}")

    raise_if_shown(out.getvalue())
    assert "failed: *** is none of ours" in out.getvalue()
    assert "reading *** 3/40" in out.getvalue()
    assert "asking \N{REPLACEMENT CHARACTER}[2J***" in out.getvalue()


ADAPTER = """
import logging
import threading
from dataclasses import replace

from adapters.local import LocalRegistry

LIBRARY = logging.getLogger("vendor.client.wire")


class GoneError(BaseException):
    pass


class TalkativeRegistry(LocalRegistry):
    def __init__(self, settings):
        self.password = str(settings.options["auth"]["password"])
        super().__init__(replace(settings, options={"path": settings.options["path"]}))

    def check_health(self):
        self.HOW(self.password)
        return super().check_health()


def warn(password):
    LIBRARY.info("not shown, as ever: %s", password)
    LIBRARY.warning("login of %(user)s with %(password)s", {"user": "ann", "password": password})


def warn_by_a_handler_of_its_own(password):
    logger = logging.getLogger("vendor")
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("vendor says: %(message)s"))
    logger.addHandler(handler)
    LIBRARY.warning("login with %r", password)


def log_an_exception(password):
    try:
        raise ValueError(f"bad {password}")
    except ValueError:
        LIBRARY.exception("login failed")


def log_what_does_not_fit(password):
    LIBRARY.warning("login with", password)


def die_in_a_thread(password):
    def work():
        raise ValueError(f"bad {password}")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def die(password):
    raise GoneError(f"bad {password}")


def fail(password):
    raise ValueError(f"bad {password}")


TalkativeRegistry.HOW = staticmethod(HOW)
"""


@pytest.mark.parametrize(
    ("how", "shown", "exit_code"),
    [
        ("warn", "login of ann with ***", 0),
        ("warn_by_a_handler_of_its_own", "vendor says: login with '***'", 0),
        ("log_an_exception", "ValueError: bad ***", 0),
        ("log_what_does_not_fit", "'login with' ('***',)", 0),
        ("die_in_a_thread", "ValueError: bad ***", 0),
        ("die", "GoneError: bad ***", 1),
        ("fail", "ValueError: bad ***", 1),
    ],
)
def test_the_log_of_no_library_shows_it_nor_does_a_traceback(
    make_repository: MakeRepository, tmp_path: Path, how: str, shown: str, exit_code: int
) -> None:
    packages = tmp_path / "packages"
    offered = packages / "talkative-1.dist-info"
    offered.mkdir(parents=True)
    (packages / "talkative.py").write_text(ADAPTER.replace("staticmethod(HOW)", f"staticmethod({how})"))
    (offered / "METADATA").write_text("Metadata-Version: 2.1\nName: talkative\nVersion: 1\n")
    (offered / "entry_points.txt").write_text("[schemafed.adapters]\ntalkative = talkative:TalkativeRegistry\n")
    repository = make_repository("""\
version: 1
registries:
  orders: {kind: talkative, path: .schemafed/registry.db, auth: {password: "${ORDERS_PASSWORD}"}}
""")
    variables = {
        **os.environ,
        "ORDERS_PASSWORD": SECRET,
        "PYTHONPATH": os.pathsep.join((str(packages), *sys.path)),
        "SCHEMAFED_DEBUG": "1",
    }

    done = subprocess.run(
        [*PROGRAM, "registries"], cwd=repository.root, env=variables, capture_output=True, text=True, encoding="utf-8"
    )

    assert done.returncode == exit_code, done.stderr
    raise_if_shown(done.stdout, done.stderr)
    assert shown in done.stderr
    assert "not shown, as ever" not in done.stderr
