"""Tables of pages as grids: spans, nesting, hidden cells, and where each cell is."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from extract.model import Cell, Grid, Limits, Line
from extract.web import html

REAL = Path(__file__).parents[3] / "../shared/real/shanghai-office-2019.html"


def grids(markup: str, **limits: int) -> list[list[list[str | None]]]:
    blocks = html.read(markup.encode(), Limits(**limits)).blocks
    return [
        [[None if cell is None else cell.text for cell in row] for row in block.rows]
        for block in blocks
        if isinstance(block, Grid)
    ]


def table(*rows: str) -> str:
    return "<body><table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table></body>"


def test_rowspan_and_colspan_cover_positions() -> None:
    assert grids(table("<td rowspan=2>a<td colspan=2>b", "<td>c<td>d")) == [[["a", "b", None], [None, "c", "d"]]]


def test_colspan_that_is_too_large_adds_no_columns() -> None:
    assert grids(table("<td>a<td colspan=1000000>b", "<td>c<td>d")) == [[["a", "b"], ["c", "d"]]]


def test_rowspan_zero_runs_to_the_end() -> None:
    assert grids(table("<td rowspan=0>a<td>1", "<td>2", "<td>3")) == [[["a", "1"], [None, "2"], [None, "3"]]]


def test_missing_cell_is_not_a_blank_cell() -> None:
    assert grids(table("<td>a<td>b<td>c", "<td>1<td>")) == [[["a", "b", "c"], ["1", "", None]]]


def test_unclosed_and_header_cells() -> None:
    assert grids("<table><tr><th>甲<th>乙<tr><td>1<td>2</table>") == [[["甲", "乙"], ["1", "2"]]]


def test_spans_join_and_breaks_part() -> None:
    cell = "<p><span>1</span><span>2</span><o:p>3</o:p></p>"
    assert grids(table(f"<td>{cell}<td>本年新<br>制作", "<td><p>1</p><p>2</p><td>\u3000\u00a0\u200b")) == [
        [["123", "本年新 制作"], ["1 2", ""]]
    ]


def test_box_around_the_text_of_one_cell_is_no_table() -> None:
    def box(text: str) -> str:
        return f"<td><table width='100%'><tr><td align=center>{text}</td></tr></table></td>"

    assert grids(table(box("规章") + box("3"), box("规范性文件") + box(""))) == [[["规章", "3"], ["规范性文件", ""]]]


def test_hidden_rows_and_cells_are_left_out() -> None:
    rows = ("<td>a<td style='DISPLAY: none'>x<td>b", "<td hidden>x<td>1<td>2")
    assert grids(table(*rows) + "<table><tr style='visibility:hidden'><td>x<td>y<tr><td>3<td>4</table>") == [
        [["a", "b"], ["1", "2"]],
        [["3", "4"]],
    ]


def test_nested_table_is_a_grid_of_its_own() -> None:
    inner = "<table><tr><td>1<td>2<tr><td>3<td>4</table>"
    assert grids(f"<table><tr><td>menu</td><td><p>text</p>{inner}</td></tr></table>") == [[["1", "2"], ["3", "4"]]]


def test_table_inside_a_cell_of_a_data_table_is_not_part_of_the_cell() -> None:
    rows = ["<td>a<td>b", "<td>c<td>d<table><tr><td>8<td>9</table>", "<td>e<td>f"]
    assert grids(table(*rows)) == [[["a", "b"], ["c", "d"], ["e", "f"]], [["8", "9"]]]


def test_layout_table_gives_lines() -> None:
    document = html.read(table("<td><p>一、总体情况</p><p>全年公开。</p>").encode(), Limits())
    assert [block.text for block in document.blocks if isinstance(block, Line)] == ["一、总体情况", "全年公开。"]


def test_where_leads_back_to_the_cell() -> None:
    markup = (
        "<body><table><tr><td>menu</td><td><table><thead><tr><th>a</th><th>b</th></tr></thead>"
        "<tbody><tr><td>1</td><td style='display:none'>x</td><td>2</td></tr></tbody></table></td></tr></table></body>"
    )
    root = etree.fromstring(markup, etree.HTMLParser())
    for grid in (block for block in html.read(markup.encode(), Limits()).blocks if isinstance(block, Grid)):
        for cell in (cell for row in grid.rows for cell in row if cell is not None):
            assert ["".join(found.itertext()) for found in root.xpath(cell.where)] == [cell.text]


@pytest.mark.skipif(not REAL.exists(), reason="the real documents are not here")
def test_every_cell_of_the_real_page_is_found_again() -> None:
    data = REAL.read_bytes()
    root = etree.fromstring(data, etree.HTMLParser(encoding="utf-8"))
    cells: list[Cell] = []
    for block in html.read(data, Limits()).blocks:
        if isinstance(block, Grid):
            cells += [cell for row in block.rows for cell in row if cell is not None]
    assert len(cells) > 250
    for cell in cells:
        (element,) = root.xpath(cell.where)
        assert "".join("".join(element.itertext()).split()) == "".join(cell.text.split())
