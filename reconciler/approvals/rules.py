"""The section `approvals` of schemafed.yaml, as a pydantic model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from reconciler.manifest import FileModel, Text

CODE_OWNERS = "codeowners"
"""Stands in `by` for whom CODEOWNERS names for the files."""
ChangeName = Literal[
    "new_subject",
    "changed_schema",
    "breaking",
    "deletion",
    "mode_changed",
    "mode_loosened",
    "setting_changed",
    "waiver",
    "rules",
]


def _check_approver(name: str) -> str:
    if name == CODE_OWNERS or (name.startswith("@") and len(name) > 1 and not any(map(str.isspace, name))):
        return name
    raise ValueError(f"`{name}` is nobody; write @person, @organization/team, or {CODE_OWNERS}")


class ApprovalStage(FileModel):
    """Some people or teams of whom a number has to approve."""

    by: list[Annotated[Text, AfterValidator(_check_approver)]] = Field(
        min_length=1, description="`@person`, `@organization/team`, or `codeowners`: whom CODEOWNERS names."
    )
    at_least: Annotated[int, Field(ge=1, le=100)] = Field(default=1, description="How many of them have to approve.")


class ApprovalRule(FileModel):
    """Approvals that some changes need before they are applied."""

    name: Text = Field(description="What people call the rule; findings and the ledger name it.")
    subjects: list[Text] = Field(
        default_factory=lambda: ["*"], min_length=1, description="Globs over names of subjects; all by default."
    )
    changes: list[ChangeName] | None = Field(
        default=None, min_length=1, description="Only changes of one of these kinds; all of subjects by default."
    )
    environments: list[Text] | None = Field(
        default=None, min_length=1, description="Only in these environments; without it, in all."
    )
    stages: list[ApprovalStage] = Field(
        min_length=1, description="Who has to approve: the second stage is asked once the first one is complete."
    )
    stale_reviews: Literal["ignore", "count"] = Field(
        default="ignore", description="Whether an approval counts that is older than the newest commit."
    )


class Webhook(FileModel):
    """Where it is told which approvals are missing; values may hold `${...}`."""

    url: Text = Field(description="Gets a POST with JSON; see the guide of approvals for its form.")
    headers: Mapping[str, Text] = Field(default_factory=dict, description="Further headers, such as Authorization.")


class Approvals(FileModel):
    """Who has to approve of which changes."""

    rules: list[ApprovalRule] = Field(default_factory=list, description="The rules; each stands for itself.")
    webhook: Webhook | None = Field(default=None, description="Told by `check` in CI of approvals that are missing.")
