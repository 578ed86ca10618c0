"""Lonsun 龙讯 (Anhui): each unit's reports under `/public/column/<organ>?type=3`, rows as fragments from `/site/label/8888`.

field guide §6. The fragment's `file` parameter is the theme's template and must be copied from the page; `length` cuts the titles.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from crawler.families.family import Family, Sign
from crawler.lists.html_list import open_html
from crawler.lists.reader import ListReader, ListReading, SeenRows, is_answer, text_of_page
from crawler.lists.rows import fragment_rows, list_rows, sub_lists
from crawler.pages import markup
from crawler.pages.exchange import NextRequest, PageBytes
from extract.document.numerals import is_whole

_LABEL = re.compile(r"['\"]([^'\"\s]*/?site/label/8888)(\?[^'\"\s]*)?['\"]")
_PARAMETER = r"""['"]?\b{name}\b['"]?\s*[:=]\s*['"]?([^'",;&\s}}\)]*)"""
_NAMES = (
    "labelName", "siteId", "pageSize", "action", "fuzzySearch", "fromCode", "sortType", "isDate", "dateFormat", "length",
    "organId", "type", "catIds", "catId", "cId", "file",
)  # fmt: skip
_DEFAULTS = {
    "IsAjax": "1",
    "dataType": "html",
    "labelName": "publicInfoList",
    "pageSize": "15",
    "action": "list",
    "fuzzySearch": "false",
    "fromCode": "title",
    "keyWords": "",
    "sortType": "1",
    "isDate": "true",
    "dateFormat": "yyyy-MM-dd",
    "length": "80",
    "type": "3",
    "catIds": "",
    "catId": "",
    "cId": "",
    "result": "暂无相关信息",
}
_PAGE_COUNT = re.compile(r"pageCount['\"]?\s*[:=]\s*['\"]?(\d+)")
_EMPTY = "暂无相关信息"


class LonsunReader:
    """Reads a unit's list by its fragments."""

    family = "lonsun"

    def __init__(self) -> None:
        self._column: PageBytes | None = None
        self._address = ""
        self._parameters: dict[str, str] = {}
        self._page = 0
        self._page_count: int | None = None
        self._first_rows = 0
        self._seen = SeenRows()

    def read(self, page: PageBytes) -> ListReading:
        """Take the unit's page first, then the fragments asked for."""
        return self._read_column(page) if self._column is None else self._read_fragment(page)

    def _read_column(self, page: PageBytes) -> ListReading:
        self._column = page
        text = text_of_page(page)
        root = markup.parse(text)
        rows = list_rows(root, page.url) if root is not None else ()
        lists = sub_lists(root, page.url, is_report_column=False) if root is not None else ()
        self._page_count = _pages(text)
        self._address, self._parameters = fragment_request(text, page.url)
        self._seen.add(rows)
        if not self._parameters.get("file"):
            if (self._page_count or 1) > 1 or not rows:
                return ListReading(
                    rows,
                    lists=lists,
                    problem="the page names no template (file) for the list service, so only its first page could be read",
                )
            return ListReading(rows, lists=lists, end="one page")
        if rows and self._page_count == 1:
            return ListReading(rows, lists=lists, end="one page")
        return ListReading(rows, (self._request(),), lists=lists)

    def _request(self) -> NextRequest:
        self._page += 1
        query = urlencode(self._parameters | {"pageIndex": str(self._page)})
        referer = (("Referer", self._column.url),) if self._column else ()
        return NextRequest(f"{self._address}?{query}", headers=(("X-Requested-With", "XMLHttpRequest"), *referer))

    def _read_fragment(self, page: PageBytes) -> ListReading:
        if not is_answer(page):
            return ListReading(
                problem=f"page {self._page} of the list service answered {page.status} with {len(page.body)} bytes"
            )
        text = text_of_page(page)
        rows = fragment_rows(text, page.url)
        self._page_count = _pages(text) or self._page_count
        fresh = self._seen.add(rows)
        if self._page == 1:
            self._first_rows = len(rows)
        elif not fresh:
            return self._at_end(rows, text)
        if not rows:
            return self._at_end(rows, text)
        size = int(self._parameters["pageSize"]) if is_whole(self._parameters["pageSize"]) else 15
        full = min(size, self._first_rows) if self._page > 1 else size
        if self._page < (self._page_count or 1) or len(rows) >= full:
            return ListReading(rows, (self._request(),))
        return ListReading(rows, end=f"{self._page} pages")

    def _at_end(self, rows: tuple[object, ...], text: str) -> ListReading:
        if self._page_count is not None and self._page - 1 < self._page_count and self._page > 1:
            what = "repeats rows" if rows else "has no rows"
            return ListReading(problem=f"the site counts {self._page_count} pages, but page {self._page} {what}")
        if self._page == 1 and _EMPTY not in text and self._parameters.get("result", _EMPTY) not in text:
            return ListReading(problem="the list service gave no rows and did not say that there are none")
        return ListReading(
            end="empty: the site says 暂无相关信息" if self._page == 1 else f"page {self._page} has no rows"
        )


def _pages(text: str) -> int | None:
    """The page count of a script, which may first be set to 0; `None` if it says nothing."""
    return max((int(count) for count in _PAGE_COUNT.findall(text)), default=0) or None


def fragment_request(text: str, url: str) -> tuple[str, dict[str, str]]:
    """The list service's address and parameters, as the page's script would send them."""
    found = _LABEL.search(text)
    given = (
        dict(parse_qsl(found.group(2)[1:].replace("&amp;", "&"), keep_blank_values=True))
        if found and found.group(2)
        else {}
    )
    parameters = dict(_DEFAULTS)
    column = urlsplit(url)
    organ = re.search(r"/public/column/(\d+)", column.path)
    for name in _NAMES:
        printed = re.search(_PARAMETER.format(name=name), text)
        if printed and printed.group(1) and not printed.group(1).startswith(("function", "$", "this")):
            parameters[name] = printed.group(1)
    address = dict(parse_qsl(column.query))
    parameters |= {name: address[name] for name in ("type", "catId", "action") if name in address}
    if organ:
        parameters["organId"] = organ.group(1)
    site = markup.meta_of(text, "SiteId")
    if site:
        parameters["siteId"] = site
    parameters |= {name: value for name, value in given.items() if name not in ("_", "pageIndex")}
    prefix = re.match(r"(.*?)/(?:public|content)/column/", column.path)
    service = (
        urljoin(url, found.group(1))
        if found
        else urljoin(url, (prefix.group(1) if prefix else "") + "/site/label/8888")
    )
    parts = urlsplit(service)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")), parameters


def open_lonsun(text: str, url: str) -> ListReader:
    """The reader for a Lonsun page: fragments for a unit's page, plain links for ordinary columns (`/content/column/…`)."""
    return (
        LonsunReader() if "site/label/8888" in text or "/public/column/" in urlsplit(url).path else open_html("lonsun")
    )


FAMILY = Family(
    "lonsun",
    lambda text, page, column: open_lonsun(text, page.url),
    about="Lonsun 龙讯",
    lists="fragments of `/site/label/8888`",
    ends="暂无相关信息, or a page that is not full",
    signs=(
        Sign(70, "address /public/column/", r"/public/column/\d+", in_address=True),
        Sign(80, "list service /site/label/8888", r"site/label/8888"),
    ),
)
