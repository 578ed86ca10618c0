"""A page that shows a report is a column only where it stands in place of a list."""

from __future__ import annotations

from archive.warc.context import Entry
from crawler.discovery.trial import FoundColumn, without_rows

BASE = "http://www.shili.gov.cn"
REPORT = "示例县水利局2022年政府信息公开工作年度报告"


def column(path: str, *, label: str = "查看", unit: str = "", rows: tuple[str, ...] = ()) -> FoundColumn:
    """A column that lists pages, or one that shows a report itself."""
    named = tuple(Entry(f"{BASE}{row}", REPORT) for row in rows or (path,))
    return FoundColumn(f"{BASE}{path}", "static", label, unit, "", named, is_report=not rows)


def kept(*columns: FoundColumn) -> list[str]:
    return [one.url.removeprefix(BASE) for one in without_rows(columns)]


def test_rows_of_a_list_are_no_columns() -> None:
    assert kept(column("/gk/list.jsp?cat=1", rows=("/gk/28000.htm", "/x/a.htm")), column("/gk/28000.htm")) == [
        "/gk/list.jsp?cat=1"
    ]


def test_pages_that_differ_by_a_number_are_rows_of_a_list_that_was_not_read() -> None:
    assert kept(column("/gk/list.htm", rows=("/y/1.htm",)), column("/gk/1.htm"), column("/gk/2.htm")) == [
        "/gk/list.htm"
    ]


def test_a_report_s_title_leads_to_a_report() -> None:
    assert kept(column("/list/", rows=("/y/1.htm",)), column("/gk/a.htm", label=REPORT)) == ["/list/"]


def test_units_that_show_their_only_report_keep_their_columns() -> None:
    units = [
        column(f"/bm/{number}/nb.htm", unit=unit, label="年报") for number, unit in enumerate(("水利局", "教育局"))
    ]
    assert kept(*units) == ["/bm/0/nb.htm", "/bm/1/nb.htm"]


def test_the_only_report_of_a_site_stays() -> None:
    assert kept(column("/nb/1.htm", label=REPORT)) == ["/nb/1.htm"]
