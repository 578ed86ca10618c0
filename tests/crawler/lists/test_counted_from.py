"""Lists whose sites count their pages from nought or from one, where the number is this program's own: no page is left out."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from crawler.pages.exchange import NextRequest, PageBytes
from tests.crawler.lists.sites import COLUMN, HTML, page_of_list, rows, walk

ROWS, SIZE = rows(18), 6


def _items(part: list[tuple[str, str, str]]) -> str:
    return "".join(f'<li><a href="{url}">{name}</a><span>{on}</span></li>' for url, name, on in part)


def _json(part: list[tuple[str, str, str]]) -> str:
    return json.dumps(
        {"code": 0, "rows": [{"title": name, "url": url, "date": on} for url, name, on in part]}, ensure_ascii=False
    )


def _whole(part: list[tuple[str, str, str]], pager: str = "") -> str:
    return page_of_list(part, pager)


class Site:
    """A column, and a service or further pages that count from `base`; what is before the first page is `before`."""

    def __init__(
        self, pager: str, shape: Callable[..., str], base: int, *, has_rows: bool = True, before: int = 200
    ) -> None:
        self.pager, self.shape, self.base, self.has_rows, self.before = pager, shape, base, has_rows, before
        self.asked: list[str] = []
        self.second = 200  # status of the second page

    def __call__(self, request: NextRequest) -> PageBytes:
        parts = urlsplit(request.url)
        self.asked.append(request.url)
        fields = parse_qs(parts.query) | parse_qs((request.body or b"").decode())
        status, body = 404, "404"
        if parts.path == "/nb/svc":
            number = int(fields["pg" if "pg" in fields else "page"][0]) - self.base
            part = ROWS[number * SIZE : (number + 1) * SIZE] if number >= 0 else []
            status = self.before if number < 0 else self.second if number == 1 else 200
            body = self.shape(part, self.pager) if self.shape is _whole else self.shape(part)
        elif request.url == COLUMN:
            status, body = 200, page_of_list(ROWS[:SIZE] if self.has_rows else [], self.pager)
        return PageBytes(request.url, status, HTML, body.encode(), request)


_MORE = '<button onclick="more()">加载更多</button><script>var n={};function more(){{n++;$.get("/nb/svc?page="+n,put)}}</script>'
_FIRST = '<script>async function show(i){fetch("/nb/svc?page="+i).then(put)};document.addEventListener("x",async()=>{await show(0)})</script>'
_FORM = '<form action="/nb/svc"><input name="pg" value="{}"></form><a onclick="nx()">下一页</a><script>function nx(){{var f=document.forms[0];f.pg.value=parseInt(f.pg.value)+1;f.submit()}}</script>'
_VARIABLE = '<a onclick="nx()">下一页</a><script>function nx(){location.href="/nb/svc?pg="+window.nextNo}</script>'
_SELECT = '<select onchange="go(this.value)"><option value="0">1</option><option value="1">2</option><option value="2">3</option></select><script>function go(n){location.href="/nb/svc?pg="+n}</script>'

SITES: dict[str, Callable[[], Site]] = {
    "more, data, from 0": lambda: Site(_MORE.format(0), _json, 0),
    "more, data, from 1": lambda: Site(_MORE.format(1), _json, 1),
    "more, data, from 1, page 0 is an error": lambda: Site(_MORE.format(1), _json, 1, before=500),
    "more, markup, from 0": lambda: Site(_MORE.format(0), _items, 0),
    "more, markup, from 1": lambda: Site(_MORE.format(1), _items, 1),
    "service, from 0": lambda: Site(_FIRST, _json, 0, has_rows=False),
    "service, from 1": lambda: Site(_FIRST, _json, 1, has_rows=False),
    "service, from 1, page 0 is an error": lambda: Site(_FIRST, _json, 1, has_rows=False, before=500),
    "form, from 0": lambda: Site(_FORM.format(0), _whole, 0),
    "form, from 1": lambda: Site(_FORM.format(1), _whole, 1),
    "variable, from 0": lambda: Site(_VARIABLE, _whole, 0),
    "variable, from 1": lambda: Site(_VARIABLE, _whole, 1),
}


@pytest.mark.parametrize("name", SITES)
def test_no_page_is_left_out(name: str) -> None:
    site = SITES[name]()
    read = walk(site)
    assert {entry.title for entry in read.entries} == {title for _, title, _ in ROWS}, site.asked
    assert read.is_whole, read.reason


@pytest.mark.parametrize("base", [0, 1])
def test_options_that_name_numbers_leave_none_out(base: int) -> None:
    site = Site(_SELECT, _whole, base)
    read = walk(site)
    assert len({entry.title for entry in read.entries}) == len(ROWS) or not read.is_whole


@pytest.mark.parametrize("status", [0, 401, 403, 407, 408, 429, 502, 503, 504])
def test_a_page_before_that_is_not_answered_leaves_the_list_open(status: int) -> None:
    site = Site(_VARIABLE, _whole, 0)
    site.second = status
    assert not walk(site).is_whole
    assert any("pg=1" in url for url in site.asked)
