"""``policy test``: golden pairs, a change of a small repository and what the rules find in it.

A case is a folder with ``head/``, the files after the change; ``base/``, those before, where there were any; and
``expected``, a line a finding. Where ``head/`` has no schemafed.yaml, the rules are on whose codes the case's path
names, and all where it names none.
"""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from reconciler.config import FILE_NAME, Config, load_config
from reconciler.errors import UsageError
from reconciler.model import Finding
from reconciler.operations.policies.checking import settle_policy_waivers, sort_findings
from reconciler.operations.policies.loading import load_policies
from reconciler.operations.policies.making import find_today, is_changed, list_folders, make_before, make_inspection
from reconciler.operations.settings import load_valid_config, raise_if_invalid
from reconciler.policy.rules import Pack
from reconciler.policy.selection import Policies
from reconciler.repository import DesiredState, load_desired_state

HEAD, BASE, EXPECTED = "head", "base", "expected"
SETTINGS = "version: 1\npaths: [.]\n"
"""The schemafed.yaml of a case that has none."""


@dataclass(frozen=True)
class Case:
    """One golden pair: its folder relative to the tests' own, what is expected and what was found, a line a finding."""

    name: str
    expected: tuple[str, ...]
    found: tuple[str, ...]

    @property
    def is_passed(self) -> bool:
        """Whether exactly what is expected was found."""
        return self.expected == self.found

    @property
    def difference(self) -> tuple[str, ...]:
        """What was expected and not found (``-``), and what was found and not expected (``+``)."""
        lines = difflib.ndiff(self.expected, self.found)
        return tuple(line for line in lines if line[:1] in "+-")


def run_cases(root: Path, folder: Path, *, is_writing: bool = False) -> tuple[Case, ...]:
    """Run every case below a folder.

    Args:
        root: the repository whose rules are tested; the packs that ship are there too.
        folder: the tests.
        is_writing: write what was found as what is expected.

    Raises:
        ConfigurationError, InvalidRepositoryError: the repository, or that of a case, is not usable.
        UsageError: there is no case.
    """
    config = load_valid_config(root)
    policies = load_policies(root, config, config.select_environment(None), ())
    raise_if_invalid(policies.findings)
    cases = [run_case(case, policies.packs, folder) for case in find_cases(folder)]
    if not cases:
        raise UsageError(
            f"there is no test of rules below {folder}",
            fix="a test is a folder with `head/`, perhaps `base/`, and `expected`; see docs/policies/writing-rules.md",
        )
    if is_writing:
        for case in cases:
            (folder / case.name / EXPECTED).write_text("".join(f"{line}\n" for line in case.found), encoding="utf-8")
        return tuple(replace(case, expected=case.found) for case in cases)
    return tuple(cases)


def find_cases(folder: Path) -> Sequence[Path]:
    """List the folders that are a case."""
    return sorted(head.parent for head in folder.rglob(HEAD) if head.is_dir())


def run_case(case: Path, packs: Mapping[str, Pack], folder: Path) -> Case:
    """Run one case against the rules of some packs."""
    name = case.relative_to(folder).as_posix()
    findings = tuple(map(render_line, find_all(case, packs, name)))
    expected = case / EXPECTED
    text = expected.read_text(encoding="utf-8") if expected.is_file() else ""
    return Case(name, tuple(line for line in text.splitlines() if line.strip()), findings)


def find_all(case: Path, packs: Mapping[str, Pack], name: str) -> Sequence[Finding]:
    """What the rules find in a case."""
    with TemporaryDirectory(prefix="schemafed-") as made:
        head = _load(case / HEAD, Path(made, HEAD))
        base = _load(case / BASE, Path(made, BASE)) if (case / BASE).is_dir() else None
        root = Path(made, HEAD)
        config = load_valid_config(root)
        policies = _choose(root, config, head, packs, name)
        raise_if_invalid(policies.findings)
        inspection = make_inspection(root, head, policies)
        changes = {n: make_before(n, head, base) for n in head.subjects if is_changed(n, head, base)} if base else {}
        found = [
            *inspection.check_subjects(head.subjects),
            *inspection.check_changes(changes),
            *inspection.check_whole(),
        ]
        return sort_findings(settle_policy_waivers(found, head.subjects, find_today())[0])


def render_line(finding: Finding) -> str:
    """A finding as a golden file has it."""
    place = str(finding.location) if finding.location else "-"
    return f"{finding.severity} {finding.code} {place}: {finding.message}"


def _load(source: Path, target: Path) -> DesiredState:
    shutil.copytree(source, target)
    if not (target / FILE_NAME).exists():
        (target / FILE_NAME).write_text(SETTINGS, encoding="utf-8")
    state = load_desired_state(target)
    raise_if_invalid(state.findings)
    return state


def _choose(root: Path, config: Config, head: DesiredState, packs: Mapping[str, Pack], name: str) -> Policies:
    folders = list_folders(s.location.file for s in head.subjects.values())
    if config.policies:
        return load_policies(root, config, head.environment, folders, packs)
    codes = [rule.code for pack in packs.values() for rule in pack.rules]
    named = [code for code in codes if code in name.split("/")] or codes
    (root / FILE_NAME).write_text(_settings_with(root, packs, named), encoding="utf-8")
    loaded, findings = load_config(root)
    raise_if_invalid(findings)
    assert loaded is not None  # there is no finding that blocks
    return load_policies(root, loaded, head.environment, folders, packs)


def _settings_with(root: Path, packs: Mapping[str, Pack], codes: Sequence[str]) -> str:
    written = (root / FILE_NAME).read_text(encoding="utf-8").rstrip("\n")
    return "\n".join([written, "policies:", *_entries(packs, codes)]) + "\n"


def _entries(packs: Mapping[str, Pack], codes: Sequence[str]) -> Iterator[str]:
    for pack in packs.values():
        rules = [f"{rule.code}: {rule.severity if rule.code in codes else 'off'}" for rule in pack.rules]
        yield f"  - {{use: {pack.name}, rules: {{{', '.join(rules)}}}}}"
