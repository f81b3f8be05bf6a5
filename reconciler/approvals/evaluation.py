"""Rules of approval held against what was touched and who reviewed it; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from reconciler.approvals.rules import CODE_OWNERS, ApprovalRule
from reconciler.approvals.values import Approval, Judged, Kind, Levels, Missing, Reviewed, Touched
from reconciler.forge.code_owners import CodeOwners
from reconciler.forge.values import Review, ReviewState
from reconciler.model import Finding, Location, Severity, Source

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Demand:
    """Approvals that are needed: of so many of whom, for which rule and what was touched."""

    rule: ApprovalRule
    stage: int
    by: tuple[str, ...]
    at_least: int
    touched: tuple[Touched, ...]


def find_demands(
    rules: Iterable[ApprovalRule], touched: Sequence[Touched], environment: str, code_owners: CodeOwners
) -> tuple[Demand, ...]:
    """What rules demand of a change.

    Args:
        rules: those of the revision that the change sets out from.
        touched: the subjects and settings that change; where no rule names `rules`, each is about settings too.
        environment: the one that is checked, planned or applied.
        code_owners: of the same revision.
    """
    found: list[Demand] = []
    rules = tuple(rules)
    # Where no rule is about settings, all of them are: else whoever may change the rules needs nobody's approval.
    are_settings_named = any(_names_settings(rule) for rule in rules)
    for rule in rules:
        is_of_settings = _names_settings(rule) or not are_settings_named
        concerned = [t for t in touched if (_concerns(rule, t, environment) if t.subject else is_of_settings)]
        for number, stage in enumerate(rule.stages, 1) if concerned else ():
            by_names: dict[tuple[str, ...], list[Touched]] = {}
            for each in concerned:
                for names in _resolve_names(stage.by, each.location.file, code_owners):
                    by_names.setdefault(names, []).append(each)
            found += (Demand(rule, number, names, stage.at_least, tuple(t)) for names, t in by_names.items())
    return tuple(found)


def check_approvals(demands: Iterable[Demand], reviewed: Reviewed, levels: Levels) -> Judged:
    """Hold demands against the reviews of a pull request.

    The author's own approval never counts, nor one that was taken back; of a rule only the first stage that is not
    complete is told.

    Args:
        demands: see :func:`find_demands`.
        reviewed: with the members of the teams that the demands name.
        levels: how heavy it is what is missing.
    """
    findings: list[Finding] = []
    approvals: list[Approval] = []
    missing: list[Missing] = []
    waiting: dict[str, int] = {}
    for demand in demands:
        given = find_approvals(reviewed, demand.by, counts_stale=demand.rule.stale_reviews == "count")
        approvals += (make_approval(demand.rule.name, reviewed.number, review) for review in given)
        if len(given) >= demand.at_least or waiting.setdefault(demand.rule.name, demand.stage) < demand.stage:
            continue
        unknown = find_unknown(reviewed, demand.by)
        level = levels.unconfirmed if unknown else levels.missing
        findings.append(_make_finding(demand, given, unknown, level, reviewed))
        lacking = demand.at_least - len(given)
        missing.append(make_missing(demand.rule.name, demand.by, lacking, reviewed, given))
    return Judged(tuple(findings), tuple(dict.fromkeys(approvals)), tuple(missing))


def make_unconfirmed(demands: Iterable[Demand], why: str, level: Severity, fix: str | None) -> Iterator[Finding]:
    """Say which approvals are demanded and that nobody can tell whether they are there, each rule once.

    Args:
        why: as the end of a sentence.
    """
    by_rule = {demand.rule.name: demand for demand in reversed(tuple(demands))}
    for name, demand in sorted(by_rule.items()):
        message = f"rule `{name}` demands an approval by {render_names(demand.by)} for {_about(demand)}; not confirmed"
        yield _approval_finding("APPROVAL_UNCONFIRMED", level, f"{message}: {why}", demand, fix)


def find_approvals(reviewed: Reviewed, names: Iterable[str], *, counts_stale: bool) -> tuple[Review, ...]:
    """The approvals of a pull request by some people or members of teams, each person's once."""
    allowed = _find_people(reviewed, names)
    said = {r.author.casefold(): r for r in reviewed.reviews if r.state is not ReviewState.COMMENTED}
    return tuple(
        review
        for person, review in said.items()
        if review.state is ReviewState.APPROVED
        and person in allowed
        and person != reviewed.author.casefold()
        # A forge that does not tell the commit forgets what is stale by itself.
        and (counts_stale or review.commit in (None, reviewed.head))
    )


