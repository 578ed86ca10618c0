"""Records that an earlier release, or a bad disk, could not keep: those that can be kept now are sealed as part of their run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.clock import SystemClock
from archive.errors import DamagedArchive
from archive.index import captures
from archive.index.database import open_index
from archive.warc import manifest, quarantine
from archive.warc.closing import recover, seal
from archive.warc.fitness import why_not_kept
from archive.warc.records import parse_record, refers_to
from archive.warc.segments import SegmentWriter, WarcInfo
from archive.warc.taken import FOREIGN, NOTE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archive.clock import Clock
    from archive.files.folder import Archive
    from archive.warc.quarantine import Aside
    from archive.warc.records import Record

#: One segment holds all of a run: an answer and its request must stand in the same.
_NO_END = 1 << 62


def take_again(archive: Archive, clock: Clock | None = None) -> int:
    """Seal what can be kept now of what stands in `quarantine/`; the index takes it in when it is made anew. Gives how many entries it was.

    Raises:
        ArchiveBusy: Another process writes to the archive.
        DiskFull: What was sealed until then stays.
    """
    with archive.lock():
        taken = 0
        recover(archive)
        asides = [(aside, quarantine.records_of(archive.root, aside)) for aside in quarantine.waiting(archive.root)]
        db = open_index(archive)
        try:
            ids = {f"<{name}>" for name in captures.taken(db).ids}
        finally:
            db.close()
        kept = _able_to_stand([(aside, records) for aside, records in asides if aside.run and _is_fit(records)], ids)
        places = sorted({(aside.run, aside.group, _is_note(records)) for aside, records in kept})
        for run, group, is_foreign in places:
            mine = [
                (aside, records)
                for aside, records in kept
                if (aside.run, aside.group, _is_note(records)) == (run, group, is_foreign)
            ]
            taken += _seal_again(archive, (run, group, FOREIGN if is_foreign else ""), mine, clock or SystemClock())
        return taken


def _able_to_stand(found: list[tuple[Aside, list[bytes]]], ids: set[str]) -> list[tuple[Aside, list[bytes]]]:
    """Leave out what refers to a record that is nowhere: a request whose answer doesn't come with it, a revisit of what the archive lacks.

    Args:
        ids: Of the captures that the archive has.
    """
    records = {aside.sha256: _parsed(data) for aside, data in found}
    kept = found
    while True:
        here = {record.id for aside, _ in kept for record in records[aside.sha256]}
        standing = [pair for pair in kept if all(_stands(record, here, ids) for record in records[pair[0].sha256])]
        if len(standing) == len(kept):
            return kept
        kept = standing


def _stands(record: Record, here: set[str], ids: set[str]) -> bool:
    known = here if record.type == "request" else here | ids
    return refers_to(record) <= known


def _parsed(records: Iterable[bytes]) -> list[Record]:
    """An entry's records; none if one of them is none."""
    try:
        return [parse_record(data) for data in records]
    except DamagedArchive:
        return []


def _is_note(records: list[bytes]) -> bool:
    """Whether an entry is a note with records of others behind it."""
    return parse_record(records[0]).uri.startswith(NOTE)


def _is_fit(records: list[bytes]) -> bool:
    """Whether records can be kept now. Records of others behind a note need only be there: their faults are their maker's."""
    return bool(_parsed(records)) and not why_not_kept(records[:1] if _is_note(records) else records)


def _seal_again(
    archive: Archive, place: tuple[str, str, str], kept: list[tuple[Aside, list[bytes]]], clock: Clock
) -> int:
    run, group, origin = place
    info = WarcInfo.of(archive.settings, manifest.last_hash(archive.manifest_path), origin=origin)
    writer = SegmentWriter(archive.warc_dir, run=run, group=group, info=info, clock=clock, max_bytes=_NO_END)
    try:
        for aside, records in kept:
            writer.write_again(aside.sha256, records)
    finally:
        writer.close()
    for path in writer.finished:
        seal(archive, path)
    for aside, _ in kept:
        quarantine.note_taken(archive.root, aside.sha256)
    return len(kept)
