"""Compatibility and write modes: per subject, per context, and for the whole registry."""

from __future__ import annotations

from typing import Any

from tests.doubles.confluent.contexts import DEFAULT, make_name, split_name
from tests.doubles.confluent.errors import make_error

LEVELS = frozenset(
    {
        "NONE",
        "BACKWARD",
        "FORWARD",
        "FULL",
        "BACKWARD_TRANSITIVE",
        "FORWARD_TRANSITIVE",
        "FULL_TRANSITIVE",
    }
)
WRITE_MODES = frozenset({"READWRITE", "READONLY", "READONLY_OVERRIDE", "IMPORT", "FORWARD"})
GLOBAL = ""
_EXTENDED = frozenset(
    {
        "alias",
        "normalize",
        "validateFields",
        "validateRules",
        "compatibilityGroup",
        "compatibilityPolicy",
        "defaultMetadata",
        "overrideMetadata",
        "defaultRuleSet",
        "overrideRuleSet",
    }
)


class Settings:
    """What was set, by scope: the empty name for the registry, `:.ctx:` for a context, else a subject."""

    def __init__(self) -> None:
        self._configs: dict[str, dict[str, Any]] = {}
        self._modes: dict[str, str] = {}

    def put_config(self, scope: str, body: dict[str, Any]) -> dict[str, Any]:
        """Merge a body into what the scope has; returns the body as the registry repeats it."""
        if unknown := sorted(body.keys() - _EXTENDED - {"compatibility"}):
            raise make_error("unrecognized_field", field=unknown[0])
        level = body.get("compatibility")
        if level is not None and (not isinstance(level, str) or level.upper() not in LEVELS):
            raise make_error("invalid_compatibility")
        given = {name: value for name, value in body.items() if name != "compatibility"}
        if isinstance(level, str):
            given["compatibilityLevel"] = level.upper()
        self._configs[scope] = {**self._configs.get(scope, {}), **given}
        return {**body, "compatibility": level.upper()} if isinstance(level, str) else body

    def get_config(self, scope: str) -> dict[str, Any] | None:
        return self._configs.get(scope)

    def delete_config(self, scope: str) -> dict[str, Any] | None:
        return self._configs.pop(scope, None)

    def resolve_config(self, subject: str) -> dict[str, Any]:
        """Return what holds for a subject: the nearest scope that sets a field gives it.

        In a context, that is its own config or the server's default: the registry's level is that of the default one.
        """
        out: dict[str, Any] = {"compatibilityLevel": "BACKWARD"}
        scopes = _scopes(subject)
        for scope in reversed(scopes if split_name(subject)[0] == DEFAULT else scopes[:-1]):
            out.update(self._configs.get(scope, {}))
        return out

    def put_mode(self, scope: str, mode: object) -> None:
        if not isinstance(mode, str) or mode.upper() not in WRITE_MODES:
            raise make_error("invalid_mode")
        self._modes[scope] = mode.upper()

    def get_mode(self, scope: str) -> str | None:
        return self._modes.get(scope)

    def delete_mode(self, scope: str) -> str | None:
        return self._modes.pop(scope, None)

    def resolve_mode(self, subject: str) -> str:
        """Return the write mode that holds; the registry's READONLY_OVERRIDE beats every other."""
        if self._modes.get(GLOBAL) == "READONLY_OVERRIDE":
            return "READONLY_OVERRIDE"
        set_modes = (self._modes.get(scope) for scope in _scopes(subject))
        return next((mode for mode in set_modes if mode), "READWRITE")

    def forget(self, subject: str) -> None:
        """Drop what a permanently deleted subject had."""
        self._configs.pop(subject, None)
        self._modes.pop(subject, None)

    def raise_if_read_only(self, subject: str) -> None:
        if self.resolve_mode(subject).startswith("READONLY"):
            raise make_error("read_only", subject=subject or "null")


def _scopes(subject: str) -> list[str]:
    """Return the scopes of a subject, nearest first."""
    context = split_name(subject)[0]
    own_context = [make_name(context, "")] if context != DEFAULT else []
    return list(dict.fromkeys([subject, *own_context, GLOBAL]))
