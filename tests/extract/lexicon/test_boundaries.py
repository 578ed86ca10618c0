"""The lexicon's named numbers, each from both sides: what is just within it, and just beyond."""

from __future__ import annotations

from datetime import date

import pytest

from extract.lexicon.continued import continuations, is_continuation
from extract.lexicon.dates import cover_date
from extract.lexicon.furniture import is_information
from extract.lexicon.organs import may_be_short_for
from extract.lexicon.report_marks import has_report_marks
from extract.lexicon.titles import file_rank, is_report_title, is_template, judge_title

PAGE = "http://a.gov.cn/nb/t1.html"
TITLE = "2020年政府信息公开工作年度报告"


def test_an_article_has_thirty_pages_at_most() -> None:
    assert is_continuation("http://a.gov.cn/nb/t1_30.html", PAGE)
    assert not is_continuation("http://a.gov.cn/nb/t1_31.html", PAGE)
    assert is_continuation(f"{PAGE}?page=30", PAGE)
    assert not is_continuation(f"{PAGE}?page=31", PAGE)
    named = [(f"http://a.gov.cn/nb/t1_{number}.html", str(number)) for number in range(2, 31)]
    by_query = [(f"{PAGE}?page={number}", str(number)) for number in (2, 3)]
    assert continuations([*named, *by_query], PAGE) == [url for url, _ in (*named, *by_query)][:30]


def test_a_cover_has_eight_lines() -> None:
    lines = ["年度报告"] * 7
    assert cover_date([*lines, "2021年1月20日"]) == date(2021, 1, 20)
    assert cover_date([*lines, "", "2021年1月20日"]) is None


def test_a_line_of_date_and_source_stands_under_the_title() -> None:
    assert is_information("发布日期：2021-01-20 信息来源：财政局", 13)
    assert not is_information("发布日期：2021-01-20 信息来源：财政局", 14)
    assert is_information("[2021-01-20]", 3)
    assert not is_information("[2021-01-20]", 4)


def test_a_short_name_has_three_signs() -> None:
    assert may_be_short_for("发改局", "宁远县发展和改革局")
    assert not may_be_short_for("发局", "宁远县发展和改革局")


def test_a_page_that_holds_a_report_has_two_marks_of_one() -> None:
    marks = ["主动公开政府信息情况", "收到和处理政府信息公开申请情况", "政府信息公开行政复议、行政诉讼情况"]
    assert has_report_marks("".join(marks[:2]))
    assert not has_report_marks(marks[0])


@pytest.mark.parametrize(("filling", "fits"), [(90 - len(TITLE), True), (91 - len(TITLE), False)])
def test_a_heading_has_ninety_signs(filling: int, fits: bool) -> None:
    assert is_report_title("示" * filling + TITLE) is fits


@pytest.mark.parametrize(("filling", "fits"), [(70 - len(TITLE) - 2, True), (71 - len(TITLE) - 2, False)])
def test_the_title_of_an_empty_form_has_seventy(filling: int, fits: bool) -> None:
    assert is_template("示" * filling + TITLE + "模板") is fits


@pytest.mark.parametrize(
    ("title", "is_bare"), [("(2020年度)", True), ("2020年度汇总", True), ("2020年度汇总表", False)]
)
def test_a_title_that_is_a_year_has_eight_signs(title: str, is_bare: bool) -> None:
    assert judge_title(title).is_bare is is_bare


def test_the_shortest_organ_in_front_of_a_clause() -> None:
    assert judge_title("财政局扎实开展2020年政府信息公开年报").agency is None
    assert judge_title("青川县完成2020年政府信息公开年报").agency is None
    assert judge_title("青川县某中学2020年政府信息公开年报").agency == "青川县某中学"
    assert (
        judge_title("人行示例某中学2020年政府信息公开年报").agency == "人行示例某中学"
    )  # 人行 is no organ in front of it


@pytest.mark.parametrize(
    ("name", "rank"), [(f"{TITLE}.pdf", 0), ("年报.pdf", 1), ("附表.pdf", 2), ("政府信息公开指南.pdf", 3)]
)
def test_ranks_of_files(name: str, rank: int) -> None:
    assert file_rank(name) == rank
    assert file_rank(f"{TITLE}/{name}") == (0 if rank == 2 else rank)
