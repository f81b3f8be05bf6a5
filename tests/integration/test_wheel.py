"""The wheel is whole: installed into an empty environment, it starts a repository, plans it and applies it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]

RULES = """
from reconciler.policy.python_rules import PythonPack, PythonRule


def see(values):
    yield {"message": f"{values['subject']['name']} was seen"}


PACK = PythonPack("Ours.", (PythonRule("OURS_SEEN", "Subjects are seen.", "info", "subject", see),))
"""
REGISTRY = """
from dataclasses import replace

from adapters.local import LocalRegistry
from reconciler.errors import UnauthorizedError
from reconciler.registry import Health


class OurRegistry(LocalRegistry):
    def __init__(self, settings):
        self._password = settings.options["auth"]["password"]
        super().__init__(replace(settings, options={"path": settings.options["path"]}))

    def check_health(self):
        if self._password != "opened-by-a-variable/orders":
            raise UnauthorizedError("the password is not ours", registry=self.name)
        return Health(f"ours, asked with {self._password}", "1", 0.0)
"""
SECRETS = """
class OurSecrets:
    def __init__(self, variables):
        self._key = variables["OUR_KEY"]

    def read(self, target):
        return f"{self._key}/{target}"
"""
PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "our-package"
version = "1"

[project.entry-points."schemafed.policies"]
ours = "our_package.rules:PACK"

[project.entry-points."schemafed.adapters"]
ours = "our_package.registry:OurRegistry"

[project.entry-points."schemafed.secrets"]
ours = "our_package.secrets:OurSecrets"
"""
CONFIGURATION = """
version: 1
registries:
  orders: {kind: ours, path: .schemafed/orders.db, auth: {password: "${ours:orders}"}}
environments:
  dev: {registries: [orders]}
"""

# One worker builds and installs it once.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of a wheel that was built from this checkout and installed with the pinned versions."""
    folder = tmp_path_factory.mktemp("wheel")
    dist, environment = folder / "dist", folder / "environment"
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", dist, CHECKOUT)
    venv.create(environment)
    pip = (
        sys.executable,
        "-m",
        "pip",
        "--quiet",
        "--disable-pip-version-check",
        "--python",
        environment / "bin/python",
    )
    run(*pip, "install", "--no-compile", "-r", CHECKOUT / "requirements.txt", next(dist.glob("*.whl")))
    run(*pip, "check")
    return environment / "bin/schemafed"


@pytest.fixture(scope="module")
def extended(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command with a package beside it that offers rules, a kind of registry and a source of secrets."""
    folder = tmp_path_factory.mktemp("package")
    (folder / "our_package").mkdir()
    for name, content in {"__init__": "", "rules": RULES, "registry": REGISTRY, "secrets": SECRETS}.items():
        (folder / "our_package" / f"{name}.py").write_text(content, encoding="utf-8")
    (folder / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder / "dist", folder)
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    python = program.with_name("python")
    run(*pip, "--python", python, "install", "--no-deps", "--no-index", next((folder / "dist").glob("*.whl")))
    return program


def test_the_installed_wheel_works_from_init_to_apply(program: Path, tmp_path: Path) -> None:
    root = tmp_path / "schemas"

    run(program, "init", root)
    commit(root)
    run(program, "validate", cwd=root)
    planned = run(program, "plan", cwd=root)
    applied = run(program, "apply", "--yes", cwd=root)
    planned_again = run(program, "plan", cwd=root)

    assert "subjects to create" in planned
    assert "Applied." in applied
    assert "Nothing to do." in planned_again


def test_the_installed_wheel_has_the_packs_that_ship_and_those_of_other_packages(
    extended: Path, tmp_path: Path
) -> None:
    root = tmp_path / "schemas"
    run(extended, "init", root)
    with (root / "schemafed.yaml").open("a", encoding="utf-8") as file:
        file.write("  - use: ours\n")

    listed = json.loads(run(extended, "policy", "list", "--output", "json", cwd=root))
    explained = json.loads(run(extended, "policy", "explain", "money", "--output", "json", cwd=root))

    assert listed["findings"] == []
    assert {"naming", "pii", "style-avro", "ours"} <= {rule["pack"] for rule in listed["rules"]}
    assert [(f["code"], f["message"]) for f in explained["findings"] if f["code"] == "OURS_SEEN"] == [
        ("OURS_SEEN", "money was seen")
    ]


def test_the_installed_wheel_uses_registries_and_secrets_of_other_packages(
    extended: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "schemas"
    monkeypatch.setenv("OUR_KEY", "opened-by-a-variable")
    run(extended, "init", root)
    (root / "schemafed.yaml").write_text(CONFIGURATION, encoding="utf-8")
    commit(root)

    listed = run(extended, "registries", "--output", "json", cwd=root)
    shown = run(extended, "registries", cwd=root)
    run(extended, "validate", cwd=root)
    applied = run(extended, "apply", "--yes", cwd=root)

    assert [(r["kind"], r["health"]["product"]) for r in json.loads(listed)] == [("ours", "ours, asked with ***")]
    assert "ours, asked with ***" in shown
    assert "opened-by-a-variable" not in listed + shown + applied
    assert "Applied." in applied
    assert (root / ".schemafed" / "orders.db").is_file()


def test_the_wheel_brings_nothing_that_is_not_the_product(program: Path) -> None:
    code = "import importlib.metadata as m; print('\\n'.join(map(str, m.files('schemafed'))))"

    files = run(program.with_name("python"), "-c", code).splitlines()

    tops = {name.split("/")[0] for name in files}
    assert {t for t in tops if "dist-info" not in t and t != ".."} == {"reconciler", "adapters"}
    assert "reconciler/_data/schemas-repo-template/schemafed.yaml" in files
    assert "reconciler/_data/policies/naming.yaml" in files
    assert "reconciler/_data/schemas-repo-template/.vscode/settings.json" in files


def commit(root: Path) -> None:
    """Commit everything in a work tree."""
    run("git", "add", ".", cwd=root)
    run("git", "-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "--quiet", "-m", "Start", cwd=root)


def run(*command: str | Path, cwd: Path | None = None) -> str:
    """Run a command that must end well, out of reach of this checkout's packages."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ran = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, encoding="utf-8")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout
