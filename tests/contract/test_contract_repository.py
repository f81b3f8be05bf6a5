"""The whole command over every kind: what a repository declares is applied, and then there is nothing to do; what Git
takes back becomes the latest again, or is refused with the reason. What came of it is told by the raw reader.
"""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from reconciler.model import Deletion, Format, Mode, Schema
from reconciler.registry import Capabilities, RestoreWay, SchemaRegistry
from tests.contract.samples import AB, SAMPLES, A, is_same_text, make_avro
from tests.contract.targets import Target
from tests.repositories import MakeRepository, Repository

ENDINGS = {Format.AVRO: "avsc", Format.JSON: "schema.json", Format.PROTOBUF: "proto"}
LARGE = make_avro(("a", "string"), doc="x" * 3_000_000)


@dataclass(frozen=True)
class Shop:
    """A repository whose only registry is the target; its subjects have a prefix there that nobody else has."""

    repository: Repository
    target: Target
    capabilities: Capabilities
    prefix: str

    @property
    def formats(self) -> list[Format]:
        """Those that events are written by, which every kind has; other documents have tests of their own."""
        return sorted(self.capabilities.formats & ENDINGS.keys())

    def declare(self, schema: Schema, subject: str = "order") -> None:
        self.repository.write(f"schemas/{subject}.{ENDINGS[schema.format]}", schema.definition)
        self.repository.commit()

    def apply(self) -> None:
        applied = self.repository.run("apply", "--yes")
        assert applied.exit_code == 0, applied.text

    def is_settled(self) -> bool:
        planned = self.repository.run("plan", "--detailed-exitcode")
        return planned.exit_code == 0 and "Nothing to do." in planned.out

    def holds(self, schema: Schema, subject: str = "order") -> bool:
        return is_same_text(schema, self.target.raw.read_versions(self.prefix + subject)[-1])


MakeShop = Callable[..., Shop]


@pytest.fixture
def make_shop(target: Target, registry: SchemaRegistry, make_repository: MakeRepository) -> Iterator[MakeShop]:
    prefix = f"contract-{uuid.uuid4().hex[:10]}-"

    def make(deletion: Deletion = Deletion.HARD, mode: Mode = Mode.BACKWARD) -> Shop:
        entry = json.dumps({**target.entry, "name": f"{prefix}{{{{ name }}}}"})
        environment = f"{{registries: [orders], deletion: {deletion}, compatibility: {mode}}}"
        settings = f"version: 1\nregistries:\n  orders: {entry}\nenvironments:\n  prod: {environment}\n"
        return Shop(make_repository(settings), target, registry.capabilities, prefix)

    yield make
    if target.is_shared:
        for subject in ("order", *ENDINGS):
            target.raw.delete_subject(f"{prefix}{subject.lower()}")


def test_what_is_applied_is_there_and_the_next_plan_is_empty(make_shop: MakeShop) -> None:
    shop = make_shop()
    for one in shop.formats:
        shop.declare(SAMPLES[one].first, one.lower())

    shop.apply()

    assert all(shop.holds(SAMPLES[one].first, one.lower()) for one in shop.formats)
    assert shop.target.raw.read_compatibility(f"{shop.prefix}avro") == "BACKWARD"
    assert shop.is_settled()


def test_what_git_changes_is_changed_and_the_next_plan_is_empty(make_shop: MakeShop) -> None:
    shop = make_shop()
    for one in shop.formats:
        shop.declare(SAMPLES[one].first, one.lower())
    shop.apply()
    for one in shop.formats:
        shop.declare(SAMPLES[one].compatible, one.lower())

    shop.apply()

    assert all(shop.holds(SAMPLES[one].compatible, one.lower()) for one in shop.formats)
    assert shop.is_settled()


def test_what_git_takes_back_is_the_latest_again(make_shop: MakeShop) -> None:
    shop = make_shop()
    if shop.capabilities.restore is RestoreWay.NONE:
        pytest.skip("going back to an older schema: not among its capabilities (restore)")
    for schema in (A, AB):
        shop.declare(schema)
        shop.apply()
    shop.repository.git("revert", "--no-edit", "HEAD")

    shop.apply()

    assert shop.holds(A)
    assert shop.is_settled()


def test_going_back_where_nothing_may_be_deleted_is_refused_with_the_reason(make_shop: MakeShop) -> None:
    shop = make_shop(deletion=Deletion.FORBID)
    if shop.capabilities.restore is RestoreWay.NEW_VERSION:
        pytest.skip("refusing to go back: it restores under a new number (restore), which needs no deletion")
    for schema in (A, AB):
        shop.declare(schema)
        shop.apply()
    shop.repository.git("revert", "--no-edit", "HEAD")

    refused = shop.repository.run("apply", "--yes")

    assert refused.exit_code == 3
    assert "OLDER_VERSION" in refused.out
    assert "deletion" in refused.out
    assert shop.holds(AB)


def test_going_back_to_what_is_incompatible_is_refused_with_the_reason(make_shop: MakeShop) -> None:
    """Field `a` had no default at first, so that whoever reads by that schema misses it in what is written now.

    The mode looks at every version: one that looks at a checkpoint would compare the older schema with itself.
    """
    shop = make_shop(mode=Mode.BACKWARD_TRANSITIVE)
    required = Schema(
        Format.AVRO, json.dumps({"type": "record", "name": "Order", "fields": [{"name": "a", "type": "string"}]})
    )
    without = Schema(Format.AVRO, json.dumps({"type": "record", "name": "Order", "fields": []}))
    for schema in (required, without):
        shop.declare(schema)
        shop.apply()
    shop.repository.git("revert", "--no-edit", "HEAD")

    refused = shop.repository.run("apply", "--yes")

    assert refused.exit_code == 3, refused.text
    assert "READER_FIELD_MISSING_DEFAULT_VALUE" in refused.out
    assert shop.holds(without)


def test_a_schema_of_three_megabytes_is_applied_or_refused_before_anything_is_written(make_shop: MakeShop) -> None:
    shop = make_shop()
    if "schemas of 3 MB" in shop.target.lacks:
        pytest.skip(f"schemas of 3 MB: {shop.target.lacks['schemas of 3 MB']}")
    shop.declare(LARGE)

    applied = shop.repository.run("apply", "--yes")

    if (shop.capabilities.max_bytes or math.inf) > len(LARGE.definition):
        assert applied.exit_code == 0, applied.text
        assert shop.holds(LARGE)
        assert shop.is_settled()
    else:
        assert applied.exit_code == 3
        assert "UNSUPPORTED_SIZE" in applied.out
        assert shop.target.raw.read_versions(f"{shop.prefix}order") == []
