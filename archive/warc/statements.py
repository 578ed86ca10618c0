"""Statements that the archive seals in its own chain: what people decided, how documents were read, what the index held, keys.

They are `resource` records in segments of their own, of the run `proof`. So the chain, its signatures and its time stamps cover them as
they cover captures. No fold takes them in: an index is the same with and without them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.clock import Clock, SystemClock
from archive.errors import DamagedArchive
from archive.warc import manifest
from archive.warc.closing import seal
from archive.warc.manifest import ManifestLine
from archive.warc.members import BrokenMember, iter_members
from archive.warc.records import parse_record
from archive.warc.segments import SegmentWriter, WarcInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from archive.files.folder import Archive

#: The run of all segments with statements; no harvest or import has it.
RUN = "proof"
#: How the addresses of statements begin, by kind.
DECISIONS, READINGS, INDEX, KEY = (f"urn:ogi:{kind}:" for kind in ("decisions", "readings", "index", "key"))
JSON, NDJSON = "application/json", "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class SealedStatement:
    """One statement: its address, and what it says in UTF-8."""

    uri: str
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Sealed:
    """A statement in the chain: in which line's segment, under which record id, at which place, and when it was made."""

    statement: SealedStatement
    line: int
    segment: str
    offset: int
    record: str
    at: datetime


def is_proof(entry: ManifestLine) -> bool:
    """Whether a line is about a segment with statements."""
    return entry.info.runs == (RUN,)


def capture_entries(archive: Archive) -> list[ManifestLine]:
    """The lines about segments with captures: those that an index takes in."""
    return [entry for entry in manifest.entries(archive) if not is_proof(entry)]


def write(
    archive: Archive,
    group: str,
    statements: Sequence[SealedStatement],
    clock: Clock | None = None,
    *,
    at: datetime | None = None,
) -> Path:
    """Write statements into a segment that is whole on the disk, and not sealed yet. The caller holds the archive's lock.

    Args:
        at: The statements' date; the clock's time if not given.
    """
    clock = clock or SystemClock()
    operator = archive.settings.operator
    archive.warc_dir.mkdir(exist_ok=True)
    info = WarcInfo(operator.name, operator.contact, robots="", head=manifest.last_hash(archive.manifest_path) or "")
    writer = SegmentWriter(archive.warc_dir, run=RUN, group=group, info=info, clock=clock, host=RUN)
    for statement in statements:
        writer.write_resource(statement.uri, statement.media_type, statement.body, at or clock.now())
    writer.close()
    (path,) = writer.finished
    return path


def seal_statements(
    archive: Archive, group: str, statements: Sequence[SealedStatement], clock: Clock | None = None
) -> ManifestLine:
    """Write statements and seal them. The caller holds the archive's lock; gives the line."""
    return seal(archive, write(archive, group, statements, clock))


def read_statements(archive: Archive, kind: str, entries: Iterable[ManifestLine] | None = None) -> Iterator[Sealed]:
    """The sealed statements of a kind, in the order of `entries`: by default of all lines, oldest first.

    Raises:
        DamagedArchive: A segment with statements can't be read.
    """
    for entry in manifest.entries(archive) if entries is None else entries:
        if is_proof(entry):
            for sealed in _statements_of(archive, entry):
                if sealed.statement.uri.startswith(kind):
                    yield sealed


def _statements_of(archive: Archive, entry: ManifestLine) -> Iterator[Sealed]:
    with archive.store.open(entry.segment) as stream:
        try:
            for member in iter_members(stream):
                record = parse_record(member.data, entry.segment, member.offset, member.length)
                if record.type == "resource":
                    statement = SealedStatement(record.uri, record.get("Content-Type") or "", record.block)
                    yield Sealed(statement, entry.number, entry.segment, member.offset, record.id, record.date)
        except BrokenMember as error:
            raise DamagedArchive(f"{entry.segment}: {error}; `ogi verify` tells more") from error
