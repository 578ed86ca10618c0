"""PDF tables without rulings that go on overleaf: the columns of the page before hold, if the figures stand in them."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from extract.model import Grid
from extract.readers import read_document

pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))

HEADER = ["处理结果", "自然人", "商业企业", "科研机构", "其他", "总计"]
PLACES = [60, 200, 260, 320, 380, 440]
Row = list[str]
FIRST: list[Row] = [HEADER, ["予以公开", "8", "3", "", "1", "12"], ["部分公开", "5", "", "", "2", "7"]]
SECOND: list[Row] = [
    ["属于国家秘密", "4", "", "", "", "4"],
    ["重复申请", "", "2", "", "6", "8"],
    ["总计", "17", "5", "", "9", "31"],
]


def grids(*pages: list[Row], aside: float = 0.0, spread: bool = False) -> list[list[list[str | None]]]:
    """The tables that are read from pages of rows; `aside` moves the figures of later pages, `spread` sets labels apart."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 300), invariant=1)
    for number, rows in enumerate(pages):
        canvas.setFont("STSong-Light", 8)
        if not number:
            canvas.drawString(60, 275, "三、收到和处理政府信息公开申请情况")
        for at, row in enumerate(rows):
            y = 250 - 16 * at if not number else 275 - 16 * at
            for column, (x, text) in enumerate(zip(PLACES, row, strict=True)):
                place = x + (aside if number and column else 0.0)
                if spread and not column:
                    for character in text:
                        canvas.drawString(place, y, character)
                        place += 11
                else:
                    canvas.drawString(place, y, text)
        canvas.drawCentredString(297, 12, f"- {number + 1} -")
        canvas.showPage()
    canvas.save()
    found = [block for block in read_document(out.getvalue()).blocks if isinstance(block, Grid)]
    return [[[cell and cell.text for cell in row] for row in grid.rows] for grid in found]


def test_the_columns_of_the_page_before_hold() -> None:
    (table,) = grids(FIRST, SECOND)
    assert table == [*FIRST, *SECOND]


def test_over_three_pages() -> None:
    (table,) = grids(FIRST, SECOND[:2], SECOND[2:])
    assert table[1:] == [*FIRST[1:], *SECOND]


def test_labels_set_apart_whose_first_character_could_be_a_figure() -> None:
    (table,) = grids(FIRST, [["无法提供", "-", "-", "-", "-", "-"], *SECOND[1:]], spread=True)
    assert [row[1:] for row in table[3:]] == [["-"] * 5, *(row[1:] for row in SECOND[1:])]


def test_figures_that_stand_elsewhere_are_of_another_table() -> None:
    tables = grids(FIRST, SECOND, aside=30.0)
    assert len(tables[0]) == len(FIRST)


def test_a_page_that_begins_with_headers_begins_a_table() -> None:
    other = ["案由", "结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    tables = grids(FIRST, [other, *SECOND])
    assert [row[0] for table in tables for row in table].count(other[0]) == 1
    assert tables[-1][-len(SECOND) :] == SECOND


def _stroke(canvas: Canvas, x: float, y: float) -> None:
    canvas.line(x, y, x, y + 5.6)


def _slanting(canvas: Canvas, x: float, y: float) -> None:
    canvas.translate(x, y)
    canvas.rotate(15)
    canvas.drawString(0, 0, "9")


def _picture(canvas: Canvas, x: float, y: float) -> None:
    canvas.drawImage(ImageReader(Image.new("L", (10, 10), 0)), x, y, 3, 6)


@pytest.mark.parametrize("draw", [_stroke, _slanting, _picture])
@pytest.mark.parametrize("aside", [0.5, 3.0, 9.0])
def test_a_digit_drawn_in_a_blank_place_is_seen(draw: Callable[[Canvas, float, float], object], aside: float) -> None:
    """A blank place has no borders that could be left out at its edges."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 300), invariant=1)
    canvas.setFont("STSong-Light", 8)
    for at, row in enumerate([*FIRST, *SECOND]):
        for x, text in zip(PLACES, row, strict=True):
            canvas.drawString(x, 250 - 16 * at, text)
    draw(canvas, PLACES[3] + aside, 250 - 16)
    canvas.save()
    (table,) = (block for block in read_document(out.getvalue()).blocks if isinstance(block, Grid))
    doubted = [
        (number, place) for number, row in enumerate(table.rows) for place, cell in enumerate(row) if cell and cell.look
    ]
    assert doubted == [(1, 3)]
