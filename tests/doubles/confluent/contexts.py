"""Names of subjects in contexts: `:.orders:payments` is `payments` in the context `.orders`."""

from __future__ import annotations

DEFAULT = "."
ALL = ":*:"


def split_name(subject: str) -> tuple[str, str]:
    """Return the context and the plain name; a name that is not qualified is in the default context."""
    if not subject.startswith(":."):
        return DEFAULT, subject
    context, colon, name = subject[1:].partition(":")
    return (context, name) if colon else (DEFAULT, subject)


def make_name(context: str, name: str) -> str:
    """Return the name as the registry writes it: the default context is left out."""
    return name if context == DEFAULT else f":{context}:{name}"


def canonical(subject: str) -> str:
    """Write `:.:name` as `name`."""
    return make_name(*split_name(subject))


def qualify(reference: str, parent: str) -> str:
    """Read a reference's subject inside the context of the subject that references it."""
    if reference.startswith(":."):
        return canonical(reference)
    return make_name(split_name(parent)[0], reference)


def matches_prefix(subject: str, prefix: str) -> bool:
    """Whether a listing with `subjectPrefix` shows the subject; without a prefix, only the default context."""
    if prefix == ALL:
        return True
    context, name = split_name(subject)
    wanted, start = split_name(prefix)
    return context == wanted and name.startswith(start)
