"""Reading a registry: in bulk where the server can, by name where it cannot or where that is less."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import count
from math import ceil
from typing import Any, TypeVar

from adapters.confluent.contexts import find_context
from adapters.confluent.wire import WireError, make_mode, make_subject, make_version
from reconciler.errors import UnexpectedAnswerError
from reconciler.http import HttpClient, Request, Response, make_path
from reconciler.http.failures import read_words
from reconciler.model import LiveState, LiveSubject, LiveVersion, Mode

EVERY_CONTEXT = ":*:"
ABSENT = frozenset({40401, 40402, 40403, 40408, 40409})
"""Codes of a 404 that mean what they say: no such subject, version, schema, level or write mode of its own. Any other
404 is a wrong address."""

_MISSING = frozenset({404})
_FORBIDDEN = 403
ASK_DEFAULT_MODE = Request("GET", "/config", accepts=_MISSING, purpose="read the registry's compatibility level")
_NO_BULK = frozenset({404, 405, 501})
FEW = 100
"""So many named reads cost about what one page of a bulk read costs the server, and 7 round trips at 16 connections."""
_PAGES_AT_ONCE = 2
_NAMES_A_PAGE = 10_000
_VERSIONS_A_PAGE = 100

_NOTHING: Mapping[str, Any] = {}

Item = TypeVar("Item")
_KINDS: Mapping[type, str] = {dict: "objects", str: "names", int: "numbers"}


class Reader:
    """Reads through one client.

    Args:
        concurrency: connections for named reads.
        page_size: rows of a bulk read that are asked for at once.
        has_contexts: whether ``:.team:orders`` is a subject of a context, which may have a level of its own.
    """

    def __init__(self, client: HttpClient, concurrency: int, page_size: int, *, has_contexts: bool) -> None:
        self._client = client
        self._concurrency = concurrency
        self._page_size = page_size
        self._has_contexts = has_contexts
        self._has_bulk: bool | None = None
        self._is_exact = True

    def read_state(self, subjects: Collection[str] | None, modes_of: Collection[str] | None) -> LiveState:
        """See :meth:`reconciler.registry.SchemaRegistry.read_state`.

        A subject that only has a mode, set ahead of its first version or kept after a soft deletion, is there without a
        latest version when both were asked for by name.
        """
        found = self._read_everything() if subjects is None else self._read_some(tuple(dict.fromkeys(subjects)))
        wanted = found.keys() if modes_of is None else dict.fromkeys(modes_of).keys()
        found.update(self.read_modes(found, [n for n in wanted if n in found or subjects is not None]))
        found.update(self.read_inherited([found[name] for name in wanted if name in found]))
        return LiveState(found, self.read_default_mode())

    def read_default_mode(self) -> Mode | None:
        """Read the registry's own level; None where it says that it has none."""
        return self._read_level(ASK_DEFAULT_MODE)

    def read_mode(self, subject: str) -> Mode | None:
        """Read a subject's own mode; None where it inherits the registry's level."""
        return self._read_level(_ask_mode(subject))

    def read_history(self, subject: str) -> tuple[LiveVersion, ...]:
        """See :meth:`reconciler.registry.SchemaRegistry.read_history`."""
        versions = self._read_history_in_bulk(subject) if self._has_bulk and self._is_exact else None
        return versions if versions is not None else self._read_history_by_number(subject)

    def read_version(self, subject: str, version: int | str) -> LiveVersion | None:
        """Read one version of a subject by its number or ``latest``; None where there is none."""
        response = self.ask(_ask_version(subject, version))
        return None if self.is_absent(response) else _make_version(response)

    def read_numbers(self, subject: str, *, deleted: bool = False) -> tuple[int, ...]:
        """Read the numbers of a subject's versions, sorted, with ``deleted`` softly deleted ones too; empty if none."""
        path = make_path("subjects", subject, "versions")
        query = {"deleted": "true"} if deleted else {}
        response = self.ask(Request("GET", path, query, accepts=_MISSING, subject=subject, purpose="list the versions"))
        return () if self.is_absent(response) else tuple(sorted(read_list(response, int)))

    def ask(self, request: Request) -> Response:
        """Send one read over the connections that the others go over."""
        return next(iter(self._client.send_all([request], 1)))

    def is_absent(self, response: Response) -> bool:
        """Whether the registry says that it does not have something.

        Raises:
            NotFoundError: it is the address that is not there.
        """
        if response.status != 404:
            return False
        if read_words(response)[0] not in ABSENT:
            raise self._client.make_error(response)
        return True

    def _read_level(self, request: Request) -> Mode | None:
        response = self.ask(request)
        if self.is_absent(response):
            return None
        try:
            return make_mode(response.json())
        except WireError as error:
            raise _unexpected(response, error) from error

    def _read_everything(self) -> dict[str, LiveSubject]:
        found = self._read_bulk()
        return self.read_by_name(self.read_names()) if found is None else found

    def _read_some(self, names: tuple[str, ...]) -> dict[str, LiveSubject]:
        """Read by name when that is less: few names, or few against a registry whose every page is a whole scan."""
        if len(names) <= FEW:
            return self.read_by_name(names)
        listed = self.read_names()
        present = [name for name in names if name in listed or name.startswith(":")]
        if len(present) <= FEW * ceil(len(listed) / self._page_size):
            return self.read_by_name(present)
        every = self._read_bulk() or {}
        found = {name: every[name] for name in present if name in every}
        return found | self.read_by_name([name for name in present if name not in every])

    def _read_bulk(self) -> dict[str, LiveSubject] | None:
        """Read the latest version of every subject in pages; None where the server has no such answer.

        The first page tells what the server is: rows without a subject (Apicurio) are of no use; an empty page has to
        be believed by ``/subjects`` too. More rows than asked for, or unsorted ones, are not Confluent's, whose rows
        alone are surely without deleted ones; rows of named contexts only may lack the default one. Such rows are
        checked against the list of subjects.
        """
        if self._has_bulk is False:
            return None
        response = self.ask(self._ask_page(0))
        rows = [] if response.status in _NO_BULK else read_list(response, dict)
        if not rows and not self.read_names():
            return {}
        self._has_bulk = bool(rows) and all("subject" in row for row in rows)
        if not self._has_bulk:
            return None
        found: dict[str, LiveSubject] = {}
        is_paged = len(rows) <= self._page_size
        is_sorted = _add_rows(found, rows)
        first, stride = rows[0], len(rows)
        del rows
        for page in self._read_further_pages(stride) if is_paged else ():
            if page[:1] == [first]:  # the same rows again: offsets mean nothing to it
                is_paged = False
                break
            is_sorted = _add_rows(found, page) and is_sorted
        self._is_exact = is_paged and is_sorted
        if not self._is_exact:
            return self._check_against_list(self._drop_doubtful(found))
        has_default_context = any(not name.startswith(":") for name in found)
        return found if has_default_context else self._check_against_list(found)

    def _read_further_pages(self, stride: int) -> Iterator[list[dict[str, Any]]]:
        """Read on after a first page of ``stride`` rows: a server may give fewer than asked for, so that a short first
        page is not yet the end.
        """
        offsets = count(stride, stride)
        pages_at_once = _PAGES_AT_ONCE if stride == self._page_size else 1
        pages = self._client.send_all((self._ask_page(offset) for offset in offsets), pages_at_once)
        for response in pages:
            rows = read_list(response, dict)
            if not all("subject" in row for row in rows):
                raise _unexpected(response, "some rows name their subject and some do not")
            yield rows
            if len(rows) < stride:
                return

    def _ask_page(self, offset: int, *, deleted: bool = False) -> Request:
        query = {
            "latestOnly": "true",
            "subjectPrefix": EVERY_CONTEXT,
            "offset": str(offset),
            "limit": str(self._page_size),
        } | ({"deleted": "true"} if deleted else {})
        return Request("GET", "/schemas", query, accepts=_NO_BULK, purpose="read all schemas")

    def _drop_doubtful(self, found: Mapping[str, LiveSubject]) -> dict[str, LiveSubject]:
        """Keep what is the same with and without softly deleted versions: Karapace means either by the other."""
        other: dict[str, LiveSubject] = {}
        _add_rows(other, read_list(self.ask(self._ask_page(0, deleted=True)), dict))
        return {name: subject for name, subject in found.items() if other.get(name) == subject}

    def _check_against_list(self, found: Mapping[str, LiveSubject]) -> dict[str, LiveSubject]:
        names = self.read_names()
        kept = {name: subject for name, subject in found.items() if name in names}
        return kept | self.read_by_name([name for name in names if name not in kept])

    def read_names(self) -> dict[str, None]:
        """Read the names of all subjects, in their order, in pages for servers that limit this too."""
        names: dict[str, None] = {}
        while True:
            query = {"offset": str(len(names)), "limit": str(_NAMES_A_PAGE)}
            response = self.ask(Request("GET", "/subjects", query, purpose="list the subjects"))
            page = read_list(response, str)
            known = len(names)
            names.update(dict.fromkeys(page))
            # An empty or repeated page is the end. A short one is not: the server's own limit may be lower than ours.
            if len(names) == known or (known == 0 and len(page) < FEW):
                return names

    def read_by_name(self, names: Iterable[str]) -> dict[str, LiveSubject]:
        """Read the latest version of subjects; those that have none are absent."""
        ordered = list(names)
        answers = self._client.send_all((_ask_version(name, "latest") for name in ordered), self._concurrency)
        return {
            name: make_subject(name, _object(response))
            for name, response in zip(ordered, answers, strict=True)
            if not self.is_absent(response)
        }

    def read_modes(self, found: Mapping[str, LiveSubject], names: Iterable[str]) -> dict[str, LiveSubject]:
        """Read the modes of subjects, and give those that have a config of their own with it."""
        ordered = list(names)
        answers = self._client.send_all((_ask_mode(name) for name in ordered), self._concurrency)
        return {
            name: _with_mode(found.get(name) or LiveSubject(name, None), response)
            for name, response in zip(ordered, answers, strict=True)
            if not self.is_absent(response)
        }

    def read_inherited(
        self, subjects: Collection[LiveSubject], known: Mapping[str, Any] = _NOTHING
    ) -> dict[str, LiveSubject]:
        """Read the levels that hold in contexts, one request each, and give their subjects what they inherit of them.

        Args:
            known: configs of contexts that are not asked for.
        """
        placed = {s.name: (s, context) for s in subjects if self._has_contexts and (context := find_context(s.name))}
        asked = [context for context in dict.fromkeys(c for _, c in placed.values()) if context not in known]
        answers = self._client.send_all((_ask_level(context) for context in asked), self._concurrency)
        configs = dict(known)
        for context, response in zip(asked, answers, strict=True):
            if response.status == _FORBIDDEN:
                configs[context] = None
            elif not self.is_absent(response):
                configs[context] = response.json()
        return {
            name: _give_inherited(subject, context, configs[context])
            for name, (subject, context) in placed.items()
            if context in configs
        }

    def _read_history_in_bulk(self, subject: str) -> tuple[LiveVersion, ...] | None:
        """Read all versions in one request; None where that does not tell.

        Rows are sorted by subject, so those of the very subject come before those of which it is only a prefix.
        """
        versions: dict[int, LiveVersion] = {}
        for offset in count(0, _VERSIONS_A_PAGE):
            query = {"subjectPrefix": subject, "offset": str(offset), "limit": str(_VERSIONS_A_PAGE)}
            request = Request("GET", "/schemas", query, subject=subject, purpose="read the versions")
            response = self.ask(request)
            rows = read_list(response, dict)
            own = [row for row in rows if row.get("subject") == subject]
            known = len(versions)
            versions |= {v.version: v for v in (_check_version(row, response) for row in own)}
            if len(own) < _VERSIONS_A_PAGE or len(versions) == known:
                break
        return tuple(versions[number] for number in sorted(versions)) or None

    def _read_history_by_number(self, subject: str) -> tuple[LiveVersion, ...]:
        numbers = self.read_numbers(subject)
        answers = self._client.send_all((_ask_version(subject, number) for number in numbers), self._concurrency)
        return tuple(_make_version(answer) for answer in answers if not self.is_absent(answer))


