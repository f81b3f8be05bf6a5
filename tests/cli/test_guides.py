"""The tutorial and the how-to guides do what they say: their commands are run, and print what the pages show."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from adapters.local import LocalRegistry
from reconciler.model import Format, Mode, Reference, Schema
from reconciler.registry import RegistrySettings
from tests.doubles.confluent import ConfluentDouble
from tests.guides import Reader, read_blocks
from tests.raw_registry import RawRegistry
from tests.repositories import Repository, record, run_git

DOCS = Path(__file__).parents[2] / "docs"
Prepare = Callable[[Reader], object]

PAYMENT = "schemas/payments/payment-received-value.avsc"
REFUND = "schemas/payments/payment-refunded-value.avsc"
SIDECAR = "schemas/payments/payment-received-value.meta.yaml"
PLACED = "schemas/orders/order-placed-value.avsc"
SHOP = """\
version: 1
registries:
  test: {kind: local, path: .schemafed/test.db}
  orders: {kind: local, path: .schemafed/orders.db}
environments:
  staging: {registries: [test]}
  prod: {registries: [orders]}
"""
SOMEBODY_ELSE = """\
version: 1
registries:
  orders: {kind: local, path: ../shop/.schemafed/orders.db}
"""


TWO_REGISTRIES = """\
version: 1
registries:
  legacy: {kind: local, path: legacy.db}
  cloud: {kind: local, path: cloud.db}
