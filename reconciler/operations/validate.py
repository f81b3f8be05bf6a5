"""``validate``: everything that is wrong with the repository, without any network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from reconciler.config import load_config
from reconciler.model import Finding
from reconciler.operations.registry_entries import check_registries
from reconciler.repository import DesiredState, load_desired_state
from reconciler.secrets.redaction import redact

FORMAT_VERSION = 1
"""Counts up when a reader of an older document would misunderstand a newer one."""


@dataclass(frozen=True, slots=True)
class Validated:
    """What was found in a repository."""

    state: DesiredState
    entries: tuple[Finding, ...] = ()
    """What is wrong with the registries' own keys, which only their adapters know."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that is wrong or worth saying: schemafed.yaml's registries first, then by place."""
        return self.entries + self.state.findings

    @property
    def is_valid(self) -> bool:
        """Whether nothing that was found blocks."""
        return not any(finding.blocks for finding in self.findings)

    @property
    def counts(self) -> Mapping[str, int]:
        """The number of usable subjects by format."""
        return Counter(str(subject.schema.format) for subject in self.state.subjects.values())

    def document(self) -> dict[str, object]:
        """The answer as a JSON document."""
        return {
            "version": FORMAT_VERSION,
            "environment": self.state.environment,
            "valid": self.is_valid,
            "subjects": len(self.state.subjects),
            "formats": dict(sorted(self.counts.items())),
            "findings": [make_finding_document(finding) for finding in self.findings],
        }


def make_finding_document(finding: Finding) -> dict[str, object]:
    """A finding as JSON, without secrets."""
    rendered = asdict(finding)
    return {key: redact(value) if key in ("message", "fix") and value else value for key, value in rendered.items()}


def validate(root: Path, environment: str | None = None) -> Validated:
    """Check every file of a repository.

    Args:
        root: the folder that holds schemafed.yaml.
        environment: its name; None for the first.

    Raises:
        ConfigurationError, UsageError, RepositoryError: as :func:`reconciler.repository.load_desired_state`.
    """
    config, _ = load_config(root)
    entries = tuple(check_registries(config, root)) if config else ()
    return Validated(load_desired_state(root, environment), entries)
