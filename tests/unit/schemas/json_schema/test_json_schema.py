"""JSON Schema as a language: reading, references, identity, outline, layout, bundles."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.errors import SchemaError
from reconciler.model import Dialect
from reconciler.schemas import Parsed, json_positions, json_schema

MONEY = """{
  "$id": "https://schemas.example/money.json",
  "title": "com.example.Money",
  "type": "object",
  "required": ["amount"],
  "properties": {"amount": {"type": "number"}, "currency": {"$ref": "#/definitions/currency"}},
  "definitions": {"currency": {"enum": ["EUR", "CHF"]}}
}"""
ORDER = """{
  "$id": "https://schemas.example/order.json",
  "properties": {
    "total": {"$ref": "money.json"},
    "currency": {"$ref": "https://schemas.example/money.json#/definitions/currency"}
  }
}"""


def parsed(text: str, **dependencies: Parsed) -> json_schema.ParsedJson:
    return json_schema.parse(json_schema.read(text), {f"{name}.json": value for name, value in dependencies.items()})


def canonical(text: str, dialect: Dialect = Dialect.CONFLUENT) -> str:
    return json_schema.canonical(parsed(text), dialect)


def test_a_document_tells_its_names_and_its_needs() -> None:
    money, order = json_schema.read(MONEY), json_schema.read(ORDER)
    assert (money.name, money.namespace) == ("Money", "com.example")
    assert money.defines == ("https://schemas.example/money.json",)
    assert money.needs == ()
    assert (order.name, order.namespace) == ("order", "")
    assert [(need.name, need.path, need.alternatives) for need in order.needs] == [
        ("money.json", "/properties/total/$ref", ("https://schemas.example/money.json",)),
        ("https://schemas.example/money.json", "/properties/currency/$ref", ()),
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('{"title": "A name of words", "$id": "https://schemas.example/v1/tax.schema.json"}', "tax"),
        ('{"title": "A name of words"}', "A name of words"),
        ('{"$id": "urn:example:tax"}', "tax"),
        ("true", ""),
    ],
)
def test_a_title_names_a_schema_unless_it_is_prose(text: str, name: str) -> None:
    assert json_schema.read(text).name == name


@pytest.mark.parametrize(
    ("keyword", "schema"),
    [("id", "http://json-schema.org/draft-04/schema#"), ("$id", "http://json-schema.org/draft-07/schema")],
)
def test_a_reference_to_the_documents_own_address_is_no_need(keyword: str, schema: str) -> None:
    own = {"$schema": schema, keyword: "http://x.example/a.json#", "items": {"$ref": "a.json#/definitions/b"}}
    document = json_schema.read(json.dumps({**own, "definitions": {"b": {"type": "string"}}}))
    assert document.needs == ()
    assert json_schema.parse(document, {}).targets["/items/$ref"].path == "/definitions/b"


def test_an_inner_resource_has_an_address_and_a_base_of_its_own() -> None:
    text = """{"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://x.example/a/main",
      "$defs": {"inner": {"$id": "../b/inner", "$ref": "other", "$defs": {"n": {"$anchor": "here"}}}},
      "properties": {"p": {"$ref": "/b/inner#here"}}}"""
    document = json_schema.read(text)
    assert document.defines == ("https://x.example/a/main", "https://x.example/b/inner")
    assert [(need.name, need.alternatives) for need in document.needs] == [("other", ("https://x.example/b/other",))]
    targets = json_schema.parse(document, {"other": parsed("true")}).targets
    assert targets["/properties/p/$ref"].path == "/$defs/inner/$defs/n"


def test_a_reference_to_a_meta_schema_is_no_need() -> None:
    document = json_schema.read('{"properties": {"schema": {"$ref": "http://json-schema.org/draft-07/schema#"}}}')
    assert document.needs == ()
    assert json_schema.parse(document, {}).targets == {}


def test_a_ref_as_the_name_of_a_property_or_within_an_example_is_none() -> None:
    text = '{"properties": {"$ref": {"type": "string"}}, "examples": [{"$ref": "x.json"}], "const": {"$ref": "y.json"}}'
    assert json_schema.read(text).needs == ()


def test_a_reference_outside_the_usual_keywords_is_followed_from_there() -> None:
    text = '{"$ref": "#/components/a", "components": {"a": {"items": {"$ref": "far.json"}}, "b": {"$ref": "not.json"}}}'
    assert [need.name for need in json_schema.read(text).needs] == ["far.json"]


def test_a_dependency_is_found_as_written_as_resolved_and_by_its_own_address() -> None:
    order, money = json_schema.read(ORDER), parsed(MONEY)
    for name in ("money.json", "https://schemas.example/money.json", "any-name"):
        targets = json_schema.parse(order, {name: money}).targets
        assert targets["/properties/total/$ref"].parsed is money
        assert targets["/properties/currency/$ref"].path == "/definitions/currency"


def test_a_dependency_of_a_dependency_is_found_too() -> None:
    middle = parsed('{"properties": {"m": {"$ref": "money.json"}}}', money=parsed(MONEY))
    top = parsed('{"anyOf": [{"$ref": "middle.json"}, {"$ref": "money.json"}]}', middle=middle)
    assert top.targets["/anyOf/1/$ref"].parsed is middle.dependencies["money.json"]


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        ('{"items": {"$ref": "money.json"}}', "/items/$ref", "`money.json` is not among"),
        ('{"$ref": "#/definitions/no"}', "/$ref", "no `#/definitions/no`"),
        ('{"$ref": "#no"}', "/$ref", "no `#no`"),
        ('{"not": {"$ref": "there.json#/definitions/no"}}', "/not/$ref", "`there.json` has no `#/definitions/no`"),
    ],
)
def test_a_reference_that_leads_nowhere_is_told_with_both_ends(text: str, path: str, words: str) -> None:
    with pytest.raises(SchemaError) as caught:
        parsed(text, there=parsed("{}"))
    assert caught.value.code == "REFERENCE_MISSING"
    assert caught.value.path == path
    assert words in caught.value.message
    assert caught.value.line == 1 and caught.value.column > 1 and caught.value.fix


@pytest.mark.parametrize(
    ("text", "path", "words", "line"),
    [
        ('{"properties":\n {"a":\n {"type": "strin"}}}', "/properties/a/type", "`type` must be array", 3),
        ('{"properties": {"type": 5}}', "/properties/type", "must be a schema", 1),
        ('{"maxLength": 1.50}', "/maxLength", "`maxLength` must be a whole number", 1),
        ('{"required": "a"}', "/required", "must be a list of property names", 1),
        ('{"$schema": "http://json-schema.org/draft-04/schema#", "required": true}', "/required", "draft 3", 1),
        ('{"required": ["a", 1, "a"]}', "/required", "must be a list of property names", 1),
        ('{"properties": {"required": ["a"]}}', "/properties/required", "must be a schema", 1),
        ('{"$schema": "https://json-schema.org/draft/2020-12/schema", "items": [{}]}', "/items", "2020-12", 1),
        ('{"type":\n5, "allOf": []}', "/type", "`type`", 1),
        ("[]", "", "draft 7", 1),
        ("5", "", "draft 7", 1),
    ],
)
def test_what_no_registry_reads_is_told_with_pointer_and_line(text: str, path: str, words: str, line: int) -> None:
    with pytest.raises(SchemaError) as caught:
        json_schema.read(text)
    assert (caught.value.path, caught.value.line) == (path, line)
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("text", "path", "words", "line"),
    [
        ('{"title": "x",\n "maxLength": -1}', "/maxLength", "`maxLength` must be a whole number", 2),
        ('{"anyOf": []}', "/anyOf", "list of at least one schema", 1),
        ('{"type": []}', "/type", "or a list of these", 1),
        ('{"type": ["null", "null"]}', "/type", "each once", 1),
        ('{\n"examples": "a"}', "/examples", "array", 2),
        ('{"$ref": "#/definitions/a", "maxLength": "x",\n "definitions": {"a": {}}}', "/maxLength", "`maxLength`", 1),
        ('{"definitions": {"unused":\n {"type": "strin"}}}', "/definitions/unused/type", "`type`", 2),
        (
            '{"$schema": "http://json-schema.org/draft-04/schema#", "properties": {"a": true}}',
            "/properties/a",
            "`a`",
            1,
        ),
    ],
)
def test_what_only_the_meta_schema_refuses_is_read_with_its_violation(
    text: str, path: str, words: str, line: int
) -> None:
    violation = parsed(text).document.violation
    assert violation is not None
    assert (violation.path, violation.line) == (path, line)
    assert words in violation.message


_DRAFT_4 = "http://json-schema.org/draft-04/schema#"
_DRAFT_2020_12 = "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ({"maxLength": 3.0}, "/maxLength"),
        ({"maxLength": 3_000_000_000}, "/maxLength"),
        ({"multipleOf": 0}, "/multipleOf"),
        ({"enum": "a"}, "/enum"),
        ({"uniqueItems": 1}, "/uniqueItems"),
        ({"items": [{}, 1]}, "/items"),
        ({"not": []}, "/not"),
        ({"dependencies": {"a": ["b"], "c": [1]}}, "/dependencies/c"),
        ({"properties": {"a": {"allOf": [None]}}}, "/properties/a/allOf"),
        ({"properties": {"a/b": {"pattern": 1}}}, "/properties/a~1b/pattern"),
        ({"$ref": "#/definitions/a", "definitions": {"a": {"if": 1}}}, "/definitions/a/if"),
        ({"$schema": _DRAFT_4, "items": True}, "/items"),
        ({"$schema": _DRAFT_4, "maximum": 1, "exclusiveMaximum": 1}, "/exclusiveMaximum"),
        ({"$schema": _DRAFT_4, "$ref": 1}, "/$ref"),
        ({"$schema": _DRAFT_2020_12, "maxLength": "x"}, "/maxLength"),
        ({"$schema": _DRAFT_2020_12, "dependentRequired": {"a": "b"}}, "/dependentRequired/a"),
        ({"$schema": _DRAFT_2020_12, "$defs": {"unused": {"not": 1}}}, "/$defs/unused/not"),
    ],
)
def test_keywords_of_the_wrong_type_are_refused_as_by_the_readers_of_registries(
    schema: dict[str, object], path: str
) -> None:
    with pytest.raises(SchemaError) as caught:
        json_schema.read(json.dumps(schema))
    assert caught.value.path == path


def test_lengths_with_a_fraction_of_zero_are_read_in_the_drafts_whose_reader_takes_them() -> None:
    document = json_schema.read(json.dumps({"$schema": _DRAFT_2020_12, "maxLength": 3.0}))
    assert document.violation is None


@pytest.mark.parametrize(
    "schema",
    [
        "http://json-schema.org/draft-04/schema#",
        "http://json-schema.org/draft-06/schema#",
        "http://json-schema.org/draft-07/schema",
        "https://json-schema.org/draft/2019-09/schema",
        "https://json-schema.org/draft/2020-12/schema",
        "https://example.com/nobody-knows-this",
    ],
)
def test_every_draft_is_read(schema: str) -> None:
    text = json.dumps({"$schema": schema, "type": "object", "properties": {"a": {"minLength": 1}}})
    assert canonical(text) == text.replace(" ", "")
    with pytest.raises(SchemaError):
        json_schema.read(json.dumps({"$schema": schema, "type": "strin"}))


def test_self_describing_schemas_of_iglu_are_draft_4() -> None:
    schema = "http://iglucentral.com/schemas/com.snowplowanalytics.self-desc/schema/jsonschema/1-0-0#"
    assert json_schema.read(json.dumps({"$schema": schema, "minimum": 0, "exclusiveMinimum": True})).defines == ()


@pytest.mark.parametrize(
    "text",
    [
        '{"maximum": 1e999}',
        '{"pattern": "("}',
        '{"title": "\\u0000"}',
        '{"properties": {"\\ud800": {"enum": ["\\udfff"], "title": "\\ud800"}}}',
        '{"$id": "http://[", "items": true}',
        '{"items":' * 490 + "{}" + "}" * 490,
        '{"$ref": "#"}',
        '{"anyOf": [{"$ref": "#/anyOf/1"}, {"$ref": "#/anyOf/0"}]}',
    ],
)
def test_odd_but_valid_texts_pass_through_everything(text: str) -> None:
    schema = parsed(text)
    shown = [path + element.summary + str(element.notes) for path, element in json_schema.outline(schema).items()]
    assert "".join([*shown, json_schema.pretty(text), canonical(text), schema.document.name]).encode()
    assert json_schema.bundle(schema, frozenset()) == canonical(text)


@pytest.mark.parametrize(
    "text", ['{"$ref": "\\ud800"}', '{"items": {"$ref": "http://[/a"}}', '{"$id": "http://x.example", "$ref": "//["}']
)
def test_an_address_that_is_none_is_a_schema_error(text: str) -> None:
    with pytest.raises(SchemaError):
        parsed(text)


def test_identity_is_all_but_white_space_and_for_karapace_the_order_of_keys() -> None:
    one, other = '{"type": "string", "default": "1"}', '{"default": "1",\n"type": "string"}'
    assert canonical(one) == '{"type":"string","default":"1"}'
    assert canonical(one) != canonical(other)
    assert canonical(one, Dialect.KARAPACE) == canonical(other, Dialect.KARAPACE)
    for dialect in Dialect:
        assert canonical('{"maximum": 1}', dialect) != canonical('{"maximum": 1.0}', dialect)
        assert canonical('{"enum": [1, 2]}', dialect) != canonical('{"enum": [2, 1]}', dialect)
        assert canonical('{"title": "a"}', dialect) != canonical("{}", dialect)


def test_the_outline_tells_every_part_by_its_path() -> None:
    text = """{
      "title": "Order", "type": "object", "required": ["id", "other"], "additionalProperties": false,
      "properties": {
        "id": {"type": ["string", "null"], "maxLength": 10, "description": "Its number"},
        "customer": {"type": "object", "properties": {"e.mail": {"type": "string", "format": "email"}}},
        "tags": {"type": "array", "items": {"enum": ["a", 1]}},
        "pair": {"items": [{"const": 1.0}, true]},
        "pay": {"oneOf": [{"$ref": "#/definitions/card"}, {"type": "null"}]},
        "not": {"type": "string"}
      },
      "definitions": {"card": {"properties": {"number": {"type": "string", "default": ""}}}},
      "dependencies": {"a": ["b"], "c": {"required": ["d"]}},
      "not": {"required": ["z"]}
    }"""
    outline = {path: (e.kind, e.summary) for path, e in json_schema.outline(parsed(text)).items()}
    assert outline == {
        "(root)": ("schema", 'object, requires "other", "a" needs ["b"]'),
        "additionalProperties": ("additionalProperties", "nothing"),
        "id": ("property", "string | null, required, maxLength 10"),
        "customer": ("property", "object"),
        'customer."e.mail"': ("property", 'string, format "email"'),
        "tags": ("property", "array"),
        "tags[]": ("items", 'enum "a", 1'),
        "pair": ("property", "any, items of 2"),
        "pair[0]": ("items", "const 1.0"),
        "pair[1]": ("items", "anything"),
        "pay": ("property", "any, oneOf of 2"),
        "pay.oneOf/0": ("oneOf", "reference to #/definitions/card"),
        "pay.oneOf/1": ("oneOf", "null"),
        '"not"': ("property", "string"),
        "definitions/card": ("definition", "any"),
        "definitions/card.number": ("property", 'string, default ""'),
        "dependencies/c": ("dependency", 'any, requires "d"'),
        "not": ("not", 'any, requires "z"'),
    }
    assert json_schema.outline(parsed(text))["id"].notes == {"description": "Its number"}


def test_pretty_indents_by_two_and_keeps_the_rest() -> None:
    text = '{"title":"é","maximum":1.50,"enum":[],"properties":{"b":{},"a":true}}'
    laid_out = """{
  "title": "é",
  "maximum": 1.50,
  "enum": [],
  "properties": {
    "b": {},
    "a": true
  }
}
"""
    assert json_schema.pretty(text) == laid_out


def test_a_bundle_needs_nothing_and_points_to_its_definitions() -> None:
    middle = parsed(
        '{"$id": "https://schemas.example/line.json", "items": {"$ref": "money.json"}}', money=parsed(MONEY)
    )
    text = (
        '{"definitions": {"money": {}}, "items": [{"$ref": "line.json"}, {"$ref": "money.json#/definitions/currency"}]}'
    )
    bundle = json_schema.bundle(parsed(text, line=middle, money=parsed(MONEY)), frozenset({"line.json", "money.json"}))
    assert json_schema.read(bundle).needs == ()
    assert json.loads(bundle) == {
        "definitions": {
            "money": {},
            "line": {"items": {"$ref": "#/definitions/money_2"}},
            "money_2": {
                "title": "com.example.Money",
                "type": "object",
                "required": ["amount"],
                "properties": {
                    "amount": {"type": "number"},
                    "currency": {"$ref": "#/definitions/money_2/definitions/currency"},
                },
                "definitions": {"currency": {"enum": ["EUR", "CHF"]}},
            },
        },
        "items": [{"$ref": "#/definitions/line"}, {"$ref": "#/definitions/money_2/definitions/currency"}],
    }
    assert json_schema.parse(json_schema.read(bundle), {}).targets


def test_a_bundle_keeps_references_to_meta_schemas_and_a_schema_that_is_true() -> None:
    text = '{"items":[{"$ref":"http://json-schema.org/draft-07/schema#"},{"$ref":"any.json"}]}'
    bundle = json_schema.bundle(parsed(text, any=parsed("true")), frozenset({"any.json"}))
    assert bundle == text.replace("any.json", "#/definitions/any")[:-1] + ',"definitions":{"any":true}}'
    assert json_schema.bundle(parsed("true"), frozenset()) == "true"


def test_a_bundle_refuses_a_reference_from_a_part_with_an_address_of_its_own() -> None:
    text = '{"items": {"$id": "http://x.example/b/", "items": {"$ref": "far.json"}}}'
    with pytest.raises(SchemaError, match="address of its own"):
        json_schema.bundle(parsed(text, far=parsed("{}")), frozenset({"far.json"}))


def test_a_bundle_leaves_the_references_that_were_not_asked_for() -> None:
    middle = parsed(
        '{"$id": "https://schemas.example/line.json", "items": {"$ref": "money.json"}}', money=parsed(MONEY)
    )
    top = parsed('{"items": [{"$ref": "line.json"}, {"$ref": "money.json"}]}', line=middle, money=parsed(MONEY))
    bundle = json_schema.bundle(top, frozenset({"line.json"}))
    assert [need.name for need in json_schema.read(bundle).needs] == ["money.json"]
    assert json_schema.bundle(top, frozenset()) == canonical_of(top)


def canonical_of(schema: Parsed) -> str:
    return json_schema.canonical(schema, Dialect.CONFLUENT)


@pytest.mark.parametrize(
    ("dependency", "words"),
    [
        ('{"$schema": "https://json-schema.org/draft/2020-12/schema"}', "draft 2020-12"),
        ('{"items": {"$dynamicRef": "#"}}', "dynamic references"),
    ],
)
def test_a_bundle_refuses_what_would_change_its_meaning(dependency: str, words: str) -> None:
    top = parsed('{"$ref": "d.json"}', d=parsed(dependency))
    with pytest.raises(SchemaError, match=words):
        json_schema.bundle(top, frozenset({"d.json"}))


names = st.text(alphabet="abc.$/~ é", min_size=1, max_size=4)
schemas = st.recursive(
    st.sampled_from(["string", "integer", "null"]).map(lambda name: {"type": name}) | st.booleans(),
    lambda inner: st.builds(
        lambda properties, items, title: {"title": title, "properties": properties, "items": items},
        st.dictionaries(names, inner, max_size=3),
        inner,
        st.text(max_size=3),
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(schemas, st.integers(0, 4))
def test_layout_never_changes_identity(schema: object, indent: int) -> None:
    text = json.dumps(schema)
    assert canonical(json.dumps(schema, indent=indent)) == canonical(text)
    assert canonical(json_schema.pretty(text)) == canonical(text)
    assert canonical(canonical(text)) == canonical(text)


@settings(deadline=None)
@given(schemas)
def test_an_outline_has_an_element_a_subschema(schema: object) -> None:
    document = json_schema.read(json.dumps(schema))
    outline = json_schema.outline(json_schema.parse(document, {}))
    assert len(outline) == len(json_schema.content_of(document).nodes)


def test_of_many_problems_the_first_in_the_text_is_told() -> None:
    text = """{
  "required": ["a"],
  "properties": {
    "b": {"allOf": [{"type": "number"}, {"type": "nothing"}]},
    "a": {"maxLength": -1}
  },
  "minLength": "one"
}"""
    with pytest.raises(SchemaError) as caught:
        json_schema.read(text)
    assert (caught.value.path, caught.value.line, caught.value.column) == ("/properties/b/allOf/1/type", 4, 42)


def test_a_place_far_down_a_huge_text_is_told_by_what_encloses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_positions, "_MAX_WORDS", 8)
    text = '{\n"a": 1,\n"b": {\n"c": 2}}'
    assert json_schema.locate(text, "/a") == (2, 1)
    assert json_schema.locate(text, "/b/c") == (3, 1)


def test_a_violation_within_a_member_without_a_name_is_told() -> None:
    document = json_schema.read('{"definitions": {"a": {}, "": {"allOf": [{"maxLength": 1.5}], "required": 1}}}')

    assert document.violation is not None
    assert "draft 7" in document.violation.message
