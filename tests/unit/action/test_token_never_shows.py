"""The token that the action is given shows neither in the log of the job nor in what a library logs."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from reconciler.secrets.redaction import forget_all
from tests.doubles.github import GitHubDouble
from tests.doubles.wire import make_json_reply
from tests.repositories import Repository, record
from tests.unit.action.conftest import TOKEN, Step


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    factory = logging.getLogRecordFactory()
    yield
    logging.setLogRecordFactory(factory)
    forget_all()


def test_a_forge_that_says_it_back_is_told_without_it(
    step: Step, repository: Repository, github: GitHubDouble, caplog: pytest.LogCaptureFixture
) -> None:
    repository.write("schemas/orders.avsc", record("Order", "id"))
    repository.commit()

    def answer(request: object) -> object:
        logging.getLogger("vendor.http").warning("refused: %s", TOKEN)
        return make_json_reply(422, {"message": f"`{TOKEN}` may not"})

    github.answer = answer  # type: ignore[assignment]

    done = step(command="plan")

    assert done.exit_code == 0
    assert "`***` may not" in done.log
    assert TOKEN not in done.log + done.summary
    assert caplog.messages and set(caplog.messages) == {"refused: ***"}
