"""Settings beside the mode: write modes of ``/mode``, and what ``/config`` keeps beside the compatibility level."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from adapters.confluent.reading import Reader
from adapters.confluent.writing import CONTENT_TYPE, Writer, read_object
from reconciler.errors import RejectedError, UnexpectedAnswerError
from reconciler.http import HttpClient, Request, Response, make_path
from reconciler.model import SettingValue
from reconciler.registry import Setting

Values = Mapping[str, SettingValue]
_WRITE_MODES = ("READWRITE", "READONLY", "READONLY_OVERRIDE", "FORWARD", "IMPORT")
_CLOSING = frozenset({"READONLY", "READONLY_OVERRIDE"})
IMPORT = "IMPORT"
"""The write mode in which versions come with ids and numbers."""
_OF_CONFIG: Mapping[str, tuple[str, Setting]] = {
    "alias": ("alias", Setting(names_subject=True)),
    "normalize": ("normalize", Setting(type=bool)),
    "compatibility_group": ("compatibilityGroup", Setting()),
    "compatibility_policy": ("compatibilityPolicy", Setting(("STRICT", "LENIENT"))),
    "validate_fields": ("validateFields", Setting(type=bool)),
    "validate_rules": ("validateRules", Setting(type=bool)),
    "default_metadata": ("defaultMetadata", Setting(type=dict)),
    "override_metadata": ("overrideMetadata", Setting(type=dict)),
    "default_rules": ("defaultRuleSet", Setting(type=dict)),
    "override_rules": ("overrideRuleSet", Setting(type=dict)),
}
"""By our name, the field of ``/config`` and what it takes. Source: the vendor's published interface, "Config"."""

WRITE_MODE = Setting(_WRITE_MODES, closing=_CLOSING)
PLAIN_WRITE_MODE = Setting(("READWRITE", "READONLY"), closing=_CLOSING)
"""Of servers that know no more."""
SUBJECT_SETTINGS: Mapping[str, Setting] = {
    "write_mode": WRITE_MODE,
    **{name: setting for name, (_, setting) in _OF_CONFIG.items()},
}
REGISTRY_SETTINGS: Mapping[str, Setting] = {
    "write_mode": Setting(_WRITE_MODES, closing=_CLOSING, overriding=frozenset({"READONLY_OVERRIDE"})),
    **{name: setting for name, (_, setting) in _OF_CONFIG.items() if name != "alias"},
}
_MISSING = frozenset({404})
_NO_WRITE_MODE = frozenset({403, 404, 405, 501})
"""Nobody set one, or the server has none, or does not let us see it: then it says so where something is written."""
_DEFAULT_WRITE_MODE = "READWRITE"


