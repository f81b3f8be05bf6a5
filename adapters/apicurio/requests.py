"""The requests of interface v3, and what their answers say; nothing here sends anything."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from reconciler.http import Request, Response, make_path
from reconciler.model import Format, Reference, Schema

JSON_TYPE = {"Content-Type": "application/json"}
MISSING = frozenset({404})
TAKEN = frozenset({409})
REFUSED = frozenset({400, 409, 422})
TEXT_TYPES: Mapping[Format, str] = {
    Format.PROTOBUF: "application/x-protobuf",
    Format.GRAPHQL: "application/graphql",
    **dict.fromkeys((Format.XSD, Format.WSDL, Format.XML), "application/xml"),
}
"""Of formats that are no JSON."""
_ABSENT = frozenset(
    {
        "ArtifactNotFoundException",
        "VersionNotFoundException",
        "GroupNotFoundException",
        "RuleNotFoundException",
        "BranchNotFoundException",
        "ContentNotFoundException",
    }
)
"""Names of errors that mean what they say; any other 404 is a wrong address."""


class Requests:
    """Requests about the artifacts of one group.

    ``rule_key`` is what the interface calls the name of a rule that is set.
    """

    rule_key = "ruleType"

    def __init__(self, group: str, default_group: str) -> None:
        self.group = group
        self._is_default = group == default_group

    def list_versions(self, offset: int, limit: int) -> Request:
        """Every version of every artifact of the group, the newest first."""
        query = {"groupId": self.group, "orderby": "globalId", "order": "desc"}
        return Request("GET", "/search/versions", query | _page(offset, limit), purpose="list the versions")

    def list_versions_of(self, subject: str, offset: int, limit: int) -> Request:
        """Every version of one artifact, the oldest first."""
        query = {"orderby": "globalId", "order": "asc", **_page(offset, limit)}
        return self._read(subject, "versions", query=query, purpose="list the versions")

    def list_artifacts(self, offset: int, limit: int) -> Request:
        """The artifacts of the group, the oldest first; without their versions."""
        query = {"orderby": "createdOn", "order": "asc", **_page(offset, limit)}
        return Request("GET", make_path("groups", self.group, "artifacts"), query, purpose="list the artifacts")

    def read_latest(self, subject: str) -> Request:
        """The newest version that is in use."""
        return self._read(subject, "versions", "branch=latest", purpose="read the latest version")

    def read_content(self, content_id: int, subject: str) -> Request:
        """A text, by its number."""
        path = make_path("ids", "contentIds", content_id)
        return Request("GET", path, accepts=MISSING, subject=subject, purpose="read the schema")

    def read_references(self, content_id: int, subject: str) -> Request:
        """What a text refers to."""
        path = f"{make_path('ids', 'contentIds', content_id)}/references"
        return Request("GET", path, accepts=MISSING, subject=subject, purpose="read the references")

    def read_referrers(self, subject: str, version: int) -> Request:
        """What refers to a version."""
        query = {"refType": "INBOUND"}
        purpose = "read what refers to it"
        return self._read(subject, "versions", version, "references", query=query, purpose=purpose)

    def read_rule(self, subject: str | None, rule: str) -> Request:
        """A rule of an artifact; of the group, or for the default group of all, with None."""
        return Request(
            "GET", f"{self._rules(subject)}/{rule}", accepts=MISSING, subject=subject, purpose=f"read the rule {rule}"
        )

    def write_rule(self, subject: str | None, rule: str, value: str, *, is_new: bool) -> Request:
        """Set a rule that is there, or is not."""
        body = json.dumps({self.rule_key: rule, "config": value}).encode()
        path = self._rules(subject)
        return Request(
            "POST" if is_new else "PUT",
            path if is_new else f"{path}/{rule}",
            body=body,
            headers=JSON_TYPE,
            is_write=True,
            accepts=frozenset({404, 409}),
            subject=subject,
            purpose=f"set the rule {rule} to {value}",
        )

    def delete_rule(self, subject: str | None, rule: str) -> Request:
        """Take a rule away."""
        path = f"{self._rules(subject)}/{rule}"
        purpose = f"take the rule {rule} away"
        return Request("DELETE", path, is_write=True, accepts=MISSING, subject=subject, purpose=purpose)

    def create_group(self) -> Request:
        """Make the group, which an artifact does by itself and a rule does not."""
        body = json.dumps({"groupId": self.group}).encode()
        accepts = frozenset({409})
        return Request(
            "POST", "/groups", body=body, headers=JSON_TYPE, is_write=True, accepts=accepts, purpose="make the group"
        )

    def create(self, subject: str, schema: Schema) -> Request:
        """Make an artifact with its first version; one that is there already is refused with 409."""
        content = {"artifactId": subject, "artifactType": schema.format.value, "firstVersion": self._version(schema)}
        return Request(
            "POST",
            make_path("groups", self.group, "artifacts"),
            {"ifExists": "FAIL"},
            body=json.dumps(content).encode(),
            headers=JSON_TYPE,
            is_write=True,
            accepts=frozenset({409}),
            subject=subject,
            purpose="register the schema",
        )

    def add_version(self, subject: str, schema: Schema) -> Request:
        """Add a version."""
        return Request(
            "POST",
            f"{self._artifact(subject)}/versions",
            body=json.dumps(self._version(schema)).encode(),
            headers=JSON_TYPE,
            is_write=True,
            accepts=MISSING | TAKEN,
            subject=subject,
            purpose="register the schema",
        )

    def try_version(self, subject: str, schema: Schema) -> Request | None:
        """Ask whether a version would be taken; None where that cannot be asked."""
        return Request(
            "POST",
            f"{self._artifact(subject)}/versions",
            {"dryRun": "true"},
            body=json.dumps(self._version(schema)).encode(),
            headers=JSON_TYPE,
            accepts=REFUSED | MISSING,
            subject=subject,
            purpose="ask for a verdict",
        )

    def write_state(self, subject: str, version: str, state: str) -> Request:
        """Set the state of a version."""
        return Request(
            "PUT",
            f"{self._artifact(subject)}{make_path('versions', version)}/state",
            body=json.dumps({"state": state}).encode(),
            headers=JSON_TYPE,
            is_write=True,
            subject=subject,
            purpose=f"set the state of version {version} to {state}",
        )

    def delete_version(self, subject: str, version: int) -> Request:
        """Delete one version for good."""
        path = f"{self._artifact(subject)}{make_path('versions', version)}"
        purpose = f"delete version {version}"
        return Request("DELETE", path, is_write=True, accepts=MISSING, subject=subject, purpose=purpose)

    def delete(self, subject: str) -> Request:
        """Delete an artifact for good."""
        purpose = "delete the artifact"
        path = self._artifact(subject)
        return Request("DELETE", path, is_write=True, accepts=MISSING, subject=subject, purpose=purpose)

    def read_artifact(self, subject: str) -> Request:
        """Description and labels of an artifact."""
        return self._read(subject, purpose="read the artifact")

    def write_artifact(self, subject: str, changed: Mapping[str, object]) -> Request:
        """Set description or labels."""
        return Request(
            "PUT",
            self._artifact(subject),
            body=json.dumps(changed).encode(),
            headers=JSON_TYPE,
            is_write=True,
            subject=subject,
            purpose="set description and labels",
        )

    def list_branches(self, subject: str, offset: int, limit: int) -> Request:
        """The branches of an artifact, the registry's own among them."""
        return self._read(subject, "branches", query=_page(offset, limit), purpose="list the branches")

    def read_tip(self, subject: str, branch: str) -> Request:
        """The version that a branch leads to."""
        return self._read(subject, "versions", f"branch={branch}", purpose=f"read the branch {branch}")

    def list_versions_in(self, subject: str, branch: str, offset: int, limit: int) -> Request:
        """The versions of a branch, what was added last first."""
        at = ("branches", branch, "versions")
        return self._read(subject, *at, query=_page(offset, limit), purpose=f"read the branch {branch}")

    def create_branch(self, subject: str, branch: str, version: str) -> Request:
        """Make a branch of one version; one that is there already is refused with 409."""
        body = {"branchId": branch, "versions": [version]}
        return self._write_branch("POST", subject, (), body, f"make the branch {branch}")

    def append_to_branch(self, subject: str, branch: str, version: str) -> Request:
        """Let a branch lead to a version; refused with 409 where the version is in it already."""
        purpose = f"let the branch {branch} lead to version {version}"
        return self._write_branch("POST", subject, (branch, "versions"), {"version": version}, purpose)

    def write_branch(self, subject: str, branch: str, versions: Sequence[str]) -> Request:
        """Set the versions of a branch, which leads to the last of them."""
        body = {"versions": list(versions)}
        return self._write_branch(
            "PUT", subject, (branch, "versions"), body, f"set the versions of the branch {branch}"
        )

    def delete_branch(self, subject: str, branch: str) -> Request:
        """Delete a branch, and none of its versions."""
        return self._write_branch("DELETE", subject, (branch,), None, f"delete the branch {branch}")

    def _write_branch(self, method: str, subject: str, rest: Sequence[str], body: object, purpose: str) -> Request:
        return Request(
            method,
            f"{self._artifact(subject)}{make_path('branches', *rest)}",
            body=None if body is None else json.dumps(body).encode(),
            headers=JSON_TYPE,
            is_write=True,
            accepts=MISSING | TAKEN,
            subject=subject,
            purpose=purpose,
        )

    def _read(self, subject: str, *rest: str | int, query: Mapping[str, str] | None = None, purpose: str) -> Request:
        path = self._artifact(subject) + make_path(*rest) if rest else self._artifact(subject)
        return Request("GET", path, query or {}, accepts=MISSING, subject=subject, purpose=purpose)

    def _artifact(self, subject: str) -> str:
        return make_path("groups", self.group, "artifacts", subject)

    def _rules(self, subject: str | None) -> str:
        if subject is not None:
            return f"{self._artifact(subject)}/rules"
        return "/admin/rules" if self._is_default else f"{make_path('groups', self.group)}/rules"

    def _version(self, schema: Schema) -> dict[str, Any]:
        content: dict[str, Any] = {
            "content": schema.definition,
            "contentType": TEXT_TYPES.get(schema.format, "application/json"),
        }
        if schema.references:
            content["references"] = self._write_references(schema)
        return {"content": content}

    def _write_references(self, schema: Schema) -> list[dict[str, str]]:
        return [
            {"groupId": self.group, "artifactId": r.subject, "version": str(r.version), "name": r.name}
            for r in schema.references
        ]


def _page(offset: int, limit: int) -> dict[str, str]:
    """Which rows of a listing are asked for."""
    return {"offset": str(offset), "limit": str(limit)}


def is_absent(response: Response) -> bool:
    """Whether the registry says that it does not have something; any other 404 is told apart by its name."""
    return response.status == 404 and response.find_key("name") in _ABSENT


def make_references(rows: Any) -> tuple[Reference, ...]:
    """The references in an answer."""
    return tuple(Reference(row["name"], row["artifactId"], int(row["version"])) for row in rows)
