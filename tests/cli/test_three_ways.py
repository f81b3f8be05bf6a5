"""Git, a registry with other writers, and what was applied last, from the command line over REST."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.doubles.confluent import ConfluentDouble
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository, over_rest, record

NOTE = {"name": "note", "type": ["null", "string"], "default": None}
TAG = {"name": "tag", "type": ["null", "string"], "default": None}


@pytest.fixture
def live(confluent: ConfluentDouble) -> RawRegistry:
    return RawRegistry(confluent.url)


@pytest.fixture
def shop(confluent: ConfluentDouble, make_repository: MakeRepository) -> Repository:
    repository = make_repository(over_rest(confluent.url))
    repository.write("schemas/order.avsc", record("Order", "id"))
    repository.commit()
    return repository


def rule(shop: Repository, lines: str) -> None:
    """Give the environment a rule."""
    text = (shop.root / "schemafed.yaml").read_text()
    shop.write("schemafed.yaml", text.replace("{registries: [orders]}", f"{{registries: [orders], {lines}}}"))


def change(shop: Repository, *fields: str | dict[str, object]) -> None:
    shop.write("schemas/order.avsc", record("Order", *fields))
    shop.commit()


def post(live: RawRegistry, subject: str, schema: dict[str, object]) -> None:
    """Register as another client does."""
    answer = live.send("POST", f"/subjects/{subject}/versions", {"schema": json.dumps(schema)})
    assert answer.status == 200, answer


def texts(live: RawRegistry, subject: str) -> list[Any]:
    """Every version's text."""
    numbers = live.send("GET", f"/subjects/{subject}/versions").body
    return [json.loads(live.send("GET", f"/subjects/{subject}/versions/{n}").body["schema"]) for n in numbers]


# Other writers.


def test_semantic_3_somebodys_subject_is_not_overwritten_until_told(shop: Repository, live: RawRegistry) -> None:
    post(live, "order", record("Order", "id", TAG))

    refused = shop.run("apply", "--yes")
    told = shop.run("apply", "--yes", "--take-over", "order")

    assert refused.exit_code == 3
    assert "ADOPT_CONFLICT" in refused.out
    assert told.exit_code == 0
    assert json.loads(live.read_state()["order"].latest.text) == record("Order", "id")
    assert "Nothing to do." in shop.run("plan").out


def test_semantic_3_what_is_live_is_taken_by_the_command_that_the_conflict_names(
    shop: Repository, live: RawRegistry
) -> None:
    post(live, "order", record("Order", "id", TAG))
    command = re.search("`schemafed (import [^`]*)`", shop.run("plan").out)
    assert command is not None

    imported = shop.run(*shlex.split(command[1]))
    shop.commit()
    applied = shop.run("apply", "--yes")

    assert imported.exit_code == 0, imported.text
    assert "Nothing to do." in applied.out, applied.text
    assert len(texts(live, "order")) == 1


def test_semantic_2_drift_that_is_kept_is_not_called_as_declared(shop: Repository, live: RawRegistry) -> None:
    rule(shop, "on_drift: {schema: keep}")
    shop.write("schemas/other.avsc", record("Other", "id"))
    shop.commit()
    shop.run("apply", "--yes")
    post(live, "order", record("Order", "id", TAG))

    planned = shop.run("plan")

    assert planned.exit_code == 0
    assert "DRIFT_KEPT" in planned.out
    assert "Nothing to do. Drift is kept; else what is declared is what is live (1 subject)." in planned.out


def test_semantic_3_an_equal_subject_is_ours_from_the_first_apply_on(shop: Repository, live: RawRegistry) -> None:
    post(live, "order", record("Order", "id"))

    first = shop.run("apply", "--yes")
    change(shop, "id", NOTE)
    second = shop.run("apply", "--yes")

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "Nothing to do." in first.out
    assert len(texts(live, "order")) == 2


