"""A segment of which some records can't be read back: those are set aside by name, and the file is written again without them.

With a record goes what can't stand without it: the request of an answer, a revisit of a page, the records of others behind a note. Every other
record keeps its bytes.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archive.errors import DamagedArchive
from archive.files.store import OPEN_SUFFIX, sync_directory
from archive.warc.manifest import warcinfo_fields
from archive.warc.members import BrokenMember, Member, compress, find_member, iter_members
from archive.warc.quarantine import set_aside, set_bytes_aside
from archive.warc.records import build_metadata, parse_date, parse_record, refers_to
from archive.warc.taken import QUARANTINE, Follower
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path
    from typing import BinaryIO

    from archive.files.folder import Archive
    from archive.warc.checks import SegmentCheck
    from archive.warc.quarantine import Aside
    from archive.warc.records import Record

logger = logging.getLogger(__name__)

#: Beside the segment while it is written again; a death leaves it, and the next attempt writes over it.
AGAIN = ".again"
#: Why a record is set aside that is sound itself.
BELONGS = localizable("it belongs to a record that can't be kept")


@dataclass(slots=True)
class _Part:
    """A piece of the file: members that stand or fall together, or bytes that are no member."""

    offset: int
    end: int
    members: list[Member] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    #: Why it is set aside; empty if it stays.
    reason: str = ""


def salvage(archive: Archive, path: Path, check: SegmentCheck) -> bool:
    """Write an open segment again without what can't be kept. The caller holds the archive's lock, and nobody writes to the file.

    Args:
        check: What reading it found.

    Returns:
        Whether anything stays. If not, the file is gone, and all of it is in `quarantine/`.
    """
    reasons: dict[int, str] = {}
    for damage in check.damages:
        if damage.offset is not None:
            reasons.setdefault(damage.offset, damage.message)
    name = path.name.removesuffix(OPEN_SUFFIX)
    with path.open("rb") as stream:
        parts = list(_parts(stream, name, reasons, check.size))
        _drop_dependents(parts)
        first = parts[0] if parts else None
        info = warcinfo_fields(first.records[0]) if first and first.records and not first.reason else {}
        if "ogi-run" not in info:  # without it nobody knows whose records these are
            stream.seek(0)
            aside = set_bytes_aside(archive.root, name, stream.read(), check.damages[0].message)
            logger.error("%s can't be read back (%s): its bytes are in quarantine/%s", name, aside.reason, aside.file)
            path.unlink()
            sync_directory(path.parent)
            return False
        asides = [
            _set_aside(archive, stream, name, part, info["ogi-run"], info.get("ogi-group", ""))
            for part in parts
            if part.reason
        ]
        _write_again(path, stream, parts, asides)
    for aside in asides:
        logger.error(
            "%s: a record can't be read back (%s): its bytes are in quarantine/%s", name, aside.reason, aside.file
        )
    return True


def _parts(stream: BinaryIO, name: str, reasons: dict[int, str], size: int) -> Iterator[_Part]:
    """The pieces of a file, in order, those with a damage named."""
    cutter = _Cutter(name, reasons)
    start = 0
    while start < size:
        try:
            for member in iter_members(stream, start):
                start = member.end
                yield from cutter.take(member)
        except BrokenMember as error:
            following = find_member(stream, error.offset + 1)
            start = size if following is None else following
            yield from cutter.skip(_Part(error.offset, start, reason=error.reason))
    yield from cutter.end()


class _Cutter:
    """Puts members together that stand or fall together: a note with the records of others behind it; every other one stands alone."""

    def __init__(self, name: str, reasons: dict[int, str]) -> None:
        self._name = name
        self._reasons = reasons
        self._follower = Follower()
        self._part: _Part | None = None

    def take(self, member: Member) -> Iterator[_Part]:
        """Add a member; gives the part that it isn't of, if that one has ended."""
        is_behind = self._follower.lacking > 0
        reason = self._reasons.get(member.offset, "")
        records: list[Record] = []
        try:
            record = parse_record(member.data, self._name, member.offset, member.length)
            place = self._follower.take(record)
            is_behind = is_behind and (place.is_foreign or place.sha256 is not None)
            records.append(record)
        except DamagedArchive as error:
            reason = reason or str(error)
        if not is_behind:
            yield from self.end()
        elif self._part is None:
            reason = reason or BELONGS
        part = self._part = self._part or _Part(member.offset, member.end)
        part.end = member.end
        part.members.append(member)
        part.records += records
        part.reason = part.reason or reason

    def skip(self, broken: _Part) -> Iterator[_Part]:
        """Pass over bytes that are no member; a note whose records stood there falls with them."""
        if self._part is not None and self._follower.lacking:
            self._part.reason = self._part.reason or BELONGS
        yield from self.end()
        yield broken

    def end(self) -> Iterator[_Part]:
        """Give the part that was begun."""
        part, self._part = self._part, None
        if part is not None:
            yield part


def _drop_dependents(parts: Sequence[_Part]) -> None:
    """Name what can't stand without what is set aside, until nothing more is found."""
    while found := [part for part in parts if not part.reason and _hangs_on_lost(part, parts)]:
        for part in found:
            part.reason = BELONGS


def _hangs_on_lost(part: _Part, parts: Sequence[_Part]) -> bool:
    """Whether a record of a part stands for one that is set aside, or belongs to it.

    Bytes that are no record hide whose they were: then a revisit falls that stands for a record of this segment's time which isn't in it. A
    writer's revisits stand for its own records or for older ones.
    """
    lost = _ids(parts, are_lost=True) - {""}
    named = [(record, refers_to(record)) for record in part.records]
    if any(ids & lost for _, ids in named):
        return True
    begun = parts[0].records[0].date if parts[0].records else None
    if begun is None or not any(one.reason and not one.records for one in parts):
        return False
    standing = _ids(parts, are_lost=False)
    return any(ids - standing and _is_of_its_time(record, begun) for record, ids in named)


def _ids(parts: Sequence[_Part], *, are_lost: bool) -> set[str]:
    return {record.id for part in parts if bool(part.reason) == are_lost for record in part.records}


def _is_of_its_time(record: Record, begun: datetime) -> bool:
    """Whether a revisit stands for a record that was made after a segment was begun."""
    try:
        return record.type == "revisit" and parse_date(record.get("WARC-Refers-To-Date") or "") >= begun
    except ValueError:
        return False


def _set_aside(archive: Archive, stream: BinaryIO, name: str, part: _Part, run: str, group: str) -> Aside:
    if part.members:
        data = [member.data for member in part.members]
        return set_aside(archive.root, name, data, part.reason, run=run, group=group)
    stream.seek(part.offset)
    data_of_part = stream.read(part.end - part.offset)
    return set_bytes_aside(archive.root, name, data_of_part, part.reason, run=run, group=group)


def _write_again(path: Path, stream: BinaryIO, parts: Sequence[_Part], asides: Sequence[Aside]) -> None:
    """Put a file without the parts that were set aside in the place of the old one, with a note on each."""
    again = path.with_name(path.name + AGAIN)
    dated = parts[0].records[0]
    with again.open("wb") as fresh:
        for part in parts:
            if part.reason:
                continue
            stream.seek(part.offset)
            fresh.write(stream.read(part.end - part.offset))
            dated = part.records[0]
        for aside in asides:  # dated like the record before: the time of a repair is no time of a capture
            fresh.write(compress(build_metadata(QUARANTINE + aside.sha256, aside.note(), dated.date)))
        fresh.flush()
        os.fsync(fresh.fileno())
    again.replace(path)
    sync_directory(path.parent)
