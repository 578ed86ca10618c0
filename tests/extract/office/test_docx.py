"""docx: merged cells, tracked changes, wrappers and the other traps of its XML."""

from __future__ import annotations

import io
import zipfile

import pytest

from crawler.replica.documents.docx import write_docx as write_replica_docx
from extract.errors import DocumentTooLarge, UnreadableDocument
from extract.model import Limits, Line
from extract.office import docx
from extract.readers import read_document
from tests.carriers.reports import NAMES, bare, expected_rows, found_rows, grids, report, tables_of, text_of
from tests.carriers.word import write_docx

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


def package(body: str, name: str = "word/document.xml") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, f'<?xml version="1.0"?><w:document {W}><w:body>{body}</w:body></w:document>')
    return out.getvalue()


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def rows_of(body: str) -> list[list[str | None]]:
    document = docx.read(package(body), Limits())
    return [[c.text if c is not None else None for c in row] for grid in grids(document) for row in grid.rows]


@pytest.mark.parametrize("writer", [write_docx, write_replica_docx])
@pytest.mark.parametrize("name", NAMES)
def test_every_table_comes_out_cell_for_cell(name: str, writer: object) -> None:
    assert callable(writer)
    source = report(name)
    document = read_document(writer(source), hint="report.doc")
    assert [found_rows(grid) for grid in grids(document)] == [expected_rows(table) for table in tables_of(source)]
    assert text_of(document) == bare("".join(source.paragraphs))


def test_a_vertical_merge_without_a_value_covers_the_cell() -> None:
    body = table(cell("甲", '<w:vMerge w:val="restart"/>') + cell("1"), cell("", "<w:vMerge/>") + cell("2"))
    assert rows_of(body) == [["甲", "1"], [None, "2"]]


def test_a_merge_that_nothing_opened_is_a_cell_of_its_own() -> None:
    body = table(cell("甲") + cell("1"), cell("7", "<w:vMerge/>") + cell("2"))
    assert rows_of(body) == [["甲", "1"], ["7", "2"]]


def test_old_horizontal_merges_cover_their_neighbours() -> None:
    body = table(cell("甲", '<w:hMerge w:val="restart"/>') + cell("", "<w:hMerge/>"), cell("1") + cell("2"))
    assert rows_of(body) == [["甲", None], ["1", "2"]]


def test_grid_gaps_keep_the_columns() -> None:
    body = table(
        cell("甲") + cell("1") + cell("2"), '<w:trPr><w:gridBefore w:val="1"/></w:trPr>' + cell("3") + cell("4")
    )
    assert rows_of(body) == [["甲", "1", "2"], [None, "3", "4"]]


def test_deleted_text_is_gone_and_inserted_text_stays() -> None:
    inside = (
        "<w:del><w:r><w:delText>9</w:delText></w:r></w:del><w:ins><w:r><w:t>8</w:t></w:r></w:ins>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>5</w:t></w:r>"
    )
    body = table(cell("甲") + f"<w:tc><w:p>{inside}</w:p></w:tc>", "<w:trPr><w:del/></w:trPr>" + cell("乙") + cell("3"))
    assert rows_of(body) == [["甲", "8"]]


@pytest.mark.parametrize(
    ("properties", "shown"),
    [
        ('<w:vertAlign w:val="superscript"/>', "12¹"),
        ("<w:strike/>", "121\u0336"),
        ('<w:strike w:val="0"/>', "121"),
    ],
)
def test_raised_and_struck_digits_do_not_join_the_figure(properties: str, shown: str) -> None:
    inside = f"<w:r><w:t>12</w:t></w:r><w:r><w:rPr>{properties}</w:rPr><w:t>1</w:t></w:r>"
    assert rows_of(table(cell("甲") + f"<w:tc><w:p>{inside}</w:p></w:tc>")) == [["甲", shown]]


def test_content_controls_hold_rows_and_cells() -> None:
    row = f"<w:tr>{cell('乙')}<w:sdt><w:sdtContent>{cell('2')}</w:sdtContent></w:sdt></w:tr>"
    body = f"<w:tbl><w:tr>{cell('甲')}{cell('1')}</w:tr><w:sdt><w:sdtContent>{row}</w:sdtContent></w:sdt></w:tbl>"
    assert rows_of(body) == [["甲", "1"], ["乙", "2"]]


