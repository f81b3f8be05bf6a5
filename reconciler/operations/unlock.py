"""``unlock``: take the lease from a run that is gone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from reconciler.ledger.leases import is_held
from reconciler.ledger.loading import load_ledger
from reconciler.ledger.values import Ledger, present_time
from reconciler.ledger.writing import raise_if_unusable, write_unlock
from reconciler.operations.settings import load_valid_config


def load_lock(root: Path, environment: str | None, on_progress: Callable[[str], None] = lambda text: None) -> Ledger:
    """Load the ledger of an environment, to see who holds it.

    Raises:
        LedgerError: it cannot be read, or its remote does not answer.
        RepositoryError: there is no Git repository.
    """
    config = load_valid_config(root)
    ledger = load_ledger(root, config, config.select_environment(environment), on_progress)
    raise_if_unusable(ledger)
    return ledger


def is_locked(ledger: Ledger) -> bool:
    """Whether a run has the lease, or had it and is gone."""
    return ledger.unfinished is not None and ledger.unfinished.lease is not None


def is_at_work(ledger: Ledger) -> bool:
    """Whether the run that has the lease may still be writing."""
    return ledger.unfinished is not None and is_held(ledger.unfinished.lease, present_time())


def unlock(ledger: Ledger) -> None:
    """Take the lease from whoever has it; the next apply finds out what was done under it.

    Raises:
        LedgerMovedError: they wrote meanwhile: they are not gone.
        LedgerRefusedError, LedgerOfflineError: the remote does not accept it, or does not answer.
    """
    write_unlock(ledger)
