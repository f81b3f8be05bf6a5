"""Pack the AsyncAPI Initiative's JSON Schemas of its specification for `reconciler/schemas/interfaces/asyncapi.py`.

    npm pack @asyncapi/specs && tar xf asyncapi-specs-*.tgz
    python scripts/asyncapi_schemas.py package

Each schema goes in as it is, without white space; and the package's licence and notice with them.
"""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

TARGET = Path(__file__).parent.parent / "reconciler/schemas/interfaces/asyncapi_schemas.zip"
VERSIONS = ("2.0.0", "2.1.0", "2.2.0", "2.3.0", "2.4.0", "2.5.0", "2.6.0", "3.0.0", "3.1.0")
_ALWAYS_THE_SAME_TIME = (1980, 1, 1, 0, 0, 0)


def pack(package: Path) -> None:
    """Write the archive anew."""
    entries = {name: (package / name).read_text() for name in ("LICENSE", "NOTICE")}
    for version in VERSIONS:
        schema = json.loads((package / f"schemas/{version}-without-$id.json").read_text())
        entries[f"{version}.json"] = json.dumps(schema, separators=(",", ":"), ensure_ascii=False)
    entries["SOURCE"] = f"@asyncapi/specs {json.loads((package / 'package.json').read_text())['version']}\n"
    with zipfile.ZipFile(TARGET, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, text in sorted(entries.items()):
            archive.writestr(zipfile.ZipInfo(name, _ALWAYS_THE_SAME_TIME), text, zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    pack(Path(sys.argv[1]))
