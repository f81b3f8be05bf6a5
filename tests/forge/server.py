"""A real Gitea with its runner: processes of this machine, on the loopback address, gone when the tests are."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.forge.api import User, make_basic
from tests.forge.programs import GITEA, RUNNER, Built, build
from tests.servers.sharing import Place, find_place, start_guard, stop_guard, wait_until_ready
from tests.servers.unavailable import ServerUnavailableError

_READY_SECONDS = 120.0
_PASSWORD = "correct-horse-battery-1"
_ADMIN = "boss"
# Nothing leaves the machine, nothing is indexed, and what is due by the clock is looked for often.
_SETTINGS = """\
RUN_MODE = prod
WORK_PATH = {folder}
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = {is_root}
[server]
HTTP_ADDR = 127.0.0.1
HTTP_PORT = {port}
DOMAIN = 127.0.0.1
ROOT_URL = http://127.0.0.1:{port}/
STATIC_ROOT_PATH = {source}
DISABLE_SSH = true
OFFLINE_MODE = true
[database]
DB_TYPE = sqlite3
[security]
INSTALL_LOCK = true
[service]
DISABLE_REGISTRATION = true
[indexer]
ISSUE_INDEXER_TYPE = db
[log]
MODE = console
LEVEL = Warn
[actions]
ENABLED = true
DEFAULT_ACTIONS_URL = self
[cron.update_checker]
ENABLED = false
[cron.start_schedule_tasks]
SCHEDULE = @every 5s
"""
# One job at a time: in host mode the jobs of a repository share their folder.
_RUNNER_SETTINGS = """\
runner:
  file: {folder}/runner.json
  capacity: 1
  fetch_interval: 1s
  fetch_interval_max: 1s
  log_report_interval: 2s
  log_report_max_latency: 1s
  state_report_interval: 1s
  labels: ["ubuntu-latest:host"]
cache: {{enabled: false}}
container: {{workdir_parent: "{folder}/work"}}
host: {{workdir_parent: "{folder}/host"}}
"""


@dataclass(frozen=True)
class Gitea:
    """A Gitea that runs; `boss` administers it, by password, and makes everybody else."""

    url: str
    boss: User

    def make_user(self, name: str) -> User:
        """Make a user, who signs in by password."""
        mail = f"{name}@example.com"
        given = {"username": name, "email": mail, "password": _PASSWORD, "must_change_password": False}
        self.boss.post("/admin/users", **given)
        return User(self.url, name, make_basic(name, _PASSWORD))

    def make_token(self, user: User, name: str, *scopes: str) -> str:
        """Make a token of a user that may do what the scopes say and no more."""
        return str(user.post(f"/users/{user.name}/tokens", name=name, scopes=list(scopes))["sha1"])


@contextmanager
def run_gitea(base_temp: Path) -> Iterator[Gitea]:
    """Run Gitea and one runner for `ubuntu-latest`, which runs its jobs as processes of this machine.

    Raises:
        ServerUnavailableError: one of them cannot be built, or does not start.
    """
    built, runner = build(GITEA), build(RUNNER)
    place, second = find_place(base_temp, "gitea"), find_place(base_temp, "gitea-runner")
    try:
        server = _start_server(place, built)
        _start_runner(second, runner, server)
        yield server
    finally:
        stop_guard(second)
        stop_guard(place)


def _start_server(place: Place, built: Built) -> Gitea:
    folder, port = place.folder / "gitea", _find_free_port()
    settings = folder / "app.ini"
    folder.mkdir()
    is_root = str(os.geteuid() == 0).lower()
    settings.write_text(_SETTINGS.format(folder=folder, port=port, source=built.source, is_root=is_root))
    gitea = [*_alone(folder), str(built.program), "--config", str(settings)]
    start_guard(place, command=[*gitea, "web"], folder=str(folder))
    url = f"http://127.0.0.1:{port}"
    wait_until_ready(place, f"{url}/api/v1/version", _READY_SECONDS)
    known = ["--username", _ADMIN, "--password", _PASSWORD, "--email", f"{_ADMIN}@example.com"]
    _run([*gitea, "admin", "user", "create", "--admin", *known, "--must-change-password=false"], folder)
    return Gitea(url, User(url, _ADMIN, make_basic(_ADMIN, _PASSWORD)))


def _start_runner(place: Place, built: Built, server: Gitea) -> None:
    folder = place.folder / "runner"
    folder.mkdir()
    settings = folder / "config.yaml"
    settings.write_text(_RUNNER_SETTINGS.format(folder=folder))
    runner = [*_alone(folder), str(built.program), "--config", str(settings)]
    token = server.boss.post("/admin/actions/runners/registration-token")["token"]
    _run([*runner, "register", "--no-interactive", "--instance", server.url, "--token", token], folder)
    start_guard(place, command=[*runner, "daemon"], folder=str(folder))


def _alone(folder: Path) -> list[str]:
    """Run without the caller's variables: neither its Git nor its CI system is the server's."""
    return ["env", "-i", f"PATH={os.environ['PATH']}", f"HOME={folder}", "LANG=C.UTF-8"]


def _run(command: Sequence[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_READY_SECONDS)
    if done.returncode:
        raise ServerUnavailableError(f"`{' '.join(command[5:8])} ...` failed: {(done.stdout + done.stderr)[-500:]}")


def _find_free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
