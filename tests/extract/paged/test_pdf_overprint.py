"""PDF pages on which more stands than the table: watermarks, raised marks; and rows that a page break cut in two."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from extract.model import Line, State
from extract.readers import read_document
from extract.tables import TablesResult, read_tables
from tests.extract.table_documents import by_address, grid_document

pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))

APPLICANTS = ["自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]
ROWS = [
    ["申请人情况", *APPLICANTS],
    ["本年新收政府信息公开申请数量", "9", "3", "0", "0", "0", "0", "12"],
    ["上年结转政府信息公开申请数量", "1", "", "0", "0", "0", "0", "1"],
    ["（一）予以公开", "4", "2", "0", "0", "0", "0", "6"],
    ["（二）部分公开", "6", "1", "0", "0", "0", "0", "7"],
]
WIDTHS = [170, *[50] * 7]
ROW_HEIGHT, TOP, LEFT = 24, 760, 30


def drawn(*, watermark: float | None = None, mark: str = "") -> TablesResult:
    """The table with a watermark at an angle across it, or with a raised mark at its first figure."""
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.setFont("STSong-Light", 12)
    canvas.drawString(60, 800, "某市人民政府2023年政府信息公开工作年度报告")
    canvas.setLineWidth(0.5)
    if watermark is not None:
        canvas.saveState()
        canvas.setFillGray(0.8)
        canvas.translate(160, TOP - 3.6 * ROW_HEIGHT)
        canvas.rotate(watermark)
        canvas.setFont("Helvetica", 11)
        canvas.drawString(0, 0, "20231117 20231117 20231117")
        canvas.restoreState()
    for y, row in enumerate(ROWS):
        x, bottom = LEFT, TOP - (y + 1) * ROW_HEIGHT
        for width, text in zip(WIDTHS, row, strict=True):
            canvas.rect(x, bottom, width, ROW_HEIGHT)
            canvas.setFont("STSong-Light", 8)
            canvas.drawString(x + 3, bottom + 8, text)
            if mark and (y, x) == (1, LEFT + WIDTHS[0]):
                canvas.setFont("STSong-Light", 5)
                canvas.drawString(x + 3 + pdfmetrics.stringWidth(text, "STSong-Light", 8), bottom + 11, mark)
            x += width
    canvas.showPage()
    canvas.save()
    return read_tables(read_document(out.getvalue()))


@pytest.mark.parametrize("angle", [15, 30, 45, -35])
def test_watermark_across_the_page_adds_no_digit(angle: float) -> None:
    figures = by_address(drawn(watermark=angle))
    for code, row in zip(("received", "carried_in", "granted", "partly_granted"), ROWS[1:], strict=True):
        columns = ("natural_person", "business", "research", "welfare", "legal_service", "other_org", "total")
        for column, raw in zip(columns, row[1:], strict=True):
            assert figures["applications", code, column].raw == raw


def test_raised_mark_at_a_figure_is_no_digit_of_it() -> None:
    figure = by_address(drawn(mark="2"))["applications", "received", "natural_person"]
    assert (figure.value, figure.confidence < 0.9) == (None, True)


def test_blank_row_below_figures_without_a_label_is_flagged() -> None:
    whole = ["3", "1", "0", "0", "0", "0", "4"]
    labels = ["本年新收政府信息公开申请数量", "上年结转政府信息公开申请数量", "（一）予以公开", "1.属于国家秘密"]
    table: list[list[str | None]] = [["申请人情况", *APPLICANTS], *([label, *whole] for label in labels)]
    table += [["", "2", "0", "0", "0", "0", "0", "2"], ["2.其他法律行政法规禁止公开", *[""] * 7]]
    result = read_tables(grid_document(table))
    row = [figure for figure in result.figures if figure.row == "denied_prohibited_by_law"]
    assert len(row) == 7
    assert all(figure.confidence < 0.9 for figure in row)


def test_labels_of_two_rows_before_one_row_of_figures_are_flagged() -> None:
    table: list[list[str | None]] = [["", "申请人情况", *APPLICANTS]]
    table += [["", label, "3", "1", "0", "0", "0", "0", "4"] for label in ("一、本年新收", "二、上年结转", "重复申请")]
    table += [["（一）予以公开", "（二）部分公开", "5", "0", "0", "0", "0", "0", "5"]]
    figures = [f for f in read_tables(grid_document(table)).figures if f.row in ("granted", "partly_granted")]
    assert figures
    assert all(figure.confidence < 0.9 for figure in figures)


def test_second_row_of_figures_below_one_header_of_challenges_is_flagged() -> None:
    outcomes = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    table: list[list[str | None]] = [
        ["行政复议", None, None, None, None, "行政诉讼", *[None] * 9],
        [*outcomes, "未经复议直接起诉", None, None, None, None, "复议后起诉", None, None, None, None],
        [*[None] * 5, *outcomes, *outcomes],
        ["2", *["0"] * 3, "2", *["0"] * 10],
        ["4", *["0"] * 3, "4", *["0"] * 10],
    ]
    result = read_tables(grid_document(table))
    assert result.figures
    assert all(figure.confidence < 0.9 for figure in result.figures)


def test_text_of_another_row_between_label_and_figures_is_flagged() -> None:
    whole = ["3", "1", "0", "0", "0", "0", "4"]
    table: list[list[str | None]] = [["申请人情况", None, *APPLICANTS]]
    table += [[label, None, *whole] for label in ("一、本年新收", "二、上年结转", "（一）予以公开", "重复申请")]
    table += [["1.本机关不掌握相关政府信息", "8.属于行", *whole], ["2.没有现成信息", "需要另行制作", *whole]]
    result = read_tables(grid_document(table))
    rows = {figure.row: figure.confidence for figure in result.figures}
    assert rows["unable_not_held"] < 0.9
    assert rows["unable_needs_creation"] == 1.0


def test_a_dash_in_one_reading_never_makes_a_blank_of_the_other_sure() -> None:
    header = ["申请人情况", *APPLICANTS]
    labels = ("一、本年新收", "二、上年结转", "（一）予以公开", "1.属于国家秘密")
    dashes: list[list[str | None]] = [header, *([label, *["--"] * 7] for label in labels)]
    blanks: list[list[str | None]] = [header, *([label, *[""] * 7] for label in labels)]
    first = grid_document(blanks)
    result = read_tables(replace(first, alternatives=(grid_document(dashes),)))
    assert result.figures
    assert all(figure.confidence < 0.9 for figure in result.figures if figure.state is State.BLANK)


def test_running_text_is_no_row_of_an_unruled_table() -> None:
    out = io.BytesIO()
    canvas = Canvas(out)
    y = 800
    for text, size in (
        ("某市财政局2023年政府信息公开工作年度报告", 14),
        ("2023年，某市财政局认真贯彻落实政府信息公开条例，扎实推进政务公开的各项工作，现编制年度报告如下。", 9),
        ("主动公开的情况见下表，本年度的数据截至十二月三十一日，由各处室提供，局办公室核对后统一公布。", 9),
    ):
        canvas.setFont("STSong-Light", size)
        canvas.drawString(60, y, text)
        y -= 12
    canvas.setFont("STSong-Light", 9)
    table = [
        ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
        ["规章", "3", "1", "9"],
        ["行政规范性文件", "14", "2", "61"],
    ]
    for row in table:
        for x, text in zip((60, 200, 300, 400), row, strict=True):
            canvas.drawString(x, y, text)
        y -= 20
    canvas.showPage()
    canvas.save()
    document = read_document(out.getvalue())
    lines = [block.text for block in document.blocks if isinstance(block, Line)]
    assert "某市财政局2023年政府信息公开工作年度报告" in lines
    figures = by_address(read_tables(document))
    assert figures["disclosure", "normative_documents", "in_force"].raw == "61"
