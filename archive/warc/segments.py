"""Segments: WARC files that grow under `….warc.gz.open`, are closed once, and never change after.

The order that survives any death: records are appended in one write an exchange and flushed to disk in groups; closing flushes the file,
writes the manifest's line, and only then gives the file its final name. So a file with a final name always stands in the manifest, and
whatever a death leaves is a `.open` file that `recover` cuts back to its last whole record and closes.
"""

from __future__ import annotations

import errno
import fcntl
import json
import logging
import os
import re
import socket
import time
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from archive.errors import ArchiveBusy, DamagedArchive, DiskFull
from archive.files.plugins import distributions
from archive.files.room import free_bytes, full_disk
from archive.files.store import OPEN_SUFFIX, SUFFIX, is_taken, open_segments, sync_directory
from archive.warc import growth, manifest
from archive.warc.context import FIELD
from archive.warc.digests import digest_of
from archive.warc.fitness import require_fit
from archive.warc.members import BrokenMember, compress, iter_members
from archive.warc.records import Original, build_exchange, build_record, clean_uri, new_id, parse_record
from archive.warc.taken import NOTE, Follower
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from archive.clock import Clock
    from archive.files.folder import Archive
    from archive.files.settings import Settings
    from archive.warc.context import Context
    from archive.warc.records import Exchange, Record
    from archive.warc.taken import Note

logger = logging.getLogger(__name__)

CONFORMS_TO = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
_NO_SPACE = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}
_MAX_SERIAL = 99_999


@dataclass(frozen=True, slots=True)
class WarcInfo:
    """What a segment's warcinfo record says of its making."""

    operator: str = ""
    contact: str = ""
    user_agent: str = ""
    robots: str = "obey"
    vantage: str = ""
    software: str = ""
    head: str = ""
    origin: str = ""

    @classmethod
    def of(cls, settings: Settings, head: str | None = None, origin: str = "") -> WarcInfo:
        """From an archive's settings.

        Args:
            head: Hash of the manifest's last line when the segment is begun.
            origin: `foreign` where it holds what others captured: nothing is said then of how this program asks.
        """
        operator = settings.operator
        if origin:
            return cls(operator.name, operator.contact, "", "", "", head=head or "", origin=origin)
        agent = settings.user_agent(program_version())
        return cls(operator.name, operator.contact, agent, "obey", operator.vantage, head=head or "")


def program_version() -> str:
    """The installed release of this program; `0` in a checkout that isn't installed."""
    try:
        return version("ogi-archive")
    except PackageNotFoundError:
        return "0"


@dataclass(frozen=True, slots=True)
class Written:
    """Where a record went. `segment` is the final name, although the file may still be open."""

    segment: str
    offset: int
    digest: str
    is_revisit: bool
    record_id: str


