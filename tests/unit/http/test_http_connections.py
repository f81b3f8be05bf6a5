"""Which connections the lean transport keeps."""

from __future__ import annotations

import pytest

from reconciler.http import LeanTransport, Request, Tls, make_endpoint
from tests.doubles.certificates import CertificateFiles
from tests.doubles.wire import HttpDouble, Reply

READ = Request("GET", "/subjects")


def answer(request: object) -> Reply:
    return Reply(200, b"[]")


@pytest.mark.parametrize("is_encrypted", [False, True])
def test_a_connection_is_used_again(certificates: CertificateFiles, is_encrypted: bool) -> None:
    with HttpDouble(answer, tls=certificates if is_encrypted else None) as double:
        transport = LeanTransport(make_endpoint(double.url, tls=Tls(certificates.ca)))
        transport.send(READ)
        (first,) = transport._idle
        for _ in range(3):
            transport.send(READ)
        (last,) = transport._idle
        transport.close()

    assert last is first
    assert not transport._idle


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_connection_that_the_server_closed_meanwhile_is_not_used(method: str) -> None:
    with HttpDouble(answer) as double:
        transport = LeanTransport(make_endpoint(double.url))
        transport.send(READ)
    (closed,) = transport._idle

    with HttpDouble(answer) as again:
        moved = LeanTransport(make_endpoint(again.url))
        moved._idle.append(closed)
        response = moved.send(Request(method, "/config", body=b"{}", is_write=method == "PUT"))
        (fresh,) = moved._idle
        moved.close()

    assert response.status == 200
    assert fresh is not closed


def test_what_is_under_way_while_it_closes_is_not_kept() -> None:
    with HttpDouble(answer) as double:
        transport = LeanTransport(make_endpoint(double.url))
        transport.close()

        assert transport.send(READ).status == 200
        assert not transport._idle
