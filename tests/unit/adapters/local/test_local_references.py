import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from local_samples import make_record, make_user_of

from adapters.local import LocalRegistry
from reconciler.errors import NotFoundError, RejectedError
from reconciler.model import Format, Mode, Reference, Schema

MONEY = make_record("amount", name="com.acme.Money")
TO_MONEY = Reference("com.acme.Money", "money", 1)
BASKET = make_user_of(TO_MONEY)


def test_references_come_back(registry: LocalRegistry) -> None:
    registry.register_schema("money", MONEY)
    registry.register_schema("basket", BASKET)

    (basket,) = registry.read_history("basket")

    assert basket.schema.references == (TO_MONEY,)


@pytest.mark.parametrize("version", [None, -1])
def test_the_newest_version_is_resolved_when_it_is_stored(registry: LocalRegistry, version: int | None) -> None:
    registry.register_schema("money", MONEY)
    registry.register_schema("money", make_record("amount", "currency", name="com.acme.Money"))

    stored = registry.register_schema("basket", make_user_of(Reference("com.acme.Money", "money", version)))

    assert stored.schema.references == (Reference("com.acme.Money", "money", 2),)


def test_another_version_referred_to_is_another_version(registry: LocalRegistry) -> None:
    registry.register_schema("money", MONEY)
    registry.register_schema("money", make_record("amount", "currency", name="com.acme.Money"))
    registry.register_schema("basket", BASKET)

    again = registry.register_schema("basket", make_user_of(Reference("com.acme.Money", "money", 2)))

    assert again.version == 2


MISSING = [
    (Reference("com.acme.Money", "coins", 1), "`com.acme.Money` refers to subject coins version 1, which is not there"),
    (Reference("com.acme.Money", "money", 9), "`com.acme.Money` refers to subject money version 9, which is not there"),
    (Reference("com.acme.Money", "coins"), "`com.acme.Money` refers to subject coins, which is not there"),
    (
        Reference("com.acme.Money", "money", 10**30),
        f"`com.acme.Money` refers to subject money version {10**30}, which is not there",
    ),
]


@pytest.mark.parametrize(("reference", "message"), MISSING)
def test_a_reference_to_nothing_is_refused(registry: LocalRegistry, reference: Reference, message: str) -> None:
    registry.register_schema("money", MONEY)

    with pytest.raises(RejectedError) as caught:
        registry.register_schema("basket", make_user_of(reference))

    assert (caught.value.code, caught.value.message) == (42201, message)
    assert registry.read_history("basket") == ()


def test_a_name_that_nothing_defines_is_refused(registry: LocalRegistry) -> None:
    with pytest.raises(RejectedError) as caught:
        registry.register_schema("basket", Schema(Format.AVRO, BASKET.definition))

    assert caught.value.code == 42201
    assert "com.acme.Money" in str(caught.value)


Delete = Callable[[LocalRegistry], object]
DELETIONS: dict[str, Delete] = {
    "version": lambda r: r.delete_version("money", 1),
    "subject": lambda r: r.delete_all_versions("money"),
}


@pytest.mark.parametrize("delete", DELETIONS.values(), ids=DELETIONS.keys())
def test_what_is_referenced_is_not_deleted(registry: LocalRegistry, delete: Delete) -> None:
    registry.register_schema("money", MONEY)
    registry.register_schema("basket", BASKET)
    registry.register_schema("cart", BASKET)

    with pytest.raises(RejectedError) as caught:
        delete(registry)

    assert caught.value.code == 42206
    assert caught.value.message == "version 1 is referenced by basket version 1, cart version 1"
    assert len(registry.read_history("money")) == 1


def test_many_referrers_are_counted(registry: LocalRegistry) -> None:
    registry.register_schema("money", MONEY)
    for number in range(7):
        registry.register_schema(f"basket-{number}", BASKET)

    with pytest.raises(RejectedError) as caught:
        registry.delete_all_versions("money")

    assert caught.value.message.endswith("basket-4 version 1 and 2 more")


def test_what_is_no_longer_referenced_is_deleted(registry: LocalRegistry) -> None:
    registry.register_schema("money", MONEY)
    registry.register_schema("basket", BASKET)
    registry.delete_all_versions("basket")

    assert registry.delete_all_versions("money") == (1,)


def test_a_soft_deleted_version_cannot_be_referred_to_anew(registry: LocalRegistry) -> None:
    registry.register_schema("money", MONEY)
    registry.delete_all_versions("money")

    with pytest.raises(RejectedError) as caught:
        registry.register_schema("basket", BASKET)

    assert caught.value.code == 42201


def test_a_chain_is_parsed_as_a_whole(registry: LocalRegistry) -> None:
    to_basket = Reference("com.acme.Basket", "basket", 1)
    registry.register_schema("money", MONEY)
    registry.register_schema("basket", BASKET)

    registry.register_schema("shop", make_user_of(to_basket, name="com.acme.Shop"))

    assert registry.read_history("shop")[0].schema.references == (to_basket,)


def test_a_version_with_references_is_looked_up_with_them(registry: LocalRegistry) -> None:
    registry.register_schema("money", MONEY)
    registry.register_schema("money", make_record("amount", "currency", name="com.acme.Money"))
    registry.register_schema("basket", BASKET)

    with pytest.raises(NotFoundError) as caught:
        registry.lookup_schema("basket", make_user_of(Reference("com.acme.Money", "money", 2)))

    assert registry.lookup_schema("basket", BASKET).version == 1
    assert caught.value.code == 40403


def test_the_order_of_references_is_no_new_version(registry: LocalRegistry) -> None:
    registry.register_schema("money", MONEY)
    registry.register_schema("place", make_record("city", name="com.acme.Place"))
    references = (TO_MONEY, Reference("com.acme.Place", "place", 1))
    definition = (
        '{"type": "record", "name": "com.acme.Bill", "fields": [{"name": "sum", "type": "com.acme.Money"},'
        ' {"name": "at", "type": "com.acme.Place"}]}'
    )

    answers = [
        registry.register_schema("bill", Schema(Format.AVRO, definition, order)).version
        for order in (references, references[::-1])
    ]

    assert answers == [1, 1]


def test_a_hard_deletion_leaves_nothing_behind(registry: LocalRegistry, tmp_path: Path) -> None:
    registry.register_schema("money", MONEY)
    registry.register_schema("basket", BASKET)
    registry.set_compatibility("basket", Mode.FULL)
    for subject in ("basket", "money"):
        registry.delete_all_versions(subject)
        registry.delete_all_versions(subject, permanent=True)

    connection = sqlite3.connect(tmp_path / "registry.db")
    left = [
        connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in ("contents", "versions", "uses", "settings")
    ]
    connection.close()

    assert left == [0, 0, 0, 0]
