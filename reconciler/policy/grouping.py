"""Rules in groups that are asked at once, and what is asked about as they see it: no more than they speak of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reconciler.model import Format, Location, Severity
from reconciler.policy.expressions import (
    Context,
    Expression,
    compares_wholes,
    join_conditions,
    make_context,
    name_members,
)
from reconciler.policy.facts import KEYS
from reconciler.policy.loops import MAX_STEPS, count_steps, find_longest
from reconciler.policy.remembering import Memory, find_keys, find_seldom, is_local
from reconciler.policy.rules import ENTRIES, LISTS, Rule, Scope, params_name


@dataclass(frozen=True, slots=True)
class Chosen:
    """A rule as it holds somewhere: at which level, and with which parameters."""

    rule: Rule
    severity: Severity
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """Whatever rules are asked about at once: a subject with its schema, a change of it, a registry, the repository.

    ``values`` are the variables. ``locate`` finds the line of what ``at`` of a field or a definition says; it is asked
    only where there is a finding. ``schema_format`` None: rules of every format apply.
    """

    scopes: frozenset[Scope]
    values: Mapping[str, Any]
    location: Location
    locate: Callable[[str], Location]
    subject: str | None = None
    registry: str | None = None
    schema_format: Format | None = None


class RuleSet:
    """Rules that hold together somewhere, and what is made once for all that they are asked about.

    Args:
        rules: each at its level.
    """

    def __init__(self, rules: Sequence[Chosen] = ()) -> None:
        self.rules = tuple(rules)
        self._groups: dict[tuple[frozenset[Scope], Format | None], list[Group]] = {}
        self._kept: dict[frozenset[Scope], Mapping[str, frozenset[str]]] = {}
        self._parameter = max((find_longest({"": chosen.parameters}) for chosen in self.rules), default=0)
        self._deepest = max((len(path) for chosen in self.rules for path in chosen.rule.loops), default=0)
        self._parts: dict[frozenset[str], RuleSet] = {}

    def has(self, scopes: Collection[Scope]) -> bool:
        """Whether any rule is asked about one of these."""
        return any(chosen.rule.scope in scopes for chosen in self.rules)

    def groups(self, asked: Asked) -> list[Group]:
        """The rules that concern what is asked about, in groups that are asked at once."""
        key = (asked.scopes, asked.schema_format)
        if key not in self._groups:
            self._groups[key] = _make_groups(chosen for chosen in self.rules if _concerns(chosen.rule, asked))
        return self._groups[key]

    def find_endless(self, asked: Asked) -> Mapping[str, int]:
        """By code, the rules that would take too long for what is asked about, with how many entries they go over."""
        longest = find_longest(asked.values)
        if max(longest, self._parameter) ** (self._deepest + 1) <= MAX_STEPS:
            return {}
        concerned = (chosen.rule for chosen in self.rules if _concerns(chosen.rule, asked))
        counted = {rule.code: self._count_steps(rule, asked, longest) for rule in concerned}
        return {code: steps for code, steps in counted.items() if steps > MAX_STEPS}

    def _count_steps(self, rule: Rule, asked: Asked, longest: int) -> int:
        variable, _, key = LISTS.get(rule.scope, "").partition(".")
        entries = len(asked.values[variable][key]) if variable else longest if rule.each else 1
        return entries * count_steps(rule.loops, longest, self._parameter) if rule.loops else 0

    def without(self, codes: frozenset[str]) -> RuleSet:
        """The same rules but for some, by their codes."""
        if codes not in self._parts:
            self._parts[codes] = RuleSet([chosen for chosen in self.rules if chosen.rule.code not in codes])
        return self._parts[codes]

    def fill(self, asked: Asked, view: View) -> None:
        """Give rules the values that they speak of, those of schemas without what no rule does."""
        for name in asked.values.keys() & view.names:
            value, keys, make_lean = asked.values[name], view.keys.get(name), _LEAN.get(name)
            seen = value if keys is None else {key: value[key] for key in keys}
            view.context.add_variable(name, make_lean(seen, self._find_kept(asked.scopes)) if make_lean else seen)

    def _find_kept(self, scopes: frozenset[Scope]) -> Mapping[str, frozenset[str]]:
        if scopes not in self._kept:
            rules = [chosen.rule for chosen in self.rules if chosen.rule.scope in scopes]
            self._kept[scopes] = {key: _find_kept(rules, key) for key in LISTS_OF_SCHEMA}
        return self._kept[scopes]


def name_parameters(pack: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """A pack's parameters as its expressions know them: together, and each by itself."""
    name = params_name(pack)
    return {name: dict(parameters), **{member: parameters[key] for key, member in name_members(name, parameters)}}


LISTS_OF_SCHEMA: Mapping[str, str] = {"fields": "field", "definitions": "definition"}
"""By key of a schema, the variable that its entries are."""


def _find_kept(rules: Iterable[Rule], key: str) -> frozenset[str]:
    """The keys of a list's entries that rules may speak of beyond the one entry that they are asked about."""
    known = frozenset(KEYS[LISTS_OF_SCHEMA[key]])
    concerned = [rule for rule in rules if not _is_asked_alone(rule) and key in rule.names]
    if any(compares_wholes(text) for r in concerned for text in (r.condition, r.each.text if r.each else "")):
        return known
    return known & {name for rule in concerned for name in rule.names}


def _make_lean_schema(schema: Mapping[str, Any], kept: Mapping[str, frozenset[str]]) -> Mapping[str, Any]:
    lists = {key: [_select(each, names) for each in schema[key]] for key, names in kept.items() if key in schema}
    return {**schema, **lists}


