"""Contexts: parts of a registry, named at the beginning of a subject's name (``:.team:orders``)."""

from __future__ import annotations

_DEFAULT = "."


def find_context(subject: str) -> str:
    """The context that a subject is in, as it begins the name (``:.team:``); empty for the default one.

    The first colon after the context ends it: what follows may have colons of its own.
    """
    if not subject.startswith(":."):
        return ""
    name, colon, _ = subject[1:].partition(":")
    return f":{name}:" if colon and name != _DEFAULT else ""
