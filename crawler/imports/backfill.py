"""Asking web archives for earlier captures of known addresses, and bringing in what they give.

What comes is kept in a WARC file under `work/` capture by capture, and goes the way of every import: a run that dies has lost nothing, the next one
brings in what it left. The record states the digest that the index gave: bytes that contradict it are set aside there, and make no version.
"""

from __future__ import annotations

import json
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
from crawler.imports.files import ImportSummary, import_archives
from crawler.imports.run import WORK
from crawler.imports.web_archives import (
    ArchiveRefused,
    Capture,
    NotThatCapture,
    Row,
    fetch_capture,
    list_captures,
)

if TYPE_CHECKING:
    from pathlib import Path

    from archive.clock import Clock
    from archive.files.folder import Archive
    from archive.files.settings import BackfillArchive
    from crawler.portals.definitions import PortalDefinition


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which captures are asked for. `since` and `until` are beginnings of time stamps; everything empty: all."""

    portals: Sequence[str] = ()
    reports: Sequence[str] = ()
    since: str = ""
    until: str = ""


@dataclass(slots=True)
class Backfilled:
    """What one web archive was asked and gave.

    Attributes:
        addresses: How many addresses its index was asked for.
        captures: What was fetched; in a dry run what would be.
        known: Payloads that it gave in an earlier run, or that the index names again.
        left: Rows of its index that were not taken, by reason.
        problems: Captures that did not come as asked, with the reason.
        stopped: Why it was not asked any further; empty if it was asked everything.
    """

    name: str
    addresses: int = 0
    captures: list[Row] = field(default_factory=list)
    known: int = 0
    left: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    stopped: str = ""
    brought: ImportSummary | None = None

    def to_json(self) -> dict[str, Any]:
        """For `ogi backfill --json`."""
        return {
            "name": self.name,
            "addresses": self.addresses,
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
    if is_dry:
        return _collect(archive, source, wanted, tell, None)
    with archive.lock():
        file = archive.root / WORK / f"backfill-{source.name}.warc.gz"
        file.parent.mkdir(exist_ok=True)
        asked = (source.name, source.kind)
        if file.exists():
            tell(f"{source.name}: bringing in what an interrupted run had fetched")
            import_archives(archive, [file], portals, clock, tell=tell, asked=asked)
            file.unlink()
        done = _collect(archive, source, wanted, tell, lambda one: _keep(file, one, clock))
        if file.exists():
            done.brought = import_archives(archive, [file], portals, clock, tell=tell, asked=asked)
            file.unlink()
    return done


def _collect(
    archive: Archive,
    source: BackfillArchive,
    wanted: Wanted,
    tell: Callable[[str], None],
    keep: Callable[[Capture], None] | None,
) -> Backfilled:
    db = open_index(archive)
    try:
        addresses, told = addresses_to_ask(db, wanted.portals, wanted.reports), told_by(db, source.name)
    finally:
        db.close()
    done = Backfilled(source.name)
    ask = _fetcher(archive, source)
    try:
        for url in addresses:
            tell(f"{source.name}: {url}")
            listed = list_captures(ask, source, url, wanted.since, wanted.until)
            done.addresses += 1
            for why, count in listed.left.items():
                done.left[why] = done.left.get(why, 0) + count
            for row in _new(listed.rows, told, done):
                _take(ask, source, row, done, keep)
    except ArchiveRefused as stop:
        done.stopped = str(stop)
    return done


def _fetcher(archive: Archive, source: BackfillArchive) -> PoliteFetcher:
    settings = archive.settings
    harvest = settings.harvest
    manners = FetchManners(
        settings.user_agent(program_version()), harvest.delay, timeout_s=harvest.timeout, max_bytes=harvest.max_bytes
    )
    replay = source.replay.rstrip("/") + "/"
    return PoliteFetcher(source.index, manners, lambda url: url.startswith((source.index, replay)))


def _new(rows: Sequence[Row], told: set[tuple[str, str]], done: Backfilled) -> list[Row]:
    """The first capture of each payload, of those that the archive has not given before."""
    has = {row.digest for row in rows if (row.url, utc_text(row.at)) in told}
    found = []
    for row in rows:
        if row.digest in has:
            done.known += 1
            continue
        has.add(row.digest)
        found.append(row)
    return found


def _take(
    ask: PoliteFetcher,
    source: BackfillArchive,
    row: Row,
    done: Backfilled,
    keep: Callable[[Capture], None] | None,
) -> None:
    if keep is not None:
        try:
            keep(fetch_capture(ask, source, row))
        except NotThatCapture as error:
            done.problems.append(f"{source.name}: {row.url} of {utc_text(row.at)}: {error}")
            return
    done.captures.append(row)


def _keep(file: Path, found: Capture, clock: Clock) -> None:
    """Put a capture into the file, on the disk: the page as it stood at its time, and beside it how it was got."""
    row = found.row
    head = "HTTP/1.1 200 OK\r\n" + "".join(f"{name}: {value}\r\n" for name, value in found.headers) + "\r\n"
    block = head.encode("utf-8", "replace") + found.body
    identity = f"<{uuid.uuid5(uuid.NAMESPACE_URL, f'{found.asked} {digest_of(block)}').urn}>"
    response = build_record(
        "response",
        [
            ("WARC-Target-URI", row.url),
            ("WARC-Payload-Digest", row.digest),
            ("Content-Type", "application/http; msgtype=response"),
        ],
        block,
        at=row.at,
        record_id=identity,
    )
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
        stream.write(compress(response) + compress(beside))
        stream.flush()
        os.fsync(stream.fileno())
