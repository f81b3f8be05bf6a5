"""What the drafts differ in for comparing: which keywords there are, and which type each implies.

The readers of Confluent's registry are two, one up to draft 7 and one from 2019-09 on, and differ in more than the
drafts do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from reconciler.schemas.json_schema.drafts import DRAFT_4, DRAFT_6, DRAFT_7, DRAFT_2019_09, DRAFT_2020_12, Draft


@dataclass(frozen=True, slots=True, eq=False)
class KeywordSet:
    """One draft's keywords, the same object for the same draft.

    ``by_type`` are those that imply a type. ``tuple_keyword`` holds a tuple's schemas. ``has_boolean_items``: `items`
    may close an array. ``has_implied_contains``: `contains` without `minContains` counts as 1.

    ``formats`` are those that the reader keeps, and ``forgotten`` the flags that it does not. ``hollow`` are keywords
    that imply no type where they hold nothing. ``has_inner_ids``: schemas within a document have addresses to compare.
    ``dissolves_implied``: within a combination, demands beside each other become branches of their own. ``ranks`` say
    in which order these are, where it is not that of the loader.

    ``compares_more``: what Confluent leaves aside is loaded too, for dialects that compare it.
    """

    by_type: Mapping[str, frozenset[str]]
    conditional: frozenset[str]
    dependencies: tuple[str, ...]
    references: tuple[str, ...] = ()
    ref_hides_siblings: bool = True
    has_const: bool = True
    has_null_default: bool = True
    has_unevaluated: bool = False
    has_boolean_items: bool = False
    has_implied_contains: bool = False
    tuple_keyword: str = "items"
    has_inner_ids: bool = True
    dissolves_implied: bool = False
    hollow: frozenset[str] = frozenset()
    forgotten: frozenset[str] = frozenset()
    formats: frozenset[str] = frozenset()
    ranks: Mapping[str, int] = field(default_factory=dict)
    compares_more: bool = False


_ARRAY = frozenset({"items", "additionalItems", "minItems", "maxItems", "uniqueItems", "contains"})
_OBJECT = frozenset(
    {"properties", "required", "minProperties", "maxProperties", "patternProperties", "additionalProperties"}
)
_NUMBER = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
_STRING = frozenset({"minLength", "maxLength", "pattern"})

_FORMATS_4 = frozenset({"date-time", "email", "hostname", "ipv4", "ipv6", "uri"})
_FORMATS_6 = _FORMATS_4 | {"json-pointer", "uri-reference", "uri-template"}
_FORMATS_7 = _FORMATS_6 | {"date", "regex", "relative-json-pointer", "time"}

_DRAFT_7 = KeywordSet(
    by_type={
        "array": _ARRAY,
        "object": _OBJECT | {"dependencies", "propertyNames"},
        "number": _NUMBER,
        "string": _STRING | {"format"},
    },
    conditional=frozenset({"if", "then", "else"}),
    dependencies=("dependencies",),
    formats=_FORMATS_7,
)
_DRAFT_6 = replace(_DRAFT_7, conditional=frozenset(), formats=_FORMATS_6)
_DRAFT_4 = replace(
    _DRAFT_6,
    has_const=False,
    formats=_FORMATS_4,
    by_type={**_DRAFT_7.by_type, "array": _ARRAY - {"contains"}, "object": _OBJECT | {"dependencies"}},
)
# The order in which the reader's hash table has the keywords; `properties` and the like are read after all of them.
_HASHED = (
    "$dynamicRef exclusiveMaximum multipleOf minItems dependentRequired allOf maxItems oneOf not contains const"
    " dependentSchemas propertyNames minLength prefixItems uniqueItems pattern anyOf maximum maxProperties"
    " additionalProperties type exclusiveMinimum $ref if minimum items enum maxLength required minProperties"
)
_RANKS = {keyword: rank for rank, keyword in enumerate(_HASHED.split())}

_DRAFT_2019_09 = replace(
    _DRAFT_7,
    by_type={
        "array": _ARRAY | {"unevaluatedItems"},
        "object": _OBJECT | {"dependentRequired", "dependentSchemas", "propertyNames", "unevaluatedProperties"},
        "number": _NUMBER,
        "string": _STRING,
    },
    conditional=frozenset({"if"}),
    dependencies=("dependentRequired", "dependentSchemas"),
    references=("$ref", "$recursiveRef"),
    ref_hides_siblings=False,
    has_null_default=False,
    has_unevaluated=True,
    has_boolean_items=True,
    has_implied_contains=True,
    has_inner_ids=False,
    dissolves_implied=True,
    hollow=frozenset({"properties", "patternProperties"}),
    ranks=_RANKS,
    forgotten=frozenset({"readOnly", "writeOnly", "deprecated"}),
    formats=frozenset(),
)
_DRAFT_2020_12 = replace(
    _DRAFT_2019_09,
    by_type={**_DRAFT_2019_09.by_type, "array": (_ARRAY - {"additionalItems"}) | {"prefixItems", "unevaluatedItems"}},
    references=("$ref", "$dynamicRef"),
    tuple_keyword="prefixItems",
)

_BY_DRAFT: Mapping[str, KeywordSet] = {
    DRAFT_4.name: _DRAFT_4,
    DRAFT_6.name: _DRAFT_6,
    DRAFT_7.name: _DRAFT_7,
    DRAFT_2019_09.name: _DRAFT_2019_09,
    DRAFT_2020_12.name: _DRAFT_2020_12,
}


_MORE_BY_DRAFT: Mapping[str, KeywordSet] = {
    name: replace(keywords, compares_more=True, formats=keywords.formats or _FORMATS_7)
    for name, keywords in _BY_DRAFT.items()
}


def keywords_of(draft: Draft, *, more: bool = False) -> KeywordSet:
    """The keywords of a draft; ``more`` for what Confluent leaves aside, too."""
    return (_MORE_BY_DRAFT if more else _BY_DRAFT)[draft.name]
