"""Rules held against values: what they find. A rule that comes to no answer is a finding that blocks, never a pass."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cel

from reconciler.model import Finding, Format, Location, Severity, Source
from reconciler.policy.expressions import (
    Expression,
    ExpressionError,
    compares_wholes,
    join_conditions,
    make_context,
    name_members,
)
from reconciler.policy.facts import KEYS
from reconciler.policy.python_rules import Check, ask
from reconciler.policy.remembering import Memory, find_keys, find_seldom, is_local
from reconciler.policy.rules import ENTRIES, LISTS, Rule, Scope, Template, params_name

FAILED = "POLICY_FAILED"
"""The code of the finding for a rule that cannot be evaluated."""
MAX_MESSAGE = 1_000
"""Characters of a message or a fix once its blanks are filled."""


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
        self._groups: dict[tuple[frozenset[Scope], Format | None], list[_Group]] = {}
        self._context: cel.Context | None = None
        self._kept: dict[frozenset[Scope], Mapping[str, frozenset[str]]] = {}

    def has(self, scopes: Collection[Scope]) -> bool:
        """Whether any rule is asked about one of these."""
        return any(chosen.rule.scope in scopes for chosen in self.rules)

    def groups(self, asked: Asked) -> list[_Group]:
        """The rules that concern what is asked about, in groups that are asked at once."""
        key = (asked.scopes, asked.schema_format)
        if key not in self._groups:
            self._groups[key] = _make_groups(chosen for chosen in self.rules if _concerns(chosen.rule, asked))
        return self._groups[key]

    def fill(self, asked: Asked) -> cel.Context:
        """The values for CEL, those of schemas without what no rule speaks of; the next filling undoes this one."""
        if self._context is None:
            packs = {chosen.rule.pack: chosen.parameters for chosen in self.rules}
            parameters = [_name_parameters(pack, values) for pack, values in packs.items()]
            self._context = make_context({name: value for each in parameters for name, value in each.items()})
        for name, value in asked.values.items():
            make_lean = _LEAN.get(name)
            self._context.add_variable(name, make_lean(value, self._find_kept(asked.scopes)) if make_lean else value)
        return self._context

    def _find_kept(self, scopes: frozenset[Scope]) -> Mapping[str, frozenset[str]]:
        if scopes not in self._kept:
            rules = [chosen.rule for chosen in self.rules if chosen.rule.scope in scopes]
            self._kept[scopes] = {key: _find_kept(rules, key) for key in _LISTS_OF_SCHEMA}
        return self._kept[scopes]


def _name_parameters(pack: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """A pack's parameters as its expressions know them: together, and each by itself."""
    name = params_name(pack)
    return {name: dict(parameters), **{member: parameters[key] for key, member in name_members(name, parameters)}}


_LISTS_OF_SCHEMA: Mapping[str, str] = {"fields": "field", "definitions": "definition"}
"""By key of a schema, the variable that its entries are."""


def _find_kept(rules: Iterable[Rule], key: str) -> frozenset[str]:
    """The keys of a list's entries that rules may speak of beyond the one entry that they are asked about."""
    known = frozenset(KEYS[_LISTS_OF_SCHEMA[key]])
    concerned = [rule for rule in rules if not _is_asked_alone(rule) and key in rule.names]
    if any(compares_wholes(text) for r in concerned for text in (r.condition, r.each.text if r.each else "")):
        return known
    return known & {name for rule in concerned for name in rule.names}


def _make_lean_schema(schema: Mapping[str, Any], kept: Mapping[str, frozenset[str]]) -> Mapping[str, Any]:
    return {**schema, **{key: [_select(e, names) for e in schema[key]] for key, names in kept.items()}}


def _make_lean_change(change: Mapping[str, Any], kept: Mapping[str, frozenset[str]]) -> Mapping[str, Any]:
    lists = {
        key: [{**each, **{side: _select(each[side], names) for side in ("before", "after")}} for each in change[key]]
        for key, names in kept.items()
    }
    before = change["before"]
    return {**change, **lists, "before": before and _make_lean_schema(before, kept)}


