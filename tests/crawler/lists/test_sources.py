"""A list is whole only if nothing on its page, read with the scripts that the page loads, may bring further rows."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from crawler.pages.exchange import NextRequest, PageBytes
from tests.crawler.lists.sites import COLUMN, HTML, PagedSite, load, page_of_list, rows, walk

SOURCES = load("sources.toml")
SIGNS = load("signs.toml")
_FILES = {**SOURCES["files"], **SIGNS["files"]}
_OPEN = {**SOURCES["open"], **{f"sign-{name}": html for name, html in SIGNS["open"].items()}}
_WHOLE = {**SOURCES["whole"], **{f"sign-{name}": html for name, html in SIGNS["whole"].items()}}
_JSON = (("Content-Type", "application/json"),)
_SCRIPT = (("Content-Type", "application/javascript; charset=utf-8"),)


class SourcedSite:
    """A list of one page of markup, with the files of its host."""

    def __init__(self, below: str, *, above: str = "", headers: tuple[tuple[str, str], ...] = ()) -> None:
        self._site = PagedSite({"html": below, "above": above}, total=6, knows=False)
        self._headers = headers

    def __call__(self, request: NextRequest) -> PageBytes:
        path = urlsplit(request.url).path
        if path.endswith("fails.js"):
            return PageBytes(request.url, 503, HTML, b"<title>503</title>Service Unavailable", request)
        if path in _FILES:
            return PageBytes(request.url, 200, _SCRIPT, _FILES[path].encode(), request)
        if path in ("/nb/rest.do", "/nb/rest", "/nb/rest.action"):
            further = '{"data":[{"t":"示例县第8局2010年政府信息公开工作年度报告","u":"/nb/2011/t1.html"}]}'
            return PageBytes(request.url, 200, _JSON, further.encode(), request)
        page = self._site(request)
        return PageBytes(page.url, page.status, (*page.headers, *self._headers), page.body, request)


@pytest.mark.parametrize("place", ["below", "above"])
@pytest.mark.parametrize("name", _OPEN)
def test_a_list_that_something_may_go_on_with_is_not_called_whole(name: str, place: str) -> None:
    html = _OPEN[name]
    outcome = walk(SourcedSite(html) if place == "below" else SourcedSite("", above=html))
    assert not outcome.is_whole or len(outcome.entries) > 6
    assert outcome.is_whole or outcome.reason


@pytest.mark.parametrize("name", _WHOLE)
def test_a_list_whose_scripts_bring_nothing_is_whole(name: str) -> None:
    outcome = walk(SourcedSite(_WHOLE[name]))
    assert outcome.is_whole, outcome.reason
    assert len(outcome.entries) == 6


@pytest.mark.parametrize("name", SIGNS["scripts"])
def test_scripts_that_write_what_is_known_leave_a_list_whole(name: str) -> None:
    script = SIGNS["scripts"][name]
    inline = walk(SourcedSite(f"<script>{script}</script>", above=SIGNS["box"]["html"]))
    assert inline.is_whole, inline.reason
    site = SourcedSite('<script src="/js/own.js"></script>')

    def answer(request: NextRequest) -> PageBytes:
        if request.url.endswith("/js/own.js"):
            return PageBytes(request.url, 200, _SCRIPT, script.encode(), request)
        return site(request)

    of_file = walk(answer)
    assert of_file.is_whole, of_file.reason


def test_a_count_in_the_answer_s_head_is_a_count_of_the_site() -> None:
    assert not walk(SourcedSite("", headers=(("X-Total-Count", "18"),))).is_whole
    assert walk(SourcedSite("", headers=(("X-Total-Count", "6"),))).is_whole


def test_a_script_of_several_lists_is_asked_for_once() -> None:
    older = [(f"/nb/old/t{n}.html", f"示例县{n}年政府信息公开工作年度报告", "2011-01-30") for n in range(2008, 2011)]
    script = '<script src="/js/common.js"></script>'

    def answer(request: NextRequest) -> PageBytes:
        path = urlsplit(request.url).path
        if path == "/js/common.js":
            return PageBytes(request.url, 200, _SCRIPT, b"var a = 1;", request)
        further = '<a href="/nb/old/">往年年报</a><a href="/nb/older/">更早年报</a>'
        shown = {"/nb/list.html": (rows(6), further), "/nb/old/": (older[:2], ""), "/nb/older/": (older[2:], "")}
        if path not in shown:
            return PageBytes(request.url, 404, HTML, b"<title>404</title>404", request)
        text = page_of_list(shown[path][0], shown[path][1] + script)
        return PageBytes(request.url, 200, HTML, text.encode(), request)

    outcome = walk(answer, COLUMN)
    assert outcome.is_whole, outcome.reason
    assert len(outcome.entries) == 9
    assert sum(request.url.endswith("common.js") for request in outcome.requests) == 1


def test_letters_that_choose_among_the_rows_leave_a_list_whole() -> None:
    letters = '<a href="?zm=A">A</a> <a href="?zm=B">B</a> <a href="?zm=C">C</a>'

    def answer(request: NextRequest) -> PageBytes:
        chosen = {"zm=A": rows(6)[:2], "zm=B": rows(6)[2:4], "zm=C": rows(6)[4:]}
        parts = urlsplit(request.url)
        text = page_of_list(chosen.get(parts.query, rows(6)), letters)
        return PageBytes(request.url, 200 if parts.path == "/nb/list.html" else 404, HTML, text.encode(), request)

    outcome = walk(answer)
    assert outcome.is_whole, outcome.reason
    assert len(outcome.entries) == 6
