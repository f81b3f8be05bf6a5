"""The same steps against the local registry and the double of Confluent's: the same answers, step by step.

Registering and looking up are compared by what the answered version holds, not by its number. Where two versions hold
the same text, ours answers the newer one: a text that became the latest again is then known as the latest.
"""

import itertools
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from local_samples import make_number_record, make_record, make_user_of, open_registry

from adapters.local import LocalRegistry
from adapters.local.rules import WriteMode
from reconciler.errors import RegistryError
from reconciler.model import LiveVersion, Metadata, Mode, Reference, Schema
from tests.doubles.confluent import ConfluentDouble
from tests.raw_registry import RawAnswer, RawRegistry, RawVersion

A = make_record("a")
TEXTS = {
    "a": A,
    "ab": make_record("a", "b"),
    "number": make_number_record(),
    "a, tagged": Schema(A.format, A.definition, metadata=Metadata({"owner": "orders"})),
    "nonsense": Schema(A.format, '{"type": "nonsense"}'),
}
ITEM, USER = "item", "user"


@dataclass(frozen=True)
class Step:
    """One call on one of two subjects; `version` is its argument where it takes one."""

    action: str
    subject: str
    text: str = "a"
    version: int = 1
    mode: str = "NONE"


def steps_of(actions: list[str], **arguments: Any) -> st.SearchStrategy[Step]:
    return st.builds(Step, st.sampled_from(actions), st.sampled_from([ITEM, USER]), **arguments)


STEPS = st.one_of(
    steps_of(["post", "look up"], text=st.sampled_from(list(TEXTS))),
    steps_of(["post"], text=st.sampled_from(["a", "ab"])),
    steps_of(["post as"], text=st.sampled_from(list(TEXTS)), version=st.integers(1, 5)),
    steps_of(["post user of item"], version=st.integers(1, 3)),
    steps_of(["soft version", "hard version"], version=st.integers(1, 4)),
    steps_of(["soft", "hard"]),
    steps_of(["mode"], mode=st.sampled_from(list(Mode))),
    steps_of(["write mode"], mode=st.sampled_from(list(WriteMode))),
    steps_of(["history"]),
)


@dataclass(frozen=True)
class Local:
    registry: LocalRegistry
    prefix: str

    def act(self, step: Step) -> object:
        """What a step answers: a value, or the code of the refusal."""
        try:
            return self._act(step, self.prefix + step.subject)
        except RegistryError as error:
            return error.code

    def _act(self, step: Step, subject: str) -> object:
        registry = self.registry
        match step.action:
            case "post":
                return describe_ours(registry.register_schema(subject, TEXTS[step.text]))
            case "post as":
                return describe_ours(registry.register_schema(subject, TEXTS[step.text], version=step.version))
            case "post user of item":
                return describe_ours(registry.register_schema(self.prefix + USER, make_user(self.prefix, step.version)))
            case "look up":
                return describe_ours(registry.lookup_schema(subject, TEXTS[step.text]))
            case "soft version" | "hard version":
                return registry.delete_version(subject, step.version, permanent=step.action.startswith("hard"))
            case "soft" | "hard":
                return list(registry.delete_all_versions(subject, permanent=step.action == "hard"))
            case "mode":
                return registry.set_compatibility(subject, Mode(step.mode))
            case "write mode":
                return registry.set_write_mode(subject, WriteMode(step.mode))
            case _:
                return [version.version for version in registry.read_history(subject)]


@dataclass(frozen=True)
class Confluent:
    raw: RawRegistry
    prefix: str

    def act(self, step: Step) -> object:
        """The same, over HTTP; 40901 is how version 8 says 409."""
        answer = self._send(step, quote(self.prefix + step.subject, safe=""))
        if answer.status != 200:
            code = answer.body["error_code"]
            return {40901: 409}.get(code, [] if step.action == "history" else code)
        match step.action:
            case "post" | "post as" | "post user of item" | "look up":
                subject = USER if step.action == "post user of item" else step.subject
                return describe_theirs(self.raw.read_version(self.prefix + subject, answer.body["version"]))
            case "soft" | "hard" | "history":
                return answer.body
            case _:
                return None

    def _send(self, step: Step, subject: str) -> RawAnswer:
        path = f"/subjects/{subject}"
        match step.action:
            case "post":
                return self.raw.send("POST", f"{path}/versions", make_body(TEXTS[step.text]))
            case "post as":
                body = {**make_body(TEXTS[step.text]), "version": step.version}
                return self.raw.send("POST", f"{path}/versions", body)
            case "post user of item":
                body = make_body(make_user(self.prefix, step.version))
                return self.raw.send("POST", f"/subjects/{self.prefix}{USER}/versions", body)
            case "look up":
                return self.raw.send("POST", path, make_body(TEXTS[step.text]))
            case "soft version" | "hard version":
                permanent = "?permanent=true" if step.action.startswith("hard") else ""
                return self.raw.send("DELETE", f"{path}/versions/{step.version}{permanent}")
            case "soft" | "hard":
                return self.raw.send("DELETE", path + ("?permanent=true" if step.action == "hard" else ""))
            case "mode":
                return self.raw.send("PUT", f"/config/{subject}", {"compatibility": step.mode})
            case "write mode":
                return self.raw.send("PUT", f"/mode/{subject}", {"mode": step.mode})
            case _:
                return self.raw.send("GET", f"{path}/versions")


def describe_ours(version: LiveVersion) -> tuple[str, dict[str, str]]:
    metadata = version.schema.metadata
    return describe_text(version.schema.definition), dict(metadata.properties) if metadata else {}


def describe_theirs(version: RawVersion) -> tuple[str, dict[str, str]]:
    """Without the property by which Confluent 8 marks a version whose number was asked for."""
    properties = (version.metadata or {}).get("properties") or {}
    return describe_text(version.text), {k: v for k, v in properties.items() if k != "confluent:version"}


def describe_text(text: str) -> str:
    return ", ".join(f"{field['name']}: {field['type']}" for field in json.loads(text)["fields"])


def make_user(prefix: str, version: int) -> Schema:
    return make_user_of(Reference("com.acme.Order", prefix + ITEM, version))


def make_body(schema: Schema) -> dict[str, Any]:
    body: dict[str, Any] = {"schema": schema.definition}
    if schema.references:
        body["references"] = [{"name": r.name, "subject": r.subject, "version": r.version} for r in schema.references]
    if schema.metadata:
        body["metadata"] = {"properties": dict(schema.metadata.properties)}
    return body


@pytest.fixture(scope="module")
def confluent_8() -> Iterator[RawRegistry]:
    with ConfluentDouble("8.1") as double:
        yield RawRegistry(double.url)


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    return itertools.count()


@given(steps=st.lists(STEPS, min_size=1, max_size=14))
@settings(max_examples=25, deadline=None)
def test_the_same_steps_get_the_same_answers(
    confluent_8: RawRegistry, numbers: Iterator[int], steps: list[Step]
) -> None:
    prefix = f"p{next(numbers)}-"
    steps = [*steps, Step("history", ITEM), Step("history", USER)]
    theirs = Confluent(confluent_8, prefix)
    expected = [(step, theirs.act(step)) for step in steps]

    with tempfile.TemporaryDirectory() as folder:
        ours = Local(open_registry(Path(folder)), prefix)
        seen = [(step, ours.act(step)) for step in steps]
        ours.registry.close()

    assert seen == expected