def test_semantic_2_drift_blocks_and_names_what_was_applied(shop: Repository, live: RawRegistry) -> None:
    shop.run("apply", "--yes")
    commit = shop.git("rev-parse", "HEAD").strip()
    post(live, "order", record("Order", "id", TAG))
    change(shop, "id", NOTE)

    planned = shop.run("plan")

    assert planned.exit_code == 3
    assert "DRIFTED" in planned.out
    assert f"version 1 of commit {commit[:10]}" in planned.out
    assert "version 2 is live" in planned.out


def test_semantic_2_drift_is_overwritten_where_the_environment_says_so(shop: Repository, live: RawRegistry) -> None:
    rule(shop, "on_drift: {schema: overwrite}")
    shop.commit()
    shop.run("apply", "--yes")
    post(live, "order", record("Order", "id", TAG))

    applied = shop.run("apply", "--yes")

    assert applied.exit_code == 0
    assert "it overwrites drift" in applied.out
    assert json.loads(live.read_state()["order"].latest.text) == record("Order", "id")


def test_semantic_2_a_mode_whose_line_is_removed_is_taken_back(shop: Repository, live: RawRegistry) -> None:
    shop.write("schemas/order.yaml", "compatibility: FULL\n")
    shop.commit()
    shop.run("apply", "--yes")
    was = live.read_state()["order"].compatibility
    (shop.root / "schemas/order.yaml").unlink()
    shop.commit()

    applied = shop.run("apply", "--yes")

    assert was == "FULL"
    assert applied.exit_code == 0
    assert live.read_state()["order"].compatibility is None
    assert "Nothing to do." in shop.run("plan").out


def test_semantic_10_what_vanished_blocks_until_told(shop: Repository, live: RawRegistry) -> None:
    shop.write("schemas/other.avsc", record("Other", "id"))
    shop.commit()
    shop.run("apply", "--yes")
    live.send("DELETE", "/subjects/order")

    refused = shop.run("apply", "--yes")
    told = shop.run("apply", "--yes", "--recreate", "order")

    assert refused.exit_code == 3
    assert "VANISHED" in refused.out
    assert told.exit_code == 0
    assert sorted(live.read_state()) == ["order", "other"]


@pytest.mark.parametrize("declared", [None, "FULL", "BACKWARD"])
def test_semantic_10_what_is_created_again_has_the_mode_that_git_declares(
    shop: Repository, live: RawRegistry, declared: str | None
) -> None:
    shop.write("schemas/order.yaml", "compatibility: FULL\n")
    shop.commit()
    shop.run("apply", "--yes")
    live.delete_subject("order")
    outlived = live.read_compatibility("order")
    shop.write("schemas/order.yaml", f"compatibility: {declared}\n" if declared else "")
    shop.commit()

    told = shop.run("apply", "--yes", "--recreate", "order")

    assert outlived == "FULL", "a soft deletion leaves the mode, here as in Confluent's registry"
    assert told.exit_code == 0, told.text
    assert live.read_compatibility("order") == declared, told.text
    assert "Nothing to do." in shop.run("plan").out


# Deletion.


def test_semantic_9_a_dropped_subject_is_an_orphan_until_deletion_is_allowed(
    shop: Repository, live: RawRegistry
) -> None:
    shop.write("schemas/gone.avsc", record("Gone", "id"))
    shop.commit()
    shop.run("apply", "--yes")
    (shop.root / "schemas/gone.avsc").unlink()
    shop.commit()

    orphaned = shop.run("apply", "--yes")
    still_there = sorted(live.read_state())
    rule(shop, "deletion: soft")
    shop.commit()
    deleted = shop.run("apply", "--yes")

    assert (orphaned.exit_code, still_there) == (0, ["gone", "order"])
    assert "ORPHANED" in orphaned.out
    assert deleted.exit_code == 0
    assert sorted(live.read_state()) == ["order"]
    assert "Nothing to do." in shop.run("plan").out


def test_semantic_9_what_is_unmanaged_is_never_deleted(shop: Repository, live: RawRegistry) -> None:
    rule(shop, "deletion: hard")
    shop.commit()
    post(live, "theirs", record("Theirs", "id"))

    applied = shop.run("apply", "--yes")

    assert applied.exit_code == 0
    assert sorted(live.read_state()) == ["order", "theirs"]


