"""Containers: zip with GBK names, zip in zip, bombs, gzip, saved web pages; and the dispatch itself."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
import zipfile

import pytest

from extract.errors import DocumentTooLarge, UnreadableDocument
from extract.model import Limits, Line
from extract.readers import read_document
from tests.carriers.books import write_xlsx
from tests.carriers.reports import expected_rows, found_rows, grids, report, tables_of
from tests.carriers.word import write_docx


def archive_of(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_the_report_comes_before_larger_files() -> None:
    source = report("yuyao-2019")
    data = archive_of(**{"附表.xlsx": write_xlsx(report("form-2021")), "2019年度报告.docx": write_docx(source)})
    document = read_document(data)
    assert found_rows(grids(document)[0]) == expected_rows(tables_of(source)[0])
    assert document.blocks[0].where.startswith("2019年度报告.docx: ")
    assert len(grids(document)) == len(tables_of(source)) + 3


@pytest.mark.parametrize(
    ("report_name", "other_name"),
    [
        ("示例市财政局2020年政府信息公开年报.txt", "示例市财政局2020年政府信息公开指南.txt"),
        ("2020年信息公开年报（财政局）（PDF版）.txt", "2020年度部门决算年报.txt"),
        ("二〇二〇年度政府信息公开工作年度报告.txt", "2020年政府信息公开年报解读.txt"),
        ("年报.txt", "附表说明.txt"),
        ("2020年政府信息公开年度报告/财政局.txt", "2020年政府信息公开指南/财政局.txt"),
        ("政府信息公开.txt", "财政局.txt"),
    ],
)
def test_the_name_of_a_report_comes_before_that_of_another_paper(report_name: str, other_name: str) -> None:
    data = archive_of(**{other_name: "二、其他".encode() * 99, report_name: "一、总体情况".encode()})
    document = read_document(data)
    assert document.blocks[0].where.startswith(f"{report_name}: ")
    assert len(document.blocks) == 2


def test_names_in_gbk_are_read() -> None:
    source = "年度报告.txt".encode("gb18030").decode("cp437")
    data = archive_of(**{source: "一、总体情况".encode()})
    # zipfile marks every name that isn't ASCII as UTF-8; old programs in China write the bytes and no mark.
    raw = data.replace(source.encode(), source.encode("cp437"))
    out = bytearray()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        member = archive.infolist()[0]
        assert member.flag_bits & 0x800
    out = bytearray(_without_utf8_mark(raw, source))
    assert read_document(bytes(out)).blocks[0].where.startswith("年度报告.txt: ")


def _without_utf8_mark(data: bytes, name: str) -> bytes:
    """The same archive with the name in GBK: lengths and offsets put right, the UTF-8 flag off."""
    out = io.BytesIO()
    raw = name.encode("cp437")
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("x" * len(raw), "一、总体情况".encode())
    return out.getvalue().replace(b"x" * len(raw), raw)


def test_an_archive_in_an_archive_is_opened_once() -> None:
    inner = archive_of(**{"report.txt": "一、总体情况".encode()})
    assert isinstance(read_document(archive_of(inner=inner)).blocks[0], Line)
    with pytest.raises(UnreadableDocument, match="nested"):
        read_document(archive_of(outer=archive_of(inner=inner)))


def test_what_cannot_be_read_is_named_and_the_rest_is_read() -> None:
    document = read_document(archive_of(**{"a.pdf": b"%PDF-1.4 broken", "report.txt": "一、总体情况".encode()}))
    assert any("a.pdf" in warning for warning in document.warnings)
    assert len(document.blocks) == 1


@pytest.mark.parametrize("name", ["bomb.txt", "word/document.xml", "xl/workbook.xml", "OFD.xml"])
def test_a_bomb_is_refused_before_it_is_unpacked(name: str) -> None:
    data = archive_of(**{name: b" " * 300_000_000})
    with pytest.raises(DocumentTooLarge, match="max_unpacked_bytes"):
        read_document(data)


def test_a_gzip_bomb_is_refused() -> None:
    with pytest.raises(DocumentTooLarge, match="max_unpacked_bytes"):
        read_document(gzip.compress(b" " * 300_000_000))


def test_a_file_that_is_too_large_is_refused_at_once() -> None:
    with pytest.raises(DocumentTooLarge, match="max_bytes"):
        read_document(b" " * 70_000_000)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\r\n  ", "empty"),
        (archive_of(), "no document"),
        (b"Rar!\x1a\x07\x00", "RAR"),
        (gzip.compress(b"x" * 9999)[:-20], "cut short"),
        (bytes(range(256)) * 9, "no kind"),
    ],
)
def test_refusals_say_what_to_do(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocument, match=reason):
        read_document(data)


def test_a_saved_web_page_is_read() -> None:
    page = "<html><body><table><tr><td>行政许可</td><td>7</td></tr></table></body></html>".encode("gb18030")
    data = (
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: text/html; charset=gb2312\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + page + b"\r\n--b--\r\n"
    )
    document = read_document(data, hint="report.doc")
    assert document.media_type == "multipart/related"
    assert found_rows(grids(document)[0]) == [["行政许可", "7"]]


def test_importing_the_readers_loads_no_library() -> None:
    code = (
        "import sys, extract.readers; "
        "print([m for m in ('pypdfium2', 'pdfplumber', 'lxml', 'olefile', 'python_calamine', 'trafilatura') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_limits_are_settings() -> None:
    with pytest.raises(DocumentTooLarge, match="max_bytes"):
        read_document(b"12345678901", limits=Limits(max_bytes=10))