class SettingsStore:
    """Reads and writes settings; see :class:`reconciler.registry.SettingsKeeper`.

    Args:
        concurrency: connections that read at once.
        has_config: whether the server keeps anything in ``/config`` beside the compatibility level.
    """

    def __init__(
        self, client: HttpClient, reader: Reader, writer: Writer, registry: str, *, concurrency: int, has_config: bool
    ) -> None:
        self._client = client
        self._reader = reader
        self._writer = writer
        self._registry = registry
        self._concurrency = concurrency
        self._has_config = has_config
        self._takes_single_away = True

    def read_settings(self, subjects: Collection[str | None]) -> dict[str | None, Values]:
        """Read the settings of subjects, and with None of the registry: a request each for write mode and config."""
        ordered = list(subjects)
        found: dict[str | None, dict[str, SettingValue]] = {subject: {} for subject in ordered}
        modes = self._client.send_all((_ask_write_mode(subject) for subject in ordered), self._concurrency)
        for subject, response in zip(ordered, modes, strict=True):
            if response.status not in _NO_WRITE_MODE:
                found[subject]["write_mode"] = _read_write_mode(response)
        configs = self._client.send_all(
            (_ask_config(subject) for subject in ordered if self._has_config), self._concurrency
        )
        for subject, response in zip(ordered, configs, strict=False):
            if not self._reader.is_absent(response):
                found[subject] |= read_config(response.json())
        return dict(found)

    def set_settings(self, subject: str | None, settings: Mapping[str, SettingValue | None]) -> None:
        """Set settings, write modes that let something in first, and others last."""
        of_config = {name: value for name, value in settings.items() if name in _OF_CONFIG}
        is_closing = settings.get("write_mode") in _CLOSING
        if is_closing and of_config:
            self._set_config(subject, of_config)
        if "write_mode" in settings:
            self._set_write_mode(subject, settings["write_mode"])
        if not is_closing and of_config:
            self._set_config(subject, of_config)

    def reset_compatibility(self, subject: str) -> None:
        """Take a subject's mode away; what else its config holds is put back, since the server deletes it all."""
        rest = self._read(subject) if self._has_config else {}
        self._writer.reset_compatibility(subject)
        if rest:
            self._put_config(subject, dict(rest))

    def _set_write_mode(self, subject: str | None, value: SettingValue | None) -> None:
        wanted = value if value is not None or subject is not None else _DEFAULT_WRITE_MODE
        path = "/mode" if subject is None else make_path("mode", subject)
        if wanted is None:
            request = Request(
                "DELETE", path, is_write=True, accepts=_MISSING, subject=subject, purpose="take the write mode away"
            )
        else:
            body = json.dumps({"mode": wanted}).encode()
            purpose = f"set the write mode to {wanted}"
            request = Request(
                "PUT", path, body=body, headers=CONTENT_TYPE, is_write=True, subject=subject, purpose=purpose
            )

        def look() -> bool | None:
            response = self._reader.ask(_ask_write_mode(subject))
            present = None if response.status in _NO_WRITE_MODE else _read_write_mode(response)
            return True if present == wanted else None

        self._writer.write(request, lambda answer: self._reader.is_absent(answer) or bool(read_object(answer)), look)

    def _set_config(self, subject: str | None, wanted: Mapping[str, SettingValue | None]) -> None:
        self._put_config(subject, wanted)
        # A server that did not take one setting away by itself before is not waited for again.
        soon = wanted if self._takes_single_away else {n: value for n, value in wanted.items() if value is not None}
        present = self._read_back(subject, soon)
        if [name for name, value in wanted.items() if value is None and name in present]:
            self._takes_single_away = False
            self._rewrite_config(subject, {**present, **wanted})
            present = self._read_back(subject, wanted)
        kept = {name: present.get(name) for name in wanted}
        if kept != dict(wanted):
            lost = ", ".join(sorted(name for name in wanted if kept[name] != wanted[name]))
            raise RejectedError(
                f"the registry took the settings and did not keep {lost}",
                registry=self._registry,
                subject=subject,
                code="SETTING_DROPPED",
                fix="take what this server does not know out of `settings`; where its nodes take long to agree,"
                " `patience` of the registry waits longer",
            )

    def _read_back(self, subject: str | None, wanted: Mapping[str, SettingValue | None]) -> dict[str, SettingValue]:
        """Read settings until they are as they were set, for as long as patience lasts; what was read last."""
        present: dict[str, SettingValue] = {}

        def look() -> bool | None:
            nonlocal present
            present = self._read(subject)
            return _is_kept(present, wanted) or None

        self._writer.look_until_seen(look)
        return present

    def _put_config(self, subject: str | None, wanted: Mapping[str, SettingValue | None]) -> None:
        body = {_OF_CONFIG[name][0]: value for name, value in wanted.items()}

        def look() -> bool | None:
            return _is_kept(self._read(subject), wanted) or None

        self._writer.write(_make_config(subject, body), lambda answer: bool(read_object(answer)), look)

    def _rewrite_config(self, subject: str | None, merged: Mapping[str, SettingValue | None]) -> None:
        """Delete a config and write again what is to stay: for servers in which no single field can be taken away."""
        mode = self._reader.read_mode(subject) if subject is not None else self._reader.read_default_mode()
        rest = {name: value for name, value in merged.items() if value is not None}
        if subject is not None:
            self._writer.reset_compatibility(subject)
        else:
            purpose = "take the registry's own config away"
            self._client.send(Request("DELETE", "/config", is_write=True, purpose=purpose))
        if mode is not None:
            self._writer.set_compatibility(subject, mode)
        if rest:
            self._put_config(subject, rest)

    def _read(self, subject: str | None) -> dict[str, SettingValue]:
        response = self._reader.ask(_ask_config(subject))
        return {} if self._reader.is_absent(response) else read_config(response.json())


def read_config(content: Any) -> dict[str, SettingValue]:
    """The settings in an answer about a config, by our names; what we do not know, and the level, are left out."""
    fields = content if isinstance(content, dict) else {}
    found = {name: fields.get(field) for name, (field, _) in _OF_CONFIG.items()}
    return {name: value for name, value in found.items() if value is not None}


def _is_kept(present: Values, wanted: Mapping[str, SettingValue | None]) -> bool:
    return all(present.get(name) == value for name, value in wanted.items())


def _ask_write_mode(subject: str | None) -> Request:
    path = "/mode" if subject is None else make_path("mode", subject)
    return Request("GET", path, accepts=_NO_WRITE_MODE, subject=subject, purpose="read the write mode")


def _ask_config(subject: str | None) -> Request:
    path = "/config" if subject is None else make_path("config", subject)
    return Request("GET", path, accepts=_MISSING, subject=subject, purpose="read the settings")


def _make_config(subject: str | None, body: Mapping[str, object]) -> Request:
    path = "/config" if subject is None else make_path("config", subject)
    return Request(
        "PUT",
        path,
        body=json.dumps(body).encode(),
        headers=CONTENT_TYPE,
        is_write=True,
        subject=subject,
        purpose="set the settings",
    )


def _read_write_mode(response: Response) -> str:
    content = response.json()
    mode = content.get("mode") if isinstance(content, dict) else None
    if not isinstance(mode, str):
        raise UnexpectedAnswerError(
            "the answer about the write mode does not tell it",
            registry=response.registry,
            detail=response.body[:200].decode("utf-8", "replace"),
        )
    return mode
