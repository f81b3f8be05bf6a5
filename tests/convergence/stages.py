"""Where the scenario is played: a registry of one kind that can be put back to how it was before the last step."""

from __future__ import annotations

import copy
import json
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from tests.contract.targets.raw_file import RawFile
from tests.convergence.commands import Commands
from tests.convergence.own_registries import OwnRegistry, open_own_glue, open_own_group, open_own_namespace
from tests.convergence.reading import FileReader, Holding, Reader, ServerReader, read_foreign, read_holding
from tests.convergence.remotes import spare_disk
from tests.convergence.scenario import FOREIGN, LEVELS, STEPS, Content, make_configuration
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.fault_proxy import FaultProxy
from tests.doubles.karapace import KarapaceDouble
from tests.doubles.redpanda import RedpandaDouble
from tests.raw_registry import RawRegistry
from tests.repositories import commit_all, record, run_git

_FILE = "registry.db"
_HTTP = "kind: {kind}, url: {url}, timeout: 0.4, retries: 3"
_WITH_JSON_REFERENCES = frozenset({"thing"})
_REFERRING = frozenset(
    {"line", "order", "invoice", "receipt", "money-1", "gone-user", "weight", "price", *_WITH_JSON_REFERENCES}
)
"""What refers to something, and what is there for that alone."""


