"""Which versions refer to a subject."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.confluent.reading import Reader, read_list
from reconciler.http import HttpClient, Request, make_path
from reconciler.registry import Dependant

_MISSING = frozenset({404})


def read_dependants(
    client: HttpClient, reader: Reader, subject: str, *, concurrency: int, deleted: bool
) -> tuple[Dependant, ...]:
    """See :meth:`reconciler.registry.SchemaRegistry.read_dependants`; one request a version, one an id that it names.

    Args:
        concurrency: connections that ask at once.
        deleted: whether softly deleted versions count.
    """
    numbers = reader.read_numbers(subject, deleted=True)
    asked = (
        Request("GET", make_path("subjects", subject, "versions", n, "referencedby"), subject=subject, purpose=_PURPOSE)
        for n in numbers
    )
    users = {n: read_list(answer, int) for n, answer in zip(numbers, client.send_all(asked, concurrency), strict=True)}
    query = {"subject": subject} if subject.startswith(":") else {}
    query |= {"deleted": "true"} if deleted else {}
    places = _read_places(client, reader, query, sorted({i for ids in users.values() for i in ids}), concurrency)
    return tuple(sorted({Dependant(*place, n) for n, ids in users.items() for i in ids for place in places[i]}))


_PURPOSE = "read what refers to it"


def _read_places(
    client: HttpClient, reader: Reader, query: Mapping[str, str], ids: Sequence[int], concurrency: int
) -> Mapping[int, list[tuple[str, int]]]:
    """By id, the subjects and versions that have it; ids count within the context of the subject in ``query``."""
    asked = (
        Request("GET", make_path("schemas", "ids", i, "versions"), query, accepts=_MISSING, purpose=_PURPOSE)
        for i in ids
    )
    answers = zip(ids, client.send_all(asked, concurrency), strict=True)
    return {
        i: [] if reader.is_absent(answer) else [(row["subject"], row["version"]) for row in read_list(answer, dict)]
        for i, answer in answers
    }
