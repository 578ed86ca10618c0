"""Asking web archives for earlier captures of known addresses, and bringing in what they give.

What comes is kept in a WARC file under `work/` capture by capture, and goes the way of every import: a run that dies has lost nothing, the next one
brings in what it left. The record states the digest that the index gave: bytes that contradict it are set aside there, and make no version.
"""

from __future__ import annotations

import json
import math
import os
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archive.clock import utc_text
from archive.index.captures import addresses_to_ask, told_by
from archive.index.database import open_index
from archive.warc.digests import digest_of
from archive.warc.members import compress
from archive.warc.records import build_record
from archive.warc.segments import program_version
from crawler.discovery.asking import FetchManners, PoliteFetcher
from crawler.http.hosts import is_loopback, origin
from crawler.http.politeness import seconds_asked
from crawler.imports.backfill_memory import DIFFERS, NAME, NOT_COME, BackfillMemory
from crawler.imports.common_crawl import record_of
from crawler.imports.files import ImportSummary, import_archives
from crawler.imports.run import WORK
from crawler.imports.web_archives import (
    ArchiveRefused,
    IndexRow,
    NotThatCapture,
    PublicCapture,
    fetch_capture,
    list_captures,
)
from extract.messages import localizable

if TYPE_CHECKING:
    from pathlib import Path

    from archive.clock import Clock
    from archive.files.folder import Archive
    from archive.files.settings import BackfillArchive
    from crawler.portals.definitions import PortalDefinition


