"""PDF: ruled tables over pages, turned pages, faked bold, and the files that must end with a clear error."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import zlib
from pathlib import Path

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from crawler.replica.documents.pdf import write_pdf as write_replica_pdf
from extract.document.where import Box, PageBox, format_page_box, parse_page_box
from extract.errors import DocumentTooLarge, UnreadableDocument
from extract.model import Limits, Line
from extract.readers import read_document
from extract.tables import read_tables
from tests.carriers.fixtures import fixture, real
from tests.carriers.ofds import write_ofd
from tests.carriers.pages import plain_html
from tests.carriers.pdfs import PdfWriter
from tests.carriers.reports import (
    NAMES,
    bare,
    expected_rows,
    filled_rows,
    found_rows,
    grids,
    report,
    tables_of,
    text_of,
)

WRITERS = {
    "ruled": lambda source: PdfWriter().write(source),
    "turned page": lambda source: PdfWriter(turn="page").write(source),
    "turned content": lambda source: PdfWriter(turn="content").write(source),
    "bold": lambda source: PdfWriter(bold=True).write(source),
    "ofd": write_ofd,
}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("name", ["yuyao-2019", "keqiao-2020", "form-2021"])
def test_every_table_comes_out_cell_for_cell(name: str, writer: str) -> None:
    source = report(name)
    document = read_document(WRITERS[writer](source), hint="report.doc")
    found = [filled_rows(found_rows(grid)) for grid in grids(document)]
    assert found == [filled_rows(expected_rows(table)) for table in tables_of(source)]
    assert text_of(document) == bare("".join(source.paragraphs))


# The replica's writer cuts vertical group labels at page ends as real reports do, so its cells differ, its figures don't.
ENGINE_CASES = [("replica", name) for name in NAMES] + [(writer, "form-2021") for writer in WRITERS]


@pytest.mark.parametrize(("writer", "name"), ENGINE_CASES)
def test_all_figures_are_bound_through_the_engine(writer: str, name: str) -> None:
    source = report(name)
    data = write_replica_pdf(source) if writer == "replica" else WRITERS[writer](source)
    result = read_tables(read_document(data))
    found = {(figure.table, figure.row, figure.column): figure.raw for figure in result.figures}
    assert {address: found.get(address) for address in source.raws} == dict(source.raws)


def test_a_row_cut_by_the_page_break_is_whole() -> None:
    document = read_document(fixture("form-2021.pdf"))
    rows = [row for grid in grids(document) for row in found_rows(grid)]
    labels = ["".join(text or "" for text in row[:3]) for row in rows]
    assert "（二）部分公开（区分处理的，只计这一情形，不计其他情形）" in labels


def test_the_real_report_comes_out_as_its_gold_file_says() -> None:
    gold = csv.DictReader(io.StringIO(real("huaian-2024.gold.csv").decode("utf-8-sig")))
    expected = {(line["table"], line["row"], line["column"]): line["raw"] for line in gold}
    result = read_tables(read_document(real("huaian-2024.pdf")))
    assert {(f.table, f.row, f.column): f.raw for f in result.figures} == expected


def test_paragraphs_are_joined_over_lines_and_pages() -> None:
    document = read_document(PdfWriter().write(report("form-2021")))
    lines = [block.text for block in document.blocks if isinstance(block, Line)]
    assert lines.count("2023年，全市共受理政府信息公开申请若干件，均在法定期限内答复。" * 12) == 3


def test_a_place_can_be_highlighted() -> None:
    document = read_document(PdfWriter().write(report("form-2021")))
    cell = next(c for grid in grids(document) for row in grid.rows for c in row if c and c.text == "3444674")
    place = parse_page_box(cell.where)
    assert place is not None
    assert place.page == 1
    assert 60 <= place.box.left < place.box.right <= 536
    assert place.box.top < place.box.bottom
    assert parse_page_box(format_page_box(3, Box(1.0, 2.5, 3.0, 4.0))) == PageBox(3, Box(1.0, 2.5, 3.0, 4.0))
    assert parse_page_box("table 2, row 5, cell 3") is None


def test_the_stream_order_is_a_second_reading() -> None:
    (alternative,) = read_document(PdfWriter().write(report("form-2021"))).alternatives
    assert all(isinstance(block, Line) for block in alternative.blocks)
    assert "96171.6" in text_of(alternative)


def test_a_page_number_goes_and_a_negative_figure_stays() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 842))
    for number in (1, 2):
        canvas.drawString(100, 700, "decrease")
        canvas.drawString(290, 30, f"- {number} -")
        canvas.drawString(290, 60, "-4")
        canvas.showPage()
    canvas.save()
    assert text_of(read_document(out.getvalue())) == "decrease-4decrease-4"


# Files that are wrong or hostile -------------------------------------------------------------------------------------


def pdf(*objects: str, streams: dict[int, bytes] | None = None) -> bytes:
    """A PDF of hand-written objects, the first of them the catalogue."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, text in enumerate(objects, start=1):
        places.append(len(out))
        stream = (streams or {}).get(number)
        body = text.encode() if stream is None else text.encode() + b"\nstream\n" + stream + b"\nendstream"
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    return bytes(out + f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF".encode())


def test_an_encrypted_file_is_refused() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, encrypt=StandardEncryption("secret", canPrint=0))
    canvas.drawString(100, 100, "x")
    canvas.save()
    with pytest.raises(UnreadableDocument, match="password"):
        read_document(out.getvalue())


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\n",
        b"%PDF-1.7\n" + bytes(range(256)) * 50,
        fixture("form-2021.pdf")[:1500],
        pdf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2/Parent 2 0 R>>"),
    ],
)
def test_a_damaged_file_ends_with_a_clear_error(data: bytes) -> None:
    with pytest.raises(UnreadableDocument):
        read_document(data)


