"""Rules as values, and the model of the files that they are written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from reconciler.manifest import FileModel, Text
from reconciler.model import Format, Location, Severity
from reconciler.policy.expressions import Expression
from reconciler.policy.python_rules import Check

Code = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$", max_length=60)]
PackName = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]
SeverityName = Annotated[Severity, Field(strict=False)]


class Scope(StrEnum):
    """What a rule is asked about, once each."""

    SUBJECT = "subject"
    SCHEMA = "schema"
    DEFINITION = "definition"
    FIELD = "field"
    REFERENCE = "reference"
    CHANGE = "change"
    REGISTRY = "registry"
    REPOSITORY = "repository"


_EVERYWHERE = frozenset({"environment", "today", "params"})
_OF_SUBJECT = _EVERYWHERE | {"subject", "schema"}
VARIABLES: Mapping[Scope, frozenset[str]] = {
    Scope.SUBJECT: _OF_SUBJECT,
    Scope.SCHEMA: _OF_SUBJECT,
    Scope.DEFINITION: _OF_SUBJECT | {"definition"},
    Scope.FIELD: _OF_SUBJECT | {"field"},
    Scope.REFERENCE: _OF_SUBJECT | {"reference"},
    Scope.CHANGE: _OF_SUBJECT | {"change"},
    Scope.REGISTRY: _EVERYWHERE | {"registry", "repository"},
    Scope.REPOSITORY: _EVERYWHERE | {"repository"},
}
"""By scope, the variables that its rules see; with `each`, `item` too."""
LISTS: Mapping[Scope, str] = {
    Scope.DEFINITION: "schema.definitions",
    Scope.FIELD: "schema.fields",
    Scope.REFERENCE: "subject.references",
}
"""By scope, the list whose entries its rules are asked about, if it is one."""
ENTRIES = "entries"
"""What those of a list are called that a rule is asked about at once; no rule can speak of them."""


class ParameterEntry(FileModel):
    """A value that users may set without touching the rule."""

    default: Any = Field(description="The value where nobody sets another one; its type is the parameter's.")
    description: Text = Field(description="What it means.")
    choices: list[Any] | None = Field(default=None, description="The only values that it may have.")


class RuleEntry(FileModel):
    """One rule."""

    code: Code = Field(description="The code of its findings: stable, in capitals, unlike that of any other rule.")
    title: Text = Field(description="What it demands, in one sentence.")
    description: Text = Field(default="", description="Why, for whom, and what it does not look at.")
    severity: SeverityName = Field(description="error blocks, warning asks for a look, info tells.")
    enabled: bool = Field(default=True, description="false: only where someone switches it on.")
    scope: Annotated[Scope, Field(strict=False)] = Field(description="What it is asked about, once each.")
    formats: list[Literal["avro", "json", "protobuf"]] | None = Field(
        default=None, min_length=1, description="Only for schemas of these formats."
    )
    each: Text | None = Field(
        default=None, description="CEL: a list; the rule is asked about each of its entries, as `item`."
    )
    when: Text | None = Field(default=None, description="CEL: where it is false the rule has nothing to say.")
    assert_: Text = Field(alias="assert", description="CEL: what must be true.")
    message: Text = Field(description="What is wrong, in one sentence; `{{ CEL }}` stands for a value.")
    fix: Text | None = Field(default=None, description="What to do; a template like the message.")
    links: list[Text] = Field(default_factory=list, description="Where to read more.")


class RuleFile(FileModel):
    """A file of rules: a pack."""

    version: Literal[1] = Field(description="The version of this file's form, and of the model that rules see: 1.")
    pack: PackName = Field(description="The name by which `policies` of schemafed.yaml speaks of these rules.")
    description: Text = Field(description="What the rules are about.")
    parameters: Mapping[Text, ParameterEntry] = Field(
        default_factory=dict, description="Values that users may set; rules see them as `params.NAME`."
    )
    rules: list[RuleEntry] = Field(min_length=1, description="The rules.")


def params_name(pack: str) -> str:
    """What the parameters of a pack are called where the rules of several stand together."""
    return f"params_{pack.replace('-', '_')}"


@dataclass(frozen=True)
class Template:
    """A text with expressions in it: pieces of text and expressions by turns."""

    text: str
    pieces: tuple[str | Expression, ...] = field(repr=False, compare=False)


@dataclass(frozen=True)
class Rule:
    """One rule, ready to be evaluated.

    ``condition`` is what must be true, with ``params`` called as :func:`params_name` says, so that rules of several
    packs can be asked in one expression; ``holds`` is it compiled. It is asked with ``variable`` as each entry of the
    rule's list; ``all_hold`` asks for the whole list at once, and ``verdicts`` lists the answers. ``check`` takes the
    place of these for a rule in Python. ``location`` is that of its `assert`, in a file of the repository where
    ``is_own``; ``names`` are all words of the rule. ``loops`` are those over whole lists that it nests, beside
    the one over what it is asked about; see :func:`reconciler.policy.loops.find_loops`.
    """

    code: str
    pack: str
    title: str
    severity: Severity
    is_enabled: bool
    scope: Scope
    formats: frozenset[Format]
    location: Location
    message: Template
    condition: str = ""
    holds: Expression | None = None
    all_hold: Expression | None = None
    verdicts: Expression | None = None
    each: Expression | None = None
    variable: str | None = None
    fix: Template | None = None
    links: tuple[str, ...] = ()
    description: str = ""
    check: Check | None = None
    is_own: bool = True
    written: RuleEntry | None = field(default=None, repr=False, compare=False)
    names: frozenset[str] = field(default=frozenset(), repr=False, compare=False)
    loops: frozenset[tuple[str, ...]] = field(default=frozenset(), repr=False, compare=False)


@dataclass(frozen=True)
class Pack:
    """The rules of one file, and the parameters that they share."""

    name: str
    description: str
    file: str
    parameters: Mapping[str, ParameterEntry]
    rules: tuple[Rule, ...]

    @property
    def defaults(self) -> dict[str, Any]:
        """The values that parameters have where nobody sets them."""
        return {name: entry.default for name, entry in self.parameters.items()}
