"""The newest state of every source in each kind of registry, and out of it again by `import`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from reconciler.model import SetDefaultCompatibility
from reconciler.operations.import_ import import_registry
from reconciler.operations.plan import plan
from reconciler.operations.scope import Scope
from tests.integration.corpus.checking import Checker
from tests.integration.corpus.comparing import load_document
from tests.integration.corpus.readings import read_local, read_server
from tests.integration.corpus.replaying import (
    LOCAL,
    apply_and_list_failures,
    commit_newest,
    plan_and_apply,
    start_empty_repository,
)
from tests.integration.corpus.snapshots import Corpus, Snapshot
from tests.integration.corpus.sources import SOURCES
from tests.servers.apicurio import ApicurioServer

pytestmark = pytest.mark.corpus


@pytest.mark.parametrize("name", SOURCES)
def test_what_the_local_registry_was_given_comes_back_by_import(name: str, corpus: Corpus, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    newest = commit_newest(first, corpus, name, LOCAL)
    plan_and_apply(first)
    held = read_local(first / ".schemafed" / "registry.db")
    start_empty_repository(second, LOCAL)
    shutil.copytree(first / ".schemafed", second / ".schemafed")

    import_registry(second, "target")

    made = plan(second, Scope()).plan
    assert (made.changes, made.findings) == ((), ())
    assert made.summary.unchanged == len(held) == len(SOURCES[name].declare(corpus, newest))


@pytest.mark.server
@pytest.mark.parametrize("name", SOURCES)
def test_apicurio_holds_the_files_and_gives_them_back(
    name: str, corpus: Corpus, tmp_path: Path, apicurio: ApicurioServer
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    prefix = f"corpus-{name}-"
    registry = f'{{kind: confluent, url: "{apicurio.url}", name: "{prefix}{{{{ name }}}}"}}'
    newest = commit_newest(first, corpus, name, registry)
    unknown = find_unknown_to_apicurio(corpus, name, newest)

    failures = apply_and_list_failures(first, plan(first, Scope()).plan)

    assert failures.keys() == {prefix + subject for subject in unknown}
    again = plan(first, Scope()).plan
    assert {change.subject for change in again.changes if not isinstance(change, SetDefaultCompatibility)} == set(
        failures
    )
    held = read_server(apicurio.url, prefix)
    differences = Checker(corpus, SOURCES[name], "NONE").find_differences(newest, held)
    assert sorted(differences) == sorted(f"{subject} is missing" for subject in unknown)

    start_empty_repository(second, registry)
    import_registry(second, "target", subject=f"{prefix}*")

    made = plan(second, Scope()).plan
    assert (made.changes, made.findings) == ((), ())
    assert made.summary.unchanged == len(held)


def find_unknown_to_apicurio(corpus: Corpus, name: str, snapshot: Snapshot) -> set[str]:
    """Subjects whose JSON Schema this server does not take for one, whatever type it is told.

    Apicurio 3.3.3 looks into the text: `$schema` must be one of json-schema.org, or `properties` must be there.
    """
    unknown = set()
    for subject, declared in SOURCES[name].declare(corpus, snapshot).items():
        if declared.file.format == "JSON":
            document = load_document(corpus.read_text(declared.file.path))
            if "json-schema.org" not in str(document.get("$schema")) and "properties" not in document:
                unknown.add(subject)
    return unknown
