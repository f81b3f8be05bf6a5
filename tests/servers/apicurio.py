"""A real Apicurio Registry: in a container where an engine answers, else as a process with the same settings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers.artifacts import fetch_distribution
from tests.servers.identity import ISSUER, Keys
from tests.servers.java import find_java_home
from tests.servers.ports import find_free_ports
from tests.servers.sharing import Place, find_place, share, start_guard, wait_until_ready
from tests.servers.unavailable import ServerUnavailableError

VERSION = "3.3.3"
_COORDINATES = f"io.apicurio:apicurio-registry-app:{VERSION}:tar.gz:all"
_JAVA = 21
_READY_SECONDS = 120.0
_PORT = 8080
_DOCKERFILE = Path(__file__).parents[1] / "images" / "apicurio" / "Dockerfile"
# H2 in memory is the default storage; deleting is off by default.
_SETTINGS = {
    "quarkus.log.level": "WARN",
    "apicurio.rest.deletion.artifact.enabled": "true",
    "apicurio.rest.deletion.artifact-version.enabled": "true",
    "apicurio.rest.deletion.group.enabled": "true",
}


# Users of the server's own list: one may do everything, one may only read, one may do nothing.
ADMIN = ("ann", "ann-s3cret")
READER = ("rob", "rob-s3cret")
NOBODY = ("nan", "nan-s3cret")
BASIC_AUTHENTICATION = {
    "quarkus.http.auth.basic": "true",
    "quarkus.security.users.embedded.enabled": "true",
    "quarkus.security.users.embedded.plain-text": "true",
    f"quarkus.security.users.embedded.users.{ADMIN[0]}": ADMIN[1],
    f"quarkus.security.users.embedded.roles.{ADMIN[0]}": "sr-admin",
    f"quarkus.security.users.embedded.users.{READER[0]}": READER[1],
    f"quarkus.security.users.embedded.roles.{READER[0]}": "sr-readonly",
    f"quarkus.security.users.embedded.users.{NOBODY[0]}": NOBODY[1],
    f"quarkus.security.users.embedded.roles.{NOBODY[0]}": "guest",
    "apicurio.auth.role-based-authorization": "true",
}


def trusting(keys: Keys) -> dict[str, str]:
    """Settings under which the server takes tokens that some keys signed, without asking anybody."""
    return {
        "quarkus.oidc.tenant-enabled": "true",
        "quarkus.oidc.public-key": keys.public_line,
        "quarkus.oidc.application-type": "service",
        "quarkus.oidc.roles.role-claim-path": "roles",
        "quarkus.oidc.token.issuer": ISSUER,
    }


@dataclass(frozen=True)
class ApicurioServer:
    """`url` speaks the Confluent API (ccompat/v7), `native_url` Apicurio's own (v3)."""

    root: str

    @property
    def url(self) -> str:
        return f"{self.root}/apis/ccompat/v7"

    @property
    def native_url(self) -> str:
        return f"{self.root}/apis/registry/v3"


@contextmanager
def run_apicurio(
    base_temp: Path, settings: dict[str, str] | None = None, name: str = "apicurio"
) -> Iterator[ApicurioServer]:
    """Run one server for all processes of a test run, with settings beyond the common ones; `name` tells servers apart.

    SCHEMAFED_TEST_RUN=process leaves containers out. Raises ServerUnavailableError.
    """
    chosen = {**_SETTINGS, **(settings or {})}

    def start(place: Place) -> str:
        client = _find_engine_unless_told()
        if client is None:
            return _start_process(place, chosen)
        with closing(client):
            return _start_container(place, chosen, client)

    with share(find_place(base_temp, name), start) as root:
        yield ApicurioServer(root)


def _find_engine_unless_told() -> Any:
    if os.environ.get("SCHEMAFED_TEST_RUN") == "process":
        return None
    # Imported here: without an engine nothing of containers is needed.
    from tests.servers.engine import find_engine

    try:
        return find_engine()
    except ServerUnavailableError:
        return None


def _start_process(place: Place, settings: dict[str, str]) -> str:
    home = find_java_home(_JAVA)
    folder = fetch_distribution(_COORDINATES)
    port, management_port = find_free_ports(2)
    own = {
        "quarkus.http.host": "127.0.0.1",
        "quarkus.http.port": str(port),
        "quarkus.management.host": "127.0.0.1",
        "quarkus.management.port": str(management_port),
    }
    options = [f"-D{name}={value}" for name, value in {**settings, **own}.items()]
    command = [str(home / "bin" / "java"), "-Xmx512m", *options, "-jar", str(folder / "quarkus-run.jar")]
    start_guard(place, command=command, folder=str(place.folder))
    return _wait(place, f"http://127.0.0.1:{port}")


def _start_container(place: Place, settings: dict[str, str], client: Any) -> str:
    # These hosts lack what the clean-up container of the library needs; the guard does its work.
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
    os.environ.setdefault("TESTCONTAINERS_CONNECTION_MODE", "docker_host")
    from testcontainers.core.container import DockerContainer

    from tests.servers.engine import LABEL, find_java_base

    context = fetch_distribution(_COORDINATES)
    tag = f"schemafed-tests-apicurio:{VERSION}"
    client.images.build(
        path=str(context), dockerfile=str(_DOCKERFILE), tag=tag, buildargs={"BASE": find_java_base(client, 25)}, rm=True
    )
    options = " ".join(f"-D{name}={value}" for name, value in {**settings, "quarkus.http.host": "0.0.0.0"}.items())
    container = DockerContainer(tag).with_env("JAVA_TOOL_OPTIONS", options).with_kwargs(labels={LABEL: place.name})
    # A free port of the loopback address alone, which the library's own methods cannot say.
    container.ports = {f"{_PORT}/tcp": ("127.0.0.1",)}  # type: ignore[dict-item]
    container.start()
    start_guard(place, container=container.get_wrapped_container().id)
    root = f"http://127.0.0.1:{container.get_exposed_port(_PORT)}"
    container.get_docker_client().client.close()
    return _wait(place, root)


def _wait(place: Place, root: str) -> str:
    wait_until_ready(place, f"{root}/apis/registry/v3/system/info", _READY_SECONDS)
    return root
