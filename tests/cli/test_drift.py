"""`drift` and `release`: what others did since the last apply, brought into Git or let go."""

from __future__ import annotations

import json

import pytest

from tests.doubles.confluent import ConfluentDouble
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository, over_rest, record

NOTE = {"name": "note", "type": ["null", "string"], "default": None}


@pytest.fixture
def live(confluent: ConfluentDouble) -> RawRegistry:
    return RawRegistry(confluent.url)


@pytest.fixture
def shop(confluent: ConfluentDouble, make_repository: MakeRepository) -> Repository:
    """A repository that is applied."""
    repository = make_repository(over_rest(confluent.url))
    repository.write("schemas/order.avsc", record("Order", "id"))
    repository.write("schemas/order.meta.yaml", "owner: shop\ncompatibility: FULL\n")
    repository.write("schemas/money.avsc", record("Money", "currency"))
    repository.commit("Declare orders")
    assert repository.run("apply", "--yes").exit_code == 0
    return repository


def post(live: RawRegistry, subject: str, schema: dict[str, object]) -> None:
    """Register as another client does."""
    answer = live.send("POST", f"/subjects/{subject}/versions", {"schema": json.dumps(schema)})
    assert answer.status == 200, answer


def test_without_drift_it_says_so(shop: Repository) -> None:
    found = shop.run("drift")

    assert found.exit_code == 0
    assert "No drift" in found.out


def test_what_is_pending_in_git_is_no_drift(shop: Repository) -> None:
    shop.write("schemas/order.avsc", record("Order", "id", NOTE))

    assert shop.run("drift").exit_code == 0


def test_drift_says_what_changed_and_who_applied_it_from_which_commit(shop: Repository, live: RawRegistry) -> None:
    post(live, "order", record("Order", "id", NOTE))
    live.send("PUT", "/config/order", {"compatibility": "NONE"})
    live.send("DELETE", "/subjects/money")
    commit = shop.git("rev-parse", "HEAD").strip()

    found = shop.run("drift")

    assert found.exit_code == 3
    assert "version 2 is live" in found.out
    assert "its mode was set to FULL, and is NONE now" in found.out
    assert "the registry does not have the subject any more" in found.out
    assert "last applied by Ada <ada@example.com>" in found.out
    assert f"from commit {commit[:12]} Declare orders, by Ada" in found.out
    assert "owner: shop" in found.out
    assert "3 drifts." in found.out


def test_drift_as_json(shop: Repository, live: RawRegistry) -> None:
    post(live, "order", record("Order", "id", NOTE))
    post(live, "theirs", record("Theirs", "id"))

    document = json.loads(shop.run("drift", "--output", "json").out)

    (drift,) = document["drift"]
    assert (drift["registry"], drift["subject"], drift["kind"], drift["owner"]) == ("orders", "order", "schema", "shop")
    assert (drift["applied"]["version"], drift["live"]["version"]) == (1, 2)
    assert drift["applied"]["commit_subject"] == "Declare orders"
    assert document["unmanaged"] == {"orders": ["theirs"]}


def test_a_glob_narrows(shop: Repository, live: RawRegistry) -> None:
    post(live, "order", record("Order", "id", NOTE))

    assert shop.run("drift", "--subject", "mon*").exit_code == 0
    assert shop.run("drift", "--subject", "ord*").exit_code == 3


def test_a_registry_that_does_not_answer_is_an_error(shop: Repository, confluent: ConfluentDouble) -> None:
    confluent.stop()

    found = shop.run("drift")

    assert found.exit_code == 1
    assert "REGISTRY_UNREADABLE" in found.out


