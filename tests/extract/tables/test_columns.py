"""Columns are those that the headers name, in whatever order, with whatever beside them, in every carrier."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bench.accuracy import carriers
from bench.accuracy.layout import Sheet, Slot
from extract.model import Limits
from extract.readers import read_document
from extract.tables import TablesResult, read_tables
from tests.extract.table_documents import by_address, grid_document, read_lines

LABELS = {
    "natural_person": "自然人",
    "business": "商业企业",
    "research": "科研机构",
    "welfare": "社会公益组织",
    "legal_service": "法律服务机构",
    "other_org": "其他",
    "total": "总计",
}
FORM = tuple(LABELS)
ORGANISATIONS = FORM[1:-1]
ROWS = {
    "received": ("一、本年新收政府信息公开申请数量", (32, 2, 0, 0, 1, 1, 36)),
    "carried_in": ("二、上年结转政府信息公开申请数量", (2, 0, 0, 0, 0, 0, 2)),
    "granted": ("（一）予以公开", (31, 2, 0, 0, 1, 1, 35)),
    "unprocessed_repeat": ("2.重复申请", (2, 0, 0, 0, 0, 0, 2)),
    "disposed_total": ("（七）总计", (33, 2, 0, 0, 1, 1, 37)),
    "carried_out": ("四、结转下年度继续办理", (1, 0, 0, 0, 0, 0, 1)),
}
ORDERS = {
    "form": FORM,
    "total first": ("total", *FORM[:-1]),
    "total second": ("natural_person", "total", *ORGANISATIONS),
    "organisations first": (*ORGANISATIONS, "natural_person", "total"),
    "natural persons last": ("total", *ORGANISATIONS, "natural_person"),
    "another order of organisations": ("natural_person", *reversed(ORGANISATIONS), "total"),
}
IN_GROUPS = ("form", "total first", "organisations first", "natural persons last")
CARRIERS = (
    "html: clean",
    "html: word",
    "docx",
    "xlsx",
    "pdf: ruled",
    "text: tab-rows",
    "text: pipes",
    "text: markdown",
)


def head(text: str, rows: int = 1, columns: int = 1) -> Slot:
    return Slot(text, rows, columns, None, True)


def header(order: tuple[str, ...], rows: int, beside: tuple[Slot, ...] = ()) -> list[tuple[Slot, ...]]:
    """A header of one, two or three rows, as offices print it."""
    note = head("（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", rows)
    if rows == 1:
        return [(note, *(head(LABELS[column]) for column in order), *beside)]
    upper: list[Slot] = []
    for column in order:
        if column not in ORGANISATIONS:
            upper.append(head(LABELS[column], 2))
        elif column == next(c for c in order if c in ORGANISATIONS):
            upper.append(head("法人或其他组织", 1, 5))
    lower = tuple(head(LABELS[column]) for column in order if column in ORGANISATIONS)
    if rows == 2:
        return [(note, *upper, *beside), lower]
    return [(note, head("申请人情况", 1, 7), *beside), tuple(upper), lower]


def table(order: tuple[str, ...], rows: int, remark: str = "", remarks: tuple[str, ...] = ()) -> Sheet:
    beside = (head(remark, rows),) if remark else ()
    body = []
    for index, (label, values) in enumerate(ROWS.values()):
        figures = dict(zip(FORM, values, strict=True))
        cells = [Slot(label), *(Slot(str(figures[column])) for column in order)]
        if remark:
            cells.append(Slot(remarks[index % len(remarks)]))
        body.append(tuple(cells))
    return Sheet((*header(order, rows, beside), *body), "applications")


def read(sheet: Sheet, carrier: str) -> TablesResult:
    return read_tables(read_document(carriers.render(carrier, [sheet], 0), limits=Limits()))


def expect_every_figure(result: TablesResult) -> None:
    figures = by_address(result)
    for row, (_, values) in ROWS.items():
        for column, value in zip(FORM, values, strict=True):
            figure = figures["applications", row, column]
            assert figure.value == value, figure
            assert figure.confidence >= 0.9, (figure, result.warnings)


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("order", ORDERS)
def test_columns_in_any_order_below_one_row_of_headers(order: str, carrier: str) -> None:
    expect_every_figure(read(table(ORDERS[order], 1), carrier))


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("rows", [2, 3])
@pytest.mark.parametrize("order", IN_GROUPS)
def test_columns_in_any_order_below_the_cell_of_their_group(order: str, rows: int, carrier: str) -> None:
    expect_every_figure(read(table(ORDERS[order], rows), carrier))


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("remark", ["备注", "说明", "同比"])
@pytest.mark.parametrize("rows", [1, 3])
def test_column_beside_the_figures_is_nobody_s(remark: str, rows: int, carrier: str) -> None:
    if remark == "同比" and carrier.startswith("text") and rows == 3:
        pytest.skip("a header that isn't known has no place in a text without positions: flagged")
    expect_every_figure(read(table(FORM, rows, remark, ("无", "3", "", "见附件2")), carrier))


def test_unknown_header_in_text_makes_no_figure_wrong() -> None:
    figures = by_address(read(table(FORM, 3, "同比", ("无", "3", "")), "text: tab-rows"))
    for row, (_, values) in ROWS.items():
        for column, value in zip(FORM, values, strict=True):
            figure = figures["applications", row, column]
            assert figure.value == value or figure.confidence < 0.9


def test_header_of_one_order_over_rows_of_another_is_flagged() -> None:
    """Each row's sum says that the total stands first; the header says last."""
    shown = table(ORDERS["total first"], 1).rows[1:]
    result = read(Sheet((*header(FORM, 1), *shown), "applications"), "html: clean")
    wrong = [figure for figure in result.figures if figure.confidence >= 0.9]
    assert not wrong
    assert any("order of the columns" in warning for warning in result.warnings)