def test_a_form_that_draws_itself_ends() -> None:
    form = "<</Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</XObject<</X 4 0 R>>>>/Length 4>>"
    page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 5 0 R/Resources<</XObject<</X 4 0 R>>>>>>"
    data = pdf(
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        page,
        form,
        "<</Length 4>>",
        streams={4: b"/X Do", 5: b"/X Do"},
    )
    assert read_document(data).blocks == ()


def test_too_many_pages_are_refused() -> None:
    kids = " ".join(["3 0 R"] * 500)
    data = pdf(
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count 500>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]>>",
    )
    with pytest.raises(DocumentTooLarge, match="max_pages"):
        read_document(data)


def test_a_page_with_many_strokes_ends_in_time() -> None:
    content = zlib.compress(
        b"".join(b"%d %d m %d %d l S\n" % (i % 500, i % 700, i % 500 + 9, i % 700) for i in range(400_000))
    )
    data = pdf(
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>",
        f"<</Filter/FlateDecode/Length {len(content)}>>",
        streams={4: content},
    )
    assert grids(read_document(data)) == []


def test_a_stream_that_unpacks_to_millions_of_strokes_is_refused_at_once() -> None:
    content = zlib.compress(b"0 0 m 9 9 l S\n" * 3_000_000)
    data = pdf(
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>",
        f"<</Filter/FlateDecode/Length {len(content)}>>",
        streams={4: content},
    )
    with pytest.raises(DocumentTooLarge, match="commands"):
        read_document(data)


def test_an_image_page_is_said_to_be_unread() -> None:
    image = zlib.compress(b"\xff" * 64)
    data = pdf(
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 5 0 R/Resources<</XObject<</I 4 0 R>>>>>>",
        "<</Type/XObject/Subtype/Image/Width 8/Height 8/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode"
        f"/Length {len(image)}>>",
        "<</Length 27>>",
        streams={4: image, 5: b"600 0 0 800 0 0 cm /I Do"},
    )
    assert any("page 1 is an image" in warning for warning in read_document(data).warnings)


def test_a_limit_on_cells_holds() -> None:
    with pytest.raises(DocumentTooLarge, match="max_cells"):
        read_document(PdfWriter().write(report("form-2021")), limits=Limits(max_cells=50))


# Tables without rulings, and as browsers print them --------------------------------------------------------------------


@pytest.mark.parametrize("name", ["haishu-office-2020", "form-2021"])
def test_unruled_tables_give_right_figures_or_none(name: str) -> None:
    source = report(name)
    result = read_tables(read_document(PdfWriter(ruled=False).write(source)))
    trusted = [figure for figure in result.figures if figure.confidence >= 0.9]
    assert all(source.raws[f.table, f.row, f.column] == f.raw for f in trusted)
    assert sum(f.table in ("disclosure", "applications") for f in trusted) >= 0.9 * (len(source.raws) - 15)


def test_columns_without_rulings_keep_their_blanks() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 842))
    rows = ["label 1 22 3 44", "label2 5 - 6 7", "label3 8 . 9 .", "label4 1 2 3 4"]
    for number, row in enumerate(rows):
        for place, text in enumerate(row.split()):
            if text != ".":
                canvas.drawRightString(100 + 60 * place, 700 - 20 * number, text)
    canvas.save()
    (grid,) = grids(read_document(out.getvalue()))
    assert [row[-4:] for row in found_rows(grid)] == [
        ["1", "22", "3", "44"],
        ["5", "-", "6", "7"],
        ["8", "", "9", ""],
        ["1", "2", "3", "4"],
    ]


BORDERS = {
    "collapsed": "table{border-collapse:collapse}td{border:1px solid #666}",
    "spaced": "table{border:1px solid}td{border:1px solid}",
    "dotted": "table{border-collapse:collapse}td{border:1px dotted #000}",
    "dashed": "table{border-collapse:collapse}td{border:1px dashed #000}",
    "filled": "table{background:#000;border-spacing:1px}td{background:#fff}",
    "framed": "div{border:1px solid;padding:20px}table{border-collapse:collapse}td{border:1px solid}",
}


@pytest.mark.browser
@pytest.mark.parametrize("border", BORDERS)
def test_a_page_printed_by_a_browser_is_read(border: str, tmp_path: Path) -> None:
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("chromium is not installed")
    source = report("form-2021")
    page = tmp_path / "report.html"
    page.write_text(
        f"<meta charset=utf-8><style>{BORDERS[border]}td{{font-size:9pt}}</style><div>{plain_html(source)}</div>"
    )
    subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--print-to-pdf=report.pdf", "report.html"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=60,
    )
    result = read_tables(read_document((tmp_path / "report.pdf").read_bytes()))
    found = {(figure.table, figure.row, figure.column): figure.raw for figure in result.figures}
    assert {address: found.get(address) for address in source.raws} == dict(source.raws)
