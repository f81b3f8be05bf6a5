"""The repositories of the corpus as their owners would bring them under schemafed: settings, and what to expect."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from tests.integration.corpus.snapshots import Corpus, IndexedFile, Snapshot

_FORMAT_WORDS = {"avro": "AVRO", "json": "JSON", "protobuf": "PROTOBUF"}
_ENDINGS = {".avsc": "AVRO", ".avro": "AVRO", ".json": "JSON", ".proto": "PROTOBUF", ".yaml": "JSON"}


@dataclass(frozen=True)
class Declared:
    """A subject as a snapshot declares it: where its text is, and the subjects that it must refer to."""

    subject: str
    file: IndexedFile
    uses: frozenset[str]


@dataclass(frozen=True)
class RepositoryOfSource:
    """How one source becomes a repository of schemas.

    ``template`` is written into schemafed.yaml, ``name_subject`` says the same in the test's own words. ``formats`` and
    ``ignored`` are the patterns of the root's defaults.yaml; they hold for whole paths below the root. ``fragments``
    are paths of files that are no subjects and are written into those that use them. ``sidecars`` are further files by
    path. ``broken`` are labels of snapshots that must be refused.
    """

    template: str
    name_subject: Callable[[str, IndexedFile], str]
    formats: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    fragments: frozenset[str] = frozenset()
    sidecars: Mapping[str, str] = field(default_factory=dict)
    broken: tuple[str, ...] = ()

    def make_defaults(self) -> str:
        lines = [f'  "{pattern}": {word}' for pattern, word in self.formats.items()]
        lines += [f'  "{pattern}": {{ignore: true}}' for pattern in self.ignored]
        lines += [f'  "/{path}": {{register: false}}' for path in sorted(self.fragments)]
        return "files:\n" + "\n".join(lines) + "\n" if lines else "owner: corpus\n"

    def declare(self, corpus: Corpus, snapshot: Snapshot) -> dict[str, Declared]:
        """The subjects of a snapshot by name, from the index alone."""
        return {declared.subject: declared for declared in self._declare(corpus, snapshot)}

    def _declare(self, corpus: Corpus, snapshot: Snapshot) -> Iterator[Declared]:
        names = {
            path: self.name_subject(original, corpus.files[path])
            for original, path in snapshot.tree.items()
            if path in corpus.files
            and original not in self.fragments
            and not any(fnmatchcase(original, pattern) for pattern in self.ignored)
        }
        by_original = {corpus.files[path].original: name for path, name in names.items()}
        for path, name in names.items():
            file = corpus.files[path]
            used = (corpus.files[path].original for path in file.references)
            uses = frozenset(by_original[original] for original in used if original not in self.fragments)
            yield Declared(name, file, uses)


def _by_path(original: str, file: IndexedFile) -> str:
    folder, slash, name = original.rpartition("/")
    ending = next((e for e in _ENDINGS if name.endswith(e)), "")
    return f"{folder}{slash}{name.removesuffix(ending)}"


def _by_stem(original: str, file: IndexedFile) -> str:
    return _by_path(original, file).rpartition("/")[2]


def _by_avro_name(original: str, file: IndexedFile) -> str:
    return file.names[-1]


def _by_path_and_namespace(original: str, file: IndexedFile) -> str:
    """One envelope lies there in three formats under one name: the namespace tells them apart."""
    namespaces = {"AVRO": file.names and file.names[-1].rpartition(".")[0], "PROTOBUF": file.names and file.names[0]}
    namespace = namespaces.get(file.format)
    return f"{_by_path(original, file)}:{namespace}" if namespace else _by_path(original, file)


_IGLU_INSTANCE = "schemas/com.snowplowanalytics.self-desc/instance-iglu-only/jsonschema/1-0-0"
_IGLU_REFERENCE = (
    "references:\n"
    "  - name: http://iglucentral.com/schemas/com.snowplowanalytics.self-desc/instance-iglu-only/jsonschema/1-0-0\n"
    f"    subject: {_IGLU_INSTANCE}\n"
)

SOURCES: Mapping[str, RepositoryOfSource] = {
    "lsst-alert-packet": RepositoryOfSource("{{ path }}", _by_path),
    "radar-schemas": RepositoryOfSource("{{ namespace }}.{{ record_name }}", _by_avro_name),
    "kafka-connect-datagen": RepositoryOfSource(
        "{{ stem }}",
        _by_stem,
        formats={"*.avro": "avro"},
        # Comments in one, a mistake on purpose in the other.
        ignored=("src/main/resources/clickstream_schema.avro", "src/test/resources/invalid_users_schema.avro"),
    ),
    "iglu-central": RepositoryOfSource(
        "{{ path }}",
        _by_path,
        # Not every file there: sidecars lie beside the schemas.
        formats={"**/jsonschema/*-*[0-9]": "json", "**/avro/*-*[0-9]": "avro"},
        sidecars={"schemas/com.snowplowanalytics.sauna.commands/command/jsonschema/1-0-0.yaml": _IGLU_REFERENCE},
    ),
    "openlineage": RepositoryOfSource(
        "{{ path }}",
        _by_path,
        ignored=(
            "website/static/spec/OpenLineage.yml",
            # They refer to files that were never published beside them.
            *(f"website/static/spec/{v}/OpenLineage.json" for v in ("1-0-4", "1-0-5", "2-0-0", "2-0-1")),
        ),
    ),
    "cloudevents": RepositoryOfSource(
        "{{ path }}{{ ':' ~ namespace if namespace is defined else '' }}",
        _by_path_and_namespace,
        formats={"cloudevents/working-drafts/asyncapi-traits/*.yaml": "json"},
        ignored=("cloudevents/working-drafts/asyncapi-examples/*", "subscriptions/*"),
    ),
    "opentelemetry-proto": RepositoryOfSource("{{ path }}", _by_path),
    "api-common-protos": RepositoryOfSource("{{ path }}", _by_path),
    "gtfs-realtime": RepositoryOfSource("{{ path }}", _by_path, broken=("2017-08-10-eb4b243",)),
}


def make_configuration(source: RepositoryOfSource, registry: str) -> str:
    """schemafed.yaml with one registry, given as the text of its entry."""
    return (
        "version: 1\n"
        f"registries:\n  target: {registry}\n"
        "environments:\n  dev: {registries: [target], compatibility: NONE}\n"
        f'subjects: {{name: "{source.template}"}}\n'
        'paths: ["."]\n'
    )