@pytest.mark.parametrize("part", [(), ("--subject", "*"), ("--since", "HEAD~1"), ("--allow-mass-change",)])
def test_semantic_9_an_empty_repository_deletes_nothing_whatever_part_is_asked_for(
    shop: Repository, live: RawRegistry, part: tuple[str, ...]
) -> None:
    rule(shop, "deletion: soft")
    shop.commit()
    shop.run("apply", "--yes")
    (shop.root / "schemas/order.avsc").unlink()
    shop.write("schemas/README.txt", "moved")
    shop.commit()

    refused = shop.run("apply", "--yes", *part)

    assert refused.exit_code == 3
    assert "NOTHING_DECLARED" in refused.out
    assert sorted(live.read_state()) == ["order"]


# Waivers.


def break_on_purpose(shop: Repository, declared: str = "") -> None:
    """Commit a break with a waiver for it."""
    waiver = "reason: no readers yet, approver: '@acme/shop', until: 2999-12-31"
    lines = f"waivers: [{{code: READER_FIELD_MISSING_DEFAULT_VALUE, {waiver}}}]\n"
    shop.write("schemas/order.yaml", declared + lines)
    change(shop, "id", "amount")


def test_semantic_8_a_waived_break_is_applied_and_the_mode_is_what_it_was(shop: Repository, live: RawRegistry) -> None:
    shop.run("apply", "--yes")
    change(shop, "id", "amount")
    refused = shop.run("apply", "--yes")
    break_on_purpose(shop)

    applied = shop.run("apply", "--yes")

    assert refused.exit_code == 3
    assert applied.exit_code == 0
    assert "no readers yet" in applied.out
    assert json.loads(live.read_state()["order"].latest.text) == record("Order", "id", "amount")
    assert live.read_state()["order"].compatibility is None


@pytest.mark.parametrize("mode", [None, "FULL"])
def test_semantic_8_a_mode_that_comes_late_is_taken_back_by_the_next_run(
    shop: Repository, live: RawRegistry, mode: str | None
) -> None:
    declared = f"compatibility: {mode}\n" if mode else ""
    shop.write("schemas/order.yaml", declared)
    shop.commit()
    shop.run("apply", "--yes")
    break_on_purpose(shop, declared)
    shop.run("apply", "--yes")
    live.set_compatibility("order", "NONE")

    planned = shop.run("plan")
    restored = shop.run("apply", "--yes")
    after = live.read_compatibility("order")
    shop.run("apply", "--yes")
    live.set_compatibility("order", "NONE")
    somebodys = shop.run("plan")

    assert "came late" in planned.out
    assert (restored.exit_code, after) == (0, mode)
    assert "came late" not in somebodys.out, "once it was seen gone, NONE is somebody else's"
    assert ("Nothing to do." in somebodys.out) is (mode is None)


# What a run looks at.


def test_since_looks_at_what_changed_and_what_refers_to_it(shop: Repository) -> None:
    shop.write("schemas/money.avsc", record("Money", "currency"))
    shop.write("schemas/invoice.avsc", record("Invoice", {"name": "total", "type": "Money"}))
    shop.commit()
    shop.write("schemas/money.avsc", record("Money", "currency", NOTE))
    shop.commit()

    planned = shop.run("plan", "--since", "HEAD~1")
    unknown = shop.run("plan", "--since", "nowhere")

    assert "+ money" in planned.out and "+ invoice" in planned.out
    assert "+ order" not in planned.out
    assert unknown.exit_code == 1
    assert "no revision `nowhere`" in unknown.err


def test_since_sees_what_was_removed(shop: Repository) -> None:
    shop.write("schemas/gone.avsc", record("Gone", "id"))
    shop.commit()
    shop.run("apply", "--yes")
    (shop.root / "schemas/gone.avsc").unlink()
    shop.commit()

    assert "ORPHANED" in shop.run("plan", "--since", "HEAD~1").out
    assert "ORPHANED" not in shop.run("plan", "--since", "HEAD").out


def test_since_without_a_change_does_nothing(shop: Repository) -> None:
    planned = shop.run("plan", "--since", "HEAD", "--detailed-exitcode")

    assert planned.exit_code == 0
    assert "Nothing to do." in planned.out


