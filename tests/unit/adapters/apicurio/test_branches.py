"""Branches of Apicurio where others write at the same time, and where answers get lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote

import pytest

from adapters.apicurio import ApicurioRegistry
from reconciler.errors import NotFoundError, RegistryError
from reconciler.registry import RegistrySettings
from tests.doubles.faults import FaultKind
from tests.doubles.wire import HttpDouble, Reply, Request, make_json_reply

AT = "/apis/registry/v3/groups/default/artifacts/order"
ROW = {"artifactType": "AVRO", "contentId": 1, "globalId": 1, "state": "ENABLED"}


class BranchesDouble(HttpDouble):
    """The branches of one artifact, answered as a real 3.3.3 does; rules and the artifact itself are not there.

    `before_write` is called before each write, for what somebody else does in that moment.
    """

    def __init__(self, latest: str | None, branches: dict[str, list[str]]) -> None:
        super().__init__(self._answer)
        self.latest = latest
        self.branches = branches
        self.before_write: Callable[[], None] = lambda: None

    def _answer(self, request: Request) -> Reply:
        path = unquote(request.path).removeprefix(AT)
        if request.method == "GET":
            return self._read(path, request)
        before, self.before_write = self.before_write, lambda: None
        before()
        return self._write(request.method, path.split("/")[2:], json.loads(request.body or b"{}"))

    def _read(self, path: str, request: Request) -> Reply:
        match path.split("/")[1:]:
            case ["versions", tip]:
                name = tip.removeprefix("branch=")
                versions = [self.latest] if name == "latest" and self.latest else self.branches.get(name, [])
                return make_json_reply(200, {**ROW, "version": versions[-1]}) if versions else refuse("Version", 404)
            case ["branches"] if self.latest:
                names = [{"branchId": "latest", "systemDefined": True}]
                names += [{"branchId": name, "systemDefined": False} for name in self.branches]
                return cut("branches", names, request)
            case ["branches", name, "versions"] if name in self.branches:
                return cut("versions", [{"version": v} for v in reversed(self.branches[name])], request)
            case _:
                return refuse("Rule" if "rules" in path else "Artifact", 404)

    def _write(self, method: str, place: list[str], body: dict[str, object]) -> Reply:
        match (method, place):
            case ("POST", []):
                if body["branchId"] in self.branches:
                    return refuse("BranchAlreadyExistsException", 409)
                self.branches[str(body["branchId"])] = list(body["versions"])  # type: ignore[call-overload]
            case ("POST", [name, "versions"]):
                if name in self.branches and body["version"] in self.branches[name]:
                    return refuse("VersionAlreadyExistsOnBranchException", 409)
                if self.latest != body["version"]:
                    return refuse("Version", 404)
                if name not in self.branches:
                    return refuse("Branch", 404)
                self.branches[name].append(str(body["version"]))
            case ("PUT", [name, "versions"]):
                self.branches[name] = list(body["versions"])  # type: ignore[call-overload]
            case ("DELETE", [name]):
                if self.branches.pop(name, None) is None:
                    return refuse("Branch", 404)
        return Reply(204)


def cut(of: str, rows: list[dict[str, object]], request: Request) -> Reply:
    """One page of rows."""
    start = int(request.query["offset"])
    return make_json_reply(200, {of: rows[start : start + int(request.query["limit"])], "count": len(rows)})


def refuse(name: str, status: int) -> Reply:
    name = name if name.endswith("Exception") else f"{name}NotFoundException"
    return make_json_reply(status, {"status": status, "name": name, "detail": f"{name}: no."})


@pytest.fixture
def double() -> Iterator[BranchesDouble]:
    with BranchesDouble("3", {"old": ["1", "2"]}) as started:
        yield started


@pytest.fixture
def registry(double: BranchesDouble) -> Iterator[ApicurioRegistry]:
    options = {"url": f"{double.url}/apis/registry/v3", "page_size": 2, "retries": 2}
    with closing(ApicurioRegistry(RegistrySettings("orders", "apicurio", Path.cwd(), options))) as opened:
        yield opened


def lead(registry: ApicurioRegistry, *names: str) -> None:
    registry.set_settings("order", {"branches": dict.fromkeys(names, "latest")})


def test_more_branches_than_a_page_are_all_seen(double: BranchesDouble, registry: ApicurioRegistry) -> None:
    double.branches = {f"b{n}": ["3"] for n in range(5)} | {"old": ["1", "2"]}

    leading = dict.fromkeys(["b0", "b1", "b2", "b3", "b4"], "latest")
    assert registry.read_settings(["order"])["order"] == {"branches": leading}

    lead(registry, "b4")
    assert double.branches == {"b4": ["3"], "old": ["1", "2"]}


def test_more_versions_than_a_page_stay_in_a_branch(double: BranchesDouble, registry: ApicurioRegistry) -> None:
    double.branches = {"all": ["9", "8", "1", "2", "3"]}

    lead(registry)

    assert double.branches == {"all": ["9", "8", "1", "2"]}


def test_a_version_that_is_deeper_in_a_branch_is_put_on_top(double: BranchesDouble, registry: ApicurioRegistry) -> None:
    double.branches = {"stable": ["2", "3", "1"]}

    lead(registry, "stable")

    assert double.branches == {"stable": ["2", "1", "3"]}


@pytest.mark.parametrize("kind", [FaultKind.DROP_AFTER_COMMIT, FaultKind.ERROR_503])
@pytest.mark.parametrize("name", ["old", "new"])
def test_an_answer_that_gets_lost_changes_nothing(
    double: BranchesDouble, registry: ApicurioRegistry, kind: FaultKind, name: str
) -> None:
    double.faults.add(kind=kind, method="POST", path="*/branches*")

    lead(registry, name)

    assert double.branches == {"old": ["1", "2"], name: ["1", "2", "3"] if name == "old" else ["3"]}


def test_somebody_else_makes_the_same_branch(double: BranchesDouble, registry: ApicurioRegistry) -> None:
    double.before_write = lambda: double.branches.update(new=["2"])

    lead(registry, "new")

    assert double.branches["new"] == ["2", "3"]


def test_somebody_else_deletes_the_version(double: BranchesDouble, registry: ApicurioRegistry) -> None:
    double.before_write = lambda: setattr(double, "latest", "2")

    with pytest.raises(RegistryError, match="VersionNotFoundException"):
        lead(registry, "old")

    assert double.branches == {"old": ["1", "2"]}


def test_somebody_else_deletes_the_branch(double: BranchesDouble, registry: ApicurioRegistry) -> None:
    double.branches = {"stable": ["3"]}
    double.before_write = double.branches.clear

    lead(registry)

    assert double.branches == {}


def test_without_a_version_nothing_leads_anywhere(double: BranchesDouble, registry: ApicurioRegistry) -> None:
    double.latest = None

    assert registry.read_settings(["order"])["order"] == {}
    with pytest.raises(NotFoundError, match="no such artifact") as raised:
        lead(registry, "old")

    assert (raised.value.registry, bool(raised.value.fix)) == ("orders", True)
