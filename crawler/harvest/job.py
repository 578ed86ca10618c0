"""One harvest job: `python -m crawler.harvest.job JOBFILE [PARENT]`. One host group, one Scrapy process, segments as its only output.

The job never opens the database. It reads its plan and what is known from files beside it, writes segments into the archive's `warc/`,
and leaves a small `result.json` for the coordinator's summary; a job that dies leaves segments, which is what counts.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings as ScrapySettings

from archive.clock import SimulatedClock, SystemClock, utc_text
from archive.files.folder import Archive
from archive.history.deltas import Told, told_by
from archive.index.known import from_jsonl
from archive.warc.manifest import last_hash
from archive.warc.records import read_record
from archive.warc.segments import SegmentWriter, WarcInfo, program_version
from archive.work.guard import Bounds, start_guard
from archive.work.helper import Helper, ReadingEnded
from archive.work.speaking import speak_safely
from crawler.harvest.plan import ENDED, Job, read_job
from crawler.http.capture import KnownPages, Recorder, VisitLog
from crawler.http.hosts import private_names
from crawler.http.politeness import Manners
from crawler.http.session import Session
from crawler.http.spider import SessionSpider
from crawler.passes.part import PartialPass
from crawler.passes.run import PortalPass
from crawler.portals.definitions import to_json
from extract.errors import OgiError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from scrapy.crawler import Crawler

    from archive.clock import Clock
    from archive.index.known import Known
    from crawler.portals.definitions import PortalDefinition

logger = logging.getLogger(__name__)

#: After a request to stop, a job may take so long to come to the end of the report it is at.
GRACE_S = 8.0
#: A job that gives no sign of life for so long is ended from outside: longer than any page may take to be read (`archive.work.helper.PAGE_LIMITS`).
_SILENCE_S = 300.0
_BEAT_S = 0.5


#: Part of `harvest.memory_bytes` that the child may take which reads pages.
_PAGE_SHARE = 0.6


class HarvestSpider(SessionSpider):
    """Makes the passes of one job and closes its segments, however it ends."""

    name = "harvest"

    def __init__(self, folder: Path, job: Job, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.folder = folder
        self.job = job
        self.passes: list[PortalPass] = []
        self.error: str | None = None
        self.is_stopping = False
        self._archive = Archive.open(Path(job.archive), dict(job.overrides))
        self.clock = clock_of(job)
        # a page that takes too much costs itself: the guard, which ends all of the job, lets a process have more
        self.helper = Helper(resident_bytes=int(_PAGE_SHARE * self._archive.settings.harvest.memory_bytes))
        self.helper.start()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> HarvestSpider:
        """See to the end of the job, too."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.finish, signals.spider_closed)
        return spider

    def open_session(self, settings: ScrapySettings) -> Session:
        """A session with the archive behind it. The first record of the job says what it is about to do."""
        job, archive = self.job, self._archive
        segments, harvest = archive.settings.segments, archive.settings.harvest
        self.writer = SegmentWriter(
            archive.warc_dir,
            run=job.run,
            group=job.group,
            info=WarcInfo.of(archive.settings, last_hash(archive.manifest_path)),
            clock=self.clock,
            max_bytes=segments.max_bytes,
            max_age_s=segments.max_age,
            sync_records=segments.sync_records,
            sync_s=segments.sync_seconds,
            reserve_bytes=segments.reserve_bytes,
            host=job.group,
        )
        with (self.folder / "known.jsonl").open(encoding="utf-8") as lines:
            known = KnownPages(from_jsonl(lines))
        self.visits = VisitLog(self.folder / "visits.jsonl")
        manners = Manners(
            delay_s=harvest.delay,
            jitter=harvest.jitter,
            backoff_s=harvest.backoff,
            backoff_max_s=harvest.backoff_max,
            daily_cap=harvest.daily_cap,
            quiet=archive.settings.quiet(),
            host_hours=harvest.host_hours,
        )
        return Session(
            {portal.id: portal for portal in job.portals},
            clock=self.clock,
            agent=archive.settings.user_agent(program_version()),
            manners=manners,
            known=known,
            recorder=Recorder(self.writer, known, self.clock, self._stored, self._is_alike, self._tell),
            visits=self.visits,
            used_today=job.used_today,
            apart=self.helper,
        )

    async def start(self) -> AsyncIterator[Any]:
        """Pass over the job's portals, one after the other: they share a host or an address."""
        try:
            self._say_what_begins()
            for portal in self.job.portals:
                if self.is_stopping:
                    break
                one = self._pass_of(portal)
                self.passes.append(one)
                await self._pass_over(one)
        except OgiError as error:  # the disk is full, a segment is damaged: said once, in the coordinator's words
            self.error = str(error)
        return
        yield  # makes this the asynchronous generator that Scrapy asks for

    def _pass_of(self, portal: PortalDefinition) -> PortalPass:
        wanted = self.job.wanted.get(portal.id)
        make = PortalPass if wanted is None else partial(PartialPass, wanted)
        return make(
            portal,
            self.session,
            self.visitor,
            stored=self._stored,
            full=self.job.full,
            memory=self.job.memory,
            unfinished=self.job.unfinished,
            columns=self.job.columns.get(portal.id, ()),
            should_stop=lambda: self.is_stopping,
        )

    async def _pass_over(self, one: PortalPass) -> None:
        """Make one pass. What nobody foresaw ends this portal's pass, in its result, and not those of the others."""
        try:
            await one.run()
        except OgiError:
            raise
        except Exception as error:
            logger.error("%s: the pass broke off: %s: %s", one.portal.id, type(error).__name__, error)
            logger.debug("%s", one.portal.id, exc_info=True)

    def request_stop(self) -> None:
        """Come to an end at the next report; if that takes too long, at once."""
        if self.is_stopping:
            return
        self.is_stopping = True
        loop = asyncio.get_running_loop()
        loop.call_later(GRACE_S, lambda: loop.create_task(self.crawler.stop_async()))

    def finish(self) -> None:
        """Turn the visit log into a record, close the segment, leave the result."""
        self.helper.close()
        lines = self.visits.finish()
        try:
            if lines:
                uri = f"urn:ogi:run:{self.job.run}:{self.job.group}:visits"
                self.writer.write_resource(uri, "application/x-ndjson", lines, self.clock.now())
        except OgiError as error:
            self.error = self.error or str(error)
        finally:
            self.writer.close()
        done = {one.portal.id: one.result.to_json() for one in self.passes}
        text = json.dumps({"error": self.error, "portals": done}, ensure_ascii=False)
        part = self.folder / "result.part"
        part.write_text(text, "utf-8")
        part.rename(self.folder / "result.json")

    def _say_what_begins(self) -> None:
        job = self.job
        self.writer.write_metadata(
            f"urn:ogi:run:{job.run}:{job.group}:start",
            {
                "run": job.run,
                "group": job.group,
                "started_at": utc_text(self.clock.now()),
                "clock": self.clock.kind,
                "arguments": {"full": job.full, "wanted": {key: one.to_json() for key, one in job.wanted.items()}},
                "portals": [to_json(portal) for portal in job.portals],
            },
        )

    def _is_alike(self, before: bytes, after: bytes, url: str) -> bool:
        """Whether a page says what it said before; one that can't be read doesn't."""
        from crawler.passes.likeness import says_the_same  # the extractor: most jobs never need it

        try:
            return bool(self.helper(says_the_same, before, after, url))
        except ReadingEnded as error:
            logger.warning("%s: not compared: %s", url, error)
            return False

    def _tell(self, digest: str, before: bytes, after: bytes) -> Told | None:
        """How a page is stored as a delta of the stored one; one that costs too much to compare is stored as it is."""
        try:
            told: Told = self.helper(told_by, digest, before, after)
        except ReadingEnded as error:
            logger.warning("not told by what differs: %s", error)
            return None
        return told

    def _stored(self, known: Known) -> bytes:
        """The content that the archive holds for an address."""
        assert known.segment is not None and known.offset is not None  # noqa: PT018 — callers hold a digest, so there is a record
        return read_record(self._archive, known.segment, known.offset).content


