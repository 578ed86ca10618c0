"""Opening a database in a folder that can't be written: an archive on a read-only disk, or one of another account."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from pathlib import Path


def is_frozen(path: Path) -> bool:
    """Whether nothing can be written beside the database, and nothing waits in its log: then it can be read as it lies there.

    SQLite reads a database in WAL mode only if it can make its shared-memory file, or knows (`immutable`) that the file doesn't change.
    """
    log = path.with_name(path.name + "-wal")
    return not os.access(path.parent, os.W_OK) and not (log.exists() and log.stat().st_size)


def read_uri(path: Path) -> str:
    """SQLite's URI for reading the database, whether or not its folder can be written."""
    return f"file:{quote(str(path))}?mode=ro" + ("&immutable=1" if is_frozen(path) else "")
