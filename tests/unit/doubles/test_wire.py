"""Credentials, certificates, faults, the log and the proxy."""

from __future__ import annotations

import gzip
import http.client
import json
import ssl
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from tests.doubles.certificates import CertificateFiles
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.proxy import ProxyDouble
from tests.raw_registry import RawRegistry


def test_basic_authentication() -> None:
    with ConfluentDouble(users={"ann": "s3cret"}) as double:
        known = RawRegistry(double.url, "ann", "s3cret").send("GET", "/subjects")
        wrong = RawRegistry(double.url, "ann", "guess").send("GET", "/subjects")
        none = RawRegistry(double.url).send("GET", "/subjects")

        assert (known.status, wrong.status, none.status) == (200, 401, 401)
        assert none.headers["WWW-Authenticate"].startswith("Basic")


def test_bearer_authentication() -> None:
    with ConfluentDouble(tokens=frozenset({"t0ken"})) as double:
        registry = RawRegistry(double.url)

        known = registry.send("GET", "/subjects", Authorization="Bearer t0ken")
        wrong = registry.send("GET", "/subjects", Authorization="Bearer other")

        assert (known.status, wrong.status) == (200, 401)


def test_denied_paths_are_403() -> None:
    with ConfluentDouble(deny=(("POST", "/subjects/pay/*"),)) as double:
        registry = RawRegistry(double.url)

        assert registry.register("pay", '"int"').status == 403
        assert registry.register("other", '"int"').status == 200


def test_tls_needs_the_authority(certificates: CertificateFiles) -> None:
    with ConfluentDouble(tls=certificates) as double:
        trusting = ssl.create_default_context(cafile=certificates.ca)
        with urllib.request.urlopen(f"{double.url}/subjects", context=trusting) as reply:
            assert json.load(reply) == []

        with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
            urllib.request.urlopen(f"{double.url}/subjects", context=ssl.create_default_context())


def test_mutual_tls_needs_a_client_certificate(certificates: CertificateFiles) -> None:
    with ConfluentDouble(tls=certificates, client_certificate_required=True) as double:
        context = ssl.create_default_context(cafile=certificates.ca)
        with pytest.raises((urllib.error.URLError, OSError)):
            urllib.request.urlopen(f"{double.url}/subjects", context=context)

        context.load_cert_chain(certificates.client_certificate, certificates.client_key)
        with urllib.request.urlopen(f"{double.url}/subjects", context=context) as reply:
            assert reply.status == 200


@pytest.mark.parametrize(
    ("kind", "status", "header"),
    [
        ("too_many_requests", 429, ("Retry-After", "0")),
        ("error_500", 500, ("Content-Type", "application/json")),
        ("error_503", 503, ("Content-Type", "text/plain")),
        ("html", 200, ("Content-Type", "text/html")),
    ],
)
def test_fault_answers_once(kind: str, status: int, header: tuple[str, str]) -> None:
    with ConfluentDouble() as double:
        double.faults.add(method="GET", path="/subjects", kind=kind)
        registry = RawRegistry(double.url)

        first, second = registry.send("GET", "/subjects"), registry.send("GET", "/subjects")

        assert (first.status, first.headers[header[0]]) == (status, header[1])
        assert (second.status, second.body) == (200, [])
        assert double.faults.pending == ()


def test_fault_can_wait_and_repeat() -> None:
    with ConfluentDouble() as double:
        double.faults.add(path="/subjects", kind="error_500", skip=1, times=2)
        registry = RawRegistry(double.url)

        assert [registry.send("GET", "/subjects").status for _ in range(4)] == [200, 500, 500, 200]


def test_half_an_answer_ends_early() -> None:
    with ConfluentDouble() as double:
        double.faults.add(path="/config", kind="half_json")

        with pytest.raises(http.client.IncompleteRead) as caught:
            RawRegistry(double.url).send("GET", "/config")

        assert b'{"compatibilityLevel": "BACKWARD"}'.startswith(caught.value.partial)


def test_dropped_before_reading_changes_nothing() -> None:
    with ConfluentDouble() as double:
        double.faults.add(method="POST", path="/subjects/s/versions", kind="drop_before_reading")
        registry = RawRegistry(double.url)

        with pytest.raises((urllib.error.URLError, OSError)):
            registry.register("s", '"int"')

        assert registry.read_subjects() == []


def test_dropped_after_commit_has_registered() -> None:
    with ConfluentDouble() as double:
        double.faults.add(method="POST", path="/subjects/s/versions", kind="drop_after_commit")
        registry = RawRegistry(double.url)

        with pytest.raises((urllib.error.URLError, OSError)):
            registry.register("s", '"int"')

        assert registry.read_subjects() == ["s"]


def test_slow_answer_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    with ConfluentDouble() as double:
        double.faults.add(path="/subjects", kind="slow", delay=0.3)
        monkeypatch.setattr(double.stopping, "wait", waits.append)

        RawRegistry(double.url).read("/subjects")

        assert waits == [0.3]


