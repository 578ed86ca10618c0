"""Lists that a page's script fetches: read by what the answer holds, or left incomplete with the request quoted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

import pytest

from crawler.pages.exchange import NextRequest, PageBytes
from tests.crawler.lists.sites import BASE, COLUMN, walk

ROWS = [(f"示例县第{n}局2022年政府信息公开工作年度报告", f"/doc/{n}.html", f"2023-01-{10 + n}") for n in range(7)]
PLAIN = [{"id": n, "title": title, "url": path, "date": on} for n, (title, path, on) in enumerate(ROWS)]


def text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def paged(fields: Mapping[str, str], name: str, first: int = 1, size: int = 3) -> list[dict[str, object]]:
    at = (int(fields[name]) - first) * size
    return list(PLAIN[at : at + size])


class Site:
    """A column that is a shell, its scripts, and one service."""

    def __init__(self, script: str, answer: object, *, page: str = "", files: Mapping[str, str] | None = None) -> None:
        self.script, self.answer, self.page, self.files = script, answer, page, files or {}
        self.asked: list[str] = []

    def __call__(self, request: NextRequest) -> PageBytes:
        parts = urlsplit(request.url)
        self.asked.append(parts.path)
        body = None
        if request.url == COLUMN:
            body = f"<html><head><title>政府信息公开年报</title></head><body><ul id=l></ul>{self.page}<script>{self.script}</script></body></html>"
        elif parts.path in self.files:
            body = self.files[parts.path]
        elif parts.path == "/svc/list":
            raw = parts.query if request.method == "GET" else (request.body or b"").decode()
            fields = json.loads(raw) if raw.startswith("{") else {key: found[0] for key, found in parse_qs(raw).items()}
            body = self.answer(fields) if callable(self.answer) else self.answer
        return PageBytes(request.url, 200 if body is not None else 404, (), (body or "").encode(), request)


READ = {
    "one-request": Site('$.getJSON("/svc/list?col=88&pageNo=1&pageSize=20", show)', text({"total": 7, "items": PLAIN})),
    "post-form": Site(
        '$.post("/svc/list", {channel: "7", page: 1, rows: 3}, show)',
        lambda f: text({"code": 0, "data": {"count": 7, "records": paged(f, "page")}}),
    ),
    "post-json": Site(
        'fetch("/svc/list", {method: "POST", body: JSON.stringify({channel: "7", pageNum: 1})})',
        lambda f: text({"result": {"totalCount": "7", "rows": paged(f, "pageNum")}}),
    ),
    "function": Site(
        "var size = 3; function load(page) { $.ajax({url: '/svc/list', data: {page: page, limit: size}, success: show}) } load(1)",
        lambda f: text({"data": paged(f, "page"), "total": 7}),
    ),
    "from-0-without-total": Site('axios.get("/svc/list?pageIndex=0&cat=2").then(show)', lambda f: text(paged(f, "pageIndex", 0))),
    "jsonp": Site('$.ajax({url: "/svc/list", dataType: "jsonp", data: {p: 1}})', lambda f: f"cb({text({'total': 7, 'docs': paged(f, 'p')})})"),
    "nested-record": Site(
        '$.get("/svc/list?page=1", show)',
        lambda f: text({"total": 7, "hits": [{"_source": {"t": row["title"], "link": row["url"]}} for row in paged(f, "page")]}),
    ),
    "own-script": Site(
        "", text({"total": 7, "items": PLAIN}), page='<script src="/js/list.js"></script>',
        files={"/js/list.js": '$.get("/svc/list?page=1&size=20", show)'},
    ),
    "beside-others": Site(
        '$.get("/weather/now", w); $.get("/svc/list?page=1&size=9", show); $.get("/visit/count?page=1")', text({"total": 7, "items": PLAIN})
    ),
    "placeholder": Site('$.get("/svc/list?page=1&size=9", show)', text({"total": 7, "items": PLAIN}), page="<p>暂无数据</p>"),
    "all-at-once": Site('$.get("/svc/list?col=5", show)', text({"code": 200, "data": PLAIN})),
}  # fmt: skip

QUOTED = {
    "no-reports": Site('$.get("/svc/list?page=1", show)', text({"data": [{"title": "天气", "url": "/a"}]})),
    "no-addresses": Site('$.get("/svc/list?page=1", show)', text({"data": [{"title": title} for title, _, _ in ROWS]})),
    "an-application": Site('$.get("/svc/list?page=1", show)', "<html><div id=app></div></html>"),
    "signed": Site('$.get("/svc/list?page=1&sign=" + sign(key), show)', text({"data": PLAIN})),
    "fewer-than-counted": Site('$.get("/svc/list?col=5", show)', text({"total": 19, "data": PLAIN})),
    "as-many-as-asked-for": Site('$.get("/svc/list?col=5&pageSize=7", show)', text({"data": PLAIN})),
}


@pytest.mark.parametrize("name", READ)
def test_the_service_s_rows_are_read_to_their_end(name: str) -> None:
    outcome = walk(READ[name])
    assert [(entry.url, entry.title) for entry in outcome.entries] == [
        (f"{BASE}{path}", title) for title, path, _ in ROWS
    ], outcome.reason
    assert outcome.is_whole, outcome.reason
    assert "/visit/count" not in READ[name].asked


@pytest.mark.parametrize("name", QUOTED)
def test_what_is_not_understood_is_quoted_and_leaves_the_list_incomplete(name: str) -> None:
    outcome = walk(QUOTED[name])
    assert not outcome.is_whole
    assert "/svc/list" in outcome.reason or "counts 19 rows, 7 came" in outcome.reason
    assert len(outcome.requests) <= 4


def test_a_list_that_says_that_it_is_empty_is_believed_whatever_else_its_scripts_ask() -> None:
    outcome = walk(Site('$.get("/weather/now", show); $.post("/user/state", {})', "", page="<p>暂无相关信息</p>"))
    assert outcome.is_whole


def test_a_service_that_counts_nothing_makes_an_empty_list() -> None:
    outcome = walk(Site('$.get("/svc/list?page=1&size=9", show)', text({"total": 0, "data": []}), page="<p>加载中</p>"))
    assert not outcome.is_whole, "nothing in the answer shows that its records would be reports"
    assert "/svc/list" in outcome.reason
