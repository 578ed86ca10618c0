"""Two readings of the same bytes (a PDF's grid and its text order): one never overrules what the other saw and could not read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from extract.model import Cell, Document, Figure, Grid, Line
from extract.tables import TablesResult, read_tables

_TITLE = Line("青川县农业农村局2022年政府信息公开工作年度报告", "title")


def _read(grid: Cell, text: str, *, below: str = "6469") -> TablesResult:
    """The cell of 行政处罚 as the grid has it, and as the text order has it."""
    rows = (
        (Cell("信息内容", "r1c1"), Cell("本年处理决定数量", "r1c2")),
        (Cell("行政处罚", "r2c1"), grid),
        (Cell("行政强制", "r3c1"), Cell(below, "r3c2")),
    )
    lines = [
        Line(line, f"line {n}")
        for n, line in enumerate(("信息内容 本年处理决定数量", f"行政处罚 {text}", f"行政强制 {below}"))
    ]
    document = Document("application/pdf", (_TITLE, Grid(rows, "page 1")))
    return read_tables(replace(document, alternatives=(Document("application/pdf", (_TITLE, *lines)),)))


def _figure(result: TablesResult) -> Figure:
    return next(figure for figure in result.figures if figure.row == "penalties")


@pytest.mark.parametrize(
    ("grid", "text"),
    [
        (Cell("917", "r2c2", look=("struck: a line is drawn through it",)), "17"),
        (Cell("917", "r2c2", look=("struck: a line is drawn through it",)), "917"),
        (Cell("1 917", "r2c2"), "917"),  # a raised mark that text order puts elsewhere
        (Cell("17", "r2c2", look=("picture: beside it",)), "17"),
        (Cell("9?7", "r2c2"), "917"),
        (Cell("", "r2c2"), "917"),  # the figure stands in another cell
    ],
)
def test_what_one_reading_could_not_read(grid: Cell, text: str) -> None:
    result = _read(grid, text)
    assert _figure(result).confidence < 0.9
    assert result.warnings


def test_readings_that_agree() -> None:
    assert (_figure(_read(Cell("917", "r2c2"), "917")).confidence) == 1.0


@pytest.mark.parametrize("glued", ["0 0", "12 0", "120"])
def test_cells_without_a_rule_between_are_read_by_the_other_reading(glued: str) -> None:
    """All that a cell prints is found again in the row of the other reading: a rule was missing."""
    first, second = glued.split() if " " in glued else (glued[:2], glued[2:])
    rows = (
        tuple(Cell(text, "") for text in ("信息内容", "本年制发件数", "本年废止件数", "现行有效件数")),
        (Cell("规章", ""), Cell(glued, ""), Cell("", ""), Cell("7", "")),
        (Cell("行政规范性文件", ""), Cell("3", ""), Cell("1", ""), Cell("12", "")),
    )
    lines = ("信息内容 本年制发件数 本年废止件数 现行有效件数", f"规章 {first} {second} 7", "行政规范性文件 3 1 12")
    text = Document("application/pdf", (_TITLE, *(Line(line, f"line {n}") for n, line in enumerate(lines))))
    result = read_tables(Document("application/pdf", (_TITLE, Grid(rows, "page 1")), alternatives=(text,)))
    assert not [figure for figure in result.figures if figure.is_reliable and figure.raw == glued.replace(" ", "")]
