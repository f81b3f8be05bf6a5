"""Rules held against values: what they find. A rule that comes to no answer is a finding that blocks, never a pass."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cel

from reconciler.model import Finding, Format, Location, Severity, Source
from reconciler.policy.expressions import Expression, ExpressionError, join_conditions, make_context, name_members
from reconciler.policy.facts import KEYS
from reconciler.policy.python_rules import Check, ask
from reconciler.policy.rules import LISTS, Rule, Scope, Template, params_name

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
        # Entries that break a rule are asked about by themselves; of all others only conditions are asked.
        names = {name for c in rules for name in (c.rule.all_hold.names if c.rule.all_hold else c.rule.names)}
        self._keys = {key: frozenset(KEYS[variable]) & names for key, variable in _LISTS_OF_SCHEMA.items()}

    def has(self, scopes: Collection[Scope]) -> bool:
        """Whether any rule is asked about one of these."""
        return any(chosen.rule.scope in scopes for chosen in self.rules)

    def groups(self, asked: Asked) -> list[_Group]:
        """The rules that concern what is asked about, in groups that are asked at once."""
        key = (asked.scopes, asked.schema_format)
        if key not in self._groups:
            self._groups[key] = _make_groups(chosen for chosen in self.rules if _concerns(chosen.rule, asked))
        return self._groups[key]

    def fill(self, values: Mapping[str, Any]) -> cel.Context:
        """The values for CEL, those of schemas without what no rule speaks of; the next filling undoes this one."""
        if self._context is None:
            packs = {chosen.rule.pack: chosen.parameters for chosen in self.rules}
            parameters = [_name_parameters(pack, values) for pack, values in packs.items()]
            self._context = make_context({name: value for each in parameters for name, value in each.items()})
        for name, value in values.items():
            self._context.add_variable(name, self._lean(value) if name == "schema" else value)
        return self._context

    def _lean(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        lists = {
            key: [{k: v for k, v in e.items() if k in kept} for e in schema[key]] for key, kept in self._keys.items()
        }
        return {**schema, **lists}


def _name_parameters(pack: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """A pack's parameters as its expressions know them: together, and each by itself."""
    name = params_name(pack)
    return {name: dict(parameters), **{member: parameters[key] for key, member in name_members(name, parameters)}}


_LISTS_OF_SCHEMA: Mapping[str, str] = {"fields": "field", "definitions": "definition"}
"""By key of a schema, the variable that its entries are."""


@dataclass(frozen=True)
class _Group:
    """Rules that are asked at once: ``all_hold`` is true where none of them is broken."""

    rules: tuple[Chosen, ...]
    all_hold: Expression | None


def _make_groups(rules: Iterable[Chosen]) -> list[_Group]:
    by_list: dict[tuple[str | None, str], list[Chosen]] = {}
    single: list[_Group] = []
    for chosen in rules:
        rule = chosen.rule
        if rule.check is not None or rule.each is not None:
            single.append(_Group((chosen,), rule.all_hold))
        else:
            by_list.setdefault((LISTS.get(rule.scope), rule.variable or ""), []).append(chosen)
    groups = [
        _Group(tuple(some), join_conditions([c.rule.condition for c in some], listed, variable))
        for (listed, variable), some in by_list.items()
    ]
    return [*groups, *single]


def evaluate(asked: Asked, rules: RuleSet) -> list[Finding]:
    """Hold what is asked about against the rules that concern it."""
    groups = rules.groups(asked)
    if not groups:
        return []
    context = rules.fill(asked.values)
    return [finding for group in groups for finding in _evaluate_group(group, asked, context)]


def _concerns(rule: Rule, asked: Asked) -> bool:
    return rule.scope in asked.scopes and (asked.schema_format is None or asked.schema_format in rule.formats)


def _evaluate_group(group: _Group, asked: Asked, context: cel.Context) -> Iterable[Finding]:
    if group.all_hold is not None:
        try:
            if group.all_hold.evaluate(context) is True:
                return []
        except ExpressionError:
            pass  # rule by rule it is told which one it was
    return [finding for chosen in group.rules for finding in _evaluate_rule(chosen, asked, context)]


def _evaluate_rule(chosen: Chosen, asked: Asked, context: cel.Context) -> Iterable[Finding]:
    rule = chosen.rule
    if rule.check is not None:
        return _ask_python(chosen, asked, rule.check)
    if rule.all_hold is None or rule.variable is None:
        return _ask(chosen, asked, context, None)
    try:
        if rule.all_hold.evaluate(context) is True:
            return ()
    except ExpressionError:
        pass  # one by one it is told which entry it was
    try:
        entries = _entries(rule, asked, context)
    except ExpressionError as error:
        return (_failed(chosen, asked, None, error),)
    return _ask_each(chosen, asked, _find_suspects(rule, entries, context))


def _find_suspects(rule: Rule, entries: Sequence[Any], context: cel.Context) -> Sequence[Any]:
    """The entries that break a rule; all, where it cannot be told of all at once."""
    try:
        verdicts = rule.verdicts.evaluate(context) if rule.verdicts else []
    except ExpressionError:
        return entries
    return [entry for entry, holds in zip(entries, verdicts, strict=True) if holds is not True]


def _ask_python(chosen: Chosen, asked: Asked, check: Check) -> Iterator[Finding]:
    try:
        for wrong in ask(check, {**asked.values, "params": dict(chosen.parameters)}):
            yield _make_finding(chosen, asked, wrong, wrong["message"][:MAX_MESSAGE], wrong.get("fix"))
    except ExpressionError as error:
        yield _failed(chosen, asked, None, error)


def _entries(rule: Rule, asked: Asked, context: cel.Context) -> Sequence[Any]:
    if rule.each is not None:
        found = rule.each.evaluate(context)
        if not isinstance(found, list):
            raise ExpressionError(f"`each` is no list but {_show(found)}")
        return found
    variable, _, key = LISTS[rule.scope].partition(".")
    entries: list[Any] = asked.values[variable][key]
    return entries


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
    return Finding(
        code=FAILED,
        severity=Severity.ERROR,
        source=Source.POLICY,
        registry=asked.registry,
        subject=asked.subject,
        message=f"rule {rule.code} of {rule.location} cannot be evaluated for {about}: {error.message}",
        location=rule.location,
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
