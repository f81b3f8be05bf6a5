"""The one seam to a registry over HTTP: retries, pace, redirects, errors, and many requests at once."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, repeat
from urllib.parse import urljoin, urlsplit

from reconciler.errors import RegistryError
from reconciler.http.endpoint import Endpoint
from reconciler.http.failover import BulkFailoverTransport, FailoverTransport, Fleet
from reconciler.http.failures import make_answer_error, make_fault_error
from reconciler.http.faults import TransportError
from reconciler.http.lean import LeanTransport
from reconciler.http.messages import Request, Response
from reconciler.http.ordinary import OrdinaryTransport
from reconciler.http.pace import Pace
from reconciler.http.retry import (
    RetryPolicy,
    make_retry_after,
    may_repeat_after_answer,
    may_repeat_after_fault,
)
from reconciler.http.side_by_side import run_in_order
from reconciler.http.transport import BulkTransport, Transport

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 3
_Outcome = Response | TransportError
_Question = tuple[Request, _Outcome | None]
"""A request, and what came of asking once, if it was asked."""


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """How a client behaves.

    ``fixes`` says what to do, by the server's own error code; ``requests_per_second`` None is no limit.
    """

    retry: RetryPolicy = field(default_factory=RetryPolicy)
    requests_per_second: float | None = None
    fixes: Mapping[int | str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EndpointAnswer:
    """What one endpoint of several said when it was asked by itself; ``problem`` is None where it is well."""

    origin: str
    seconds: float
    problem: str | None


class HttpClient:
    """Asks one registry, from several threads at once.

    Args:
        endpoint: where it is, or in their order where it is too; used here for words and redirects, by the transports
            for connections.
        settings: patience and pace.
        registry: the team's name of it, for errors.
        transport: carries single reads (httpx where not given).
        bulk_transport: carries what :meth:`send_all` sends, and writes, of which a long apply makes thousands (the lean
            one where not given).
        sleep: waits that many seconds; for tests.
        draw: a random number from 0 to 1; for tests.
    """

    def __init__(
        self,
        endpoint: Endpoint | Sequence[Endpoint],
        settings: ClientSettings,
        registry: str,
        *,
        transport: Transport | None = None,
        bulk_transport: Transport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._fleet = Fleet([endpoint] if isinstance(endpoint, Endpoint) else endpoint)
        self._settings = settings
        self._registry = registry
        self._transport = transport or _make_transport(self._fleet)
        self._bulk_transport = bulk_transport or _make_bulk_transport(self._fleet)
        self._pace = Pace(settings.requests_per_second, sleep=sleep)
        self._sleep = sleep
        self._draw = draw

    def send(self, request: Request) -> Response:
        """Send one request and get its answer, trying again where that is safe and may help.

        Returns:
            an answer below 300, or one whose status the request accepts.

        Raises:
            UnreachableError: no connection, or no answer, after all attempts.
            OutcomeUnknownError: a write was sent and what came of it is not known. Look before repeating it.
            UnauthorizedError, ForbiddenError, NotFoundError, RejectedError, ThrottledError, UnexpectedAnswerError: by
                the answer's status.
        """
        return self._send(self._bulk_transport if request.is_write else self._transport, request)

    def send_all(self, requests: Iterable[Request], concurrency: int) -> Iterator[Response]:
        """Send many reads over up to ``concurrency`` connections; answers come in the order of the requests.

        Requests are taken from the iterable as answers are consumed, so it may be endless. As long as all is well they
        go the quick way, if the transport has one; from the first trouble on each goes its own, with all patience.

        Raises:
            RegistryError: as :meth:`send`, at the place of the request that failed; the rest is not sent.
        """
        left = iter(requests)
        unanswered: deque[_Question] = deque()
        if concurrency > 1 and not self._pace.is_limited and isinstance(self._bulk_transport, BulkTransport):
            yield from self._send_quickly(self._bulk_transport, left, concurrency, unanswered)
        questions = chain(unanswered, zip(left, repeat(None)))
        yield from run_in_order(lambda each: self._send(self._bulk_transport, *each), questions, concurrency)

    def _send_quickly(
        self, transport: BulkTransport, requests: Iterator[Request], concurrency: int, unanswered: deque[_Question]
    ) -> Iterator[Response]:
        """Give answers up to the first trouble; ``unanswered`` has that and the other requests that were taken."""
        answers = transport.send_many(_note(requests, unanswered), concurrency)
        try:
            for status, _, headers, body, _ in answers:
                request, _ = unanswered.popleft()
                response = Response(status, headers, body, request, self._registry)
                if status >= 300 and status not in request.accepts:
                    # A token that is refused is renewed where each goes its own way.
                    is_renewable = status == 401 and self._fleet.endpoints[0].token is not None
                    unanswered.appendleft((request, None if is_renewable else response))
                    return
                yield response
        except TransportError as fault:
            request, _ = unanswered.popleft()
            unanswered.appendleft((request, fault))
        finally:
            answers.close()

    def make_error(self, response: Response) -> RegistryError:
        """Make the error that an accepted answer stands for after all."""
        return make_answer_error(response, self._settings.fixes)

    def wait_before_repeating(self, attempt: int) -> bool:
        """Wait before a caller repeats what it found undone; False when there were ``attempt`` attempts and enough."""
        delay = self._make_delay(attempt, None)
        if delay is not None:
            self._sleep(delay)
        return delay is not None

    def ask_each(self, request: Request) -> list[EndpointAnswer]:
        """Ask every endpoint the same, once and by itself: whether each is well where one of them answers for all."""
        answers = []
        for endpoint in self._fleet.endpoints:
            alone = HttpClient(endpoint, replace(self._settings, retry=RetryPolicy(retries=0)), self._registry)
            started, problem = time.perf_counter(), None
            try:
                alone.send(request)
            except RegistryError as error:
                problem = str(error)
            finally:
                alone.close()
            answers.append(EndpointAnswer(endpoint.origin, time.perf_counter() - started, problem))
        return answers

    def close(self) -> None:
        """Give back all connections."""
        self._transport.close()
        self._bulk_transport.close()

    def _send(self, transport: Transport, request: Request, first: _Outcome | None = None) -> Response:
        response = self._send_patiently(transport, request, first)
        for _ in range(_MOST_REDIRECTS):
            target = self._find_redirect(request, response)
            if target is None:
                break
            response = self._send_patiently(transport, replace(request, path=target, query={}, is_below_host=True))
        if response.status < 300 or response.status in request.accepts:
            return response
        raise self.make_error(response)

    def _send_patiently(self, transport: Transport, request: Request, first: _Outcome | None = None) -> Response:
        """Send until there is an answer to keep; ``first`` is what came of the first attempt, if there was one."""
        attempt = 0
        while True:
            attempt += 1
            outcome = first if first and attempt == 1 else self._try(transport, request)
            if isinstance(outcome, TransportError):
                delay = self._make_delay(attempt, None) if may_repeat_after_fault(request, outcome) else None
                if delay is None:
                    raise make_fault_error(request, outcome, self._fleet.endpoints, self._registry) from outcome
            else:
                if not may_repeat_after_answer(request, outcome):
                    return self._name(outcome, request)
                delay = self._make_delay(attempt, make_retry_after(outcome.headers))
                if delay is None:
                    return self._name(outcome, request)
            self._sleep(delay)

    def _try(self, transport: Transport, request: Request) -> _Outcome:
        self._pace.wait()
        token = self._fleet.endpoints[0].token
        used = token.make_authorization() if token else None
        try:
            response = transport.send(request)
            # What was refused for its credentials surely was not done, so that a write may be repeated too.
            if response.status == 401 and token and token.drop(used):
                response = transport.send(request)
        except TransportError as fault:
            return fault
        return response

    def _make_delay(self, attempt: int, retry_after: float | None) -> float | None:
        return self._settings.retry.make_delay(attempt, retry_after, self._draw())

    def _name(self, response: Response, request: Request) -> Response:
        return Response(response.status, response.headers, response.body, request, self._registry)

    def _find_redirect(self, request: Request, response: Response) -> str | None:
        """The path to follow: of a read only, and only on the same servers, so that credentials go nowhere else."""
        location = response.headers.get("location")
        if request.is_write or response.status not in _REDIRECTS or not location:
            return None
        asked = self._fleet.endpoints[self._fleet.current]
        prefix = "" if request.is_below_host else asked.prefix
        target = urlsplit(urljoin(f"{asked.origin}{prefix}{request.path}", location))
        if f"{target.scheme}://{target.netloc}" not in {endpoint.origin for endpoint in self._fleet.endpoints}:
            return None
        return f"{target.path}?{target.query}" if target.query else target.path


def _make_transport(fleet: Fleet) -> Transport:
    transports = [OrdinaryTransport(endpoint) for endpoint in fleet.endpoints]
    return FailoverTransport(fleet, transports) if len(transports) > 1 else transports[0]


def _make_bulk_transport(fleet: Fleet) -> Transport:
    transports = [LeanTransport(endpoint) for endpoint in fleet.endpoints]
    return BulkFailoverTransport(fleet, transports) if len(transports) > 1 else transports[0]


def _note(requests: Iterator[Request], unanswered: deque[_Question]) -> Iterator[Request]:
    """Give requests on, and remember those that were taken."""
    for request in requests:
        unanswered.append((request, None))
        yield request
