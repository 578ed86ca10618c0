"""Defects that portals written from the field guide alone have shown, each with the smallest portal that shows it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from archive.clock import clock_at
from archive.duties.obligations import obligations
from archive.files.folder import Archive
from archive.history.deltas import make_again
from archive.history.scan import segment_records, visit_lines
from archive.index.database import open_index
from archive.verify.run import VerifyOptions, verify
from archive.warc import manifest
from archive.warc.visit_log import VisitLine
from crawler.families import open_walk
from crawler.harvest.run import HarvestSummary, harvest
from crawler.pages.classify import EMPTY, OK, classify
from crawler.pages.exchange import NextRequest, PageBytes
from crawler.portals.definitions import parse_definition
from extract.model import Limits, Line
from extract.readers import read_document
from tests.crawler.sites import Asked, Page, Site, listing, report, serve_site

EPOINT = (
    "<html><head><script src='/js/webBuilderCommon.js'></script></head><body><div id='info_spnContent'></div>"
    "<script>var siteInfo = {'siteGuid':'7eb5','projectName':'/web'};$.post('/web/rest/gov/getGovInfoDetail')</script></body></html>"
)


@pytest.fixture
def site() -> Iterator[Site]:
    with serve_site() as served:
        yield served


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.create(tmp_path / "archive")


def run(
    archive: Archive, site: Site, *, full: bool = False, start: bool = True, more: str = "", days: int = 0
) -> HarvestSummary:
    """A pass now, or so many days later: what is gone is shown by two looks a good part of a day apart."""
    portal = parse_definition(site.definition(start=start, more=more))
    clock = clock_at(datetime.now(UTC) + timedelta(days=days) if days else None)
    return harvest(archive, [portal], clock=clock, full=full)


def test_small_shell_of_a_known_system_is_no_empty_page() -> None:
    body = EPOINT.encode()
    shown = "http://a.gov.cn/zwgk/showinfo.html?infoGuid=0f-1"
    assert len(body) < 512
    assert classify(200, (), body, shown, shown).verdict == OK
    assert classify(200, (), body, "http://a.gov.cn/zwgk/x.html", "http://a.gov.cn/zwgk/x.html").verdict == EMPTY


def test_text_of_a_shell_is_asked_for_at_every_look_and_as_it_is_asked_for(site: Site, archive: Archive) -> None:
    titles = {f"guid-{number}": f"示例区第{number}局2020年政府信息公开工作年度报告" for number in range(3)}
    texts = {guid: report(title, number) for number, (guid, title) in enumerate(titles.items())}

    def detail(_: Site, asked: Asked) -> Page:
        if asked.method != "POST":
            return Page("not this way", 500)
        guid = asked.headers["referer"].rpartition("=")[2]
        body = texts[guid].partition("<div class='TRS_Editor'>")[2].partition("</div>")[0]
        data = {"title": titles[guid], "infotype": "html", "infocontent": body, "pdflist": []}
        return Page(
            json.dumps({"custom": {"status": "true", "data": data}}), headers={"Content-Type": "application/json"}
        )

    rows = []
    for guid, title in titles.items():
        site.pages[f"/zwgk/showinfo.html?infoGuid={guid}"] = Page(EPOINT)
        rows.append((f"/zwgk/showinfo.html?infoGuid={guid}", title, "2021-01-20"))
    site.pages["/nb/"] = Page(listing(rows))
    site.pages["/web/rest/gov/getGovInfoDetail"] = detail

    assert run(archive, site).changes == {"published": 3}
    assert run(archive, site, full=True).changes == {}
    texts["guid-1"] = texts["guid-1"].replace("<p>无</p>", "<p>本年共收到申请四件。</p>")
    assert run(archive, site, full=True).changes == {"revised": 1}
    assert {asked.method for asked in site.requests("/web/rest/gov/getGovInfoDetail")} == {"POST"}


def test_shell_whose_text_is_not_there_is_gone_while_others_have_theirs(site: Site, archive: Archive) -> None:
    titles = {f"guid-{number}": f"示例区第{number}局2020年政府信息公开工作年度报告" for number in range(3)}
    withdrawn: set[str] = set()

    def detail(_: Site, asked: Asked) -> Page:
        guid = asked.headers["referer"].rpartition("=")[2]
        if guid in withdrawn:
            return Page('{"custom":{"status":"false","data":{},"text":"信息不存在"}}')
        body = report(titles[guid], 1).partition("<div class='TRS_Editor'>")[2].partition("</div>")[0]
        data = {"title": titles[guid], "infotype": "html", "infocontent": body, "pdflist": []}
        return Page(json.dumps({"custom": {"status": "true", "data": data}}))

    site.pages |= {f"/zwgk/showinfo.html?infoGuid={guid}": Page(EPOINT) for guid in titles}
    site.pages["/nb/"] = Page(
        listing([(f"/zwgk/showinfo.html?infoGuid={guid}", title, "2021-01-20") for guid, title in titles.items()])
    )
    site.pages["/web/rest/gov/getGovInfoDetail"] = detail
    assert run(archive, site).changes == {"published": 3}
    withdrawn.update(titles)  # a service that fails for everybody says nothing of any report
    assert run(archive, site, full=True).changes == {}
    assert run(archive, site, full=True).changes == {}
    withdrawn.remove("guid-0")
    withdrawn.remove("guid-1")
    assert run(archive, site, full=True).portals[0].reports["gone"] == 1
    assert run(archive, site, full=True, days=1).changes == {"vanished": 1}
    withdrawn.clear()
    assert run(archive, site, full=True, days=2).changes == {"restored": 1}


def test_page_that_differs_in_noise_only_is_not_stored_again(site: Site, archive: Archive) -> None:
    site.list_reports(3)
    edits = {"/nb/202101/t20210120_1001.html": ("", "")}
    texts = {path: page.body for path, page in site.pages.items() if isinstance(page, Page) and "/t2021" in path}
    served: dict[str, list[str]] = {path: [] for path in texts}

    def noisy(_: Site, asked: Asked) -> Page:
        text = str(texts[asked.path]).replace(*edits.get(asked.path, ("", "")))
        hits = len(site.requests())
        noise = f"<div>浏览次数：<span id='hits'>{hits}</span></div><a href='/news/{hits}.html'>下一篇：工作动态</a>"
        served[asked.path].append(text.replace("</h1>", f"</h1>{noise}"))
        return Page(served[asked.path][-1])

    def stored() -> list[str]:
        entries = manifest.entries(archive)
        found = [record for entry in entries for record in segment_records(archive, entry.segment)]
        return [str(record.uri) for record in found if record.type == "response" and "/t2021" in str(record.uri)]

    site.pages |= dict.fromkeys(texts, noisy)
    assert run(archive, site).changes == {"published": 3}
    second = run(archive, site, full=True)
    assert second.changes == {}
    assert second.portals[0].reports == {"same": 3}
    assert len(stored()) == 3
    assert verify(archive, VerifyOptions(deep=True)).is_whole
    db = open_index(archive)
    try:  # what came the second time is not lost: its line makes it again, to the byte
        lines = [
            line
            for line in visit_lines(db, archive, second.run)
            if isinstance(line, VisitLine) and line.role == "report"
        ]
        made = {urlsplit(line.url).path: make_again(archive, db, line.delta) for line in lines if line.delta}
    finally:
        db.close()
    assert made == {path: sent[-1].encode() for path, sent in served.items()}
    edits["/nb/202101/t20210120_1001.html"] = ("<p>无</p>", "<p>本年共收到申请四件。</p>")
    assert run(archive, site, full=True).changes == {"revised": 1}
    assert len(stored()) == 4
    edits["/nb/202101/t20210120_1001.html"] = ("<p>无</p>", "<p>本年共收到申请四件。</p><a href='x.pdf'>附件</a>")
    site.pages["/nb/202101/x.pdf"] = Page(b"%PDF-1.4 nothing")
    run(archive, site, full=True)
    assert len(stored()) == 5


HOME = "<html><head><title>示例区人民政府</title></head><body><p>示例区人民政府门户网站，今日要闻，领导之窗。</p></body></html>"


@pytest.mark.parametrize("front", ["/", "/nb/"])
def test_report_withdrawn_in_favour_of_a_front_page_vanishes_and_its_neighbours_are_looked_at(
    site: Site, archive: Archive, front: str
) -> None:
    site.list_reports(4)
    site.pages["/"] = Page(HOME)
    assert run(archive, site).changes == {"published": 4}
    for number in (0, 1):
        site.pages[f"/nb/202101/t20210120_{1000 + number}.html"] = site.pages[front]
    first, second = run(archive, site, full=True), run(archive, site, full=True, days=1)
    assert first.is_ok, first.portals[0].reason
    assert first.portals[0].reports == {"gone": 2, "same": 2}
    assert second.changes == {"vanished": 2}


def test_only_report_withdrawn_in_favour_of_the_home_page_vanishes_while_its_list_answers(
    site: Site, archive: Archive
) -> None:
    site.list_reports(1)
    site.pages["/"] = Page(HOME)
    assert run(archive, site).changes == {"published": 1}
    site.pages["/nb/202101/t20210120_1000.html"] = Page(HOME)
    first, second = run(archive, site, full=True), run(archive, site, full=True, days=1)
    assert (first.is_ok, first.changes, second.changes) == (True, {}, {"vanished": 1})


def test_front_page_for_the_only_report_and_its_list_is_throttling(site: Site, archive: Archive) -> None:
    site.list_reports(1)
    site.pages["/"] = Page(HOME)
    assert run(archive, site).changes == {"published": 1}
    site.pages |= {path: Page(HOME) for path in ("/nb/", "/nb/202101/t20210120_1000.html")}
    for _ in range(2):
        summary = run(archive, site, full=True)
        assert (summary.is_ok, summary.changes) == (False, {})


def test_front_page_in_place_of_files_costs_no_report_that_is_there(site: Site, archive: Archive) -> None:
    site.list_reports(3)
    site.pages["/"] = Page(HOME)
    path, title = "/nb/202101/t20210120_1001.html", "示例区第1局2005年政府信息公开工作年度报告"
    site.pages[path] = Page(report(title, 1, links="<a href='./P020210120000000000001.pdf'>附件</a>"))
    site.pages |= {f"/nb/202101/P02021012000000000000{n}.pdf": Page(HOME) for n in (1, 2)}
    direct = ("/nb/202101/P020210120000000000002.pdf", "示例区2020年政府信息公开工作年度报告", "2021-01-20")
    listed = site.pages["/nb/"]
    assert isinstance(listed, Page)
    assert isinstance(listed.body, str)
    row = listing([direct]).partition('<ul class="newsList">')[2].partition("</ul>")[0]
    site.pages["/nb/"] = Page(listed.body.replace('<ul class="newsList">', f'<ul class="newsList">{row}'))
    summary = run(archive, site)
    assert summary.changes == {"published": 3}
    assert summary.portals[0].reports == {"gone": 1, "new": 3}
    assert summary.portals[0].attachments == {"gone": 1}


def test_front_page_for_everybody_is_throttling_and_says_nothing(site: Site, archive: Archive) -> None:
    site.list_reports(4)
    site.pages["/"] = Page(HOME)
    assert run(archive, site).changes == {"published": 4}
    site.pages |= {f"/nb/202101/t20210120_{1000 + number}.html": Page(HOME) for number in range(4)}
    for _ in range(2):
        site.forget()
        summary = run(archive, site, full=True)
        assert not summary.changes
        assert "throttled" in summary.portals[0].reason
        assert len([path for path in site.paths() if "/t2021" in path]) == 2  # one, and a neighbour after the pause


@pytest.mark.parametrize(("announced", "complete"), [(5, True), (130, False)])
def test_second_page_of_gkmlpt_that_is_missing_ends_a_list_whose_first_has_room_for_all(
    announced: int, complete: bool
) -> None:
    column = "http://a.gov.cn/gkmlpt/annualreport#9"
    tree = json.dumps([{"id": 9, "name": "政府信息公开年报", "parent": 0, "post_count": announced, "children": []}])
    articles = [
        {
            "id": n,
            "title": f"示例市第{n}局2023年政府信息公开工作年度报告",
            "url": f"http://a.gov.cn/gkmlpt/content/0/1/post_{n}.html",
        }
        for n in (1001, 1002, 1003)
    ]
    rows = json.dumps({"classify": {"id": 9, "post_count": announced}, "total": announced, "articles": articles})
    answers = {"annualreport": f"<script>window._CONFIG = {{ SID: '755019', TREE: {tree} }};</script>", "page=1&": rows}
    walk = open_walk("auto", column)
    queue: list[NextRequest] = [walk.start()]
    count = 0
    while queue:
        request = queue.pop(0)
        body = next((body for key, body in answers.items() if key in request.url), None)
        step = walk.feed(PageBytes(request.url, 200 if body else 404, (), (body or "<h1>404</h1>").encode(), request))
        count += len(step.entries)
        queue += step.next
    assert count == 3
    assert step.finished
    assert step.complete is complete, step.reason


@pytest.mark.parametrize(
    "home",
    [
        "<html><script>location.href='/index.shtml'</script></html>",
        "<html><head><meta http-equiv='refresh' content='0;url=/index.shtml'></head></html>",
    ],
)
def test_home_page_that_jumps_to_its_own_index_is_followed(site: Site, archive: Archive, home: str) -> None:
    site.list_reports(2)
    site.pages["/"] = Page(home)
    menu = "<a href='/zwgk/'>政务公开</a><ul><li><a href='/zwgk/index.html'>政府信息公开</a></li></ul>"
    site.pages["/index.shtml"] = Page(f"<html><head><title>示例区人民政府</title></head><body>{menu}</body></html>")
    site.pages["/zwgk/index.html"] = Page("<html><body><a href='/nb/'>政府信息公开年报</a></body></html>")
    summary = run(archive, site, start=False)
    assert summary.is_ok, summary.portals[0].reason
    assert summary.changes == {"published": 2}


@pytest.mark.parametrize("is_known_first", [True, False])
def test_correction_beside_a_report_does_not_make_it_late(site: Site, archive: Archive, is_known_first: bool) -> None:
    title = "示例区财政局2020年政府信息公开工作年度报告"
    rows = [("/nb/202101/t20210120_1.html", title, "2021-01-20")]
    corrected = ("/nb/202106/t20210601_2.html", title + "（更正）", "2021-06-01")
    site.pages[rows[0][0]] = Page(report(title, 1))
    site.pages[corrected[0]] = Page(report(corrected[1], 2).replace("2021-01-20", "2021-06-01"))
    site.pages["/nb/"] = Page(listing(rows if is_known_first else [corrected, *rows]))
    more = '\n[[agency]]\nname = "示例区财政局"\nkind = "department"\nsince = 2020\nuntil = 2020\n'
    run(archive, site, more=more)
    if is_known_first:
        site.pages["/nb/"] = Page(listing([corrected, *rows]))
        assert run(archive, site, more=more).changes == {"revised": 1}
    db = open_index(archive)
    try:
        (found,) = obligations(db, date(2026, 1, 1), 2020)
    finally:
        db.close()
    assert (found.status, found.published_on, found.days_late) == ("published", date(2021, 1, 20), None)


def test_title_that_fills_its_line_is_no_part_of_the_text_below_it() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(595, 842))
    title = "示例市卫生健康委员会2023年政府信息公开工作年度报告"
    text = "本报告根据《中华人民共和国政府信息公开条例》要求编制，所列数据的统计期限自一月一日起至十二月三十一日止。"
    canvas.setFont("STSong-Light", 18)
    canvas.drawString(60, 760, title)
    canvas.setFont("STSong-Light", 10)
    for number in range(4):
        canvas.drawString(60, 730 - 16 * number, text[:47])
    canvas.save()
    document = read_document(stream.getvalue(), limits=Limits())
    lines = [block.text for block in document.blocks if isinstance(block, Line)]
    assert lines[0] == title
    assert lines[1].startswith("本报告根据")
