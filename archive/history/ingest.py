"""From captures to history: every sealed run is folded into the index, once, in the order of time.

`ingest_sealed` (after a harvest or an import) and `rebuild` (from nothing) call the same fold, so that both give the same database. Passes
are folded by the time at which they began; when an import brings older captures than were folded, the history is folded again from the
start, so that it comes out as if they had been harvested then.

What may change a report: a page that was captured whole and recognised as a report (published, revised), a look that found it gone
(suspect, then vanished), a complete reading of the lists (delisted). What turned a harvester away never does.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archive.duties import decisions as decided
from archive.duties import sealing
from archive.duties.obligations import refresh
from archive.errors import DamagedArchive
from archive.history import scan
from archive.history.fold import Fold
from archive.index import meta, regions, reports, runs, search
from archive.index.codes import LEFT_OUT
from archive.index.database import open_database, open_index, telling_full_disk
from archive.index.seals import is_marked, mark_unsealed
from archive.warc import statements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from sqlite_utils import Database

    from archive.clock import Clock
    from archive.files.folder import Archive
    from archive.index.types import PassRow

logger = logging.getLogger(__name__)


#: Bytes of new segments up to which an ingest is one transaction.
MOST_AT_ONCE = 500_000_000


@dataclass(frozen=True, slots=True)
class IngestSummary:
    """What an ingest brought: segments and passes that were new, changes by kind, pages that could not be read or compared.

    `unreadable` names the pages that could not be read, each with the reason.
    """

    segments: int = 0
    passes: int = 0
    changes: dict[str, int] = field(default_factory=dict)
    notices: int = 0
    unreadable: tuple[str, ...] = ()


def ingest_sealed(
    archive: Archive,
    *,
    workers: int | None = None,
    cluster: str | None = None,
    progress: Callable[[str], None] | None = None,
    clock: Clock | None = None,
) -> IngestSummary:
    """Ingest every sealed segment that the index doesn't know yet. Doing it again adds nothing.

    What it makes is sealed in the chain: how each version was read, and a root a table.

    Args:
        archive: Locked for as long as this takes.
        workers: Processes for reading documents; as many as cores if not given.
        cluster: Address of a Dask scheduler, to read documents there.
        progress: Called with a line for people, now and then.
        clock: Dates what is sealed; the system's if not given.

    Raises:
        DamagedArchive: If a segment can't be read, the index knows segments that the manifest lacks, or was altered since it was sealed.
        ArchiveBusy: If another process writes to the archive.
    """
    with archive.lock(), telling_full_disk(archive.db_path):
        is_new = not archive.db_path.exists()
        db = open_index(archive)
        try:
            if not is_new and _is_up_to_date(db, archive):
                return IngestSummary()
            is_attested = is_new or sealing.is_attested(archive, db)
            with db.atomic() if _is_small(db, archive) else nullcontext():
                summary = _ingest(db, archive, workers, cluster, progress)
            sealing.seal_index(archive, db, attested=is_attested, clock=clock)
            return summary
        finally:
            db.close()


def rebuild(
    archive: Archive,
    *,
    workers: int | None = None,
    cluster: str | None = None,
    progress: Callable[[str], None] | None = None,
    clock: Clock | None = None,
) -> IngestSummary:
    """Make the database again from the segments, the manifest and the decisions alone; the old one is replaced when it is whole.

    What it holds is sealed in the chain, as far as it isn't already.

    Raises:
        DamagedArchive: If a segment can't be read; the old database is left as it was.
    """
    with archive.lock():
        with rebuilt(archive, workers=workers, cluster=cluster, progress=progress) as (_, summary):
            pass
        seal_rebuilt(archive, clock)
        return summary


def fold_pending(archive: Archive, db: Database, *, workers: int | None = None, cluster: str | None = None) -> None:
    """Bring a copy of an index to the state that the next ingest would give it. Nothing is sealed.

    Raises:
        DamagedArchive: If a segment can't be read, or the index knows segments that the manifest lacks.
    """
    _ingest(db, archive, workers, cluster, None)


def seal_rebuilt(archive: Archive, clock: Clock | None = None) -> None:
    """Seal what a database holds that was just made anew and took the old one's place. The caller holds the lock."""
    db = open_index(archive)
    try:
        sealing.seal_index(archive, db, attested=True, is_anew=True, clock=clock)
    finally:
        db.close()


