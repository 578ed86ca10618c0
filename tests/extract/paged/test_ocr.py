"""Scans: said to be unread without the extra, read twice with it."""

from __future__ import annotations

import io
import struct
import zlib

import pypdfium2
import pytest

from extract.errors import MissingExtra, UnreadableDocument
from extract.paged import ocr
from extract.readers import read_document
from extract.tables import read_tables
from tests.carriers.pdfs import PdfWriter
from tests.carriers.reports import report

needs_extra = pytest.mark.skipif(not ocr.is_installed(), reason="the extra ocr is not installed")


def png(width: int, height: int, grey: bytes) -> bytes:
    """A grey picture, eight bits a pixel."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + grey[row * width : (row + 1) * width] for row in range(height))
    head = struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def scan_of(pdf: bytes, page: int) -> bytes:
    """A page of a PDF as a picture of 200 dots per inch."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        bitmap = document[page].render(scale=200 / 72, grayscale=True)
        raw = bytes(bitmap.buffer)
        rows = (raw[row * bitmap.stride : row * bitmap.stride + bitmap.width] for row in range(bitmap.height))
        return png(bitmap.width, bitmap.height, b"".join(rows))
    finally:
        document.close()


def test_a_picture_without_the_extra_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "is_installed", lambda: False)
    with pytest.raises(MissingExtra, match=r"ogi-archive\[ocr\]"):
        read_document(png(8, 8, b"\xff" * 64))


@needs_extra
def test_a_damaged_picture_is_refused() -> None:
    with pytest.raises(UnreadableDocument, match="damaged"):
        read_document(png(8, 8, b"\xff" * 64)[:30])


@needs_extra
@pytest.mark.slow
def test_no_figure_of_a_scan_is_silently_wrong() -> None:
    source = report("form-2021")
    pdf = PdfWriter().write(source)
    drawn = read_tables(read_document(first_page(pdf))).figures
    result = read_tables(read_document(scan_of(pdf, 0)))
    trusted = [figure for figure in result.figures if figure.confidence >= 0.9]
    assert all(source.raws[f.table, f.row, f.column] == f.raw for f in trusted)
    assert len(drawn) >= 80
    assert len(trusted) >= 0.95 * len(drawn)


def first_page(pdf: bytes) -> bytes:
    """A PDF of the first page alone: what of a table stands on it."""
    document, alone = pypdfium2.PdfDocument(pdf), pypdfium2.PdfDocument.new()
    alone.import_pages(document, [0])
    buffer = io.BytesIO()
    alone.save(buffer)
    return buffer.getvalue()
