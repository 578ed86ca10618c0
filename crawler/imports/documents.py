"""Loose documents that an archivist saved by hand, as captures of an address at a time. They are another's word as well: his who saved them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from archive.clock import utc_text
from archive.errors import ImportFailed
from archive.history.ingest import ingest_sealed
from archive.index.captures import taken
from archive.index.database import open_index
from archive.warc.arc import made_record
from archive.warc.closing import recover
from archive.warc.context import Context, Entry, Role
from archive.warc.digests import digest_of
from archive.warc.records import clean_uri
from archive.warc.taken import Shown, sha256_of
from crawler.imports.files import ImportSummary, take_in
from crawler.imports.run import import_run
from crawler.imports.sorting import Sorter
from crawler.imports.taking import AHEAD, FIRST_YEAR, is_address
from extract.document.detect import detect
from extract.errors import OgiError
from extract.readers import read_document

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from archive.clock import Clock
    from archive.files.folder import Archive
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
    contents = [(file, file.read_bytes()) for file in files]
    for file, content in contents:
        try:
            read_document(content, url=url, hint=file.name)
        except OgiError as error:
            raise ImportFailed(f"{file}: {error}") from None
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
            for number, (file, content) in enumerate(contents):
                address = url if number == 0 else f"{url.partition('#')[0]}#{file.name}"
                media = detect(content, file.name)
                fields = [("WARC-Target-URI", clean_uri(address)), ("Content-Type", media)]
                seed = f"{address}\n{utc_text(at)}\n".encode() + content
                raw = made_record("resource", fields, content, at=utc_text(at), seed=seed)
                if sha256_of(raw) in known.records:
                    again += 1
                    continue
                context = (
                    Context(portal.id, Role.REPORT, entry=Entry(url, agency=agency) if agency else None)
                    if number == 0
                    else Context(portal.id, Role.ATTACHMENT, parent=url)
                )
                origin = run.origin(
                    kind="file",
                    name=file.name,
                    size=len(content),
                    sha256=hashlib.sha256(content).hexdigest(),
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
                    media_type=media,
                    digest=digest_of(content),
                    context=context,
                )
                run.take_raw(origin, file.name, [raw], shows)
                written += 1
        ingested = take_in(archive) if written else None
    return ImportSummary(written, again, 0, (), ingested)
