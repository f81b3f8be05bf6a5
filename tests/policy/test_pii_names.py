"""Names in seven languages, and names that only sound like personal data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reconciler.config import Config
from reconciler.model import DesiredSubject, Format, Location, Metadata, Schema
from reconciler.operations.policies.loading import load_shipped
from reconciler.operations.policies.making import make_inspection
from reconciler.policy.selection import make_policies
from reconciler.repository.state import DesiredState
from reconciler.schemas.resolved import SchemaSet

SHIPPED = load_shipped()


def find_codes(name: str, kind: str = "string", *, record: str = "Order", metadata: Metadata | None = None) -> set[str]:
    text = json.dumps({"type": "object", "title": record, "properties": {name: {"type": kind}}})
    return find_codes_of(Schema(Format.JSON, text, metadata=metadata))


def find_codes_of(schema: Schema) -> set[str]:
    subject = DesiredSubject("order", schema, Location("order.json"))
    config = Config.model_validate({"version": 1, "policies": [{"use": "pii"}]})
    policies = make_policies(config, SHIPPED.packs, {}, SHIPPED.packs, {}, "default")
    state = DesiredState("default", {"order": subject}, {}, {}, SchemaSet(lambda reference: None), ())
    return {finding.code for finding in make_inspection(Path("."), state, policies).check_subjects(["order"])}


@pytest.mark.parametrize(
    "name",
    [
        *("firstName", "customer_email", "customerEMail_2", "phone-number", "DATE_OF_BIRTH", "iban", "hourlyRate"),
        *("nachname", "strasse", "straße", "geburtsdatum", "telefonnummer", "steuerId"),
        *("prénom", "adresseDeLivraison", "dateNaissance", "numero_securite_sociale", "courriel"),
        *("apellidos", "correo_electronico", "teléfono", "fechaNacimiento", "dni"),
        *("cognome", "codiceFiscale", "indirizzo", "dataDiNascita", "posta_elettronica"),
        *("achternaam", "huisnummer", "geboortedatum", "burgerservicenummer", "emailadres"),
        *("sobrenome", "endereço", "telemóvel", "cpf", "dataNascimento"),
    ],
)
def test_a_name_of_personal_data_needs_a_tag(name: str) -> None:
    assert find_codes(name) == {"PII_UNTAGGED"}


@pytest.mark.parametrize(
    "name",
    [
        *("email_template", "emailCount", "phoneType", "addressVerifiedAt", "ip_version", "passwordChangedAt"),
        *("server_address", "name", "fileName", "street_count", "healthCheck", "tokenCount", "page_token", "_", "1"),
    ],
)
def test_a_name_that_only_sounds_like_it_needs_none(name: str) -> None:
    assert find_codes(name) == set()


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        ("clientIp", "string", "PII_ONLINE_UNTAGGED"),
        ("blutgruppe", "string", "PII_SPECIAL_UNTAGGED"),
        ("heartRate", "integer", "PII_SPECIAL_UNTAGGED"),
        ("mot_de_passe", "string", "PII_SECRET"),
        ("contraseña", "string", "PII_SECRET"),
        ("zip", "integer", "PII_UNTAGGED"),
    ],
)
def test_each_kind_has_a_rule(name: str, kind: str, code: str) -> None:
    assert find_codes(name, kind) == {code}


@pytest.mark.parametrize(("name", "kind"), [("email", "boolean"), ("lastName", "integer"), ("password", "boolean")])
def test_the_type_tells_that_it_is_none(name: str, kind: str) -> None:
    assert find_codes(name, kind) == set()


def test_a_name_in_a_type_of_persons_is_a_persons() -> None:
    assert find_codes("name", record="Customer") == {"PII_UNTAGGED"}


def test_a_tag_of_what_holds_a_field_is_one_of_the_field() -> None:
    address = {"type": "object", "properties": {"street": {"type": "string"}, "zip": {"type": "string"}}}
    text = json.dumps({"type": "object", "properties": {"address": address}})

    assert find_codes_of(Schema(Format.JSON, text)) == {"PII_UNTAGGED"}
    assert find_codes_of(Schema(Format.JSON, text, metadata=Metadata(tags={"**.address": ("pii",)}))) == set()