def _select(entry: Mapping[str, Any] | None, names: frozenset[str]) -> Mapping[str, Any] | None:
    return entry and {key: value for key, value in entry.items() if key in names}


_LEAN: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, frozenset[str]]], Mapping[str, Any]]] = {
    "schema": _make_lean_schema,
    "change": _make_lean_change,
}
"""By variable that holds long lists, what makes it without the keys of their entries that no rule speaks of."""


def _is_asked_alone(rule: Rule) -> bool:
    return rule.check is not None or (rule.scope in LISTS and is_local(rule.condition))


@dataclass(frozen=True)
class _Entries:
    """How rules about the entries of a list are asked about several at once.

    ``all_hold`` is true where no entry breaks any. ``keys`` is what of entries the rules are shown (None: all), and
    ``memory`` what they said before. ``earlier`` shows them less: what holds without a key holds whatever it is, since
    speaking of a missing one is an error.
    """

    listed: str
    all_hold: Expression
    keys: frozenset[str] | None
    memory: Memory | None = None
    earlier: _Entries | None = None


@dataclass(frozen=True)
class _Group:
    """Rules that are asked at once, of entries or else one by one, unless ``all_hold`` is true."""

    rules: tuple[Chosen, ...]
    entries: _Entries | None = None
    all_hold: Expression | None = None


def _make_groups(rules: Iterable[Chosen]) -> list[_Group]:
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
    about_entries = (_Group(tuple(some), _make_entries(some, *kind)) for kind, some in by_list.items())
    return [*(_make_group(each, some) for each, some in by_each.items()), *about_entries]


def _make_group(each: str, rules: Sequence[Chosen]) -> _Group:
    conditions = [chosen.rule.condition for chosen in rules]
    all_hold = join_conditions(conditions, f"{each}\n", "item") if each else None  # a line break ends any comment
    return _Group(tuple(rules), all_hold=all_hold)


def _make_entries(rules: Sequence[Chosen], listed: str, is_alone: bool, seldom: frozenset[str]) -> _Entries:
    conditions = [chosen.rule.condition for chosen in rules]
    variable = rules[0].rule.variable or ""
    all_hold = join_conditions(conditions, ENTRIES, variable)
    keys = find_keys(conditions, variable)
    if not is_alone:
        return _Entries(listed, all_hold, keys)
    fewer = keys - seldom if keys is not None and seldom else None
    earlier = _Entries(listed, all_hold, fewer, Memory(conditions, fewer)) if fewer is not None else None
    return _Entries(listed, all_hold, keys, Memory(conditions, keys), earlier)


def evaluate(asked: Asked, rules: RuleSet) -> list[Finding]:
    """Hold what is asked about against the rules that concern it."""
    groups = rules.groups(asked)
    if not groups:
        return []
    context = rules.fill(asked)
    return [finding for group in groups for finding in _evaluate_group(group, asked, context)]


def _concerns(rule: Rule, asked: Asked) -> bool:
    return rule.scope in asked.scopes and (asked.schema_format is None or asked.schema_format in rule.formats)


def _evaluate_group(group: _Group, asked: Asked, context: cel.Context) -> Iterable[Finding]:
    if group.entries is not None:
        return _evaluate_entries(group.rules, group.entries, asked, context)
    if group.all_hold is not None:
        try:
            if group.all_hold.evaluate(context) is True:
                return ()
        except ExpressionError:
            pass  # rule by rule it is told which one it was
    return (finding for chosen in group.rules for finding in _evaluate_rule(chosen, asked, context))


def _evaluate_entries(rules: Sequence[Chosen], how: _Entries, asked: Asked, context: cel.Context) -> Iterator[Finding]:
    variable, _, key = how.listed.partition(".")
    entries: Sequence[Mapping[str, Any]] = asked.values[variable][key]
    broken = _find_broken(rules, how, _find_open(how.earlier, entries, asked, context), asked, context)
    for number, chosen in enumerate(rules):
        suspects = [entry for entry, numbers in broken if number in numbers]
        if suspects:
            yield from _ask_each(chosen, asked, suspects)


