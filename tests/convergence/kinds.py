"""The registries of a random story: how each kind is opened, read, and written to by other people."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from adapters.local import LocalRegistry
from reconciler.errors import RegistryError
from reconciler.model import Format, Mode, Reference, Schema
from reconciler.registry import RegistrySettings
from tests.contract.targets.raw_file import RawFile
from tests.convergence.own_registries import OwnRegistry, open_own_glue, open_own_group, open_own_namespace
from tests.convergence.reading import FileReader, Reader, ServerReader
from tests.convergence.stages import remove_all
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.fault_proxy import FaultProxy, WireFault
from tests.doubles.karapace import KarapaceDouble
from tests.doubles.redpanda import RedpandaDouble
from tests.raw_registry import RawReference, RawRegistry

SOFT = frozenset({"soft", "hard"})
HARD = frozenset({"hard"})


@dataclass(frozen=True)
class Ways:
    """What a registry does its own way.

    `restores`: an older schema gets a new number, instead of losing the newer ones; without `goes_back`, it becomes the
    latest in neither way. `drops_references`: a schema may
    refer to less than an earlier one, whatever its mode. `has_references`: schemas may refer to others at all.
    `deletes`: the ways of deleting. `resets_modes`: a mode of its own can be taken away again. `has_level`: the
    registry's own level may be set, as nobody else uses it. `no_mode` is what it answers for a subject without a mode
    of its own.
    """

    restores: bool = True
    goes_back: bool = True
    has_references: bool = True
    deletes: frozenset[str] = SOFT
    resets_modes: bool = True
    drops_references: bool = True
    has_level: bool = True
    no_mode: str | None = None


class Place(Protocol):
    """One registry of a story. `keys` are its lines of schemafed.yaml, and `reader` shares no code with the product."""

    keys: str
    ways: Ways
    reader: Reader

    def set_down(self, is_down: bool) -> None: ...

    def write_version(self, subject: str, text: str, references: Sequence[RawReference]) -> None:
        """Register as somebody else; the registry may refuse, and then nothing came of it."""

    def write_mode(self, subject: str, mode: str) -> None: ...

    def delete(self, subject: str, is_permanent: bool) -> None: ...


@dataclass
class Paper:
    """A registry in a file."""

    file: Path
    ways: Ways = field(default_factory=Ways)

    def __post_init__(self) -> None:
        self.keys = f"kind: local, path: {self.file}"
        self.reader: Reader = FileReader(RawFile(self.file))
        with closing(self._open()) as registry:
            registry.read_state()

    def set_down(self, is_down: bool) -> None:
        """A file is always there."""

    def write_version(self, subject: str, text: str, references: Sequence[RawReference]) -> None:
        schema = Schema(Format.AVRO, text, tuple(Reference(r.name, r.subject, r.version) for r in references))
        self._try(lambda registry: registry.register_schema(subject, schema))

    def write_mode(self, subject: str, mode: str) -> None:
        self._try(lambda registry: registry.set_compatibility(subject, Mode(mode)))

    def delete(self, subject: str, is_permanent: bool) -> None:
        self._try(lambda registry: registry.delete_subject(subject, permanent=is_permanent))

    def _try(self, write: Callable[[LocalRegistry], object]) -> None:
        with closing(self._open()) as registry:
            try:
                write(registry)
            except RegistryError:
                return

    def _open(self) -> LocalRegistry:
        return LocalRegistry(RegistrySettings("paper", "local", self.file.parent, {"path": self.file.name}))


@dataclass
class Wire:
    """A registry behind a network that can be down; its subjects have a prefix where others use it too."""

    raw: RawRegistry
    proxy: FaultProxy
    keys: str
    ways: Ways
    prefix: str = ""

    def __post_init__(self) -> None:
        self.reader: Reader = ServerReader(self.raw, self.prefix)

    def set_down(self, is_down: bool) -> None:
        self.proxy.arm({0: WireFault.REFUSE} if is_down else None)

    def write_version(self, subject: str, text: str, references: Sequence[RawReference]) -> None:
        rows = [{"name": r.name, "subject": self.prefix + r.subject, "version": r.version} for r in references]
        self.raw.register(self.prefix + subject, text, references=rows)

    def write_mode(self, subject: str, mode: str) -> None:
        self.raw.set_compatibility(self.prefix + subject, mode)

    def delete(self, subject: str, is_permanent: bool) -> None:
        self.raw.delete_subject(self.prefix + subject, is_permanent)


@dataclass
class Own:
    """A registry that a story has to itself, behind a network that can be down."""

    own: OwnRegistry
    ways: Ways

    def __post_init__(self) -> None:
        self.keys = self.own.keys
        self.reader: Reader = self.own.reader

    def set_down(self, is_down: bool) -> None:
        self.own.proxy.arm({0: WireFault.REFUSE} if is_down else None)

    def write_version(self, subject: str, text: str, references: Sequence[RawReference]) -> None:
        if self.ways.has_references or not references:
            self.own.raw.register(subject, text, references=references)

    def write_mode(self, subject: str, mode: str) -> None:
        if subject in self.own.raw.read_subjects():
            self.own.raw.write_compatibility(subject, mode)

    def delete(self, subject: str, is_permanent: bool) -> None:
        if subject in self.own.raw.read_subjects():
            self.own.raw.delete_subject(subject)


Open = Callable[[], AbstractContextManager[Place]]


@contextmanager
def _open_double(make: Callable[[], ConfluentDouble], kind: str, ways: Ways) -> Iterator[Wire]:
    with make() as double, FaultProxy(double.url) as proxy:
        keys = f"kind: {kind}, url: {proxy.url}, retries: 0, timeout: 5"
        yield Wire(RawRegistry(double.url), proxy, keys, ways)


@contextmanager
def _open_apicurio(url: str) -> Iterator[Wire]:
    raw, prefix = RawRegistry(url), f"story-{uuid.uuid4().hex[:8]}-"
    ways = Ways(restores=False, drops_references=False, has_level=False, no_mode="NONE")
    try:
        with FaultProxy(url) as proxy:
            keys = f"kind: confluent, url: {proxy.url}, retries: 1, timeout: 20, dialect: apicurio"
            yield Wire(raw, proxy, f"{keys}, name: '{prefix}{{{{ name }}}}'", ways, prefix)
    finally:
        remove_all(raw, ServerReader(raw, prefix), prefix)


@contextmanager
def _open_glue() -> Iterator[Own]:
    ways = Ways(
        restores=False, has_references=False, deletes=HARD, resets_modes=False, has_level=False, no_mode="BACKWARD"
    )
    with open_own_glue(retries=0) as own:
        yield Own(own, ways)


@contextmanager
def _open_group(url: str) -> Iterator[Own]:
    with open_own_group(url) as own:
        yield Own(own, Ways(drops_references=False, deletes=HARD))


@contextmanager
def _open_namespace(url: str) -> Iterator[Own]:
    with open_own_namespace(url) as own:
        yield Own(own, Ways(restores=False, goes_back=False, has_references=False))


DOUBLES: dict[str, Open] = {
    "confluent-7.9": lambda: _open_double(lambda: ConfluentDouble("7.9"), "confluent", Ways()),
    "confluent-8.1": lambda: _open_double(lambda: ConfluentDouble("8.1"), "confluent", Ways()),
    "karapace": lambda: _open_double(KarapaceDouble, "karapace", Ways(restores=False)),
    "redpanda": lambda: _open_double(RedpandaDouble, "redpanda", Ways(restores=False)),
}
SLOW_DOUBLES: dict[str, Open] = {"glue": _open_glue}
"""Of these a story takes minutes, so that the soak alone tells any."""


def open_apicurio(url: str) -> Open:
    """How a real Apicurio Registry is opened, for a story of its own."""
    return lambda: _open_apicurio(url)


def open_group(url: str) -> Open:
    """How a group of a real Apicurio Registry is opened by its own interface, for a story of its own."""
    return lambda: _open_group(url)


def open_namespace(url: str) -> Open:
    """How a namespace of a real Pulsar is opened, for a story of its own."""
    return lambda: _open_namespace(url)


def refer_to(subject: str, version: int) -> RawReference:
    """A reference as it is written here."""
    return RawReference(f"com.acme.{subject.title()}", subject, version)


def same_content(text: str, other: str) -> bool:
    """Whether two texts hold the same JSON."""
    return bool(json.loads(text) == json.loads(other))
