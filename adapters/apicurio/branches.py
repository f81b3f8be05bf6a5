"""Branches of artifacts, which lead to versions: those that lead to the latest one are a setting."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial

from adapters._repeating import write_once
from adapters.apicurio.reading import Reader
from adapters.apicurio.requests import Requests
from adapters.apicurio.rows import Row
from reconciler.http import HttpClient, Request, Response

LEADS_TO = "latest"
"""What a branch leads to, as the setting says it."""
_ATTEMPTS = 8
"""How often a branch is made or led while others make or delete it."""
_NO_BRANCH = "BranchNotFoundException"
_IN_BRANCH = "VersionAlreadyExistsOnBranchException"


class Branches:
    """Reads and writes through one client; the registry's own branches are left alone."""

    def __init__(self, client: HttpClient, requests: Requests, reader: Reader) -> None:
        self._client = client
        self._requests = requests
        self._reader = reader

    def read(self, latest: Mapping[str, Row]) -> dict[str, dict[str, str]]:
        """By subject, the branches that lead to its latest version: one request a subject, and one a branch.

        Args:
            latest: by subject, its latest version.
        """
        listed = self._reader.list_rows_of_each(latest, self._requests.list_branches, "branches")
        pairs = [
            (subject, row["branchId"])
            for subject, rows in listed.items()
            for row in rows
            if not row.get("systemDefined")
        ]
        tips = self._reader.ask_all(self._requests.read_tip(*pair) for pair in pairs)
        found: dict[str, dict[str, str]] = {}
        for (subject, branch), tip in zip(pairs, tips, strict=True):
            if not self._reader.is_absent(tip) and tip.find_key("version") == latest[subject].version:
                found.setdefault(subject, {})[branch] = LEADS_TO
        return found

    def lead(self, subject: str, latest: Row, wanted: Collection[str]) -> None:
        """Let exactly these branches, and the registry's own, lead to the latest version; doing it twice does no harm.

        Args:
            wanted: names of branches; one that is not there is made, and one that would be empty is deleted.
        """
        there = self.read({subject: latest}).get(subject, {})
        for branch in sorted(set(wanted) - set(there)):
            self._append(subject, branch, latest.version)
        for branch in sorted(set(there) - set(wanted)):
            self._take_out(subject, branch, latest.version)

    def _append(self, subject: str, branch: str, version: str) -> None:
        """Let a branch lead to a version; whoever else makes or deletes the branch goes first."""
        for _ in range(_ATTEMPTS):
            answer = self._write(self._requests.append_to_branch(subject, branch, version))
            if answer.status < 300:
                return
            name = answer.find_key("name")
            if name == _IN_BRANCH:
                others = self._list_others(subject, branch, version)
                answer = self._write(self._requests.write_branch(subject, branch, [*others, version]))
            elif name == _NO_BRANCH:
                answer = self._write(self._requests.create_branch(subject, branch, version))
            else:
                break
            if answer.status < 300:
                return
        raise self._client.make_error(answer)

    def _take_out(self, subject: str, branch: str, version: str) -> None:
        others = self._list_others(subject, branch, version)
        request = (
            self._requests.write_branch(subject, branch, others)
            if others
            else self._requests.delete_branch(subject, branch)
        )
        answer = self._write(request)
        if not self._reader.is_absent(answer) and answer.status >= 400:
            raise self._client.make_error(answer)

    def _list_others(self, subject: str, branch: str, version: str) -> list[str]:
        """The versions of a branch but for one, in the order that they were added in."""
        rows = self._reader.list_rows(partial(self._requests.list_versions_in, subject, branch))
        numbers = [str(row["version"]) for row in rows]
        return [number for number in reversed(numbers) if number != version]

    def _write(self, request: Request) -> Response:
        return write_once(lambda: self._client.send(request), None, self._client.wait_before_repeating)
