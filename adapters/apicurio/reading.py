"""Reading a group: its versions page by page, then the text of each that counts, and its rule where it matters."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any

from adapters.apicurio.requests import Requests, is_absent, make_references
from adapters.apicurio.rows import FORMATS, Row, make_row, read_rows
from reconciler.errors import NotFoundError, SchemaError, UnexpectedAnswerError
from reconciler.http import HttpClient, Request, Response
from reconciler.model import (
    EVENT_FORMATS,
    YAML_FORMATS,
    Format,
    LiveState,
    LiveSubject,
    LiveVersion,
    Mode,
    Reference,
    Schema,
)
from reconciler.schemas import language
from reconciler.yaml_lines import YamlError, parse_yaml

COMPATIBILITY = "COMPATIBILITY"
_MODES = {each.value: each for each in Mode}


class Reader:
    """Reads through one client.

    Args:
        concurrency: connections that read at once.
        page_size: versions that one request lists.
        lists_versions: one listing has the versions of all artifacts.
    """

    def __init__(
        self, client: HttpClient, requests: Requests, concurrency: int, page_size: int, *, lists_versions: bool
    ) -> None:
        self._client = client
        self._requests = requests
        self._concurrency = concurrency
        self._page_size = page_size
        self._lists_versions = lists_versions

    def read_state(self, subjects: Collection[str] | None, modes_of: Collection[str] | None) -> LiveState:
        """See :meth:`reconciler.registry.SchemaRegistry.read_state`."""
        rows = self._list_latest() if subjects is None else self.read_rows(dict.fromkeys(subjects))
        found = self._read_subjects(rows)
        wanted = list(found) if modes_of is None else [name for name in dict.fromkeys(modes_of) if name in found]
        found |= dict(self._read_modes(found, wanted))
        return LiveState(found, self.read_level())

    def read_level(self) -> Mode | None:
        """The group's own mode; NONE where there is no rule, as the registry judges by none then."""
        mode, _ = _read_mode(self.ask(self._requests.read_rule(None, COMPATIBILITY)))
        return mode or Mode.NONE

    def read_mode(self, subject: str | None) -> Mode | None:
        """A mode that is set on the very thing; None where none is."""
        return _read_mode(self.ask(self._requests.read_rule(subject, COMPATIBILITY)))[0]

    def read_history(self, subject: str) -> tuple[LiveVersion, ...]:
        """See :meth:`reconciler.registry.SchemaRegistry.read_history`."""
        rows = [row for row in self.list_versions(subject) if row.is_in_use]
        schemas = self._read_schemas(rows)
        return tuple(row.make_version(schemas[row.content_id]) for row in rows)

    def read_latest(self, subject: str) -> LiveVersion | None:
        """The newest version that is in use; None where there is none."""
        found = self._read_subjects(self.read_rows({subject: None})).get(subject)
        if found is not None and found.problem:
            raise UnexpectedAnswerError(found.problem, subject=subject)
        return found.latest if found else None

    def list_versions(self, subject: str) -> list[Row]:
        """Every version of a subject, disabled ones and drafts too, the oldest first; empty where there is none."""
        listed = self.list_rows(partial(self._requests.list_versions_of, subject))
        return sorted((make_row(row, subject) for row in listed), key=lambda row: row.global_id or 0)

    def ask(self, request: Request) -> Response:
        """Send one read over the connections that the others go over."""
        return next(iter(self._client.send_all([request], 1)))

    def ask_all(self, requests: Iterable[Request]) -> list[Response]:
        """Send many reads at once; the answers in their order."""
        return list(self._client.send_all(requests, self._concurrency))

    def is_absent(self, response: Response) -> bool:
        """Whether the registry says that it does not have something.

        Raises:
            NotFoundError: it is the address that is not there.
        """
        if response.status == 404 and not is_absent(response):
            raise self._client.make_error(response)
        return response.status == 404

    def list_rows(
        self, ask_for: Callable[[int, int], Request], of: str = "versions", start: int = 0
    ) -> Iterator[dict[str, Any]]:
        """The rows of all pages; none where there is not what is listed.

        Args:
            ask_for: makes the request of a page from how many rows go before it, and how many it may have.
            start: how many rows are left out.
        """
        for offset in count(start, self._page_size):
            response = self.ask(ask_for(offset, self._page_size))
            page = [] if self.is_absent(response) else read_rows(response, of)
            yield from page
            if len(page) < self._page_size:
                return

    def list_rows_of_each(
        self, subjects: Collection[str], ask_for: Callable[[str, int, int], Request], of: str
    ) -> dict[str, list[dict[str, Any]]]:
        """Likewise for several subjects, whose first pages are asked for at once."""
        firsts = self.ask_all(ask_for(name, 0, self._page_size) for name in subjects)
        found = {
            name: [] if self.is_absent(first) else read_rows(first, of)
            for name, first in zip(subjects, firsts, strict=True)
        }
        for name, rows in found.items():
            if len(rows) == self._page_size:
                rows += self.list_rows(partial(ask_for, name), of, self._page_size)
        return found

    def _list_latest(self) -> dict[str, Row]:
        """The newest version in use of every artifact, by its name."""
        if not self._lists_versions:
            listed = self.list_rows(self._requests.list_artifacts, "artifacts")
            return self.read_rows(dict.fromkeys(row["id"] for row in listed))
        found: dict[str, Row] = {}
        for listing in self.list_rows(self._requests.list_versions):
            row = make_row(listing)
            if row.is_in_use:
                # Versions come newest first.
                found.setdefault(row.subject, row)
        return found

    def read_rows(self, subjects: Iterable[str]) -> dict[str, Row]:
        """The latest versions of subjects without their texts, by subject; those without any are left out."""
        names = list(subjects)
        answers = self._client.send_all((self._requests.read_latest(name) for name in names), self._concurrency)
        return {
            name: make_row(response.json(), name)
            for name, response in zip(names, answers, strict=True)
            if not self.is_absent(response)
        }

    def find_row(self, subject: str) -> Row:
        """The latest version of a subject without its text.

        Raises:
            NotFoundError: there is none.
        """
        response = self.ask(self._requests.read_latest(subject))
        if self.is_absent(response):
            raise NotFoundError(
                "there is no such artifact, or no version of it is in use",
                registry=response.registry,
                subject=subject,
                fix="plan again: somebody deleted or disabled it in the meantime",
            )
        return make_row(response.json(), subject)

    def _read_subjects(self, rows: Mapping[str, Row]) -> dict[str, LiveSubject]:
        usable = {name: row for name, row in rows.items() if row.problem is None}
        schemas = self._read_schemas(usable.values())
        found = {name: LiveSubject(name, None, problem=row.problem) for name, row in rows.items() if row.problem}
        found |= {name: LiveSubject(name, row.make_version(schemas[row.content_id])) for name, row in usable.items()}
        return dict(sorted(found.items()))

    def _read_schemas(self, rows: Iterable[Row]) -> dict[int, Schema]:
        """The schemas of versions, by the numbers of their texts; equal texts are asked for once.

        References are asked for where a text names what it does not define, or cannot be read.
        """
        formats = {row.content_id: (row.subject, FORMATS[row.type]) for row in rows}
        texts = self._read_texts(formats)
        asked = [number for number, text in texts.items() if _may_refer(formats[number][1], text)]
        answers = self._client.send_all(
            (self._requests.read_references(number, formats[number][0]) for number in asked), self._concurrency
        )
        references: dict[int, tuple[Reference, ...]] = {
            number: () if self.is_absent(answer) else make_references(answer.json())
            for number, answer in zip(asked, answers, strict=True)
        }
        return {n: Schema(formats[n][1], text, references.get(n, ())) for n, text in texts.items()}

    def _read_texts(self, formats: Mapping[int, tuple[str, Format]]) -> dict[int, str]:
        answers = self._client.send_all(
            (self._requests.read_content(number, subject) for number, (subject, _) in formats.items()),
            self._concurrency,
        )
        texts: dict[int, str] = {}
        for number, answer in zip(formats, answers, strict=True):
            if self.is_absent(answer):
                raise UnexpectedAnswerError(
                    "a version's text is gone while the registry is read",
                    registry=answer.registry,
                    subject=formats[number][0],
                    fix="run again: somebody deletes versions at the same time",
                )
            texts[number] = _to_text(formats[number][1], answer.body)
        return texts

    def _read_modes(self, found: Mapping[str, LiveSubject], names: Iterable[str]) -> Iterator[tuple[str, LiveSubject]]:
        ordered = list(names)
        answers = self._client.send_all(
            (self._requests.read_rule(name, COMPATIBILITY) for name in ordered), self._concurrency
        )
        for name, answer in zip(ordered, answers, strict=True):
            if not self.is_absent(answer):
                mode, problem = _read_mode(answer)
                yield name, replace(found[name], mode=mode, problem=found[name].problem or problem)


def _read_mode(response: Response) -> tuple[Mode | None, str | None]:
    """The mode that a rule says, or why it says none."""
    if response.status == 404:
        return None, None
    content = response.json()
    word = content.get("config") if isinstance(content, dict) else None
    mode = _MODES.get(str(word))
    return mode, None if mode else f"Its compatibility rule {word} is unknown."


def _to_text(schema_format: Format, body: bytes) -> str:
    """A text as ours are: JSON where somebody else wrote YAML. What is neither stays as it is, and is reported."""
    text = body.decode("utf-8")
    if schema_format not in YAML_FORMATS or text.lstrip().startswith(("{", "[")):
        return text
    try:
        return json.dumps(parse_yaml(text), ensure_ascii=False, indent=2, allow_nan=False)
    except (YamlError, TypeError, ValueError):
        return text


def _may_refer(schema_format: Format, text: str) -> bool:
    if schema_format not in EVENT_FORMATS:
        return True  # what such a text refers to is only declared, not found
    try:
        return bool(language(schema_format).read(text).needs)
    except SchemaError:
        return True
