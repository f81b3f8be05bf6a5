"""States of versions and branches on a real Apicurio Registry."""

from __future__ import annotations

import pytest

from tests.contract.targets.apicurio import RawApicurio
from tests.integration.apicurio.apicurio_samples import MakeShop, open_registry
from tests.repositories import Repository, record
from tests.servers.apicurio import ApicurioServer

pytestmark = pytest.mark.server

NOTE = {"name": "note", "type": "string", "default": ""}


@pytest.fixture
def raw(apicurio: ApicurioServer, group: str) -> RawApicurio:
    return RawApicurio(apicurio.native_url, group)


def read_states(raw: RawApicurio, subject: str) -> list[str]:
    _, found = raw.send("GET", f"/groups/{raw.group}/artifacts/{subject}/versions?orderby=globalId&order=asc")
    return [row["state"] for row in found["versions"]]


def write_branch(raw: RawApicurio, subject: str, branch: str, *versions: str) -> None:
    body = {"branchId": branch, "versions": versions}
    assert raw.send("POST", f"/groups/{raw.group}/artifacts/{subject}/branches", body)[0] == 200


def read_branch(raw: RawApicurio, subject: str, branch: str) -> tuple[str | None, list[str]]:
    """What a branch leads to, and all that is in it, as it was added."""
    at = f"/groups/{raw.group}/artifacts/{subject}"
    status, tip = raw.send("GET", f"{at}/versions/branch={branch}")
    _, found = raw.send("GET", f"{at}/branches/{branch}/versions")
    return tip["version"] if status == 200 else None, [row["version"] for row in found.get("versions", [])][::-1]


def write_state(raw: RawApicurio, subject: str, version: int, state: str) -> None:
    path = f"/groups/{raw.group}/artifacts/{subject}/versions/{version}/state"
    assert raw.send("PUT", path, {"state": state})[0] == 204


def declare(shop: Repository, *fields: str | dict[str, object]) -> None:
    shop.write("schemas/order.avsc", record("Order", *fields))
    shop.commit()


@pytest.mark.parametrize("interface", ["v3", "v2"])
def test_a_deprecated_subject_stays_deprecated_by_a_new_version(
    make_shop: MakeShop, raw: RawApicurio, interface: str
) -> None:
    shop = make_shop(interface)
    shop.write("schemas/order.meta.yaml", "settings: {state: DEPRECATED}\n")
    declare(shop, "id")

    first = shop.run("apply", "--yes")
    assert read_states(raw, "order") == ["DEPRECATED"], first.text
    assert shop.run("plan", "--detailed-exitcode").exit_code == 0

    declare(shop, "id", NOTE)
    second = shop.run("apply", "--yes")
    assert read_states(raw, "order") == ["DEPRECATED", "DEPRECATED"], second.text
    assert shop.run("plan", "--detailed-exitcode").exit_code == 0

    (shop.root / "schemas/order.meta.yaml").unlink()
    shop.commit()
    third = shop.run("apply", "--yes")
    assert read_states(raw, "order") == ["DEPRECATED", "ENABLED"], third.text


def test_a_latest_version_that_somebody_disabled_is_drift(make_shop: MakeShop, raw: RawApicurio) -> None:
    shop = make_shop()
    declare(shop, "id")
    shop.run("apply", "--yes")
    declare(shop, "id", NOTE)
    shop.run("apply", "--yes")
    write_state(raw, "order", 2, "DISABLED")

    planned = shop.run("plan")

    assert planned.exit_code == 3, planned.text
    assert "DRIFTED" in planned.out


def test_a_draft_is_not_there_until_it_is_enabled(make_shop: MakeShop, raw: RawApicurio) -> None:
    shop = make_shop()
    declare(shop, "id")
    shop.run("apply", "--yes")
    draft = {"content": {"content": '{"type": "int"}', "contentType": "application/json"}, "isDraft": True}
    assert raw.send("POST", f"/groups/{raw.group}/artifacts/order/versions", draft)[0] == 200

    assert shop.run("plan", "--detailed-exitcode").exit_code == 0
    with open_registry(raw.url, group=raw.group) as registry:
        assert [version.version for version in registry.read_history("order")] == [1]

    write_state(raw, "order", 2, "ENABLED")
    assert shop.run("plan").exit_code == 3


