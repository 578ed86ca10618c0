"""UCAP 开普: a list as JSON from `common/search/<channel>` and its relatives, or static pages `list_2.shtml` counted from 1.

field guide §5. The server may cap the page size, so pages are counted by the rows that came; `publishedTime` disagrees with
`publishedTimeStr` on some sites, and the text is right.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from archive.warc.context import Entry
from crawler.families.family import Family, Sign
from crawler.lists.html_list import open_html
from crawler.lists.pager import script_pager
from crawler.lists.reader import ListReader, ListReading, SeenRows, is_answer, text_of_page
from crawler.lists.rows import sub_lists
from crawler.lists.values import day_of_epoch, day_of_text, text_value, whole_number
from crawler.pages import markup
from crawler.pages.exchange import NextRequest, PageBytes
from extract.document.notations import parse_json
from extract.lexicon.addresses import join

_CHANNEL = re.compile(r"channelId['\"]?\s*[=:]\s*['\"]([0-9A-Za-z]{4,64})['\"]")
_SERVICE = re.compile(
    r"['\"]((?:https?:)?[^'\"\s<>]*/(?:common/search|searchList|search)/)([0-9A-Za-z]*)(\?[^'\"\s<>]*)?['\"]"
)
_BY_CODE = re.compile(r"['\"]([^'\"\s<>]*getFileListByCodeId[^'\"\s<>]*)['\"]")
_CODE = re.compile(r"codeId['\"]?\s*[=:]\s*['\"]?([0-9A-Za-z]+)")
_DEFAULTS = (
    ("_isAgg", "true"),
    ("_isJson", "true"),
    ("_pageSize", "15"),
    ("_template", "index"),
    ("_rangeTimeGte", ""),
    ("_channelName", ""),
)


class UcapReader:
    """Reads a list from the site's search service."""

    family = "ucap"

    def __init__(self) -> None:
        self._column: PageBytes | None = None
        self._address = ""
        self._form: dict[str, str] | None = None
        self._page = 0
        self._seen = SeenRows()

    def read(self, page: PageBytes) -> ListReading:
        """Take the column page first, then the service's answers."""
        return self._read_column(page) if self._column is None else self._read_rows(page)

    def _read_column(self, page: PageBytes) -> ListReading:
        self._column = page
        text = text_of_page(page)
        channel = _CHANNEL.search(text)
        by_code = _BY_CODE.search(text)
        root = markup.parse(text)
        lists = sub_lists(root, page.url, is_report_column=True) if root is not None else ()
        if by_code:
            code = _CODE.search(text)
            self._address = urljoin(page.url, by_code.group(1))
            self._form = {"codeId": code.group(1) if code else "", "channelId": channel.group(1) if channel else ""}
            return ListReading(next=(self._request(),), lists=lists)
        service = next((found for found in _SERVICE.finditer(text) if found.group(2) or channel), None)
        if service is None and channel is None:
            return ListReading(problem="the page names neither a channel nor a list service", lists=lists)
        identifier = (service.group(2) if service else "") or (channel.group(1) if channel else "")
        path = service.group(1) if service else "/common/search/"
        given = (
            dict(parse_qsl(service.group(3)[1:].replace("&amp;", "&"), keep_blank_values=True))
            if service and service.group(3)
            else {}
        )
        parts = urlsplit(urljoin(page.url, path + identifier))
        query = urlencode([(name, value) for name, value in (dict(_DEFAULTS) | given).items() if name != "page"])
        self._address = urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))
        return ListReading(next=(self._request(),), lists=lists)

    def _request(self) -> NextRequest:
        self._page += 1
        referer = (("Referer", self._column.url),) if self._column else ()
        headers = (("X-Requested-With", "XMLHttpRequest"), *referer)
        if self._form is not None:
            body = urlencode(self._form | {"page": str(self._page), "size": "15"}).encode("ascii")
            return NextRequest(
                self._address, "POST", (("Content-Type", "application/x-www-form-urlencoded"), *headers), body
            )
        return NextRequest(f"{self._address}&page={self._page}", headers=headers)

    def _read_rows(self, page: PageBytes) -> ListReading:
        data = _payload(page)
        if data is None and self._page == 1 and self._form is None and page.status in (404, 405):
            # One province's service takes the same question by POST only.
            parts = urlsplit(self._address)
            self._form = dict(parse_qsl(parts.query, keep_blank_values=True))
            self._address, self._page = urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")), 0
            return ListReading(next=(self._request(),))
        if data is None:
            return ListReading(problem=f"page {self._page} of the list service answered {page.status} without rows")
        rows = tuple(
            entry
            for item in data["results"]
            if isinstance(item, dict) and (entry := entry_of(item, self._column_url()))
        )
        total = whole_number(data.get("total"))
        if not self._seen.add(rows):
            if total is not None and total > self._seen.count:
                return ListReading(problem=f"the site counts {total} rows, {self._seen.count} came")
            empty = "empty: " if self._page == 1 and total == 0 else ""
            return ListReading(end=f"{empty}page {self._page} brings nothing new")
        if total is None or self._seen.count < total:
            return ListReading(rows=rows, next=(self._request(),))
        return ListReading(rows=rows, end=f"all {total} announced rows came")

    def _column_url(self) -> str:
        return self._column.url if self._column else self._address