def _make_lean_change(change: Mapping[str, Any], kept: Mapping[str, frozenset[str]]) -> Mapping[str, Any]:
    lists = {
        key: [{**each, **{side: _select(each[side], names) for side in ("before", "after")}} for each in change[key]]
        for key, names in kept.items()
        if key in change
    }
    lean = {**change, **lists}
    if lean.get("before"):
        lean["before"] = _make_lean_schema(lean["before"], kept)
    return lean


def _select(entry: Mapping[str, Any] | None, names: frozenset[str]) -> Mapping[str, Any] | None:
    """The values of some keys; None where there are none, for CEL takes as long over many empty mappings."""
    return {key: entry[key] for key in names} if entry and names else None


_LEAN: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, frozenset[str]]], Mapping[str, Any]]] = {
    "schema": _make_lean_schema,
    "change": _make_lean_change,
}
"""By variable that holds long lists, what makes it without the keys of their entries that no rule speaks of."""


def _is_asked_alone(rule: Rule) -> bool:
    return rule.check is not None or (rule.scope in LISTS and is_local(rule.condition))


class View:
    """What some rules see: the parameters that they speak of from the start, and of values what is filled in.

    ``keys`` is, by variable, all that they speak of where they never speak of the whole.

    Whenever a value was added, CEL takes everything anew that it was given; the names of one pack cost more than a
    subject does.
    """

    def __init__(self, rules: Sequence[Chosen]) -> None:
        self.names = frozenset(name for chosen in rules for name in chosen.rule.names)
        texts = [text for chosen in rules for text in _list_expressions(chosen.rule)]
        self.keys = {name: find_keys(texts, name) for name in KEYS}
        packs = {chosen.rule.pack: chosen.parameters for chosen in rules}
        named = (each for pack, values in packs.items() for each in name_parameters(pack, values).items())
        self.context = make_context({name: value for name, value in named if name in self.names})


def _list_expressions(rule: Rule) -> Iterator[str]:
    """All CEL of a rule that is asked about values in a view: its condition, its list and the blanks of its texts."""
    yield rule.condition
    if rule.each is not None:
        yield rule.each.text
    for template in (rule.message, rule.fix):
        yield from (piece.text for piece in (template.pieces if template else ()) if isinstance(piece, Expression))


class Filling:
    """Fills views with what is asked about: those that are needed, once each."""

    def __init__(self, rules: RuleSet, asked: Asked) -> None:
        self._rules = rules
        self._asked = asked
        self._filled: set[int] = set()

    def fill(self, group: Group) -> Context:
        """The group's context with the values of what is asked about; the next one's undo these."""
        if id(group.view) not in self._filled:
            self._rules.fill(self._asked, group.view)
            self._filled.add(id(group.view))
        return group.view.context


@dataclass(frozen=True)
class Entries:
    """How rules about the entries of a list are asked about several at once.

    ``all_hold`` is true where no entry breaks any. ``keys`` is what of entries the rules are shown (None: all), and
    ``memory`` what they said before. ``earlier`` shows them less: what holds without a key holds whatever it is, since
    speaking of a missing one is an error.
    """

    listed: str
    all_hold: Expression
    keys: frozenset[str] | None
    memory: Memory | None = None
    earlier: Entries | None = None


@dataclass(frozen=True)
class Group:
    """Rules that are asked at once, of entries or else one by one, unless ``all_hold`` is true."""

    rules: tuple[Chosen, ...]
    view: View
    entries: Entries | None = None
    all_hold: Expression | None = None


def _make_groups(rules: Iterable[Chosen]) -> list[Group]:
    by_list: dict[tuple[str, bool, frozenset[str]], list[Chosen]] = {}
    by_each: dict[str, list[Chosen]] = {}
    for chosen in rules:
        rule = chosen.rule
        if rule.check is None and rule.scope in LISTS and rule.variable is not None:
            is_alone = _is_asked_alone(rule)
            seldom = find_seldom(rule.condition, rule.variable) if is_alone else frozenset[str]()
            by_list.setdefault((LISTS[rule.scope], is_alone, seldom), []).append(chosen)
        else:
            by_each.setdefault(rule.each.text if rule.each else "", []).append(chosen)
    view = View([chosen for some in by_each.values() for chosen in some])
    about_entries = (Group(tuple(some), View(some), _make_entries(some, *kind)) for kind, some in by_list.items())
    return [*(_make_group(each, some, view) for each, some in by_each.items()), *about_entries]


def _make_group(each: str, rules: Sequence[Chosen], view: View) -> Group:
    conditions = [chosen.rule.condition for chosen in rules]
    all_hold = join_conditions(conditions, f"{each}\n", "item") if each else None  # a line break ends any comment
    return Group(tuple(rules), view, all_hold=all_hold)


def _make_entries(rules: Sequence[Chosen], listed: str, is_alone: bool, seldom: frozenset[str]) -> Entries:
    conditions = [chosen.rule.condition for chosen in rules]
    variable = rules[0].rule.variable or ""
    all_hold = join_conditions(conditions, ENTRIES, variable)
    keys = find_keys(conditions, variable)
    if not is_alone:
        return Entries(listed, all_hold, keys)
    fewer = keys - seldom if keys is not None and seldom else None
    earlier = Entries(listed, all_hold, fewer, Memory(conditions, fewer)) if fewer is not None else None
    return Entries(listed, all_hold, keys, Memory(conditions, keys), earlier)


def _concerns(rule: Rule, asked: Asked) -> bool:
    return rule.scope in asked.scopes and (asked.schema_format is None or asked.schema_format in rule.formats)
