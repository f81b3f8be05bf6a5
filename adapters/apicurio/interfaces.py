"""The interfaces of Apicurio Registry that are spoken, and what each can do, as data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from adapters.apicurio.requests import Requests
from adapters.apicurio.requests_v2 import RequestsV2
from adapters.apicurio.settings import COMMON_SETTINGS, REGISTRY_SETTINGS, SETTINGS
from reconciler.model import EVENT_FORMATS, Deletion, Dialect, Format
from reconciler.registry import Capabilities, NameRule, RestoreWay


@dataclass(frozen=True, slots=True)
class Interface:
    """What one interface does its own way.

    ``requests`` writes its requests. ``lists_versions``: one listing has the versions of all artifacts of a group; else
    it has the artifacts, and each is asked for its latest version.
    """

    capabilities: Capabilities
    requests: type[Requests]
    lists_versions: bool


_V3 = Capabilities(
    formats=frozenset(Format),
    references=frozenset(Format),
    judges=EVENT_FORMATS | {Format.OPENAPI, Format.XSD},
    dialect=Dialect.APICURIO,
    deletion=frozenset({Deletion.HARD}),
    releasing=frozenset({Deletion.HARD}),
    # Its dry run cannot say so: it ends where an earlier version cannot be read.
    reads_old_by_new=frozenset({Format.AVRO, Format.JSON}),
    restore=RestoreWay.NEW_VERSION,
    resets_modes=True,
    settings=SETTINGS,
    registry_settings=REGISTRY_SETTINGS,
    modes_need_subject=True,
    names=NameRule(re.compile(r"[\x20-\x24\x26-\x7e]{1,512}"), "up to 512 characters of ASCII but for `%`"),
)
# What servers 2.x do not judge a newer one may judge: its refusal counts, and its consent says nothing. The name of a
# new artifact is sent in a header, whose outer spaces get lost. Description and labels are those of the latest version,
# so that every new version would be without them.
_V2 = replace(
    _V3,
    judges=EVENT_FORMATS,
    settings=COMMON_SETTINGS,
    names=NameRule(
        re.compile(r"(?! )[\x20-\x24\x26-\x7e]{1,512}(?<! )"),
        "up to 512 characters of ASCII but for `%`, with no space at either end",
    ),
)

_DEFAULT = "/v3"
_INTERFACES: Mapping[str, Interface] = {
    "/v3": Interface(_V3, Requests, lists_versions=True),
    "/v2": Interface(_V2, RequestsV2, lists_versions=False),
}
"""By what the path of ``url`` ends in."""


def find_interface(path: str) -> Interface:
    """The interface that a registry's address means; v3 where it does not say."""
    ending = next((each for each in _INTERFACES if path.rstrip("/").endswith(each)), _DEFAULT)
    return _INTERFACES[ending]