def find_unknown(reviewed: Reviewed, names: Iterable[str]) -> tuple[str, ...]:
    """The teams among some names whose members could not be read."""
    return tuple(team for team in find_teams(names) if reviewed.members.get(team) is None)


def find_teams(names: Iterable[str]) -> tuple[str, ...]:
    """The teams among some names, without ``@``."""
    return tuple(bare for name in names if "/" in (bare := name.removeprefix("@")))


def render_names(names: Sequence[str]) -> str:
    """Some names as the middle of a sentence."""
    if not names:
        return "nobody whom CODEOWNERS names"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _find_people(reviewed: Reviewed, names: Iterable[str]) -> frozenset[str]:
    names = tuple(names)
    people = {name.removeprefix("@").casefold() for name in names if "/" not in name}
    members = (reviewed.members.get(team) or frozenset() for team in find_teams(names))
    return frozenset(people.union(*({m.casefold() for m in each} for each in members)))


def _names_settings(rule: ApprovalRule) -> bool:
    return Kind.RULES in (rule.changes or ())


def _concerns(rule: ApprovalRule, touched: Touched, environment: str) -> bool:
    if rule.environments is not None and environment not in rule.environments:
        return False
    is_named = any(fnmatchcase(touched.subject or "", glob) for glob in rule.subjects)
    return is_named and (rule.changes is None or not touched.kinds.isdisjoint(map(Kind, rule.changes)))


def _resolve_names(by: Sequence[str], file: str, code_owners: CodeOwners) -> tuple[tuple[str, ...], ...]:
    """The groups of names of which each has to approve of a file."""
    named = tuple(dict.fromkeys(name for name in by if name != CODE_OWNERS))
    if CODE_OWNERS not in by:
        return (named,)
    return tuple(tuple(dict.fromkeys((*named, *group))) for group in code_owners.find_groups(file)) or (named,)


def make_approval(rule: str, number: int, review: Review) -> Approval:
    """A review as what an apply may rest on."""
    return Approval(number, review.author, rule, review.commit, review.when.isoformat() if review.when else None)


def make_missing(
    rule: str, names: Iterable[str], lacking: int, reviewed: Reviewed, given: Iterable[Review] = ()
) -> Missing:
    """Who of some names may still be asked; not the author, and nobody who has approved."""
    names = tuple(names)
    done = {reviewed.author.casefold(), *(review.author.casefold() for review in given)}
    people = (name.removeprefix("@") for name in names if "/" not in name)
    return Missing(rule, tuple(p for p in people if p.casefold() not in done), find_teams(names), lacking)


def _make_finding(
    demand: Demand, given: Sequence[Review], unknown: Sequence[str], level: Severity, reviewed: Reviewed
) -> Finding:
    rule = demand.rule
    stage = f", stage {demand.stage} of {len(rule.stages)}," if len(rule.stages) > 1 else ""
    number = "an approval" if demand.at_least == 1 else f"{demand.at_least} approvals"
    message = f"rule `{rule.name}`{stage} demands {number} by {render_names(demand.by)} for {_about(demand)}"
    had = f"; pull request {reviewed.number} has {len(given)} that count"
    if unknown:
        words = f"{message}; not confirmed: the members of {', '.join(unknown)} cannot be read"
        fix = "give the token the right to read the members of teams, or name people in the rule"
        return _approval_finding("APPROVAL_UNCONFIRMED", level, words, demand, fix)
    fix = f"ask {render_names(demand.by)} to approve pull request {reviewed.number}, then run this again"
    if not demand.by:
        fix = "name an owner in CODEOWNERS, or people in the rule"
    return _approval_finding("APPROVAL_MISSING", level, message + had, demand, fix)


def _about(demand: Demand) -> str:
    names = [t.subject or t.location.file for t in demand.touched]
    kinds = sorted({str(kind) for t in demand.touched for kind in t.kinds if kind in (demand.rule.changes or ())})
    more = len(names) - _MOST_NAMED
    listed = ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
    return f"{listed} ({', '.join(kinds)})" if kinds else listed


def _approval_finding(code: str, level: Severity, message: str, demand: Demand, fix: str | None) -> Finding:
    first = demand.touched[0] if demand.touched else None
    location = first.location if first else Location("")
    return Finding(
        code,
        level,
        Source.POLICY,
        message,
        subject=first.subject if first and len(demand.touched) == 1 else None,
        location=location,
        fix=fix,
    )
