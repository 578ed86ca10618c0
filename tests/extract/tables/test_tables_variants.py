"""What portals print: mixtures of forms, units, copies, tables that can't be read, and tables that aren't there."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from bench.accuracy import html, layout, text
from bench.accuracy.truth import Report, Style, make_report
from extract.model import Cell, Document, Grid, Limits, Line, State
from extract.tables import TablesResult, read_tables
from extract.web.html import read as read_html
from tests.extract.table_documents import SEEDS, by_address, grid_document, read_lines

APPLICANTS = ["自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]
OUTCOMES = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]


def read_report(report: Report, shape: layout.Shape | None = None) -> TablesResult:
    sheets = layout.sheets_of(report, shape or layout.Shape(), 0)
    return read_tables(read_html(html.render(sheets, "clean", 0), Limits()))


def unsure(result: TablesResult) -> list[str]:
    return [figure.address for figure in result.figures if figure.confidence < 0.9]


def test_report_of_2021_with_one_row_of_other_dispositions() -> None:
    report = make_report(3, "2021", Style(), single_other=True)
    result = read_report(report)
    assert result.form == "2021"
    assert result.coverage["applications"] == (161, 161)
    assert ("applications", "other", "total") in by_address(result)
    assert unsure(result) == []


def test_three_rows_of_other_dispositions_keep_their_codes() -> None:
    result = read_report(make_report(4, "2021", Style()))
    rows = {figure.row for figure in result.figures if figure.table == "applications"}
    assert {"other_not_corrected", "other_fee_unpaid", "other_other"} <= rows
    assert "other" not in rows


def test_form_is_told_by_the_header_and_not_by_the_year() -> None:
    sheets = layout.sheets_of(make_report(5, "2019", Style()), layout.Shape(), 0)
    page = html.render(sheets, "clean", 0).decode().replace("2020年", "2023年")
    assert read_tables(read_html(page.encode(), Limits())).form == "2019"


def test_free_form_report_has_no_form_and_no_figures() -> None:
    result = read_lines("某局2015年政府信息公开年度报告\n全年主动公开信息120条，受理申请3件。\n行政许可 12\n")
    assert (result.form, result.figures, result.coverage, result.warnings) == (None, (), {}, ())


@pytest.mark.parametrize(
    ("header", "cell", "value"),
    [
        ("采购总金额", "251000元", 251000),
        ("采购总金额", "6520000", 6520000),
        ("采购总金额（单位：万元）", "12.5", 125000),
        ("采购总金额（万元）", "12.5万元", 125000),
        ("采购总金额（单位：万元）", "251000元", 251000),
        ("采购总金额（单位：亿元）", "0.3", 30000000),
    ],
)
def test_amounts_are_in_yuan(header: str, cell: str, value: int) -> None:
    result = read_tables(grid_document([["信息内容", "采购项目数量", header], ["政府集中采购", "6", cell]]))
    figure = by_address(result)["disclosure", "procurement", "amount"]
    assert (figure.value, figure.raw) == (Decimal(value), cell)
    assert figure.confidence >= 0.9


def test_amount_of_2021_without_any_unit_is_in_doubt() -> None:
    result = read_tables(grid_document([["信息内容", "本年收费金额"], ["行政事业性收费", "96171.6"]]))
    assert by_address(result)["disclosure", "fees", "amount"].confidence < 0.9
    assert any("no unit" in warning for warning in result.warnings)


def test_signs_and_thousands() -> None:
    table = [["信息内容", "上一年项目数量", "本年增/减", "处理决定数量"], ["行政许可", "1,820", "+1036", "１２"]]
    figures = by_address(read_tables(grid_document(table)))
    values = {column: figures["disclosure", "licensing", column].value for _, _, column in figures}
    assert values == {"prior_items": 1820, "items_change": 1036, "decisions": 12}


def test_columns_follow_the_header_and_not_the_form() -> None:
    table = [["信息内容", "对外公开总数量", "本年新制作数量", "本年新公开数量"], ["规章", "524", "13", "12"]]
    figures = by_address(read_tables(grid_document(table)))
    assert figures["disclosure", "rules", "total_public"].value == 524
    assert figures["disclosure", "rules", "made"].value == 13
    assert figures["disclosure", "rules", "published"].confidence >= 0.9


def test_labels_of_another_table_bind_nothing() -> None:
    table = [["事项", "办件量", "满意率"], ["行政许可", "1200", "99"], ["行政处罚", "30", "100"]]
    assert read_tables(grid_document(table)).figures == ()


def test_copies_that_agree_count_once() -> None:
    sheets = layout.sheets_of(make_report(6, "2019", Style()), layout.Shape(), 0)
    result = read_tables(read_html(html.render(sheets, "two-copies", 0), Limits()))
    assert len(result.figures) == len(by_address(result)) == 198
    assert unsure(result) == []


def test_copies_that_differ_are_flagged() -> None:
    table = [["信息内容", "采购项目数量", "采购总金额"], ["政府集中采购", "6", "6520000"]]
    other = [["信息内容", "采购项目数量", "采购总金额"], ["政府集中采购", "8", "6520000"]]
    result = read_tables(grid_document(table, other))
    assert unsure(result) == ["disclosure.procurement.projects"]
    assert any("copies print '6' and '8'" in warning for warning in result.warnings)


def test_subtotal_is_no_figure() -> None:
    result = read_report(make_report(7, "2019", Style()), layout.Shape(subtotal=True))
    assert {figure.column for figure in result.figures if figure.table == "applications"} == {
        "natural_person",
        "business",
        "research",
        "welfare",
        "legal_service",
        "other_org",
        "total",
    }
    assert unsure(result) == []


def test_wrong_total_of_the_source_stays_certain() -> None:
    report = make_report(8, "2019", Style(), wrong_total=True)
    result = read_report(report)
    assert unsure(result) == []
    assert {address: figure.value for address, figure in by_address(result).items()} == report.values


def test_wrong_total_in_lines_with_one_cell_each_is_still_relied_on() -> None:
    seed = (SEEDS / "ouhai-2020.txt").read_text(encoding="utf-8")
    figures = by_address(read_lines(seed.replace("\n274\n", "\n275\n", 1)))
    assert figures["applications", "granted", "total"].value == 275
    assert figures["applications", "granted", "total"].confidence >= 0.9


def test_short_row_is_flagged_and_its_neighbours_are_not() -> None:
    sheets = layout.sheets_of(make_report(9, "2019", Style()), layout.Shape(), 0)
    rows = [list(row) for row in sheets[1].rows]
    del rows[3][-2]
    damaged = [sheets[0], layout.Sheet(tuple(map(tuple, rows)), "applications"), *sheets[2:]]
    result = read_tables(read_html(html.render(damaged, "clean", 0), Limits()))
    assert {address.split(".")[1] for address in unsure(result)} == {"received"}
    assert any(warning.startswith("applications: received: 6 cells for 7 columns") for warning in result.warnings)


def test_unreadable_digit_is_unread_and_not_zero() -> None:
    table = [["信息内容", "采购项目数量", "采购总金额"], ["政府集中采购", "2?", "251000"]]
    figure = by_address(read_tables(grid_document(table)))["disclosure", "procurement", "projects"]
    assert (figure.value, figure.state, figure.raw) == (None, State.UNREAD, "2?")
    assert figure.confidence < 0.9


def test_ink_that_was_not_read_is_no_blank() -> None:
    header = tuple(Cell(text, "") for text in ("信息内容", "采购项目数量", "采购总金额"))
    row = (Cell("政府集中采购", ""), Cell("", "box", unread=True), Cell("251000", ""))
    result = read_tables(Document("image/png", (Grid((header, row), "table"),)))
    assert by_address(result)["disclosure", "procurement", "projects"].state is State.UNREAD
    assert result.coverage["disclosure"] == (1, 22)


def test_table_that_is_there_and_unreadable_is_said_so() -> None:
    result = read_tables(grid_document([["申请人情况", *APPLICANTS], ["□□□□", "■", "■", "■", "■", "■", "■", "■"]]))
    assert result.coverage == {"applications": (0, 161)}
    assert "applications: the document has this table, but it could not be read" in result.warnings


def test_table_that_is_not_there_has_no_coverage() -> None:
    report = make_report(10, "2019", Style())
    sheets = [sheet for sheet in layout.sheets_of(report, layout.Shape(), 0) if sheet.code != "challenges"]
    result = read_tables(read_html(html.render(sheets, "clean", 0), Limits()))
    assert "challenges" not in result.coverage
    assert "challenges: the document has no such table" in result.warnings


def test_lost_blanks_are_flagged() -> None:
    report = make_report(11, "2019", Style(zeros="blank"))
    lines = text.render(layout.sheets_of(report, layout.Shape(), 0), "cell-lines", 0)
    result = read_lines(lines.decode())
    figures = by_address(result)
    wrong = [a for a, value in report.values.items() if a in figures and figures[a].value != value]
    assert wrong
    assert all(figures[address].confidence < 0.9 for address in wrong)


def test_readings_of_one_file_that_differ_are_flagged() -> None:
    table = [["信息内容", "采购项目数量", "采购总金额"], ["政府集中采购", "6", "6520000"]]
    document = grid_document(table)
    other = grid_document([table[0], ["政府集中采购", "5", "6520000"]])
    result = read_tables(replace(document, alternatives=(other,)))
    assert unsure(result) == ["disclosure.procurement.projects"]
    assert by_address(result)["disclosure", "procurement", "amount"].confidence >= 0.9


def test_second_reading_fills_what_the_first_left_out() -> None:
    table = [["信息内容", "采购项目数量", "采购总金额"], ["政府集中采购", "6", "6520000"]]
    empty = Document("application/pdf", (Line("二、主动公开政府信息情况", "page 1"),))
    result = read_tables(replace(empty, alternatives=(grid_document(table),)))
    assert result.coverage["disclosure"] == (2, 22)


def test_row_cut_in_two_by_a_page_break() -> None:
    header = ["申请人情况", *APPLICANTS]
    before = [header, ["5.要求行政机关确认或重新出", "3", "0", "0", "0", "0", "1", "4"]]
    after: list[list[str | None]] = [["具已获取信息", "", "", "", "", "", "", ""]]
    figures = by_address(read_tables(grid_document(before, after)))
    assert figures["applications", "unprocessed_confirmation", "total"].value == 4


def test_label_broken_over_two_rows_with_the_figures_in_the_second() -> None:
    header = ["申请人情况", *APPLICANTS]
    before: list[list[str | None]] = [header, ["5.要求行政机关确认或重", None, None, None, None, None, None, None]]
    after: list[list[str | None]] = [["新出具已获取信息", "3", "0", "0", "0", "0", "1", "4"]]
    figures = by_address(read_tables(grid_document(before, after)))
    assert figures["applications", "unprocessed_confirmation", "natural_person"].value == 3


@pytest.mark.parametrize("shape", ["flat", "three", "rows", "two"])
def test_layouts_of_the_fifteen_figures(shape: str) -> None:
    report = make_report(12, "2021", Style())
    result = read_report(report, layout.Shape(challenges=shape))
    figures = by_address(result)
    read = {address: figures[address].value for address in report.values if address[0] == "challenges"}
    assert read == {address: value for address, value in report.values.items() if address[0] == "challenges"}
    assert result.coverage["challenges"] == (15, 15)


def test_indicators_in_a_grid() -> None:
    table: list[list[str | None]] = [
        ["统 计 指 标", "单位", "统计数"],
        ["　（一）主动公开政府信息数 （不同渠道和方式公开相同信息计1条）", "条", "14107"],
        ["　（二）通过不同渠道和方式公开政府信息的情况", "——", ""],
        ["　　1.政府公报公开政府信息数", "条", "157"],
    ]
    result = read_tables(grid_document(table))
    assert [(figure.row, figure.value, figure.confidence) for figure in result.figures] == [
        ("（一）主动公开政府信息数（不同渠道和方式公开相同信息计1条）", 14107, 1.0),
        ("（二）通过不同渠道和方式公开政府信息的情况", None, 1.0),
        ("1.政府公报公开政府信息数", 157, 1.0),
    ]
    assert result.coverage == {"indicators": (3, 3)}


def test_indicator_row_that_lost_a_cell_is_flagged() -> None:
    table = [["统计指标", "单位", "统计数"], ["政务微博公开政府信息数", "2421"], ["政务微信公开政府信息数", "条", "9"]]
    assert unsure(read_tables(grid_document(table))) == ["indicators.政务微博公开政府信息数.value"]


@pytest.mark.parametrize("label", ["政府集中采购采购总金额", "行政许可本年处理决定数量", "规章本年制发件数"])
def test_a_row_and_a_column_run_together_are_no_figure_of_their_own(label: str) -> None:
    result = read_tables(
        grid_document(
            [["信息内容", "采购项目数量", "采购总金额（单位：元）"], ["政府集中采购", "5", "300000"], [label, "3", "4"]]
        )
    )
    assert not [figure for figure in result.figures if figure.is_reliable and figure.raw in ("3", "4")]
