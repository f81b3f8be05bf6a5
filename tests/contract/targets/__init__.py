"""The registries that the contract suite runs against.

To run it over another kind, add a module here with its `STARTS` and a line below.
"""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from tests.contract.targets import apicurio, confluent, glue, local, pulsar
from tests.contract.targets.target import Start, Target

__all__ = ["TARGETS", "Start", "Target", "start_target"]

TARGETS: dict[str, Start] = {**local.STARTS, **confluent.STARTS, **glue.STARTS, **apicurio.STARTS, **pulsar.STARTS}


def start_target(name: str, request: pytest.FixtureRequest, stack: ExitStack) -> Target:
    return stack.enter_context(TARGETS[name].run(request))