def _find_open(
    how: _Entries | None, entries: Sequence[Mapping[str, Any]], asked: Asked, context: cel.Context
) -> Sequence[Mapping[str, Any]]:
    """The entries that rules do not pass by the little that they are shown first."""
    if how is None or how.memory is None or not entries:
        return entries
    memory = how.memory
    signatures = memory.sign(asked.values, entries)
    new = {s: entry for s, entry in zip(signatures, entries, strict=True) if s not in memory.broken}
    if new and _do_all_hold(how, list(new.values()), context):
        passed = set(new)
    else:
        passed = {signature for signature, entry in new.items() if _do_all_hold(how, [entry], context)}
    found = {s: () if s in passed else _UNTOLD for s in new} | {s: memory.broken[s] for s in signatures if s not in new}
    for signature in new:
        memory.keep(signature, found[signature])
    return [entry for entry, signature in zip(entries, signatures, strict=True) if found[signature]]


_UNTOLD = (-1,)
"""Stands for the rules that an entry breaks, where this cannot be told by what was shown of it."""


def _do_all_hold(how: _Entries, entries: Sequence[Mapping[str, Any]], context: cel.Context) -> bool:
    keys = how.keys
    shown = list(entries) if keys is None else [{k: v for k, v in e.items() if k in keys} for e in entries]
    context.add_variable(ENTRIES, shown)
    try:
        return how.all_hold.evaluate(context) is True
    except ExpressionError:
        return False  # rule by rule, and in the end one by one, it is told what it was


def _find_broken(
    rules: Sequence[Chosen],
    how: _Entries,
    entries: Sequence[Mapping[str, Any]],
    asked: Asked,
    context: cel.Context,
) -> Sequence[tuple[Mapping[str, Any], tuple[int, ...]]]:
    """Each entry with the numbers of the rules that it breaks, or may break; those known are not asked."""
    if how.memory is None:
        return [
            (entry, numbers) for entry, (numbers, _) in zip(entries, _judge(rules, how, entries, context), strict=True)
        ]
    signatures = how.memory.sign(asked.values, entries)
    found = {s: how.memory.broken[s] for s in signatures if s in how.memory.broken}
    new = {s: entry for s, entry in zip(signatures, entries, strict=True) if s not in found}
    for signature, (numbers, is_sure) in zip(new, _judge(rules, how, list(new.values()), context), strict=True):
        found[signature] = numbers
        if is_sure:
            how.memory.keep(signature, numbers)
    return [(entry, found[signature]) for entry, signature in zip(entries, signatures, strict=True)]


def _judge(
    rules: Sequence[Chosen], how: _Entries, entries: Sequence[Mapping[str, Any]], context: cel.Context
) -> Sequence[tuple[tuple[int, ...], bool]]:
    """By entry, the numbers of the rules that it may break, and whether that is for sure."""
    if not entries or _do_all_hold(how, entries, context):
        return [((), True)] * len(entries)
    rows = zip(*(_list_verdicts(chosen.rule, context, len(entries)) for chosen in rules), strict=True)
    return [
        (tuple(n for n, holds in enumerate(row) if holds is not True), all(isinstance(holds, bool) for holds in row))
        for row in rows
    ]


def _list_verdicts(rule: Rule, context: cel.Context, count: int) -> Sequence[Any]:
    """What a rule says of each entry; None of all, where it cannot be told of all at once."""
    try:
        assert rule.verdicts is not None  # every rule about the entries of a list has
        verdicts: list[Any] = rule.verdicts.evaluate(context)
    except ExpressionError:
        return [None] * count
    return verdicts


def _evaluate_rule(chosen: Chosen, asked: Asked, context: cel.Context) -> Iterable[Finding]:
    rule = chosen.rule
    if rule.check is not None:
        return _ask_python(chosen, asked, rule.check)
    if rule.all_hold is None or rule.each is None:
        return _ask(chosen, asked, context, None)
    try:
        if rule.all_hold.evaluate(context) is True:
            return ()
    except ExpressionError:
        pass  # one by one it is told which entry it was
    try:
        entries = _entries(rule.each, context)
    except ExpressionError as error:
        return (_failed(chosen, asked, None, error),)
    verdicts = _list_verdicts(rule, context, len(entries))
    suspects = [entry for entry, holds in zip(entries, verdicts, strict=True) if holds is not True]
    return _ask_each(chosen, asked, suspects)


