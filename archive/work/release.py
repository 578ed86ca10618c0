"""Which release reads: a digest of everything that decides what a document says."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from archive.files.plugins import distributions


@lru_cache(maxsize=1)
def extractor_version() -> str:
    """Which extractor reads: the release, and eight digits of the digest of all its files."""
    import extract
    from archive.warc.segments import program_version

    folder = Path(extract.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".py", ".toml", ".csv", ".json") and path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{program_version()}+{digest.hexdigest()[:8]}"


def release() -> str:
    """What coordinator and workers must have in common: the extractor, and the packages that add families or lists."""
    return " ".join((extractor_version(), *distributions()))
