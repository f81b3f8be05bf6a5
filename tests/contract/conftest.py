"""Fixtures of the contract suite: every test runs once for each target."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from reconciler.registry import SchemaRegistry
from tests.contract import summary
from tests.contract.targets import TARGETS, Target, start_target


def pytest_configure(config: pytest.Config) -> None:
    if not config.pluginmanager.is_registered(summary):
        config.pluginmanager.register(summary, "contract-summary")


def _make_param(name: str) -> object:
    start = TARGETS[name]
    marks = [pytest.mark.xdist_group(start.group or f"contract-{name}")]
    if start.is_server:
        marks.append(pytest.mark.server)
    return pytest.param(name, marks=marks, id=name)


@pytest.fixture(scope="session", params=[_make_param(name) for name in TARGETS])
def running_target(request: pytest.FixtureRequest) -> Iterator[Target]:
    with ExitStack() as stack:
        yield start_target(request.param, request, stack)


@pytest.fixture
def target(running_target: Target) -> Target:
    return running_target


@pytest.fixture
def registry(target: Target) -> Iterator[SchemaRegistry]:
    opened = target.open()
    yield opened
    opened.close()


@pytest.fixture
def name(target: Target) -> Iterator[Callable[[str], str]]:
    """Makes names of subjects that no other test and nobody else has, and takes the subjects away in the end."""
    prefix = f"contract-{uuid.uuid4().hex[:10]}-"
    made: list[str] = []

    def make(rest: str = "s") -> str:
        made.append(prefix + rest)
        return made[-1]

    yield make
    if target.is_shared:
        # Those made later refer to those made before.
        for subject in reversed(made):
            target.raw.delete_subject(subject)


@pytest.fixture
def require(target: Target) -> Callable[[str], None]:
    """Skips the test where the target lacks what it needs."""

    def check(feature: str) -> None:
        if feature in target.lacks:
            pytest.skip(f"{feature}: {target.lacks[feature]}")

    return check