#: Seconds between two requests to a web archive, at least.
SLOWEST_DELAY_S = 2.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which captures are asked for. `since` and `until` are beginnings of time stamps; everything empty: all. `limit`: so many an archive."""

    portals: Sequence[str] = ()
    reports: Sequence[str] = ()
    since: str = ""
    until: str = ""
    limit: int | None = None


@dataclass(slots=True)
class Backfilled:
    """What one web archive was asked and gave.

    Attributes:
        addresses: How many addresses its index was asked for.
        captures: What was fetched; in a dry run what would be.
        known: Captures that it gave in an earlier run, or that show the payload of the one before them.
        left: Rows of its index that were not taken, by reason.
        problems: Captures that did not come as asked, with the reason.
        stopped: Why it was not asked any further; empty if it was asked everything.
        delay_s: Seconds between two requests.
    """

    name: str
    addresses: int = 0
    captures: list[IndexRow] = field(default_factory=list)
    known: int = 0
    left: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    stopped: str = ""
    delay_s: float = 0.0
    brought: ImportSummary | None = None

    def to_json(self) -> dict[str, Any]:
        """For `ogi backfill --json`."""
        return {
            "name": self.name,
            "addresses": self.addresses,
            "bytes": sum(one.size or 0 for one in self.captures),
            "minutes": math.ceil(len(self.captures) * self.delay_s / 60),
            "captures": [{"url": one.url, "at": utc_text(one.at), "digest": one.digest} for one in self.captures],
            "known": self.known,
            "left": self.left,
            "stopped": self.stopped or None,
            "written": self.brought.written if self.brought else 0,
            "problems": [*self.problems, *(self.brought.problems if self.brought else ())],
            "changes": dict(self.brought.ingested.changes) if self.brought and self.brought.ingested else {},
        }


def backfill(
    archive: Archive,
    source: BackfillArchive,
    wanted: Wanted,
    portals: Sequence[PortalDefinition],
    clock: Clock,
    tell: Callable[[str], None],
    *,
    is_dry: bool = False,
) -> Backfilled:
    """Ask one web archive for captures of known reports, and bring in what it gives. A dry run asks its index alone and stores nothing.

    Raises:
        ArchiveBusy: A harvest or an import is under way.
    """
    memory = BackfillMemory(archive.root / WORK / NAME)
    if is_dry:
        return _Asking(archive, source, wanted, clock, tell, memory).run(None)
    with archive.lock():
        file = archive.root / WORK / f"backfill-{source.name}.warc.gz"
        file.parent.mkdir(exist_ok=True)
        asked = (source.name, source.kind)
        if file.exists():
            tell(f"{source.name}: bringing in what an interrupted run had fetched")
            import_archives(archive, [file], portals, clock, tell=tell, asked=asked)
            file.unlink()
        done = _Asking(archive, source, wanted, clock, tell, memory).run(lambda one: _keep(file, one, clock))
        if file.exists():
            done.brought = import_archives(archive, [file], portals, clock, tell=tell, asked=asked)
            file.unlink()
    return done


class _Asking:
    """One web archive, asked address by address until all is asked, the limit is reached, or it refuses."""

    def __init__(
        self,
        archive: Archive,
        source: BackfillArchive,
        wanted: Wanted,
        clock: Clock,
        tell: Callable[[str], None],
        memory: BackfillMemory,
    ) -> None:
        self._archive = archive
        self._source = source
        self._wanted = wanted
        self._clock = clock
        self._tell = tell
        self._memory = memory
        self._ask = _fetcher(archive, source)
        delay_s = 0.0 if is_loopback(source.index) else max(archive.settings.harvest.delay, SLOWEST_DELAY_S)
        self._done = Backfilled(source.name, delay_s=delay_s)
        self._listed: set[tuple[str, str]] = set()

    def run(self, keep: Callable[[PublicCapture], None] | None) -> Backfilled:
        """Ask; without `keep` the index alone."""
        name, done = self._source.name, self._done
        until = self._memory.waits_until(name, self._clock.now())
        if until is not None:
            done.stopped = localizable(f"it refused, and is not asked before {utc_text(until)}")
            return done
        db = open_index(self._archive)
        try:
            addresses = addresses_to_ask(db, self._wanted.portals, self._wanted.reports)
            told = told_by(db, name)
        finally:
            db.close()
        try:
            for url in addresses:
                if not self._ask_for(url, told, keep):
                    break
        except ArchiveRefused as stop:
            done.stopped = str(stop)
            if stop.is_refusal:
                now = self._clock.now()
                until = self._memory.refused(name, seconds_asked(stop.retry_after, now), now)
                done.stopped += localizable(f"; it is not asked before {utc_text(until)}")
        return done

    def _ask_for(self, url: str, told: set[tuple[str, str]], keep: Callable[[PublicCapture], None] | None) -> bool:
        """Ask for one address. Gives whether more may be asked for."""
        done, limit = self._done, self._wanted.limit
        self._tell(f"{done.name}: {url}")
        wanted, now = self._wanted, self._clock.now()
        listed = list_captures(self._ask, self._source, url, wanted.since, wanted.until, now)
        self._memory.answered(done.name, self._clock.now())
        done.addresses += 1
        for why, count in listed.left.items():
            done.left[why] = done.left.get(why, 0) + count
        for row in self._new(listed.rows, told):
            if limit is not None and len(done.captures) >= limit:
                self._tell(f"{done.name}: {limit} captures, the limit; the next run goes on")
                return False
            self._take(row, keep)
        return True

    def _new(self, rows: Sequence[IndexRow], told: set[tuple[str, str]]) -> list[IndexRow]:
        """The first capture of each run of equal payloads, of those that the archive has not given before: a page may come back."""
        found, before = [], ""
        for row in rows:
            if (row.url, row.timestamp) in self._listed:
                continue  # asked for under its twin (http, https) in this run
            self._listed.add((row.url, row.timestamp))
            is_first, before = not row.digest or row.digest != before, row.digest
            settled = self._memory.settled(self._source.name, row, self._clock.now())
            if not is_first or (row.url, utc_text(row.at)) in told:
                self._done.known += 1
            elif settled:
                self._done.left[settled] = self._done.left.get(settled, 0) + 1
            else:
                found.append(row)
        return found

    def _take(self, row: IndexRow, keep: Callable[[PublicCapture], None] | None) -> None:
        if keep is not None:
            name = self._source.name
            try:
                capture = fetch_capture(self._ask, self._source, row)
            except NotThatCapture as error:
                self._memory.note(name, row, NOT_COME, self._clock.now())
                self._done.problems.append(f"{name}: {row.url} of {utc_text(row.at)}: {error}")
                return
            keep(capture)
            if not capture.is_as_listed:
                self._memory.note(name, row, DIFFERS, self._clock.now())
        self._done.captures.append(row)


def _fetcher(archive: Archive, source: BackfillArchive) -> PoliteFetcher:
    settings = archive.settings
    harvest = settings.harvest
    manners = FetchManners(
        settings.user_agent(program_version()), harvest.delay, timeout_s=harvest.timeout, max_bytes=harvest.max_bytes
    )
    replay = source.replay.rstrip("/") + "/"
    # Common Crawl's list names the indexes of its crawls: those of its own host are asked.
    index = origin(source.index) + "/" if source.kind == "commoncrawl" else source.index
    return PoliteFetcher(source.index, manners, lambda url: url.startswith((index, replay)))


def _keep(file: Path, found: PublicCapture, clock: Clock) -> None:
    """Put a capture into the file, on the disk: the page as it stood at its time, and beside it how it was got."""
    row = found.row
    member, identity = _record(found)
    how = {"asked": found.asked, "at": utc_text(clock.now()), "index_digest": row.digest, "headers": found.answer}
    beside = build_record(
        "metadata",
        [
            ("WARC-Target-URI", row.url),
            ("WARC-Concurrent-To", identity),
            ("Content-Type", "application/json"),
        ],
        json.dumps(how, ensure_ascii=False).encode(),
        at=clock.now(),
        record_id=f"<{uuid.uuid4().urn}>",
    )
    with file.open("ab") as stream:
        stream.write(member + compress(beside))
        stream.flush()
        os.fsync(stream.fileno())


def _record(found: PublicCapture) -> tuple[bytes, str]:
    """The capture's record, as a gzip member, and its id: the original one where the archive gives it, else one made of what came."""
    row = found.row
    if found.member is not None:
        return found.member, record_of(found.member).id
    head = "HTTP/1.1 200 OK\r\n" + "".join(f"{name}: {value}\r\n" for name, value in found.headers) + "\r\n"
    block = head.encode("utf-8", "replace") + found.body
    identity = f"<{uuid.uuid5(uuid.NAMESPACE_URL, f'{found.asked} {digest_of(block)}').urn}>"
    fields = [("WARC-Target-URI", row.url), ("Content-Type", "application/http; msgtype=response")]
    fields += [("WARC-Payload-Digest", row.digest)] if row.digest else []
    return compress(build_record("response", fields, block, at=row.at, record_id=identity)), identity
