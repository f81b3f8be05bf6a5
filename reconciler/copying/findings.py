"""What planning and checking a copy can find, each with its code, its sentence and a way out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from reconciler.model import Finding, Severity, Source


def _make(
    code: str, severity: Severity, registry: str, subject: str | None, message: str, fix: str | None = None
) -> Finding:
    return Finding(code, severity, Source.PLANNING, message, registry=registry, subject=subject, fix=fix)


_Make = Callable[..., Finding]

make_conflict: _Make = partial(_make, "COPY_CONFLICT", Severity.ERROR)
make_taken_id: _Make = partial(_make, "COPY_ID_TAKEN", Severity.ERROR)
make_closed: _Make = partial(_make, "COPY_CLOSED", Severity.ERROR)
make_ids_not_kept: _Make = partial(_make, "IDS_NOT_KEPT", Severity.ERROR)
make_ids_changed: _Make = partial(_make, "IDS_NOT_KEPT", Severity.INFO)
make_left_out: _Make = partial(_make, "NOT_COPIED", Severity.WARNING)
make_version_lost: _Make = partial(_make, "VERSION_NOT_CARRIED", Severity.WARNING)
make_mode_lost: _Make = partial(_make, "MODE_NOT_CARRIED", Severity.WARNING)
make_setting_lost: _Make = partial(_make, "SETTING_NOT_CARRIED", Severity.WARNING)
make_part_lost: _Make = partial(_make, "METADATA_NOT_CARRIED", Severity.WARNING)
make_deleted: _Make = partial(_make, "DELETED_NOT_CARRIED", Severity.INFO)
make_level_note: _Make = partial(_make, "LEVEL_DIFFERS", Severity.WARNING)
make_unlike: _Make = partial(_make, "COPY_DIFFERS", Severity.ERROR)
