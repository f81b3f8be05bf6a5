"""The exceptions that stop a run. Problems that accumulate are findings, not exceptions.

::

    SchemafedError                what was asked cannot be done; exit code 1
    ├── UsageError                options that do not fit together
    ├── ConfigurationError        schemafed.yaml or what it needs (a variable, an adapter) is not usable
    │   └── SecretError           a ${...} that cannot be resolved
    ├── RepositoryError           the work tree or Git itself is not usable
    ├── LedgerError               the ledger in Git is not usable
    │   ├── LedgerLockedError     another run holds it
    │   ├── LedgerMovedError      another run wrote to it meanwhile
    │   ├── LedgerRefusedError    the remote does not accept what we push: a permission is missing
    │   ├── LedgerOfflineError    the remote does not answer
    │   ├── LedgerDamagedError    it was rewound, deleted, or edited by hand
    │   └── LeaseLostError        this run may write no more: its lease is over or was taken
    ├── InvalidRepositoryError    the desired state has findings that block; exit code 3
    ├── SchemaError               one schema's text cannot be read; carries path, line and column
    ├── PlanFileError             a saved plan is not one
    ├── BlockedPlanError          the plan has findings that block; exit code 3
    ├── StalePlanError            what the plan was made from has moved; exit code 3
    ├── ForgeError                GitHub, Gitea or GitLab did not do what was asked; the lack is mostly a warning
    └── RegistryError             a registry did not do what was asked; carries registry, subject, status, code
        ├── UnreachableError      no connection: name, address, TLS, proxy, or no answer in time
        ├── UnauthorizedError     the credentials were not accepted
        ├── ForbiddenError        the credentials do not allow it
        ├── NotFoundError         the registry has no such subject, version or setting
        ├── RejectedError         the registry refuses the content: incompatible, invalid, or a read-only write mode
        ├── ThrottledError        too many requests, and waiting did not help
        ├── UnexpectedAnswerError an answer that is none: HTML, half a JSON, a server error
        └── OutcomeUnknownError   a write may or may not have happened, and looking did not tell
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconciler.model import Finding


class SchemafedError(Exception):
    """What was asked cannot be done.

    Args:
        message: what happened, where and why, in a sentence that a user understands.
        fix: what to do about it.
    """

    exit_code = 1

    def __init__(self, message: str, *, fix: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


class UsageError(SchemafedError):
    """Options that do not fit together."""


@dataclass(frozen=True, slots=True)
class OptionProblem:
    """What is wrong with one key of a registry's entry.

    ``path`` leads to it from the entry. ``code`` is that of a finding: UNKNOWN_KEY, MISSING_KEY or INVALID_VALUE.
    """

    path: tuple[str | int, ...]
    message: str
    code: str = "INVALID_VALUE"


class ConfigurationError(SchemafedError):
    """The configuration, or something that it names, is not usable.

    Args:
        message: what is wrong, as for every error.
        fix: what to do about it.
        problems: the same by key, where it is a registry's entry that is wrong; ``validate`` has a line for each.
    """

    def __init__(self, message: str, *, fix: str | None = None, problems: Sequence[OptionProblem] = ()) -> None:
        super().__init__(message, fix=fix)
        self.problems = tuple(problems)


class SecretError(ConfigurationError):
    """A ``${...}`` cannot be resolved."""


class RepositoryError(SchemafedError):
    """The work tree, or Git itself, is not usable."""


class LedgerError(SchemafedError):
    """The ledger in Git is not usable."""


class LedgerLockedError(LedgerError):
    """Another run holds the ledger."""


class LedgerMovedError(LedgerError):
    """Another run wrote to the ledger after this one had read it."""


class LedgerRefusedError(LedgerError):
    """The remote does not accept what we push; nothing was written."""


class LedgerOfflineError(LedgerError):
    """The remote that holds the ledger does not answer."""


class LedgerDamagedError(LedgerError):
    """The ledger was rewound, deleted, or edited by hand."""


class LeaseLostError(LedgerError):
    """This run may write no more."""


class _FindingsError(SchemafedError):
    """An error that stands for findings, which are shown in its place."""

    exit_code = 3

    def __init__(self, message: str, findings: Sequence[Finding], *, fix: str | None = None) -> None:
        super().__init__(message, fix=fix)
        self.findings = tuple(findings)


class InvalidRepositoryError(_FindingsError):
    """The desired state has findings that block."""


class BlockedPlanError(_FindingsError):
    """The plan has findings that block."""


class StalePlanError(_FindingsError):
    """What the plan was made from is no longer so."""


class SchemaError(SchemafedError):
    """One schema's text cannot be read.

    Args:
        message: what is wrong, without the place.
        path: JSON pointer, or dotted Protobuf path, into the schema; None where the text is not even syntax.
        line: counted from 1; 0 where only the path is known.
        column: counted from 1; 0 where unknown.
        code: the stable code of the finding that it becomes.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        line: int = 0,
        column: int = 0,
        fix: str | None = None,
        code: str = "SCHEMA_INVALID",
    ) -> None:
        super().__init__(message, fix=fix)
        self.path = path
        self.line = line
        self.column = column
        self.code = code


class PlanFileError(SchemafedError):
    """A saved plan cannot be used."""


class ForgeError(SchemafedError):
    """A forge (GitHub, Gitea, GitLab) did not do what was asked.

    Args:
        status: the HTTP status, where there is one.
    """

    def __init__(self, message: str, *, fix: str | None = None, status: int | None = None) -> None:
        super().__init__(message, fix=fix)
        self.status = status


class RegistryError(SchemafedError):
    """A registry did not do what was asked.

    Args:
        message: what was asked and what came of it, in words.
        registry: the team's name of the registry.
        subject: the subject concerned, where there is one.
        status: the HTTP status, where there is one.
        code: the server's own error code.
        detail: the server's own words.
    """

    def __init__(
        self,
        message: str,
        *,
        registry: str | None = None,
        subject: str | None = None,
        status: int | None = None,
        code: int | str | None = None,
        detail: str | None = None,
        fix: str | None = None,
    ) -> None:
        super().__init__(message, fix=fix)
        self.registry = registry
        self.subject = subject
        self.status = status
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        place = "/".join(part for part in (self.registry, self.subject) if part)
        status = f"HTTP {self.status}" if self.status else ""
        code = f"code {self.code}" if self.code else ""
        numbers = ", ".join(part for part in (status, code) if part)
        return "".join(
            (
                f"{place}: " if place else "",
                self.message,
                f" ({numbers})" if numbers else "",
                f": {self.detail}" if self.detail else "",
            )
        )


class UnreachableError(RegistryError):
    """No connection, or no answer in time. Nothing was written."""


class UnauthorizedError(RegistryError):
    """The credentials were not accepted."""


class ForbiddenError(RegistryError):
    """The credentials do not allow it."""


class NotFoundError(RegistryError):
    """The registry has no such thing."""


class RejectedError(RegistryError):
    """The registry refuses what it was sent, and will again."""


class ThrottledError(RegistryError):
    """The registry asked to slow down for longer than we wait."""


class UnexpectedAnswerError(RegistryError):
    """An answer that the registry's interface does not have."""


class OutcomeUnknownError(RegistryError):
    """A write may or may not have happened."""