@dataclass(frozen=True)
class Place:
    """A fresh copy of everything as it was before the last step: a clone, its remote, and the registry."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "clone"

    @property
    def remote(self) -> Path:
        return self.folder / "server.git"


@dataclass(frozen=True)
class Stage:
    """A registry under test and the repository that describes it.

    `proxy` None: there is no network to it. `write_foreign` writes as somebody else. `save` returns what puts the
    registry back. `lacks` are the subjects that its kind cannot hold.
    """

    name: str
    folder: Path
    keys: str
    commands: Commands
    find_reader: Callable[[Place], Reader]
    write_foreign: Callable[[Place], None]
    save: Callable[[], Callable[[], None]]
    proxy: FaultProxy | None = None
    has_level: bool = True
    restores: bool = True
    deletion: str = "soft"
    no_mode: str | None = None
    lacks: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Origin:
    """A stage as it is before the last step, and copies of it."""

    stage: Stage
    place: Place
    before: Holding
    _put_back: Callable[[], None]
    _numbers: Iterator[int]

    def begin(self) -> Place:
        """Put everything back, and copy the repository."""
        if self.stage.proxy:
            self.stage.proxy.wait_until_idle()
        self._put_back()
        folder = self.stage.folder / f"trial-{next(self._numbers)}"
        shutil.copytree(self.place.folder, folder)
        return Place(folder)

    def end(self, place: Place) -> None:
        shutil.rmtree(place.folder)

    def read(self, place: Place) -> Holding:
        return read_holding(self.stage.find_reader(place))

    def read_foreign(self, place: Place) -> Holding:
        return read_foreign(self.stage.find_reader(place))


def make_origin(stage: Stage) -> Origin:
    """Apply the first steps, and commit the last."""
    place = Place(stage.folder / "origin")
    place.folder.mkdir()
    run_git(place.folder, "init", "--quiet", "--bare", "--initial-branch", "main", "server.git")
    run_git(place.folder, "init", "--quiet", "--initial-branch", "main", "clone")
    run_git(place.root, "remote", "add", "origin", "../server.git")
    for folder in (place.root, place.remote):
        spare_disk(folder)
    (place.root / ".gitignore").write_text(f"{_FILE}*\n")
    for step, level in zip(STEPS, LEVELS, strict=True):
        files = {path: content for path, content in step.items() if not _is_of(path, stage.lacks)}
        if not files:
            continue
        _write_files(place.root, files)
        settings = make_configuration(stage.keys, level if stage.has_level else None, stage.deletion)
        (place.root / "schemafed.yaml").write_text(settings)
        commit_all(place.root, "a step")
        run_git(place.root, "push", "--quiet", "origin", "main")
        if step is not STEPS[-1]:
            done = stage.commands.run(place.root, "apply", "--yes")
            assert done.code == 0, done.text
    stage.write_foreign(place)
    before = read_holding(stage.find_reader(place))
    for folder in (place.root, place.remote):
        run_git(folder, "repack", "-adq")
    return Origin(stage, place, before, stage.save(), count())


def _is_of(path: str, subjects: frozenset[str]) -> bool:
    return path.rpartition("/")[2].partition(".")[0] in subjects


def _write_files(root: Path, files: Mapping[str, Content | None]) -> None:
    for path, content in files.items():
        file = root / path
        if content is None:
            file.unlink()
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content if isinstance(content, str) else json.dumps(content, indent=2) + "\n")


@contextmanager
def local_stage(folder: Path, commands: Commands) -> Iterator[Stage]:
    """A registry in a file, which is copied along with the repository."""

    def write_foreign(place: Place) -> None:
        file = RawFile(place.root / _FILE)
        with file._open() as connection:
            content = connection.execute("SELECT min(id) FROM contents").fetchone()[0]
            for name in FOREIGN:
                connection.execute(
                    "INSERT INTO versions SELECT ?, version, content, deleted FROM versions WHERE content = ? LIMIT 1",
                    (name, content),
                )
        file.write_compatibility(FOREIGN[0], "FORWARD")

    yield Stage(
        "local",
        folder,
        f"kind: local, path: {_FILE}",
        commands,
        lambda place: FileReader(RawFile(place.root / _FILE)),
        write_foreign,
        lambda: lambda: None,
    )


@contextmanager
def confluent_stage(folder: Path, commands: Commands, version: str = "8.1") -> Iterator[Stage]:
    """The Confluent double behind a proxy."""
    with _double_stage(f"confluent-{version}", folder, commands, ConfluentDouble(version), "confluent") as stage:
        yield replace(stage, deletion="hard" if version == "7.9" else "soft")


@contextmanager
def karapace_stage(folder: Path, commands: Commands) -> Iterator[Stage]:
    """The double of Karapace, which goes back by deleting and has no references in JSON Schema."""
    with _double_stage("karapace", folder, commands, KarapaceDouble(), "karapace") as stage:
        yield replace(stage, restores=False, lacks=_WITH_JSON_REFERENCES)


@contextmanager
def redpanda_stage(folder: Path, commands: Commands) -> Iterator[Stage]:
    """The double of Redpanda, likewise; here what is deleted goes for good."""
    with _double_stage("redpanda", folder, commands, RedpandaDouble(), "redpanda") as stage:
        yield replace(stage, restores=False, deletion="hard", lacks=_WITH_JSON_REFERENCES)


@contextmanager
def _double_stage(name: str, folder: Path, commands: Commands, made: ConfluentDouble, kind: str) -> Iterator[Stage]:
    with made as double, FaultProxy(double.url) as proxy:
        raw = RawRegistry(double.url)

        def save() -> Callable[[], None]:
            kept = copy.deepcopy(double.registry)

            def put_back() -> None:
                double.registry = copy.deepcopy(kept)

            return put_back

        yield Stage(
            name,
            folder,
            _HTTP.format(kind=kind, url=proxy.url),
            commands,
            lambda place: ServerReader(raw),
            lambda place: _write_foreign(raw, ""),
            save,
            proxy,
        )


@contextmanager
def apicurio_stage(folder: Path, commands: Commands, url: str) -> Iterator[Stage]:
    """A real Apicurio Registry behind a proxy; others use it too, so that ours have names of their own."""
    prefix = f"faults-{uuid.uuid4().hex[:8]}-"
    raw = RawRegistry(url)
    reader = ServerReader(raw, prefix)

    def save() -> Callable[[], None]:
        kept = read_holding(reader)
        return lambda: put_back(kept)

    def put_back(kept: Holding, tries: int = 3) -> None:
        # Half a request can hold the server up for longer than the tests' client waits.
        try:
            _put_back(raw, reader, prefix, kept)
        except OSError:
            if tries == 1:
                raise
            put_back(kept, tries - 1)

    try:
        with FaultProxy(url, delay=3.4) as proxy:
            keys = f"{_HTTP.format(kind='confluent', url=proxy.url)}, dialect: apicurio, name: '{prefix}{{{{ name }}}}'"
            yield Stage(
                "apicurio",
                folder,
                keys.replace("timeout: 0.4", "timeout: 3"),
                commands,
                lambda place: reader,
                lambda place: _write_foreign(raw, prefix),
                save,
                proxy,
                has_level=False,
                restores=False,
                deletion="hard",
                no_mode="NONE",
            )
    finally:
        put_back({})


@contextmanager
def glue_stage(folder: Path, commands: Commands) -> Iterator[Stage]:
    """Glue's double, which has no references, a mode on every schema, and goes back by deleting."""
    with open_own_glue(timeout=3, delay=3.4) as own:
        yield replace(
            _own_stage("glue", folder, commands, own),
            has_level=False,
            restores=False,
            no_mode="BACKWARD",
            lacks=_REFERRING,
        )


