"""The spiders: one for each family of publishing systems, for `scrapy list` and `scrapy crawl`.

A spider here is a declaration. What it walks is decided by the pure parsers of `crawler.families`; how it asks, by the middlewares. The
harvest's own spider (`crawler.harvest.job.HarvestSpider`) walks whole portals the same way, with an archive behind it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from scrapy.exceptions import CloseSpider

from archive.clock import SystemClock
from crawler.http.hosts import is_loopback, private_names
from crawler.http.politeness import Manners
from crawler.http.session import Session
from crawler.http.spider import SessionSpider
from crawler.portals.definitions import PortalDefinition

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.settings import Settings

logger = logging.getLogger(__name__)


class PortalSpider(SessionSpider):
    """Reads one annual-report column without an archive: one item a row of the list.

    `scrapy crawl <family> -a start=URL -s OGI_CONTACT=you@example.org -O rows.jsonl`
    """

    family: ClassVar[str]

    def __init__(self, start: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.column = start

    def open_session(self, settings: Settings) -> Session:
        """A session for the column's site, with the manners of the settings."""
        contact = settings.get("OGI_CONTACT") or ""
        if not self.column.startswith(("http://", "https://")):
            raise ValueError(f"say which column to read: scrapy crawl {self.name} -a start=URL")
        if not contact and not is_loopback(self.column):
            raise ValueError("say who is asking: -s OGI_CONTACT=you@example.org (it stands in the User-Agent)")
        definition = PortalDefinition(
            id="column",
            name=urlsplit(self.column).netloc,
            region="",
            platform=self.family,
            start=(self.column,),
            url="{0.scheme}://{0.netloc}/".format(urlsplit(self.column)),
            delay=settings.getfloat("OGI_DELAY"),
        )
        agent = f"{settings['BOT_NAME']} (+{contact})" if contact else settings["BOT_NAME"]
        settings.set("USER_AGENT", agent, priority="spider")
        settings.set("OGI_PRIVATE_HOSTS", sorted(private_names([self.column])), priority="spider")
        manners = Manners(delay_s=definition.delay)
        return Session({definition.id: definition}, clock=SystemClock(), agent=agent, manners=manners)

    async def start(self) -> AsyncIterator[dict[str, Any]]:
        """Read the list to its end and give its rows."""
        from crawler.passes.columns import read_column
        from extract.lexicon.titles import judge_title

        (portal,) = self.session.portals.values()
        reading = await read_column(self.column, portal, self.session, self.visitor)
        for entry in reading.entries:
            title = judge_title(entry.title)
            yield {**entry.to_json(), "judgement": title.judgement.value, "year": title.year}
        if not reading.complete:
            logger.error("%s: incomplete: %s", reading.url, reading.reason)
            raise CloseSpider("incomplete")
