"""A real Apicurio Registry by its own interfaces; read raw by the same interface with the standard library."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from reconciler.registry import RegistrySettings, SchemaRegistry
from tests.contract.samples import INVALID
from tests.contract.targets.target import NOT_TROUBLED, Given, Start, Target, Trouble, find_given, open_unreachable
from tests.doubles.fault_proxy import FaultProxy, WireFault
from tests.raw_registry import RawReference, RawVersion, exchange
from tests.servers.apicurio import ADMIN, NOBODY


@dataclass(frozen=True)
class RawApicurio:
    """The registry as it answers; `group` is the one that the adapter has."""

    url: str
    group: str = "default"
    rule_key = "ruleType"
    type_key = "artifactType"
    name_key = "artifactId"
    at_content = "/content"
    ordered = "&orderby=globalId&order=asc"

    def send(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        data = None if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}, method=method)
        answer = exchange(request, timeout=60)
        return answer.status, answer.body

    def _artifact(self, subject: str) -> str:
        name = {".": "%2E", "..": "%2E%2E"}.get(subject) or quote(subject, safe="")
        return f"{self._group}/artifacts/{name}"

    @property
    def _group(self) -> str:
        return f"/groups/{quote(self.group, safe='')}"

    def _rules(self, subject: str) -> str:
        own = "/admin/rules" if self.group == "default" else f"{self._group}/rules"
        return f"{self._artifact(subject)}/rules" if subject else own

    def _rows(self, subject: str) -> list[dict[str, Any]]:
        query = f"limit=500{self.ordered}"
        status, found = self.send("GET", f"{self._artifact(subject)}/versions?{query}")
        return found["versions"] if status == 200 else []

    def read_subjects(self) -> list[str]:
        status, found = self.send("GET", f"{self._group}/artifacts?limit=1000")
        return [row[self.name_key] for row in found["artifacts"]] if status == 200 else []

    def read_numbers(self, subject: str) -> list[int]:
        return [int(row["version"]) for row in self._rows(subject)]

    def read_versions(self, subject: str) -> list[RawVersion]:
        versions = []
        for row in self._rows(subject):
            at = f"{self._artifact(subject)}/versions/{row['version']}"
            with urllib.request.urlopen(f"{self.url}{at}{self.at_content}", timeout=60) as answer:
                text = answer.read().decode()
            references = tuple(
                RawReference(r["name"], r["artifactId"], int(r["version"]))
                for r in self.send("GET", f"{at}/references")[1]
            )
            number = int(row["version"])
            versions.append(RawVersion(subject, number, row["globalId"], row[self.type_key], text, references))
        return versions

    def read_compatibility(self, subject: str = "") -> str | None:
        status, found = self.send("GET", f"{self._rules(subject)}/COMPATIBILITY")
        return found["config"] if status == 200 else None if subject else "NONE"

    def write_compatibility(self, subject: str, level: str) -> None:
        body = {self.rule_key: "COMPATIBILITY", "config": level}
        status, _ = self.send("PUT", f"{self._rules(subject)}/COMPATIBILITY", body)
        if status == 404:
            assert self.send("POST", self._rules(subject), body)[0] == 204

    def register(
        self, subject: str, text: str, schema_format: str = "AVRO", references: Sequence[RawReference] = ()
    ) -> int:
        """Add a version, whoever is refused; the status of the answer."""
        content = {
            "content": text,
            "contentType": "application/x-protobuf" if schema_format == "PROTOBUF" else "application/json",
            "references": [
                {"groupId": self.group, "artifactId": r.subject, "version": str(r.version), "name": r.name}
                for r in references
            ],
        }
        body = {"artifactId": subject, "artifactType": schema_format, "firstVersion": {"content": content}}
        return self.send("POST", f"{self._group}/artifacts?ifExists=CREATE_VERSION", body)[0]

    def delete_all(self) -> None:
        self.send("DELETE", self._group)

    def write_text(self, subject: str, text: str) -> None:
        body = {"content": {"content": text, "contentType": "application/json"}}
        assert self.send("POST", f"{self._artifact(subject)}/versions", body)[0] == 200

    def write_write_mode(self, subject: str, write_mode: str) -> None:
        raise AssertionError("the registry has no write modes")

    def delete_subject(self, subject: str) -> None:
        self.send("DELETE", self._artifact(subject))


class RawApicurioV2(RawApicurio):
    """The same by the interface of version 2, which knows no level of a group."""

    rule_key = "type"
    type_key = "type"
    name_key = "id"
    at_content = ""
    ordered = ""

    def _rules(self, subject: str) -> str:
        return super()._rules(subject) if subject else "/admin/rules"

    def write_text(self, subject: str, text: str) -> None:
        assert self.send("POST", f"{self._artifact(subject)}/versions", text)[0] == 200

    def register(
        self, subject: str, text: str, schema_format: str = "AVRO", references: Sequence[RawReference] = ()
    ) -> int:
        raise AssertionError("no test plays another client by this interface")


def make_raw(url: str, group: str = "default") -> RawApicurio:
    """Whoever reads a group by the interface that the path of `url` names."""
    return (RawApicurioV2 if url.endswith("/v2") else RawApicurio)(url, group)


def open_apicurio(url: str, **options: object) -> SchemaRegistry:
    from adapters.apicurio import ApicurioRegistry

    return ApicurioRegistry(RegistrySettings("contract", "apicurio", Path.cwd(), {"url": url, **options}))


_UNWANTED = {"unauthorized": (ADMIN[0], "wrong"), "forbidden": NOBODY}


def _open_as(url: str, user: str, password: str) -> Trouble:
    auth = {"kind": "basic", "username": user, "password": password}
    return lambda: closing(open_apicurio(url, auth=auth))


@contextmanager
def _open_behind(
    raw: RawApicurio, auth: Mapping[str, object], faults: Mapping[int, WireFault]
) -> Iterator[SchemaRegistry]:
    """An adapter whose requests suffer faults on their way."""
    raw.delete_subject("contract-s")
    try:
        with FaultProxy(raw.url) as proxy, closing(open_apicurio(proxy.url, **auth, retries=1)) as registry:
            proxy.arm(faults)
            yield registry
            lost = (proxy.passed[at] for at in proxy.struck if faults[at] is WireFault.RESET_AFTER)
            assert proxy.struck and all(request.is_write for request in lost)
    finally:
        raw.delete_subject("contract-s")


@contextmanager
def run_apicurio(name: str, given: Given, asking: str = "") -> Iterator[Target]:
    """The target of one interface; `asking` is the address of a server that asks who one is."""
    auth = {"auth": {"kind": "basic", "username": given.user, "password": given.password}} if given.user else {}
    raw = make_raw(given.url)
    troubles = {
        "unreachable": lambda: open_unreachable(lambda url: open_apicurio(url, retries=1)),
        "throttled": lambda: _open_behind(raw, auth, dict.fromkeys(range(99), WireFault.TOO_MANY)),
        # The latest version is asked for, then a version posted to an artifact that is not there; the answer to making
        # it is lost.
        "lost answer": lambda: _open_behind(raw, auth, {2: WireFault.RESET_AFTER}),
        **({word: _open_as(asking, *who) for word, who in _UNWANTED.items()} if asking else {}),
    }
    yield Target(
        name,
        lambda **options: open_apicurio(given.url, **auth, **options),
        raw,
        {"kind": "apicurio", "url": given.url, **auth},
        lacks={
            **{word: reason for word, reason in NOT_TROUBLED.items() if word not in troubles},
            "write mode": "the registry has no write modes",
            **dict.fromkeys((f"refuses {case}" for case in INVALID), "without a VALIDITY rule it takes any text"),
            "concurrent versions of one text": "it makes a version of every text that it is sent",
            "refuses references to nothing": "without an INTEGRITY rule it takes any reference",
            "keeps what is referenced": "it deletes what is referred to",
        },
        troubles=troubles,
        bulk=40,
        bulk_options={"page_size": 10},
        is_shared=True,
    )


def _run_real(name: str) -> Start:
    def run(request: pytest.FixtureRequest) -> Any:
        root, asking = (request.getfixturevalue(server).root for server in ("apicurio", "apicurio_with_users"))
        path = f"/apis/registry/{name[-2:]}"
        return run_apicurio(name, Given(root + path), asking + path)

    return Start(run, is_server=True, group="apicurio")


STARTS = {
    **{name: _run_real(name) for name in ("apicurio-v3", "apicurio-v2")},
    **(
        {"apicurio-given": Start(lambda _: run_apicurio("apicurio-given", given), is_server=True)}
        if (given := find_given("apicurio"))
        else {}
    ),
}