def _ask_version(subject: str, version: int | str) -> Request:
    path = make_path("subjects", subject, "versions", version)
    return Request("GET", path, accepts=_MISSING, subject=subject, purpose="read the schema")


def _ask_mode(subject: str) -> Request:
    path = make_path("config", subject)
    return Request("GET", path, accepts=_MISSING, subject=subject, purpose="read the compatibility mode")


def _ask_level(context: str) -> Request:
    """Ask for the level that holds in a context: its own, or what the server has for those without one."""
    query = {"defaultToGlobal": "true"}
    accepts = _MISSING | {_FORBIDDEN}
    return Request("GET", make_path("config", context), query, accepts=accepts, purpose="read the level of a context")


def _with_mode(subject: LiveSubject, response: Response) -> LiveSubject:
    content = _parse_config(response.body)
    return give_mode(subject, response.json() if content is None else content)


@lru_cache(maxsize=64)
def _parse_config(body: bytes) -> Any:
    """The content of an answer about a config, None where it is not JSON; thousands of answers are the same few."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def give_mode(subject: LiveSubject, config: Any) -> LiveSubject:
    """Give a subject the mode and the group of its config; a mode that is unknown becomes its problem."""
    try:
        mode, problem = make_mode(config), subject.problem
    except WireError as error:
        mode, problem = None, subject.problem or _make_sentence(error)
    group = config.get("compatibilityGroup") if isinstance(config, dict) else None
    return LiveSubject(subject.name, subject.latest, mode, problem, group if isinstance(group, str) and group else None)


def _give_inherited(subject: LiveSubject, context: str, config: Any) -> LiveSubject:
    """Give a subject the level of its context; one that is unknown, or that may not be read (config None), is the
    problem of a subject that has no other.
    """
    if config is None:
        why = f"The level of its context {context} may not be read (403): grant the right to read its config."
        return subject if subject.mode else replace(subject, problem=subject.problem or why)
    try:
        return replace(subject, inherited=make_mode(config))
    except WireError as error:
        return subject if subject.mode else replace(subject, problem=subject.problem or _make_sentence(error))


def _make_sentence(error: WireError) -> str:
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."


def _add_rows(found: dict[str, LiveSubject], rows: list[dict[str, Any]]) -> bool:
    """Add rows, the highest version of a subject winning; whether they came sorted, contexts aside."""
    is_sorted, before = True, ""
    for row in rows:
        name = row["subject"]
        if not name.startswith(":"):
            is_sorted, before = is_sorted and before <= name, name
        subject, known = make_subject(name, row), found.get(name)
        if known is None or known.latest is None or (subject.latest and subject.latest.version > known.latest.version):
            found[name] = subject
    return is_sorted


def read_list(response: Response, kind: type[Item]) -> list[Item]:
    """Read an answer that must be a list of one kind of items.

    Raises:
        UnexpectedAnswerError: it is not.
    """
    content = response.json()
    if not isinstance(content, list) or not all(isinstance(item, kind) for item in content):
        raise _unexpected(response, f"a list of {_KINDS[kind]} was expected")
    return content


def _object(response: Response) -> dict[str, Any]:
    content = response.json()
    if not isinstance(content, dict):
        raise _unexpected(response, "an object was expected")
    return content


def _make_version(response: Response) -> LiveVersion:
    return _check_version(_object(response), response)


def _check_version(item: Mapping[str, Any], response: Response) -> LiveVersion:
    try:
        return make_version(item)
    except WireError as error:
        raise _unexpected(response, f"version {item.get('version')}: {error}") from error


def _unexpected(response: Response, problem: object) -> UnexpectedAnswerError:
    return UnexpectedAnswerError(
        f"the answer to {response.request} cannot be used",
        registry=response.registry,
        subject=response.request.subject if response.request else None,
        status=response.status,
        detail=str(problem),
        fix="check that `url` is that of the registry's Confluent-compatible interface, and that `kind` is right",
    )
