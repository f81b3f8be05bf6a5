"""The few calls of the service that the adapter makes, each with its pace and its errors."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from adapters.glue.failures import as_registry_errors, is_over
from adapters.glue.quick import Answer, QuickReads
from adapters.glue.session import Connection
from reconciler.errors import NotFoundError

Given = TypeVar("Given")
Got = TypeVar("Got")
__all__ = ["Answer", "Calls"]
_PAGE = 100
"""The most that one page of the service has (its API reference, ``MaxResultsNumber``)."""


class Calls:
    """Calls of one registry of one account; used from several threads at once.

    Args:
        connect: makes a client with the credentials that there are now; called again where those end in a run.
        quick: reads many at once.
        name: the team's name of the registry, for errors.
        registry: its name in the account.
        per_second: the most requests a second; None for as many as there are.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        quick: QuickReads,
        name: str,
        registry: str,
        *,
        concurrency: int,
        per_second: float | None,
    ) -> None:
        self.name = name
        self._connect = connect
        self._quick = quick
        self._connections = [connect()]
        self._registry = registry
        self._concurrency = concurrency
        self._gap = 1 / per_second if per_second else 0.0
        self._next = 0.0
        self._lock = threading.Lock()
        self._renewing = threading.Lock()
        self._is_there = False

    @property
    def registry_id(self) -> dict[str, str]:
        """How the service wants the registry named."""
        return {"RegistryName": self._registry}

    def call(
        self, operation: str, purpose: str, subject: str | None = None, *, is_write: bool = False, **arguments: Any
    ) -> Answer:
        """Call an operation of the service by the SDK's name of it.

        Where the credentials are over, it is called once more with those that there are by then: a refused signature
        means that nothing was done.

        Raises:
            RegistryError: as :func:`adapters.glue.failures.as_registry_errors` says.
        """
        self._wait()
        used = self._connections[-1]
        with as_registry_errors(self.name, subject, purpose, is_write=is_write):
            try:
                answer: Answer = getattr(used.client, operation)(**arguments)
            except ClientError as error:
                if not is_over(error):
                    raise
                answer = getattr(self._renew(used).client, operation)(**arguments)
        return answer

    def call_schema(
        self, operation: str, purpose: str, subject: str, *, is_write: bool = False, **arguments: Any
    ) -> Answer:
        """Call an operation about one schema."""
        schema_id = {"RegistryName": self._registry, "SchemaName": subject}
        return self.call(operation, purpose, subject, is_write=is_write, SchemaId=schema_id, **arguments)

    def find_schema(self, operation: str, purpose: str, subject: str, **arguments: Any) -> Answer | None:
        """The same, with None where there is no such schema or version."""
        try:
            return self.call_schema(operation, purpose, subject, **arguments)
        except NotFoundError:
            return None

    def ask_quickly(self, operation: str, subjects: Sequence[str], **arguments: Any) -> dict[str, Answer | None]:
        """Ask about many schemas by the service's own name of an operation; None where the SDK has to ask again."""
        ids = ({"RegistryName": self._registry, "SchemaName": subject} for subject in subjects)
        questions = [{"SchemaId": schema_id, **arguments} for schema_id in ids]
        return dict(zip(subjects, self._quick.ask(self._connections[-1], operation, questions), strict=True))

    def list_all(self, operation: str, purpose: str, key: str, subject: str | None = None) -> Iterator[Answer]:
        """Every item of a listing, page by page; of the registry, or of one schema of it."""
        token: dict[str, Any] = {}
        while True:
            if subject is None:
                answer = self.call(operation, purpose, RegistryId=self.registry_id, MaxResults=_PAGE, **token)
            else:
                answer = self.call_schema(operation, purpose, subject, MaxResults=_PAGE, **token)
            yield from answer.get(key) or ()
            if not answer.get("NextToken"):
                return
            token = {"NextToken": answer["NextToken"]}

    def raise_if_no_registry(self) -> None:
        """Tell a schema that is not there from a registry that is not: the service has one code for both.

        Raises:
            NotFoundError: there is no such registry.
        """
        if not self._is_there:
            self.call("get_registry", f"find the registry {self._registry}", RegistryId=self.registry_id)
            self._is_there = True

    def for_each(self, ask: Callable[[Given], Got], items: Iterable[Given]) -> list[Got]:
        """Ask about many things, as many at a time as the options allow; the answers in their order."""
        with ThreadPoolExecutor(self._concurrency, thread_name_prefix="glue") as threads:
            return list(threads.map(ask, items))

    def close(self) -> None:
        """Give back connections."""
        for connection in self._connections:
            connection.client.close()

    def _renew(self, refused: Connection) -> Connection:
        """The connection after one that was refused; whoever comes first makes it."""
        with self._renewing:
            if self._connections[-1] is refused:
                self._connections.append(self._connect())
            return self._connections[-1]

    def _wait(self) -> None:
        if not self._gap:
            return
        with self._lock:
            now = time.monotonic()
            start = max(now, self._next)
            self._next = start + self._gap
        time.sleep(max(0.0, start - now))