def _payload(page: PageBytes) -> dict[str, Any] | None:
    """The object that holds `results`; some sites wrap it one level deeper."""
    if not is_answer(page):
        return None
    try:
        answer: Any = parse_json(text_of_page(page))
    except ValueError:
        return None
    for path in (("data",), ("results", "data"), ("data", "data"), ()):
        found: Any = answer
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        if isinstance(found, dict) and isinstance(found.get("results"), list):
            return found
    return None


def entry_of(item: dict[str, Any], base: str) -> Entry | None:
    """A row of the service's answer; relative, `//host` and absolute addresses all occur."""
    url = join(base, text_value(item.get("url")))
    if url is None:
        return None
    title = text_value(item.get("title")) or text_value(item.get("subTitle"))
    day = day_of_text(item.get("publishedTimeStr")) or day_of_epoch(item.get("publishedTime"))
    return Entry(url=url, title=title, date=day, agency=_source(item.get("domainMetaList")))


def _source(groups: Any) -> str | None:
    for group in groups if isinstance(groups, list) else []:
        values = group.get("resultList") if isinstance(group, dict) else None
        for value in values if isinstance(values, list) else []:
            if isinstance(value, dict) and (value.get("key") == "source" or value.get("name") in ("来源", "发布机构")):
                return text_value(value.get("value")) or None
    return None


def open_ucap(text: str) -> ListReader:
    """The reader for a UCAP page: static pages where its pager script or its rows say so, else the list service."""
    names_service = _CHANNEL.search(text) or _SERVICE.search(text) or _BY_CODE.search(text)
    return UcapReader() if names_service and script_pager(text) is None else open_html("ucap")


FAMILY = Family(
    "ucap",
    lambda text, page, column: open_ucap(text),
    about="UCAP 开普",
    lists="`common/search` JSON, or static pages counted from 1",
    ends="all counted rows",
    signs=(
        Sign(
            100,
            "list service common/search or searchList",
            r"/(?:common/search|searchList)/|getFileListByCodeId",
        ),
        Sign(110, "channelId of 32 hexadecimal digits", r"channelId\s*[=:]\s*[\"'][0-9a-f]{32}[\"']"),
        Sign(120, "tags <UCAP…>", r"<UCAP(?:TITLE|CONTENT)|id=[\"']UCAP-CONTENT"),
        Sign(
            130,
            "pager createPageHTML('page_div', …)",
            r"createPageHTML\(\s*['\"][\w-]+['\"]\s*,\s*\d+\s*,\s*\d+\s*,\s*['\"]",
        ),
    ),
)
