"""Settings of artifacts and of the group beside the mode: rules of validity and integrity, states, branches, labels."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from adapters.apicurio.branches import LEADS_TO, Branches
from adapters.apicurio.reading import Reader
from adapters.apicurio.requests import Requests
from adapters.apicurio.writing import Writer
from reconciler.errors import RejectedError
from reconciler.http import HttpClient
from reconciler.model import SettingValue
from reconciler.registry import NameRule, Setting

_RULES: Mapping[str, str] = {"validity": "VALIDITY", "integrity": "INTEGRITY"}
"""By our name, the registry's."""
_VALIDITY = ("NONE", "SYNTAX_ONLY", "FULL")
_INTEGRITY = ("NONE", "REFS_EXIST", "ALL_REFS_MAPPED", "NO_DUPLICATES", "FULL")
REGISTRY_SETTINGS: Mapping[str, Setting] = {"validity": Setting(_VALIDITY), "integrity": Setting(_INTEGRITY)}
_STATE = "DEPRECATED"
"""The one state of a latest version beside ENABLED, which it has by itself; one that is disabled is not the latest."""
_BRANCH_NAMES = NameRule(
    re.compile(r"(?!(?:latest|drafts)$)[A-Za-z0-9._+-]{1,256}"),
    "names of branches (letters, digits and `._+-`, not `latest` or `drafts`, which are the registry's own)",
)
COMMON_SETTINGS: Mapping[str, Setting] = {
    "validity": Setting(_VALIDITY, needs_subject=True),
    "integrity": Setting(_INTEGRITY, needs_subject=True),
    "state": Setting((_STATE,), needs_subject=True, of_version=True),
}
SETTINGS: Mapping[str, Setting] = {
    **COMMON_SETTINGS,
    "description": Setting(needs_subject=True),
    "labels": Setting(type=dict, needs_subject=True),
    "branches": Setting((LEADS_TO,), type=dict, needs_subject=True, of_version=True, fields=_BRANCH_NAMES),
}


class SettingsStore:
    """Reads and writes settings; see :class:`reconciler.registry.SettingsKeeper`.

    Args:
        has_artifacts: artifacts have a description, labels and branches.
    """

    def __init__(
        self,
        client: HttpClient,
        requests: Requests,
        reader: Reader,
        writer: Writer,
        registry: str,
        *,
        has_artifacts: bool,
    ) -> None:
        self._client = client
        self._requests = requests
        self._reader = reader
        self._writer = writer
        self._registry = registry
        self._has_artifacts = has_artifacts
        self._branches = Branches(client, requests, reader)

    def read_settings(self, subjects: Collection[str | None]) -> dict[str | None, Mapping[str, SettingValue]]:
        """Read settings: five requests an artifact, and one a branch (three an artifact in v2), two for the group."""
        ordered = list(subjects)
        found: dict[str | None, dict[str, SettingValue]] = {subject: {} for subject in ordered}
        for name, rule in _RULES.items():
            answers = self._reader.ask_all(self._requests.read_rule(subject, rule) for subject in ordered)
            for subject, answer in zip(ordered, answers, strict=True):
                if not self._reader.is_absent(answer):
                    found[subject][name] = str(answer.json().get("config"))
        latest = self._reader.read_rows(subject for subject in ordered if subject is not None)
        for subject, row in latest.items():
            found[subject] |= {"state": row.state} if row.state == _STATE else {}
        if not self._has_artifacts:
            return dict(found)
        for subject, branches in self._branches.read(latest).items():
            found[subject]["branches"] = branches
        names = [subject for subject in ordered if subject is not None]
        artifacts = self._reader.ask_all(self._requests.read_artifact(name) for name in names)
        for subject, answer in zip(names, artifacts, strict=True):
            if not self._reader.is_absent(answer):
                found[subject] |= _read_artifact(answer.json())
        return dict(found)

    def set_settings(self, subject: str | None, settings: Mapping[str, SettingValue | None]) -> None:
        """Set settings of an artifact, or with None of the group."""
        for name, rule in _RULES.items():
            if name in settings and settings[name] is None:
                self._writer.delete_rule(subject, rule)
            elif name in settings:
                self._writer.set_rule(subject, rule, str(settings[name]))
        if subject is not None and "state" in settings:
            self._writer.set_state(subject, str(settings["state"] or "ENABLED"))
        if subject is not None and "branches" in settings:
            branches = settings["branches"]
            self._branches.lead(subject, self._reader.find_row(subject), branches if isinstance(branches, dict) else {})
        told = {name: settings[name] for name in ("description", "labels") if name in settings}
        if subject is not None and told:
            self._write_artifact(subject, told)

    def _write_artifact(self, subject: str, told: Mapping[str, SettingValue | None]) -> None:
        empty: Mapping[str, SettingValue] = {"description": "", "labels": {}}
        body = {name: empty[name] if value is None else value for name, value in told.items()}
        self._client.send(self._requests.write_artifact(subject, body))
        kept = _read_artifact(self._reader.ask(self._requests.read_artifact(subject)).json())
        lost = sorted(name for name, value in told.items() if kept.get(name) != value)
        if lost:
            raise RejectedError(
                f"the registry took the settings and did not keep {', '.join(lost)}",
                registry=self._registry,
                subject=subject,
                code="SETTING_DROPPED",
                fix="take what this server does not know out of `settings`",
            )


def _read_artifact(content: Any) -> dict[str, SettingValue]:
    fields = content if isinstance(content, dict) else {}
    found = {"description": fields.get("description"), "labels": fields.get("labels")}
    return {name: value for name, value in found.items() if value}
