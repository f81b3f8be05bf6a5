"""Earlier states that ``schemafed check`` cannot read: where the mode counts them, it says so and never passes."""

from __future__ import annotations

import pytest

from tests.repositories import MakeRepository, Repository, over_rest, record

POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'4' * 64}\nsize 120\n"
USES = record("Order", {"name": "price", "type": "com.acme.Money"})


def begin(make_repository: MakeRepository, mode: str) -> Repository:
    repository = make_repository(over_rest("http://127.0.0.1:9"))
    repository.write("schemas/orders.yaml", f"compatibility: {mode}\n")
    return repository


def go_on(repository: Repository) -> str:
    """Mend what is there, and change it on a branch; the name of the commit that cannot be read."""
    repository.commit("Cannot be read")
    broken = repository.git("rev-parse", "HEAD").strip()[:12]
    repository.write("schemas/money.avsc", record("Money", "amount"))
    repository.write("schemas/orders.avsc", USES)
    repository.commit("Whole")
    repository.git("checkout", "--quiet", "-b", "change")
    fields = [{"name": "price", "type": "com.acme.Money"}, {"name": "note", "type": "string", "default": ""}]
    repository.write("schemas/orders.avsc", record("Order", *fields))
    return broken


def test_a_file_that_was_missing_then_is_named(make_repository: MakeRepository) -> None:
    repository = begin(make_repository, "BACKWARD_TRANSITIVE")
    repository.write("schemas/orders.avsc", USES)
    broken = go_on(repository)

    done = repository.run("check")

    assert done.exit_code == 3
    assert "HISTORY_INCOMPLETE" in done.out
    assert f"cannot be read as it was at commit {broken}" in done.out
    assert "com.acme.Money" in done.out


@pytest.mark.parametrize("file", ["orders", "money"])
def test_a_pointer_of_lfs_in_the_history_is_told_as_one(make_repository: MakeRepository, file: str) -> None:
    repository = begin(make_repository, "BACKWARD_TRANSITIVE")
    repository.write("schemas/orders.avsc", USES)
    repository.write("schemas/money.avsc", record("Money", "amount"))
    repository.write(f"schemas/{file}.avsc", POINTER)
    broken = go_on(repository)

    done = repository.run("check")

    assert done.exit_code == 3
    assert f"schemas/{file}.avsc cannot be read as it was at commit {broken}" in done.out
    assert "Git LFS" in done.out


@pytest.mark.parametrize("file", ["orders", "money"])
def test_a_pointer_does_not_matter_where_only_the_latest_counts(make_repository: MakeRepository, file: str) -> None:
    repository = begin(make_repository, "BACKWARD")
    repository.write("schemas/orders.avsc", USES)
    repository.write("schemas/money.avsc", record("Money", "amount"))
    repository.write(f"schemas/{file}.avsc", POINTER)
    go_on(repository)

    done = repository.run("check")

    assert done.exit_code == 0, done.text
    assert "HISTORY_INCOMPLETE" not in done.out
