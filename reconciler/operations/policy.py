"""``policy``: the rules that hold, and what they see of one subject."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from posixpath import dirname
from typing import Any

from reconciler.errors import UsageError
from reconciler.file_findings import did_you_mean
from reconciler.model import Finding
from reconciler.operations.policies.checking import OF_SUBJECT
from reconciler.operations.policies.loading import load_policies
from reconciler.operations.policies.making import make_inspection
from reconciler.operations.settings import load_valid_config
from reconciler.operations.validate import make_finding_document
from reconciler.policy.grouping import Chosen
from reconciler.policy.rules import Rule
from reconciler.repository import load_desired_state

FORMAT_VERSION = 1
"""Counts up when a reader of an older document would misunderstand a newer one."""


@dataclass(frozen=True)
class ListedRule:
    """A rule, and its level at the repository's root; empty where it is off there."""

    rule: Rule
    level: str


@dataclass(frozen=True)
class Listed:
    """Every rule that there is, and what is wrong with the files of rules."""

    environment: str
    rules: tuple[ListedRule, ...]
    findings: tuple[Finding, ...]

    def document(self) -> dict[str, object]:
        """The answer as a JSON document."""
        return {
            "version": FORMAT_VERSION,
            "environment": self.environment,
            "rules": [
                {
                    "code": listed.rule.code,
                    "pack": listed.rule.pack,
                    "title": listed.rule.title,
                    "scope": listed.rule.scope,
                    "severity": listed.rule.severity,
                    "level": listed.level or "off",
                    "location": str(listed.rule.location),
                }
                for listed in self.rules
            ],
            "findings": [make_finding_document(f) for f in self.findings],
        }


@dataclass(frozen=True)
class Explained:
    """What rules see of a subject, and what those that hold for it find."""

    subject: str
    values: dict[str, Any]
    rules: tuple[Chosen, ...]
    findings: tuple[Finding, ...]

    def document(self) -> dict[str, object]:
        """The answer as a JSON document."""
        return {
            "version": FORMAT_VERSION,
            "subject": self.subject,
            "values": self.values,
            "rules": [
                {
                    "code": chosen.rule.code,
                    "pack": chosen.rule.pack,
                    "level": chosen.severity,
                    "params": dict(chosen.parameters),
                }
                for chosen in self.rules
            ],
            "findings": [make_finding_document(f) for f in self.findings],
        }


def list_rules(root: Path, environment: str | None = None) -> Listed:
    """List the rules of every pack, and at which level they hold.

    Args:
        root: the folder that holds schemafed.yaml.
        environment: None for the first one of schemafed.yaml.

    Raises:
        ConfigurationError, InvalidRepositoryError: schemafed.yaml is not usable.
        UsageError: there is no such environment.
    """
    config = load_valid_config(root)
    chosen = config.select_environment(environment)
    policies = load_policies(root, config, chosen, config.paths)
    levels = {each.rule.code: str(each.severity) for each in policies.choose().rules}
    rules = (ListedRule(r, levels.get(r.code, "")) for pack in policies.packs.values() for r in pack.rules)
    return Listed(chosen, tuple(rules), policies.findings)


def explain(root: Path, subject: str, environment: str | None = None) -> Explained:
    """Tell what rules see of a subject.

    Args:
        root: the folder that holds schemafed.yaml.
        subject: its name.
        environment: None for the first one of schemafed.yaml.

    Raises:
        ConfigurationError, InvalidRepositoryError: schemafed.yaml is not usable.
        UsageError: there is no such subject or environment.
    """
    config = load_valid_config(root)
    state = load_desired_state(root, environment)
    if subject not in state.subjects:
        meant = did_you_mean(subject, state.subjects)
        raise UsageError(
            f"the repository declares no usable subject `{subject}`{meant}",
            fix="`schemafed validate` tells what is wrong with files that are no subjects",
        )
    declared = state.subjects[subject]
    policies = load_policies(root, config, state.environment, [dirname(declared.location.file)])
    inspection = make_inspection(root, state, policies)
    rules = tuple(chosen for chosen in inspection.choose(declared).rules if chosen.rule.scope in OF_SUBJECT)
    findings = (*policies.findings, *inspection.check_subjects([subject]))
    return Explained(subject, inspection.make_values(declared), rules, findings)
