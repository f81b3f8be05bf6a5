"""The floor of everything that reads the repository: read each file, parse the schemas as JSON, hash the bytes."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path


def read_repository(root: Path) -> str:
    """Read every file below a folder and reduce them to one digest.

    Args:
        root: the folder; schemas end in ``.avsc``, and whatever else lies there (sidecars) is read, not parsed.
    """
    whole = hashlib.sha256()
    paths = sorted(os.path.join(folder, name) for folder, _, names in os.walk(root) for name in names)
    for path in paths:
        with open(path, "rb") as file:
            content = file.read()
        if path.endswith(".avsc"):
            json.loads(content)
        whole.update(hashlib.sha256(content).digest())
    return whole.hexdigest()