@pytest.mark.parametrize("carrier", ["html: clean", "docx", "text: tab-rows"])
def test_labels_with_a_translation(carrier: str) -> None:
    sheet = table(FORM, 3)
    words = {
        **{label: f"{label} Applicants in English" for label in LABELS.values()},
        "法人或其他组织": "法人或其他组织 Legal persons",
    }
    words |= {label: f"{label} Number of applications" for label, _ in ROWS.values()}
    rows = tuple(
        tuple(Slot(words.get(slot.text, slot.text), slot.rows, slot.columns) for slot in row) for row in sheet.rows
    )
    expect_every_figure(read(Sheet(rows, "applications"), carrier))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("58（其中修订16件）", 58),
        ("58(其中：修订16件)", 58),
        ("58件（含修订16件）", 58),
        ("58，其中修订16件", 58),
        ("58 （其中新增 16 件，修订 3 件）", 58),
        ("1,058【其中修订16件】", 1058),
        ("0（其中修订0件）", 0),
    ],
)
def test_number_with_a_part_of_it_in_brackets(cell: str, value: int) -> None:
    rows = [["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"], ["行政规范性文件", cell, "1", "68"]]
    for result in (read_tables(grid_document(rows)), read_lines("\n".join("\t".join(row) for row in rows))):
        figure = by_address(result)["disclosure", "normative_documents", "made"]
        assert (figure.value, figure.raw) == (Decimal(value), cell)
        assert figure.confidence >= 0.9


@pytest.mark.parametrize(
    "cell", ["16（其中修订58件）", "58（上年60件）", "58（另有3件）", "58（1）", "58（修订16件", "（其中修订16件）"]
)
def test_number_with_a_note_that_is_no_part_is_flagged(cell: str) -> None:
    rows: list[list[str | None]] = [
        ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
        ["行政规范性文件", cell, "1", "68"],
    ]
    figure = by_address(read_tables(grid_document(rows)))["disclosure", "normative_documents", "made"]
    assert figure.confidence < 0.9


# ---- the other tables ------------------------------------------------------------------------------------------------------

OUTCOMES = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
CODES = ("upheld", "corrected", "other", "pending", "total")
ROUTES = {
    "reconsideration": ("行政复议", "30104"),
    "litigation_direct": ("未经复议直接起诉", "40116"),
    "litigation_after_reconsideration": ("复议后起诉", "10203"),
}


