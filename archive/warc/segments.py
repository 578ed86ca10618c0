"""Segments: WARC files that grow under `….warc.gz.open`, are closed once (`archive.warc.closing`), and never change after.

Records are appended in one write an exchange and flushed to disk in groups, each read back before it is written.
"""

from __future__ import annotations

import json
import re
import socket
import time
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from archive.errors import DiskFull
from archive.files.plugins import distributions
from archive.files.store import SUFFIX
from archive.warc.context import FIELD
from archive.warc.digests import digest_of
from archive.warc.fitness import UnfitRecord, why_not_kept
from archive.warc.members import compress
from archive.warc.quarantine import QUARANTINE, set_aside
from archive.warc.records import Original, build_exchange, build_metadata, build_record, clean_uri, new_id, parse_record
from archive.warc.segment_file import Room, SegmentFile
from archive.warc.taken import NOTE
from archive.warc.taken import QUARANTINE as QUARANTINED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from archive.clock import Clock
    from archive.files.settings import Settings
    from archive.warc.context import Context
    from archive.warc.records import Exchange
    from archive.warc.taken import OriginNote

CONFORMS_TO = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
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
            origin: `foreign` where it holds what others captured: how this program asks isn't stated then.
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
        self._host = re.sub(r"[^A-Za-z0-9.]+", "-", host or socket.gethostname()).strip("-.") or "localhost"
        self._room = Room(directory, reserve_bytes, max_bytes)
        self._serial = 0
        self._file: SegmentFile | None = None
        self._records = self._unsynced = 0
        self._opened = self._first_unsynced = 0.0
        self._hosts_described: set[tuple[str, str | None, str]] = set()
        #: Files that this writer has ended: whole, flushed, ready for `seal`.
        self.finished: list[Path] = []

    @property
    def path(self) -> Path | None:
        """The file being written, `None` between segments."""
        return self._file.path if self._file is not None else None

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
        self._turn_over()  # a new segment describes its hosts anew
        is_new = state not in self._hosts_described and bool(exchange.ip or exchange.tls)
        if is_new:
            facts = {"host": host, "ip": exchange.ip, "tls": exchange.tls}
            records.append(build_metadata(f"urn:ogi:host:{host}", facts, exchange.at, concurrent=pair.answer_id))
        segment, offset = self._append(records)
        if is_new:
            self._hosts_described.add(state)
        return Written(segment, offset, pair.digest, pair.is_revisit, pair.answer_id)

    def write_metadata(self, uri: str, obj: Any, at: datetime | None = None) -> Written:
        """Write a metadata record with a JSON object about `uri`."""
        return self._append_one(
            lambda record_id: build_metadata(uri, obj, at or self._clock.now(), record_id=record_id), ""
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

    def write_taken(self, name: str, note: OriginNote, raws: Sequence[bytes]) -> Written:
        """Write records of others as they stand (uncompressed, with the line ends behind them), behind a note on them, in one piece."""
        about = build_metadata(NOTE + name, note.to_json(), self._clock.now())
        for raw in raws:
            parse_record(raw)  # a foreign record's faults are its own, but it must be readable
        segment, offset = self._append([about], raws)
        return Written(segment, offset, "", False, "")

    def write_again(self, sha256: str, records: Sequence[bytes]) -> None:
        """Write records as they stand that could not be kept once, and that they were taken.

        Args:
            sha256: Their name in `quarantine/`.
            records: Fit to be kept.
        """
        self._write([*records, build_metadata(QUARANTINED + sha256, {"taken": True}, self._clock.now())])

    def sync(self) -> None:
        """Flush what was written to disk; when this returns, it survives a power cut."""
        if self._file is not None:
            self._file.sync()
            self._unsynced = 0

    def close(self) -> None:
        """End the segment. One without a record besides its warcinfo is removed."""
        file, self._file = self._file, None
        if file is None:
            return
        file.close(keep=bool(self._records))
        if self._records:
            self.finished.append(file.path)

    def _append_one(self, build: Any, digest: str) -> Written:
        record_id = new_id()
        segment, offset = self._append([build(record_id)])
        return Written(segment, offset, digest, False, record_id)

    def _turn_over(self) -> SegmentFile:
        """The segment to write to: a new one if there is none, or if the present one is full or old."""
        if self._file is not None and self._records:
            is_full = self._file.size >= self._max_bytes
            if is_full or time.monotonic() - self._opened >= self._max_age_s:
                self.close()
        return self._file or self._begin()

    def _append(self, own: list[bytes], foreign: Sequence[bytes] = ()) -> tuple[str, int]:
        """Write records in one call, those of others behind our own. Gives the segment's name and the first one's offset.

        Raises:
            UnfitRecord: One of them could not be read back: none was written, and the segment says so.
        """
        file = self._turn_over()
        if reason := why_not_kept(own):
            aside = set_aside(self._directory.parent, file.name, own, reason, run=self._run, group=self._group)
            self._write([build_metadata(QUARANTINED + aside.sha256, aside.note(), self._clock.now())])
            raise UnfitRecord(f"its record can't be kept: {reason}; its bytes are in {QUARANTINE}/")
        return file.name, self._write([*own, *foreign])

    def _write(self, records: Sequence[bytes]) -> int:
        """Append records, flush them from time to time. Gives the first one's offset."""
        file = self._turn_over()
        offset = file.write(b"".join(map(compress, records)))
        self._records += len(records)
        if not self._unsynced:
            self._first_unsynced = time.monotonic()
        self._unsynced += len(records)
        if self._unsynced >= self._sync_records or time.monotonic() - self._first_unsynced >= self._sync_s:
            self.sync()
            self._room.require()
        return offset

    def _begin(self) -> SegmentFile:
        """Open a new segment and write its warcinfo."""
        self._file = file = SegmentFile.begin(self._room, self._names())
        self._records = self._unsynced = 0
        self._opened = time.monotonic()
        self._hosts_described.clear()
        try:
            file.write(compress(self._warcinfo(file.name)))
        except DiskFull:
            self.close()
            raise
        return file

    def _names(self) -> Iterator[str]:
        stamp = self._clock.now().strftime("%Y%m%d%H%M%S")
        while True:
            serial, self._serial = self._serial, self._serial + 1
            yield f"OGI-{stamp}-{serial % (_MAX_SERIAL + 1):05d}-{self._host}{SUFFIX}"

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
