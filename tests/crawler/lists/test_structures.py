"""Lists in structures that nobody described: each row is read with its date, or the list is not whole."""

from __future__ import annotations

import cProfile
import json
import pstats
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from crawler.lists.rows import list_rows
from crawler.pages import markup
from crawler.pages.exchange import NextRequest, PageBytes
from tests.crawler.lists.sites import COLUMN, HTML, TITLE, Outcome, rows, walk

Row = tuple[str, str, str]
ROWS = [(url, title.replace("第", "第二", 1) if n == 0 else title, on) for n, (url, title, on) in enumerate(rows(6))]


def page(inner: str) -> str:
    menu = '<div class="nav"><a href="/">首页</a><a href="/zwgk/">政务公开</a></div>'
    end = '<div class="footer"><a href="/wzdt/">网站地图</a></div>'
    return f'<html><head><meta charset="utf-8"><title>{TITLE}</title></head><body>{menu}{inner}{end}</body></html>'


def each(make: Callable[[int, Row], str]) -> str:
    return "".join(make(number, row) for number, row in enumerate(ROWS))


def read(inner: str) -> Outcome:
    def answer(request: NextRequest) -> PageBytes:
        body = page(inner) if request.url == COLUMN else "<title>404</title>"
        return PageBytes(request.url, 200 if request.url == COLUMN else 404, HTML, body.encode(), request)

    return walk(answer)


RECORDS = json.dumps([{"title": title, "url": url, "date": on} for url, title, on in ROWS], ensure_ascii=False)
WHOLE = {
    "li-onclick": each(lambda n, r: f"<li onclick=\"location.href='{r[0]}'\">{r[1]}<span>{r[2]}</span></li>"),
    "li-window-open": each(lambda n, r: f"<li onclick=\"window.open('{r[0]}')\"><b>{r[1]}</b><i>{r[2]}</i></li>"),
    "li-data-href": each(lambda n, r: f'<li data-href="{r[0]}"><span>{r[1]}</span><em>{r[2]}</em></li>')
    + "<script src='/js/a.js'></script>",
    "tr-function": "<table>"
    + each(lambda n, r: f"<tr onclick=\"go('{r[0]}')\"><td>{n}</td><td>{r[1]}</td><td>{r[2]}</td></tr>")
    + "</table><script>function go(u){location=u}</script>",
    "tr-data-url": "<table>"
    + each(lambda n, r: f'<tr data-url="{r[0]}"><td>{n}</td><td>{r[1]}</td><td>{r[2]}</td></tr>')
    + "</table><script>$('tr').click(function(){location=$(this).data('url')})</script>",
    "button": each(lambda n, r: f"<p><button onclick=\"location='{r[0]}'\">{r[1]}</button>{r[2]}</p>"),
    "area": "<map>" + each(lambda n, r: f"<area href='{r[0]}' alt='{r[1]}'>") + "</map>",
    "option": "<select onchange='window.open(this.value)'>"
    + each(lambda n, r: f"<option value='{r[0]}'>{r[1]}</option>")
    + "</select>",
    "written": "<ul><script>"
    + each(lambda n, r: f"document.write('<li><a href=\"{r[0]}\">{r[1]}</a><span>{r[2]}</span></li>');")
    + "</script></ul>",
    "literal": f"<ul id='l'></ul><script>var dataList={RECORDS};render(dataList)</script>",
    "state": f'<div id="app"></div><script type="application/json">{{"props":{{"list":{RECORDS}}}}}</script>',
    "card": each(lambda n, r: f'<div class="card"><h5>{r[1]}</h5><p>{r[2]}</p><a href="{r[0]}">查看详情</a></div>'),
}
WHOLE |= {
    "terms": "<dl>" + each(lambda n, r: f'<dt><a href="{r[0]}">{r[1]}</a></dt><dd>{r[2]}</dd>') + "</dl>",
    "three-in-a-row": "<table><tr>"
    + each(lambda n, r: f'<td><a href="{r[0]}">{r[1]}</a><br>({r[2]})</td>' + ("</tr><tr>" if n == 2 else ""))
    + "</tr></table>",
    "dates-behind": "<p>" + each(lambda n, r: f'· <a href="{r[0]}">{r[1]}</a> [{r[2]}]<br>') + "</p>",
    "dates-before": "<p>" + each(lambda n, r: f'{r[2]} <a href="{r[0]}">{r[1]}</a><br>') + "</p>",
    "two-in-an-item": "<ul>"
    + each(lambda n, r: ("<li>" if n % 2 == 0 else "") + f'<a href="{r[0]}">{r[1]}</a><span>{r[2]}</span>')
    + "</ul>",
    "data-attributes": "<ul>"
    + each(lambda n, r: f'<li data-url="{r[0]}" data-title="{r[1]}" data-date="{r[2]}"></li>')
    + "</ul>",
}
UNDATED = ("area", "option")


