"""Lists behind pagers of every kind, answered in this process: a request in, a page out."""

from __future__ import annotations

import base64
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from crawler.families import open_walk
from crawler.lists.model import Step
from crawler.pages.exchange import NextRequest, PageBytes

if TYPE_CHECKING:
    from archive.warc.context import Entry
    from extract.model import Link

LISTS = Path(__file__).parents[2] / "fixtures/pages/lists"
BASE = "http://www.shili.gov.cn"
COLUMN = f"{BASE}/nb/list.html"
TITLE = "政府信息公开年报-示例县人民政府"
HTML = (("Content-Type", "text/html; charset=utf-8"),)


def load(name: str) -> dict[str, Any]:
    return tomllib.loads((LISTS / name).read_text("utf-8"))


def rows(count: int) -> list[tuple[str, str, str]]:
    """Address, title and date of reports, the newest first."""
    return [
        (
            f"/nb/{2041 - n}/t{2041 - n}0130_{900 + n}.html",
            f"示例县第{n % 7}局{2040 - n}年政府信息公开工作年度报告",
            f"{2041 - n}-01-30",
        )
        for n in range(count)
    ]


def page_of_list(shown: list[tuple[str, str, str]], below: str, *, title: str = TITLE, above: str = "") -> str:
    items = "".join(f'<li><a href="{url}" title="{name}">{name}</a><span>{on}</span></li>' for url, name, on in shown)
    menu = '<div class="nav"><a href="/">首页</a><a href="/zwgk/">政务公开</a></div>'
    return (
        f'<html><head><meta charset="utf-8"><title>{title}</title></head><body>{menu}<h1>政府信息公开年报</h1>{above}'
        f'<ul class="list">{items}</ul>{below}<div class="footer"><a href="/wzdt/">网站地图</a></div></body></html>'
    )


@dataclass
class PagedSite:
    """One list behind one pager.

    `knows`: the server shows further pages; else it answers every request for the column with its first page, and others with 404.
    """

    pager: dict[str, str]
    total: int = 18
    size: int = 6
    knows: bool = True
    asked: list[NextRequest] = field(default_factory=list)

    def __call__(self, request: NextRequest) -> PageBytes:
        self.asked.append(request)
        number = self._page(request)
        if number is None:
            body = "<html><head><title>404 Not Found</title></head><body>404 Not Found</body></html>"
            return PageBytes(request.url, 404, HTML, body.encode(), request)
        shown = rows(self.total)[(number - 1) * self.size : number * self.size]
        return PageBytes(
            request.url,
            200,
            HTML,
            page_of_list(shown, self._pager(number), above=self.pager.get("above", "")).encode(),
            request,
        )

    @property
    def last(self) -> int:
        return -(-self.total // self.size)

    def _page(self, request: NextRequest) -> int | None:
        """The page that a request asks for, `None` for one that is not there."""
        parts = urlsplit(request.url)
        kind, _, name = self.pager.get("asks", "query page").partition(" ")
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        form = {key: values[0] for key, values in parse_qs((request.body or b"").decode()).items()}
        given: str | None = None
        if kind == "file":
            shape = re.escape(name).replace(re.escape("{n}"), r"(\d+)").replace(re.escape("{n-1}"), r"(\d+)")
            found = re.fullmatch(f"/nb/{shape}", parts.path)
            if found and self.knows:
                number = int(found.group(1)) + ("{n-1}" in name)
                return number if 1 <= number <= self.last else None
        elif kind == "query":
            given = query.get(name)
            if name == "start" and given is not None:
                given = str(int(given) // self.size + 1)
        elif kind == "post" and request.method == "POST":
            given = form.get(name)
        elif kind == "postback" and form.get("__EVENTTARGET") == "AspNetPager1":
            number = int(form["__EVENTARGUMENT"])
            given = str(number) if form.get("__VIEWSTATE") == f"vs{number - 1}" else None
        if parts.path != "/nb/list.html":
            return None
        if not self.knows or given is None or not given.isdigit():
            return 1
        return min(max(int(given), 1), self.last)

    def _pager(self, number: int) -> str:
        text = self.pager.get("last", self.pager["html"]) if number == self.last else self.pager["html"]
        values = {"n": number, "next": number + 1, "last": self.last, "total": self.total, "index": number - 1}
        values["offset"] = number * self.size
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", str(value))
        return re.sub(r"\{base64:(.*?)\}", lambda found: base64.b64encode(found.group(1).encode()).decode(), text)


@dataclass
class Outcome:
    entries: list[Entry] = field(default_factory=list)
    requests: list[NextRequest] = field(default_factory=list)
    last: Step | None = None
    attachments: list[tuple[str, Link]] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return self.last is not None and self.last.complete

    @property
    def reason(self) -> str:
        return self.last.reason if self.last is not None else ""


def walk(site: Any, column: str = COLUMN) -> Outcome:
    """Read a list to its end."""
    walking = open_walk("auto", column)
    outcome = Outcome()
    queue = [walking.start()]
    while queue:
        request = queue.pop(0)
        outcome.requests.append(request)
        assert len(outcome.requests) < 80, "the walk runs in a circle"
        step = walking.feed(site(request))
        outcome.entries += step.entries
        outcome.attachments += step.attachments
        queue += step.next
        outcome.last = step
    return outcome