@contextmanager
def apicurio_v3_stage(folder: Path, commands: Commands, url: str) -> Iterator[Stage]:
    """A group of a real Apicurio Registry, by its own interface."""
    with open_own_group(url, timeout=3, retries=3, delay=3.4) as own:
        yield _own_stage("apicurio-v3", folder, commands, own)


@contextmanager
def pulsar_stage(folder: Path, commands: Commands, url: str) -> Iterator[Stage]:
    """A namespace of a real Pulsar, which has no references and no JSON Schema, and does not go back."""
    with open_own_namespace(url, timeout=3, retries=3, delay=3.4) as own:
        lacks = _REFERRING | {"person", "account"}
        yield replace(_own_stage("pulsar", folder, commands, own), restores=False, lacks=lacks)


def _own_stage(name: str, folder: Path, commands: Commands, own: OwnRegistry) -> Stage:
    def write_foreign(place: Place) -> None:
        for subject in FOREIGN:
            own.raw.register(subject, json.dumps(record("Foreign", "id")))
        own.raw.write_compatibility(FOREIGN[0], "FORWARD")

    reader = own.reader
    return Stage(
        name, folder, own.keys, commands, lambda place: reader, write_foreign, own.save, own.proxy, deletion="hard"
    )


def _write_foreign(raw: RawRegistry, prefix: str) -> None:
    for name in FOREIGN:
        answer = raw.register(prefix + name, json.dumps(record("Foreign", "id")))
        assert answer.status == 200, answer
    assert raw.set_compatibility(prefix + FOREIGN[0], "FORWARD").status == 200


def remove_all(raw: RawRegistry, reader: ServerReader, prefix: str) -> None:
    """Delete everything with a prefix for good, dependants first."""
    left = reader.read_subjects()
    while left:
        for name in left:
            raw.delete_subject(prefix + name, permanent=True)
        now = reader.read_subjects()
        assert len(now) < len(left), f"cannot delete {now}"
        left = now


def _put_back(raw: RawRegistry, reader: ServerReader, prefix: str, kept: Holding) -> None:
    """Delete everything with the prefix, and register anew what was kept, in its old order."""
    remove_all(raw, reader, prefix)
    versions = sorted((v for held in kept.values() for v in held.versions), key=lambda v: (v.id, v.subject))
    for version in versions:
        references = [{"name": r.name, "subject": prefix + r.subject, "version": r.version} for r in version.references]
        body = {"schemaType": version.schema_type, "references": references}
        answer = raw.register(prefix + version.subject, version.text, **body)
        assert answer.status == 200, (version, answer)
    for name, held in kept.items():
        if name and held.mode not in (None, "NONE"):
            assert raw.set_compatibility(prefix + name, held.mode or "").status == 200