def expect_fifteen(result: TablesResult) -> None:
    figures = by_address(result)
    for route, (_, printed) in ROUTES.items():
        for code, raw in zip(CODES, printed, strict=True):
            figure = figures["challenges", route, code]
            assert (figure.raw, figure.confidence >= 0.9) == (raw, True), figure


def test_challenges_on_their_side() -> None:
    rows: list[list[str | None]] = [["结果", *(label for label, _ in ROUTES.values())]]
    rows += [[outcome, *(printed[i] for _, printed in ROUTES.values())] for i, outcome in enumerate(OUTCOMES)]
    expect_fifteen(read_tables(grid_document(rows)))


def test_applications_on_their_side() -> None:
    rows = [["申请人情况", *(label for label, _ in ROWS.values())]]
    rows += [[LABELS[c], *(str(v[i]) for _, v in ROWS.values())] for i, c in enumerate(FORM)]
    expect_every_figure(read_tables(grid_document([list(row) for row in rows])))


def test_disclosure_on_its_side() -> None:
    rows: list[list[str | None]] = [
        ["信息内容", "规章", "行政规范性文件"],
        ["本年制发件数", "1", "9"],
        ["本年废止件数", "0", "3"],
        ["现行有效件数", "7", "34"],
    ]
    figures = by_address(read_tables(grid_document(rows)))
    assert [figures["disclosure", "normative_documents", c].value for c in ("made", "repealed", "in_force")] == [
        9,
        3,
        34,
    ]


def test_total_first_and_remarks_in_the_challenges() -> None:
    def wide(text: str, width: int = 5) -> list[str | None]:
        return [text, *[None] * (width - 1)]

    first = ("总计", *OUTCOMES[:-1])
    figures = [printed[-1] + printed[:-1] for _, printed in ROUTES.values()]
    rows: list[list[str | None]] = [
        [*wide("行政复议"), *wide("行政诉讼", 10), "备注"],
        [*first, *wide("未经复议直接起诉"), *wide("复议后起诉"), None],
        [*[None] * 5, *first, *first, None],
        [*figures[0], *figures[1], *figures[2], "见说明1"],
    ]
    expect_fifteen(read_tables(grid_document(rows)))


def test_litigation_before_reconsideration_in_text() -> None:
    order = ("litigation_direct", "litigation_after_reconsideration", "reconsideration")
    lines = [
        "行政诉讼\t行政复议",
        "\t".join(("未经复议直接起诉", "复议后起诉", *OUTCOMES)),
        "\t".join((*OUTCOMES, *OUTCOMES)),
        "\t".join(figure for route in order for figure in ROUTES[route][1]),
    ]
    expect_fifteen(read_lines("\n".join(lines)))


def test_remarks_beside_the_disclosures() -> None:
    rows: list[list[str | None]] = [
        ["信息内容", "现行有效件数", "本年制发件数", "本年废止件数", "备注"],
        ["规章", "7", "1", "0", ""],
        ["行政规范性文件", "34", "9", "3", "2件修订"],
    ]
    figures = by_address(read_tables(grid_document(rows)))
    for row, values in (("rules", (1, 0, 7)), ("normative_documents", (9, 3, 34))):
        found = [figures["disclosure", row, column] for column in ("made", "repealed", "in_force")]
        assert [figure.value for figure in found] == list(values)
        assert all(figure.confidence >= 0.9 for figure in found)


@pytest.mark.parametrize(
    ("row", "is_certain"),
    [
        (
            ["规章", "4", "1", "", "33"],
            False,
        ),  # the header's text runs over two columns of the grid, and so may the figure
        (["规章", "", "1", "33", "0"], False),
        (["规章", "4", "1", "33", "0"], True),  # a column of its own beside the figures
        (["规章", "4", "1", "", ""], True),
        (["规章", "4", "1", "", "见附表"], True),
    ],
)
def test_a_figure_below_a_header_that_is_not_known(row: list[str | None], is_certain: bool) -> None:
    header: list[str | None] = ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数", "统计口径"]
    found = by_address(read_tables(grid_document([["第二十条第（一）项", None, None, None, None], header, row])))
    figures = [figure for (_, name, _), figure in found.items() if name == "rules"]
    assert len(figures) == 3
    assert all(figure.is_reliable for figure in figures) is is_certain
