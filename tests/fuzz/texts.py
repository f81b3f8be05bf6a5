"""Strategies of texts: real-looking ones that were damaged, and made ones that are mostly right."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st

from reconciler.model import Format
from tests.fuzz.seeds import SEEDS, WORDS
from tests.fuzz.subject import Example

_MAX_LENGTH = 60_000
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\w+|\s+|.', re.DOTALL)
_NAMES = st.sampled_from(("A", "B", "C", "a.A", "a.b.B", "Order", "é", ""))
_FIELDS = st.sampled_from(("a", "b", "c", "type", "$ref", "a/b", "~", ""))
_NUMBERS = st.one_of(
    st.integers(-3, 5), st.sampled_from((2**31, 2**63, 10**30, -(10**400), 0.1, 1e300, 1e-300, 1.0)), st.floats(-9, 9)
)

Edit = Callable[[list[str], int, int, str], list[str]]
"""A list of tokens, two places in it in their order, and a word, to other tokens."""

_EDITS: tuple[Edit, ...] = (
    lambda tokens, a, b, word: tokens[:a] + tokens[b:],
    lambda tokens, a, b, word: tokens[:b] + tokens[a:],
    lambda tokens, a, b, word: [*tokens[:a], word, *tokens[a:]],
    lambda tokens, a, b, word: [*tokens[:a], word, *tokens[a + 1 :]],
    lambda tokens, a, b, word: [*tokens[:a], word, *tokens[b:]],
    lambda tokens, a, b, word: tokens[:a],
    lambda tokens, a, b, word: [*tokens[:a], *tokens[a:b] * 40, *tokens[b:]],
    lambda tokens, a, b, word: [*tokens[:a], *reversed(tokens[a:b]), *tokens[b:]],
)


def make_examples(schema_format: Format) -> st.SearchStrategy[Example]:
    """Two texts of a format, often one the edited other."""
    texts = make_texts(schema_format)
    related = texts.flatmap(lambda text: st.tuples(st.just(text), _damage(st.just(text), schema_format)))
    return st.one_of(st.tuples(texts, texts), related).map(lambda pair: Example(schema_format, *pair))


def make_texts(schema_format: Format) -> st.SearchStrategy[str]:
    """One text of a format."""
    made = _MADE[schema_format]
    return st.one_of(made, _damage(st.one_of(st.sampled_from(SEEDS[schema_format]), made), schema_format))


@st.composite
def _damage(draw: st.DrawFn, texts: st.SearchStrategy[str], schema_format: Format) -> str:
    tokens = _TOKEN.findall(draw(texts))
    words = st.one_of(st.sampled_from(WORDS[schema_format]), st.sampled_from(SEEDS[schema_format]))
    for edit in draw(st.lists(st.sampled_from(_EDITS), min_size=1, max_size=4)):
        a, b = sorted(draw(st.tuples(st.integers(0, len(tokens)), st.integers(0, len(tokens)))))
        tokens = edit(tokens, a, b, draw(words))
    return "".join(tokens)[:_MAX_LENGTH]


def _dump(value: Any) -> str:
    return json.dumps(value)


def _some_of(**members: Any) -> st.SearchStrategy[dict[str, Any]]:
    """An object that has some of these members."""
    return st.fixed_dictionaries({}, optional=members)


_ANY_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), _NUMBERS, st.text(max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_FIELDS, inner, max_size=3)),
    max_leaves=4,
)

_AVRO_LEAVES = st.one_of(
    st.sampled_from(("null", "boolean", "int", "long", "float", "double", "bytes", "string", "A", "B", "a.A")),
    st.builds(lambda n, s: {"type": "fixed", "name": n, "size": s}, _NAMES, _NUMBERS),
    st.builds(
        lambda n, s, d: {"type": "enum", "name": n, "symbols": s, **d},
        _NAMES,
        st.lists(_FIELDS, max_size=3),
        _some_of(default=_FIELDS, aliases=st.lists(_NAMES, max_size=2)),
    ),
)


def _avro_types(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    rest = _some_of(
        default=_ANY_JSON, aliases=st.lists(_FIELDS, max_size=2), order=st.just("ignore"), doc=st.text(max_size=2)
    )
    fields = st.lists(st.builds(lambda n, t, r: {"name": n, "type": t, **r}, _FIELDS, inner, rest), max_size=4)
    return st.one_of(
        st.builds(
            lambda n, f, r: {"type": "record", "name": n, "fields": f, **r},
            _NAMES,
            fields,
            _some_of(namespace=_NAMES, aliases=st.lists(_NAMES, max_size=2)),
        ),
        st.builds(lambda i: {"type": "array", "items": i}, inner),
        st.builds(lambda i: {"type": "map", "values": i}, inner),
        st.lists(inner, max_size=4),
    )


_REFS = st.sampled_from(
    ("#", "#/", "#/$defs/a", "#/definitions/b", "#/properties/a", "#a", "other", "a.json#/x", "%zz")
)
_TYPES = st.sampled_from(("null", "boolean", "integer", "number", "string", "object", "array"))
_PATTERNS = st.sampled_from(("^a", "(a+)+$", "(?:(?:a|a)*)*b", ".*.*.*=.*", "\\p{L}", "[", "(?<=a", "a{1,9999}", ""))


def _json_schemas(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    named = st.dictionaries(_FIELDS, inner, max_size=3)
    listed = st.lists(inner, min_size=1, max_size=4)
    strings = st.lists(_FIELDS, max_size=3, unique=True)
    return st.one_of(
        _some_of(**dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), listed), **{"not": inner}),
        _some_of(
            type=st.one_of(_TYPES, st.lists(_TYPES, min_size=1, max_size=3, unique=True)),
            properties=named,
            patternProperties=st.dictionaries(_PATTERNS, inner, max_size=2),
            additionalProperties=inner,
            unevaluatedProperties=inner,
            dependencies=st.dictionaries(_FIELDS, st.one_of(strings, inner), max_size=2),
            required=strings,
            propertyNames=inner,
        ),
        _some_of(**{"items": st.one_of(inner, listed), "additionalItems": inner, "contains": inner, "if": inner}),
        _some_of(**{"$defs": named, "definitions": named, "$id": _REFS, "$anchor": _FIELDS, "$ref": _REFS}),
    )


_JSON_LEAVES = st.one_of(
    st.booleans(),
    st.builds(lambda r: {"$ref": r}, _REFS),
    _some_of(type=_TYPES, enum=st.lists(_ANY_JSON, min_size=1, max_size=3), const=_ANY_JSON, default=_ANY_JSON),
    _some_of(
        type=_TYPES,
        minimum=_NUMBERS,
        exclusiveMaximum=_NUMBERS,
        multipleOf=_NUMBERS,
        maxLength=_NUMBERS,
        pattern=_PATTERNS,
        uniqueItems=st.booleans(),
    ),
)


def _written(pattern: str, *parts: st.SearchStrategy[Any]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(lambda drawn: pattern.format(*drawn))


_PROTO_NAMES = st.sampled_from(("A", "B", "a", "b", "c", "Order", "google"))
_PROTO_TYPES = st.sampled_from(("int32", "string", "bytes", "double", "A", "B", "A.B", ".A", "map<string, A>", "float"))
_LABELS = st.sampled_from(("", "", "repeated ", "optional ", "required "))
_PROTO_MEMBERS = st.one_of(
    _written("{}{} {} = {};", _LABELS, _PROTO_TYPES, _PROTO_NAMES, st.integers(0, 9)),
    _written("reserved {}, {} to max;", st.integers(0, 9), st.integers(9, 99)),
    _written("enum {} {{ X{} = 0; Y = {}; }}", _PROTO_NAMES, st.integers(0, 9), st.integers(-2, 2**33)),
    _written("option {} = {};", _PROTO_NAMES, st.integers()),
    st.sampled_from(("// ", "/* ", "extensions 100 to 199;", "option deprecated = true;")),
)


def _proto_blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    body = st.lists(inner, max_size=5).map("\n".join)
    return st.one_of(
        _written("message {} {{ {} }}", _PROTO_NAMES, body),
        _written("oneof {} {{ {} }}", _PROTO_NAMES, body),
        _written("extend {} {{ {} }}", _PROTO_NAMES, body),
        _written("optional group {} = {} {{ {} }}", _PROTO_NAMES, st.integers(0, 9), body),
    )


_HEADS = st.sampled_from(
    ('syntax = "proto3";', 'syntax = "proto2";', 'edition = "2023";', 'import "a.proto";', "", "package a.B;")
)
_MADE: Mapping[Format, st.SearchStrategy[str]] = {
    Format.AVRO: st.recursive(_AVRO_LEAVES, _avro_types, max_leaves=12).map(_dump),
    Format.JSON: st.recursive(_JSON_LEAVES, _json_schemas, max_leaves=14).map(_dump),
    Format.PROTOBUF: _written(
        "{}\n{}",
        _HEADS,
        st.lists(st.recursive(_PROTO_MEMBERS, _proto_blocks, max_leaves=12), max_size=4).map("\n".join),
    ),
}
"""Schemas made up from the format's own parts, so that many are read and get as far as the check."""