"""


def placed(*names: str, **more: object) -> str:
    """An order; further fields have defaults."""
    fields = [{"name": name, "type": "long", "default": 0} for name in names]
    return json.dumps(record("OrderPlaced", "id", *fields, *([more] if more else [])), indent=2) + "\n"


def _tip(reader: Reader) -> None:
    order = '{"name": "order_id", "type": "string"},\n'
    reader.edit(PAYMENT, order, order + '    {"name": "tip", "type": "long", "default": 0},\n')


def _open_shop(reader: Reader) -> None:
    """A repository with two environments, in which one subject is declared."""
    reader.folder /= "shop"
    reader.folder.mkdir()
    run_git(reader.folder, "init", "--quiet", "--initial-branch", "main")
    reader.write(".gitignore", ".schemafed/\n*.plan.json\n")
    reader.write("schemafed.yaml", SHOP)
    reader.write("schemas/orders/defaults.yaml", "compatibility: BACKWARD_TRANSITIVE\nowner: payments\n")
    reader.write(PLACED, placed())
    reader.commit("Begin to take orders")


def _break_an_order(reader: Reader) -> None:
    _open_shop(reader)
    reader.write(PLACED, placed("total"))
    reader.commit("Add the total")
    run_git(reader.folder, "checkout", "--quiet", "-b", "change")
    reader.write(PLACED, placed(name="total", type="long"))


def _keep_an_order_that_git_never_had(reader: Reader) -> None:
    run_git(reader.folder, "checkout", "--quiet", "--", ".")
    (reader.folder / ".schemafed").mkdir(exist_ok=True)
    with closing(
        LocalRegistry(RegistrySettings("test", "local", reader.folder, {"path": ".schemafed/test.db"}))
    ) as test:
        test.set_compatibility("order-placed-value", Mode.NONE)
        for text in (json.dumps(record("OrderPlaced", "number")), placed("total")):
            test.register_schema("order-placed-value", Schema(Format.AVRO, text))
    reader.schemafed("apply", "-e", "staging", "--yes")
    reader.write(PLACED, placed("total", "tip"))


def _let_somebody_else_write(reader: Reader) -> None:
    _open_shop(reader)
    reader.schemafed("apply", "-e", "prod", "--yes")
    theirs = Reader(reader.folder.parent / "theirs", reader.terminal)
    theirs.write("schemafed.yaml", SOMEBODY_ELSE)
    theirs.write("schemas/order-placed-value.avsc", placed("note"))
    theirs.write("schemas/payment-made-value.avsc", json.dumps(record("PaymentMade", "id")))
    run_git(theirs.folder, "init", "--quiet")
    theirs.commit("Something of their own")
    theirs.schemafed("apply", "--take-over", "*", "--yes")


def _declare_what_is_theirs(reader: Reader) -> None:
    reader.write("schemafed.yaml", SHOP.replace("  staging: {registries: [test]}\n", ""))
    reader.write("schemas/payment-made-value.avsc", json.dumps(record("PaymentMade", "id", "amount")))
    reader.edit("schemafed.yaml", "[orders]}", "[orders], on_drift: {schema: overwrite}}")
    reader.write("schemas/defaults.yaml", "compatibility: NONE\n")
    reader.commit("Declare payments")


def _apply_to_staging(reader: Reader) -> None:
    _open_shop(reader)
    reader.schemafed("apply", "--yes")
    reader.write(PLACED, placed("draft"))
    reader.commit("Not in staging yet")


def _release_twice(reader: Reader) -> None:
    _open_shop(reader)
    money = record("Money", {"name": "units", "type": "long"})
    reader.write("schemas/money.avsc", json.dumps(money))
    for name in ("OrderShipped", "RefundIssued"):
        stem = {"OrderShipped": "orders/order-shipped-value", "RefundIssued": "refund-issued-value"}[name]
        reader.write(f"schemas/{stem}.avsc", json.dumps(record(name, {"name": "price", "type": "com.acme.Money"})))
    reader.commit("Release 1.4.0")
    run_git(reader.folder, "tag", "v1.4.0")
    reader.schemafed("apply", "--yes")
    reader.write(PLACED, placed("total"))
    money["fields"] = [{"name": "units", "type": "long"}, {"name": "cents", "type": "int", "default": 0}]
    reader.write("schemas/money.avsc", json.dumps(money))
    reader.commit("Release 1.5.0")
    reader.schemafed("apply", "--yes")


def _order(**kinds: str) -> str:
    return json.dumps(record("Order", *({"name": name, "type": kind} for name, kind in kinds.items())), indent=2)


def _keep_three_orders(reader: Reader) -> None:
    """Three versions in files of their own, and one in the registry that the present one follows."""
    for number, text in enumerate((_order(id="string"), placed("total"), _order(id="string", total="long")), 1):
        reader.write(f"order-{number}.avsc", text.replace("OrderPlaced", "Order"))
    reader.write("schemafed.yaml", SHOP)
    reader.write("schemas/order.avsc", _order(id="string"))
    run_git(reader.folder, "init", "--quiet")
    reader.commit("Begin to take orders")
    reader.schemafed("apply", "-e", "prod", "--yes", "--allow-dirty")
    run_git(reader.folder, "commit", "--quiet", "--allow-empty", "--message", "Something else")
    reader.write("schemas/order.avsc", _order(id="int", total="int"))
    ask = {"format": "AVRO", "mode": "BACKWARD", "existing": [_order(id="string")]}
    asked = ({"id": 1, **ask, "new": _order(id="int")}, {"id": 2, **ask, "new": "{id}"})
    reader.write("requests.jsonl", "".join(f"{json.dumps(one)}\n" for one in asked))


def _fill_legacy(reader: Reader) -> None:
    """A registry with histories, one of which its mode would not let in today, and one that is empty."""
    reader.write("schemafed.yaml", TWO_REGISTRIES)
    with closing(LocalRegistry(RegistrySettings("legacy", "local", reader.folder, {"path": "legacy.db"}))) as legacy:
        for name in ("note", "source"):
            text = json.dumps(record("Money", "currency", {"name": name, "type": "string", "default": ""}))
            legacy.register_schema("money", Schema(Format.AVRO, text))
        legacy.set_compatibility("order-value", Mode.NONE)
        for number, kind in ((1, "Money"), (1, "string"), (2, "Money")):
            used = (Reference("com.acme.Money", "money", number),) if kind == "Money" else ()
            text = json.dumps(record("Order", {"name": "total", "type": kind}))
            legacy.register_schema("order-value", Schema(Format.AVRO, text, used))
        legacy.set_compatibility("order-value", Mode.FULL)


GUIDES: Mapping[str, Mapping[str, Prepare]] = {
    "tutorial.md": {
        "3. Change a schema": _tip,
        "4. Break something": lambda r: r.edit(REFUND, '"name": "payment_id"', '"name": "payment"'),
        "5. Make a slip": lambda r: r.edit(SIDECAR, "compatibility:", "compatability:"),
    },
    "how-to/check-compatibility.md": {"": _keep_three_orders},
    "how-to/check-offline.md": {
        "": _break_an_order,
        "Ask the registries too": _keep_an_order_that_git_never_had,
    },
    "how-to/copy.md": {"": _fill_legacy},
    "how-to/drift.md": {"": _let_somebody_else_write, "Take over what exists": _declare_what_is_theirs},
    "how-to/promote.md": {"": _apply_to_staging},
    "how-to/roll-back.md": {"": _release_twice},
}
"""By page, what its reader does by hand, or what was there before, at the top ("") or below a heading."""


@pytest.fixture
def reader(
    plain_environment: None, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Reader:
    monkeypatch.chdir(tmp_path)
    return Reader(tmp_path, Repository(tmp_path, capsys))


def do_all(name: str, reader: Reader, prepare: Mapping[str, Prepare]) -> None:
    prepare.get("", lambda reader: None)(reader)
    for block in read_blocks(DOCS / name):
        if block.language:
            reader.do(block)
        else:
            prepare.get(block.text, lambda reader: None)(reader)


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_shows_what_its_commands_print(name: str, reader: Reader) -> None:
    do_all(name, reader, GUIDES[name])


def test_an_import_writes_what_is_live(
    reader: Reader, double: ConfluentDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORDERS_REGISTRY_URL", double.url)
    live = RawRegistry(double.url)
    live.send("POST", "/subjects/order-placed-value/versions", {"schema": placed()})
    run_git(reader.folder, "init", "--quiet")

    do_all("how-to/import.md", reader, {})

    assert (reader.folder / "schemas/order-placed-value.avsc").is_file()


def test_every_guide_with_commands_is_done() -> None:
    guides = [DOCS / "tutorial.md", *(DOCS / "how-to").glob("*.md")]
    told = {
        page.relative_to(DOCS).as_posix() for page in guides if any(b.language == "console" for b in read_blocks(page))
    }

    assert told == {*GUIDES, "how-to/import.md"}
