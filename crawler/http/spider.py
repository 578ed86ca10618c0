"""A spider whose requests go through our middlewares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from scrapy import Spider

from crawler.http.session import Session
from crawler.http.visiting import Visitor

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import Settings


class SessionSpider(Spider):
    """A spider whose requests go through our middlewares: it has a session, and a visitor that makes the visits."""

    session: Session
    visitor: Visitor

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Make the spider, its session and its visitor."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.session = spider.open_session(crawler.settings)
        spider.visitor = Visitor(spider.session, spider.download, crawler.settings.getint("OGI_RETRIES"))
        return spider

    def open_session(self, settings: Settings) -> Session:
        """The session of this spider's crawl."""
        raise NotImplementedError

    async def download(self, request: Request) -> Response:
        """Pass one request through the middlewares and the transport."""
        engine = self.crawler.engine
        assert engine is not None  # there from the spider's start on
        return await engine.download_async(request)
