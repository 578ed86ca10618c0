"""Whether the index speaks for the whole archive: it must have taken in every segment that the manifest lists.

A lost, emptied or foreign index would answer every question with "nothing", and nothing would show that it is wrong.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from archive.errors import DamagedArchive
from archive.index.database import DatabaseError, reading
from archive.index.runs import segment_names
from archive.warc.statements import capture_entries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database

    from archive.files.folder import Archive


def require_index(archive: Archive) -> None:
    """See that there is an index where there are segments.

    Raises:
        DamagedArchive: There is none, or one without content.
    """
    path = archive.db_path
    if archive.is_snapshot:
        return
    if (not path.is_file() or path.stat().st_size == 0) and capture_entries(archive):
        state = "is empty" if path.is_file() else "is missing"
        raise DamagedArchive(
            f"{path} {state}, so nothing can be said of this archive: `ogi rebuild` makes it from the segments"
        )


def segments_behind(archive: Archive, db: Database) -> int:
    """How many sealed segments the index hasn't taken in yet.

    Raises:
        DamagedArchive: It has taken in none of them, or some that the archive doesn't have.
    """
    if archive.is_snapshot:
        return 0
    listed = {entry.segment for entry in capture_entries(archive)}
    known = segment_names(db)
    if listed and not known:
        raise DamagedArchive(
            f"{archive.db_path} has taken in none of the {len(listed)} segments, so nothing can be said of this archive: "
            "`ogi rebuild` makes it from them"
        )
    foreign = known - listed
    if foreign:
        raise DamagedArchive(
            f"{archive.db_path} knows {min(foreign)}, which the archive doesn't have: run `ogi verify`, then `ogi rebuild`"
        )
    return len(listed - known)


@contextmanager
def reading_fresh(archive: Archive) -> Iterator[tuple[Database, int]]:
    """An archive's index for reading, and how many segments it lacks; one that can't speak for the archive isn't given.

    Raises:
        DamagedArchive: It is lost, empty or of another archive.
    """
    require_index(archive)
    with reading(archive) as db:
        try:
            behind = segments_behind(archive, db)
        except DatabaseError as error:
            raise DamagedArchive(f"{archive.db_path} can't be read ({error}): `ogi rebuild` makes it anew") from error
        yield db, behind
