"""Which release works: digests of everything that decides what a document says, and what the index holds."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from archive.files.plugins import distributions

_DECIDING = (".py", ".toml", ".csv", ".json", ".sql")


@lru_cache(maxsize=1)
def extractor_version() -> str:
    """Which extractor reads: the release, and eight digits of the digest of all its files."""
    import extract
    from archive.warc.segments import program_version

    return f"{program_version()}+{_digest(Path(extract.__file__).parent)}"


@lru_cache(maxsize=1)
def indexer_version() -> str:
    """Which program makes the index: the extractor, and eight digits of the digest of what folds its readings."""
    import archive

    return f"{extractor_version()}.{_digest(Path(archive.__file__).parent)}"


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in _DECIDING and path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:8]


def release() -> str:
    """What coordinator and workers must have in common: the extractor, and the packages that add families or lists."""
    return " ".join((extractor_version(), *distributions()))