def _ask_python(chosen: Chosen, asked: Asked, check: Check) -> Iterator[Finding]:
    try:
        for wrong in ask(check, {**asked.values, "params": dict(chosen.parameters)}):
            yield _make_finding(chosen, asked, wrong, wrong["message"][:MAX_MESSAGE], wrong.get("fix"))
    except ExpressionError as error:
        yield _failed(chosen, asked, None, error)


def _entries(each: Expression, context: cel.Context) -> Sequence[Any]:
    found = each.evaluate(context)
    if not isinstance(found, list):
        raise ExpressionError(f"`each` is no list but {_show(found)}")
    return found


def _ask_each(chosen: Chosen, asked: Asked, entries: Iterable[Any]) -> Iterator[Finding]:
    rule = chosen.rule
    assert rule.variable is not None
    named = _name_parameters(rule.pack, chosen.parameters)
    values = {**{name: value for name, value in named.items() if name in rule.names}, **asked.values}
    context = make_context({name: _without_lists(value, rule) for name, value in values.items()})
    for entry in entries:
        context.add_variable(rule.variable, entry)
        for finding in _ask(chosen, asked, context, entry):
            yield finding
            if finding.code == FAILED:  # and so would most others, for the same reason
                return


def _without_lists(value: Any, rule: Rule) -> Any:
    """A schema without its long lists, where a rule does not speak of them: each entry is asked about by itself."""
    if not isinstance(value, Mapping):
        return value
    return {key: part for key, part in value.items() if key not in _LISTS_OF_SCHEMA or key in rule.names}


def _ask(chosen: Chosen, asked: Asked, context: cel.Context, entry: Any) -> Iterator[Finding]:
    rule = chosen.rule
    try:
        assert rule.holds is not None  # only a rule in Python has none
        holds = rule.holds.evaluate(context)
        if not isinstance(holds, bool):
            raise ExpressionError(f"`assert` is not true or false but {_show(holds)}")
        if not holds:
            message = render_template(rule.message, context)
            fix = render_template(rule.fix, context) if rule.fix else None
            yield _make_finding(chosen, asked, entry, message, fix)
    except ExpressionError as error:
        yield _failed(chosen, asked, entry, error)


def _make_finding(chosen: Chosen, asked: Asked, entry: Any, message: str, fix: str | None) -> Finding:
    at = entry.get("at") if isinstance(entry, Mapping) else None
    return Finding(
        code=chosen.rule.code,
        severity=chosen.severity,
        source=Source.POLICY,
        registry=asked.registry,
        subject=asked.subject,
        path=at,
        message=message,
        location=asked.location if at is None else asked.locate(at),
        fix=fix,
    )


def _failed(chosen: Chosen, asked: Asked, entry: Any, error: ExpressionError) -> Finding:
    """A rule that could not be asked: its own line, and what it was asked about."""
    rule = chosen.rule
    path = entry.get("path") if isinstance(entry, Mapping) else None
    about = " ".join(word for word in (asked.subject or asked.registry or "the repository", path) if word)
    origin = rule.location if rule.is_own else f"the pack {rule.pack}"
    return Finding(
        code=FAILED,
        severity=Severity.ERROR,
        source=Source.POLICY,
        registry=asked.registry,
        subject=asked.subject,
        message=f"rule {rule.code} of {origin} cannot be evaluated for {about}: {error.message}",
        location=rule.location if rule.is_own else asked.location,
        fix="mend the rule, or switch it off where it does not apply; `schemafed policy explain` prints what it sees",
    )


def render_template(template: Template, context: cel.Context) -> str:
    """Fill the blanks of a template.

    Raises:
        ExpressionError: one has no value.
    """
    text = "".join(_show(p.evaluate(context)) if isinstance(p, Expression) else p for p in template.pieces)
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 1] + "…"


def _show(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ", ".join(map(_show, value))
    return json.dumps(value, ensure_ascii=False, default=str)
