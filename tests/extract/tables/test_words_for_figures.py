"""Words in the place of a figure: the cell is named as unread, and no figure beside it is lost or wrong."""

from __future__ import annotations

import pytest

from extract.tables import TablesResult, read_tables
from tests.extract.table_documents import by_address, grid_document, read_lines

WORDED = [
    "约84",
    "84余",
    "近84件",
    "八十四",
    "84件左右",
    "84以上",
    "84或85",
    "详见附件",
    "暂无",
    "数据待统计",
    "同比84",
]
CHANGES = ["增加84", "+84", "减84"]
LABEL = "一、本年新收政府信息公开申请数量"
HEADS = ["", "自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]
OUTCOMES = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]


def both(rows: list[list[str]]) -> list[TablesResult]:
    """The same table as a grid and as rows of tabs."""
    shown: list[list[str | None]] = [list(row) for row in rows]
    return [read_tables(grid_document(shown)), read_lines("\n".join("\t".join(row) for row in rows))]


def expect_flagged_alone(result: TablesResult, at: tuple[str, str, str], cell: str, others: dict[str, int]) -> None:
    figures = by_address(result)
    assert figures[at].confidence < 0.9
    assert figures[at].raw == cell
    assert any(repr(cell) in warning for warning in result.warnings), result.warnings
    for column, value in others.items():
        figure = figures[at[0], at[1], column]
        assert (figure.value, figure.confidence >= 0.9) == (value, True), (figure, result.warnings)


@pytest.mark.parametrize("cell", [*WORDED, *CHANGES])
def test_words_for_the_one_figure_of_a_row(cell: str) -> None:
    rows = [["信息内容", "本年处理决定数量"], ["行政许可", cell], ["行政处罚", "65"]]
    for result in both(rows):
        expect_flagged_alone(result, ("disclosure", "licensing", "decisions"), cell, {})


@pytest.mark.parametrize("cell", [*WORDED, *CHANGES])
@pytest.mark.parametrize("place", [1, 3, 7])
def test_words_for_a_figure_of_an_applicant(cell: str, place: int) -> None:
    row = [LABEL, "29", "2", "0", "0", "1", "1", "33"]
    codes = ["", "natural_person", "business", "research", "welfare", "legal_service", "other_org", "total"]
    row[place] = cell
    below = ["二、上年结转政府信息公开申请数量", "1", "0", "0", "0", "0", "0", "1"]
    others = {codes[k]: int(row[k]) for k in range(1, 8) if k != place}
    for result in both([HEADS, row, below]):
        expect_flagged_alone(result, ("applications", "received", codes[place]), cell, others)


@pytest.mark.parametrize("cell", [*WORDED, *CHANGES])
def test_words_for_the_first_figure_of_a_row_without_a_label(cell: str) -> None:
    rows = [OUTCOMES * 3, [cell, *"2118321172114"]]
    rows[1] = [cell, "2", "2", "1", "8", "3", "2", "1", "1", "7", "2", "1", "1", "0", "4"]
    heads = ["行政复议", "", "", "", "", "行政诉讼", *[""] * 9]
    routes = [*[""] * 5, "未经复议直接起诉", *[""] * 4, "复议后起诉", *[""] * 4]
    result = read_tables(grid_document([heads, routes, *rows]))
    expect_flagged_alone(result, ("challenges", "reconsideration", "upheld"), cell, {"corrected": 2})


def test_a_change_is_a_figure_where_the_form_asks_for_one() -> None:
    rows = [
        ["信息内容", "上一年项目数量", "本年增/减", "处理决定数量"],
        ["行政许可", "12", "减少2项", "40"],
        ["其他对外管理服务事项", "3", "+1", "7"],
    ]
    for result in both(rows):
        figures = by_address(result)
        change = figures["disclosure", "licensing", "items_change"]
        assert (change.value, change.confidence >= 0.9) == (-2, True)


def test_a_unit_or_the_rest_of_a_label_is_no_figure() -> None:
    rows = [
        ["项目", "单位", *HEADS[1:]],
        [LABEL, "件", "29", "2", "0", "0", "1", "1", "33"],
        ["二、上年结转政府信息公开申请数量", "件", "1", "0", "0", "0", "0", "0", "1"],
    ]
    for result in both(rows):
        figure = by_address(result)["applications", "received", "natural_person"]
        assert figure.value == 29 or figure.confidence < 0.9
        assert not any("can't be read" in warning for warning in result.warnings)
