"""``schemafed promote``: what one environment has, planned for another; not what the tip of the branch says."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.doubles.confluent import ConfluentDouble
from tests.doubles.redpanda import RedpandaDouble
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository, record


def _order(*fields: str) -> dict[str, object]:
    written: list[dict[str, object]] = [{"name": f, "type": "string", "default": ""} for f in fields]
    return record("Order", *written)


@pytest.fixture
def prod() -> Iterator[ConfluentDouble]:
    with ConfluentDouble("8.1") as started:
        yield started


@pytest.fixture
def staged(
    double: ConfluentDouble, prod: ConfluentDouble, make_repository: MakeRepository, monkeypatch: pytest.MonkeyPatch
) -> Repository:
    """A repository with two environments; staging has two subjects, and the branch has gone on since."""
    repository = make_repository(f"""\
version: 1
registries:
  test: {{kind: confluent, url: "{double.url}"}}
  live: {{kind: confluent, url: "{prod.url}", name: "acme.{{{{ name }}}}"}}
environments:
  staging: {{registries: [test]}}
  prod: {{registries: [live], compatibility: FULL}}
""")
    monkeypatch.chdir(repository.root)
    repository.write("schemas/orders.avsc", _order("id"))
    repository.write("schemas/payments.avsc", record("Payment", "id"))
    repository.commit("Reviewed")
    assert repository.run("apply", "-e", "staging", "--yes").exit_code == 0
    repository.write("schemas/orders.avsc", _order("id", "draft"))
    repository.write("schemas/refunds.avsc", record("Refund", "id"))
    repository.commit("Not in staging yet")
    return repository


def _subjects(double: ConfluentDouble) -> list[str]:
    return sorted(RawRegistry(double.url).read_subjects())


def test_prod_gets_what_staging_has_and_not_what_the_branch_says(staged: Repository, prod: ConfluentDouble) -> None:
    shown = staged.run("promote", "--from", "staging", "--to", "prod")
    applied = staged.run("promote", "--from", "staging", "--to", "prod", "--apply", "--yes")

    assert shown.exit_code == 0, shown.text
    assert shown.out.startswith("Promoting 2 subjects of staging, as of commit ")
    assert "acme.orders" in shown.out
    assert "draft" not in shown.out
    assert "refunds" not in shown.out
    assert applied.exit_code == 0, applied.text
    assert _subjects(prod) == ["acme.orders", "acme.payments"]
    assert staged.run("promote", "--from", "staging", "--to", "prod", "--detailed-exitcode").exit_code == 0


def test_the_plan_of_prod_itself_shows_what_the_branch_is_ahead(staged: Repository) -> None:
    assert staged.run("promote", "--from", "staging", "--to", "prod", "--apply", "--yes").exit_code == 0

    ahead = staged.run("plan", "-e", "prod", "--detailed-exitcode")

    assert ahead.exit_code == 2, ahead.text
    assert "acme.refunds" in ahead.out
    assert "draft" in ahead.out


def test_a_saved_promotion_is_applied_as_it_was_reviewed(staged: Repository, prod: ConfluentDouble) -> None:
    saved = staged.root.parent / "promotion.json"
    assert staged.run("promote", "--from", "staging", "--to", "prod", "--plan-file", str(saved)).exit_code == 0

    done = staged.run("apply", str(saved), "--yes")

    assert done.exit_code == 0, done.text
    assert _subjects(prod) == ["acme.orders", "acme.payments"]
    commit = staged.git("rev-parse", "HEAD~1").strip()
    assert commit in staged.run("history", "-e", "prod", "--output", "json").out


def test_a_glob_promotes_a_subject_with_what_it_uses(staged: Repository, prod: ConfluentDouble) -> None:
    staged.write("schemas/money.avsc", record("Money", {"name": "amount", "type": "long"}))
    staged.write("schemas/refunds.avsc", record("Refund", {"name": "price", "type": "com.acme.Money"}))
    staged.commit("Refunds")
    assert staged.run("apply", "-e", "staging", "--yes").exit_code == 0

    done = staged.run("promote", "--from", "staging", "--to", "prod", "--subject", "refunds", "--apply", "--yes")

    assert done.exit_code == 0, done.text
    assert _subjects(prod) == ["acme.money", "acme.refunds"]


def test_a_commit_that_did_not_reach_staging_whole_is_not_promoted(staged: Repository) -> None:
    staged.write("schemas/payments.avsc", record("Payment", "id", {"name": "note", "type": "string", "default": ""}))
    staged.commit("More of payments")
    assert staged.run("apply", "-e", "staging", "--subject", "payments", "--yes").exit_code == 0

    whole = staged.run("promote", "--from", "staging", "--to", "prod")
    alone = staged.run("promote", "--from", "staging", "--to", "prod", "--subject", "orders")

    assert whole.exit_code == 3
    assert "NOT_AS_APPLIED" in whole.out
    assert "promote the subject by itself: --subject orders" in whole.out
    assert alone.exit_code == 0, alone.text


@pytest.mark.parametrize(
    ("what", "sidecar"),
    [
        ("metadata", "metadata: {properties: {retention: 30d}}\n"),
        ("rules", "rules: {domain: [{name: a, kind: CONDITION, mode: WRITE, type: CEL, expr: 'true'}]}\n"),
    ],
)
def test_what_stands_beside_a_schema_and_never_reached_staging_is_not_promoted(
    staged: Repository, prod: ConfluentDouble, what: str, sidecar: str
) -> None:
    staged.write("schemas/orders.avsc", _order("id"))
    staged.write("schemas/orders.meta.yaml", sidecar)
    staged.write("schemas/payments.avsc", record("Payment", "id", {"name": "note", "type": "string", "default": ""}))
    staged.commit("More of both")
    assert staged.run("apply", "-e", "staging", "--subject", "payments", "--yes").exit_code == 0

    whole = staged.run("promote", "--from", "staging", "--to", "prod", "--apply", "--yes")
    alone = staged.run("promote", "--from", "staging", "--to", "prod", "--subject", "payments")

    assert whole.exit_code == 3, whole.text
    assert f"declares other {what}, which staging does not have" in whole.out
    assert _subjects(prod) == []
    assert alone.exit_code == 0, alone.text


def test_what_was_declared_beside_a_schema_is_promoted_once_staging_has_it(
    staged: Repository, prod: ConfluentDouble
) -> None:
    staged.write("schemas/orders.meta.yaml", "metadata: {properties: {retention: 30d}}\n")
    staged.commit("Kept for a month")
    assert staged.run("apply", "-e", "staging", "--yes").exit_code == 0

    done = staged.run("promote", "--from", "staging", "--to", "prod", "--apply", "--yes")

    assert done.exit_code == 0, done.text
    assert RawRegistry(prod.url).read_version("acme.orders").metadata == {"properties": {"retention": "30d"}}


def test_a_reference_that_never_reached_staging_is_not_promoted(staged: Repository, prod: ConfluentDouble) -> None:
    staged.write("schemas/money.avsc", record("Money", {"name": "amount", "type": "long"}))
    staged.write("schemas/refunds.avsc", record("Refund", {"name": "price", "type": "com.acme.Money"}))
    staged.commit("Refunds")
    assert staged.run("apply", "-e", "staging", "--yes").exit_code == 0
    currency = {"name": "currency", "type": "string", "default": "EUR"}
    staged.write("schemas/money.avsc", record("Money", {"name": "amount", "type": "long"}, currency))
    staged.commit("Currencies")
    assert staged.run("apply", "-e", "staging", "--subject", "money", "--yes").exit_code == 0

    # What refers to the new version was not registered in staging anew, though its own text is the same.
    refused = staged.run("promote", "--from", "staging", "--to", "prod", "--apply", "--yes")
    assert refused.exit_code == 3, refused.text
    assert "declares other references, which staging does not have" in refused.out
    assert _subjects(prod) == []
    # By itself it is promoted as it was applied, with the version that was there then.
    alone = staged.run("promote", "--from", "staging", "--to", "prod", "--subject", "refunds")
    assert alone.exit_code == 0, alone.text

    assert staged.run("apply", "-e", "staging", "--yes").exit_code == 0
    done = staged.run("promote", "--from", "staging", "--to", "prod", "--apply", "--yes")
    assert done.exit_code == 0, done.text
    assert _subjects(prod) == ["acme.money", "acme.orders", "acme.payments", "acme.refunds"]


def test_a_reference_to_what_is_managed_elsewhere_does_not_hinder_a_promotion(
    staged: Repository, double: ConfluentDouble, prod: ConfluentDouble
) -> None:
    money = record("Money", {"name": "amount", "type": "long"})
    double.register("money", json.dumps(money))
    prod.register("acme.money", json.dumps(money))
    staged.write("schemas/money.avsc", money)
    staged.write("schemas/money.meta.yaml", "manage: false\n")
    staged.write("schemas/refunds.avsc", record("Refund", {"name": "price", "type": "com.acme.Money"}))
    staged.commit("Refunds, in another team's money")
    assert staged.run("apply", "-e", "staging", "--yes").exit_code == 0

    done = staged.run("promote", "--from", "staging", "--to", "prod", "--apply", "--yes")

    assert done.exit_code == 0, done.text
    assert _subjects(prod) == ["acme.money", "acme.orders", "acme.payments", "acme.refunds"]


def test_a_promotion_that_deletes_much_needs_leave(
    make_repository: MakeRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redpanda makes an older version the latest again by deleting what came after it."""
    with RedpandaDouble() as registry:
        repository = make_repository(f"""\
version: 1
registries:
  test: {{kind: local, path: .schemafed/registry.db}}
  live: {{kind: redpanda, url: "{registry.url}"}}
environments:
  staging: {{registries: [test], compatibility: NONE}}
  prod: {{registries: [live], compatibility: NONE, deletion: soft}}
""")
        monkeypatch.chdir(repository.root)
        names = [f"orders{number}" for number in range(10)]
        for fields in (["id"], ["id", "note"], ["id"]):
            for name in names:
                repository.write(f"schemas/{name}.avsc", record(name.title(), *fields))
            repository.commit(f"Fields {fields}")
            assert repository.run("apply", "-e", "staging", "--yes").exit_code == 0
            last = repository.run("promote", "--from", "staging", "--to", "prod", "--apply", "--yes")
        raw = RawRegistry(registry.url)
        assert last.exit_code == 3
        assert "MASS_DELETION" in last.out
        assert {len(raw.read_versions(name)) for name in names} == {2}

        allowed = repository.run(
            "promote", "--from", "staging", "--to", "prod", "--apply", "--yes", "--allow-mass-change"
        )

        assert allowed.exit_code == 0, allowed.text
        assert {len(raw.read_versions(name)) for name in names} == {1}


