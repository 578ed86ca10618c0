"""Scrapy extensions of a harvest job."""

from __future__ import annotations

import asyncio
import logging
import os
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.5
_BEGIN_S = 0.02


class ParentWatch:
    """Ends the crawl when the process that started it is gone: an orphan must not go on beside its successor."""

    def __init__(self, crawler: Crawler, parent: int) -> None:
        self._crawler = crawler
        self._parent = parent
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Watch if the setting `OGI_PARENT` names the parent's process id."""
        parent = crawler.settings.getint("OGI_PARENT")
        if not parent:
            raise NotConfigured
        watch = cls(crawler, parent)
        crawler.signals.connect(watch.spider_opened, signals.spider_opened)
        crawler.signals.connect(watch.spider_closed, signals.spider_closed)
        return watch

    def spider_opened(self) -> None:
        """Begin to watch."""
        self._task = asyncio.get_running_loop().create_task(self._watch())

    def spider_closed(self) -> None:
        """End watching."""
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()

    async def _watch(self) -> None:
        while os.getppid() == self._parent:
            await asyncio.sleep(_LOOK_EVERY_S)
        logger.warning("the harvest that started this job is gone; stopping")
        while not (self._crawler.engine and self._crawler.engine.running):
            await asyncio.sleep(_BEGIN_S)  # asked to stop before it runs, a crawl would come to its end and never leave
        self._task = None
        await self._crawler.stop_async()
