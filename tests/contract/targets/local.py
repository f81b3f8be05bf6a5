"""The embedded registry: a file, read raw by SQLite alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from adapters.local import LocalRegistry
from reconciler.registry import RegistrySettings, SchemaRegistry
from tests.contract.targets.raw_file import RawFile
from tests.contract.targets.target import Start, Target


@contextmanager
def run_local(request: pytest.FixtureRequest) -> Iterator[Target]:
    folder: Path = request.getfixturevalue("tmp_path_factory").mktemp("local")

    def open_local(**options: object) -> SchemaRegistry:
        return LocalRegistry(RegistrySettings("contract", "local", folder, {"path": "registry.db", **options}))

    @contextmanager
    def unreachable() -> Iterator[SchemaRegistry]:
        with closing(open_local(path=".")) as registry:
            yield registry

    no_access = "a file asks for no credentials"
    yield Target(
        "local",
        open_local,
        RawFile(folder / "registry.db"),
        {"kind": "local", "path": str(folder / "registry.db")},
        lacks={"unauthorized": no_access, "forbidden": no_access, "throttled": no_access, "lost answer": "no network"},
        troubles={"unreachable": unreachable},
    )


STARTS = {"local": Start(run_local)}