def test_semantic_11_the_expected_digest_is_applied_and_no_other(shop: Repository, live: RawRegistry) -> None:
    digest = json.loads(shop.run("plan", "--output", "json").out)["digest"]

    refused = shop.run("apply", "--yes", "--expect", "0" * 64)
    applied = shop.run("apply", "--yes", "--expect", digest)

    assert refused.exit_code == 3
    assert "PLAN_CHANGED" in refused.err
    assert applied.exit_code == 0
    assert sorted(live.read_state()) == ["order"]


def test_semantic_11_a_plan_shows_the_command_that_applies_exactly_it(shop: Repository, live: RawRegistry) -> None:
    shop.write("schemas/other.avsc", record("Other", "id"))
    shop.commit()
    shown = shop.run("plan", "--subject", "ord*").out
    _, _, command = shown.partition("; to apply exactly this: schemafed ")

    applied = shop.run_plain(*shlex.split(command), "--yes")
    after = shop.run("plan", "--subject", "ord*").out

    assert applied.exit_code == 0, applied.text
    assert sorted(live.read_state()) == ["order"]
    assert "Digest" not in after, "there is nothing to apply"


def test_semantic_11_another_plan_is_applied_where_the_environment_says_so(shop: Repository, live: RawRegistry) -> None:
    rule(shop, "on_plan_change: proceed")
    shop.commit()

    applied = shop.run("apply", "--yes", "--expect", "0" * 64)

    assert applied.exit_code == 0
    assert "warning: the plan is" in applied.err and "000000000000 was reviewed" in applied.err
    assert sorted(live.read_state()) == ["order"]


def test_semantic_11_a_reviewed_plan_that_was_saved_tells_what_differs(
    shop: Repository, live: RawRegistry, tmp_path: Path
) -> None:
    shop.write("schemas/other.avsc", record("Other", "id"))
    shop.write("schemas/third.avsc", record("Third", "id"))
    shop.commit()
    shop.run("apply", "--yes", "--subject", "third")
    change(shop, "id", NOTE)
    reviewed = str(tmp_path / "reviewed.json")
    same = shop.run("plan", "--plan-file", reviewed)
    (shop.root / "schemas/other.avsc").unlink()
    shop.write("schemas/fourth.avsc", record("Fourth", "id"))
    shop.write("schemas/third.avsc", record("Third", "id", NOTE))
    change(shop, "id", TAG)

    refused = shop.run("apply", "--yes", "--expect", reviewed)

    assert (same.exit_code, refused.exit_code) == (0, 3)
    assert "not reviewed: new subject, AVRO\n  schemas/fourth.avsc  orders/fourth" in refused.err
    assert "not reviewed: new version after 1, AVRO\n  schemas/third.avsc  orders/third" in refused.err
    assert "reviewed, and not planned any more: new subject, AVRO\n  schemas/other.avsc  orders/other" in refused.err
    assert "reviewed otherwise: new subject, AVRO" in refused.err
    assert sorted(live.read_state()) == ["third"]


def test_semantic_11_a_reviewed_plan_that_was_saved_tells_what_moved(
    shop: Repository, live: RawRegistry, tmp_path: Path
) -> None:
    reviewed = str(tmp_path / "reviewed.json")
    shop.run("plan", "--plan-file", reviewed)
    live.set_compatibility("", "FULL")

    refused = shop.run("apply", "--yes", "--expect", reviewed)
    live.set_compatibility("", "BACKWARD")
    applied = shop.run("apply", "--yes", "--expect", reviewed)

    assert (refused.exit_code, applied.exit_code) == (3, 0)
    assert "what it rests on moved: mode BACKWARD; it is now mode FULL" in refused.err


@pytest.mark.parametrize("expected", ["0" * 11, "latest", "reviewed.json"])
def test_what_is_expected_must_be_a_digest_or_a_file(shop: Repository, expected: str) -> None:
    refused = shop.run("apply", "--yes", "--expect", expected)

    assert refused.exit_code == 1
    assert f"`{expected}` is neither a digest of at least 12 digits nor a file" in refused.err
