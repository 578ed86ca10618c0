"""Workbooks: merged ranges, whole numbers, several sheets, rows with blanks only."""

from __future__ import annotations

import io

import openpyxl
import pytest

from extract.errors import DocumentTooLarge, UnreadableDocument
from extract.model import Limits, Line
from extract.readers import read_document
from tests.carriers.books import write_xls, write_xlsx
from tests.carriers.reports import NAMES, bare, expected_rows, found_rows, grids, report, tables_of, text_of


@pytest.mark.parametrize("writer", [write_xlsx, write_xls])
@pytest.mark.parametrize("name", NAMES)
def test_every_table_comes_out_cell_for_cell(name: str, writer: object) -> None:
    assert callable(writer)
    source = report(name)
    document = read_document(writer(source), hint="report.doc")
    assert [found_rows(grid) for grid in grids(document)] == [expected_rows(table) for table in tables_of(source)]
    assert text_of(document) == bare("".join(source.paragraphs))


def workbook(*sheets: list[list[object]], merged: str | None = None) -> bytes:
    book = openpyxl.Workbook()
    for number, rows in enumerate(sheets):
        sheet = book.active if number == 0 else book.create_sheet()
        assert sheet is not None
        for row in rows:
            sheet.append(row)
        if merged:
            sheet.merge_cells(merged)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_all_sheets_are_read_and_cells_are_addressed() -> None:
    document = read_document(workbook([["行政许可", 7]], [["行政处罚", 8.5]]))
    cells = [cell for grid in grids(document) for row in grid.rows for cell in row if cell]
    assert [cell.text for cell in cells] == ["行政许可", "7", "行政处罚", "8.5"]
    assert cells[3].where == "sheet Sheet1, cell B1"


def test_a_row_of_blanks_stays_in_its_table() -> None:
    rows = [["行政许可", 1, 2], ["四、结转下年度继续办理", None, None]]
    assert found_rows(grids(read_document(workbook(rows)))[0]) == [
        ["行政许可", "1", "2"],
        ["四、结转下年度继续办理", "", ""],
    ]


def test_a_heading_merged_over_the_width_cuts_the_table() -> None:
    rows: list[list[object]] = [["规章", 1, 2], ["三、收到和处理政府信息公开申请情况", None, None], ["总计", 3, 4]]
    document = read_document(workbook(rows, merged="A2:C2"))
    assert [isinstance(block, Line) for block in document.blocks] == [False, True, False]


def test_noise_of_sums_is_not_printed() -> None:
    assert found_rows(grids(read_document(workbook([["金额", 0.1 + 0.2]])))[0]) == [["金额", "0.3"]]


def test_damage_is_said() -> None:
    with pytest.raises(UnreadableDocument, match="damaged"):
        read_document(workbook([["a", 1]])[:-200])


def test_too_many_columns_are_refused() -> None:
    with pytest.raises(DocumentTooLarge, match="max_columns"):
        read_document(workbook([list(range(80))]))


def test_too_many_cells_are_refused() -> None:
    with pytest.raises(DocumentTooLarge, match="max_cells"):
        read_document(workbook([[1, 2, 3]] * 200), limits=Limits(max_cells=500))