@pytest.mark.parametrize("name", WHOLE)
def test_rows_are_read_in_whatever_element_they_stand(name: str) -> None:
    outcome = read(WHOLE[name])
    found = [(entry.url.removeprefix("http://www.shili.gov.cn"), entry.title) for entry in outcome.entries]
    assert found == [(url, title) for url, title, _ in ROWS], outcome.reason
    if name not in UNDATED:
        assert [entry.date for entry in outcome.entries] == [on for _, _, on in ROWS]
    assert outcome.is_whole, outcome.reason


@pytest.mark.parametrize(
    "opens",
    [
        "window.open('/nb/show.html?id='+id)",
        "location.href='/nb/show.html?id='+id",
        "top.location='/nb/show.html?id='+id",
    ],
)
def test_a_link_that_calls_a_function_leads_where_the_function_does(opens: str) -> None:
    links = each(lambda n, r: f"<li><a href='javascript:detail({900 + n})'>{r[1]}</a><span>{r[2]}</span></li>")
    outcome = read(f"<ul>{links}</ul><script>function detail(id){{{opens}}}</script>")
    assert [entry.url.partition("?")[2] for entry in outcome.entries] == [f"id={900 + n}" for n in range(6)]
    assert outcome.is_whole, outcome.reason


def test_a_table_of_units_and_years_names_its_links() -> None:
    units = ["县财政局", "县教育局", "石门镇人民政府"]
    head = "<tr><th>单位</th><th>2023年</th><th>2022年</th></tr>"
    cells = "<td><a href='/nb/23{n}.html'>查看</a></td><td><a href='/nb/22{n}.html'>查看</a></td>"
    lines = "".join(f"<tr><td>{unit}</td>{cells.format(n=n)}</tr>" for n, unit in enumerate(units))
    outcome = read(f"<h1>政府信息公开年报</h1><table>{head}{lines}</table>")
    assert [entry.title for entry in outcome.entries] == [f"{unit} {year}年" for unit in units for year in (2023, 2022)]
    assert outcome.is_whole, outcome.reason


@pytest.mark.parametrize(
    "more", ['<div class="pagination"></div>', "<div>共18条</div>", "<a-pagination></a-pagination>"]
)
@pytest.mark.parametrize("name", ["written", "literal", "state"])
def test_data_in_the_page_are_no_whole_list_if_the_page_marks_more(name: str, more: str) -> None:
    outcome = read(WHOLE[name] + more + "<script src='/js/a.js'></script>")
    assert len(outcome.entries) == 6
    assert not outcome.is_whole


def listed(some: list[Row]) -> str:
    return (
        "<ul>" + "".join(f'<li><a href="{url}">{title}</a><span>{on}</span></li>' for url, title, on in some) + "</ul>"
    )


RSS = "".join(
    f"<item><title>{title}</title><link>{url}</link><pubDate>{on}</pubDate></item>" for url, title, on in ROWS
)
XML = "".join(f"<doc><t>{title}</t><u>{url}</u><d>{on}</d></doc>" for url, title, on in ROWS)
UNIT_LINKS = "".join(
    f'<li><a href="/nb/u{n}.html">{unit}</a></li>' for n, unit in enumerate(("县教育局", "县财政局", "石门镇人民政府"))
)
#: Columns of several files: what stands at the column's own address comes first.
SITES: dict[str, dict[str, str]] = {
    "years-to-choose": {
        "": page(
            "<select onchange='location=this.value'><option value='/nb/a.html'>2040年</option>"
            f"<option value='/nb/b.html'>2035年</option></select>{listed(ROWS[:3])}"
        ),
        "/nb/a.html": page(listed(ROWS[:3])),
        "/nb/b.html": page(listed(ROWS[3:])),
    },
    "two-frames": {
        "": f'<title>{TITLE}</title><frameset cols="1,2"><frame src="/nb/menu.html"><frame src="/nb/l.html"></frameset>',
        "/nb/menu.html": page("<a href='/zn/'>指南</a>"),
        "/nb/l.html": page(listed(ROWS)),
    },
    "a-list-in-each-frame": {
        "": f'<title>{TITLE}</title><frameset cols="1,2"><frame src="/nb/k.html"><frame src="/nb/l.html"></frameset>',
        "/nb/k.html": page(listed(ROWS[:2])),
        "/nb/l.html": page(listed(ROWS[2:])),
    },
    "tree-of-units": {
        "": page(f"<ul class='tree'><li>政府部门<ul>{UNIT_LINKS}</ul></li></ul>"),
        **{f"/nb/u{n}.html": page(listed(ROWS[n::3])) for n in range(3)},
    },
    "data-in-a-script-file": {
        "": page("<ul id='l'></ul><script src='/nb/data.js'></script>"),
        "/nb/data.js": f"var list={RECORDS};draw(list);",
    },
    "called-with-data": {
        "": page("<ul id='l'></ul><script src='/nb/rows.do?callback=draw'></script>"),
        "/nb/rows.do": f'draw({{"total":6,"rows":{RECORDS}}})',
    },
    "markup-from-a-service": {
        "": page("<div id='l'></div><script>$('#l').load('/nb/inner.html')</script>"),
        "/nb/inner.html": listed(ROWS),
    },
    "xml-with-a-count": {"": f"<?xml version='1.0'?><list total='6'>{XML}</list>"},
}


