"""What a registry takes in from a client that does nothing else: schemas and modes over many connections at once."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import closing
from threading import Thread
from time import perf_counter
from urllib.parse import SplitResult, urlsplit

from tests.benchmarks.samples import make_mode, make_schema, make_subject

CONNECTIONS = 16
_PATIENCE = 120.0
"""Seconds that one answer may take; a real server was seen to lose a request."""
_HEADERS = {"Content-Type": "application/vnd.schemaregistry.v1+json"}
_Subject = tuple[str, bytes, bytes]
"""A name, and the bodies of its schema and its mode."""


def write_all(url: str, prefix: str, count: int, connections: int = CONNECTIONS) -> float:
    """Register as many new subjects and set their modes.

    A registry whose answer does not tell the version is asked for it, as whoever keeps a record must.

    Args:
        url: where a registry has Confluent's interface.
        prefix: before the name of each subject.
        connections: over which each subject's requests go one after the other.

    Returns:
        the seconds from the first connection to the last answer; what is sent was made before.

    Raises:
        ValueError: an answer that is not 200.
    """
    subjects = iter([_make_subject(prefix, number) for number in range(count)])
    failures: list[Exception] = []

    def work() -> None:
        try:
            _write_some(urlsplit(url), subjects)
        except (OSError, ValueError, http.client.HTTPException) as error:
            failures.append(error)

    threads = [Thread(target=work) for _ in range(connections)]
    begin = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return perf_counter() - begin


def _make_subject(prefix: str, number: int) -> _Subject:
    schema, mode = {"schema": json.dumps(make_schema(number))}, {"compatibility": make_mode(number)}
    return f"{prefix}{make_subject(number)}", json.dumps(schema).encode(), json.dumps(mode).encode()


def _write_some(url: SplitResult, subjects: Iterator[_Subject]) -> None:
    # A server that never answers must end the measurement, not hold it for ever.
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=_PATIENCE)
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with closing(connection):
        for name, schema, mode in subjects:
            answer = _ask(connection, "POST", f"{url.path}/subjects/{name}/versions", schema)
            if b'"version"' not in answer:
                _ask(connection, "POST", f"{url.path}/subjects/{name}", schema)
            _ask(connection, "PUT", f"{url.path}/config/{name}", mode)


def _ask(connection: http.client.HTTPConnection, method: str, target: str, body: bytes) -> bytes:
    connection.request(method, target, body, _HEADERS)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        raise ValueError(f"{method} {target} answered {answer.status} {content[:200]!r}")
    return content