def test_write_brings_live_changes_into_a_branch_whose_plan_is_empty(shop: Repository, live: RawRegistry) -> None:
    post(live, "order", record("Order", "id", NOTE))
    live.send("PUT", "/config/order", {"compatibility": "BACKWARD"})
    post(live, "theirs", record("Theirs", "id"))
    head = shop.git("rev-parse", "HEAD")

    written = shop.run("drift", "--write")

    assert written.exit_code == 3
    assert "Written to the branch drift/dev" in written.out
    assert shop.git("rev-parse", "HEAD") == head
    assert shop.git("status", "--porcelain") == ""
    assert shop.git("log", "--format=%s", "HEAD..drift/dev").splitlines() == [
        "Import unmanaged subjects of orders: 1",
        "Take the mode of order from orders",
        "Take order from orders",
    ]
    shop.git("merge", "--quiet", "--ff-only", "drift/dev")
    assert "owner: shop" in (shop.root / "schemas/order.meta.yaml").read_text()
    planned = shop.run("plan", "--detailed-exitcode")
    assert planned.exit_code == 0, planned.text
    assert "Nothing to do." in planned.out


def test_drift_says_what_differs_from_what_was_applied(shop: Repository, live: RawRegistry) -> None:
    shop.write("schemas/invoice.avsc", record("Invoice", {"name": "total", "type": "Money"}))
    shop.write("schemas/label.avsc", record("Label", "text"))
    shop.write("schemas/label.meta.yaml", "metadata: {properties: {retention: 30d}}\n")
    shop.commit()
    shop.run("apply", "--yes")
    post(live, "money", record("Money", "currency", NOTE))
    reference = {"name": "com.acme.Money", "subject": "money", "version": 2}
    invoice = live.read_version("invoice").text
    assert live.register("invoice", invoice, references=[reference]).status == 200
    label = live.read_version("label").text
    assert live.register("label", label, metadata={"properties": {"retention": "60d"}}).status == 200

    found = shop.run("drift")
    (difference,) = json.loads(shop.run("drift", "--subject", "label", "--output", "json").out)["drift"][0][
        "differences"
    ]

    assert "      + note  union null | string = null\n" in found.out
    assert "      ~ refers to money  version 1 → version 2\n" in found.out
    assert "      ~ metadata retention  30d → 60d\n" in found.out
    assert difference == {"kind": "changed", "path": "metadata retention", "before": "30d", "after": "60d"}


def test_write_keeps_the_layout_of_files_and_what_else_they_say(shop: Repository, live: RawRegistry) -> None:
    shop.write("schemas/order.meta.yaml", "{owner: shop, compatibility: FULL}\n")
    shop.write(
        "schemas/money.meta.yaml", "# ours\nmetadata: {properties: {retention: 30d}}  # since May\nowner: bank\n"
    )
    shop.commit()
    shop.run("apply", "--yes")
    post(live, "order", record("Order", "id", NOTE))
    live.set_compatibility("order", "NONE")
    money = live.read_version("money").text
    assert live.register("money", money, metadata={"properties": {"retention": "60d"}}).status == 200

    written = shop.run("drift", "--write")
    shop.git("merge", "--quiet", "--ff-only", "drift/dev")
    changed = shop.git("diff", "--stat", "HEAD~3")

    assert "Written to the branch drift/dev, 3 commits" in written.out
    assert "Not in it" not in written.out
    assert (shop.root / "schemas/order.avsc").read_text() == json.dumps(record("Order", "id", NOTE), indent=2) + "\n"
    assert (shop.root / "schemas/order.meta.yaml").read_text() == "owner: shop\ncompatibility: NONE\n"
    assert (
        "# ours\nmetadata:\n  properties:\n    retention: 60d\nowner: bank\n"
        in (shop.root / "schemas/money.meta.yaml").read_text()
    )
    assert "money.avsc" not in changed, "its text is as it was"
    assert "Nothing to do." in shop.run("plan").out


