"""What the drafts differ in for comparing: which keywords there are, and which type each implies.

The readers of Confluent's registry are two, one up to draft 7 and one from 2019-09 on, and differ in more than the
drafts do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from reconciler.schemas.json_schema.drafts import DRAFT_4, DRAFT_6, DRAFT_7, DRAFT_2019_09, DRAFT_2020_12, Draft


@dataclass(frozen=True, slots=True, eq=False)
class KeywordSet:
    """One draft's keywords, the same object for the same draft.

    ``by_type`` are those that imply a type. ``tuple_keyword`` holds a tuple's schemas. ``has_boolean_items``: `items`
    may close an array. ``has_implied_contains``: `contains` without `minContains` counts as 1.

    ``compares_more``: what Confluent leaves aside is loaded too, for dialects that compare it; ``formats`` are those
    that count then.
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
    compares_more: bool = False
    formats: frozenset[str] = frozenset()


_ARRAY = frozenset({"items", "additionalItems", "minItems", "maxItems", "uniqueItems", "contains"})
_OBJECT = frozenset(
    {"properties", "required", "minProperties", "maxProperties", "patternProperties", "additionalProperties"}
)
_NUMBER = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
_STRING = frozenset({"minLength", "maxLength", "pattern"})

_DRAFT_7 = KeywordSet(
    by_type={
        "array": _ARRAY,
        "object": _OBJECT | {"dependencies", "propertyNames"},
        "number": _NUMBER,
        "string": _STRING | {"format"},
    },
    conditional=frozenset({"if", "then", "else"}),
    dependencies=("dependencies",),
)
_DRAFT_6 = replace(_DRAFT_7, conditional=frozenset())
_DRAFT_4 = replace(
    _DRAFT_6,
    has_const=False,
    by_type={**_DRAFT_7.by_type, "array": _ARRAY - {"contains"}, "object": _OBJECT | {"dependencies"}},
)
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


# The formats that the reader of Apicurio Registry 3.3.3 knows; of the newer drafts it reads none.
_FORMATS_4 = frozenset({"date-time", "email", "hostname", "ipv4", "ipv6", "uri"})
_FORMATS_6 = _FORMATS_4 | {"json-pointer", "uri-reference", "uri-template"}
_FORMATS_7 = _FORMATS_6 | {"date", "regex", "relative-json-pointer", "time"}
_FORMATS: Mapping[str, frozenset[str]] = {DRAFT_4.name: _FORMATS_4, DRAFT_6.name: _FORMATS_6}

_MORE_BY_DRAFT: Mapping[str, KeywordSet] = {
    name: replace(keywords, compares_more=True, formats=_FORMATS.get(name, _FORMATS_7))
    for name, keywords in _BY_DRAFT.items()
}


def keywords_of(draft: Draft, *, more: bool = False) -> KeywordSet:
    """The keywords of a draft; ``more`` for what Confluent leaves aside, too."""
    return (_MORE_BY_DRAFT if more else _BY_DRAFT)[draft.name]