def test_nothing_of_prod_is_dropped_by_a_promotion(staged: Repository, prod: ConfluentDouble) -> None:
    assert staged.run("apply", "-e", "prod", "--yes").exit_code == 0

    done = staged.run("promote", "--from", "staging", "--to", "prod", "--subject", "payments", "--detailed-exitcode")

    assert done.exit_code == 0, done.text
    assert "acme.refunds" not in done.out
    assert _subjects(prod) == ["acme.orders", "acme.payments", "acme.refunds"]


def test_what_cannot_be_promoted_says_why(staged: Repository) -> None:
    nothing = staged.run("promote", "--from", "prod", "--to", "staging")
    itself = staged.run("promote", "--from", "prod", "--to", "prod")
    no_subject = staged.run("promote", "--from", "staging", "--to", "prod", "--subject", "x*")

    assert (nothing.exit_code, itself.exit_code, no_subject.exit_code) == (1, 1, 1)
    assert "nothing was applied to prod yet" in nothing.err
    assert "prod cannot be promoted to itself" in itself.err
    assert "staging has no subject that fits x*" in no_subject.err


def test_a_shallow_clone_fetches_what_was_applied(staged: Repository, prod: ConfluentDouble) -> None:
    server = staged.root.parent / "server.git"
    staged.git("init", "--quiet", "--bare", "--initial-branch", "main", str(server))
    staged.git("push", "--quiet", f"file://{server}", "main", "refs/schemafed/*:refs/schemafed/*")
    staged.git("clone", "--quiet", "--depth", "1", f"file://{server}", str(staged.root.parent / "shallow"))
    shallow = Repository(staged.root.parent / "shallow", staged.capture)
    applied = staged.git("rev-parse", "HEAD~1").strip()

    done = shallow.run("promote", "--from", "staging", "--to", "prod", "--apply", "--yes")

    assert done.exit_code == 0, done.text
    assert f"as of commit {applied[:12]}, to prod" in done.out
    assert _subjects(prod) == ["acme.orders", "acme.payments"]
