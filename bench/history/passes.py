"""Harvests of portals in memory: the harvester's own pass and recorder, segments and ingest, without the network."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.http import Response

from archive.files.folder import Archive
from archive.history.ingest import IngestSummary, ingest_sealed
from archive.index.database import open_index
from archive.index.known import Known, known_captures
from archive.lists.queries import list_changes
from archive.warc.closing import seal
from archive.warc.records import read_record
from archive.warc.segments import SegmentWriter, WarcInfo
from crawler.http.capture import KnownPages, Recorder, VisitLog
from crawler.http.middlewares import RefusedError
from crawler.http.politeness import Manners
from crawler.http.session import REFUSED, Session
from crawler.http.visiting import Visitor
from crawler.passes.outcome import PassResult
from crawler.passes.run import PortalPass
from crawler.portals.definitions import PortalDefinition, from_json, to_json

if TYPE_CHECKING:
    from scrapy import Request

    from bench.history.site import Site


class Season:
    """An archive, portals, and passes over them, a day apart."""

    def __init__(self, root: Path, start: datetime, sites: list[Site]) -> None:
        self.archive = Archive.create(root)
        self.sites = sites
        self.clock = _Clock(start)
        self.runs = 0

    def run(self, *, workers: int | None = None) -> IngestSummary:
        """One pass over all portals, then a day goes by."""
        self.runs += 1
        run = f"{self.clock.now():%Y%m%dT%H%M%SZ}-{self.runs:04d}"
        for site in self.sites:
            self._harvest(run, site)
        self.clock.advance(timedelta(days=1))
        return ingest_sealed(self.archive, workers=workers)

    def changes(self) -> list[dict[str, Any]]:
        """All changes, as `ogi changes --json` gives them."""
        db = open_index(self.archive)
        try:
            return list(list_changes(db))
        finally:
            db.close()

    def notices(self) -> list[tuple[str, str, str]]:
        """What could not be read or compared: address, code, message."""
        db = open_index(self.archive)
        try:
            return list(db.execute("SELECT url, code, message FROM notices ORDER BY at, url").fetchall())
        finally:
            db.close()

    def _harvest(self, run: str, site: Site) -> PassResult:
        portal = _definition(site)
        db = open_index(self.archive)
        try:
            known = KnownPages(known_captures(db, [site.portal]))
        finally:
            db.close()
        writer = SegmentWriter(
            self.archive.warc_dir,
            run=run,
            group=site.portal,
            info=WarcInfo.of(self.archive.settings),
            clock=self.clock,
            host="bench",
        )
        visits = VisitLog(self.archive.root / "visits.part")
        start = {"run": run, "group": site.portal, "clock": self.clock.kind, "portals": [to_json(portal)]}
        writer.write_metadata(f"urn:ogi:run:{run}:{site.portal}:start", start)
        session = Session(
            {portal.id: portal},
            clock=self.clock,
            agent="bench/1",
            manners=Manners(0.0),
            known=known,
            recorder=Recorder(writer, known, self.clock),
            visits=visits,
        )
        one = PortalPass(
            portal, session, Visitor(session, _downloader(session, site, self.clock), 0), stored=self._stored, full=True
        )
        result = asyncio.run(one.run())
        assert result.ok, (site.portal, result)
        writer.write_resource(
            f"urn:ogi:run:{run}:{site.portal}:visits", "application/x-ndjson", visits.finish(), self.clock.now()
        )
        writer.close()
        for path in writer.finished:
            seal(self.archive, path)
        return result

    def _stored(self, known: Known) -> bytes:
        assert known.segment is not None
        assert known.offset is not None
        return read_record(self.archive, known.segment, known.offset).content


def _definition(site: Site) -> PortalDefinition:
    portal = {
        "id": site.portal,
        "name": "示例市示范区人民政府",
        "region": "330304",
        "platform": "static",
        "start": [site.column],
        "url": f"{site.base}/",
    }
    return from_json(json.loads(json.dumps({"portal": portal, "agency": []})))


def _downloader(session: Session, site: Site, clock: _Clock) -> Any:
    async def download(request: Request) -> Response:
        clock.advance(timedelta(milliseconds=500))
        purpose = request.meta["ogi_purpose"]
        reason = session.refusal(request.url, purpose.portal)
        if reason is not None:
            raise RefusedError(REFUSED, reason)
        validators = {
            name.decode().lower(): values[0].decode()
            for name, values in request.headers.items()
            if name.lower().startswith(b"if-")
        }
        answer = site.answer(request.url, validators)
        request.meta["ogi_captured"] = session.capture(
            request.url, request.method, request.body, answer, request.meta["ogi_requested"], purpose
        )
        return Response(request.url)

    return download


class _Clock:
    kind = "simulated"

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def advance(self, span: timedelta) -> None:
        self._at += span
