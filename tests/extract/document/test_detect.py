"""Media types and charsets by content, whatever the name or the header says."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from extract.document import detect as kinds
from extract.document.detect import decode_text, detect


def zip_of(*names: str, **contents: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, contents.get(name, b"x"))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"%PDF-1.7\n", kinds.PDF),
        (b"\r\n\xef\xbb\xbf%PDF-1.4\n", kinds.PDF),
        (b"<br>Warning: header</br>\n%PDF-1.4\n1 0 obj\nendobj\n", kinds.PDF),
        (zip_of("[Content_Types].xml", "word/document.xml"), kinds.DOCX),
        (zip_of("[Content_Types].xml", "xl/workbook.xml"), kinds.XLSX),
        (zip_of("[Content_Types].xml", "ppt/presentation.xml"), kinds.PPTX),
        (zip_of("OFD.xml", "Doc_0/Document.xml"), kinds.OFD),
        (zip_of("mimetype", mimetype=b"application/vnd.oasis.opendocument.text"), kinds.ODT),
        (zip_of("report.pdf"), kinds.ZIP),
        (zip_of("[Content_Types].xml", "word/document.xml")[:-30], kinds.DOCX),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, kinds.OLE),
        (b"{\\rtf1\\ansi", kinds.RTF),
        (
            b"From: <Saved by WPS>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n boundary=x\r\n",
            kinds.MHT,
        ),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (gzip.compress(b"<html>"), kinds.GZIP),
        (b"Rar!\x1a\x07\x00", kinds.RAR),
        (b"<!DOCTYPE html><html>", kinds.HTML),
        ("\ufeff\n <!-- saved --> <html>".encode(), kinds.HTML),
        (b'<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE html PUBLIC "x"><html>', kinds.HTML),
        ("政府信息公开<table><tr><td>1</td></tr></table>".encode(), kinds.HTML),
        ("<html>公开".encode("utf-16-le"), kinds.HTML),
        (b'{"data": []}', kinds.JSON),
        (b"[1, 2]", kinds.JSON),
        ("[bookmark: _GoBack]四、加强监督".encode(), kinds.TEXT),
        ("一、总体情况\n本年新收\t12".encode("gb18030"), kinds.TEXT),
        ("受理<3件，其余略".encode(), kinds.TEXT),
        (b"<rss version='2.0'><channel/></rss>", kinds.XML),
        (bytes(range(256)) * 8, kinds.BINARY),
        (b"", kinds.TEXT),
    ],
)
def test_bytes_decide_the_media_type(data: bytes, expected: str) -> None:
    assert detect(data, "report.doc") == expected


def test_a_name_decides_nothing_that_bytes_show() -> None:
    assert detect(b"%PDF-1.7\n", "report.html") == kinds.PDF


REPORT = "海曙区2020年政府信息公开工作年度报告"


@pytest.mark.parametrize(
    ("data", "header"),
    [
        (REPORT.encode(), None),
        (REPORT.encode("gb18030"), None),
        (REPORT.encode("utf-16"), None),
        (("\ufeff" + REPORT).encode(), "gbk"),
        (('<meta charset="gb2312">' + REPORT).encode("gb18030"), "text/html; charset=UTF-8"),
        (('<meta charset="utf-8">' + REPORT).encode("gb18030"), None),
        (REPORT.encode("gb18030"), "text/html; charset=iso-8859-1"),
        (REPORT.encode("gb18030"), 'text/html; charset="GB2312"'),
        (REPORT.encode("gb18030"), "gbk"),
        (("<meta charset=utf-16>" + REPORT).encode(), None),
        (REPORT.encode(), "text/html; charset=no-such-thing"),
        (REPORT.encode(), "hex"),
    ],
)
def test_text_is_decoded_whatever_the_label(data: bytes, header: str | None) -> None:
    assert REPORT in decode_text(data, header)


def test_a_page_cut_inside_a_character_keeps_its_charset() -> None:
    text = decode_text(REPORT.encode()[:-1])
    assert text.startswith(REPORT[:-1])
    assert text.endswith("\ufffd")


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        (
            {"mimetype": "application/vnd.oasis.opendocument.presentation"},
            "application/vnd.oasis.opendocument.presentation",
        ),
        ({"mimetype": "application/epub+zip", "OEBPS/a.xhtml": "x"}, "application/epub+zip"),
        ({"Index/Document.iwa": "x"}, "application/vnd.apple.iwork"),
        ({"FixedDocSeq.fdseq": "x", "[Content_Types].xml": "x"}, "application/vnd.ms-xpsdocument"),
        ({"2021.txt": "x", "readme": "application/zip"}, kinds.ZIP),
    ],
)
def test_packages_that_are_no_archives(files: dict[str, str], kind: str) -> None:
    """Their parts are no documents; nothing may be said of what a part doesn't hold."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, text in files.items():
            package.writestr(name, text)
    assert detect(out.getvalue()) == kind


def test_flat_open_document() -> None:
    """One piece of XML with everything in it."""
    root = '<?xml version="1.0"?><office:document xmlns:office="x" office:mimetype="application/vnd.oasis.opendocument.{}"/>'
    assert detect(root.format("text").encode()) == kinds.ODT
    assert detect(root.format("spreadsheet").encode()).endswith("spreadsheet-flat-xml")
