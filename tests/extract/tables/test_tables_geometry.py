"""Where cells stand in a grid decides, when the order of the form does not fit."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from extract.tables import TablesResult, read_tables
from tests.extract.table_documents import by_address, grid_document, read_lines

OUTCOMES = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
CODES = ["upheld", "corrected", "other", "pending", "total"]
REVIEW, DIRECT, AFTER = ["1", "2", "0", "3", "6"], ["4", "", "0", "1", "5"], ["0", "7", "0", "0", "7"]
ROUTES = {"reconsideration": REVIEW, "litigation_direct": DIRECT, "litigation_after_reconsideration": AFTER}


def wide(text: str, columns: int = 5) -> list[str | None]:
    return [text, *[None] * (columns - 1)]


def expect_challenges(*rows: Sequence[str | None]) -> None:
    result = read_tables(grid_document([list(row) for row in rows]))
    figures = by_address(result)
    for route, printed in ROUTES.items():
        for code, raw in zip(CODES, printed, strict=True):
            figure = figures["challenges", route, code]
            assert (figure.raw, figure.confidence) == (raw, 1.0), figure.address


def test_litigation_printed_before_reconsideration() -> None:
    expect_challenges(
        [*wide("行政诉讼", 10), *wide("行政复议")],
        [*wide("未经复议直接起诉"), *wide("复议后起诉"), *OUTCOMES],
        [*OUTCOMES, *OUTCOMES, *[None] * 5],
        [*DIRECT, *AFTER, *REVIEW],
    )


def test_routes_of_litigation_the_other_way_round() -> None:
    expect_challenges(
        [*wide("行政复议"), *wide("行政诉讼", 10)],
        [*OUTCOMES, *wide("复议后起诉"), *wide("未经复议直接起诉")],
        [*[None] * 5, *OUTCOMES, *OUTCOMES],
        [*REVIEW, *AFTER, *DIRECT],
    )


def test_sum_over_both_routes_of_litigation_is_nobody_s() -> None:
    expect_challenges(
        [*wide("行政复议"), *wide("行政诉讼", 15)],
        [*wide(""), *wide("未经复议直接起诉"), *wide("复议后起诉"), *wide("合计")],
        [*OUTCOMES, *OUTCOMES, *OUTCOMES, *OUTCOMES],
        [*REVIEW, *DIRECT, *AFTER, "4", "7", "0", "1", "12"],
    )


def test_order_that_the_columns_do_not_prove_is_flagged() -> None:
    result = read_tables(
        grid_document(
            [
                ["行政诉讼", "行政复议", *[None] * 13],
                ["未经复议直接起诉", "复议后起诉", *OUTCOMES, *[None] * 8],
                [*OUTCOMES, *OUTCOMES, *[None] * 5],
                [*DIRECT, *AFTER, *REVIEW],
            ]
        )
    )
    assert all(figure.confidence < 0.9 for figure in result.figures)


def doubled(values: Sequence[str], at: int) -> list[str]:
    return [*values[: at + 1], values[at], *values[at + 1 :]]


APPLICANTS = ["自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]


def with_rows(*rows: Sequence[str]) -> TablesResult:
    whole = ["3", "1", "0", "0", "0", "0", "4"]
    body = [[label, *whole] for label in ("本年新收政府信息公开申请数量", "上年结转政府信息公开申请数量")]
    body += [[label, *whole] for label in ("（一）予以公开", "（二）部分公开", "2.重复申请")]
    width = max(len(row) for row in (*body, *rows))
    table: list[list[str | None]] = [["申请人情况", *APPLICANTS], *map(list, body), *map(list, rows)]
    return read_tables(grid_document([[*row, *[None] * (width - len(row))] for row in table]))


@pytest.mark.parametrize("at", [1, 3, 6])
def test_cell_too_many_behind_a_blank_is_never_taken_for_a_shifted_row(at: int) -> None:
    result = with_rows(["1.属于国家秘密", *doubled(["", "0", "0", "0", "0", "2", "2"], at)])
    row = [figure for figure in result.figures if figure.row == "denied_state_secret"]
    assert row
    assert all(figure.confidence < 0.9 for figure in row)


@pytest.mark.parametrize("row", [["规章", "4", "4", "3", ""], ["规章", "", "4", "3", "3"]])
def test_cell_too_many_in_the_disclosure_table_is_flagged(row: list[str]) -> None:
    result = read_tables(
        grid_document(
            [
                ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数", None],
                [*row],
                ["行政规范性文件", "5", "0", "9", None],
            ]
        )
    )
    rules = [figure for figure in result.figures if figure.row == "rules"]
    assert rules
    assert all(figure.confidence < 0.9 for figure in rules)


def test_cell_too_many_in_the_challenges_is_flagged() -> None:
    result = read_tables(
        grid_document(
            [
                [*wide("行政复议"), *wide("行政诉讼", 10), None],
                [*OUTCOMES, *wide("未经复议直接起诉"), *wide("复议后起诉"), None],
                [*[None] * 5, *OUTCOMES, *OUTCOMES, None],
                [*REVIEW, *doubled(DIRECT, 2), *AFTER],
            ]
        )
    )
    assert result.figures
    assert all(figure.confidence < 0.9 for figure in result.figures)


def framed(rows: Sequence[Sequence[str]], rule: str, upright: str) -> str:
    lines = [rule]
    for row in rows:
        lines += [upright + upright.join(f" {text} " for text in row) + upright, rule]
    return "\n".join(lines)


SHORT_TABLE = [
    ["申请人情况", *APPLICANTS],
    ["本年新收政府信息公开申请数量", "3", "1", "0", "0", "0", "0", "4"],
    ["上年结转政府信息公开申请数量", "2", "", "0", "0", "0", "0", "2"],
    ["（一）予以公开", "1", "1", "0", "0", "0", "0", "2"],
    ["2.重复申请", "4", "0", "0", "0", "0", "0", "4"],
]


@pytest.mark.parametrize(("rule", "upright"), [("+------+----+", "|"), ("├──────┼────┤", "│"), ("=====  =====", "|")])
def test_table_drawn_with_characters(rule: str, upright: str) -> None:
    result = read_lines("某市2023年政府信息公开工作年度报告\n" + framed(SHORT_TABLE, rule, upright))
    figures = by_address(result)
    assert [figures["applications", "carried_in", code].raw for code in ("natural_person", "business", "total")] == [
        "2",
        "",
        "2",
    ]
    assert figures["applications", "received", "total"].confidence == 1.0


def test_columns_set_apart_by_many_blanks_are_a_row_and_no_sentence() -> None:
    rows = [row for row in SHORT_TABLE if "" not in row]
    result = read_lines("\n".join("".join(f"{text:<24}" for text in row) for row in rows))
    figures = by_address(result)
    assert (
        figures["applications", "received", "total"].raw,
        figures["applications", "received", "total"].confidence,
    ) == (
        "4",
        0.98,
    )


def test_cell_too_many_before_a_blank_in_text_is_flagged() -> None:
    rows = [*SHORT_TABLE, ["1.属于国家秘密", "", "5", "4", "", "", "4", "0", "13"]]
    rows += [["", "（二）部分公开", "9", "1", "0", "0", "0", "0", "10"]] * 4
    result = read_lines("\n".join("\t".join(row) for row in rows))
    row = [figure for figure in result.figures if figure.row == "denied_state_secret"]
    assert row
    assert all(figure.confidence < 0.9 for figure in row)


def test_column_that_numbers_the_rows_is_left_out() -> None:
    rows = [
        ["本年新收政府信息公开申请数量", "3", "1", "0", "0", "0", "0", "4"],
        ["上年结转政府信息公开申请数量", "2", "1", "0", "0", "0", "0", "3"],
        ["（一）予以公开", "1", "1", "0", "0", "0", "0", "2"],
        ["1.属于国家秘密", "0", "1", "0", "0", "0", "0", "1"],
        ["2.重复申请", "4", "0", "0", "0", "0", "0", "4"],
    ]
    table: list[list[str | None]] = [["序号", "申请人情况", *APPLICANTS]]
    table += [[str(number), *row] for number, row in enumerate(rows, start=1)]
    result = read_tables(grid_document(table))
    assert by_address(result)["applications", "carried_in", "natural_person"].raw == "2"
    assert len(result.figures) == 35
    assert all(figure.confidence == 1.0 for figure in result.figures)
