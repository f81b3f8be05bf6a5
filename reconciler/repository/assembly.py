"""From texts and what their names mean to schemas, each after those that it refers to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from reconciler.errors import SchemaError
from reconciler.model import Dialect, Finding, Location, Metadata, Reference, RuleSet, Schema, Severity, Source
from reconciler.repository.references import Use
from reconciler.repository.sources import ReadSchema, make_schema_finding
from reconciler.schemas import Document, Parsed, language, parse_strictly
from reconciler.schemas.resolved import SchemaSet


@dataclass(frozen=True, slots=True)
class Part:
    """One file that becomes a schema: of a subject, of a pinned version, or, with neither, a fragment.

    ``uses`` None means that a reference is not settled, which has its finding already.
    """

    read: ReadSchema
    uses: tuple[Use, ...] | None
    subject: str | None = None
    version: int | None = None
    metadata: Metadata | None = None
    rules: RuleSet | None = None

    @property
    def is_fragment(self) -> bool:
        """Whether the text is inlined wherever it is used."""
        return self.subject is None


@dataclass
class Assembly:
    """The schemas that came out; ``schemas`` resolves references over ``by_subject`` and ``pins``."""

    by_subject: dict[str, Schema] = field(default_factory=dict)
    pins: dict[tuple[str, int], Schema] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.schemas = SchemaSet(self._find, is_strict=True)
        self._fragments: dict[str, Parsed] = {}
        self._carried: dict[str, tuple[Use, ...]] = {}

    def _find(self, reference: Reference) -> Schema | None:
        if reference.version is not None:
            return self.pins.get((reference.subject, reference.version))
        return self.by_subject.get(reference.subject)

    def add(self, part: Part, parts: Mapping[str, Part], *, is_used: bool) -> bool:
        """Make the schema of a part whose references are all there; False, with a finding, where it is invalid."""
        try:
            if part.is_fragment:
                self._add_fragment(part, parts)
            else:
                self._add_schema(part, parts, is_used=is_used)
        except SchemaError as error:
            self.findings.append(_make_finding(part, error))
            return False
        return True

    def _add_fragment(self, part: Part, parts: Mapping[str, Part]) -> None:
        dependencies = self._dependencies(part, parts)
        self._fragments[part.read.path] = parse_strictly(part.read.format, part.read.document, dependencies)
        self._carried[part.read.path] = self._kept_uses(part, parts)

    def _add_schema(self, part: Part, parts: Mapping[str, Part], *, is_used: bool) -> None:
        assert part.subject is not None
        document = self._bundle(part, parts)
        uses = part.uses or ()
        if document is not part.read.document:
            uses = _needed(self._kept_uses(part, parts), document, parts)
        references = tuple(_make_reference(use, parts[use.target]) for use in uses)
        schema = Schema(part.read.format, document.definition, references, part.metadata, part.rules)
        if is_used:
            self.schemas.prepare(schema, document)
        self.schemas.canonical(schema, Dialect.CONFLUENT, document)
        if part.version is None:
            self.by_subject[part.subject] = schema
        else:
            self.pins[part.subject, part.version] = schema

    def _bundle(self, part: Part, parts: Mapping[str, Part]) -> Document:
        """The part's own document, or where it uses fragments, that of the text with them inlined."""
        names = frozenset(use.name for use in part.uses or () if parts[use.target].is_fragment)
        if not names:
            return part.read.document
        parsed = parse_strictly(part.read.format, part.read.document, self._dependencies(part, parts))
        lang = language(part.read.format)
        return lang.read(lang.bundle(parsed, names))

    def _dependencies(self, part: Part, parts: Mapping[str, Part]) -> dict[str, Parsed]:
        """What a text uses, and what its fragments use beside fragments, so that this stays a reference."""
        uses = (*(part.uses or ()), *self._kept_uses(part, parts))
        return {use.name: self._parsed(use, parts) for use in reversed(uses)}

    def _kept_uses(self, part: Part, parts: Mapping[str, Part]) -> tuple[Use, ...]:
        """The references that stay once fragments are inlined: own ones, then those of the fragments."""
        kept: dict[str, Use] = {}
        for use in part.uses or ():
            for each in self._carried[use.target] if parts[use.target].is_fragment else (use,):
                kept.setdefault(each.name, each)
        return tuple(kept.values())

    def _parsed(self, use: Use, parts: Mapping[str, Part]) -> Parsed:
        part = parts[use.target]
        if part.is_fragment:
            return self._fragments[use.target]
        schema = self._find(_make_reference(use, part))
        assert schema
        return self.schemas.parsed(schema)


