"""What an answer says of a version, in either interface."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.errors import UnexpectedAnswerError
from reconciler.http import Response
from reconciler.model import Format, LiveVersion, Schema

FORMATS = {each.value: each for each in Format}
_IN_USE = frozenset({"ENABLED", "DEPRECATED"})
"""States of versions that clients get; DISABLED ones and drafts are not there for them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One version without its text: ``version`` is its name, ``content_id`` the number of its text."""

    subject: str
    version: str
    type: str
    content_id: int
    global_id: int | None
    state: str

    @property
    def is_in_use(self) -> bool:
        """Whether clients get it."""
        return self.state in _IN_USE

    @property
    def number(self) -> int:
        """Its number, where its name is one."""
        return int(self.version)

    @property
    def problem(self) -> str | None:
        """Why it cannot be compared; None where it can."""
        if self.type not in FORMATS:
            return f"Its type {self.type} is unknown."
        if not self.version.isdecimal():
            return f"Its latest version is called {self.version}, which is no number."
        return None

    def make_version(self, schema: Schema) -> LiveVersion:
        """The version with its text."""
        return LiveVersion(self.number, schema, self.global_id)


def make_row(content: Mapping[str, Any], subject: str | None = None) -> Row:
    """Read what is said of one version; v3 and v2 call some things otherwise.

    Args:
        content: as the registry has it.
        subject: whose version it is, where the registry does not repeat it.
    """
    return Row(
        subject or content.get("artifactId") or content["id"],
        str(content.get("version", "")),
        str(content.get("artifactType") or content.get("type")),
        content["contentId"],
        content.get("globalId"),
        str(content.get("state")),
    )


def read_rows(response: Response, of: str = "versions") -> list[dict[str, Any]]:
    """The rows of one page.

    Raises:
        UnexpectedAnswerError: there are none, as whatever answers is no registry.
    """
    content = response.json()
    rows = content.get(of) if isinstance(content, dict) else None
    if not isinstance(rows, list):
        raise UnexpectedAnswerError(
            f"a list of {of} was expected",
            registry=response.registry,
            detail=response.body[:200].decode("utf-8", "replace"),
            fix="check that `url` ends in /apis/registry/v3, or in /apis/registry/v2",
        )
    return rows
