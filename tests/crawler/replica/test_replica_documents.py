"""The replica's documents against the five seeds: readers that are not ours must find every figure at its place."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import docx
import lxml.html
import pdfplumber
import pypdfium2
import pytest

from crawler.replica.documents.docx import write_docx
from crawler.replica.documents.html import page_html, table_html, word_html
from crawler.replica.documents.invent import invent
from crawler.replica.documents.model import Report, TableSlot
from crawler.replica.documents.official import APPLICANTS, table_of
from crawler.replica.documents.pdf import write_pdf
from crawler.replica.documents.seeds import SLUGS, load

FIXTURES = Path(__file__).parents[2] / "fixtures" / "seeds"


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def printed_rows(report: Report) -> list[list[str]]:
    """What a reader of any carrier must find: the cells that begin in each row, from left to right."""
    rows = []
    for block in report.blocks:
        if isinstance(block, TableSlot):
            table = table_of(report, block.table)
            rows += [[squeezed(box.text) for box in table.row_boxes(row)] for row in range(table.row_count)]
    return rows


def gold(slug: str) -> dict[tuple[str, str, str], str]:
    with (FIXTURES / f"{slug}.gold.csv").open(encoding="utf-8") as file:
        return {(row["table"], row["row"], row["column"]): row["raw"] for row in csv.DictReader(file)}


@pytest.mark.parametrize("slug", SLUGS)
def test_shipped_seed_has_the_gold_figures_as_printed(slug: str) -> None:
    report = load(slug)
    expected = gold(slug)
    tables = {address: raw for address, raw in expected.items() if address[0] != "indicators"}
    assert dict(report.raws) == tables
    indicators = {address[1]: raw for address, raw in expected.items() if address[0] == "indicators"}
    assert {squeezed(row.label): row.value for row in report.indicators} == indicators


@pytest.mark.parametrize("slug", SLUGS)
def test_shipped_seed_has_the_narrative_of_the_text(slug: str) -> None:
    text = squeezed(re.sub(r"\[bookmark: \w+\]", "", (FIXTURES / f"{slug}.txt").read_text(encoding="utf-8")))
    place = 0
    for paragraph in load(slug).paragraphs:
        found = text.find(squeezed(paragraph), place)
        assert found >= 0, paragraph[:40]
        place = found + len(squeezed(paragraph))


@pytest.mark.parametrize("slug", SLUGS)
def test_tables_are_whole_grids(slug: str) -> None:
    report = load(slug)
    for block in report.blocks:
        if isinstance(block, TableSlot):
            table = table_of(report, block.table)
            places = [
                (row, column)
                for box in table.boxes
                for row in range(box.row, box.row + box.row_span)
                for column in range(box.column, box.column + box.column_span)
            ]
            assert len(places) == len(set(places)) == table.row_count * len(table.widths)


@pytest.mark.parametrize("slug", SLUGS)
def test_pdf_cells_read_with_pdfplumber(slug: str) -> None:
    report = load(slug)
    found: list[list[str]] = []
    with pdfplumber.open(io.BytesIO(write_pdf(report))) as pdf:
        assert len(pdf.pages) > 1
        for page in pdf.pages:
            for table in page.extract_tables():
                found += [[squeezed(cell) for cell in row if cell is not None] for row in table]
    expected = printed_rows(report)
    assert len(found) == len(expected)
    figures = [[cell for cell in row if re.fullmatch(r"-?[\d.]+", cell)] for row in found]
    assert figures == [[cell for cell in row if re.fullmatch(r"-?[\d.]+", cell)] for row in expected]


@pytest.mark.parametrize("slug", SLUGS)
def test_pdf_text_reads_with_pdfium(slug: str) -> None:
    report = load(slug)
    document = pypdfium2.PdfDocument(write_pdf(report))
    try:
        text = squeezed("".join(re.sub(r"- \d+ -$", "", page.get_textpage().get_text_range()) for page in document))
    finally:
        document.close()
    for paragraph in report.paragraphs:
        assert squeezed(paragraph) in text


@pytest.mark.parametrize("slug", SLUGS)
def test_docx_cells_read_with_python_docx(slug: str) -> None:
    report = load(slug)
    document = docx.Document(io.BytesIO(write_docx(report)))
    rows = []
    seen: set[object] = set()
    for table in document.tables:
        for row in table.rows:
            cells = []
            for cell in row.cells:
                if cell._tc not in seen:
                    seen.add(cell._tc)
                    cells.append(squeezed(cell.text))
            rows.append(cells)
    assert rows == printed_rows(report)
    paragraphs = [squeezed(paragraph.text) for paragraph in document.paragraphs if paragraph.text]
    assert paragraphs == [squeezed(paragraph) for paragraph in report.paragraphs]


@pytest.mark.parametrize("write", [word_html, table_html, page_html])
@pytest.mark.parametrize("slug", SLUGS)
def test_html_cells_read_with_lxml(slug: str, write: object) -> None:
    assert callable(write)
    report = load(slug)
    root = lxml.html.fromstring(f"<html><body>{write(report)}</body></html>")
    rows = [[squeezed(cell.text_content()) for cell in row.xpath("./td")] for row in root.iter("tr")]
    assert rows == printed_rows(report)


def test_word_html_misleads_by_position_in_the_fees_block() -> None:
    root = lxml.html.fromstring(f"<html><body>{word_html(load('keqiao-2020'))}</body></html>")
    rows = list(root.iter("tr"))
    (place,) = [index for index, row in enumerate(rows) if "第（八）项" in row.text_content()]
    assert [cell.get("colspan") for cell in rows[place + 1]] == ["3", "6", "3"]
    assert [cell.get("colspan") for cell in rows[place + 2]] == ["6", "3", "3"]


def test_equal_reports_give_equal_bytes() -> None:
    report = load("haishu-office-2020")
    assert write_pdf(report) == write_pdf(report)
    assert write_docx(report) == write_docx(report)


def test_an_edited_figure_changes_one_cell() -> None:
    report = load("ouhai-2020")
    edited = report.with_figure(("disclosure", "penalties", "decisions"), "8313")
    before, after = printed_rows(report), printed_rows(edited)
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [(["行政处罚", "1920", "-216", "8133"], ["行政处罚", "1920", "-216", "8313"])]
    with pytest.raises(KeyError):
        report.with_figure(("disclosure", "penalties", "nothing"), "1")


def test_words_are_replaced_in_one_paragraph_or_not_at_all() -> None:
    report = load("keqiao-2020")
    assert "全部账号备案" in "".join(
        report.with_text("省级政务新媒体管理平台已全面投入使用。", "已完成全部账号备案。").paragraphs
    )
    with pytest.raises(ValueError, match="paragraphs hold"):
        report.with_text("政务公开", "政务")


@pytest.mark.parametrize("year", [2019, 2020, 2021, 2024])
@pytest.mark.parametrize("seed", range(5))
def test_invented_reports_keep_the_identities(year: int, seed: int) -> None:
    report = invent("示例市示例局", year, seed)
    assert report.form == ("2019" if year <= 2020 else "2021")
    figures = {address: int(raw) for address, raw in report.raws.items() if address[0] != "disclosure"}

    def value(row: str, column: str) -> int:
        return figures["applications", row, column]

    rows = {row for table, row, _ in figures if table == "applications"}
    for column in APPLICANTS:
        assert value("received", column) + value("carried_in", column) == (
            value("disposed_total", column) + value("carried_out", column)
        )
        dispositions = rows - {"received", "carried_in", "disposed_total", "carried_out"}
        assert sum(value(row, column) for row in dispositions) == value("disposed_total", column)
    for row in rows:
        assert sum(value(row, column) for column in APPLICANTS[:-1]) == value(row, "total")
    for route in {row for table, row, _ in figures if table == "challenges"}:
        outcomes = [figures["challenges", route, outcome] for outcome in ("upheld", "corrected", "other", "pending")]
        assert sum(outcomes) == figures["challenges", route, "total"]


def test_invented_reports_print_every_figure_of_their_form() -> None:
    for year, expected in ((2020, 198), (2023, 200)):
        report = invent("示例县人民政府", year, 1)
        assert len(report.raws) == expected
        boxes = [
            box
            for block in report.blocks
            if isinstance(block, TableSlot)
            for box in table_of(report, block.table).boxes
            if not box.is_header
        ]
        assert sorted(box.text for box in boxes) == sorted(report.raws.values())
