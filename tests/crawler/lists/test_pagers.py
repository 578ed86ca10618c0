"""No list is called whole because a pager wasn't understood; none is called incomplete because something looks like one."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from archive.index.codes import ProofKind
from crawler.pages.exchange import NextRequest, PageBytes
from tests.crawler.lists.sites import BASE, COLUMN, HTML, PagedSite, load, page_of_list, rows, walk

PAGERS = load("pagers.toml")
LOOKALIKES = load("lookalikes.toml")
UNFORESEEN = load("unforeseen.toml")
NAMED = [name for name, pager in PAGERS.items() if pager.get("follows") == "all"]
#: The kinds of the first two parts, counted in the acceptance table.
FIRST = list(PAGERS)[: list(PAGERS).index("trs-four")]


@pytest.mark.parametrize("name", PAGERS)
def test_no_pager_is_passed_over(name: str) -> None:
    outcome = walk(PagedSite(PAGERS[name]))
    assert not outcome.is_whole or len(outcome.entries) == 18, outcome.reason
    assert outcome.is_whole or outcome.last is not None
    if not outcome.is_whole:
        assert outcome.reason


@pytest.mark.parametrize("name", NAMED)
def test_what_the_page_names_is_followed_to_the_end(name: str) -> None:
    outcome = walk(PagedSite(PAGERS[name]))
    assert [entry.title for entry in outcome.entries] == [title for _, title, _ in rows(18)], outcome.reason
    assert outcome.is_whole, outcome.reason
    assert outcome.last is not None
    assert outcome.last.proof in (ProofKind.TOTAL, ProofKind.PAGES, ProofKind.MARKS)
    assert not outcome.last.way.startswith("guess")
    assert len(outcome.requests) <= 6, [request.url for request in outcome.requests]


@pytest.mark.parametrize("name", [name for name in PAGERS if name not in NAMED])
def test_a_pager_that_names_no_address_leaves_the_list_incomplete_with_its_quote(name: str) -> None:
    outcome = walk(PagedSite(PAGERS[name], knows=False))
    assert not outcome.is_whole
    assert len(outcome.entries) == 6
    assert outcome.last is not None
    assert outcome.last.quote
    assert len(outcome.requests) <= 8, [request.url for request in outcome.requests]


@pytest.mark.parametrize("name", LOOKALIKES)
def test_what_only_looks_like_a_pager_leaves_a_list_whole(name: str) -> None:
    outcome = walk(PagedSite({"html": LOOKALIKES[name], "asks": "query page"}, total=6, knows=False))
    assert outcome.is_whole, outcome.reason
    assert len(outcome.entries) == 6
    asked = 4 if name.startswith("f-") else 3  # links of unknown meaning among the furniture are followed
    pages = [request.url for request in outcome.requests if not request.is_script]
    assert len(pages) <= asked, pages
    assert len(outcome.requests) - len(pages) <= 1


@pytest.mark.parametrize("name", [name for name in LOOKALIKES if name.startswith("f-")])
def test_what_only_looks_like_a_pager_above_a_list_leaves_it_whole(name: str) -> None:
    outcome = walk(PagedSite({"html": "", "above": LOOKALIKES[name]}, total=6, knows=False))
    assert outcome.is_whole, outcome.reason


CHAINS: dict[str, Callable[[int, int], str]] = {
    "in-another-language": lambda n, last: f'<a href="x{n + 1}.html">ཤོག</a>' if n < last else "",
    "letters": lambda n, last: "".join(f'<a href="x{k}.html">{chr(64 + k)}</a>' for k in range(2, last + 1)),
    "circled": lambda n, last: "".join(f'<a href="x{k}.html">{chr(0x245F + k)}</a>' for k in range(1, last + 1)),
    "picture": lambda n, last: f'<a href="x{n + 1}.html"><img src="/i/{n}.gif"></a>' if n < last else "",
    "earlier": lambda n, last: f'<a href="x{n + 1}.html">更早</a>' if n < last else "",
    "years": lambda n, last: "".join(
        f'<a href="x{k}.html">{2041 - 6 * k}-{2046 - 6 * k}</a>' for k in range(1, last + 1)
    ),
    "object": lambda n, last: f'<object data="x{n + 1}.html"></object>' if n < last else "",
    "title-of-the-column": lambda n, last: (
        f'<a href="x{n + 1}.html" title="政府信息公开年报">更多</a>' if n < last else ""
    ),
    "area": lambda n, last: f'<img usemap="#m"><map name="m"><area href="x{n + 1}.html"></map>' if n < last else "",
}


@pytest.mark.parametrize("place", ["html", "above"])
@pytest.mark.parametrize("name", CHAINS)
def test_a_link_of_unknown_meaning_beside_a_list_is_followed_and_judged_by_what_it_brings(
    name: str, place: str
) -> None:
    total = 36 if name == "circled" else 18

    def answer(request: NextRequest) -> PageBytes:
        found = re.fullmatch(rf"{BASE}/nb/(?:list|x(\d))\.html", request.url)
        if found is None:
            return PageBytes(request.url, 404, HTML, b"<title>404</title>404", request)
        number = int(found.group(1) or 1)
        link = CHAINS[name](number, total // 6)
        below, above = (link, "") if place == "html" else ("", link)
        text = page_of_list(rows(total)[(number - 1) * 6 : number * 6], below, above=above)
        return PageBytes(request.url, 200, HTML, text.encode(), request)

    outcome = walk(answer)
    assert outcome.is_whole, outcome.reason
    assert len(outcome.entries) == total


REFUSALS: dict[str, tuple[int, str]] = {
    "fails": (503, "<title>503</title>Service Unavailable"),
    "refused": (403, "<title>403</title>Forbidden"),
    "asks-who": (401, "<title>401</title>Unauthorized"),
    "too-many": (429, "<title>429</title>Too Many Requests"),
    "error-of-its-program": (500, "<title>500</title>java.lang.NullPointerException"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_link_of_unknown_meaning_that_is_refused_leaves_the_list_unproved(name: str) -> None:
    status, body = REFUSALS[name]

    def answer(request: NextRequest) -> PageBytes:
        if request.url == f"{BASE}/nb/x2.html":
            return PageBytes(request.url, status, HTML, body.encode(), request)
        text = page_of_list(rows(6), '<a href="x2.html">ཤོག</a>')
        return PageBytes(request.url, 200, HTML, text.encode(), request)

    outcome = walk(answer)
    assert not outcome.is_whole
    assert "x2.html" in outcome.reason
    assert len(outcome.entries) == 6


@pytest.mark.parametrize("name", UNFORESEEN["unread"])
def test_what_nobody_foresaw_beside_a_list_keeps_it_open(name: str) -> None:
    outcome = walk(PagedSite({"html": UNFORESEEN["unread"][name]}, knows=False))
    assert not outcome.is_whole
    assert len(outcome.entries) == 6
    assert outcome.last is not None
    assert outcome.last.quote


@pytest.mark.parametrize("name", UNFORESEEN["beside"])
def test_a_choice_or_a_place_beside_a_list_keeps_it_open(name: str) -> None:
    outcome = walk(PagedSite({"html": UNFORESEEN["beside"][name]}, knows=False))
    assert not outcome.is_whole
    outcome = walk(PagedSite({"html": "", "above": UNFORESEEN["beside"][name]}, knows=False))
    assert not outcome.is_whole


@pytest.mark.parametrize("name", UNFORESEEN["followed"])
def test_a_pager_in_another_carrier_is_followed(name: str) -> None:
    outcome = walk(PagedSite({"html": UNFORESEEN["followed"][name], "last": ""}))
    assert outcome.is_whole, outcome.reason
    assert len(outcome.entries) == 18


@pytest.mark.parametrize(
    "around", ["<div class='wrap'>{}</div>", "<ul><li>{}</li></ul>", "<table><tr><td>{}</td></tr></table>"]
)
@pytest.mark.parametrize("name", ["gengzao", "haiyou", "uyghur", "svg-only", "a-pagination"])
def test_what_stands_deeper_beside_a_list_counts_as_well(name: str, around: str) -> None:
    html = around.format(UNFORESEEN["unread"][name])
    assert not walk(PagedSite({"html": html}, knows=False)).is_whole


FURTHER = {
    "frame": '<iframe src="/nb/more.html"></iframe>',
    "more-reports": '<a href="/nb/list_more.html">更多年报</a>',
    "older": '<p class="r"><a href="/lsnb/">往年年报 &gt;&gt;</a></p>',
    "sentence": '<p>更多年报请点击<a href="/nb2/index.html">这里</a></p>',
    "folder": '<a href="/nb/old/">2020年以前年报</a>',
}


@pytest.mark.parametrize("name", FURTHER)
def test_a_list_beside_the_list_is_read_too(name: str) -> None:
    site = PagedSite({"html": FURTHER[name]}, total=6, knows=False)
    older = [
        (f"/nb/old/t{n}.html", f"示例县{n}年政府信息公开工作年度报告", f"{n + 1}-01-30") for n in range(2008, 2011)
    ]

    def answer(request: NextRequest) -> PageBytes:
        target = re.search(r"(?:src|href)=\"([^\"]+)\"", FURTHER[name])
        if target is not None and request.url == BASE + target.group(1):
            return PageBytes(request.url, 200, HTML, page_of_list(older, "").encode(), request)
        return site(request)

    outcome = walk(answer)
    assert outcome.is_whole, outcome.reason
    assert len(outcome.entries) == 9


def test_a_choice_of_years_hides_rows_until_each_year_is_met() -> None:
    choice = '<select onchange="y(this.value)"><option>2040</option><option>2012</option></select>'
    outcome = walk(PagedSite({"html": choice}, total=6, knows=False))
    assert not outcome.is_whole
    assert "2012" in outcome.reason


def test_a_choice_of_units_hides_the_rows_of_those_that_no_row_names() -> None:
    choice = '<select onchange="u(this.value)"><option>全部</option><option>县财政局</option></select>'
    assert not walk(PagedSite({"html": choice}, total=6, knows=False)).is_whole


NOWHERE = {
    "impossible": '<li><a href="http://[::1/x.html">{}</a><span>2031-01-30</span></li>',
    "no-href": "<li><a>{}</a><span>2031-01-30</span></li>",
    "inert": '<li><a href="javascript:void(0)">{}</a></li>',
    "by-a-script": '<li><a href="javascript:;" onclick="detail(4711)">{}</a></li>',
    "plain-text": "<li>{}<span>2031-01-30</span></li>",
    "mail": '<li><a href="mailto:x@example.org">{}</a></li>',
    "bad-port": '<li><a href="http://www.shili.gov.cn:99999/a.html">{}</a></li>',
}


@pytest.mark.parametrize("name", NOWHERE)
def test_a_row_that_leads_nowhere_is_not_one_row_less(name: str) -> None:
    row = NOWHERE[name].format("示例县第9局2030年政府信息公开工作年度报告")

    def answer(request: NextRequest) -> PageBytes:
        text = page_of_list(rows(6), "").replace("</ul>", f"{row}</ul>")
        status = 200 if request.url == COLUMN else 404
        return PageBytes(request.url, status, HTML, text.encode(), request)

    outcome = walk(answer)
    assert not outcome.is_whole
    assert "第9局" in outcome.reason