def test_other_branches_change_nothing(make_shop: MakeShop, raw: RawApicurio) -> None:
    shop = make_shop()
    declare(shop, "id")
    shop.run("apply", "--yes")
    declare(shop, "id", NOTE)
    shop.run("apply", "--yes")
    write_branch(raw, "order", "stable", "1")
    write_branch(raw, "order", "new", "2")

    assert shop.run("plan", "--detailed-exitcode").exit_code == 0
    shop.run("apply", "--yes")
    assert [read_branch(raw, "order", branch)[0] for branch in ("stable", "new")] == ["1", "2"]


def test_declared_branches_lead_to_the_latest_version(make_shop: MakeShop, raw: RawApicurio) -> None:
    shop = make_shop()
    shop.write("schemas/order.meta.yaml", "settings: {branches: {stable: latest, 1.x: latest}}\n")
    declare(shop, "id")
    first = shop.run("apply", "--yes")
    assert [read_branch(raw, "order", branch) for branch in ("stable", "1.x")] == [("1", ["1"])] * 2, first.text

    shop.write("schemas/order.meta.yaml", "settings: {branches: {stable: latest}}\n")
    declare(shop, "id", NOTE)
    second = shop.run("apply", "--yes")
    assert read_branch(raw, "order", "stable") == ("2", ["1", "2"]), second.text
    assert read_branch(raw, "order", "1.x") == ("1", ["1"])
    assert shop.run("plan", "--detailed-exitcode").exit_code == 0

    (shop.root / "schemas/order.meta.yaml").unlink()
    shop.commit()
    third = shop.run("apply", "--yes")
    assert read_branch(raw, "order", "stable") == ("1", ["1"]), third.text


def test_a_branch_that_somebody_led_back_is_drift(make_shop: MakeShop, raw: RawApicurio) -> None:
    shop = make_shop()
    declare(shop, "id")
    shop.run("apply", "--yes")
    shop.write("schemas/order.meta.yaml", "settings: {branches: {stable: latest}}\n")
    declare(shop, "id", NOTE)
    shop.run("apply", "--yes")
    path = f"/groups/{raw.group}/artifacts/order/branches/stable/versions"
    assert raw.send("POST", path, {"version": "1"})[0] == 204

    again = shop.run("apply", "--yes")

    assert "overwrites drift of branches" in again.out
    assert read_branch(raw, "order", "stable") == ("2", ["1", "2"])


def test_a_version_is_taken_out_of_a_branch_and_the_others_stay_in_their_order(
    make_shop: MakeShop, raw: RawApicurio
) -> None:
    shop = make_shop()
    declare(shop, "id")
    shop.run("apply", "--yes")
    for more in range(3):
        declare(shop, "id", *({**NOTE, "name": f"note{n}"} for n in range(more + 1)))
        shop.run("apply", "--yes")
    write_branch(raw, "order", "odd", "3", "1", "2", "4")
    assert read_branch(raw, "order", "odd")[0] == "4"
    shop.write("schemas/order.meta.yaml", "settings: {branches: {stable: latest}}\n")
    shop.commit()

    applied = shop.run("apply", "--yes")

    assert read_branch(raw, "order", "stable") == ("4", ["4"]), applied.text
    assert read_branch(raw, "order", "odd") == ("2", ["3", "1", "2"])


@pytest.mark.parametrize("branches", ["{stable: '1'}", "stable", "{latest: latest}", "{a b: latest}"])
def test_what_no_branch_can_be_is_told_before_anything_is_written(
    make_shop: MakeShop, raw: RawApicurio, branches: str
) -> None:
    shop = make_shop()
    shop.write("schemas/order.meta.yaml", f"settings: {{branches: {branches}}}\n")
    declare(shop, "id")

    planned = shop.run("plan")

    assert planned.exit_code == 3, planned.text
    assert "INVALID_SETTING" in planned.out
    assert "an object from names of branches" in planned.out
    assert raw.read_subjects() == []


def test_no_branches_are_declared(make_shop: MakeShop, raw: RawApicurio) -> None:
    shop = make_shop()
    declare(shop, "id")
    shop.run("apply", "--yes")
    write_branch(raw, "order", "new", "1")
    shop.write("schemas/order.meta.yaml", "settings: {branches: {}}\n")
    shop.commit()

    applied = shop.run("apply", "--yes")

    assert read_branch(raw, "order", "new") == (None, []), applied.text
    assert shop.run("plan", "--detailed-exitcode").exit_code == 0
