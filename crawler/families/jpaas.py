"""Hanweb JPaaS: the list comes as HTML inside JSON from a gateway, whose parameters stand in script elements of the column page.

field guide §3. All ids change when a site is rebuilt, so they are read from the page each time.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from crawler.families.family import Family, Sign
from crawler.lists.reader import ListReading, SeenRows, is_answer, looks_full, text_of_page
from crawler.lists.rows import fragment_rows, sub_lists
from crawler.pages import markup
from crawler.pages.exchange import NextRequest, PageBytes
from crawler.pages.tags import tags
from extract.document.notations import parse_json
from extract.lexicon.addresses import join

if TYPE_CHECKING:
    from archive.warc.context import Entry

_URL = re.compile(r"""(?<![\w-])url\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_QUERY = re.compile(r"""querydata\s*=\s*(?:"([^"]*)"|'(\{[^>]*?\})')""", re.IGNORECASE)
_PAIR = re.compile(r"""['"]([\w-]+)['"]\s*:\s*(?:'([^']*)'|"([^"]*)"|([\w.-]+))""")
_LIST_NAMES = re.compile(r"列表|list|内容\d*|分页|概览|当前栏目|信息公开|年报", re.IGNORECASE)
_OTHER_NAMES = re.compile(
    r"菜单|导航|页脚|页头|底部|头部|面包屑|当前位置|轮播|banner|menu|nav|foot|head|友情|搜索|标题", re.IGNORECASE
)
_COUNT = re.compile(r"""\b(count|pageno|pagesize)\s*=\s*["']?(\d+)""", re.IGNORECASE)
_PAGE_SIZE = 15


def unit_queries(text: str, url: str) -> list[tuple[str, dict[str, str]]]:
    """The gateway address and parameters of every list-like unit of a column page, the likeliest list first."""
    found = []
    for script in tags(text, "script"):
        if "unitbuild.js" not in script.attributes.lower():
            continue
        attributes = script.attributes.replace("&quot;", '"').replace("&#39;", "'")
        address, query = _URL.search(attributes), _QUERY.search(script.attributes.replace("&#39;", "'"))
        if address is None or query is None:
            continue
        raw = next(group for group in query.groups() if group is not None).replace("&quot;", '"')
        pairs = {name: single or double or bare for name, single, double, bare in _PAIR.findall(raw)}
        target = join(url, address.group(1) or address.group(2) or "")
        if target is not None and pairs:
            found.append((target, pairs))

    def rank(item: tuple[str, dict[str, str]]) -> int:
        tag = item[1].get("tagId", "")
        if _OTHER_NAMES.search(tag) and "列表" not in tag:
            return 2
        return 0 if _LIST_NAMES.search(tag) else 1

    return sorted(found, key=rank)


class JpaasReader:
    """Reads the list of a column page through its gateway, page by page."""

    family = "jpaas"

    def __init__(self) -> None:
        self._column: PageBytes | None = None
        self._units: list[tuple[str, dict[str, str]]] = []
        self._page = 0
        self._size = _PAGE_SIZE
        self._first_rows = 0
        self._count: int | None = None
        self._seen = SeenRows()
        self._failures: list[str] = []

    def read(self, page: PageBytes) -> ListReading:
        """Take the column page first, then the gateway's answers."""
        if self._column is None:
            return self._read_column(page)
        html, problem = answer_html(page)
        if problem:
            return self._next_unit(problem) if self._page == 1 else ListReading(problem=f"page {self._page}: {problem}")
        rows = tuple(row for row in fragment_rows(html, self._column.url))
        marks = {name.lower(): int(value) for name, value in _COUNT.findall(html)}
        self._count = marks.get("count", self._count)
        if self._page == 1:
            if not rows and self._count is None and len(self._units) > 1:
                return self._next_unit("no rows")
            self._first_rows = len(rows)
            self._size = marks.get("pagesize", 0) or self._size
        if not self._seen.add(rows):
            return self._without_news(rows)
        if (
            self._count is not None
            and self._seen.count >= self._count
            and not looks_full(len(rows), self._first_rows if self._page > 1 else 0)
        ):
            return ListReading(rows=rows, end=f"{self._page} pages, all {self._count} announced rows")
        return ListReading(rows=rows, next=(self._request(),))

    def _read_column(self, page: PageBytes) -> ListReading:
        self._column = page
        text = text_of_page(page)
        self._units = unit_queries(text, page.url)
        root = markup.parse(text)
        lists = sub_lists(root, page.url, is_report_column=True) if root is not None else ()
        if not self._units:
            return ListReading(problem="the page names no list unit (unitbuild.js with querydata)", lists=lists)
        fallback = re.search(r"/col/col(\w+)", page.url)
        column_id = (fallback.group(1) if fallback else "") or markup.meta_of(text, "ColId")
        for _, pairs in self._units:
            if not pairs.get("pageId") and column_id:
                pairs["pageId"] = column_id
        return ListReading(next=(self._request(),), lists=lists)

    def _request(self) -> NextRequest:
        self._page += 1
        address, pairs = self._units[0]
        parameters = json.dumps({"pageNo": self._page, "pageSize": self._size, "search": ""}, separators=(",", ":"))
        separator = "&" if "?" in address else "?"
        url = f"{address}{separator}{urlencode(pairs)}&paramJson={quote(parameters, safe='')}"
        referer = (("Referer", self._column.url),) if self._column else ()
        return NextRequest(url, headers=(("X-Requested-With", "XMLHttpRequest"), *referer))

    def _next_unit(self, problem: str) -> ListReading:
        """A unit that is no list (a menu, a footer): ask the next one of the page."""
        self._failures.append(f"{self._units[0][1].get('tagId', 'unit')}: {problem}")
        self._units.pop(0)
        if not self._units:
            return ListReading(problem="; ".join(self._failures))
        self._page, self._count = 0, None
        return ListReading(next=(self._request(),))

    def _without_news(self, rows: tuple[Entry, ...]) -> ListReading:
        if rows:
            enough = self._count is not None and self._seen.count >= self._count
            return (
                ListReading(end="all announced rows came")
                if enough
                else ListReading(
                    problem=f"page {self._page} repeats the page before: the server ignores the page number"
                )
            )
        if self._count is not None and self._count > self._seen.count:
            return ListReading(problem=f"the site counts {self._count} rows, {self._seen.count} came")
        empty = "empty: " if self._page == 1 and self._count == 0 else ""
        return ListReading(end=f"{empty}page {self._page} has no links")


def answer_html(page: PageBytes) -> tuple[str, str]:
    """The HTML inside a gateway's answer, and what is wrong with the answer (empty if nothing is)."""
    if not is_answer(page):
        return "", f"the gateway answered {page.status} with {len(page.body)} bytes"
    try:
        answer: Any = parse_json(text_of_page(page))
    except ValueError:
        return "", "the gateway's answer is no JSON"
    if not isinstance(answer, dict) or answer.get("success") in (False, "false"):
        message = answer.get("message") if isinstance(answer, dict) else ""
        return "", f"the gateway reports an error: {message or 'no reason'}"
    data = answer.get("data")
    html = data.get("html") if isinstance(data, dict) else data
    return (html, "") if isinstance(html, str) else ("", "the gateway's answer has no data.html")


FAMILY = Family(
    "jpaas",
    lambda text, page, column: JpaasReader(),
    about="Hanweb JPaaS",
    lists="gateway JSON named by `unitbuild.js`",
    ends="page without links; a repeated page is incomplete",
    aliases=("hanweb-jpaas",),
    signs=(Sign(30, "script unitbuild.js with querydata", r"<script[^<>]*unitbuild\.js"),),
)
