"""Rules held against values: what they find. A rule that comes to no answer is a finding that blocks, never a pass."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from reconciler.model import Finding, Severity, Source
from reconciler.policy.expressions import Context, Expression, ExpressionError, make_context
from reconciler.policy.grouping import LISTS_OF_SCHEMA, Asked, Chosen, Entries, Filling, Group, RuleSet, name_parameters
from reconciler.policy.loops import MAX_STEPS
from reconciler.policy.python_rules import Check, ask
from reconciler.policy.rules import ENTRIES, Rule, Template

FAILED = "POLICY_FAILED"
"""The code of the finding for a rule that cannot be evaluated."""
MAX_MESSAGE = 1_000
"""Characters of a message or a fix once its blanks are filled."""


def evaluate(asked: Asked, rules: RuleSet) -> list[Finding]:
    """Hold what is asked about against the rules that concern it; those that would take too long are not begun."""
    endless = rules.find_endless(asked)
    if endless:
        told = (
            _make_endless(chosen, asked, endless[chosen.rule.code])
            for chosen in rules.rules
            if chosen.rule.code in endless
        )
        return [*told, *evaluate(asked, rules.without(frozenset(endless)))]
    filling = Filling(rules, asked)
    return [finding for group in rules.groups(asked) for finding in _evaluate_group(group, asked, filling)]


def _evaluate_group(group: Group, asked: Asked, filling: Filling) -> Iterable[Finding]:
    if group.entries is not None:
        return _evaluate_entries(group, group.entries, asked, filling)
    context = filling.fill(group)
    if group.all_hold is not None:
        try:
            if group.all_hold.evaluate(context) is True:
                return ()
        except ExpressionError:
            pass  # rule by rule it is told which one it was
    return (finding for chosen in group.rules for finding in _evaluate_rule(chosen, asked, context))


def _evaluate_entries(group: Group, how: Entries, asked: Asked, filling: Filling) -> Iterator[Finding]:
    variable, _, key = how.listed.partition(".")
    entries: Sequence[Mapping[str, Any]] = asked.values[variable][key]
    broken = _find_broken(group, how, _find_open(group, how.earlier, entries, asked, filling), asked, filling)
    for number in sorted({number for _, numbers in broken for number in numbers}):
        suspects = [entry for entry, numbers in broken if number in numbers]
        yield from _ask_each(group.rules[number], asked, suspects)


def _find_open(
    group: Group, how: Entries | None, entries: Sequence[Mapping[str, Any]], asked: Asked, filling: Filling
) -> Sequence[Mapping[str, Any]]:
    """The entries that rules do not pass by the little that they are shown first."""
    if how is None or how.memory is None or not entries:
        return entries
    memory = how.memory
    signatures = memory.sign(asked.values, entries)
    new = {s: entry for s, entry in zip(signatures, entries, strict=True) if s not in memory.broken}
    if not new or _do_all_hold(how, list(new.values()), filling.fill(group)):
        passed = set(new)
    else:
        passed = {signature for signature, entry in new.items() if _do_all_hold(how, [entry], filling.fill(group))}
    found = {s: () if s in passed else _UNTOLD for s in new} | {s: memory.broken[s] for s in signatures if s not in new}
    for signature in new:
        memory.keep(signature, found[signature])
    return [entry for entry, signature in zip(entries, signatures, strict=True) if found[signature]]


_UNTOLD = (-1,)
"""Stands for the rules that an entry breaks, where this cannot be told by what was shown of it."""


def _do_all_hold(how: Entries, entries: Sequence[Mapping[str, Any]], context: Context) -> bool:
    keys = how.keys
    shown = list(entries) if keys is None else [{k: v for k, v in e.items() if k in keys} for e in entries]
    context.add_variable(ENTRIES, shown)
    try:
        return how.all_hold.evaluate(context) is True
    except ExpressionError:
        return False  # rule by rule, and in the end one by one, it is told what it was


def _find_broken(
    group: Group, how: Entries, entries: Sequence[Mapping[str, Any]], asked: Asked, filling: Filling
) -> Sequence[tuple[Mapping[str, Any], tuple[int, ...]]]:
    """Each entry with the numbers of the rules that it breaks, or may break; those known are not asked."""
    if how.memory is None:
        judged = _judge(group, how, entries, filling)
        return [(entry, numbers) for entry, (numbers, _) in zip(entries, judged, strict=True)]
    signatures = how.memory.sign(asked.values, entries)
    found = {s: how.memory.broken[s] for s in signatures if s in how.memory.broken}
    new = {s: entry for s, entry in zip(signatures, entries, strict=True) if s not in found}
    for signature, (numbers, is_sure) in zip(new, _judge(group, how, list(new.values()), filling), strict=True):
        found[signature] = numbers
        if is_sure:
            how.memory.keep(signature, numbers)
    return [(entry, found[signature]) for entry, signature in zip(entries, signatures, strict=True)]


def _judge(
    group: Group, how: Entries, entries: Sequence[Mapping[str, Any]], filling: Filling
) -> Sequence[tuple[tuple[int, ...], bool]]:
    """By entry, the numbers of the rules that it may break, and whether that is for sure."""
    context = filling.fill(group) if entries else None
    if context is None or _do_all_hold(how, entries, context):
        return [((), True)] * len(entries)
    rows = zip(*(_list_verdicts(chosen.rule, context, len(entries)) for chosen in group.rules), strict=True)
    return [
        (tuple(n for n, holds in enumerate(row) if holds is not True), all(isinstance(holds, bool) for holds in row))
        for row in rows
    ]


def _list_verdicts(rule: Rule, context: Context, count: int) -> Sequence[Any]:
    """What a rule says of each entry; None of all, where it cannot be told of all at once."""
    try:
        assert rule.verdicts is not None  # every rule about the entries of a list has
        verdicts: list[Any] = rule.verdicts.evaluate(context)
    except ExpressionError:
        return [None] * count
    return verdicts


def _evaluate_rule(chosen: Chosen, asked: Asked, context: Context) -> Iterable[Finding]:
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


def _entries(each: Expression, context: Context) -> Sequence[Any]:
    found = each.evaluate(context)
    if not isinstance(found, list):
        raise ExpressionError(f"`each` is no list but {_show(found)}")
    return found


def _ask_each(chosen: Chosen, asked: Asked, entries: Iterable[Any]) -> Iterator[Finding]:
    rule = chosen.rule
    assert rule.variable is not None
    named = name_parameters(rule.pack, chosen.parameters)
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
    return {key: part for key, part in value.items() if key not in LISTS_OF_SCHEMA or key in rule.names}


def _ask(chosen: Chosen, asked: Asked, context: Context, entry: Any) -> Iterator[Finding]:
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


def _make_endless(chosen: Chosen, asked: Asked, steps: int) -> Finding:
    why = f"it would go over {steps:,} entries in loops within each other, where {MAX_STEPS:,} are waited for"
    return _failed(chosen, asked, None, ExpressionError(why))


def render_template(template: Template, context: Context) -> str:
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
