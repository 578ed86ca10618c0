"""The yardstick: Scrapy as it comes, following the same lists to the same pages and parsing each once. Stores nothing."""

from __future__ import annotations

from typing import ClassVar

import scrapy


class BareSpider(scrapy.Spider):
    name = "bare"
    custom_settings: ClassVar = {
        "DOWNLOAD_DELAY": 0,
        "CONCURRENT_REQUESTS": 16,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
        "LOG_LEVEL": "ERROR",
    }

    async def start(self):
        yield scrapy.Request(self.url)

    def parse(self, response):
        for href in response.css("ul.newsList a::attr(href)").getall():
            yield response.follow(href, self.parse_report)
        lists = int(response.selector.re_first(r"createPageHTML\((\d+), 0") or 0)
        for number in range(1, lists):
            yield response.follow(f"index_{number}.html", self.parse)

    def parse_report(self, response):
        yield {"url": response.url, "title": response.css("title::text").get()}