class SegmentWriter:
    """Writes records to segments of its own, one after another. For one thread of one process.

    Args:
        directory: The archive's `warc/`.
        run: Id of the run, into each warcinfo.
        group: Which job of the run: a host's name, or what the job does.
        info: What the warcinfo says besides.
        clock: Names files and dates what isn't dated by its exchange.
        max_bytes: A new segment is begun after this many bytes …
        max_age_s: … or seconds of the machine's time.
        sync_records: Flushed to disk after so many records …
        sync_s: … or so many seconds, at the next record. Call `sync` when none comes.
        reserve_bytes: `DiskFull` when the disk has less than this, so that closing still works.
        host: Last part of the file names; the machine's name if not given.
    """

    def __init__(
        self,
        directory: Path,
        *,
        run: str,
        group: str,
        info: WarcInfo,
        clock: Clock,
        max_bytes: int = 64_000_000,
        max_age_s: float = 3600.0,
        sync_records: int = 50,
        sync_s: float = 0.5,
        reserve_bytes: int = 0,
        host: str | None = None,
    ) -> None:
        self._directory = directory
        self._run = run
        self._group = group
        self._info = info
        self._clock = clock
        self._max_bytes = max_bytes
        self._max_age_s = max_age_s
        self._sync_records = sync_records
        self._sync_s = sync_s
        self._reserve_bytes = reserve_bytes
        self._host = re.sub(r"[^A-Za-z0-9.]+", "-", host or socket.gethostname()).strip("-.") or "localhost"
        self._serial = 0
        self._descriptor: int | None = None
        self._path: Path | None = None
        self._size = self._records = self._unsynced = 0
        self._opened = self._first_unsynced = 0.0
        self._hosts_described: set[tuple[str, str | None, str]] = set()
        #: Files that this writer has ended: whole, flushed, ready for `seal`.
        self.finished: list[Path] = []

    @property
    def path(self) -> Path | None:
        """The file being written, `None` between segments."""
        return self._path

    def write_exchange(
        self, exchange: Exchange, context: Context | None = None, original: Original | None = None
    ) -> Written:
        """Write request and answer of an exchange.

        Args:
            exchange: As the network gave it.
            context: What the capture says of itself.
            original: The response record that has the same payload, or that the server says is unchanged. A revisit record is written if that is
                so: the answer is 304, or it is whole and has the original's digest. Otherwise the whole response is written.

        Raises:
            DiskFull: Nothing of this exchange was written; the segment is whole up to it.
            UnfitRecord: The same; its bytes are set aside.
        """
        if (
            original is not None
            and exchange.status != 304
            and (exchange.truncated or digest_of(exchange.body) != original.digest)
        ):
            original = None
        pair = build_exchange(exchange, context, original)
        records = [pair.answer, pair.request]
        host = urlsplit(exchange.url).hostname or ""
        state = (host, exchange.ip, json.dumps(exchange.tls, sort_keys=True) if exchange.tls else "")
        self._turn_over()
        is_new = state not in self._hosts_described and bool(exchange.ip or exchange.tls)
        if is_new:
            facts = {"host": host, "ip": exchange.ip, "tls": exchange.tls}
            records.append(_json_record(f"urn:ogi:host:{host}", facts, exchange.at, concurrent=pair.answer_id))
        segment, offset = self._append(records)
        if is_new:
            self._hosts_described.add(state)
        return Written(segment, offset, pair.digest, pair.is_revisit, pair.answer_id)

    def write_metadata(self, uri: str, obj: Any, at: datetime | None = None) -> Written:
        """Write a metadata record with a JSON object about `uri`."""
        return self._append_one(
            lambda record_id: _json_record(uri, obj, at or self._clock.now(), record_id=record_id), ""
        )

    def write_resource(
        self, uri: str, media_type: str, body: bytes, at: datetime, context: Context | None = None
    ) -> Written:
        """Write a document that didn't come in an HTTP exchange: a loose file, the visit log."""
        digest = digest_of(body)
        fields = [
            ("WARC-Target-URI", clean_uri(uri)),
            ("Content-Type", media_type),
            (FIELD, context.to_field() if context is not None else None),
            ("WARC-Payload-Digest", digest),
        ]
        return self._append_one(
            lambda record_id: build_record("resource", fields, body, at=at, record_id=record_id), digest
        )

    def write_taken(self, name: str, note: Note, raws: Sequence[bytes]) -> Written:
        """Write records of others as they stand (uncompressed, with the line ends behind them), behind a note on them, in one piece."""
        about = _json_record(NOTE + name, note.to_json(), self._clock.now())
        for raw in raws:
            parse_record(raw)  # a foreign record's faults are its own, but it must be readable
        segment, offset = self._append([about], raws)
        return Written(segment, offset, "", False, "")

    def sync(self) -> None:
        """Flush what was written to disk; when this returns, it survives a power cut."""
        if self._descriptor is not None and self._unsynced:
            os.fdatasync(self._descriptor)
            self._unsynced = 0

    def close(self) -> None:
        """End the segment. One without a record besides its warcinfo is removed."""
        if self._descriptor is None or self._path is None:
            return
        descriptor, path = self._descriptor, self._path
        self._descriptor = self._path = None
        try:
            if self._records:
                os.fsync(descriptor)
                self.finished.append(path)
            else:
                path.unlink()
        finally:
            os.close(descriptor)

    def _append_one(self, build: Any, digest: str) -> Written:
        record_id = new_id()
        segment, offset = self._append([build(record_id)])
        return Written(segment, offset, digest, False, record_id)

    def _turn_over(self) -> None:
        """Begin a segment if there is none, or if the present one is full or old."""
        if self._descriptor is not None and self._records:
            is_full = self._size >= self._max_bytes
            if is_full or time.monotonic() - self._opened >= self._max_age_s:
                self.close()
        if self._descriptor is None:
            self._begin()

    def _append(self, own: list[bytes], foreign: Sequence[bytes] = ()) -> tuple[str, int]:
        """Write records in one call, those of others behind our own. Gives the segment's name and the first one's offset.

        Raises:
            UnfitRecord: One of them could not be read back; none was written.
        """
        self._turn_over()
        assert self._path is not None  # set by _begin
        require_fit(own, self._directory.parent, self._path.name)
        records = [*own, *foreign]
        offset = self._write(b"".join(map(compress, records)))
        self._records += len(records)
        if not self._unsynced:
            self._first_unsynced = time.monotonic()
        self._unsynced += len(records)
        if self._unsynced >= self._sync_records or time.monotonic() - self._first_unsynced >= self._sync_s:
            self.sync()
            self._check_space()
        assert self._path is not None  # set by _begin
        return self._path.name.removesuffix(OPEN_SUFFIX), offset

    def _write(self, data: bytes) -> int:
        """Append to the file; on failure it is cut back to what it was. Gives the offset."""
        assert self._descriptor is not None  # set by _begin
        offset = self._size
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError as error:
            os.ftruncate(self._descriptor, offset)
            os.lseek(self._descriptor, offset, os.SEEK_SET)
            if error.errno in _NO_SPACE:
                raise self._full(error.strerror) from error
            raise
        self._size += len(data)
        return offset

    def _check_space(self) -> None:
        if self._reserve_bytes and free_bytes(self._directory) < self._reserve_bytes:
            raise self._full(localizable("less than segments.reserve_bytes is free"))

    def _full(self, reason: str | None) -> DiskFull:
        # room for one more segment: with less it would stop again at once
        return full_disk(self._directory, reason or "no space", self._reserve_bytes + self._max_bytes)

    def _begin(self) -> None:
        """Open a new segment under a name that nobody has or had, lock it, and write its warcinfo."""
        self._check_space()
        stamp = self._clock.now().strftime("%Y%m%d%H%M%S")
        while True:
            name = f"OGI-{stamp}-{self._serial % (_MAX_SERIAL + 1):05d}-{self._host}{SUFFIX}"
            self._serial += 1
            path = self._directory / (name + OPEN_SUFFIX)
            try:
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
            except FileExistsError:
                continue
            except OSError as error:
                if error.errno in _NO_SPACE:
                    raise self._full(error.strerror) from error
                raise
            if _lock_file(descriptor, path):
                if not is_taken(self._directory, name):  # else one of that name was closed a moment ago
                    break
                path.unlink()
            os.close(descriptor)
        self._descriptor, self._path = descriptor, path
        self._size = self._records = self._unsynced = 0
        self._opened = time.monotonic()
        self._hosts_described.clear()
        sync_directory(self._directory)
        try:
            self._write(compress(self._warcinfo(name)))
        except DiskFull:
            self.close()
            raise

    def _warcinfo(self, name: str) -> bytes:
        info = self._info
        pairs = [
            ("software", info.software or " ".join((f"ogi-archive/{program_version()}", *distributions()))),
            ("format", "WARC File Format 1.1"),
            ("conformsTo", CONFORMS_TO),
            (
                "operator",
                " ".join(part for part in (info.operator, f"<{info.contact}>" if info.contact else "") if part),
            ),
            ("http-header-user-agent", info.user_agent),
            ("robots", info.robots),
            ("ogi-run", self._run),
            ("ogi-group", self._group),
            ("ogi-clock", self._clock.kind),
            ("ogi-vantage", info.vantage),
            ("ogi-head", info.head),
            ("ogi-origin", info.origin),
        ]
        block = "".join(f"{key}: {' '.join(value.split())}\r\n" for key, value in pairs if value).encode("utf-8")
        fields = [("WARC-Filename", name), ("Content-Type", "application/warc-fields")]
        return build_record("warcinfo", fields, block, at=self._clock.now(), record_id=new_id())