def clock_of(job: Job) -> Clock:
    """The run's clock; all jobs of a run have the same."""
    if job.clock_offset_s is None:
        return SystemClock()
    return SimulatedClock(datetime.now(UTC) + timedelta(seconds=job.clock_offset_s))


def scrapy_settings(job: Job, archive: Archive, parent: int) -> ScrapySettings:
    """Our Scrapy settings with the archive's limits. The job ends when it is no longer the child of `parent`, a process id."""
    settings = ScrapySettings()
    settings.setmodule("crawler.settings", priority="project")
    harvest = archive.settings.harvest
    own = [url for portal in job.portals for url in (portal.url, *portal.start)]
    for name, value in {
        "USER_AGENT": archive.settings.user_agent(program_version()),
        "DOWNLOAD_TIMEOUT": harvest.timeout,
        "DOWNLOAD_MAXSIZE": harvest.max_bytes,
        "OGI_RETRIES": harvest.retries,
        "OGI_PRIVATE_HOSTS": sorted(private_names(own)),
        "OGI_LEGACY_TLS": sorted({host for portal in job.portals for host in portal.legacy_tls}),
        "OGI_PARENT": parent,
        "LOG_LEVEL": job.log_level,
    }.items():
        settings.set(name, value, priority="cmdline")
    return settings


def run_job(path: Path, parent: int, beat: Callable[[], None] = lambda: None) -> int:
    """Run a job in this process, a child of `parent`. Gives 0 if it came to its end, 1 if not; the segments hold whatever was captured.

    `beat` is called twice a second while the job gets on.
    """
    job = read_job(path)
    archive = Archive.open(Path(job.archive), dict(job.overrides))
    process = AsyncCrawlerProcess(scrapy_settings(job, archive, parent))
    crawler = process.create_crawler(HarvestSpider)

    def stop(signum: int, frame: Any) -> None:
        spider = crawler.spider
        if isinstance(spider, HarvestSpider):
            asyncio.get_event_loop().call_soon_threadsafe(spider.request_stop)

    def listen() -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)

    async def live() -> None:
        while True:
            beat()
            await asyncio.sleep(_BEAT_S)

    def begin() -> None:
        tasks.append(asyncio.get_running_loop().create_task(live()))

    tasks: list[asyncio.Task[None]] = []
    crawler.signals.connect(listen, signals.spider_opened, weak=False)
    crawler.signals.connect(begin, signals.spider_opened, weak=False)
    crawler.signals.connect(lambda: [task.cancel() for task in tasks], signals.spider_closed, weak=False)
    process.crawl(crawler, folder=path.parent, job=job)
    process.start(install_signal_handlers=False)
    spider = crawler.spider
    return 0 if isinstance(spider, HarvestSpider) and (path.parent / "result.json").is_file() else 1


def main(path: Path, parent: int) -> int:
    """Run a job under guard: `run_job` with bounds for what pages of strangers may cost."""
    job = read_job(path)
    archive = Archive.open(Path(job.archive), dict(job.overrides))
    bounds = Bounds(archive.settings.harvest.memory_bytes, _SILENCE_S)
    beat = start_guard(parent, bounds, path.parent / ENDED)
    speak_safely()  # its log quotes pages and servers
    return run_job(path, parent, beat)


if __name__ == "__main__":
    # Who started it says so itself: it may be dead before this process could ask for its parent.
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else os.getppid()))
