"""`compat` with a live subject: its mode, its versions, and what each name of the file means."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.compat_samples import MONEY, OLD, PRICED, WITH_DEFAULT, WITH_TOTAL, WITHOUT_NOTE, judge
from tests.doubles.confluent import ConfluentDouble
from tests.repositories import Repository, record


@pytest.fixture
def live(double: ConfluentDouble, online: Repository) -> Repository:
    """A repository whose registry has two versions of `order`; commands run in its root."""
    double.register("order", json.dumps(OLD))
    double.register("order", json.dumps(WITH_DEFAULT))
    return online


def against_order(live: Repository, file: str, *options: str) -> dict[str, Any]:
    return judge(live, file, "--registry", "orders", "--subject", "order", *options)


def test_the_mode_is_the_subjects_own_else_the_registrys_level(live: Repository, double: ConfluentDouble) -> None:
    live.write("new.avsc", WITHOUT_NOTE)
    double.set_compatibility("", "FORWARD")

    by_level = against_order(live, "new.avsc")
    double.set_compatibility("order", "BACKWARD_TRANSITIVE")
    by_subject = against_order(live, "new.avsc")
    given = against_order(live, "new.avsc", "--mode", "NONE")

    assert (by_level["mode"], by_level["basis"]) == ("FORWARD", "the registry's own level")
    assert (by_subject["mode"], by_subject["basis"]) == ("BACKWARD_TRANSITIVE", "set on the subject in the registry")
    assert (given["mode"], given["basis"]) == ("NONE", "given with --mode")
    assert [d["compatible"] for d in (by_level, by_subject, given)] == [False, True, True]
    assert by_subject["compared"] == [1, 2]


def test_a_live_subject_is_reported_by_its_versions(live: Repository) -> None:
    live.write("new.avsc", WITH_TOTAL)

    judged = live.run_plain("compat", "new.avsc", "--registry", "orders", "--subject", "order", "--mode", "FULL")

    assert judged.exit_code == 0
    assert judged.out.splitlines() == [
        "new.avsc (AVRO) after:",
        "  orders/order version 1 (does not count)",
        "  orders/order version 2",
        "",
        "Compatible with version 2 (FULL, given with --mode).",
    ]


def test_an_unknown_subject_is_an_error(live: Repository) -> None:
    live.write("new.avsc", OLD)

    judged = live.run_plain("compat", "new.avsc", "--registry", "orders", "--subject", "ordr")

    assert judged.exit_code == 1
    assert "orders/ordr: the registry has no such subject" in judged.err


def test_an_old_version_that_cannot_be_read_is_an_error(live: Repository, double: ConfluentDouble) -> None:
    live.write("new.avsc", OLD)
    double.plant_text("order", "{")

    judged = live.run_plain("compat", "new.avsc", "--registry", "orders", "--subject", "order")

    assert judged.exit_code == 1
    assert "orders/order" in judged.err
    assert "Traceback" not in judged.text


@pytest.mark.parametrize(("mode", "exit_code"), [("BACKWARD", 0), ("NONE", 0), ("BACKWARD_TRANSITIVE", 1)])
def test_a_version_that_the_mode_skips_may_be_unreadable(
    online: Repository, double: ConfluentDouble, mode: str, exit_code: int
) -> None:
    online.write("new.avsc", OLD)
    double.register("order", json.dumps(OLD))
    double.plant_text("order", "{")
    double.set_compatibility("order", "NONE")
    double.register("order", json.dumps(WITH_DEFAULT))

    judged = online.run_plain("compat", "new.avsc", "--registry", "orders", "--subject", "order", "--mode", mode)

    assert judged.exit_code == exit_code
    assert ("orders/order: version 1 cannot be read" in judged.err) is bool(exit_code)


def reference(version: int) -> dict[str, object]:
    return {"name": "com.acme.Money", "subject": "money", "version": version}


@pytest.fixture
def priced(live: Repository, double: ConfluentDouble) -> Repository:
    """The registry's `priced` refers to version 1 of `money`, which has a version 2 with one field more."""
    double.register("money", json.dumps(MONEY))
    double.register("priced", json.dumps(PRICED), references=[reference(1)])
    double.register("money", json.dumps(record("Money", "currency", {"name": "scale", "type": "int", "default": 2})))
    return live


# The same text compares differently, as `com.acme.Money` means something else each time.
MEANINGS: list[tuple[str, dict[str, object], tuple[str, ...], str, bool]] = [
    # path of Order, what Money is in the repository, options, path of Money, compatible
    ("schemas/order.avsc", record("Money", "currency", "rate"), (), "schemas/money.avsc", False),
    ("order.avsc", record("Money", "currency", "rate"), ("--reference", "x.avsc"), "x.avsc", False),
    ("order.avsc", record("Money", "currency", "rate"), (), "elsewhere/money.avsc", True),
]


@pytest.mark.parametrize(
    ("path", "money", "options", "money_path", "is_compatible"), MEANINGS, ids=["repository", "option", "registry"]
)
def test_references_of_the_file(
    priced: Repository,
    path: str,
    money: dict[str, object],
    options: tuple[str, ...],
    money_path: str,
    is_compatible: bool,
) -> None:
    priced.write(path, PRICED)
    priced.write(money_path, money)

    document = judge(priced, path, "--registry", "orders", "--subject", "priced", *options)

    assert document["compatible"] is is_compatible
    breaking = [d["message"].split(",")[0] for d in document["differences"] if not d["compatible"]]
    assert breaking == ([] if is_compatible else ["`price.rate` was added without a default"])


def test_a_problem_of_the_repository_is_an_error_with_its_place(priced: Repository) -> None:
    priced.write("schemas/order.avsc", PRICED)

    judged = priced.run_plain("compat", "schemas/order.avsc", "--registry", "orders", "--subject", "priced")

    assert judged.exit_code == 1
    assert judged.err.startswith("error: schemas/order.avsc:12:7: no schema defines `com.acme.Money`")


def test_a_name_that_nothing_has_is_an_error(live: Repository) -> None:
    live.write("order.avsc", PRICED)

    judged = live.run_plain("compat", "order.avsc", "--registry", "orders", "--subject", "order")

    assert judged.exit_code == 1
    assert "order.avsc:12:7: no schema defines `com.acme.Money`" in judged.err
    assert "--reference [com.acme.Money=]FILE" in judged.err
