"""Subjects that are called `tenant/namespace/topic`: many namespaces under one registry."""

from __future__ import annotations

import json

import pytest

from tests.contract.targets.pulsar import RawPulsar
from tests.repositories import MakeRepository, Repository, record

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("contract-pulsar")]

NOTE: dict[str, object] = {"name": "note", "type": "string", "default": ""}


@pytest.fixture
def clustered(raw: RawPulsar, make_repository: MakeRepository) -> Repository:
    """A repository whose folders below `schemas` are tenants and namespaces."""
    entry = json.dumps({"kind": "pulsar", "url": raw.url, "tenants": [raw.namespace.partition("/")[0]]})
    repository = make_repository(
        f'version: 1\nregistries:\n  cluster: {entry}\nsubjects: {{name: "{{{{ path }}}}"}}\n'
        "environments:\n  dev: {registries: [cluster]}\n"
    )
    repository.write(f"schemas/{raw.namespace}/order.avsc", record("Order", "id"))
    repository.commit()
    return repository


def test_subjects_are_topics_of_their_namespaces(clustered: Repository, raw: RawPulsar) -> None:
    applied = clustered.run("apply", "--yes")

    assert applied.exit_code == 0, applied.text
    assert len(raw.read_rows("order")) == 1
    assert clustered.run("plan", "--detailed-exitcode").exit_code == 0
    assert f"{raw.namespace}/order" in clustered.run("registries", "--overview").out


def test_each_is_judged_by_what_its_namespace_demands(clustered: Repository, raw: RawPulsar) -> None:
    clustered.run("apply", "--yes")
    raw.write_compatibility("", "BACKWARD")
    clustered.write(f"schemas/{raw.namespace}/order.avsc", record("Order", "id", NOTE))
    clustered.commit()
    fits = clustered.run("plan")
    clustered.write(f"schemas/{raw.namespace}/order.avsc", record("Order", "id", "total"))
    clustered.commit()

    planned = clustered.run("plan")

    assert fits.exit_code == 0, fits.text
    assert planned.exit_code == 3, planned.text
    assert "BACKWARD, what the subject inherits" in planned.out


def test_a_namespace_that_is_missing_is_said_before_its_topic_is_planned(clustered: Repository, raw: RawPulsar) -> None:
    tenant = raw.namespace.partition("/")[0]
    clustered.write(f"schemas/{tenant}/nowhere/order.avsc", record("Order", "id"))
    clustered.commit()

    planned = clustered.run("plan", "--subject", f"{tenant}/nowhere/*")

    assert planned.exit_code != 0
    assert f"namespace {tenant}/nowhere is not there" in planned.text


def test_a_name_that_is_no_topic_is_told_by_the_plan(clustered: Repository) -> None:
    clustered.write("schemas/order.avsc", record("Order", "id"))
    clustered.commit()

    planned = clustered.run("plan")

    assert planned.exit_code == 3, planned.text
    assert "tenant/namespace/topic" in planned.out
