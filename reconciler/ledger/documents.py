"""Intents, leases and records as the JSON and the messages of the ledger's commits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from reconciler import __version__
from reconciler.applied import IntendedChange
from reconciler.ledger.entries import make_entry_document, resolve_entry
from reconciler.ledger.values import ChangeOutcome, Intent, Lease, Record, RecordedApproval, RecordKind
from reconciler.model import Mode
from reconciler.secrets.redaction import redact

INTENT_FILE = "intent.json"
"""What a run that has not ended intends; in the root of the tree, where no registry's file can be."""
LEASE_FILE = "lease.json"
_TRAILER = "Schemafed-"


def render_intent(intent: Intent) -> str:
    """An intent without its lease, a line for each of its changes."""
    head = {"source": intent.source, "digest": intent.digest, "who": intent.who}
    first = "".join(f"{_dump(k)}: {_dump(v)},\n" for k, v in head.items())
    changes = ",\n".join(_dump(_make_intended_document(change)) for change in intent.changes)
    return f'{{\n{first}"changes": [\n{changes}\n]\n}}\n'


def resolve_intent(content: bytes, lease: bytes | None) -> Intent:
    """An intent from the files of the ledger.

    Raises:
        ValueError, KeyError, TypeError: they are not what they should be.
    """
    document = json.loads(content)
    changes = tuple(_resolve_intended(change) for change in document["changes"])
    held = _resolve_lease(json.loads(lease)) if lease else None
    return Intent(document["source"], document["digest"], document["who"], changes, held)


def render_lease(lease: Lease) -> str:
    """A lease as a file of the ledger."""
    document = asdict(lease) | {"begun": _render_time(lease.begun), "expires": _render_time(lease.expires)}
    return json.dumps(document, indent=0) + "\n"


def render_message(
    kind: RecordKind,
    environment: str,
    headline: str,
    *,
    source: str | None = None,
    digest: str | None = None,
    run_url: str | None = None,
    outcomes: Sequence[ChangeOutcome] = (),
    approvals: Sequence[RecordedApproval] = (),
) -> str:
    """The message of a commit of the ledger: a line for people, what happened as JSON, and trailers."""
    lines = ",\n".join(_dump(_present(asdict(outcome))) for outcome in outcomes)
    given = ",\n".join(_dump(_present(asdict(approval))) for approval in approvals)
    also = f',\n"approvals": [\n{given}\n]' if approvals else ""
    body = f'{{"changes": [\n{lines}\n]{also}}}\n\n' if outcomes or approvals else ""
    trailers = {
        "Kind": kind,
        "Environment": environment,
        "Plan": digest,
        "Source": source,
        "Run": run_url,
        "Version": __version__,
    }
    rows = "".join(f"{_TRAILER}{name}: {value}\n" for name, value in trailers.items() if value)
    return redact(f"{headline}\n\n{body}{rows}")


def resolve_record(commit: str, who: str, when: int, message: str) -> Record | None:
    """A record from a commit; None where the commit is none of the ledger's.

    Raises:
        ValueError, KeyError, TypeError: it is one and cannot be read.
    """
    headline, _, rest = message.partition("\n")
    body, _, rows = rest.strip().rpartition("\n\n")
    trailers = dict(_split_trailers((rows or rest).splitlines()))
    if "Kind" not in trailers:
        return None
    document = json.loads(body) if body.strip() else {}
    return Record(
        commit,
        RecordKind(trailers["Kind"]),
        trailers.get("Environment", ""),
        who,
        datetime.fromtimestamp(when, UTC),
        headline,
        trailers.get("Source"),
        trailers.get("Plan"),
        trailers.get("Run"),
        tuple(ChangeOutcome(**{"subject": None, **change}) for change in document.get("changes", ())),
        tuple(RecordedApproval(**approval) for approval in document.get("approvals", ())),
    )


def _split_trailers(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    for line in lines:
        name, colon, value = line.partition(": ")
        if colon and name.startswith(_TRAILER):
            yield name.removeprefix(_TRAILER), value


def _make_intended_document(change: IntendedChange) -> dict[str, Any]:
    document = {
        "kind": change.kind,
        "registry": change.registry,
        "subject": change.subject,
        "version": change.version,
        "mode": change.mode,
        "entry": make_entry_document(change.entry) if change.entry else None,
        "temporary": change.is_temporary or None,
        "restores": change.restores_mode,
        "versions": change.versions or None,
        "permanent": change.is_permanent or None,
        "settings": dict(change.settings) or None,
    }
    return _present(document)


def _resolve_intended(document: Mapping[str, Any]) -> IntendedChange:
    entry, mode, restores = (document.get(key) for key in ("entry", "mode", "restores"))
    return IntendedChange(
        document["kind"],
        document["registry"],
        document.get("subject"),
        document.get("version"),
        Mode(mode) if mode else None,
        resolve_entry(entry) if entry else None,
        document.get("temporary", False),
        Mode(restores) if restores else None,
        tuple(document.get("versions", ())),
        document.get("permanent", False),
        document.get("settings", {}),
    )


def _resolve_lease(document: Mapping[str, Any]) -> Lease:
    times = {key: datetime.fromisoformat(document[key]) for key in ("begun", "expires")}
    return Lease(**{**document, **times})


def _render_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _present(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value is not None}


def _dump(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)
