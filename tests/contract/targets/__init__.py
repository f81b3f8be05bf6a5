"""The registries that the contract suite runs against.

To run it over another kind, add a module here with its `STARTS` and a line below. For an adapter in a package of your
own, name such a module of yours, or several, in `SCHEMAFED_TEST_TARGETS`.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from importlib import import_module

import pytest

from tests.contract.targets import apicurio, confluent, glue, local, pulsar
from tests.contract.targets.target import Start, Target

__all__ = ["TARGETS", "Start", "Target", "start_target"]

_OTHERS = [import_module(name) for name in os.environ.get("SCHEMAFED_TEST_TARGETS", "").split()]
TARGETS: dict[str, Start] = {
    name: start
    for module in (local, confluent, glue, apicurio, pulsar, *_OTHERS)
    for name, start in module.STARTS.items()
}


def start_target(name: str, request: pytest.FixtureRequest, stack: ExitStack) -> Target:
    return stack.enter_context(TARGETS[name].run(request))
