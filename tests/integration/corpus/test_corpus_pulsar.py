"""The newest Avro and Protobuf schemas of some sources in a real Pulsar, and out of it again by `import`."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from reconciler.operations.import_ import import_registry
from reconciler.operations.plan import plan
from reconciler.operations.scope import Scope
from tests.contract.targets.pulsar import RawPulsar
from tests.integration.corpus.comparing import compile_protobuf, make_comparable
from tests.integration.corpus.replaying import commit_snapshot, git, plan_and_apply
from tests.integration.corpus.snapshots import Corpus, Snapshot
from tests.integration.corpus.sources import SOURCES, Declared
from tests.servers.pulsar import PulsarServer

pytestmark = [pytest.mark.corpus, pytest.mark.server, pytest.mark.xdist_group("contract-pulsar")]


@pytest.fixture
def raw(pulsar: PulsarServer) -> Iterator[RawPulsar]:
    found = RawPulsar(pulsar.url, f"corpus/{uuid.uuid4().hex[:10]}")
    found.make_namespace()
    yield found
    found.delete_namespace()


def name_topic(subject: str) -> str:
    """The name of a subject's topic, which has no slashes."""
    return subject.replace("/", ".")


def start_repository(root: Path, raw: RawPulsar, registry: str, more: str = "") -> None:
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    entry = f'{{kind: pulsar, url: "{raw.url}", namespace: {raw.namespace}{registry}}}'
    (root / "schemafed.yaml").write_text(f"version: 1\nregistries:\n  target: {entry}\n{more}")
    (root / ".gitignore").write_text(".schemafed/\n")
    (root / "schemas").mkdir()


def commit_newest(root: Path, corpus: Corpus, name: str) -> dict[str, Declared]:
    """Commit a source's newest snapshot: what others refer to is written into them, JSON Schemas are left out."""
    source, newest = SOURCES[name], corpus.snapshots[name][-1]
    declared = source.declare(corpus, newest)
    used = {subject for one in declared.values() for subject in one.uses}
    files = {pattern: word for pattern, word in source.formats.items() if word != "json"}
    files |= dict.fromkeys(source.ignored, "{ignore: true}")
    files |= {one.file.original: "{ignore: true}" for one in declared.values() if one.file.format == "JSON"}
    files |= {declared[subject].file.original: "{register: false}" for subject in used}
    lines = [f"  {json.dumps(pattern)}: {word}" for pattern, word in files.items()]
    (root / "defaults.yaml").write_text("\n".join(["files:", *lines, ""]) if lines else "owner: corpus\n")
    commit_snapshot(root, corpus, source, Snapshot(newest.label, newest.tree, newest.tree, ()))
    return {n: one for n, one in declared.items() if n not in used and one.file.format != "JSON"}


def is_same(corpus: Corpus, declared: Declared, row: dict[str, str]) -> bool:
    """Whether the broker holds a file, told without the product."""
    text = corpus.read_text(declared.file.path)
    if declared.file.format == "AVRO":
        return row["type"] == "AVRO" and make_comparable("AVRO", row["data"]) == make_comparable("AVRO", text)
    content = json.loads(row["data"])
    files = FileDescriptorSet.FromString(base64.b64decode(content["fileDescriptorSet"])).file
    (held,) = (file for file in files if file.name == content["rootFileDescriptorName"])
    held.name = "s.proto"
    return held == FileDescriptorProto.FromString(compile_protobuf({"s.proto": text})["s.proto"])


@pytest.mark.parametrize("name", ["kafka-connect-datagen", "lsst-alert-packet", "cloudevents", "gtfs-realtime"])
def test_pulsar_holds_the_files_and_gives_them_back(name: str, corpus: Corpus, tmp_path: Path, raw: RawPulsar) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    template = f'subjects: {{name: "{SOURCES[name].template}"}}\npaths: ["."]\n'
    start_repository(first, raw, ", name: \"{{ name | replace('/', '.') }}\"", template)
    declared = commit_newest(first, corpus, name)

    plan_and_apply(first)

    again = plan(first, Scope()).plan
    assert again.changes == ()
    held = {subject: raw.read_rows(name_topic(subject)) for subject in declared}
    assert [len(rows) for rows in held.values()] == [1] * len(declared)
    alone = [subject for subject, one in declared.items() if not one.uses]
    assert [subject for subject in alone if not is_same(corpus, declared[subject], held[subject][0])] == []

    start_repository(second, raw, "")
    import_registry(second, "target")

    made = plan(second, Scope()).plan
    assert (made.changes, made.findings) == ((), ())
    assert made.summary.unchanged == len(declared)
