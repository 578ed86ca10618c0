"""Writing imports: foreign captures and loose documents become records of our own segments, then the index takes them in."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from archive.clock import utc_text
from archive.errors import ArchiveMissing, DiskFull, ImportFailed
from archive.history.ingest import IngestSummary, ingest_sealed
from archive.index.database import open_index
from archive.index.rows import rows
from archive.warc.context import Context, Entry, Role
from archive.warc.digests import matches
from archive.warc.fitness import UnfitRecord, why_unfit
from archive.warc.foreign import iter_foreign
from archive.warc.manifest import last_hash
from archive.warc.records import Exchange, Original, Record, read_record
from archive.warc.segments import SegmentWriter, WarcInfo, recover
from crawler.harvest.run import seal_ended
from crawler.http.capture import Purpose, VisitLog
from crawler.imports.listings import read_listings
from crawler.imports.sorting import Sorter
from crawler.portals.definitions import PortalDefinition, to_json
from extract.errors import OgiError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from archive.clock import Clock
    from archive.files.folder import Archive

GROUP = "import"
WORK = "work"


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What an import did: captures written, those the archive had, those that concern no report, and what could not be read."""

    written: int
    known: int
    passed_over: int
    problems: tuple[str, ...]
    ingested: IngestSummary | None

    def to_json(self) -> dict[str, Any]:
        """For `ogi import --json`."""
        return {
            "written": self.written,
            "known": self.known,
            "passed_over": self.passed_over,
            "problems": list(self.problems),
            "changes": dict(self.ingested.changes) if self.ingested else {},
        }


def import_archives(
    archive: Archive,
    files: Sequence[Path],
    portals: Sequence[PortalDefinition],
    clock: Clock,
    *,
    everything: bool = False,
    tell: Callable[[str], None] | None = None,
    workers: int | None = None,
    cluster: str | None = None,
) -> ImportSummary:
    """Bring WARC and WACZ files in, damaged ones as far as they go. Importing a file again adds nothing.

    Args:
        portals: Definitions whose hosts tell where captures belong; a host without one becomes a portal of its own.
        everything: Also keep captures that concern no report.
        workers: Processes on this machine that read documents.
        cluster: Address of a Dask scheduler to read documents on instead.

    Raises:
        ArchiveBusy: A harvest or another import is under way.
        UnreadableDocument: A file is neither WARC nor WACZ.
    """
    say = tell or (lambda text: None)
    problems: list[str] = []
    with archive.lock():
        recover(archive)
        ingest_sealed(archive)
        known, roles = _known(archive)
        sorter = Sorter(tuple(portals), roles)
        for file in files:
            say(f"looking through {file.name}")
            for record in _captures(file, []):
                with _sparing_others([], record):
                    sorter.learn(record)
        for record in (record for file in files for record in _captures(file, [])):
            with _sparing_others([], record):
                sorter.learn_more(record)
        written = doubled = passed_over = 0
        with _import_run(archive, clock, sorter) as run:
            for file in files:
                say(f"bringing in {file.name}")
                for record in _captures(file, problems):
                    with _sparing_others(problems, record):
                        outcome = _bring_in(record, known, sorter, run, everything=everything)
                        written += outcome is _Outcome.WRITTEN
                        doubled += outcome is _Outcome.KNOWN
                        passed_over += outcome is _Outcome.PASSED_OVER
            if written:
                run.write_listings()
        ingested = _take_in(archive, workers, cluster) if written else None
    return ImportSummary(written, doubled, passed_over, tuple(problems), ingested)


def import_documents(
    archive: Archive,
    files: Sequence[Path],
    url: str,
    at: datetime,
    portals: Sequence[PortalDefinition],
    clock: Clock,
    *,
    agency: str | None = None,
) -> ImportSummary:
    """Bring loose documents in as captures of an address at a time: what an archivist saved by hand.

    Several files at one address are the page and its attachments, in that order.

    Raises:
        ArchiveBusy: A harvest or another import is under way.
        ImportFailed: A file that no reader can read.
    """
    from extract.document.detect import detect
    from extract.readers import read_document

    contents = [(file, file.read_bytes()) for file in files]
    for file, content in contents:
        try:
            read_document(content, url=url, hint=file.name)
        except OgiError as error:
            raise ImportFailed(f"{file}: {error}") from None
    written = doubled = 0
    with archive.lock():
        recover(archive)
        ingest_sealed(archive)
        known, _ = _known(archive)
        sorter = Sorter(tuple(portals))
        portal = sorter.portal_of(url)
        with _import_run(archive, clock, sorter) as run:
            for number, (file, content) in enumerate(contents):
                address = url if number == 0 else f"{url.partition('#')[0]}#{file.name}"
                if (address, utc_text(at)) in known:
                    doubled += 1
                    continue
                context = (
                    Context(portal.id, Role.REPORT, entry=Entry(url, agency=agency) if agency else None)
                    if number == 0
                    else Context(portal.id, Role.ATTACHMENT, parent=url)
                )
                run.write_document(address, detect(content, file.name), content, at, context)
                written += 1
        ingested = _take_in(archive) if written else None
    return ImportSummary(written, doubled, 0, (), ingested)


