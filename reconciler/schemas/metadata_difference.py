"""The difference of what stands beside two schemas, in the shape of a structural one: a line a property, a tagged path,
or a rule.
"""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.model import NO_METADATA, NO_RULES, ContractRule, Difference, DifferenceKind, Metadata, RuleSet

_PROPERTY = "metadata {}"
_HIDDEN = "(sensitive)"


def metadata_differences(old: Metadata | None, new: Metadata | None) -> tuple[Difference, ...]:
    """Compare what is stored beside two schemas.

    Paths are words: ``metadata retention`` is a property, ``metadata tags of order.id`` the tags of a path. What either
    side names as sensitive is told without its value.

    Args:
        old: None where there was none.
        new: None where there shall be none.
    """
    was, now = old or NO_METADATA, new or NO_METADATA
    hidden = {_PROPERTY.format(name) for name in (*was.sensitive, *now.sensitive)}
    before, after = _lines(was), _lines(now)
    return tuple(
        _difference(path, before.get(path), after.get(path), is_hidden=path in hidden)
        for path in sorted({**before, **after})
        if before.get(path) != after.get(path)
    )


def rule_differences(old: RuleSet | None, new: RuleSet | None) -> tuple[Difference, ...]:
    """Compare the rules of two data contracts, by their names: ``domain rule checkLength``.

    Args:
        old: None where there were none.
        new: None where there shall be none.
    """
    before, after = _rule_lines(old or NO_RULES), _rule_lines(new or NO_RULES)
    return tuple(
        _difference(path, before.get(path), after.get(path), is_hidden=False)
        for path in sorted({**before, **after})
        if before.get(path) != after.get(path)
    )


def _rule_lines(rules: RuleSet) -> Mapping[str, str]:
    groups = (("domain", rules.domain), ("migration", rules.migration), ("encoding", rules.encoding))
    return {f"{group} rule {rule.name}": _describe_rule(rule) for group, each in groups for rule in each}


def _describe_rule(rule: ContractRule) -> str:
    parts = {
        "tags": _list(rule.tags),
        "params": ", ".join(f"{name}={value}" for name, value in sorted(rule.params.items())),
        "doc": rule.doc or "",
        "on success": rule.on_success or "",
        "on failure": rule.on_failure or "",
    }
    told = "".join(f", {name} {value}" for name, value in parts.items() if value)
    off = ", disabled" if rule.disabled else ""
    return f"{rule.kind} {rule.mode} {rule.type} {rule.expr or ''}".rstrip() + told + off


def _lines(metadata: Metadata) -> Mapping[str, str]:
    return {
        **{_PROPERTY.format(name): value for name, value in metadata.properties.items()},
        **{f"metadata tags of {path}": _list(names) for path, names in metadata.tags.items() if names},
        **({"metadata sensitive": _list(metadata.sensitive)} if metadata.sensitive else {}),
    }


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(sorted(set(names)))


def _difference(path: str, before: str | None, after: str | None, *, is_hidden: bool) -> Difference:
    shown = [_HIDDEN if is_hidden and text is not None else text for text in (before, after)]
    if before is None:
        return Difference(DifferenceKind.ADDED, path, after=shown[1])
    kind = DifferenceKind.REMOVED if after is None else DifferenceKind.CHANGED
    return Difference(kind, path, *shown)