def test_write_takes_rules_and_settings_along(make_repository: MakeRepository) -> None:
    rule = {"name": "length", "kind": "CONDITION", "type": "CEL", "mode": "WRITE", "expr": "size(message.id) > 1"}
    with ConfluentDouble("8.1", keeps_rules=True) as server:
        live, shop = RawRegistry(server.url), make_repository(over_rest(server.url))
        shop.write("schemas/order.avsc", record("Order", "id"))
        shop.write(
            "schemas/order.meta.yaml", f"settings: {{normalize: true}}\nrules: {{domain: [{json.dumps(rule)}]}}\n"
        )
        shop.commit()
        assert shop.run("apply", "--yes").exit_code == 0
        looser = {"domainRules": [{**rule, "expr": "size(message.id) > 0"}]}
        assert live.register("order", live.read_version("order").text, ruleSet=looser).status == 200
        assert live.send("PUT", "/config/order", {"normalize": False}).status == 200

        written = shop.run("drift", "--write")
        shop.git("merge", "--quiet", "--ff-only", "drift/dev")
        sidecar = (shop.root / "schemas/order.meta.yaml").read_text()

        assert "~ domain rule length" in written.out
        assert "Not in it" not in written.out, written.out
        assert "size(message.id) > 0" in sidecar and "normalize: false" in sidecar
        assert "Nothing to do." in shop.run("plan").out


def register_invoice(live: RawRegistry, version: int, prefix: str = "") -> None:
    """Let somebody else register an invoice that refers to some version of money."""
    reference = {"name": "com.acme.Money", "subject": f"{prefix}money", "version": version}
    more = json.dumps(record("Invoice", {"name": "total", "type": "Money"}, NOTE))
    assert live.register(f"{prefix}invoice", more, references=[reference]).status == 200


@pytest.fixture
def invoices(confluent: ConfluentDouble, live: RawRegistry, make_repository: MakeRepository) -> Repository:
    """An invoice that refers to money, which somebody else changed since; names have a prefix in the registry."""
    repository = make_repository(over_rest(confluent.url, "    name: 'shop.{{ name }}'"))
    repository.write("schemas/coin.avsc", record("Coin", "face"))
    repository.write("schemas/money.avsc", record("Money", {"name": "coin", "type": "Coin"}))
    repository.write("schemas/bills/invoice.avsc", record("Invoice", {"name": "total", "type": "Money"}))
    repository.write("schemas/bills/invoice.meta.yaml", "owner: shop  # since May\n")
    repository.commit("Declare invoices")
    assert repository.run("apply", "--yes").exit_code == 0
    post(live, "shop.coin", record("Coin", "face", NOTE))
    coin = {"name": "com.acme.Coin", "subject": "shop.coin", "version": 2}
    money = json.dumps(record("Money", {"name": "coin", "type": "Coin"}, NOTE))
    assert live.register("shop.money", money, references=[coin]).status == 200
    return repository


def test_write_pins_versions_that_are_not_the_latest_and_what_these_refer_to(
    invoices: Repository, live: RawRegistry
) -> None:
    register_invoice(live, 1, "shop.")

    written = invoices.run("drift", "--write")
    invoices.git("merge", "--quiet", "--ff-only", "drift/dev")
    planned = invoices.run("plan", "--detailed-exitcode")

    assert "Not in it" not in written.out, written.out
    assert (invoices.root / "schemas/bills/invoice.meta.yaml").read_text() == (
        "owner: shop  # since May\n"
        "references:\n"
        "- name: com.acme.Money\n"
        "  subject: money\n"
        "  version: 1\n"
        "  file: ../../pins/money-1.avsc\n"
    )
    assert json.loads((invoices.root / "pins/money-1.avsc").read_text()) == json.loads(
        live.read_versions("shop.money")[0].text
    )
    assert "version: 1\n  file: coin-1.avsc" in (invoices.root / "pins/money-1.meta.yaml").read_text()
    assert (planned.exit_code, "Nothing to do." in planned.out) == (0, True), planned.text


def test_write_lets_a_pin_go_where_the_latest_is_referred_to(invoices: Repository, live: RawRegistry) -> None:
    register_invoice(live, 1, "shop.")
    assert invoices.run("drift", "--write").exit_code == 3
    invoices.git("merge", "--quiet", "--ff-only", "drift/dev")
    assert invoices.run("apply", "--yes").exit_code == 0
    register_invoice(live, 2, "shop.")

    written = invoices.run("drift", "--write", "--branch", "again")
    invoices.git("merge", "--quiet", "--ff-only", "again")

    assert "Not in it" not in written.out, written.out
    assert "version" not in (invoices.root / "schemas/bills/invoice.meta.yaml").read_text()
    assert "Nothing to do." in invoices.run("plan").out


