"""Compare what a registry holds with what a snapshot declares; differences come as sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.integration.corpus.comparing import compile_protobuf, make_comparable
from tests.integration.corpus.readings import Held
from tests.integration.corpus.snapshots import Corpus, Snapshot
from tests.integration.corpus.sources import Declared, RepositoryOfSource


class Checker:
    """Checks the snapshots of one source; remembers texts that were equal, since most do not change."""

    def __init__(self, corpus: Corpus, source: RepositoryOfSource, mode: str | None) -> None:
        self._corpus = corpus
        self._source = source
        self._mode = mode
        self._equal: set[tuple[str, str]] = set()

    def find_differences(self, snapshot: Snapshot, held: Mapping[str, Held]) -> list[str]:
        """What differs between the files of a snapshot and a reading, subjects of older snapshots aside."""
        declared = self._source.declare(self._corpus, snapshot)
        missing = [f"{subject} is missing" for subject in declared.keys() - held.keys()]
        found = {subject: held[subject] for subject in declared.keys() & held.keys()}
        differences = [d for subject, one in found.items() for d in self._compare(declared[subject], one, held)]
        return [*missing, *differences, *self._compare_protobuf(declared, found)]

    def _compare(self, declared: Declared, held: Held, all_held: Mapping[str, Held]) -> Iterator[str]:
        subject, file = declared.subject, declared.file
        if held.format != file.format:
            yield f"{subject} is {held.format}, not {file.format}"
        if held.mode != self._mode:
            yield f"{subject} has the mode {held.mode}"
        if {used for _, used, _ in held.references} != declared.uses:
            yield f"{subject} refers to {held.references}, not to {sorted(declared.uses)}"
        for name, used, version in held.references:
            if used in all_held and all_held[used].version != version:
                yield f"{subject} refers to version {version} of {used}, whose latest is {all_held[used].version}"
            if not self._is_name_of(name, declared, used):
                yield f"{subject} calls {used} {name}, which is not its name"
        if file.format != "PROTOBUF" and not self._is_same(file.format, file.path, held.text):
            yield f"{subject} has another text than {file.path}"

    def _is_name_of(self, name: str, declared: Declared, used: str) -> bool:
        """Whether a reference's name is one that the other file has (Avro) or that the text writes."""
        if declared.file.format != "AVRO":
            return name in self._corpus.read_text(declared.file.path)
        return any(name in self._corpus.files[path].names for path in declared.file.references)

    def _is_same(self, schema_format: str, path: str, text: str) -> bool:
        if (path, text) not in self._equal:
            expected = make_comparable(schema_format, self._corpus.read_text(path))
            if make_comparable(schema_format, text) != expected:
                return False
            self._equal.add((path, text))
        return True

    def _compare_protobuf(self, declared: Mapping[str, Declared], held: Mapping[str, Held]) -> Iterator[str]:
        files = {name: declared[name].file for name in held if declared[name].file.format == "PROTOBUF"}
        if all((file.path, held[name].text) in self._equal for name, file in files.items()):
            return
        written = compile_protobuf({file.original: self._corpus.read_text(file.path) for file in files.values()})
        stored = compile_protobuf({file.original: held[name].text for name, file in files.items()})
        for name, file in files.items():
            if written[file.original] == stored[file.original]:
                self._equal.add((file.path, held[name].text))
            else:
                yield f"{name} has another text than {file.path}"