def test_log_counts_requests_by_decoded_path() -> None:
    with ConfluentDouble() as double:
        registry = RawRegistry(double.url)
        registry.register("a/b", '"int"')
        registry.read_compatibility("a/b")

        assert double.count("POST", "/subjects/a/b/versions") == 1
        assert double.count("GET") == 1
        assert double.requests[0].path == "/subjects/a%2Fb/versions"
        assert double.requests[0].headers["content-type"] == "application/vnd.schemaregistry.v1+json"


def test_log_tells_writes_from_look_ups_and_checks() -> None:
    with ConfluentDouble() as double:
        registry = RawRegistry(double.url)
        registry.register("s", '"int"')
        registry.set_compatibility("s", "FULL")
        registry.send("POST", "/subjects/s", {"schema": '"int"'})
        registry.send("POST", "/compatibility/subjects/s/versions", {"schema": '"int"'})
        registry.delete_subject("s")

        assert [request.method for request in double.writes] == ["POST", "PUT", "DELETE"]


def test_log_knows_how_many_requests_were_served_at_once() -> None:
    with ConfluentDouble() as double, ThreadPoolExecutor(3) as pool:
        double.faults.add(path="/subjects", kind="slow", times=3, delay=0.5)
        registry = RawRegistry(double.url)

        list(pool.map(lambda _: registry.read("/subjects"), range(6)))

        assert double.most_at_once == 3


def test_long_answers_are_compressed_on_demand() -> None:
    with ConfluentDouble() as double:
        double.register("s", json.dumps({"type": "enum", "name": "E", "symbols": [f"S{n}" for n in range(500)]}))
        request = urllib.request.Request(f"{double.url}/schemas", headers={"Accept-Encoding": "gzip"})

        with urllib.request.urlopen(request) as reply:
            body = reply.read()

        assert reply.headers["Content-Encoding"] == "gzip"
        assert json.loads(gzip.decompress(body)) == RawRegistry(double.url).read("/schemas")


def test_bodies_in_chunks_are_read() -> None:
    with ConfluentDouble() as double:
        connection = http.client.HTTPConnection("127.0.0.1", double.port)
        chunks = (part.encode() for part in ('{"schema":', ' "\\"int\\""}'))
        connection.request(
            "POST", "/subjects/s/versions", chunks, {"Content-Type": "application/json"}, encode_chunked=True
        )

        assert connection.getresponse().status == 200
        connection.close()


def test_api_below_a_path() -> None:
    with ConfluentDouble(base_path="/gateway/registry") as double:
        assert RawRegistry(double.url).read("/subjects") == []
        assert double.requests[0].path == "/gateway/registry/subjects"


def test_a_stopped_double_refuses_connections_and_its_port_is_free() -> None:
    with ConfluentDouble() as double:
        port = double.port
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/subjects")
        connection.getresponse().read()

    with pytest.raises(OSError):
        connection.request("GET", "/subjects")
        connection.getresponse()
    connection.close()
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection("127.0.0.1", port).connect()


def _open_through(proxy: str, url: str, context: ssl.SSLContext | None = None) -> int:
    handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({"http": proxy, "https": proxy})]
    if context:
        handlers.append(urllib.request.HTTPSHandler(context=context))
    with urllib.request.build_opener(*handlers).open(url) as reply:
        return int(reply.status)


def test_proxy_forwards_plain_requests() -> None:
    with ConfluentDouble() as double, ProxyDouble() as proxy:
        assert _open_through(proxy.url, f"{double.url}/subjects?deleted=true") == 200

        assert proxy.requests == [f"GET {double.url}/subjects?deleted=true HTTP/1.1"]
        assert double.requests[0].query == {"deleted": "true"}


def test_proxy_forwards_bodies() -> None:
    with ConfluentDouble() as double, ProxyDouble() as proxy:
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(proxy.url).port)
        headers = {"Content-Type": "application/json", "Host": urlsplit(double.url).netloc}
        body = json.dumps({"schema": '"int"'})
        connection.request("POST", f"{double.url}/subjects/s/versions", body, headers)

        assert connection.getresponse().status == 200
        connection.close()
        assert RawRegistry(double.url).read_subjects() == ["s"]


def test_proxy_tunnels_tls(certificates: CertificateFiles) -> None:
    context = ssl.create_default_context(cafile=certificates.ca)
    with ConfluentDouble(tls=certificates) as double, ProxyDouble() as proxy:
        assert _open_through(proxy.url, f"{double.url}/subjects", context) == 200

        assert proxy.requests == [f"CONNECT 127.0.0.1:{double.port} HTTP/1.1"] or proxy.requests == [
            f"CONNECT 127.0.0.1:{double.port} HTTP/1.0"
        ]


def test_proxy_asks_for_its_own_credentials() -> None:
    with ConfluentDouble() as double, ProxyDouble(credentials=("ann", "s3cret")) as proxy:
        with pytest.raises(urllib.error.HTTPError) as caught:
            _open_through(proxy.url, f"{double.url}/subjects")
        caught.value.close()

        assert caught.value.code == 407
        assert _open_through(proxy.url.replace("//", "//ann:s3cret@"), f"{double.url}/subjects") == 200