def test_write_keeps_line_ends_of_windows(shop: Repository, live: RawRegistry) -> None:
    shop.write("schemas/order.meta.yaml", b"owner: shop\r\ncompatibility: FULL\r\ntags: [x]\r\n")
    shop.commit()
    live.set_compatibility("order", "NONE")

    assert shop.run("drift", "--write").exit_code == 3
    shop.git("merge", "--quiet", "--ff-only", "drift/dev")

    sidecar = (shop.root / "schemas/order.meta.yaml").read_bytes()
    assert sidecar == b"owner: shop\r\ncompatibility: NONE\r\ntags: [x]\r\n"


def test_what_nobody_declares_follows_what_is_declared(shop: Repository, live: RawRegistry) -> None:
    reference = {"name": "com.acme.Money", "subject": "money", "version": 1}
    theirs = json.dumps(record("Theirs", {"name": "total", "type": "Money"}))
    assert live.register("theirs", theirs, references=[reference]).status == 200

    assert "Written to the branch" in shop.run("drift", "--write").out
    shop.git("merge", "--quiet", "--ff-only", "drift/dev")

    assert not (shop.root / "pins").exists()
    assert "Nothing to do." in shop.run("plan").out


def test_write_takes_the_level_and_settings_of_a_registry_along(
    confluent: ConfluentDouble, live: RawRegistry, make_repository: MakeRepository
) -> None:
    settings = over_rest(confluent.url, "    compatibility: FULL  # as agreed\n    settings: {write_mode: READWRITE}")
    shop = make_repository(settings)
    shop.write("schemas/order.avsc", record("Order", "id"))
    shop.commit()
    assert shop.run("apply", "--yes").exit_code == 0
    assert live.send("PUT", "/config", {"compatibility": "NONE"}).status == 200
    assert live.send("PUT", "/mode", {"mode": "READONLY"}).status == 200

    found = shop.run("drift")
    written = shop.run("drift", "--write")
    shop.git("merge", "--quiet", "--ff-only", "drift/dev")

    assert "`schemafed drift --write` takes what is live into a branch" in found.out
    assert "Not in it" not in written.out, written.out
    assert (shop.root / "schemafed.yaml").read_text() == settings.replace("FULL", "NONE").replace(
        "READWRITE", "READONLY"
    )
    assert shop.git("log", "-2", "--format=%s").splitlines() == [
        "Take the settings of orders",
        "Take the level of orders",
    ]
    assert "Nothing to do." in shop.run("plan").out


def test_write_leaves_a_level_that_cannot_be_changed_by_itself(
    confluent: ConfluentDouble, live: RawRegistry, make_repository: MakeRepository
) -> None:
    entry = f"{{kind: confluent, url: {confluent.url}, compatibility: FULL}}"
    registries = f"registries:\n  orders: &one {entry}\n  other: *one\n"
    shop = make_repository(f"version: 1\n{registries}environments: {{dev: {{registries: [other]}}}}\n")
    shop.write("schemas/order.avsc", record("Order", "id"))
    shop.commit()
    assert shop.run("apply", "--yes").exit_code == 0
    assert live.send("PUT", "/config", {"compatibility": "NONE"}).status == 200

    written = shop.run("drift", "--write")

    assert written.exit_code == 3
    assert "declare what shall hold at `registries.other.compatibility` of schemafed.yaml" in written.out
    assert shop.git("branch", "--list", "drift/*") == ""