def test_alternate_content_is_read_once() -> None:
    run = "<w:r><w:t>12</w:t></w:r>"
    inside = f"<mc:AlternateContent><mc:Choice>{run}</mc:Choice><mc:Fallback>{run}</mc:Fallback></mc:AlternateContent>"
    body = table(cell("甲") + f"<w:tc><w:p>{inside}</w:p></w:tc>")
    assert rows_of(body) == [["甲", "12"]]


def test_broken_labels_join_and_stacked_figures_dont() -> None:
    label = "<w:tc><w:p><w:r><w:t>（四）无</w:t></w:r></w:p><w:p><w:r><w:t>法提供</w:t></w:r></w:p></w:tc>"
    figures = "<w:tc><w:p><w:r><w:t>1</w:t><w:br/><w:t>0</w:t></w:r></w:p></w:tc>"
    assert rows_of(table(label + figures)) == [["（四）无法提供", "1 0"]]


def test_a_nested_table_of_one_cell_is_its_text() -> None:
    inner = table(cell("7"))
    assert rows_of(table(cell("甲") + f"<w:tc>{inner}<w:p/></w:tc>")) == [["甲", "7"]]


def test_a_layout_frame_gives_way_to_what_it_holds() -> None:
    inner = table(cell("行政许可") + cell("7") + cell("8"))
    body = table(f"<w:tc><w:p><w:r><w:t>一、总体情况</w:t></w:r></w:p>{inner}<w:p/></w:tc>")
    document = docx.read(package(body), Limits())
    assert [block.text for block in document.blocks if isinstance(block, Line)] == ["一、总体情况"]
    assert rows_of(body) == [["行政许可", "7", "8"]]


def test_symbols_without_a_meaning_are_unread_not_blank() -> None:
    symbol = '<w:tc><w:p><w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r></w:p></w:tc>'
    document = docx.read(package(table(cell("甲") + symbol)), Limits())
    found = grids(document)[0].rows[0][1]
    assert found is not None
    assert found.unread


def test_large_images_are_named_as_unread() -> None:
    drawing = (
        '<w:p><w:r><w:drawing><wp:inline xmlns:wp="x"><wp:extent cx="5000000" cy="3000000"/>'
        '<a:blip xmlns:a="y"/></wp:inline></w:drawing></w:r></w:p>'
    )
    assert any("image" in warning for warning in docx.read(package(drawing), Limits()).warnings)


def test_the_text_part_may_have_another_name() -> None:
    out = io.BytesIO(package("<w:p><w:r><w:t>正文</w:t></w:r></w:p>", "word/document2.xml"))
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="/word/document2.xml"/></Relationships>'
    )
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("_rels/.rels", relation)
    assert text_of(read_document(out.getvalue())) == "正文"


def test_word_2003_xml_is_read() -> None:
    flat = (
        '<?xml version="1.0"?><?mso-application progid="Word.Document"?>'
        '<w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml" xmlns:wx="z"><w:body><wx:sect>'
        + table(cell("甲", '<w:vmerge w:val="restart"/>') + cell("1"), cell("", "<w:vmerge/>") + cell("2"))
        + "</wx:sect></w:body></w:wordDocument>"
    )
    document = read_document(flat.encode(), hint="report.doc")
    assert found_rows(grids(document)[0]) == [["甲", "1"], [None, "2"]]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (package("<w:p/>")[:-40], "damaged|cut short"),
        (package("<w:p>" * 3000), "damaged or nested"),
        (
            package("<w:tbl><w:tr><w:tc>" * 80 + "</w:tc></w:tr></w:tbl>" * 80).replace(b"PK\x01\x02", b"PK\x01\x03"),
            "damaged",
        ),
    ],
)
def test_damage_is_said(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocument, match=reason):
        docx.read(data, Limits())


def test_entities_are_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>')
    with pytest.raises(UnreadableDocument, match="document type"):
        docx.read(out.getvalue(), Limits())


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * (300 * 1024 * 1024))
    with pytest.raises(DocumentTooLarge, match="max_unpacked_bytes"):
        docx.read(out.getvalue(), Limits())


def test_millions_of_elements_are_refused_before_they_fill_the_memory() -> None:
    with pytest.raises(DocumentTooLarge, match="tags"):
        docx.read(package("<w:p/>" * 3_000_000), Limits())


def test_a_million_columns_are_clamped_or_refused() -> None:
    body = table(cell("甲", '<w:gridSpan w:val="1000000"/>'), cell("1") + cell("2"))
    assert rows_of(body) == [["甲", None], ["1", "2"]]
    with pytest.raises(DocumentTooLarge, match="max_columns"):
        docx.read(package(table(cell("1") * 70)), Limits())
