"""Deleting from a registry, in the two steps that it knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from adapters.confluent.reading import Reader
from adapters.confluent.writing import Writer, read_answer
from reconciler.http import HttpClient, Request, Response, make_path
from reconciler.http.failures import read_words

GONE = frozenset({40401, 40402, 40404, 40406})
"""Codes that mean that a deletion has nothing to do: no such subject or version, or it is softly deleted already."""

# Apicurio answers 40406 with HTTP 409.
_GONE_STATUSES = frozenset({404, 409})
_STEPS: tuple[tuple[Mapping[str, str], str, bool], ...] = (({}, "", False), ({"permanent": "true"}, " for good", True))


class Deleter:
    """Deletes through one client; ``reader`` looks at what became of a deletion whose answer was lost."""

    def __init__(self, client: HttpClient, reader: Reader, writer: Writer) -> None:
        self._client = client
        self._reader = reader
        self._writer = writer

    def delete_versions(self, subject: str, versions: Sequence[int], permanent: bool) -> None:
        """See :meth:`reconciler.registry.SchemaRegistry.delete_versions`."""
        for version in sorted(versions, reverse=True):
            path = make_path("subjects", subject, "versions", version)
            self._delete(path, subject, f"delete version {version}", permanent, {version})

    def delete_subject(self, subject: str, permanent: bool) -> None:
        """See :meth:`reconciler.registry.SchemaRegistry.delete_subject`."""
        self._delete(make_path("subjects", subject), subject, "delete the subject", permanent, None)

    def _delete(self, path: str, subject: str, purpose: str, permanent: bool, versions: set[int] | None) -> None:
        """Delete softly, then for good if that is wanted; ``versions`` None are all of the subject."""
        for query, way, is_permanent in _STEPS[: 1 + permanent]:
            request = Request(
                "DELETE",
                path,
                query,
                is_write=True,
                accepts=_GONE_STATUSES,
                subject=subject,
                purpose=f"{purpose}{way}",
            )
            self._writer.write(request, self._check, self._make_look(subject, versions, is_permanent))

    def _check(self, response: Response) -> bool:
        if response.status not in _GONE_STATUSES:
            read_answer(response, list, int)
        elif read_words(response)[0] not in GONE:
            raise self._client.make_error(response)
        return True

    def _make_look(self, subject: str, versions: set[int] | None, deleted: bool) -> Callable[[], bool | None]:
        def look() -> bool | None:
            left = self._reader.read_numbers(subject, deleted=deleted)
            is_gone = not (left if versions is None else versions.intersection(left))
            return is_gone or None

        return look
