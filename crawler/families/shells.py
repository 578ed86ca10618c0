"""Pages that are empty shells around JSON: the list services of "front/api" (Putuo …) and of Jiangxi (field guide §8)."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from archive.warc.context import Entry
from crawler.families.family import Family, Sign
from crawler.lists.reader import ListReading, SeenRows, is_answer, text_of_page
from crawler.lists.values import day_of_epoch, day_of_text, text_value, whole_number
from crawler.pages.exchange import NextRequest, PageBytes
from extract.document.notations import parse_json
from extract.lexicon.addresses import join

_CAPPED = 10_000  # both services stop counting there
_SIZE = 15


def _json_of(page: PageBytes) -> dict[str, Any] | None:
    if not is_answer(page):
        return None
    try:
        answer = parse_json(text_of_page(page))
    except ValueError:
        return None
    data = answer.get("data") if isinstance(answer, dict) else None
    return data if isinstance(data, dict) else None


class FrontApiReader:
    """Reads a list from `POST /front/api/data/affair`."""

    family = "front-api"

    def __init__(self) -> None:
        self._column: PageBytes | None = None
        self._address = ""
        self._channels: list[str] = []
        self._page = 0
        self._seen = SeenRows()

    def read(self, page: PageBytes) -> ListReading:
        """Take the column page first, then the service's answers."""
        if self._column is None:
            self._column = page
            text = text_of_page(page)
            service = re.search(r"['\"]([^'\"\s]*front/api/data/\w+)['\"]", text)
            self._address = urljoin(page.url, service.group(1) if service else "/front/api/data/affair")
            listed = re.search(r"channelList['\"]?\s*[:=]\s*\[([^\[\]]*)\]", text)
            single = re.search(r"channel_?[iI]d['\"]?\s*[:=]\s*['\"]?(\w+)", text)
            self._channels = re.findall(r"\w+", listed.group(1)) if listed else [single.group(1)] if single else []
            if not self._channels:
                return ListReading(problem="the page names no channel (channelList)")
            return ListReading(next=(self._request(),))
        data = _json_of(page)
        if data is None or not isinstance(data.get("list"), list):
            return ListReading(problem=f"page {self._page} of the list service answered {page.status} without rows")
        rows = tuple(entry for item in data["list"] if isinstance(item, dict) and (entry := self._entry(item)))
        total = whole_number(data.get("totalCount"))
        fresh = self._seen.add(rows)
        # Past the end every number is 0, so only a positive count speaks against an end.
        if fresh and (total is None or self._seen.count < total or total >= _CAPPED):
            return ListReading(rows, (self._request(),))
        if not fresh and total and self._seen.count < total < _CAPPED:
            return ListReading(rows, problem=f"the site counts {total} rows, {self._seen.count} came")
        return ListReading(rows, end=f"{self._page} pages" if self._seen.count else "empty: the service has no rows")

    def _request(self) -> NextRequest:
        self._page += 1
        question = {
            "channelList": self._channels,
            "pageSize": _SIZE,
            "orderFields": ["display_date"],
            "orderTypes": ["desc"],
            "pageNo": self._page,
            "docFlag": "1",
        }
        referer = (("Referer", self._column.url),) if self._column else ()
        body = json.dumps(question, separators=(",", ":")).encode("ascii")
        return NextRequest(self._address, "POST", (("Content-Type", "application/json"), *referer), body)

    def _entry(self, item: dict[str, Any]) -> Entry | None:
        url = join(self._column.url if self._column else self._address, text_value(item.get("url")))
        if url is None:
            return None
        return Entry(
            url,
            text_value(item.get("title")),
            day_of_text(item.get("display_date")) or day_of_epoch(item.get("display_date")),
        )


class JiangxiReader:
    """Reads a list from `POST /queryList` (a GET there is a 404)."""

    family = "jiangxi"

    def __init__(self) -> None:
        self._column: PageBytes | None = None
        self._fields: dict[str, str] = {}
        self._page = 0
        self._seen = SeenRows()

    def read(self, page: PageBytes) -> ListReading:
        """Take the column page first, then the service's answers."""
        if self._column is None:
            self._column = page
            text = text_of_page(page)
            names = ("channelId", "siteId", "websiteId", "websiteCode", "codeName")
            found = {name: re.search(rf"\b{name}['\"]?\s*[:=]\s*['\"]([\w-]+)['\"]", text) for name in names}
            self._fields = {name: match.group(1) for name, match in found.items() if match}
            if "channelId" not in self._fields:
                return ListReading(problem="the page names no channelId")
            return ListReading(next=(self._request(),))
        data = _json_of(page)
        if data is None or not isinstance(data.get("results"), list):
            return ListReading(problem=f"page {self._page} of queryList answered {page.status} without rows")
        rows = tuple(entry for item in data["results"] if isinstance(item, dict) and (entry := self._entry(item)))
        total = whole_number(data.get("total"))
        fresh = self._seen.add(rows)
        if fresh and (total is None or self._seen.count < total):
            return ListReading(rows, (self._request(),))
        if total is not None and self._seen.count < total:
            return ListReading(rows, problem=f"the site counts {total} rows, {self._seen.count} came")
        return ListReading(rows, end=f"{self._page} pages" if self._seen.count else "empty: queryList has no rows")

    def _request(self) -> NextRequest:
        self._page += 1
        identifiers = {
            name: self._fields[name] for name in ("channelId", "siteId", "websiteId") if name in self._fields
        }
        paging = {
            "pageNo": str(self._page),
            "pageSize": str(_SIZE),
            "perPage": str(_SIZE),
            "showMode": "1",
            "themeName": "default",
        }
        column = self._column.url if self._column else ""
        headers = (("Content-Type", "application/x-www-form-urlencoded"), ("Referer", column))
        return NextRequest(
            urljoin(column, "/queryList"), "POST", headers, urlencode(identifiers | paging).encode("ascii")
        )

    def _entry(self, item: dict[str, Any]) -> Entry | None:
        source = item.get("source")
        if not isinstance(source, dict):
            return None
        column = self._column.url if self._column else ""
        given = text_value(source.get("url")) or text_value(source.get("urls"))
        identifier = text_value(source.get("id"))
        url = join(column, given) if given and not given.startswith("{") else None
        if url is None and identifier and "codeName" in self._fields:
            site = self._fields.get("websiteCode") or urlsplit(column).path.strip("/").partition("/")[0]
            url = join(column, f"/{site}/col/{self._fields['codeName']}/content/content_{identifier}.html")
        if url is None:
            return None
        day = day_of_text(source.get("pubDate")) or day_of_epoch(source.get("pubDate"))
        return Entry(url, text_value(source.get("title")), day)


FRONT_API = Family(
    "front-api",
    lambda text, page, column: FrontApiReader(),
    about='the "front/api" system of Shanghai districts',
    lists="JSON list by POST",
    ends="all counted rows",
    signs=(Sign(160, "list service front/api/data", r"front/api/data"),),
)
JIANGXI = Family(
    "jiangxi",
    lambda text, page, column: JiangxiReader(),
    about="Jiangxi's `/queryList`",
    lists="JSON list by POST",
    ends="all counted rows",
    signs=(
        Sign(
            90,
            "queryList with channelId and websiteId",
            r"\A(?=[\s\S]*?queryList)(?=[\s\S]*?websiteId)",
        ),
    ),
)
