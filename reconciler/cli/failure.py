"""What a user sees when a command fails: what, where, why, what to do; a traceback only when asked for."""

from __future__ import annotations

import os

from reconciler.cli.console import emit_error
from reconciler.errors import SchemafedError
from reconciler.render.findings import render_findings
from reconciler.render.text import render_error
from reconciler.secrets.redaction import write_exception


def report_failure(error: Exception) -> int:
    """Show an error on stderr and return the exit code for it."""
    if isinstance(error, SchemafedError):
        emit_error(*render_findings(getattr(error, "findings", ())), render_error(str(error), error.fix))
        return error.exit_code
    if isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        inner = error.exceptions[0]
        return report_failure(inner) if isinstance(inner, Exception) else 1
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        emit_error(render_error(f"{where}{error.strerror}", "the system refuses it; mend that, and run again"))
        return _show_traceback(error)
    emit_error(
        render_error(
            f"this is a defect of schemafed: {type(error).__name__}: {error}",
            "nothing else is known to be wrong; run again with SCHEMAFED_DEBUG=1 and report what it prints",
        )
    )
    return _show_traceback(error)


def _show_traceback(error: Exception) -> int:
    if os.environ.get("SCHEMAFED_DEBUG"):
        write_exception(type(error), error, error.__traceback__)
    return 1
