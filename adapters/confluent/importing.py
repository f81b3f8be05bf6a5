"""Taking versions with the ids and numbers that they have in another registry: write mode IMPORT.

In that mode a server judges nothing and takes no version without an id. Source: the vendor's guide to migrating
schemas.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from adapters.confluent.contexts import find_context
from adapters.confluent.reading import Reader, read_list
from adapters.confluent.settings import IMPORT
from adapters.confluent.wire import WireError, make_schema
from adapters.confluent.writing import CONTENT_TYPE, Writer, make_registration, read_object
from reconciler.errors import RejectedError, UnexpectedAnswerError
from reconciler.http import HttpClient, Request, Response, make_path
from reconciler.model import LiveVersion, Schema

_MISSING = frozenset({404})


class Importer:
    """Imports through one client; see :class:`reconciler.registry.VersionImporter`.

    Args:
        reader: looks at what became of a write whose answer was lost.
        registry: its name, for errors.
        concurrency: connections that read at once.
    """

    def __init__(self, client: HttpClient, reader: Reader, writer: Writer, registry: str, concurrency: int) -> None:
        self._client = client
        self._reader = reader
        self._writer = writer
        self._registry = registry
        self._concurrency = concurrency

    def begin_import(self, subject: str) -> None:
        """Set the write mode, with force: without it a server refuses where there are versions, and forgets softly
        deleted ones where there are none.
        """
        path = make_path("mode", subject)
        request = Request(
            "PUT",
            path,
            {"force": "true"},
            body=json.dumps({"mode": IMPORT}).encode(),
            headers=CONTENT_TYPE,
            is_write=True,
            subject=subject,
            purpose=f"set the write mode to {IMPORT}",
        )

        def look() -> bool | None:
            response = self._reader.ask(Request("GET", path, accepts=_MISSING, subject=subject))
            return True if response.status == 200 and response.json() == {"mode": IMPORT} else None

        self._writer.write(request, lambda answer: bool(read_object(answer)), look)

    def import_version(self, subject: str, version: LiveVersion) -> LiveVersion:
        """Register with number and id, and read back what servers may drop silently."""
        if version.id is None:
            raise RejectedError("a version without an id cannot be imported", registry=self._registry, subject=subject)
        request = make_registration(subject, version.schema, version.version, version.id)
        made = self._writer.write(
            request,
            lambda answer: self._check(subject, version, read_object(answer)),
            lambda: self._find(subject, version),
        )
        self._writer.raise_if_dropped(subject, version.schema, made)
        return made

    def read_numbers(self, subjects: Collection[str]) -> dict[str, tuple[int, ...]]:
        """Read all numbers, a request a subject; see :class:`reconciler.registry.NumberKeeper`."""
        names = list(subjects)
        asked = (
            Request(
                "GET",
                make_path("subjects", name, "versions"),
                {"deleted": "true"},
                accepts=_MISSING,
                subject=name,
                purpose="list the versions",
            )
            for name in names
        )
        answers = self._client.send_all(asked, self._concurrency)
        return {
            name: () if self._reader.is_absent(answer) else tuple(sorted(read_list(answer, int)))
            for name, answer in zip(names, answers, strict=True)
        }

    def find_ids(self, ids: Mapping[str, Collection[int]]) -> dict[tuple[str, int], Schema]:
        """Read schemas by id, a request for each id of a context: ids are given by context."""
        wanted = dict.fromkeys(
            (find_context(subject), number) for subject, each in ids.items() for number in sorted(each)
        )
        answers = self._client.send_all((_ask_id(*place) for place in wanted), self._concurrency)
        held = {
            place: self._make_schema(answer)
            for place, answer in zip(wanted, answers, strict=True)
            if not self._reader.is_absent(answer)
        }
        return {
            (subject, number): held[find_context(subject), number]
            for subject, each in ids.items()
            for number in each
            if (find_context(subject), number) in held
        }

    def _check(self, subject: str, wanted: LiveVersion, answer: Mapping[str, Any]) -> LiveVersion:
        """Complete the answer: Confluent 7 tells the id only, and a number is told where it is another one."""
        number = answer.get("version") or wanted.version
        if answer.get("id") == wanted.id and number == wanted.version:
            return wanted
        raise RejectedError(
            f"the registry was asked to take version {wanted.version} with id {wanted.id};"
            f" it answered with version {number} and id {answer.get('id')}",
            registry=self._registry,
            subject=subject,
            fix="copy without --keep-ids: this server does not honour ids",
        )

    def _find(self, subject: str, wanted: LiveVersion) -> LiveVersion | None:
        found = self._reader.read_version(subject, wanted.version)
        return wanted if found is not None and found.id == wanted.id else None

    def _make_schema(self, response: Response) -> Schema:
        content = response.json()
        try:
            return make_schema(content if isinstance(content, dict) else {})
        except WireError as error:
            raise UnexpectedAnswerError(
                f"the schema of an id cannot be read: {error}", registry=self._registry, status=response.status
            ) from error


def _ask_id(context: str, number: int) -> Request:
    query = {"subject": context} if context else {}
    return Request("GET", make_path("schemas", "ids", number), query, accepts=_MISSING, purpose="look up an id")
