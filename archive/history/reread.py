"""Versions read again from the archive's records, to see whether their rows are what the documents say."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from archive.history.items import version_item
from archive.history.read_item import READING, load_reader, read_item, sparing
from archive.history.versions import text_parts
from archive.index.database import open_database
from archive.index.figures import store_figures
from archive.index.reports import version_of
from archive.index.seals import digests_of
from archive.index.texts import store_text
from archive.work.jobs import run_ordered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlite_utils import Database

    from archive.files.folder import Archive
    from archive.history.item import Item, ItemReading


@dataclass(frozen=True, slots=True)
class Reread:
    """What reading a version again gave: digests as `archive.index.seals.ReadingLine` has them, or why it can't be read."""

    report: str
    version: int
    figures: str = ""
    text: str = ""
    problem: str = ""

    @property
    def key(self) -> tuple[str, int]:
        """Which version it is."""
        return self.report, self.version


def reread(
    archive: Archive,
    db: Database,
    keys: Sequence[tuple[str, int]],
    *,
    workers: int | None = None,
    cluster: str | None = None,
) -> Iterator[Reread]:
    """Read versions again from the payloads that they name, in their order.

    Args:
        db: The index, which may be a falsified one: what it names is looked up in the records.
    """
    found = [_item(archive, db, key) for key in keys]
    items = [item for item in found if not isinstance(item, Reread)]
    if items:
        load_reader()
    readings = run_ordered(read_item, items, given_up=sparing, limits=READING, workers=workers, cluster=cluster)
    with tempfile.TemporaryDirectory(prefix="ogi-reread-") as folder:
        scratch = open_database(Path(folder) / "ogi.db")
        try:
            for key, item in zip(keys, found, strict=True):
                yield item if isinstance(item, Reread) else _digested(scratch, key, next(readings))
        finally:
            scratch.close()


def _item(archive: Archive, db: Database, key: tuple[str, int]) -> Item | Reread:
    version = version_of(db, *key)
    try:
        if version is None:
            raise ValueError("there is no such version")
        return version_item(db, archive, version)
    except (AssertionError, ValueError, TypeError, IndexError, json.JSONDecodeError):
        return Reread(*key, problem="the index names payloads for it that no record has")


def _digested(scratch: Database, key: tuple[str, int], reading: ItemReading) -> Reread:
    if reading.problem is not None:
        return Reread(*key, problem=reading.problem)
    store_figures(scratch, *key, reading.extraction.figures)
    store_text(scratch, *key, text_parts(reading))
    return Reread(*key, *digests_of(scratch, key))
