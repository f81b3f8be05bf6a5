"""Settings of a schema beside its mode: description, tags, the checkpoint, and metadata of its latest version."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from adapters.glue.calls import Answer, Calls
from adapters.glue.reading import Reader
from adapters.glue.writing import Writer
from reconciler.errors import NotFoundError, OutcomeUnknownError, RejectedError
from reconciler.model import SettingValue
from reconciler.registry import Setting

SETTINGS: Mapping[str, Setting] = {
    "description": Setting(needs_subject=True, can_reset=False),
    "tags": Setting(type=dict, needs_subject=True),
    "checkpoint": Setting(needs_subject=True, can_reset=False),
    "version_metadata": Setting(type=dict, needs_subject=True, of_version=True),
}


class SettingsStore:
    """Reads and writes settings; see :class:`reconciler.registry.SettingsKeeper`."""

    def __init__(self, calls: Calls, reader: Reader, writer: Writer) -> None:
        self._calls = calls
        self._reader = reader
        self._writer = writer

    def read_settings(self, subjects: Collection[str | None]) -> dict[str | None, Mapping[str, SettingValue]]:
        """Read the settings of schemas, three requests each; the registry itself has none."""
        names = [subject for subject in subjects if subject is not None]
        found = dict(zip(names, self._calls.for_each(self._read_one, names), strict=True))
        return {subject: found[subject] if subject is not None else {} for subject in subjects}

    def set_settings(self, subject: str | None, settings: Mapping[str, SettingValue | None]) -> None:
        """Set settings of a schema."""
        if subject is None:
            return
        told = self._reader.read_settings_of(subject)
        if told is None:
            raise NotFoundError("there is no such schema", registry=self._calls.name, subject=subject)
        if description := settings.get("description"):
            self._writer.update_schema(subject, "set the description", None, Description=description)
        if checkpoint := settings.get("checkpoint"):
            self._writer.update_schema(subject, "set the checkpoint", int(str(checkpoint)))
        if "tags" in settings:
            self._set_tags(subject, told, _texts(settings["tags"]))
        if "version_metadata" in settings:
            self._set_metadata(subject, _texts(settings["version_metadata"]))

    def _read_one(self, subject: str) -> dict[str, SettingValue]:
        told = self._reader.read_settings_of(subject)
        if told is None:
            return {}
        checkpoint = told.get("SchemaCheckpoint")
        found: dict[str, SettingValue | None] = {
            "description": told.get("Description"),
            "checkpoint": str(checkpoint) if checkpoint else None,
            "tags": self._read_tags(subject, told),
            "version_metadata": self._read_metadata(subject),
        }
        return {name: value for name, value in found.items() if value}

    def _read_tags(self, subject: str, told: Answer) -> dict[str, Any]:
        answer = self._calls.call("get_tags", "read the tags", subject, ResourceArn=told["SchemaArn"])
        return dict(answer.get("Tags") or {})

    def _set_tags(self, subject: str, told: Answer, wanted: Mapping[str, str]) -> None:
        present, arn = self._read_tags(subject, told), told["SchemaArn"]
        if gone := sorted(present.keys() - wanted.keys()):
            self._calls.call(
                "untag_resource", "remove tags", subject, is_write=True, ResourceArn=arn, TagsToRemove=gone
            )
        if wanted and present != wanted:
            self._calls.call(
                "tag_resource", "set tags", subject, is_write=True, ResourceArn=arn, TagsToAdd=dict(wanted)
            )

    def _read_metadata(self, subject: str) -> dict[str, Any]:
        latest = {"LatestVersion": True}
        answer = self._calls.find_schema(
            "query_schema_version_metadata", "read the version's metadata", subject, SchemaVersionNumber=latest
        )
        told = (answer or {}).get("MetadataInfoMap") or {}
        return {key: info.get("MetadataValue") for key, info in told.items()}

    def _set_metadata(self, subject: str, wanted: Mapping[str, str]) -> None:
        """The service has no change of a value: the old pair is taken away, the new one put."""
        present = self._read_metadata(subject)
        pairs = {key: value for key, value in present.items() if wanted.get(key) != value}
        added = {key: value for key, value in wanted.items() if present.get(key) != value}
        for operation, each in (("remove_schema_version_metadata", pairs), ("put_schema_version_metadata", added)):
            for key, value in each.items():
                self._change_pair(subject, operation, key, value)

    def _change_pair(self, subject: str, operation: str, key: str, value: str) -> None:
        pair = {"MetadataKey": key, "MetadataValue": value}
        at = {"SchemaVersionNumber": {"LatestVersion": True}, "MetadataKeyValue": pair}
        try:
            self._calls.call_schema(operation, "set the version's metadata", subject, is_write=True, **at)
        except (NotFoundError, RejectedError, OutcomeUnknownError):
            # The SDK repeats what got no answer: the second time a pair is there already, or gone already.
            present = self._read_metadata(subject)
            if (present.get(key) == value) is not operation.startswith("put"):
                raise


def _texts(value: SettingValue | None) -> Mapping[str, str]:
    return {str(key): str(each) for key, each in value.items()} if isinstance(value, dict) else {}