class _Outcome(Enum):
    WRITTEN = "written"
    KNOWN = "known"
    PASSED_OVER = "passed over"


def _bring_in(
    record: Record, known: set[tuple[str, str]], sorter: Sorter, run: ImportRun, *, everything: bool
) -> _Outcome:
    """Write a capture, if the archive lacks it and it concerns reports.

    Raises:
        UnfitRecord: It can't be kept.
    """
    key = (record.uri, utc_text(record.date))
    if key in known:
        return _Outcome.KNOWN
    if reason := why_unfit(record, run.clock.now()):
        raise UnfitRecord(reason)
    context = sorter.context_of(record)
    if context is None and not everything:
        return _Outcome.PASSED_OVER
    if not run.write(record, context):
        raise UnfitRecord(
            f"it refers to a payload that is neither in the files nor in the archive (of {utc_text(record.date)})"
        )
    known.add(key)
    return _Outcome.WRITTEN


@contextmanager
def _sparing_others(problems: list[str], record: Record) -> Iterator[None]:
    """Name a capture that can't be taken, and go on with the next one. A full disk and a lost archive end the import."""
    try:
        yield
    except (ArchiveMissing, DiskFull):
        raise
    except (
        OgiError,
        ValueError,
        TypeError,
        LookupError,
        ArithmeticError,
        RecursionError,
        AttributeError,
        MemoryError,
    ) as error:
        said = str(error) if isinstance(error, OgiError) else f"{type(error).__name__}: {error}"
        problems.append(f"{record.where}: {(record.uri or record.id)[:300]}: {said}; left out")


def _captures(file: Path, problems: list[str]) -> Iterator[Record]:
    """The exchanges and documents of a file; its requests, indexes and metadata are not captures."""
    for record in iter_foreign(file, problems):
        if record.type in ("response", "revisit", "resource") and record.uri.startswith(("http://", "https://")):
            yield record


def _known(archive: Archive) -> tuple[set[tuple[str, str]], dict[str, Role]]:
    db = open_index(archive)
    try:
        captures = {(row["url"], row["at"]) for row in rows(db, "select url, at from captures")}
        roles = {
            row["url"]: Role(row["role"])
            for row in rows(db, "select url, role from addresses where role in ('report', 'attachment')")
        }
    finally:
        db.close()
    return captures, roles


def _take_in(archive: Archive, workers: int | None = None, cluster: str | None = None) -> IngestSummary:
    seal_ended(archive)
    return ingest_sealed(archive, workers=workers, cluster=cluster)


