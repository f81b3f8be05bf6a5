"""The newest state of every source in AWS Glue (its double) and in a group of a real Apicurio Registry: applied,
nothing left to do, imported into an empty repository, and again nothing to do.

The larger sources are left out, since they take a minute each; `SCHEMAFED_TEST_WHOLE=1` takes them all.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import fastavro
import pytest

from reconciler.operations.import_ import import_registry
from reconciler.operations.plan import plan
from reconciler.operations.scope import Scope
from tests.convergence.own_registries import OwnRegistry, open_own_glue, open_own_group
from tests.integration.corpus.checking import Checker
from tests.integration.corpus.comparing import load_document, make_comparable
from tests.integration.corpus.readings import Held, read_raw
from tests.integration.corpus.replaying import commit_newest, plan_and_apply, start_empty_repository
from tests.integration.corpus.snapshots import Corpus, IndexedFile, Snapshot
from tests.integration.corpus.sources import SOURCES, Declared, RepositoryOfSource
from tests.servers.apicurio import ApicurioServer

pytestmark = pytest.mark.corpus

_LARGE = ("iglu-central", "openlineage", "radar-schemas")
_CHOSEN = [name for name in SOURCES if name not in _LARGE or os.environ.get("SCHEMAFED_TEST_WHOLE")]
_TO_GLUE = "{{ name | replace('/', '.') | replace(':', '.') }}"


def apply_and_import(own: OwnRegistry, corpus: Corpus, name: str, folder: Path, source: RepositoryOfSource) -> int:
    """See that nothing is left to do, here and in a repository that is made from the registry; how many subjects."""
    first, second = folder / "first", folder / "second"
    extra = f', name: "{_TO_GLUE}", default_compatibility: NONE' if '"glue"' in own.keys else ""
    commit_newest(first, corpus, name, f"{{{own.keys}{extra}}}", source)
    plan_and_apply(first)
    again = plan(first, Scope()).plan

    start_empty_repository(second, f"{{{own.keys}}}")
    import_registry(second, "target")
    imported = plan(second, Scope()).plan

    assert (again.changes, imported.changes) == ((), ())
    assert again.summary.unchanged == imported.summary.unchanged
    return imported.summary.unchanged


@pytest.mark.server
@pytest.mark.xdist_group("apicurio")
@pytest.mark.parametrize("name", _CHOSEN)
def test_apicurio_by_its_own_interface_holds_the_files(
    name: str, corpus: Corpus, tmp_path: Path, apicurio: ApicurioServer
) -> None:
    with open_own_group(apicurio.native_url) as own:
        number = apply_and_import(own, corpus, name, tmp_path, SOURCES[name])
        held = read_raw(own.raw)

    newest = corpus.snapshots[name][-1]
    assert Checker(corpus, SOURCES[name], "NONE").find_differences(newest, held) == []
    assert number == len(held) == len(SOURCES[name].declare(corpus, newest))


@pytest.mark.parametrize("name", _CHOSEN)
def test_glue_holds_the_files_each_with_what_it_uses_in_it(name: str, corpus: Corpus, tmp_path: Path) -> None:
    newest = corpus.snapshots[name][-1]
    source = without_references(corpus, newest, SOURCES[name])
    declared = {to_glue(subject): one for subject, one in source.declare(corpus, newest).items()}
    if not declared:
        pytest.skip("every file of it imports others or is imported: there are no references in Glue")

    with open_own_glue() as own:
        number = apply_and_import(own, corpus, name, tmp_path, source)
        held = read_raw(own.raw)

    assert number == len(held) == len(declared)
    assert list(find_differences(corpus, declared, held)) == []


def without_references(corpus: Corpus, newest: Snapshot, source: RepositoryOfSource) -> RepositoryOfSource:
    """The source as its owners would bring it to Glue: what is used is written into what uses it; Protobuf, which has
    no way to do that, is left out where one file imports another.
    """
    used, protobuf = set(), set()
    for declared in source.declare(corpus, newest).values():
        file = declared.file
        others = {corpus.files[path].original for path in file.references}
        if file.format == "PROTOBUF" and others:
            protobuf.update(others, {file.original})
        elif others:
            used |= others
    return replace(source, fragments=frozenset(used), ignored=(*source.ignored, *sorted(protobuf)))


def to_glue(subject: str) -> str:
    return subject.replace("/", ".").replace(":", ".")


def find_differences(corpus: Corpus, declared: Mapping[str, Declared], held: Mapping[str, Held]) -> Iterator[str]:
    for subject, one in declared.items():
        file, found = one.file, held[subject]
        if (found.format, found.mode) != (file.format, "NONE"):
            yield f"{subject} is {found.format} with the mode {found.mode}"
        if not is_same(corpus, file, found.text):
            yield f"{subject} has another text than {file.path}"


def is_same(corpus: Corpus, file: IndexedFile, text: str) -> bool:
    """Whether a text is a file with all that it uses in it."""
    if file.format == "PROTOBUF":
        return text == corpus.read_text(file.path)
    if not file.references:
        return make_comparable(file.format, text) == make_comparable(file.format, corpus.read_text(file.path))
    if file.format == "JSON":
        return all(ref.startswith("#") for ref in find_refs(load_document(text)))
    canonical = fastavro.schema.to_parsing_canonical_form
    return canonical(parse(corpus, file)) == canonical(fastavro.parse_schema(json.loads(text)))


def parse(corpus: Corpus, file: IndexedFile) -> Any:
    """An Avro file as fastavro puts it together with those that it uses."""
    ordered = list(dict.fromkeys(list_used(corpus, file)))
    return fastavro.schema.load_schema_ordered([str(corpus.folder / path) for path in ordered])


def list_used(corpus: Corpus, file: IndexedFile) -> Iterator[str]:
    for path in file.references:
        yield from list_used(corpus, corpus.files[path])
    yield file.path


def find_refs(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from find_refs(value)
    elif isinstance(node, list):
        for value in node:
            yield from find_refs(value)