def read_site(files: dict[str, str]) -> Outcome:
    def answer(request: NextRequest) -> PageBytes:
        path = "" if request.url == COLUMN else urlsplit(request.url).path
        body = files.get(path)
        return PageBytes(
            request.url, 404 if body is None else 200, HTML, (body or "<title>404</title>").encode(), request
        )

    return walk(answer)


@pytest.mark.parametrize("name", SITES)
def test_a_column_of_several_files_is_read_whole(name: str) -> None:
    outcome = read_site(SITES[name])
    assert {entry.title for entry in outcome.entries} == {title for _, title, _ in ROWS}, outcome.reason
    assert {entry.date for entry in outcome.entries} == {on for _, _, on in ROWS}
    assert outcome.is_whole, outcome.reason


@pytest.mark.parametrize(
    "odd",
    [
        "<dc:date>2021-01-20</dc:date>",
        "<a:b:c>x</a:b:c>",
        "<:x>1</:x>",
        "<media:content x:y='1'/>",
        "<pubDate>Thu, 01 Jan 99999999999 00:00:00 +0000</pubDate>",
        "<pubDate>Thu, 01 Jan 2020 99999999999:00:00</pubDate>",
        "<pubDate>Thu, 01 Jan 2020 00:00 +9999999999999</pubDate>",
    ],
)
def test_prefixes_that_nothing_declares_and_dates_beyond_calendars_cost_no_row(odd: str) -> None:
    items = "".join(f"<item><title>{title}</title><link>{url}</link>{odd}</item>" for url, title, _ in ROWS)
    outcome = read_site({"": f"<?xml version='1.0'?><rss version='2.0'><channel>{items}</channel></rss>"})
    assert {entry.title for entry in outcome.entries} == {title for _, title, _ in ROWS}


def test_a_feed_is_read_and_not_called_whole() -> None:
    outcome = read_site({"": f"<?xml version='1.0'?><rss version='2.0'><channel>{RSS}</channel></rss>"})
    assert [entry.title for entry in outcome.entries] == [title for _, title, _ in ROWS]
    assert not outcome.is_whole


def test_lists_that_are_not_there_prove_nothing() -> None:
    assert not read_site(
        {"": page("<ul><li><a href='/nb/2023/'>2023年</a></li><li><a href='/nb/2022/'>2022年</a></li></ul>")}
    ).is_whole


NOT_READ = {
    "by-data-id": each(lambda n, r: f"<li><a href='javascript:;' data-id='{n}'>{r[1]}</a></li>"),
    "forms": each(lambda n, r: f"<form action='{r[0]}'><input type='submit' value='{r[1]}'></form>"),
    "drawing": "<svg>" + each(lambda n, r: f"<a xlink:href='{r[0]}'><text>{r[1]}</text></a>") + "</svg>",
    "comment": "<ul><!--" + each(lambda n, r: f'<li><a href="{r[0]}">{r[1]}</a></li>') + "--></ul>",
}


@pytest.mark.parametrize("name", NOT_READ)
def test_what_cannot_be_read_is_not_called_whole(name: str) -> None:
    assert not read(NOT_READ[name]).is_whole


@pytest.mark.parametrize("wrapper", ["<div>{}</div>", "<p>{}</p>", "<table><tr><td>{}</td></tr></table>"])
def test_a_thousand_links_in_one_paragraph_cost_no_more_each_than_a_hundred(wrapper: str) -> None:
    def calls(count: int) -> int:
        shown = (
            f'<a href="/nb/{n}.html">示例县第{n}局2023年政府信息公开工作年度报告</a> 2024-01-{n % 28 + 1:02d}<br>'
            for n in range(count)
        )
        root = markup.parse(f"<html><body>{wrapper.format(''.join(shown))}</body></html>")
        assert root is not None
        watch = cProfile.Profile()
        found = watch.runcall(list_rows, root, COLUMN)
        assert [row.date for row in found] == [f"2024-01-{n % 28 + 1:02d}" for n in range(count)]
        return int(pstats.Stats(watch).total_calls)

    calls(1000)  # what is known of titles after that
    assert calls(1000) < 15 * calls(100)
