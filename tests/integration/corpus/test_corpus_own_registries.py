"""The newest state of every source in the doubles of Confluent, Karapace, Redpanda and AWS Glue, and in a group of a
real Apicurio Registry: applied, nothing left to do, imported into an empty repository, and again nothing to do.

The larger sources are left out, since they take a minute each, and of what is alike in several registries the smaller
ones stand for all; `SCHEMAFED_TEST_WHOLE=1` takes everything everywhere.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import fastavro
import pytest

from reconciler.operations.import_ import import_registry
from reconciler.operations.plan import plan
from reconciler.operations.scope import Scope
from tests.convergence.own_registries import open_own_glue, open_own_group
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.karapace import KarapaceDouble
from tests.doubles.redpanda import RedpandaDouble
from tests.integration.corpus.checking import Checker
from tests.integration.corpus.comparing import load_document, make_comparable
from tests.integration.corpus.readings import Held, read_raw, read_server
from tests.integration.corpus.replaying import commit_newest, plan_and_apply, start_empty_repository
from tests.integration.corpus.snapshots import FORMATS, Corpus, IndexedFile, Snapshot
from tests.integration.corpus.sources import SOURCES, Declared, RepositoryOfSource
from tests.servers.apicurio import ApicurioServer

pytestmark = pytest.mark.corpus

_LARGE = ("iglu-central", "openlineage", "radar-schemas")
_MIDDLING = ("lsst-alert-packet", "kafka-connect-datagen", "api-common-protos")
_IS_WHOLE = bool(os.environ.get("SCHEMAFED_TEST_WHOLE"))
_CHOSEN = [name for name in SOURCES if name not in _LARGE or _IS_WHOLE]
_QUICK = [name for name in _CHOSEN if name not in _MIDDLING or _IS_WHOLE]
_DOUBLES: Mapping[str, tuple[str, Callable[[], ConfluentDouble]]] = {
    "confluent-7.9": ("confluent", partial(ConfluentDouble, "7.9")),
    "confluent-8.1": ("confluent", partial(ConfluentDouble, "8.1")),
    "karapace": ("karapace", KarapaceDouble),
    "redpanda": ("redpanda", RedpandaDouble),
}
# Only there are Avro's references; what Confluent makes of them, test_corpus_copy.py sees.
_WITH_AVRO_REFERENCES = [] if _IS_WHOLE else [(product, "lsst-alert-packet") for product in ("karapace", "redpanda")]
_ON_DOUBLES = [*((product, name) for product in _DOUBLES for name in _QUICK), *_WITH_AVRO_REFERENCES]
_TO_GLUE = "{{ name | replace('/', '.') | replace(':', '.') }}"


def apply_and_import(
    keys: str, corpus: Corpus, name: str, folder: Path, source: RepositoryOfSource, extra: str = ""
) -> int:
    """See that nothing is left to do, here and in a repository that is made from the registry; how many subjects."""
    first, second = folder / "first", folder / "second"
    commit_newest(first, corpus, name, f"{{{keys}{extra}}}", source)
    plan_and_apply(first)
    again = plan(first, Scope()).plan

    start_empty_repository(second, f"{{{keys}}}")
    import_registry(second, "target")
    imported = plan(second, Scope()).plan

    assert (again.changes, imported.changes) == ((), ())
    assert again.summary.unchanged == imported.summary.unchanged
    return imported.summary.unchanged


@pytest.mark.server
@pytest.mark.xdist_group("apicurio")
@pytest.mark.parametrize(
    ("interface", "name"), [*(("v3", name) for name in _CHOSEN), *(("v2", name) for name in _QUICK)]
)
def test_apicurio_by_its_own_interface_holds_the_files(
    interface: str, name: str, corpus: Corpus, tmp_path: Path, apicurio: ApicurioServer
) -> None:
    with open_own_group(f"{apicurio.root}/apis/registry/{interface}") as own:
        number = apply_and_import(own.keys, corpus, name, tmp_path, SOURCES[name])
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
        extra = f', name: "{_TO_GLUE}", default_compatibility: NONE'
        number = apply_and_import(own.keys, corpus, name, tmp_path, source, extra)
        held = read_raw(own.raw)

    assert number == len(held) == len(declared)
    assert list(find_differences(corpus, declared, held)) == []


@pytest.mark.parametrize(("product", "name"), _ON_DOUBLES)
def test_the_doubles_of_confluents_family_hold_the_files(
    product: str, name: str, corpus: Corpus, tmp_path: Path
) -> None:
    kind, make = _DOUBLES[product]
    newest = corpus.snapshots[name][-1]
    without = () if kind == "confluent" else ("JSON",)
    source = without_references(corpus, newest, SOURCES[name], without)
    declared = source.declare(corpus, newest)
    bundled = {s: one.file for s, one in declared.items() if one.file.format in without and one.file.references}

    with make() as double:
        number = apply_and_import(f"kind: {kind}, url: {double.url}", corpus, name, tmp_path, source)
        held = read_server(double.url, "")

    assert number == len(held) == len(declared)
    differences = Checker(corpus, source, "NONE").find_differences(newest, held)
    assert sorted(differences) == sorted(f"{s} has another text than {file.path}" for s, file in bundled.items())
    assert [s for s, file in bundled.items() if not is_same(corpus, file, held[s].text)] == []


def without_references(
    corpus: Corpus, newest: Snapshot, source: RepositoryOfSource, formats: Collection[str] = FORMATS
) -> RepositoryOfSource:
    """The source as its owners would bring it to a registry without references in some formats: what is used is written
    into what uses it. Where there is no way to do that, both or the user are left out: Protobuf that imports another
    file, and a schema that only the line `references` of its sidecar leads to the other.
    """
    used, left_out = set(), set()
    for declared in source.declare(corpus, newest).values():
        if declared.file.format not in formats:
            continue
        file = declared.file
        others = {corpus.files[path].original for path in file.references}
        if file.format == "PROTOBUF" and others:
            left_out.update(others, {file.original})
        elif others and f"{file.original}.yaml" in source.sidecars:
            left_out.add(file.original)
        elif others:
            used |= others
    sidecars = {path: text for path, text in source.sidecars.items() if path.removesuffix(".yaml") not in left_out}
    ignored = (*source.ignored, *sorted(left_out))
    return replace(source, fragments=frozenset(used), ignored=ignored, sidecars=sidecars)


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
