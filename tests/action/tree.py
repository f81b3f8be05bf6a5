"""A repository made from the template, and the registry that it governs, read without the product."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from tests.doubles.confluent import ConfluentDouble
from tests.repositories import commit_all, run_git


@dataclass
class Tree:
    """A work tree, and its registry."""

    root: Path
    registry: ConfluentDouble

    def write(self, path: str, content: str | dict[str, Any]) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content if isinstance(content, str) else json.dumps(content, indent=2) + "\n")

    def git(self, *arguments: str) -> str:
        return run_git(self.root, *arguments)

    def commit(self, message: str) -> str:
        commit_all(self.root, message)
        return self.git("rev-parse", "HEAD").strip()

    def push(self) -> None:
        self.git("push", "--quiet", "origin", "HEAD")

    def versions(self, subject: str) -> list[dict[str, Any]]:
        """The schemas of a subject, old to new, asked of the registry without the product."""
        numbers = self._ask(f"/subjects/{subject}/versions")
        return [json.loads(self._ask(f"/subjects/{subject}/versions/{number}")["schema"]) for number in numbers]

    def post(self, subject: str, schema: dict[str, Any]) -> None:
        """Register a schema by hand, as somebody does who passes this repository by."""
        self._ask(f"/subjects/{subject}/versions", {"schema": json.dumps(schema)})

    def _ask(self, path: str, content: dict[str, Any] | None = None) -> Any:
        body = json.dumps(content).encode() if content else None
        request = Request(self.registry.url + path, body, {"Content-Type": "application/json"})
        with urlopen(request) as answer:
            return json.load(answer)


def make_tree(root: Path) -> None:
    """Make a repository from the template for Confluent, without its schemas."""
    command = "import sys; from reconciler.cli import run; sys.exit(run(sys.argv[1:]))"
    made = [sys.executable, "-c", command, "init", "--kind", "confluent", str(root)]
    subprocess.run(made, check=True, capture_output=True)
    shutil.rmtree(root / "schemas")
    if not (root / ".git").exists():
        run_git(root, "init", "--quiet", "-b", "main")
    for name, value in (("user.name", "Ada"), ("user.email", "ada@example.com")):
        run_git(root, "config", name, value)
