"""Further doors through which a title comes in: links of a list, in six templates; a page, in four; the names in a zip; the search."""

from __future__ import annotations

import io
import sqlite3
import zipfile
from html import escape

import pytest

from archive.index.search import index_text, match_query
from crawler.lists.rows import list_rows
from crawler.pages import markup
from extract.document.detect import HTML
from extract.lexicon.organs import same_organ
from extract.lexicon.titles import file_rank, judge_title
from extract.readers import read_document
from extract.report.identity import identify, own_lines
from tests.agreement.cases import Made, made_titles

MADE = made_titles()
COLUMN = "http://www.a.example/col/col1/index.html"
LISTS = {
    "plain": '<li><a href="art/2021/1/20/art_{place}_1.html">{title}</a><span>2021-01-20</span></li>',
    "cut": '<li><a href="art/2021/1/20/art_{place}_1.html" title="{title}">{cut}...</a><span>2021-01-20</span></li>',
    "table": '<tr><td>{place}</td><td><a href="t20210120_{place}.html"><b>{cut}</b>{rest}</a></td><td>[2021-01-20]</td></tr>',
    "date within": '<li><a href="art/2021/1/20/art_{place}_1.html"><i></i>{title}<span>2021-01-20</span></a></li>',
    "opened by script": "<li onclick=\"window.open('/art/2021/1/20/art_{place}_1.html')\">{title}</li>",
    "heading": '<div class="item"><h4><a href="./202101/t20210120_{place}.shtml">{title}</a></h4><p>2021-01-20</p></div>',
}
BODY = (
    "<p>全文包括总体情况、主动公开、依申请公开等。</p><p>一、总体情况</p><p>公开信息12条。没有收到申请。</p><p>二、主动公开政府信息情况</p><p>略。</p>"
    "<p>三、收到和处理政府信息公开申请情况</p><p>略。</p><p>四、政府信息公开行政复议、行政诉讼情况</p><p>略。</p>"
)
PAGES = {
    "heading": '<title>{title}</title></head><body><h1>{title}</h1><div class="TRS_Editor">',
    "head with site": "<title>{title}_政府信息公开年报_政务公开</title></head><body><div class='TRS_Editor'>",
    "declared": '<title>政务公开</title><meta name="ArticleTitle" content="{title}"></head><body><div class="TRS_Editor">',
    "printed": '<title>政务公开</title></head><body><div class="TRS_Editor"><p align="center"><b>{title}</b></p>',
}


@pytest.mark.parametrize("name", LISTS)
def test_the_links_of_a_list(name: str) -> None:
    for start in range(0, 1000, 250):
        some = MADE[start : start + 250]
        rows = "".join(
            LISTS[name].format(
                place=place, title=escape(one.title), cut=escape(one.title[:14]), rest=escape(one.title[14:])
            )
            for place, one in enumerate(some)
        )
        root = markup.parse(
            f'<html><body><div class="nav"><a href="/">首页</a></div><table>{rows}</table></body></html>'
        )
        assert root is not None
        assert [judge_title(row.title) for row in list_rows(root, COLUMN)] == [judge_title(one.title) for one in some]


@pytest.mark.parametrize("name", PAGES)
def test_the_title_of_a_page(name: str) -> None:
    wrong = []
    for made in MADE[::40]:
        page = f"<html><head>{PAGES[name].format(title=escape(made.title))}{BODY}</div></body></html>"
        document = read_document(page.encode(), hint=HTML)
        found = identify(document, own_lines(document))
        if not (found.is_report and found.year == made.year and same_organ(found.agency or "", made.organ)):
            wrong.append((made.title, found.title, found.year, found.agency, found.reason))
    assert wrong == []


def test_the_name_of_a_file() -> None:
    shown = {
        made.title: file_rank(f"附件/{made.title.removesuffix('.pdf').removesuffix('.docx')}.pdf") for made in MADE
    }
    assert [made.title for made in MADE if (shown[made.title] == 0) is not made.is_plain] == []


def test_a_report_in_a_zip_comes_first() -> None:
    for made in (one for one in MADE[::250] if one.is_plain):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr(f"{made.year}年政府信息公开指南.txt", "指南".encode() * 99)
            archive.writestr(f"{_file_name(made)}.txt", "一、总体情况".encode())
        assert read_document(out.getvalue()).blocks[0].where.startswith(_file_name(made))


def _file_name(made: Made) -> str:
    return made.title.replace("/", "_").removesuffix(".pdf").removesuffix(".docx")


def test_the_search_finds_a_title_by_its_organ_and_its_words() -> None:
    with sqlite3.connect(":memory:") as db:
        db.execute("CREATE VIRTUAL TABLE found USING fts5 (text)")
        db.executemany("INSERT INTO found (text) VALUES (?)", [(index_text(made.title),) for made in MADE])
        for organ in sorted({made.organ for made in MADE}):
            query = match_query(f"{organ} 公开")
            numbers = [number for (number,) in db.execute("SELECT rowid FROM found WHERE found MATCH ?", (query,))]
            assert numbers == [
                number for number, made in enumerate(MADE, 1) if made.organ in made.title and organ in made.title
            ]
