"""Formats that travel as texts."""

from __future__ import annotations

import pytest

from reconciler.compatibility import Judged, check
from reconciler.errors import SchemaError
from reconciler.model import Dialect, Format, Mode, Outcome
from reconciler.schemas import language, parse
from reconciler.schemas.difference import differences

TEXTS = {
    Format.GRAPHQL: "type Query {\n  order(id: ID!): String\n}\n",
    Format.XSD: '<?xml version="1.0" encoding="UTF-16"?>\n<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>\n',
    Format.WSDL: '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"/>\n',
    Format.XML: "<a>ä</a>\n",
    Format.KCONNECT: '{"type": "struct", "fields": []}\n',
}


@pytest.mark.parametrize("schema_format", TEXTS)
def test_a_text_is_what_it_is(schema_format: Format) -> None:
    knows, text = language(schema_format), TEXTS[schema_format]
    parsed, bare, other = (parse(schema_format, each, {}) for each in (text, text.rstrip(), text + " \n"))

    assert knows.canonical(parsed, Dialect.APICURIO) == knows.canonical(bare, Dialect.APICURIO)
    assert knows.canonical(parsed, Dialect.APICURIO) != knows.canonical(other, Dialect.APICURIO)
    assert knows.pretty(text.rstrip()) == text
    assert len(differences(knows.outline(parsed), knows.outline(other))) == 1


@pytest.mark.parametrize("schema_format", TEXTS)
def test_what_changes_is_not_judged(schema_format: Format) -> None:
    old, new = (parse(schema_format, text, {}) for text in (TEXTS[schema_format], TEXTS[schema_format] + "\n \n"))

    assert check(new, [Judged(1, old)], Mode.BACKWARD).outcome is Outcome.NOT_JUDGED
    assert check(new, [Judged(1, old)], Mode.NONE).outcome is Outcome.COMPATIBLE


@pytest.mark.parametrize("schema_format", [Format.XSD, Format.WSDL, Format.XML])
def test_xml_that_is_not_well_formed_is_told_with_its_place(schema_format: Format) -> None:
    with pytest.raises(SchemaError) as raised:
        parse(schema_format, "<a>\n  <b></a>\n", {})

    assert "mismatched tag" in raised.value.message
    assert (raised.value.line, raised.value.column) == (2, 8)


def test_entities_that_grow_without_bounds_end() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 100}">' for n in range(1, 9))
    with pytest.raises(SchemaError, match="not well-formed"):
        parse(Format.XML, f'<!DOCTYPE a [<!ENTITY e0 "{"x" * 1000}">{entities}]><a>&e8;</a>', {})
