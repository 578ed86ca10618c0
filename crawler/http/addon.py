"""Our capture layer for other Scrapy projects: `ADDONS = {"crawler.http.addon.ArchiveAddon": 500}` and `OGI_ARCHIVE_DIR = "…"`.

Every answer that the project's downloader gets is written to WARC/1.1 segments as it came off the wire, redirects, errors and robots.txt
included. Our transport stands in for Scrapy's handlers unless the project names its own.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured

from archive.clock import SystemClock, run_name
from archive.files.folder import Archive
from archive.warc.records import Exchange
from archive.warc.segments import SegmentWriter, WarcInfo

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Headers, Response
    from scrapy.settings import BaseSettings

    from crawler.http.transport import Answer


class ArchiveAddon:
    """Turns the capture layer on."""

    def update_settings(self, settings: BaseSettings) -> None:
        """Put the capture below decompression (590) and redirects (600), and our transport under it."""
        if not settings.get("OGI_ARCHIVE_DIR"):
            raise NotConfigured("OGI_ARCHIVE_DIR names no archive folder; make one with `ogi init`")
        settings.set(
            "DOWNLOADER_MIDDLEWARES", {**settings.getdict("DOWNLOADER_MIDDLEWARES"), ProjectCapture: 890}, "addon"
        )
        handler = "crawler.http.transport.TransportHandler"
        handlers = {"http": handler, "https": handler, **settings.getdict("DOWNLOAD_HANDLERS")}
        settings.set("DOWNLOAD_HANDLERS", handlers, "addon")


class ProjectCapture:
    """Downloader middleware that stores each exchange of a foreign project, without a verdict."""

    def __init__(self, archive: Archive, group: str) -> None:
        self._clock = SystemClock()
        self._writer = SegmentWriter(
            archive.warc_dir,
            run=run_name(self._clock.now(), group),
            group=group,
            info=WarcInfo.of(archive.settings),
            clock=self._clock,
            max_bytes=archive.settings.segments.max_bytes,
            reserve_bytes=archive.settings.segments.reserve_bytes,
        )

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Open the archive that the settings name."""
        name = crawler.spider.name if crawler.spider is not None else crawler.spidercls.name
        capture = cls(Archive.open(Path(crawler.settings["OGI_ARCHIVE_DIR"])), name)
        crawler.signals.connect(capture.close, signals.spider_closed)
        return capture

    def process_response(self, request: Request, response: Response) -> Response:
        """Write the exchange; another transport than ours gives less detail."""
        answer: Answer | None = request.meta.get("ogi_answer")
        now = self._clock.now()
        if answer is not None:
            exchange = answer.exchange(request.url, request.method, request.body, now)
        else:
            exchange = exchange_of(request, response, now)
        self._writer.write_exchange(exchange)
        return response

    def close(self) -> None:
        """End the segment; the next `ogi harvest` or `ogi rebuild` seals it."""
        self._writer.close()


def exchange_of(request: Request, response: Response, at: datetime) -> Exchange:
    """An exchange from what Scrapy's own handlers keep: header fields with normalised names, in no certain order."""
    return Exchange(
        url=response.url,
        method=request.method,
        request_headers=_pairs(request.headers),
        request_body=request.body,
        status=response.status,
        reason="",
        response_headers=_pairs(response.headers),
        body=response.body,
        ip=str(response.ip_address) if response.ip_address else None,
        at=at.astimezone(UTC),
        protocol=response.protocol or "http/1.1",
        truncated="unspecified" if "dataloss" in response.flags else None,
    )


def _pairs(headers: Headers) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, values in headers.items() for value in values]