def _json_record(
    uri: str, obj: Any, at: datetime, *, concurrent: str | None = None, record_id: str | None = None
) -> bytes:
    block = json.dumps(obj, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    fields = [
        ("WARC-Target-URI", clean_uri(uri)),
        ("WARC-Concurrent-To", concurrent),
        ("Content-Type", "application/json"),
    ]
    return build_record("metadata", fields, block, at=at, record_id=record_id or new_id())


def _lock_file(descriptor: int, path: Path) -> bool:
    """Lock an open segment and make sure that it is still the file of that name."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return path.stat().st_ino == os.fstat(descriptor).st_ino
    except (BlockingIOError, FileNotFoundError):
        return False


def seal(archive: Archive, path: Path) -> manifest.Entry:
    """Close a segment whose writer has ended: flush it, write the manifest's line, give it its final name (or upload it). Gives the line.

    Raises:
        ArchiveBusy: A live process still writes to it.
        RolledBack: The chain isn't a continuation of what this machine saw; nothing is written.
        DamagedArchive: It isn't whole; `recover` makes it so.
        DiskFull: The manifest can't be written; the segment stays open and is closed by the next `recover`.
    """
    name = path.name.removesuffix(OPEN_SUFFIX)
    with archive.lock(), path.open("r+b") as stream:
        if not _lock_file(stream.fileno(), path):
            raise ArchiveBusy(f"{path} is still being written by another process; wait until it has ended")
        growth.check(archive)
        info = manifest.survey_segment(stream, name)
        os.fsync(stream.fileno())
        known = next((entry for entry in manifest.entries(archive) if entry.segment == name), None)
        if known is None:
            known = manifest.append(archive, info)
        elif known.info != info:
            raise DamagedArchive(
                f"{path} differs from what manifest.jsonl line {known.number} says of it; move it away and run `ogi verify`"
            )
        archive.store.put(path, name)
        growth.note(archive)
    return known


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of a segment that a death left open.

    `status`: `sealed`; `cut` (bytes behind the last whole record were set aside in `torn`, then sealed); `empty` (nothing but a warcinfo
    record, removed); `held` (a live process writes to it, left alone).
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
        if not _lock_file(stream.fileno(), path):
            return Recovered(name, "held")
        end, records, last = 0, 0, None
        follower, waiting = Follower(), 0
        try:
            for member in iter_members(stream):
                record = parse_record(member.data, name, member.offset, member.length)
                follower.take(record)
                waiting += record.type != "warcinfo"
                if not follower.lacking:  # a note without all of its records was not written to its end
                    end, records, waiting, last = member.end, records + waiting, 0, record
        except (BrokenMember, DamagedArchive) as error:
            logger.debug("%s", error)
        cut = stream.seek(0, os.SEEK_END) - end
        torn = _cut(archive, stream.fileno(), path, end, last) if cut else None
        if not records:
            path.unlink()
            return Recovered(name, "empty", 0, cut, torn)
    seal(archive, path)
    return Recovered(name, "cut" if cut else "sealed", records, cut, torn)


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
        os.pwrite(descriptor, compress(_json_record(uri, note, last.date)), end)
    os.fsync(descriptor)
    return torn
