"""The rules of JSON Schema as rows: Confluent's name of each difference, whether it is compatible, and what to tell.

Source: Confluent's documentation of schema evolution for JSON Schema, and the behaviour of its registry.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from reconciler.compatibility.clash import Rule, Words
from reconciler.compatibility.terms import Policy


class _Row(NamedTuple):
    """One kind of difference: the policies under which it does no harm, and what to say in each direction.

    ``key`` is Confluent's name of it; what stands behind a space tells cases of it apart for other dialects.
    """

    key: str
    harmless_under: frozenset[Policy]
    told: tuple[Words, Words]


_OK = frozenset(Policy)
_BAD = frozenset[Policy]()
_IF_LENIENT = frozenset({Policy.LENIENT})

_DATA_MAY_BREAK = ", so data of {old} may be invalid now"
_CONSUMERS_MAY_REFUSE = ", so consumers with {old} may refuse data of this schema"
_LOOKS_BACK = ", or choose a mode that looks backward only, such as BACKWARD"
_LOOKS_AHEAD = ", or choose a mode that looks forward only, such as FORWARD"

_ADDED = (
    Words("{where} now has `{keyword}` {reader} and had none in {old}" + _DATA_MAY_BREAK, "leave `{keyword}` out"),
    Words(
        "{where} has no `{keyword}` now and has {reader} in {old}" + _CONSUMERS_MAY_REFUSE,
        "keep `{keyword}` {reader}" + _LOOKS_BACK,
    ),
)
_TIGHTENED = (
    Words(
        "{where} now has `{keyword}` {reader} and had {writer} in {old}" + _DATA_MAY_BREAK,
        "keep `{keyword}` {writer}, or loosen it",
    ),
    Words(
        "{where} has `{keyword}` {writer} now and {reader} in {old}" + _CONSUMERS_MAY_REFUSE,
        "keep `{keyword}` {reader}, or tighten it",
    ),
)
_PATTERN = (
    Words(
        "{where} must match {reader} now and had to match {writer} in {old}, and two patterns' texts do not tell which"
        " allows more",
        "keep `{keyword}` {writer}, or leave it out",
    ),
    Words(
        "{where} must match {writer} now and {reader} in {old}, and two patterns' texts do not tell which allows more",
        "keep `{keyword}` {reader}",
    ),
)
_CONTAINS = (
    Words(
        "{where} must contain what `contains` describes now ({reader} of it at least), and had no such keyword in {old}"
        + _DATA_MAY_BREAK,
        "leave `contains` out",
    ),
    Words(
        "{where} need not contain anything now, and must in {old} ({reader} of what `contains` describes there)"
        + _CONSUMERS_MAY_REFUSE,
        "keep `contains` as it is in {old}" + _LOOKS_BACK,
    ),
)
_MULTIPLE = (
    Words(
        "{where} must be a multiple of {reader} now and of {writer} in {old}" + _DATA_MAY_BREAK,
        "keep `{keyword}` {writer}, or a number that divides it",
    ),
    Words(
        "{where} must be a multiple of {writer} now and of {reader} in {old}" + _CONSUMERS_MAY_REFUSE,
        "keep `{keyword}` {reader}, or a multiple of it",
    ),
)
_TYPE = (
    Words(
        "{where} is {reader} now and was {writer} in {old}" + _DATA_MAY_BREAK,
        "keep {writer}, or accept both with `anyOf`",
    ),
    Words(
        "{where} is {writer} now and {reader} in {old}" + _CONSUMERS_MAY_REFUSE,
        "keep {reader}",
    ),
)
_SCHEMA_ADDED = (
    Words(
        "{where} must be {reader} now and could be anything in {old}" + _DATA_MAY_BREAK,
        "leave the schema of {where} out",
    ),
    Words(
        "{where} may be anything now and must be {reader} in {old}" + _CONSUMERS_MAY_REFUSE,
        "keep the schema of {where}" + _LOOKS_BACK,
    ),
)
_REQUIRED = (
    Words(
        "{where} is required now and was optional in {old}, so data of {old} may lack it",
        'leave it optional, or give it a "default"',
    ),
    Words(
        "{where} is optional now and required in {old}, so consumers with {old} may miss it in data of this schema",
        "keep it required" + _LOOKS_BACK,
    ),
)
_REQUIRED_ADDED = (
    Words(
        "{where} was added as required, and data of {old} does not have it",
        'make it optional, or give it a "default"',
    ),
    Words(
        "{where} was removed and is required in {old}, so consumers with {old} miss it in data of this schema",
        "keep it, and keep it required",
    ),
)
_DEPENDENCY = (
    Words(
        "what has {where} needs more beside it now ({reader}) than in {old} ({writer})" + _DATA_MAY_BREAK,
        "leave the dependency as it was: {writer}",
    ),
    Words(
        "what has {where} needs less beside it now ({writer}) than in {old} ({reader})" + _CONSUMERS_MAY_REFUSE,
        "keep the dependency: {reader}",
    ),
)
_CONTENT_CLOSED = (
    Words(
        "`{keyword}` of {holder} is {reader} now and was {writer} in {old}, and data of {old} may have more than that",
        "keep `{keyword}` {writer}",
    ),
    Words(
        "`{keyword}` of {holder} is {writer} now and {reader} in {old}" + _CONSUMERS_MAY_REFUSE,
        "keep `{keyword}` {reader}" + _LOOKS_BACK,
    ),
)
_TO_OPEN = (
    Words(
        "{where} was added, and since {old} allows anything else (an open content model), its data may already have it"
        " with another type",
        "add it with the schema `true`" + _LOOKS_AHEAD,
    ),
    Words(
        "{where} was removed, and since this schema allows anything else (an open content model), data may have it"
        " with another type than {old} expects",
        "keep it, or close the content model of this schema (`additionalProperties: false`, `additionalItems: false`)",
    ),
)
_REQUIRED_TO_OPEN = (
    _TO_OPEN[0],
    Words(
        "{where} was removed and is required in {old}, so consumers with {old} miss it in data of this schema",
        "keep it, and keep it required",
    ),
)
_FROM_CLOSED = (
    Words(
        "{where} was removed, and this schema allows nothing that it does not describe (a closed content model),"
        " so data of {old} that has it is invalid now",
        "keep it, or open the content model",
    ),
    Words(
        "{where} was added, and {old} allows nothing that it does not describe (a closed content model),"
        " so consumers with {old} refuse data that has it",
        "leave it out" + _LOOKS_BACK,
    ),
)
_ADDED_NOT_COVERED = (
    Words(
        "{where} was added ({reader}), and does not accept all that {old} allowed there ({writer})" + _DATA_MAY_BREAK,
        "give it the schema that {old} has there, or a wider one",
    ),
    Words(
        "{where} was removed, and this schema allows more there ({writer}) than {old} does ({reader})"
        + _CONSUMERS_MAY_REFUSE,
        "keep it",
    ),
)
_REMOVED_NOT_COVERED = (
    Words(
        "{where} was removed, and this schema does not allow there ({reader}) all that {old} did ({writer})"
        + _DATA_MAY_BREAK,
        "keep it",
    ),
    Words(
        "{where} was added ({writer}), and {old} does not allow all of that there ({reader})" + _CONSUMERS_MAY_REFUSE,
        "give it the schema that {old} has there, or a narrower one",
    ),
)
_ENUM = (
    Words(
        "{where} no longer allows {lost}, which {old} did" + _DATA_MAY_BREAK,
        "keep the values: {lost}",
    ),
    Words(
        "{where} allows {lost} now, which {old} does not" + _CONSUMERS_MAY_REFUSE,
        "keep to the values of {old}",
    ),
)
_CRITERION = (
    Words(
        "{where} combines its schemas by {reader} now and did by {writer} in {old}" + _DATA_MAY_BREAK,
        "keep {writer}; only `anyOf` may take its place",
    ),
    Words(
        "{where} combines its schemas by {writer} now and by {reader} in {old}" + _CONSUMERS_MAY_REFUSE,
        "keep {reader}",
    ),
)
_BRANCHES = (
    Words(
        "{where} is {reader} now, and was {writer} in {old}, of which one is not accepted as a whole any more",
        "keep each of the schemas as it was in {old}, or widen it",
    ),
    Words(
        "{where} is {writer} now, of which one allows more than what any does in {old} ({reader})",
        "keep each of the schemas as it is in {old}, or narrow it",
    ),
)
_MORE_DEMANDS = (
    Words(
        "{where} must satisfy more schemas at once ({reader}) than in {old} ({writer})" + _DATA_MAY_BREAK,
        "leave out what was added to `allOf`",
    ),
    Words(
        "{where} must satisfy fewer schemas at once ({writer}) than in {old} ({reader})" + _CONSUMERS_MAY_REFUSE,
        "keep what {old} has in `allOf`",
    ),
)
_FEWER_CHOICES = (
    Words(
        "{where} has fewer alternatives ({reader}) than in {old} ({writer})" + _DATA_MAY_BREAK,
        "keep the alternatives of {old}",
    ),
    Words(
        "{where} has more alternatives ({writer}) than in {old} ({reader})" + _CONSUMERS_MAY_REFUSE,
        "leave the new alternatives out" + _LOOKS_BACK,
    ),
)
_NOT = (
    Words(
        "`not` of {holder} excludes more ({reader}) than in {old} ({writer})" + _DATA_MAY_BREAK,
        "keep `not` as it was, or leave it out",
    ),
    Words(
        "`not` of {holder} excludes less ({writer}) than in {old} ({reader})" + _CONSUMERS_MAY_REFUSE,
        "keep `not` as it is in {old}",
    ),
)


def _noted(backward: str, forward: str) -> tuple[Words, Words]:
    """What is said of a difference that does no harm."""
    return Words(backward, ""), Words(forward, "")


def _annotation(name: str) -> tuple[Words, Words]:
    return _noted(f"{{where}} has another {name} than in {{old}}", f"{{where}} has another {name} than in {{old}}")


_LIMIT_GONE = _noted(
    "{where} has no `{keyword}` now and had {writer} in {old}",
    "{where} has `{keyword}` {writer} now and none in {old}",
)
_LOOSENED = _noted(
    "{where} has `{keyword}` {reader} now and had {writer} in {old}, which allowed less",
    "{where} has `{keyword}` {writer} now and {reader} in {old}, which allows more",
)
_OPENED = _noted(
    "`{keyword}` of {holder} is {reader} now and was {writer} in {old}, which allowed less",
    "`{keyword}` of {holder} is {writer} now and {reader} in {old}, which allows more",
)
_WIDENED = _noted(
    "{where} is {reader} now and was {writer} in {old}, which allowed less or the same",
    "{where} is {writer} now and {reader} in {old}, which allows more or the same",
)
_SCHEMA_GONE = _noted(
    "{where} may be anything now and had to be {writer} in {old}",
    "{where} must be {writer} now and may be anything in {old}",
)
_NO_LONGER_REQUIRED = _noted("{where} is optional now and was required in {old}", "{where} is required now")
_REQUIRED_WITH_DEFAULT = _noted(
    "{where} is required now and has a default for data of {old} that lacks it",
    "{where} is optional now, and {old}, which requires it, has a default",
)
_FEWER_DEPENDENCIES = _noted(
    "{where} brings fewer demands on other properties than in {old}: {reader}, and {writer} there",
    "{where} brings more demands on other properties than in {old}: {writer}, and {reader} there",
)
_ADDED_FREELY = _noted(
    "{where} was added, which data of {old} cannot have in another form",
    "{where} was removed, and data of this schema cannot have it in another form",
)
_REMOVED_FREELY = _noted(
    "{where} was removed, and this schema accepts data of {old} that has it",
    "{where} was added, and {old} accepts data that has it",
)
_ADDED_COVERED = _noted(
    "{where} was added as {reader}, which accepts what {old} allows there ({writer})",
    "{where} was removed, and {old} has {reader} there, which accepts what this schema allows ({writer})",
)
_REMOVED_COVERED = _noted(
    "{where} was removed, and what this schema allows there ({reader}) accepts {writer} of {old}",
    "{where} was added as {writer}, which {old} accepts there ({reader})",
)
_VALUES_ADDED = _noted(
    "{where} allows more values than in {old}: {reader}",
    "{where} allows fewer values than in {old}: {writer}",
)
_CRITERION_WIDENED = _noted(
    "{where} combines its schemas by {reader} now and did by {writer} in {old}",
    "{where} combines its schemas by {writer} now and by {reader} in {old}",
)
_EXCLUDES_LESS = _noted(
    "{holder} excludes less than in {old}, or the same (`not` {reader})",
    "{holder} excludes more than in {old}, or the same (`not` {writer})",
)

_UPPER = ("MAX_LENGTH", "MAXIMUM", "EXCLUSIVE_MAXIMUM", "MAX_PROPERTIES", "MAX_ITEMS", "MAX_CONTAINS")
_LOWER = ("MIN_LENGTH", "MINIMUM", "EXCLUSIVE_MINIMUM", "MIN_PROPERTIES", "MIN_ITEMS", "MIN_CONTAINS")
_LIMITS = tuple(
    row
    for names, looser, tighter in ((_UPPER, "INCREASED", "DECREASED"), (_LOWER, "DECREASED", "INCREASED"))
    for name in names
    for row in (
        _Row(f"{name}_REMOVED", _OK, _LIMIT_GONE),
        _Row(f"{name}_{looser}", _OK, _LOOSENED),
        _Row(f"{name}_ADDED", _BAD, _CONTAINS if name == "MIN_CONTAINS" else _ADDED),
        _Row(f"{name}_{tighter}", _BAD, _TIGHTENED),
    )
)

_ROWS = (
    _Row("ID_CHANGED", _OK, _annotation("address")),
    _Row("TITLE_CHANGED", _OK, _annotation("title")),
    _Row("DESCRIPTION_CHANGED", _OK, _annotation("description")),
    _Row("DEFAULT_CHANGED", _OK, _annotation("default")),
    _Row("SCHEMA_REMOVED", _OK, _SCHEMA_GONE),
    _Row("SCHEMA_ADDED", _BAD, _SCHEMA_ADDED),
    _Row("TYPE_EXTENDED", _OK, _WIDENED),
    _Row("TYPE_NARROWED", _BAD, _TYPE),
    _Row("TYPE_CHANGED", _BAD, _TYPE),
    _Row("TYPE_CHANGED constant", _BAD, _TYPE),
    *_LIMITS,
    _Row("PATTERN_REMOVED", _OK, _LIMIT_GONE),
    _Row("PATTERN_ADDED", _BAD, _ADDED),
    _Row("PATTERN_CHANGED", _BAD, _PATTERN),
    _Row("MULTIPLE_OF_REMOVED", _OK, _LIMIT_GONE),
    _Row("MULTIPLE_OF_REDUCED", _OK, _LOOSENED),
    _Row("MULTIPLE_OF_ADDED", _BAD, _ADDED),
    _Row("MULTIPLE_OF_EXPANDED", _BAD, _MULTIPLE),
    _Row("MULTIPLE_OF_CHANGED", _BAD, _MULTIPLE),
    _Row("REQUIRED_ATTRIBUTE_REMOVED", _OK, _NO_LONGER_REQUIRED),
    _Row("REQUIRED_ATTRIBUTE_WITH_DEFAULT_ADDED", _OK, _REQUIRED_WITH_DEFAULT),
    _Row("REQUIRED_ATTRIBUTE_ADDED", _BAD, _REQUIRED),
    _Row("DEPENDENCY_ARRAY_REMOVED", _OK, _FEWER_DEPENDENCIES),
    _Row("DEPENDENCY_ARRAY_NARROWED", _OK, _FEWER_DEPENDENCIES),
    _Row("DEPENDENCY_ARRAY_ADDED", _BAD, _DEPENDENCY),
    _Row("DEPENDENCY_ARRAY_EXTENDED", _BAD, _DEPENDENCY),
    _Row("DEPENDENCY_ARRAY_CHANGED", _BAD, _DEPENDENCY),
    _Row("DEPENDENCY_SCHEMA_REMOVED", _OK, _FEWER_DEPENDENCIES),
    _Row("DEPENDENCY_SCHEMA_ADDED", _BAD, _DEPENDENCY),
    _Row("ADDITIONAL_PROPERTIES_ADDED", _OK, _OPENED),
    _Row("ADDITIONAL_PROPERTIES_EXTENDED", _OK, _OPENED),
    _Row("ADDITIONAL_PROPERTIES_REMOVED", _IF_LENIENT, _CONTENT_CLOSED),
    _Row("ADDITIONAL_PROPERTIES_NARROWED", _IF_LENIENT, _CONTENT_CLOSED),
    _Row("UNEVALUATED_PROPERTIES_ADDED", _OK, _OPENED),
    _Row("UNEVALUATED_PROPERTIES_EXTENDED", _OK, _OPENED),
    _Row("UNEVALUATED_PROPERTIES_REMOVED", _IF_LENIENT, _CONTENT_CLOSED),
    _Row("UNEVALUATED_PROPERTIES_NARROWED", _IF_LENIENT, _CONTENT_CLOSED),
    _Row("PROPERTY_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL", _OK, _ADDED_FREELY),
    _Row("REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL", _BAD, _REQUIRED_TO_OPEN),
    _Row("REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL", _IF_LENIENT, _TO_OPEN),
    _Row("OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL", _IF_LENIENT, _TO_OPEN),
    _Row("REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL", _BAD, _REQUIRED_ADDED),
    _Row("REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_UNOPEN_CONTENT_MODEL", _OK, _ADDED_FREELY),
    _Row("OPTIONAL_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL", _OK, _ADDED_FREELY),
    _Row("PROPERTY_ADDED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", _OK, _ADDED_COVERED),
    _Row("PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", _IF_LENIENT, _ADDED_NOT_COVERED),
    _Row("PROPERTY_REMOVED_FROM_OPEN_CONTENT_MODEL", _OK, _REMOVED_FREELY),
    _Row("PROPERTY_REMOVED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", _OK, _REMOVED_COVERED),
    _Row("PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", _IF_LENIENT, _REMOVED_NOT_COVERED),
    _Row("PROPERTY_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL", _OK, _REMOVED_FREELY),
    _Row("PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL", _IF_LENIENT, _FROM_CLOSED),
    _Row("UNIQUE_ITEMS_REMOVED", _OK, _LIMIT_GONE),
    _Row("UNIQUE_ITEMS_ADDED", _BAD, _ADDED),
    _Row("ADDITIONAL_ITEMS_ADDED", _OK, _OPENED),
    _Row("ADDITIONAL_ITEMS_EXTENDED", _OK, _OPENED),
    _Row("ADDITIONAL_ITEMS_REMOVED", _BAD, _CONTENT_CLOSED),
    _Row("ADDITIONAL_ITEMS_NARROWED", _BAD, _CONTENT_CLOSED),
    _Row("UNEVALUATED_ITEMS_ADDED", _OK, _OPENED),
    _Row("UNEVALUATED_ITEMS_EXTENDED", _OK, _OPENED),
    _Row("UNEVALUATED_ITEMS_REMOVED", _BAD, _CONTENT_CLOSED),
    _Row("UNEVALUATED_ITEMS_NARROWED", _BAD, _CONTENT_CLOSED),
    _Row("ITEM_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL", _OK, _ADDED_FREELY),
    _Row("ITEM_ADDED_TO_OPEN_CONTENT_MODEL", _BAD, _TO_OPEN),
    _Row("ITEM_ADDED_TO_CLOSED_CONTENT_MODEL", _OK, _ADDED_FREELY),
    _Row("ITEM_ADDED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", _OK, _ADDED_COVERED),
    _Row("ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", _BAD, _ADDED_NOT_COVERED),
    _Row("ITEM_REMOVED_FROM_OPEN_CONTENT_MODEL", _OK, _REMOVED_FREELY),
    _Row("ITEM_REMOVED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", _OK, _REMOVED_COVERED),
    _Row("ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", _BAD, _REMOVED_NOT_COVERED),
    _Row("ITEM_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL", _OK, _REMOVED_FREELY),
    _Row("ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL", _BAD, _FROM_CLOSED),
    _Row("ENUM_ARRAY_EXTENDED", _OK, _VALUES_ADDED),
    _Row("ENUM_ARRAY_NARROWED", _BAD, _ENUM),
    _Row("ENUM_ARRAY_CHANGED", _BAD, _ENUM),
    _Row("COMBINED_TYPE_EXTENDED", _OK, _CRITERION_WIDENED),
    _Row("COMBINED_TYPE_CHANGED", _BAD, _CRITERION),
    _Row("COMBINED_TYPE_SUBSCHEMAS_CHANGED", _BAD, _BRANCHES),
    _Row("PRODUCT_TYPE_NARROWED", _OK, _WIDENED),
    _Row("PRODUCT_TYPE_EXTENDED", _BAD, _MORE_DEMANDS),
    _Row("SUM_TYPE_EXTENDED", _OK, _WIDENED),
    _Row("SUM_TYPE_NARROWED", _BAD, _FEWER_CHOICES),
    _Row("NOT_TYPE_NARROWED", _OK, _EXCLUDES_LESS),
    _Row("NOT_TYPE_EXTENDED", _BAD, _NOT),
)

RULES: Mapping[Policy, Mapping[str, Rule]] = {
    policy: {
        row.key: Rule(row.key.partition(" ")[0], *row.told, breaks=policy not in row.harmless_under) for row in _ROWS
    }
    for policy in Policy
}
"""By policy and key. A difference without a rule is none."""
