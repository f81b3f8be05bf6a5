"""The remedies that findings about Protobuf name, done to the new text as an author would."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from protobuf_pairs import parsed

from reconciler.schemas import Parsed


@dataclass(frozen=True)
class Side:
    """One version's text without its first line, and what it imports."""

    text: str
    imports: Mapping[str, str]
    syntax: str

    def parse(self) -> Parsed:
        return parsed(self.text, self.imports, self.syntax)


Edit = Callable[[Side, Side, str], Side | None]
"""Gets the new side, the old side and the finding's path; None where the edit cannot be made in these texts."""


def _declaration(text: str, path: str) -> re.Match[str] | None:
    """The declaration of the field whose number ends the path."""
    return re.search(rf"(?<=[{{;}} ])[^;{{}}]*= {path.rpartition('/')[2]}(?: \[[^;]*)?;", " " + text)


def _message(text: str, name: str) -> re.Match[str] | None:
    """A whole message with up to three levels of braces."""
    inner = r"[^{}]*"
    for _ in range(3):
        inner = rf"[^{{}}]*(?:\{{{inner}\}}[^{{}}]*)*"
    return re.search(rf"message {name} \{{({inner})\}}", text)


def _put(text: str, declaration: str, message: str, oneof: str | None = None) -> str | None:
    head = rf"oneof {oneof} \{{" if oneof and f"oneof {oneof} {{" in text else rf"message {message} \{{"
    wrapped = f"oneof {oneof} {{ {declaration} }}" if oneof and f"oneof {oneof} {{" not in text else declaration
    changed, count = re.subn(f"({head})", lambda found: f"{found[1]} {wrapped} ", text, count=1)
    return changed if count else None


def keep_field(new: Side, old: Side, path: str) -> Side | None:
    """Declare the field as in the old text, instead of what has its number now."""
    was, now = _declaration(old.text, path), _declaration(new.text, path)
    if was is None:
        return None
    if now is not None:
        return replace(new, text=f" {new.text}".replace(now[0], was[0], 1))
    steps = path.removeprefix("#/").split("/")
    oneof = steps[-2] if f"oneof {steps[-2]} {{" in old.text else None
    renamed = re.sub(r"\b\w+ = ", lambda found: "kept_" + found[0], was[0])
    text = _put(new.text, renamed, steps[-3] if oneof else steps[-2], oneof)
    return replace(new, text=text) if text else None


def add_under_new_number(new: Side, old: Side, path: str) -> Side | None:
    """Leave the field as it was, and add what the author wanted under another number and name."""
    kept, now = keep_field(new, old, path), _declaration(new.text, path)
    if kept is None or now is None:
        return None
    added = re.sub(r"\w+ = \d+", "added = 99", now[0])
    steps = path.removeprefix("#/").split("/")
    text = _put(kept.text, added, steps[-2]) or (_put(kept.text, added, steps[-3]) if len(steps) > 2 else None)
    return replace(kept, text=text) if text else None


def make_optional(new: Side, old: Side, path: str) -> Side | None:
    now = _declaration(new.text, path)
    if now is None:
        return None
    return replace(new, text=f" {new.text}".replace(now[0], now[0].replace("required", "optional"), 1))


def move_outside_oneof(new: Side, old: Side, path: str) -> Side | None:
    now = _declaration(new.text, path)
    without = replace(new, text=f" {new.text}".replace(now[0], " ", 1)) if now else None
    text = _put(without.text, now[0], path.split("/")[-3]) if now and without else None
    return replace(new, text=re.sub(r"oneof \w+ \{\s*\}", "", text)) if text else None


def keep_message_body(new: Side, old: Side, path: str) -> Side | None:
    """Leave the fields of a message, in their oneofs or outside, as they were; keep what is new beside them."""
    name = path.removeprefix("#/").split("/")[0]
    was, now = _message(old.text, name), _message(new.text, name)
    if was is None or now is None:
        return None
    declared = re.findall(r"[\w.]+ \w+ = \d+;", now[1])
    added = [text for text in declared if not re.search(rf"= {text.split('= ')[1]}", was[1])]
    return replace(new, text=new.text.replace(now[1], was[1] + " ".join(added), 1))


def move_one(new: Side, old: Side, path: str) -> Side | None:
    """Let one field move into the oneof, together with a new one."""
    kept = keep_message_body(new, old, path)
    oneof = path.rpartition("/")[2]
    if kept is None or f"oneof {oneof} {{" in kept.text:
        return None
    moved = re.search(r"[\w.]+ \w+ = \d+;", kept.text)
    inside = f"oneof {oneof} {{ {moved[0]} bool added = 99; }}" if moved else ""
    return replace(kept, text=kept.text.replace(moved[0], inside, 1)) if moved else None


def keep_message(new: Side, old: Side, path: str) -> Side | None:
    *outer, name = path.removeprefix("#/").split("/")
    was = _message(old.text, name)
    if was is None:
        return None
    if not outer:
        return replace(new, text=f"{new.text} {was[0]}")
    text = _put(new.text, was[0], outer[-1])
    return replace(new, text=text) if text else None


def import_message(new: Side, old: Side, path: str) -> Side | None:
    """Declare a message in a file of its own, which is imported."""
    name = path.removeprefix("#/")
    now = _message(new.text, name)
    if now is None or "import" in new.text or "package" in new.text or "/" in name:
        return None
    return Side(f'import "added.proto"; {new.text.replace(now[0], "")}', {"added.proto": now[0]}, new.syntax)


def keep_package(new: Side, old: Side, path: str) -> Side | None:
    was = re.search(r"package [\w.]+;", old.text)
    without = re.sub(r"package [\w.]+;", "", new.text)
    return replace(new, text=f"{was[0] if was else ''} {without}")


def keep_imports(new: Side, old: Side, path: str) -> Side | None:
    return replace(new, imports=old.imports)