def test_write_names_what_only_a_person_can_settle(shop: Repository, live: RawRegistry) -> None:
    shop.write("schemas/tight/label.avsc", record("Label", "text"))
    shop.write("schemas/tight/defaults.yaml", "compatibility: FULL\n")
    shop.write("schemas/invoice.avsc", record("Invoice", {"name": "total", "type": "Money"}))
    shop.commit()
    shop.run("apply", "--yes")
    live.delete_subject("order")
    assert live.send("DELETE", "/config/label").status == 200
    post(live, "money", record("Money", "currency", NOTE))
    register_invoice(live, 1)
    shop.write("pins/money-1.avsc", record("Money", "other"))
    shop.commit()

    written = shop.run("drift", "--write")
    left = json.loads(shop.run("drift", "--write", "--branch", "again", "--output", "json").out)["left"]

    assert written.exit_code == 3
    assert [one["subject"] for one in left] == ["order", "invoice", "label"]
    assert "Not in it, and for a person to settle:" in written.out
    assert "--recreate order" in written.out
    assert "its mode is inherited there, and schemas/tight/defaults.yaml:1:1 declares one" in written.out
    assert "it refers to a version that is gone there, or of which `pins/` has another text" in written.out


def test_write_of_what_only_a_person_can_settle_makes_no_branch(shop: Repository, live: RawRegistry) -> None:
    live.delete_subject("money")

    written = shop.run("drift", "--write")

    assert written.exit_code == 3
    assert "Nothing was written:" in written.out
    assert shop.git("branch", "--list", "drift/*") == ""


def test_write_in_a_repository_with_problems_says_them(shop: Repository, live: RawRegistry) -> None:
    post(live, "order", record("Order", "id", NOTE))
    shop.write("schemas/money.meta.yaml", "{")

    refused = shop.run("drift", "--write")

    assert refused.exit_code == 3
    assert "YAML_INVALID" in refused.err
    assert shop.git("branch", "--list", "drift/*") == ""


def test_write_makes_no_branch_where_there_is_nothing(shop: Repository) -> None:
    written = shop.run("drift", "--write")

    assert written.exit_code == 0
    assert shop.git("branch", "--list", "drift/*") == ""


def test_write_leaves_a_branch_that_is_there(shop: Repository, live: RawRegistry) -> None:
    post(live, "order", record("Order", "id", NOTE))
    shop.git("branch", "drift/dev")

    refused = shop.run("drift", "--write")
    named = shop.run("drift", "--write", "--branch", "mine")

    assert refused.exit_code == 1
    assert "there is a branch drift/dev already" in refused.err
    assert "Written to the branch mine" in named.out


def test_drift_that_comes_back_points_to_a_second_owner(shop: Repository, live: RawRegistry) -> None:
    text = (shop.root / "schemafed.yaml").read_text()
    shop.write("schemafed.yaml", text.replace("[orders]}", "[orders], on_drift: {schema: overwrite}}"))
    shop.commit()
    for _ in range(2):
        post(live, "order", record("Order", "id", NOTE, {"name": "x", "type": "int", "default": 0}))
        assert shop.run("apply", "--yes").exit_code == 0
        live.send("DELETE", f"/subjects/order/versions/{live.read_state()['order'].latest.version - 1}")
    post(live, "order", record("Order", "id", NOTE))

    found = shop.run("drift")

    assert "someone else wrote it 2 times before; it likely has a second owner" in found.out
    assert "SECOND_OWNER" in shop.run("plan").out


# release


def test_semantic_9_release_lets_an_orphan_go_and_deletes_nothing(shop: Repository, live: RawRegistry) -> None:
    (shop.root / "schemas/money.avsc").unlink()
    shop.commit()
    orphaned = shop.run("apply", "--yes")

    released = shop.run("release", "money")
    planned = shop.run("plan")

    assert "ORPHANED" in orphaned.out
    assert released.exit_code == 0
    assert "Released 1 subject; nothing was deleted." in released.out
    assert "ORPHANED" not in planned.out
    assert "unmanaged, left alone: money" in planned.out
    assert sorted(live.read_state()) == ["money", "order"]
    assert "no longer managed" in shop.run("history").out


def test_release_refuses_what_git_still_declares(shop: Repository) -> None:
    refused = shop.run("release", "money")

    assert refused.exit_code == 1
    assert "money is still declared in schemas/money.avsc" in refused.err


def test_release_refuses_what_was_never_applied(shop: Repository) -> None:
    refused = shop.run("release", "nothing*")

    assert refused.exit_code == 1
    assert "nothing that was applied in environment dev fits nothing*" in refused.err
