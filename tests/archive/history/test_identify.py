"""Whose report a page is, by what was read and what the list says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archive.history.identify import Identified, NotAReport, choose_name, identify
from archive.history.item import Item, ItemReading, Part
from archive.warc.context import Entry
from extract.model import Extraction
from extract.report.content import Content
from tests.archive.history.test_presence import DOCUMENT

ITEM = Item("/nowhere", Part("http://a.example/1.html", "sha256:AB", "s", 0))
READ = ItemReading(ITEM, Extraction("x", "text/html", year=2020), Content(None, None, ("a line",), ()))
NO_REPORT = replace(READ, extraction=Extraction("x", "text/html"))
UNREAD = replace(NO_REPORT, content=None, problem="x.pdf: damaged")
LISTED = Entry("http://a.example/1.html", "某局2019年政府信息公开工作年度报告")


def test_what_the_page_says_counts_before_the_list() -> None:
    assert identify(READ, LISTED, None, None) == Identified(2020, None)
    assert identify(READ, LISTED, DOCUMENT, 2020) == Identified(2020, "r")
    assert identify(READ, LISTED, DOCUMENT, 2019) == Identified(2020, None)


def test_a_page_that_cannot_be_read_is_what_the_list_says() -> None:
    assert identify(UNREAD, LISTED, None, None) == Identified(2019, None)
    picture = replace(LISTED, title="图解：" + LISTED.title)
    assert identify(UNREAD, picture, None, None) == NotAReport("unreadable", "x.pdf: damaged", None)
    assert identify(UNREAD, None, None, None) == NotAReport("unreadable", "x.pdf: damaged", None)


def test_a_page_that_says_something_else_is_no_report_whatever_the_list_says() -> None:
    assert identify(NO_REPORT, LISTED, None, None) == NotAReport("not-a-report", "not an annual report", None)


@pytest.mark.parametrize(("reading", "code"), [(NO_REPORT, "cannot-compare"), (UNREAD, "unreadable")])
def test_a_known_document_that_is_no_report_any_more_keeps_its_report(reading: ItemReading, code: str) -> None:
    found = identify(reading, LISTED, DOCUMENT, 2020)
    assert isinstance(found, NotAReport)
    assert (found.code, found.report) == (code, "r")


def test_a_scan_in_the_place_of_a_report_is_that_report() -> None:
    scan = replace(NO_REPORT, extraction=Extraction("x", "application/pdf"), content=Content(None, None, (), ()))
    assert identify(scan, LISTED, DOCUMENT, 2020) == Identified(2020, "r")
    page = replace(scan, extraction=Extraction("x", "text/html"))
    assert isinstance(identify(page, LISTED, DOCUMENT, 2020), NotAReport)  # an error page has no text either
    assert isinstance(identify(scan, None, None, None), NotAReport)


def test_a_known_name_counts_before_the_first() -> None:
    assert choose_name(["甲", "乙", "丙"], {"乙", "丙"}.__contains__) == "乙"
    assert choose_name(["甲", "乙"], set().__contains__) == "甲"
    assert choose_name([], set().__contains__) is None