@contextmanager
def rebuilt(
    archive: Archive,
    *,
    workers: int | None = None,
    cluster: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> Iterator[tuple[Database, IngestSummary]]:
    """A database made anew beside the old one, which it replaces at the end if nothing was raised. The caller holds the lock.

    What it holds isn't sealed: that is for `seal_rebuilt`, once it is in its place.
    """
    fresh = archive.db_path.with_name(archive.db_path.name + ".rebuild")
    _remove(fresh)
    is_whole = False
    db = open_database(fresh)
    try:
        with telling_full_disk(fresh):
            yield db, _ingest(db, archive, workers, cluster, progress)
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        is_whole = True
    finally:
        db.close()
        if not is_whole:
            _remove(fresh)
    for suffix in ("-wal", "-shm"):
        archive.db_path.with_name(archive.db_path.name + suffix).unlink(missing_ok=True)
    fresh.replace(archive.db_path)


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _ingest(
    db: Database, archive: Archive, workers: int | None, cluster: str | None, progress: Callable[[str], None] | None
) -> IngestSummary:
    say = progress or (lambda line: logger.info("%s", line))
    with db.atomic():
        mark_unsealed(db)
    new = _scan_new(db, archive, say)
    pending = runs.passes_to_fold(db)
    is_anew = _is_older(db, pending)
    # of all runs where the history is made anew: what stood in it is not new
    tally = _Tally(db, None if is_anew else sorted({*(one.run for one in pending), decided.NOTICES}))
    if is_anew:
        pending = _all_again(db, say)
    made = decided.read(archive)
    unreadable: list[str] = []
    for number, this_pass in enumerate(pending, 1):
        say(f"pass {number} of {len(pending)}: {this_pass.run}")
        with db.atomic():
            regions.ensure_regions(db)
            earlier = [decision for decision in made if decision.line < this_pass.line]
            _apply_decisions(db, earlier)
            Fold(db, archive, this_pass, decisions=earlier, workers=workers, cluster=cluster, say=say).run()
            runs.set_folded(db, this_pass)
        unreadable += _unreadable(db, this_pass.run)
    with db.atomic():
        regions.ensure_regions(db)
        _apply_decisions(db, made)
        decided.replay(db, made, decided.apply_mark)
        search.reindex(db)
        if new or pending or made:
            refresh(db)
    return IngestSummary(
        segments=new,
        passes=len(pending),
        changes=tally.new_changes(),
        notices=tally.new_notices(),
        unreadable=tuple(dict.fromkeys(unreadable)),
    )


class _Tally:
    """What a history holds of some runs (of all, for `None`) before passes are applied; what it holds more afterwards is new."""

    def __init__(self, db: Database, affected: Iterable[str] | None) -> None:
        self._db = db
        self._affected = affected
        self._notices = meta.count_notices(db, affected)
        self._changes = meta.changes_by_kind(db, affected)

    def new_notices(self) -> int:
        """How many notices there are more."""
        return max(0, meta.count_notices(self._db, self._affected) - self._notices)

    def new_changes(self) -> dict[str, int]:
        """How many changes there are more, of the kinds of which there are."""
        now = meta.changes_by_kind(self._db, self._affected)
        more = {kind: count - self._changes.get(kind, 0) for kind, count in now.items()}
        return {kind: count for kind, count in more.items() if count > 0}


def _is_older(db: Database, pending: Sequence[PassRow]) -> bool:
    """Whether a pass that waits, in the order of time, is older than what was applied: then the history has to be made anew."""
    until = runs.folded_until(db)
    return bool(pending) and until is not None and pending[0].starts_at < until


def _all_again(db: Database, say: Callable[[str], None]) -> list[PassRow]:
    """All passes, in the order of time, on an emptied history."""
    say("older captures arrived: the history is read again")
    with db.atomic():
        meta.forget_history(db)
    return runs.passes_to_fold(db)


def _is_small(db: Database, archive: Archive) -> bool:
    """Whether what is new fits into one transaction: a death then leaves the index as it was sealed. A large import is taken in pass by pass."""
    known = runs.segment_names(db)
    new = sum(entry.info.size for entry in statements.capture_entries(archive) if entry.segment not in known)
    return new <= MOST_AT_ONCE


def _is_up_to_date(db: Database, archive: Archive) -> bool:
    """Whether there is nothing to take in, to finish or to seal."""
    if is_marked(db) or not search.is_current(db) or runs.passes_to_fold(db) or meta.get_meta(db, "unplanned") == "1":
        return False
    listed = {entry.segment for entry in statements.capture_entries(archive)}
    return listed == runs.segment_names(db)


def _unreadable(db: Database, run: str) -> list[str]:
    """Pages of a run that could not be read, and why."""
    return [
        notice.message if notice.url in notice.message else f"{notice.url}: {notice.message}"
        for code in ("unreadable", LEFT_OUT)
        for notice in reports.notices_of(db, run, code)
    ]


def _scan_new(db: Database, archive: Archive, say: Callable[[str], None]) -> int:
    """Enter new segments and plan the passes of their runs. Gives how many there were."""
    entries = statements.capture_entries(archive)
    known = runs.segment_names(db)
    unknown = known - {entry.segment for entry in entries}
    if unknown:
        raise DamagedArchive(
            f"{archive.db_path} knows {min(unknown)}, manifest.jsonl doesn't; run `ogi verify`, then `ogi rebuild`"
        )
    new = [entry for entry in entries if entry.segment not in known]
    for entry in new:
        say(f"reading {entry.segment}")
        with db.atomic():
            meta.set_meta(db, "unplanned", "1")
            scan.scan_segment(db, archive, entry)
    if meta.get_meta(db, "unplanned") == "1":
        with db.atomic():
            _plan(db, archive, say)
            meta.set_meta(db, "unplanned", None)
    return len(new)


def _plan(db: Database, archive: Archive, say: Callable[[str], None]) -> None:
    """Plan the passes of runs whose segments changed since they were planned."""
    is_again = False
    lines = runs.lines_of_runs(db)
    for run, planned in runs.segments_planned(db).items():
        if len(lines.get(run, ())) == planned:
            continue
        is_again = is_again or runs.is_folded(db, run)
        scan.plan_passes(db, archive, run, lines.get(run, ()))
    if is_again:
        say("a run that was ingested has more segments now: the history is read again")
        meta.forget_history(db)


def _apply_decisions(db: Database, made: list[decided.Decision]) -> None:
    """Apply decisions about agencies; again for those applied before, which changes nothing."""
    decided.replay(db, made, decided.apply_to_register)
