"""The wheel is whole: installed into an empty environment, it starts a repository, plans it and applies it."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]

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


def test_the_wheel_brings_nothing_that_is_not_the_product(program: Path) -> None:
    code = "import importlib.metadata as m; print('\\n'.join(map(str, m.files('schemafed'))))"

    files = run(program.with_name("python"), "-c", code).splitlines()

    tops = {name.split("/")[0] for name in files}
    assert {t for t in tops if "dist-info" not in t and t != ".."} == {"reconciler", "adapters"}
    assert "reconciler/_data/schemas-repo-template/schemafed.yaml" in files
    assert "reconciler/_data/schemas-repo-template/.vscode/settings.json" in files


def run(*command: str | Path, cwd: Path | None = None) -> str:
    """Run a command that must end well, out of reach of this checkout's packages."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ran = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, encoding="utf-8")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout
