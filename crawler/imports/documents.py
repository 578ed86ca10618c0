"""Loose documents that an archivist saved by hand, as captures of an address at a time. They are another's word as well: his who saved them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.clock import utc_text
from archive.errors import ImportFailed
from archive.history.ingest import ingest_sealed
from archive.history.read_item import READING
from archive.index.captures import taken
from archive.index.database import open_index
from archive.warc.arc import made_record
from archive.warc.closing import recover
from archive.warc.context import Context, Entry, Role
from archive.warc.digests import digest_of
from archive.warc.records import clean_uri
from archive.warc.taken import Shown, sha256_of
from archive.work.helper import Helper
from crawler.imports.files import ImportSummary, take_in
from crawler.imports.run import import_run
from crawler.imports.sorting import Sorter
from crawler.imports.taking import AHEAD, FIRST_YEAR, is_address
from extract.document.detect import detect
from extract.errors import OgiError
from extract.readers import read_document

if TYPE_CHECKING:
    from collections.abc import Container, Sequence
    from datetime import datetime
    from pathlib import Path

    from archive.clock import Clock
    from archive.files.folder import Archive
    from crawler.imports.run import ImportRun
    from crawler.portals.definitions import PortalDefinition


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
    """Bring loose documents in as captures of an address at a time.

    Several files at one address are the page and its attachments, in that order.

    Raises:
        ArchiveBusy: A harvest or another import is under way.
        ImportFailed: A file that no reader can read, an address that is none, a time that can't be.
    """
    if not is_address(url):
        raise ImportFailed(f"{url!r} is no address of a page: write it as http://host/path")
    if at > clock.now() + AHEAD:
        raise ImportFailed(f"{utc_text(at)} lies in the future: nobody can have saved the document then")
    if at.year < FIRST_YEAR:
        raise ImportFailed(f"{utc_text(at)} lies before the web: nobody can have saved the document then")
    contents = _readable(files, url)
    written = again = 0
    with archive.lock():
        recover(archive)
        ingest_sealed(archive)
        db = open_index(archive)
        try:
            known = taken(db)
        finally:
            db.close()
        sorter = Sorter(tuple(portals))
        portal = sorter.portal_of(url)
        with import_run(archive, clock, sorter) as run:
            for number, document in enumerate(contents):
                entry = Entry(url, agency=agency) if agency else None
                if number == 0:
                    context = Context(portal.id, Role.REPORT, entry=entry)
                else:
                    context = Context(portal.id, Role.ATTACHMENT, parent=url)
                address = url if number == 0 else f"{url.partition('#')[0]}#{document.name}"
                if _take(run, document, address, at, context, known.records):
                    written += 1
                else:
                    again += 1
        ingested = take_in(archive) if written else None
    return ImportSummary(written, again, 0, (), ingested)


@dataclass(frozen=True, slots=True)
class _Document:
    name: str
    content: bytes
    media_type: str


def _readable(files: Sequence[Path], url: str) -> list[_Document]:
    """The files, each read once by what reads it later, in a process of its own: a hostile one ends that."""
    found = []
    helper = Helper(READING)
    try:
        for file in files:
            content = file.read_bytes()
            try:
                found.append(_Document(file.name, content, helper(_read, content, url, file.name)))
            except OgiError as error:
                raise ImportFailed(f"{file}: {error}") from None
    finally:
        helper.close()
    return found


def _read(content: bytes, url: str, name: str) -> str:
    """Read a document. Gives what it is."""
    read_document(content, url=url, hint=name)
    return detect(content, name)


def _take(
    run: ImportRun, document: _Document, address: str, at: datetime, context: Context, known: Container[str]
) -> bool:
    """Write a document as a capture. Gives whether it is new."""
    fields = [("WARC-Target-URI", clean_uri(address)), ("Content-Type", document.media_type)]
    seed = f"{address}\n{utc_text(at)}\n".encode() + document.content
    raw = made_record("resource", fields, document.content, at=utc_text(at), seed=seed)
    if sha256_of(raw) in known:
        return False
    origin = run.origin(
        kind="file",
        name=document.name,
        size=len(document.content),
        sha256=hashlib.sha256(document.content).hexdigest(),
        form="document",
        software="",
    )
    run.write_origin(origin)
    shows = Shown(
        id=f"urn:sha256:{sha256_of(raw)[:40]}",
        url=clean_uri(address),
        at=utc_text(at),
        exact_at=utc_text(at),
        kind="resource",
        status=None,
        media_type=document.media_type,
        digest=digest_of(document.content),
        context=context,
    )
    run.take_raw(origin, document.name, [raw], shows)
    return True
