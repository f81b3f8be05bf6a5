"""Many compatibility checks at once, from texts: in this process, or in the processes of an executor.

Everything that goes to an executor and comes back is a picklable value, and the function that does the work stands in a
module. So a pool of processes, or the client of a cluster with the same interface, may do it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass, replace
from itertools import islice

from reconciler.compatibility import Judged, check
from reconciler.compatibility.dialects import select_history
from reconciler.compatibility.unreadable import unreadable_version
from reconciler.errors import SchemaError, SchemafedError
from reconciler.model import Dialect, Finding, Format, Mode, Outcome, Severity, Source, Verdict
from reconciler.schemas import Parsed, language

CHUNK = 20
"""Requests that travel together: many enough that sending costs little, few enough that all workers end together."""

_CHUNKS_AHEAD = 64
"""Chunks that an executor holds at most, so that requests may be read one by one from somewhere big."""


@dataclass(frozen=True, slots=True)
class SchemaText:
    """A schema's text with the texts that it refers to, by the name that it refers by."""

    format: Format
    definition: str
    references: tuple[tuple[str, SchemaText], ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One question: may this schema follow these versions?

    ``history`` are the undeleted versions with their numbers, oldest first. One of another format than ``new`` is
    incompatible with it. ``checkpoint`` is the number of the version that counts where the dialect has one.
    """

    new: SchemaText
    history: tuple[tuple[int, SchemaText], ...]
    mode: Mode
    dialect: Dialect = Dialect.CONFLUENT
    checkpoint: int | None = None


def check_all(requests: Iterable[Request], executor: Executor | None = None, chunk: int = CHUNK) -> Iterator[Verdict]:
    """Judge many schemas, each against its own history.

    Args:
        requests: the questions; read as they are needed.
        executor: whose processes do the work, ``chunk`` requests at a time; None for this process. It stays open.
        chunk: how many requests go together; a text that several of them have is parsed once.

    Returns:
        the verdicts, in the order of the requests. A text that cannot be read makes its request INCOMPATIBLE, with a
        finding that says which text, where and why; it disturbs no other request.

    Raises:
        ValueError: ``chunk`` is below 1.
        SchemafedError: a process of the executor died.
    """
    if chunk < 1:
        raise ValueError(f"a chunk of {chunk} requests, where at least 1 must go together")
    chunks = _chunks(requests, chunk)
    if executor is None:
        return (verdict for some in chunks for verdict in check_chunk(some))
    return _check_elsewhere(chunks, executor)


def check_chunk(requests: Sequence[Request]) -> list[Verdict]:
    """Judge a few requests, each of their texts parsed once. This is what an executor's process runs."""
    texts = _Texts()
    return [_check(request, texts) for request in requests]


def _chunks(requests: Iterable[Request], size: int) -> Iterator[tuple[Request, ...]]:
    remaining = iter(requests)
    while some := tuple(islice(remaining, size)):
        yield some


def _check_elsewhere(chunks: Iterator[tuple[Request, ...]], executor: Executor) -> Iterator[Verdict]:
    """Keep the executor busy, and give the verdicts in order; whoever stops listening stops what has not begun."""
    waiting: deque[Future[list[Verdict]]] = deque()
    try:
        for some in chunks:
            waiting.append(executor.submit(check_chunk, some))
            if len(waiting) >= _CHUNKS_AHEAD:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    except BrokenExecutor as error:
        raise SchemafedError(
            "a process that judges schemas died before it had an answer",
            fix="use fewer processes if memory is short; if it dies again, judge the schemas one by one to find which",
        ) from error
    finally:
        for future in waiting:
            future.cancel()


class _Texts:
    """The texts of a chunk: each parsed once, or found unreadable once.

    A text is known again as the same object, which is quick however many others it refers to, or by what it says.
    """

    __slots__ = ("_by_content", "_by_identity")

    def __init__(self) -> None:
        self._by_identity: dict[int, Parsed | SchemaError] = {}
        self._by_content: dict[object, Parsed | SchemaError] = {}

    def parsed(self, text: SchemaText) -> Parsed | SchemaError:
        """Parse a text with all that it refers to; the error of the first that cannot be read, as a value."""
        known = self._by_identity.get(id(text))
        if known is None:
            used = {name: self.parsed(referenced) for name, referenced in text.references}
            key = (text.format, text.definition, tuple((name, id(parsed)) for name, parsed in used.items()))
            known = self._by_content.get(key) or _parse(text, used)
            self._by_identity[id(text)] = self._by_content[key] = known
        return known


def _parse(text: SchemaText, used: Mapping[str, Parsed | SchemaError]) -> Parsed | SchemaError:
    lang = language(text.format)
    dependencies: dict[str, Parsed] = {}
    for name, parsed in used.items():
        if isinstance(parsed, SchemaError):
            return parsed
        dependencies[name] = parsed
    try:
        return lang.parse(lang.read(text.definition), dependencies)
    except SchemaError as error:
        return error


def _check(request: Request, texts: _Texts) -> Verdict:
    new = _refuse_unfit(texts.parsed(request.new))
    if isinstance(new, SchemaError):
        finding = _make_finding(new, "the new schema cannot be read")
        return Verdict(Outcome.INCOMPATIBLE, request.mode, findings=(finding,))
    history: list[Judged] = []
    findings: list[Finding] = []
    for old in _counted(request):
        parsed = texts.parsed(old.text)
        if isinstance(parsed, SchemaError):
            findings.append(unreadable_version(parsed, old.version))
        else:
            history.append(Judged(old.version, parsed))
    try:
        verdict = check(new, history, request.mode, request.dialect, checkpoint=request.checkpoint)
    except SchemaError as error:
        finding = _make_finding(error, "the schemas cannot be compared")
        return Verdict(Outcome.INCOMPATIBLE, request.mode, findings=(*findings, finding))
    if not findings:
        return verdict
    return replace(verdict, outcome=Outcome.INCOMPATIBLE, findings=(*findings, *verdict.findings))


def _refuse_unfit(parsed: Parsed | SchemaError) -> Parsed | SchemaError:
    return parsed if isinstance(parsed, SchemaError) else parsed.unfit or parsed


@dataclass(frozen=True, slots=True)
class _Old:
    """An existing version before it is parsed."""

    version: int
    text: SchemaText


def _counted(request: Request) -> Sequence[_Old]:
    """The versions that the mode looks at: no other need be parsed."""
    history = [_Old(*numbered) for numbered in request.history]
    return select_history(history, request.mode, request.dialect, request.checkpoint)


def _make_finding(error: SchemaError, what: str) -> Finding:
    place = f" (line {error.line}, column {error.column})" if error.line else ""
    return Finding(
        code=error.code,
        severity=Severity.ERROR,
        source=Source.COMPATIBILITY,
        message=f"{what}{place}: {error.message}",
        path=error.path,
        fix=error.fix,
    )
