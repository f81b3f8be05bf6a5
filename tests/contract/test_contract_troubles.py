"""Each trouble has an error of its own, with the registry's name on it and a way out."""

from collections.abc import Callable

import pytest

from reconciler.errors import (
    ForbiddenError,
    RegistryError,
    ThrottledError,
    UnauthorizedError,
    UnreachableError,
)
from reconciler.model import Mode
from reconciler.registry import SchemaRegistry
from tests.contract.samples import A
from tests.contract.skips import skip_unless_level
from tests.contract.targets import Target

Require = Callable[[str], None]

TROUBLES: dict[str, type[RegistryError]] = {
    "unreachable": UnreachableError,
    "unauthorized": UnauthorizedError,
    "forbidden": ForbiddenError,
    "throttled": ThrottledError,
}
CALLS: dict[str, Callable[[SchemaRegistry], object]] = {
    "read everything": lambda r: r.read_state(),
    "read by name": lambda r: r.read_state(["contract-s"]),
    "read a history": lambda r: r.read_history("contract-s"),
    "register": lambda r: r.register_schema("contract-s", A),
    "set a mode": lambda r: r.set_compatibility("contract-s", Mode.FULL),
    "set the level": lambda r: r.set_compatibility(None, Mode.FULL),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_trouble_is_an_error_of_its_own(target: Target, require: Require, trouble: str, call: str) -> None:
    require(trouble)

    with target.troubles[trouble]() as registry:
        if call == "set the level":
            skip_unless_level(registry)
        with pytest.raises(TROUBLES[trouble]) as caught:
            CALLS[call](registry)

    assert caught.value.registry == "contract"
    assert caught.value.fix


def test_health_of_a_registry_that_is_not_there(target: Target) -> None:
    with target.troubles["unreachable"]() as registry, pytest.raises(UnreachableError) as caught:
        registry.check_health()

    assert caught.value.registry == "contract"


def test_health_of_one_that_does_not_let_us_in(target: Target, require: Require) -> None:
    require("unauthorized")

    with target.troubles["unauthorized"]() as registry, pytest.raises(UnauthorizedError) as caught:
        registry.check_health()

    assert caught.value.registry == "contract"


def test_health_of_one_that_is_there(registry: SchemaRegistry) -> None:
    health = registry.check_health()

    assert health.product
    assert health.seconds >= 0


def test_a_write_whose_answer_was_lost_is_looked_up(target: Target, require: Require) -> None:
    require("lost answer")

    with target.troubles["lost answer"]() as registry:
        answer = registry.register_schema("contract-s", A)
        history = registry.read_history("contract-s")

    assert answer.version == 1
    assert [version.version for version in history] == [1]


def test_closing_twice_is_fine(target: Target) -> None:
    registry = target.open()
    registry.read_state([])

    registry.close()

    assert registry.close() is None  # type: ignore[func-returns-value]
