"""A repository before and after a commit of thirty changes, and what its registries must hold then: written out by
hand, so that nothing of the product says what is right.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from tests.repositories import record

Content = str | dict[str, object]
NOTE: dict[str, object] = {"name": "note", "type": ["null", "string"], "default": None}
_WAIVER = """\
waivers:
  - {code: READER_FIELD_MISSING_DEFAULT_VALUE, reason: nobody reads it, approver: "@acme", until: 2099-12-31}
"""
_BROKEN = "country"
_PROTO = 'syntax = "proto3";\npackage acme;\n\nmessage Event {\n  string id = 1;\n}\n'
_PERSON: dict[str, object] = {"type": "object", "properties": {"name": {"type": "string"}}}
_THING: dict[str, object] = {"type": "object", "properties": {"owner": {"$ref": "person.schema.json"}}}


def _field(name: str, kind: str) -> dict[str, object]:
    return {"name": name, "type": kind}


def _mode(mode: str) -> str:
    return f"compatibility: {mode}\n"


_FIRST: Mapping[str, Content] = {
    # What others refer to, three deep.
    "schemas/money.avsc": record("Money", "currency"),
    "schemas/line.avsc": record("Line", "id", _field("price", "Money")),
    "schemas/order.avsc": record("Order", "id", _field("line", "Line"), _field("total", "Money")),
    "schemas/invoice.avsc": record("Invoice", "id", _field("order", "Order")),
    # What goes back to an older schema.
    "schemas/account.avsc": record("Account", "id"),
    "schemas/account.meta.yaml": _mode("FULL"),
    # What breaks on purpose: with a mode of its own, and with the registry's.
    "schemas/contact.avsc": record("Contact", "id"),
    "schemas/contact.meta.yaml": _mode("BACKWARD"),
    "schemas/address.avsc": record("Address", "id"),
    # What gets a new version.
    "schemas/p0.avsc": record("P0", "id"),
    "schemas/p1.avsc": record("P1", "id"),
    "schemas/p2.avsc": record("P2", "id"),
    # Whose mode changes, goes, comes, and loosens for a version that needs it.
    "schemas/m0.avsc": record("M0", "id"),
    "schemas/m0.meta.yaml": _mode("BACKWARD"),
    "schemas/m1.avsc": record("M1", "id"),
    "schemas/m1.meta.yaml": _mode("BACKWARD"),
    "schemas/m2.avsc": record("M2", "id"),
    "schemas/m3.avsc": record("M3", "id"),
    "schemas/m3.meta.yaml": _mode("FULL"),
    # What goes: one that refers to another.
    "schemas/gone.avsc": record("Gone", "id"),
    "schemas/gone-user.avsc": record("GoneUser", "id", _field("gone", "Gone")),
}
_SECOND: Mapping[str, Content] = {
    "schemas/account.avsc": record("Account", "id", NOTE),
    # What stays with the version that it is pinned to.
    "schemas/receipt.avsc": record("Receipt", "id", _field("paid", "Money")),
    "schemas/receipt.meta.yaml": "references:\n  - {name: com.acme.Money, subject: money, version: 1,"
    " file: ../pins/money-1.avsc}\n",
    "pins/money-1.avsc": record("Money", "currency"),
}
_LAST: Mapping[str, Content | None] = {
    "schemas/money.avsc": record("Money", "currency", NOTE),
    "schemas/account.avsc": record("Account", "id"),
    "schemas/contact.avsc": record("Contact", "id", _BROKEN),
    "schemas/contact.meta.yaml": _mode("BACKWARD") + _WAIVER,
    "schemas/address.avsc": record("Address", "id", _BROKEN),
    "schemas/address.meta.yaml": _WAIVER,
    **{f"schemas/p{n}.avsc": record(f"P{n}", "id", NOTE) for n in range(3)},
    "schemas/m0.meta.yaml": _mode("FULL"),
    "schemas/m1.meta.yaml": None,
    "schemas/m2.meta.yaml": _mode("BACKWARD_TRANSITIVE"),
    "schemas/m3.avsc": record("M3", "id", _BROKEN),
    "schemas/m3.meta.yaml": _mode("NONE"),
    "schemas/gone.avsc": None,
    "schemas/gone-user.avsc": None,
    "schemas/new/defaults.yaml": _mode("FULL"),
    "schemas/new/unit.avsc": record("Unit", "id"),
    "schemas/new/weight.avsc": record("Weight", "id", _field("unit", "Unit")),
    "schemas/new/price.avsc": record("Price", "id", _field("amount", "Money")),
    "schemas/new/event.proto": _PROTO,
    "schemas/new/person.schema.json": _PERSON,
    "schemas/new/thing.schema.json": _THING,
}
STEPS: tuple[Mapping[str, Content | None], ...] = (_FIRST, _SECOND, _LAST)
"""The files of three commits (None: removed); the last is the one of thirty changes."""


@dataclass(frozen=True)
class Wanted:
    """What a subject must be: the text of its latest version, its own mode, the versions that it refers to, and the
    numbers of all its versions where a registry can restore under a new number.
    """

    text: Content
    mode: str | None = None
    references: tuple[tuple[str, str, int], ...] = ()
    versions: tuple[int, ...] = (1, 2)


def _money(version: int) -> tuple[str, str, int]:
    return "com.acme.Money", "money", version


WANTED: Mapping[str, Wanted] = {
    "money": Wanted(record("Money", "currency", NOTE)),
    "line": Wanted(_FIRST["schemas/line.avsc"], None, (_money(2),)),
    "order": Wanted(_FIRST["schemas/order.avsc"], None, (("com.acme.Line", "line", 2), _money(2))),
    "invoice": Wanted(_FIRST["schemas/invoice.avsc"], None, (("com.acme.Order", "order", 2),)),
    "receipt": Wanted(_SECOND["schemas/receipt.avsc"], None, (_money(1),), (1,)),
    "account": Wanted(record("Account", "id"), "FULL", (), (1, 2, 3)),
    "contact": Wanted(record("Contact", "id", _BROKEN), "BACKWARD"),
    "address": Wanted(record("Address", "id", _BROKEN)),
    **{f"p{n}": Wanted(record(f"P{n}", "id", NOTE)) for n in range(3)},
    "m0": Wanted(record("M0", "id"), "FULL", (), (1,)),
    "m1": Wanted(record("M1", "id"), None, (), (1,)),
    "m2": Wanted(record("M2", "id"), "BACKWARD_TRANSITIVE", (), (1,)),
    "m3": Wanted(record("M3", "id", _BROKEN), "NONE"),
    "unit": Wanted(record("Unit", "id"), "FULL", (), (1,)),
    "weight": Wanted(_LAST["schemas/new/weight.avsc"] or "", "FULL", (("com.acme.Unit", "unit", 1),), (1,)),
    "price": Wanted(_LAST["schemas/new/price.avsc"] or "", "FULL", (_money(2),), (1,)),
    "event": Wanted(_PROTO, "FULL", (), (1,)),
    "person": Wanted(_PERSON, "FULL", (), (1,)),
    "thing": Wanted(_THING, "FULL", (("person.schema.json", "person", 1),), (1,)),
}
LEVELS = ("BACKWARD", "BACKWARD", "FULL")
"""The registry's own level in each step, where a stage has a registry to itself."""
GONE = ("gone", "gone-user")
FOREIGN = ("foreign-a", "foreign-b")
"""Subjects of somebody else, which are never touched."""


def make_configuration(registry: str, level: str | None, deletion: str) -> str:
    """schemafed.yaml; `registry` are the keys of its only registry."""
    own = f", compatibility: {level}" if level else ""
    return f"""\
version: 1
registries:
  orders: {{{registry}{own}}}
environments:
  prod: {{registries: [orders], deletion: {deletion}, ledger: shared}}
"""


def is_text(wanted: Content, text: str) -> bool:
    """Whether a registry holds a text, whatever white space it keeps."""
    if isinstance(wanted, dict):
        return bool(json.loads(text) == wanted)
    return "".join(text.split()) == "".join(wanted.split())
