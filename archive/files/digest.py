"""What a file on the disk is known by."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from archive.files.inside import open_file

if TYPE_CHECKING:
    from pathlib import Path


def sha256_of_file(path: Path) -> str:
    """The SHA-256 of a file, in hex; it is read piece by piece. Raises `OSError`, also for what is no file."""
    with open_file(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
