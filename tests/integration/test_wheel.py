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
PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "our-rules"
version = "1"

[project.entry-points."schemafed.policies"]
ours = "our_rules:PACK"
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


def test_the_installed_wheel_works_from_init_to_apply(program: Path, tmp_path: Path) -> None:
    root = tmp_path / "schemas"
    identity = ("-c", "user.name=T", "-c", "user.email=t@example.com")

    run(program, "init", root)
    run("git", "add", ".", cwd=root)
    run("git", *identity, "commit", "--quiet", "-m", "Start", cwd=root)
    run(program, "validate", cwd=root)
    planned = run(program, "plan", cwd=root)
    applied = run(program, "apply", "--yes", cwd=root)
    planned_again = run(program, "plan", cwd=root)

    assert "subjects to create" in planned
    assert "Applied." in applied
    assert "Nothing to do." in planned_again


def test_the_installed_wheel_has_the_packs_that_ship_and_those_of_other_packages(program: Path, tmp_path: Path) -> None:
    root = tmp_path / "schemas"
    run(program, "init", root)
    install_rules(program.with_name("python"), tmp_path / "package")
    with (root / "schemafed.yaml").open("a", encoding="utf-8") as file:
        file.write("  - use: ours\n")

    listed = json.loads(run(program, "policy", "list", "--output", "json", cwd=root))
    explained = json.loads(run(program, "policy", "explain", "money", "--output", "json", cwd=root))

    assert listed["findings"] == []
    assert {"naming", "pii", "style-avro", "ours"} <= {rule["pack"] for rule in listed["rules"]}
    assert [(f["code"], f["message"]) for f in explained["findings"] if f["code"] == "OURS_SEEN"] == [
        ("OURS_SEEN", "money was seen")
    ]


def install_rules(python: Path, folder: Path) -> None:
    """Build a package that offers a rule in Python, and install it beside the product."""
    (folder / "our_rules").mkdir(parents=True)
    (folder / "our_rules" / "__init__.py").write_text(RULES, encoding="utf-8")
    (folder / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder / "dist", folder)
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", python)
    run(*pip, "install", "--no-deps", "--no-index", next((folder / "dist").glob("*.whl")))


def test_the_wheel_brings_nothing_that_is_not_the_product(program: Path) -> None:
    code = "import importlib.metadata as m; print('\\n'.join(map(str, m.files('schemafed'))))"

    files = run(program.with_name("python"), "-c", code).splitlines()

    tops = {name.split("/")[0] for name in files}
    assert {t for t in tops if "dist-info" not in t and t != ".."} == {"reconciler", "adapters"}
    assert "reconciler/_data/schemas-repo-template/schemafed.yaml" in files
    assert "reconciler/_data/policies/naming.yaml" in files
    assert "reconciler/_data/schemas-repo-template/.vscode/settings.json" in files


def run(*command: str | Path, cwd: Path | None = None) -> str:
    """Run a command that must end well, out of reach of this checkout's packages."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ran = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, encoding="utf-8")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout
