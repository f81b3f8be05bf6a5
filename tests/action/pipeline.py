"""What GitLab's runner does with `.gitlab-ci.yml`: which jobs an event has, and their lines, run by Bash in a clone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.repositories import run_git

_KEYWORDS = frozenset({"stages", "default", "variables"})
_TERM = re.compile(r'\$(\w+) == (?:"([^"]*)"|\$(\w+))')
_QUIET = ("apt-get", "pip")
"""What a machine of tests has installed already; it is noted how they were called."""


@dataclass(frozen=True)
class Job:
    """What became of one job; ``prepared`` are the programs that it would have installed with, as they were called."""

    exit_code: int
    text: str
    folder: Path
    prepared: str


@dataclass(frozen=True)
class Pipeline:
    """The file of a repository, and where its jobs clone from."""

    content: Mapping[str, Any]
    remote: Path
    home: Path
    address: str

    def run(self, commit: str, **variables: str) -> dict[str, Job]:
        """Run the jobs of a pipeline for a commit, stage by stage, until one fails."""
        done: dict[str, Job] = {}
        for stage in self.content["stages"]:
            for name, job in self._find_jobs(stage, variables).items():
                done[name] = self._run_job(name, job, commit, variables)
            if any(job.exit_code for job in done.values()):
                break
        return done

    def _find_jobs(self, stage: str, variables: Mapping[str, str]) -> dict[str, Mapping[str, Any]]:
        named = {n: self._extend(job) for n, job in self.content.items() if n not in _KEYWORDS and n[0] != "."}
        return {
            name: job
            for name, job in named.items()
            if job["stage"] == stage and any(_holds(rule["if"], variables) for rule in job["rules"])
        }

    def _extend(self, job: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**self._extend(self.content[job["extends"]]), **job} if "extends" in job else job

    def _run_job(self, name: str, job: Mapping[str, Any], commit: str, variables: Mapping[str, str]) -> Job:
        folder = self.home / "builds" / name
        shutil.rmtree(folder, ignore_errors=True)
        self._clone(folder, commit)
        programs, notes = self._make_programs(), self.home / "prepared"
        notes.write_text("")
        given = {**self.content["variables"], **job["variables"], **variables, "CI_PROJECT_DIR": str(folder)}
        path = os.pathsep.join((str(programs), str(Path(sys.executable).parent), os.environ["PATH"]))
        lines = [*self.content["default"]["before_script"], *job["script"]]
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", "\n".join(lines)],
            cwd=folder,
            env={"PATH": path, "HOME": str(self.home), "NOTES": str(notes), "CI": "true", "GITLAB_CI": "true", **given},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        return Job(done.returncode, done.stdout, folder, notes.read_text())

    def _clone(self, folder: Path, commit: str) -> None:
        """As the runner does with GIT_DEPTH 0: every branch, no identity, and the commit checked out by itself."""
        folder.mkdir(parents=True)
        run_git(folder, "init", "--quiet")
        # What the job writes as the address of its remote leads to the folder that stands in for it.
        run_git(folder, "config", f"url.{self.remote}.insteadOf", self.address)
        run_git(folder, "remote", "add", "origin", str(self.remote))
        run_git(folder, "fetch", "--quiet", "origin", "+refs/heads/*:refs/remotes/origin/*")
        run_git(folder, "checkout", "--quiet", "--detach", commit)

    def _make_programs(self) -> Path:
        folder = self.home / "bin"
        folder.mkdir(exist_ok=True)
        for name in _QUIET:
            file = folder / name
            file.write_text('#!/bin/sh\necho "${0##*/} $*" >> "$NOTES"\n')
            file.chmod(0o755)
        return folder


def load_pipeline(root: Path, remote: Path, home: Path, address: str) -> Pipeline:
    """Load the `.gitlab-ci.yml` of a repository."""
    home.mkdir()
    return Pipeline(yaml.safe_load((root / ".gitlab-ci.yml").read_text()), remote, home, address)


def _holds(rule: str, variables: Mapping[str, str]) -> bool:
    """Whether an `if` holds; only what the template has is understood: comparisons that are all to be true."""
    for term in rule.split(" && "):
        found = _TERM.fullmatch(term)
        assert found, f"not understood: {term}"
        other = found[2] if found[3] is None else variables.get(found[3])
        if variables.get(found[1]) != other:
            return False
    return True