class ImportRun:
    """One import's segment and visit log."""

    def __init__(self, archive: Archive, clock: Clock, sorter: Sorter) -> None:
        self.run = f"{clock.now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
        self.sorter = sorter
        self.clock = clock
        segments = archive.settings.segments
        archive.warc_dir.mkdir(exist_ok=True)
        self.writer = SegmentWriter(
            archive.warc_dir,
            run=self.run,
            group=GROUP,
            info=WarcInfo.of(archive.settings, last_hash(archive.manifest_path)),
            clock=clock,
            max_bytes=segments.max_bytes,
            reserve_bytes=segments.reserve_bytes,
        )
        work = archive.root / WORK
        work.mkdir(exist_ok=True)
        self.visits = VisitLog(work / "import-visits.jsonl")
        self._archive = archive
        self._originals: dict[str, tuple[Original, str, int]] = {}
        self._is_begun = False

    def _begin(self) -> None:
        if self._is_begun:
            return
        self._is_begun = True
        portals = (*self.sorter.portals, *self.sorter.made.values())
        self.writer.write_metadata(
            f"urn:ogi:run:{self.run}:{GROUP}:start",
            {
                "run": self.run,
                "group": GROUP,
                "kind": "import",
                "started_at": utc_text(self.clock.now()),
                "clock": self.clock.kind,
                "portals": [to_json(portal) for portal in portals],
            },
        )

    def write(self, record: Record, context: Context | None) -> bool:
        """Write a foreign capture with its own date; `False` for a revisit whose payload is nowhere."""
        self._begin()
        if record.type == "resource" or record.http_status is None:
            self.write_document(
                record.uri, record.get("Content-Type") or "application/octet-stream", record.block, record.date, context
            )
            return True
        original = None
        body = record.payload
        if record.type == "revisit":
            found = self._original_of(record)
            if found is None:
                return False
            original, body = found
        exchange = Exchange(
            url=record.uri,
            method="GET",
            request_headers=(),
            request_body=b"",
            status=record.http_status,
            reason="",
            response_headers=tuple(record.http_headers),
            body=body,
            ip=record.get("WARC-IP-Address"),
            at=record.date,
            truncated=record.truncated,
        )
        done = self.writer.write_exchange(exchange, context, original)
        if not done.is_revisit:
            mine = Original(record.uri, utc_text(record.date), done.digest, done.record_id)
            for digest in {done.digest, record.payload_digest, record.get("WARC-Payload-Digest")} - {None, ""}:
                self._originals.setdefault(str(digest), (mine, done.segment, done.offset))
        self._visit(record.uri, record.date, record.http_status, context, done.digest, is_same=done.is_revisit)
        return True

    def _original_of(self, record: Record) -> tuple[Original, bytes] | None:
        """The record that a revisit stands for, and its payload: from the files, or brought in before at the same address."""
        for digest in (record.payload_digest, record.get("WARC-Payload-Digest")):
            found = self._originals.get(digest) if digest else None
            if found is not None:
                return found[0], read_record(self._archive, found[1], found[2]).payload
        stated = record.get("WARC-Payload-Digest") or record.payload_digest
        db = open_index(self._archive)
        try:
            stored = rows(
                db,
                'SELECT DISTINCT p.segment, p."offset" FROM captures c JOIN payloads p ON p.digest = c.digest '
                'WHERE c.url IN (?, ?) ORDER BY p.segment, p."offset"',
                (record.uri, record.get("WARC-Refers-To-Target-URI") or record.uri),
            )
        finally:
            db.close()
        for place in stored:
            one = read_record(self._archive, place["segment"], place["offset"])
            if stated and matches(stated, one.payload) and one.payload_digest:
                return Original(one.uri, utc_text(one.date), one.payload_digest, one.id), one.payload
        return None

    def write_document(self, url: str, media_type: str, content: bytes, at: datetime, context: Context | None) -> None:
        """Write a document that came in no HTTP exchange."""
        self._begin()
        done = self.writer.write_resource(url, media_type, content, at, context)
        self._visit(url, at, 200, context, done.digest, is_same=False)

    def _visit(
        self, url: str, at: datetime, status: int, context: Context | None, digest: str | None, *, is_same: bool
    ) -> None:
        if context is None:
            return
        purpose = Purpose(context.portal, context.role, context.entry, context.parent, context.column)
        self.visits.visit(url, at, status, context.verdict, purpose, digest, "same" if is_same else "new")

    def write_listings(self) -> None:
        """Say of every list in the files what it named, and whether its pages are all there."""
        for listing in read_listings(self.sorter.lists, self.sorter.absent):
            portal = self.sorter.portal_of(listing.column).id
            self.visits.listing(
                portal,
                listing.column,
                listing.at,
                complete=listing.complete,
                reason=listing.reason,
                entries=listing.entries,
                proof=listing.proof,
            )

    def close(self) -> None:
        """Put the visit log into the segment and end it; one without captures leaves nothing."""
        lines = self.visits.finish()
        if self._is_begun and lines:
            self.writer.write_resource(
                f"urn:ogi:run:{self.run}:{GROUP}:visits", "application/x-ndjson", lines, self.clock.now()
            )
        self.writer.close()


@contextmanager
def _import_run(archive: Archive, clock: Clock, sorter: Sorter) -> Iterator[ImportRun]:
    run = ImportRun(archive, clock, sorter)
    try:
        yield run
    finally:
        run.close()


def check_files(files: Iterable[Path]) -> None:
    """Say at once which file is missing.

    Raises:
        ImportFailed: For the first one.
    """
    for file in files:
        if file.is_dir():
            raise ImportFailed(f"{file} is a folder: name the files in it")
        if not file.is_file():
            raise ImportFailed(f"{file}: no such file")


def is_archive_file(file: Path) -> bool:
    """Whether a file holds captures (WARC, gzipped or not, or WACZ) and is no loose document."""
    import gzip
    import zipfile

    with file.open("rb") as stream:
        start = stream.read(4096)
    if start.startswith(b"WARC/"):
        return True
    if start.startswith(b"\x1f\x8b"):
        try:
            with gzip.open(file) as stream:
                return stream.read(5) == b"WARC/"
        except (OSError, EOFError):
            return file.name.lower().endswith((".warc.gz", ".arc.gz"))
    if start.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(file) as package:
                return any(name.startswith("archive/") for name in package.namelist())
        except zipfile.BadZipFile:
            return False
    return file.name.lower().endswith((".warc", ".warc.gz", ".wacz"))