def assemble(parts: Mapping[str, Part]) -> Assembly:
    """Make every schema, by path of its file, in an order in which references are there first.

    One that is invalid, or in a cycle, is left out with its finding; so is, without one, whatever refers to it.
    """
    assembly = Assembly()
    users: dict[str, list[str]] = {}
    waiting = {path: len({u.target for u in part.uses or ()}) for path, part in parts.items()}
    for path, part in parts.items():
        for target in {use.target for use in part.uses or ()}:
            users.setdefault(target, []).append(path)
    ready = [path for path, count in waiting.items() if count == 0]
    failed = {path for path, part in parts.items() if part.uses is None}
    done: set[str] = set()
    for path in ready:
        if path not in failed and not assembly.add(parts[path], parts, is_used=path in users):
            failed.add(path)
        done.add(path)
        for user in users.get(path, ()):
            waiting[user] -= 1
            failed |= {user} if path in failed else set()
            if waiting[user] == 0:
                ready.append(user)
    assembly.findings.extend(_find_cycles(parts, parts.keys() - done))
    return assembly


def _find_cycles(parts: Mapping[str, Part], stuck: Iterable[str]) -> Iterable[Finding]:
    """Follow first references among the files that wait for one another; each walk ends in a cycle or a seen file."""
    left = set(stuck)
    seen: set[str] = set()
    for start in sorted(left):
        walk: dict[str, Use] = {}
        path = start
        while path not in seen and path not in walk:
            use = next(u for u in parts[path].uses or () if u.target in left)
            walk[path] = use
            path = use.target
        if path in walk:
            cycle = list(walk)[list(walk).index(path) :]
            yield _make_cycle(parts, cycle, walk)
        seen.update(walk)


def _make_cycle(parts: Mapping[str, Part], cycle: list[str], walk: Mapping[str, Use]) -> Finding:
    read = parts[cycle[0]].read
    chain = ", which ".join(f"uses `{walk[path].name}` of {walk[path].target}" for path in cycle)
    first = walk[cycle[0]]
    need = next((n for n in read.document.needs if first.name in (n.name, *n.alternatives)), None)
    place = first.location or (read.locate(need.path) if need else Location(read.path))
    return Finding(
        "REFERENCE_CYCLE",
        Severity.ERROR,
        Source.VALIDATION,
        f"{cycle[0]} {chain}",
        subject=parts[cycle[0]].subject,
        path=need.path if need else None,
        location=place,
        fix="define in one file what needs each other, or move what both use into a third",
    )


def _needed(uses: Iterable[Use], document: Document, parts: Mapping[str, Part]) -> tuple[Use, ...]:
    names = {name for need in document.needs for name in (need.name, *need.alternatives)}
    return tuple(u for u in uses if names.intersection((u.name, *parts[u.target].read.document.defines)))


def _make_reference(use: Use, target: Part) -> Reference:
    assert target.subject is not None
    return Reference(use.name, target.subject, use.version)


def _make_finding(part: Part, error: SchemaError) -> Finding:
    finding = make_schema_finding(part.read.path, error, part.read.origin, part.subject)
    if error.path is not None and error.line == 0 and not part.read.origin:
        place = part.read.locate(error.path)
        return make_schema_finding(
            part.read.path,
            SchemaError(
                error.message, path=error.path, line=place.line, column=place.column, fix=error.fix, code=error.code
            ),
            None,
            part.subject,
        )
    return finding
