"""One import's segment: origins, notes and foreign records as they came, what could not be taken, and the visit log."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from archive.clock import run_name, utc_text
from archive.warc.manifest import last_hash
from archive.warc.segments import SegmentWriter, WarcInfo
from archive.warc.taken import FOREIGN, ORIGIN, QUARANTINE, Origin, OriginNote, Shown, sha256_of
from crawler.http.capture import VisitLog
from crawler.portals.definitions import to_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from archive.clock import Clock
    from archive.files.folder import Archive
    from archive.warc.foreign import ForeignRecord
    from crawler.imports.sorting import Sorter

WORK = "work"
#: Bytes of a record that is set aside; of a longer one only its name is kept.
KEPT_ASIDE = 16 << 20


class ImportRun:
    """Writes one import. `group` says which kind of work it is."""

    def __init__(self, archive: Archive, clock: Clock, sorter: Sorter, group: str = "import") -> None:
        self.run = run_name(clock.now(), secrets.token_hex(2))
        self.group = group
        self.sorter = sorter
        self.clock = clock
        settings = archive.settings
        archive.warc_dir.mkdir(exist_ok=True)
        self.writer = SegmentWriter(
            archive.warc_dir,
            run=self.run,
            group=group,
            info=WarcInfo.of(settings, last_hash(archive.manifest_path), origin=FOREIGN),
            clock=clock,
            max_bytes=settings.segments.max_bytes,
            reserve_bytes=settings.segments.reserve_bytes,
        )
        work = archive.root / WORK
        work.mkdir(exist_ok=True)
        self.visits = VisitLog(work / f"{group}-visits.jsonl")
        self._origins = 0
        self._notes = 0
        self._is_begun = False

    def _begin(self) -> None:
        if self._is_begun:
            return
        self._is_begun = True
        portals = (*self.sorter.portals, *self.sorter.made.values())
        self.writer.write_metadata(
            f"urn:ogi:run:{self.run}:{self.group}:start",
            {
                "run": self.run,
                "group": self.group,
                "kind": "import",
                "started_at": utc_text(self.clock.now()),
                "clock": self.clock.kind,
                "portals": [to_json(portal) for portal in portals],
            },
        )

    def origin(self, **facts: Any) -> Origin:
        """An origin of captures, with an id of its own; it is written when the first capture of it is."""
        self._origins += 1
        return Origin(id=f"{self.run}:{self._origins}", learned_at=utc_text(self.clock.now()), **facts)

    def write_origin(self, origin: Origin) -> None:
        """Write where the captures behind come from."""
        self._begin()
        self.writer.write_metadata(f"{ORIGIN}{origin.id}", origin.to_json())

    def take(self, origin: Origin, record: ForeignRecord, shows: Shown, beside: Sequence[ForeignRecord]) -> None:
        """Write a foreign record as it stands, with those that belong to it, behind a note."""
        raws = [record.raw, *record.beside, *(one.raw for one in beside)]
        self.take_raw(origin, f"{record.segment}:{record.offset}", raws, shows)

    def take_raw(self, origin: Origin, place: str, raws: Sequence[bytes], shows: Shown | None) -> None:
        """Write foreign records behind a note."""
        self._begin()
        self._notes += 1
        note = OriginNote(origin.id, place, tuple(map(sha256_of, raws)), shows)
        self.writer.write_taken(f"{self.run}:{self._notes}", note, raws)

    def set_aside(self, origin: Origin, record: ForeignRecord, why: str) -> None:
        """Keep what can't be taken, as bytes."""
        self._begin()
        name = f"{QUARANTINE}{sha256_of(record.raw)}"
        facts = {
            "origin": origin.id,
            "place": f"{record.segment}:{record.offset}",
            "why": why,
            "bytes": len(record.raw),
        }
        self.writer.write_metadata(name, facts)
        if len(record.raw) <= KEPT_ASIDE:
            self.writer.write_resource(name, "application/warc", record.raw, self.clock.now())

    def close(self) -> None:
        """Put the visit log into the segment and end it; one without captures leaves nothing."""
        lines = self.visits.finish()
        if self._is_begun:
            self.writer.write_resource(
                f"urn:ogi:run:{self.run}:{self.group}:visits", "application/x-ndjson", lines, self.clock.now()
            )
        self.writer.close()


@contextmanager
def import_run(archive: Archive, clock: Clock, sorter: Sorter, group: str = "import") -> Iterator[ImportRun]:
    """A run that is ended whatever happens."""
    run = ImportRun(archive, clock, sorter, group)
    try:
        yield run
    finally:
        run.close()
