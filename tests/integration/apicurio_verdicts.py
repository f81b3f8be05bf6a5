"""What a real Apicurio Registry says of two texts, and what our rules say in its dialect."""

from __future__ import annotations

import urllib.error
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from reconciler.compatibility import Judged, check
from reconciler.model import Dialect, Format, Mode, Outcome
from tests.compatibility.case_texts import Pair
from tests.raw_registry import RawAnswer, RawRegistry

_AT_ONCE = 3
_NO_VERDICT = frozenset({422, 500})


def ask_all(registry: RawRegistry, pairs: Iterable[Pair]) -> list[bool | None]:
    """The server's verdicts on some pairs, in their order."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(lambda pair: ask(registry, pair), pairs))


def judge(pair: Pair) -> bool:
    old, new = pair.parse()
    return check(new, [Judged(1, old)], Mode.BACKWARD, Dialect.APICURIO).outcome is Outcome.COMPATIBLE


def ask(registry: RawRegistry, pair: Pair) -> bool | None:
    """The server's verdict; None where it does not take a schema, or fails over it."""
    answer = send(registry, pair)
    if answer.status in _NO_VERDICT:
        return None
    assert answer.status == 200, answer
    return bool(answer.body["is_compatible"])


def send(registry: RawRegistry, pair: Pair) -> RawAnswer:
    """Register the old schema under BACKWARD, and ask about the new one."""
    subject = f"compatibility-{uuid4().hex[:10]}"
    registered = patiently(registry, "POST", f"/subjects/{subject}/versions", body(pair.format, pair.old))
    if registered.status != 200:
        return registered
    patiently(registry, "PUT", f"/config/{subject}", {"compatibility": "BACKWARD"})
    path = f"/compatibility/subjects/{subject}/versions/latest"
    return patiently(registry, "POST", path, body(pair.format, pair.new))


def patiently(registry: RawRegistry, method: str, path: str, content: object) -> RawAnswer:
    """Send once more what was lost: the server closes connections when many come at once."""
    try:
        return registry.send(method, path, content)
    except (urllib.error.URLError, ConnectionError):
        return registry.send(method, path, content)


def body(schema_format: Format, text: str) -> dict[str, str]:
    return {"schema": text, "schemaType": str(schema_format)}
