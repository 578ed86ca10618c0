"""Segments are closed once: read back by the reader that verifies them, entered in the manifest, and only then given their final name.

The order that survives any death: closing flushes the file, reads it back, writes the manifest's line, and only then renames. So a file with a
final name always stands in the manifest, and whatever a death leaves is a `.open` file that `recover` cuts back to its last whole record and
closes. What can't be read back is set aside by name (`archive.warc.salvage`), and the segment is written again without it.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.errors import ArchiveBusy, DamagedArchive
from archive.files.store import OPEN_SUFFIX, open_segments
from archive.warc import growth, manifest
from archive.warc.checks import check_segment
from archive.warc.members import BrokenMember, compress, find_member, iter_members
from archive.warc.orphans import orphans
from archive.warc.quarantine import QUARANTINE
from archive.warc.records import build_metadata, parse_record
from archive.warc.salvage import salvage
from archive.warc.segment_file import lock_file
from archive.warc.taken import Follower
from extract.messages import localizable

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from archive.files.folder import Archive
    from archive.warc.checks import SegmentCheck
    from archive.warc.records import Record

logger = logging.getLogger(__name__)


class UnreadableSegment(DamagedArchive):
    """Raised by `seal` when nothing of a segment could be read back: the file is gone, all of it is in `quarantine/`."""


def seal(archive: Archive, path: Path) -> manifest.ManifestLine:
    """Close a segment whose writer has ended: flush it, read it back, write the manifest's line, give it its final name (or upload it).

    A record that can't be read back is set aside, and the segment is closed without it.

    Raises:
        ArchiveBusy: A live process still writes to it.
        RolledBack: The chain isn't a continuation of what this machine saw; nothing is written.
        DamagedArchive: Its end is torn, which `recover` mends; or its bytes aren't those that the manifest has a line of.
        UnreadableSegment: Nothing of it can be read back.
        DiskFull: The manifest can't be written; the segment stays open and is closed by the next `recover`.
    """
    with archive.lock():
        check = _read_back(archive, path)
        check.damages += orphans(archive, check)
        if check.damages or check.info is None:
            if check.end < check.size or any(damage.offset is None for damage in check.damages):
                raise DamagedArchive(f"{path} has no whole end")
            if not salvage(archive, path, check):
                raise UnreadableSegment(f"{path} can't be read back; its bytes are in {QUARANTINE}/")
            check = _read_back(archive, path)
        if check.damages or check.info is None:
            raise DamagedArchive(f"{path} can't be read back as it was written ({check.damages[0]}): check the disk")
        return _enter(archive, path, check.info)


def _read_back(archive: Archive, path: Path) -> SegmentCheck:
    """Read a segment as `ogi verify` does, from the disk."""
    name = path.name.removesuffix(OPEN_SUFFIX)
    with path.open("r+b") as stream:
        if not lock_file(stream.fileno(), path):
            raise ArchiveBusy(f"{path} is still being written by another process; wait until it has ended")
        growth.check(archive)
        os.fsync(stream.fileno())
        _forget(stream)
        check = check_segment(stream, name)
    known = next((entry for entry in manifest.entries(archive) if entry.segment == name), None)
    if known is not None and known.info != check.info:
        raise DamagedArchive(
            f"{path} differs from what manifest.jsonl line {known.number} says of it; move it away and run `ogi verify`"
        )
    return check


def _forget(stream: BinaryIO) -> None:
    """Let the system drop what it keeps of a file in memory, so that reading shows what stands on the disk."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _enter(archive: Archive, path: Path, info: manifest.SegmentInfo) -> manifest.ManifestLine:
    known = next((entry for entry in manifest.entries(archive) if entry.segment == info.segment), None)
    entry = known or manifest.append(archive, info)
    archive.store.put(path, info.segment)
    growth.note(archive)
    return entry


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of a segment that a death left open.

    `status`: `sealed`; `cut` (bytes behind the last whole record were set aside in `torn`, then sealed); `empty` (nothing but a warcinfo
    record, removed); `held` (a live process writes to it, left alone); `unreadable` (nothing of it could be read back, all is in `quarantine/`).
    """

    segment: str
    status: str
    records: int = 0
    cut_bytes: int = 0
    torn: Path | None = None

    def __str__(self) -> str:
        said = {
            "sealed": localizable(f"left open by a process that died; closed with {self.records} records"),
            "cut": localizable(
                f"its last {self.cut_bytes} bytes were torn and are kept in {self.torn and self.torn.name}; closed with {self.records} records"
            ),
            "empty": localizable("left open by a process that died before its first capture; removed"),
            "unreadable": localizable("can't be read back; its bytes are in quarantine/"),
            "held": localizable("is being written by a live process; left alone"),
        }
        return f"{self.segment}: {said[self.status]}"


def recover(archive: Archive) -> list[Recovered]:
    """Close every segment that a dead process left open, cut back to its last whole record; and mend a torn manifest line.

    Bytes that are cut off are kept beside, in `….torn`; a metadata record in the segment says so. Harvest, import and rebuild call this first.
    """
    with archive.lock():
        manifest.repair(archive)
        growth.check(archive)
        found = [_recover_one(archive, path) for path in open_segments(archive.warc_dir)]
    for item in found:
        logger.warning("%s", item)
    return found


def _recover_one(archive: Archive, path: Path) -> Recovered:
    name = path.name.removesuffix(OPEN_SUFFIX)
    with path.open("r+b") as stream:
        if not lock_file(stream.fileno(), path):
            return Recovered(name, "held")
        end, records, last = _whole_until(stream, name)
        cut = stream.seek(0, os.SEEK_END) - end
        torn = _cut(archive, stream.fileno(), path, end, last) if cut else None
        if not records:
            path.unlink()
            return Recovered(name, "empty", 0, cut, torn)
    try:
        seal(archive, path)
    except UnreadableSegment:
        return Recovered(name, "unreadable", 0, cut, torn)
    return Recovered(name, "cut" if cut else "sealed", records, cut, torn)


def _whole_until(stream: BinaryIO, name: str) -> tuple[int, int, Record | None]:
    """Where the last whole record of a segment ends, how many there are besides its warcinfo, and that record.

    Damage before it is for `seal`: only what a death cut off stands behind every whole record.
    """
    end, records, waiting = 0, 0, 0
    last: Record | None = None
    follower = Follower()
    start = 0
    following: int | None = 0
    while following is not None:
        start = following
        try:
            for member in iter_members(stream, start):
                start = member.offset
                record = parse_record(member.data, name, member.offset, member.length)
                follower.take(record)
                waiting += record.type != "warcinfo"
                if not follower.lacking:  # a note without all of its records was not written to its end
                    end, records, waiting, last = member.end, records + waiting, 0, record
            following = None
        except BrokenMember as error:
            logger.debug("%s: %s", name, error)
            following = find_member(stream, error.offset + 1)
        except DamagedArchive as error:
            logger.debug("%s", error)
            following = find_member(stream, start + 1)
    return end, records, last


def _cut(archive: Archive, descriptor: int, path: Path, end: int, last: Record | None) -> Path:
    """Set aside what stands behind `end`, cut the file there, and say so in it."""
    size = os.fstat(descriptor).st_size
    torn = path.with_name(path.name.removesuffix(OPEN_SUFFIX) + ".torn")
    with torn.open("wb") as aside:
        aside.write(os.pread(descriptor, size - end, end))
        aside.flush()
        os.fsync(aside.fileno())
    os.ftruncate(descriptor, end)
    if last is not None:  # dated like the record before it: the time of a repair is no time of a capture
        uri = f"urn:ogi:recovered:{path.name.removesuffix(OPEN_SUFFIX)}"
        note = {
            "recovered": localizable("torn tail cut off"),
            "offset": end,
            "bytes": size - end,
            "kept_in": torn.name,
        }
        os.pwrite(descriptor, compress(build_metadata(uri, note, last.date)), end)
    os.fsync(descriptor)
    return torn
