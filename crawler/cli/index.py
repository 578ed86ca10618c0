"""The index for commands that only read: they say on stderr, and in their JSON, what it hasn't taken in yet."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from crawler.cli.render import INDEX_BEHIND, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database

    from archive.files.folder import Archive


@contextmanager
def reading_index(archive: Archive) -> Iterator[Database]:
    """An archive's index for reading.

    Raises:
        DamagedArchive: It is lost, empty or of another archive: no statement is possible then.
    """
    from archive.index.freshness import reading_fresh

    with reading_fresh(archive) as (db, behind):
        if behind:
            say(
                f"note: {behind} sealed segments are not in the index yet; what is in them isn't told here. "
                "`ogi harvest` or `ogi rebuild` takes them in",
                err=True,
            )
            click.get_current_context().meta[INDEX_BEHIND] = behind
        yield db
