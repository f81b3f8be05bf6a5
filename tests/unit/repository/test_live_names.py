"""Names in registries, and registries that are one."""

from __future__ import annotations

from repository_files import Load, only, record

from reconciler.model import Mode

A = record("A", "long")


def test_template_of_a_registry_names_subjects_there(load: Load) -> None:
    state = load(
        {
            "schemafed.yaml": (
                "version: 1\nregistries:\n"
                "  orders: {kind: local, name: 'team.{{ name }}', compatibility: FULL}\n"
                "  laptop: {kind: local}\n"
            ),
            "schemas/a.avsc": A,
        }
    )

    assert state.environment == "default"
    assert {n: dict(r.names) for n, r in state.registries.items()} == {"orders": {"a": "team.a"}, "laptop": {"a": "a"}}
    assert state.registries["orders"].default_mode is Mode.FULL
    assert str(state.registries["orders"].default_mode_location) == "schemafed.yaml:3:50"


def test_subject_goes_only_to_its_registries(load: Load) -> None:
    state = load(
        {
            "schemafed.yaml": "version: 1\nregistries:\n  one: {kind: local}\n  two: {kind: local}\n",
            "schemas/a.avsc": A,
            "schemas/a.yaml": "registries: [two]\n",
        }
    )

    assert {n: dict(r.names) for n, r in state.registries.items()} == {"one": {}, "two": {"a": "a"}}


def test_semantic_1_two_subjects_of_one_live_name(load: Load) -> None:
    found = only(
        load(
            {
                "schemafed.yaml": "version: 1\nregistries: {r: {kind: local, name: '{{ name[0] }}'}}\n",
                "schemas/a1.avsc": A,
                "schemas/a2.avsc": A,
                "schemas/b.avsc": A,
            }
        )
    )

    assert (found.code, str(found.location)) == ("LIVE_NAME_COLLISION", "schemas/a2.avsc")
    assert found.message == "in registry r, subjects `a1` and `a2` are both called `a`"


def test_semantic_1_two_environments_that_write_to_one_registry(load: Load) -> None:
    found = only(
        load(
            {
                "schemafed.yaml": (
                    "version: 1\n"
                    "registries:\n"
                    "  a: {kind: confluent, url: '${URL}'}\n"
                    "  b: {kind: confluent, url: '${URL}/'}\n"
                    "environments:\n"
                    "  dev: {registries: [a]}\n"
                    "  prod: {registries: [b]}\n"
                ),
                "schemas/a.avsc": A,
            }
        )
    )

    assert (found.code, str(found.location)) == ("LIVE_NAME_COLLISION", "schemafed.yaml:7:23")
    assert found.message == (
        "environments dev and prod write to one registry (a and b), where one subject is the same: `a`"
    )


def test_template_with_the_environment_keeps_them_apart(load: Load) -> None:
    state = load(
        {
            "schemafed.yaml": (
                "version: 1\n"
                "registries: {r: {kind: local, name: '{{ environment }}.{{ name }}'}}\n"
                "environments: {dev: {registries: [r]}, prod: {registries: [r]}}\n"
            ),
            "schemas/a.avsc": A,
        },
        "prod",
    )

    assert state.findings == ()
    assert state.registries["r"].names == {"a": "prod.a"}
