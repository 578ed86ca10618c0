"""Records of imported files that could not be taken once, brought in again with today's release."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from archive.history.quarantined import foreign_records
from archive.index.database import open_index
from archive.warc.taken import sha256_of
from crawler.imports.files import import_archives
from crawler.imports.run import WORK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.clock import Clock
    from archive.files.folder import Archive
    from crawler.portals.definitions import PortalDefinition

_NAMELESS = "records.warc"
_LONGEST_NAME = 100


def import_again(archive: Archive, portals: Sequence[PortalDefinition], clock: Clock) -> int:
    """Try the records of files again that were set aside. Gives how many were taken.

    Raises:
        ArchiveBusy: A harvest or another import is under way.
    """
    db = open_index(archive)
    try:
        waiting = foreign_records(archive, db)
    finally:
        db.close()
    if not waiting:
        return 0
    work = archive.root / WORK
    work.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=work) as folder:
        files = []
        for number, (name, records) in enumerate(sorted(waiting.items())):
            place = Path(folder, str(number))
            place.mkdir()
            # the origin that is noted bears the file's name: what is taken now came in it
            file = place / (Path(name).name.partition(".")[0][:_LONGEST_NAME] + ".warc" if name else _NAMELESS)
            file.write_bytes(b"".join(record.removesuffix(b"\r\n\r\n") + b"\r\n\r\n" for record in records))
            files.append(file)
        again = frozenset(sha256_of(record) for records in waiting.values() for record in records)
        return import_archives(archive, files, portals, clock, again=again).written
