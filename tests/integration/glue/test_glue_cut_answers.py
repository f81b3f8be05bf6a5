"""Answers that are cut off or come from somebody else, which the SDK alone would take for empty ones."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from adapters.glue import GlueRegistry
from reconciler.errors import OutcomeUnknownError, SecretError, UnexpectedAnswerError
from reconciler.registry import RegistrySettings
from reconciler.secrets import Secrets

VERSIONS = {"Schemas": [{"VersionNumber": 1, "Status": "AVAILABLE"}, {"VersionNumber": 2, "Status": "AVAILABLE"}]}
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 15\r\n\r\n<html>no</html>"
EMPTY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def make_answer(document: object, status: int = 200) -> bytes:
    body = json.dumps(document).encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def cut(answer: bytes) -> bytes:
    """All of the head, and a part of the body."""
    return answer[: answer.index(b"\r\n\r\n") + 20]


@contextmanager
def answering(*answers: bytes) -> Iterator[str]:
    """A server that gives one answer after the other, each with an orderly end of its connection; the last for ever."""
    left = list(answers)

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                head, _, body = _receive(connection).partition(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length:")[2].split()[0])
                while len(body) < length:
                    body += connection.recv(65_536)
                connection.sendall(left.pop(0) if len(left) > 1 else left[0])

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def _receive(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65_536)
    return received


@contextmanager
def opened(*answers: bytes, retries: int = 2) -> Iterator[GlueRegistry]:
    keys = {"access_key_id": "a", "secret_access_key": "b"}
    with answering(*answers) as url:
        options = {"registry": "r", "region": "eu-central-1", "endpoint": url, "auth": keys, "retries": retries}
        with closing(GlueRegistry(RegistrySettings("orders", "glue", Path.cwd(), options))) as registry:
            yield registry


WRONG = {"cut off": cut(make_answer(VERSIONS)), "a proxy's page": PAGE}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_answer_is_asked_for_again(case: str) -> None:
    with opened(WRONG[case], WRONG[case], make_answer(VERSIONS)) as registry:
        assert registry._reader.list_available("order") == [1, 2]


@pytest.mark.parametrize("case", WRONG)
def test_what_goes_on_being_no_answer_is_an_error_and_no_absence(case: str) -> None:
    with opened(WRONG[case]) as registry, pytest.raises(UnexpectedAnswerError, match="cut off, or is not") as raised:
        registry.read_state(["order"])

    assert (raised.value.registry, bool(raised.value.fix)) == ("orders", True)


def test_an_error_that_is_cut_off_is_asked_for_again_too() -> None:
    gone = make_answer({"__type": "EntityNotFoundException", "message": "Schema is not found."}, 400)
    there = make_answer({"RegistryName": "r"})

    with opened(cut(gone), gone, there) as registry:
        assert registry._reader.list_available("order") == []


def test_a_write_whose_answer_is_cut_off_is_not_known_to_have_happened() -> None:
    whole = make_answer(VERSIONS)

    with opened(whole, cut(whole), retries=0) as registry, pytest.raises(OutcomeUnknownError, match="delete versions"):
        registry.delete_versions("order", [2], permanent=True)


@pytest.mark.parametrize("target", ["${aws-sm:name}", "${aws-ssm:name}"])
@pytest.mark.parametrize(
    "answer", [PAGE, cut(make_answer({"SecretString": "x" * 90})), EMPTY], ids=["page", "cut", "empty"]
)
def test_a_secret_that_does_not_come_whole_is_told(monkeypatch: pytest.MonkeyPatch, target: str, answer: bytes) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setattr("reconciler.aws_answers._FIRST_WAIT", 0.001)

    with answering(answer) as url, pytest.raises(SecretError, match="name"):
        Secrets({"AWS_ENDPOINT_URL": url}).resolve(target, Path.cwd())
