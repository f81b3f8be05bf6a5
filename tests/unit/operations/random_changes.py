"""Random small repositories, and changes of them: schemas of each format that use each other, sidecars, settings."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from hypothesis import strategies as st

SETTINGS = """\
version: 1
subjects: {name: "{{ path }}.{{ format }}"}
registries:
  one: {kind: local, path: one.db, name: "{{ environment }}.{{ name }}"}
  two: {kind: local, path: two.db, name: "{{ name | lower }}"}
environments:
  dev: {registries: [one, two]}
  prod: {registries: [one]}
"""
FOLDERS = ("a", "a/deep", "b")
NAMES = ("One", "Two", "Three")
TYPES = ("string", "acme.One", "acme.One", "acme.Base", "Two", "other.One", "\\u004fne")
REFS = ("One.json", "../b/Two.json", "Th%72ee.json", "https://acme.example/One.json")
MODES = ("BACKWARD", "FULL_TRANSITIVE", "NONE")


def make_avro(name: str, namespace: str, types: list[str], note: str) -> str:
    fields = ", ".join(f'{{"name": "f{i}", "type": "{kind}"}}' for i, kind in enumerate(types))
    return f'{{"type": "record", "name": "{name}", "namespace": "{namespace}", "doc": "{note}", "fields": [{fields}]}}'


def _make_proto(name: str, imports: list[str]) -> str:
    lines = "".join(f'import "{each}";\n' for each in dict.fromkeys(imports))
    return f'syntax = "proto3";\npackage acme;\n{lines}message {name} {{ string id = 1; }}\n'


def _make_json(name: str, refs: list[str]) -> str:
    properties = {f"p{i}": {"$ref": ref} for i, ref in enumerate(refs)}
    return json.dumps({"$id": f"https://acme.example/{name}.json", "type": "object", "properties": properties})


_avro = st.builds(
    make_avro,
    st.sampled_from(NAMES),
    st.sampled_from(("acme", "other")),
    st.lists(st.sampled_from(TYPES), max_size=2),
    st.sampled_from(("", "changed")),
)
_proto = st.builds(
    _make_proto,
    st.sampled_from(("Alpha", "Beta")),
    st.lists(st.sampled_from(("one.proto", "deep/one.proto", "Three.proto")), max_size=1),
)
_json = st.builds(
    _make_json,
    st.sampled_from(NAMES),
    st.lists(
        st.sampled_from(("One.json", "../b/Two.json", "Th%72ee.json", "https://acme.example/One.json")), max_size=1
    ),
)
_sidecar = st.one_of(
    st.builds("compatibility: {}\n".format, st.sampled_from(MODES)),
    st.builds("subject: {}\n".format, st.sampled_from(("One", "shared", "SHARED"))),
    st.builds("references: [{{name: {0}, subject: {0}}}]\n".format, st.sampled_from(("One", "Two"))),
    st.just("registries: [one]\n"),
)
_TEXTS = {".avsc": st.one_of(_avro, _avro, _avro, st.just("{")), ".proto": _proto, ".json": _json, ".yaml": _sidecar}


@st.composite
def _files(draw: st.DrawFn, most: int) -> dict[str, str | None]:
    """Texts by path; None for a file that is not there."""
    made: dict[str, str | None] = {}
    for _ in range(draw(st.integers(1, most))):
        ending = draw(st.sampled_from((".avsc", ".avsc", ".avsc", ".proto", ".json", ".yaml")))
        path = f"schemas/{draw(st.sampled_from(FOLDERS))}/{draw(st.sampled_from(NAMES))}{ending}"
        made[path] = draw(_TEXTS[ending])
    return made


Texts = dict[str, str | None]
"""By path; None for a file that is not there."""


@st.composite
def changes(draw: st.DrawFn) -> tuple[Texts, Texts]:
    """What is there, and what a change makes of it: mostly of files that are there."""
    before = {"schemas/b/One.avsc": make_avro("One", "acme", [], ""), **draw(_files(8))}
    change = draw(_files(2))
    for path in draw(st.lists(st.sampled_from(sorted(before)), max_size=2)):
        change[path] = draw(st.one_of(st.none(), _TEXTS["." + path.rpartition(".")[2]]))
    if draw(st.integers(0, 9)) == 0:
        change["schemas/a/defaults.yaml"] = "compatibility: FULL\n"
    return before, change


def begin(root: Path, texts: Texts) -> None:
    """Commit some files, beside settings and a schema that many others use."""
    base = make_avro("Base", "acme", [], "")
    write(root, {"schemafed.yaml": SETTINGS, ".gitignore": "*.db*\n", "schemas/a/Base.avsc": base, **texts})
    run_git(root, "init", "--quiet")
    commit(root, "Begin")


def commit(root: Path, message: str) -> None:
    """Commit all that is there, were it nothing."""
    run_git(root, "add", "--all")
    run_git(root, "commit", "--quiet", "--allow-empty", "--message", message)


def write(root: Path, files: Texts) -> None:
    """Write files, and remove those that shall not be there."""
    for path, text in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            file.unlink(missing_ok=True)
        else:
            file.write_text(text)


def run_git(root: Path, *arguments: str) -> None:
    """Run Git as nobody in particular."""
    identity = ("-c", "user.name=a", "-c", "user.email=a@localhost", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True)
