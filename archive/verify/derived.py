"""Whether `ogi.db` is what the records and the decisions give: by making it again in a temporary folder and comparing every table.

Nothing that the live database says of itself is believed. That a version names another extractor excuses nothing where a statement of the
chain says how it was read; where there is none, it makes a difference in what readers produce "not proved", and never anything better.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from archive.files.folder import Archive
from archive.history import ingest
from archive.history.deltas import check_deltas
from archive.index.database import DatabaseError, open_database
from archive.index.difference import TableDifference, differences, words_differ
from archive.index.inspect import Inspection
from archive.index.roots import schema_of
from extract.errors import OgiError
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.index.roots import Schema
    from archive.warc.checks import Damage


@dataclass(slots=True)
class Recomputed:
    """What a comparison with a database made anew gave.

    Attributes:
        records: Damages of records that only make themselves felt here: pages that can't be made again from what the visit logs tell.
        tables: What differs.
        problem: Why the comparison could not be made; empty if it was.
        notes: Remarkable, and no damage.
    """

    records: list[Damage] = field(default_factory=list)
    tables: list[TableDifference] = field(default_factory=list)
    problem: str = ""
    notes: list[str] = field(default_factory=list)
    words_differ: bool = False
    #: What an interrupted command left to the next one, in words; empty if there is nothing.
    unfinished: str = ""

    @property
    def is_equal(self) -> bool:
        """Whether every table is as the records give it."""
        return not self.tables and not self.problem and not self.words_differ


def recompute(
    archive: Archive, live: Inspection, *, workers: int | None = None, cluster: str | None = None
) -> Recomputed:
    """Compare the live database with one made anew. Reads every document again, so it takes as long as a rebuild."""
    found = Recomputed()
    with tempfile.TemporaryDirectory(prefix="ogi-verify-") as folder:
        try:
            with _as_next(archive, live, Path(folder), found, workers, cluster) as shown:
                if shown is None:
                    return found
                _compare(archive, shown, Path(folder), found, workers, cluster)
        except DatabaseError as error:
            found.problem = localizable(f"ogi.db can't be read ({error}); `ogi rebuild` makes it anew")
    return found


def _shadow(archive: Archive, db_path: Path) -> Archive:
    """The archive with another database. Nothing of the archive itself is written, so its own lock isn't needed."""
    shadow = Archive(archive.root, archive.settings)
    shadow.db_path = db_path
    shadow.lock_path = db_path.with_suffix(".lock")
    return shadow


@contextmanager
def _as_next(
    archive: Archive, live: Inspection, folder: Path, found: Recomputed, workers: int | None, cluster: str | None
) -> Iterator[Inspection | None]:
    """The live database, or a copy of it in the state that the next start gives it if a death left passes unread."""
    waiting = live.waiting_passes()
    if not waiting and not live.is_marked():
        yield live
        return
    if waiting:
        found.notes.append(f"ogi.db lacks {waiting} passes, as after a death; the next harvest or import takes them in")
    copied = _shadow(archive, folder / "pending.db")
    live.backup_to(copied.db_path)
    try:
        db = open_database(copied.db_path)
        try:
            ingest.fold_pending(copied, db, workers=workers, cluster=cluster)
        finally:
            db.close()
    except (OgiError, DatabaseError, AssertionError, KeyError, TypeError, ValueError) as error:
        found.problem = localizable(f"ogi.db can't take them in ({error!r}); `ogi rebuild` makes it anew")
        yield None
        return
    shown = Inspection(copied.db_path)
    try:
        if not waiting and shown.state().differing(live.state()):
            found.unfinished = localizable("a command was interrupted, and the next one has something to finish")
        yield shown
    finally:
        shown.close()


def _compare(
    archive: Archive, live: Inspection, folder: Path, found: Recomputed, workers: int | None, cluster: str | None
) -> None:
    shadow = _shadow(archive, folder / "ogi.db")
    with ingest.rebuilt(shadow, workers=workers, cluster=cluster):
        pass
    fresh = open_database(shadow.db_path, read_only=True)
    try:
        found.records = list(check_deltas(archive, fresh))
        schema = schema_of(fresh)
        found.tables = list(differences(live, fresh, schema))
        found.words_differ = _has_words(live, schema) and words_differ(live, fresh)
    finally:
        fresh.close()


def _has_words(live: Inspection, schema: Schema) -> bool:
    inner = ("report_fts", "report_fts_data", "report_fts_idx", "report_fts_docsize", "report_fts_config")
    return all(live.has(name, schema) for name in inner)
