"""Whom CODEOWNERS names for a file, as GitHub, Gitea and GitLab understand it; pure.

Sources: GitHub, "About code owners"; GitLab, "Code Owners syntax".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reconciler.repository.patterns import Pattern, compile_pattern

PLACES = (".github/CODEOWNERS", ".gitea/CODEOWNERS", ".gitlab/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where forges look for the file; the first one that is there counts."""
_SECTION = re.compile(r"(?P<optional>\^?)\[(?P<name>[^\]]+)\](?:\[(?P<number>\d+)\])?(?P<owners>(?:\s+\S+)*)")
_WORD = re.compile(r"(?:\\.|[^\s\\])+")


@dataclass(frozen=True, slots=True)
class OwnedPattern:
    """One line: the files that a pattern names, and their owners; none of them means that nobody has to be asked."""

    pattern: Pattern
    owners: tuple[str, ...]
    is_exclusion: bool = False

    def matches(self, path: str) -> bool:
        """Whether the line is about a file; ``folder/*`` is about the files of that folder alone, not those below."""
        if not self.pattern.matches(path):
            return False
        return not self.pattern.text.endswith("/*") or not self.pattern.matches(path.rpartition("/")[0])


@dataclass(frozen=True, slots=True)
class Section:
    """Lines of which the last that matches counts; GitHub's file is one section. Nobody must answer an optional one."""

    lines: tuple[OwnedPattern, ...] = ()
    is_optional: bool = False

    def find(self, path: str) -> tuple[str, ...]:
        """The owners of a file, as they are written."""
        if any(line.is_exclusion and line.matches(path) for line in self.lines):
            return ()
        return next((line.owners for line in reversed(self.lines) if line.matches(path)), ())


@dataclass(frozen=True, slots=True)
class CodeOwners:
    """A file CODEOWNERS; without any section it names nobody.

    ``prefix`` is what comes before paths that are asked for, where they do not count from the repository's top.
    """

    sections: tuple[Section, ...] = ()
    prefix: str = ""

    def find_groups(self, path: str) -> tuple[tuple[str, ...], ...]:
        """The groups of owners of a file of which each is to approve; one a section that is not optional."""
        found = (section.find(self.prefix + path) for section in self.sections if not section.is_optional)
        return tuple(dict.fromkeys(owners for owners in found if owners))

    def find(self, path: str) -> tuple[str, ...]:
        """All owners of a file, relative to the repository's root, as they are written: ``@person``, ``@org/team``."""
        return tuple(dict.fromkeys(owner for section in self.sections for owner in section.find(self.prefix + path)))


def make_code_owners(text: str, prefix: str = "") -> CodeOwners:
    """Read the text of a CODEOWNERS file; a line that means nothing is passed over, as forges do."""
    gathered: dict[str, tuple[bool, tuple[str, ...], list[OwnedPattern]]] = {"": (False, (), [])}
    current = ""
    for line in _strip_all(text):
        header = _SECTION.fullmatch(line)
        if header:
            current = header["name"].casefold()
            # A section that is written twice is one.
            gathered.setdefault(current, (bool(header["optional"]), tuple(header["owners"].split()), []))
            continue
        _, defaults, lines = gathered[current]
        owned = _make_line(_WORD.findall(line), defaults)
        lines.extend([owned] if owned else [])
    found = (Section(tuple(lines), is_optional) for is_optional, _, lines in gathered.values() if lines)
    return CodeOwners(tuple(found), prefix)


def _strip_all(text: str) -> Iterator[str]:
    for line in text.removeprefix("\ufeff").splitlines():
        stripped = re.sub(r"(^|\s)#.*$", "", line).strip()
        if stripped:
            yield stripped


def _make_line(words: Sequence[str], defaults: tuple[str, ...]) -> OwnedPattern | None:
    name = re.sub(r"\\(.)", r"\1", words[0]) if words else ""
    is_exclusion = words[:1] != [] and words[0].startswith("!")
    pattern = name.removeprefix("!") if is_exclusion else name
    if not pattern.strip("/"):
        # "/" alone is the whole repository.
        return OwnedPattern(compile_pattern("**"), tuple(words[1:]) or defaults) if pattern else None
    return OwnedPattern(compile_pattern(pattern), tuple(words[1:]) or defaults, is_exclusion)
