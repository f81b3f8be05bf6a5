"""All files of the corpus in one repository: whatever is reported is really wrong, and what is wrong is reported."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.cli import run
from reconciler.model import Finding
from reconciler.operations.validate import validate
from tests.integration.corpus.snapshots import FORMATS, Corpus, IndexedFile

pytestmark = pytest.mark.corpus

CONFIGURATION = """\
version: 1
subjects:
  # Some folders hold one schema in several formats under one name.
  name: "{{ path }}{{ ':' ~ namespace if namespace is defined else '' }}"
paths: ["."]
"""
PATTERNS = """\
files:
  "*.avro": avro
  "iglu-central/**/jsonschema/*": json
  "iglu-central/**/avro/*": avro
  "cloudevents/**/asyncapi-traits/*.yaml": json
"""


@pytest.fixture(scope="module")
def whole(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every file at its path of the corpus; those of no format that there is are ignored."""
    root = tmp_path_factory.mktemp("whole")
    for path in corpus.files:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(corpus.folder / path, root / path)
    others = [path for path, file in corpus.files.items() if file.format not in FORMATS]
    (root / "schemafed.yaml").write_text(CONFIGURATION)
    (root / "defaults.yaml").write_text(PATTERNS + "".join(f'  "/{path}": {{ignore: true}}\n' for path in others))
    return root


def test_what_is_reported_is_what_is_wrong(corpus: Corpus, whole: Path) -> None:
    schemas = {path: file for path, file in corpus.files.items() if file.format in FORMATS}

    result = validate(whole)

    assert [finding for finding in result.findings if not is_explained(finding, corpus)] == []
    reported = {finding.location.file for finding in result.findings if finding.location}
    assert {path for path, file in schemas.items() if not file.is_valid} <= reported
    assert {path for path, file in schemas.items() if needs_what_is_nowhere(file)} <= reported
    assert {subject.location.file for subject in result.state.subjects.values()} == schemas.keys() - reported


def test_the_report_names_every_broken_file(corpus: Corpus, whole: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = [p for p, file in corpus.files.items() if file.format in FORMATS and not file.is_valid]

    exit_code = run(["validate", "-C", str(whole)])

    output = capsys.readouterr().out
    assert exit_code == 3
    assert [path for path in broken if f"{path}:" not in output] == []


def test_files_of_other_formats_trouble_nobody_else(corpus: Corpus, whole: Path, tmp_path: Path) -> None:
    shutil.copytree(whole, tmp_path / "all")
    (tmp_path / "all" / "defaults.yaml").write_text(PATTERNS)

    result = validate(tmp_path / "all")

    unexplained = [finding for finding in result.findings if not is_explained(finding, corpus)]
    files = {corpus.files[finding.location.file].format for finding in unexplained if finding.location}
    assert files == {"OPENAPI", "ASYNCAPI"}
    invalid = [finding.message for finding in unexplained if finding.code == "SCHEMA_INVALID"]
    # Documents of interfaces that refer to files which no sidecar declares.
    codes = {"SIDECAR_WITHOUT_SCHEMA", "UNKNOWN_KEY", "INVALID_VALUE", "SCHEMA_INVALID", "REFERENCE_MISSING"}
    assert {finding.code for finding in unexplained} == codes
    # Two documents of the corpus have parameters without a schema, which OpenAPI 3.0 forbids.
    others = [message for message in invalid if not message.endswith("document, not a JSON Schema")]
    assert [message.partition(":")[0] for message in others] == ["not a valid document of OpenAPI 3.0.2"] * 2


def is_explained(finding: Finding, corpus: Corpus) -> bool:
    """Whether the index says of the same file what the finding says."""
    assert finding.location
    file = corpus.files[finding.location.file]
    match finding.code:
        case "SCHEMA_INVALID":
            return not file.is_valid and finding.location.line > 0
        case "REFERENCE_MISSING":
            return any(f"`{name}`" in finding.message for name in find_nowhere(file))
        case "AMBIGUOUS_REFERENCE":
            return any(f"`{name}`" in finding.message for name in find_ambiguous(file, corpus))
        case _:
            return False


def needs_what_is_nowhere(file: IndexedFile) -> bool:
    return any(find_nowhere(file))


def find_nowhere(file: IndexedFile) -> Iterator[str]:
    """The names that a schema uses and nothing in the tree has, by the index; compilers bring their own imports."""
    yield from (name for name in file.external if not name.startswith("google/protobuf/"))
    # By an address that the file behind it does not claim as its `$id`.
    if file.format == "JSON" and file.source == "iglu-central":
        yield from (f"http://iglucentral.com/{used.removeprefix('iglu-central/')}" for used in file.references)


def find_ambiguous(file: IndexedFile, corpus: Corpus) -> Iterator[str]:
    """The names that a schema uses and two files define that lie equally near.

    It happens where a revision holds only what changed, so that what a file refers to lies in folders of others.
    """
    for used in file.references:
        for name in corpus.files[used].names:
            definers = [path for path, other in corpus.files.items() if name in other.names and path != file.path]
            nearness = sorted((count_common_folders(file.path, path) for path in definers), reverse=True)
            if len(nearness) > 1 and nearness[0] == nearness[1]:
                yield name


def count_common_folders(one: str, other: str) -> int:
    pairs = zip(one.split("/")[:-1], other.split("/")[:-1], strict=False)
    return next((at for at, (left, right) in enumerate(pairs) if left != right), one.count("/"))
