"""doc, wps and rtf as an office suite writes them, and the files that must be refused."""

from __future__ import annotations

import contextlib
import struct

import pytest

from extract.errors import UnreadableDocument
from extract.model import Limits
from extract.readers import read_document
from tests.carriers.fixtures import fixture
from tests.carriers.reports import bare, expected_rows, found_rows, grids, report, tables_of, text_of


@pytest.mark.parametrize(
    "name",
    ["form-2021.doc", "haishu-office-2020.doc", "keqiao-2020.wps", "yuyao-2019.rtf.gz", "form-2021.rtf.gz"],
)
def test_every_table_comes_out_cell_for_cell(name: str) -> None:
    source = report(name.partition(".")[0])
    document = read_document(fixture(name), hint="report.html")
    assert [found_rows(grid) for grid in grids(document)] == [expected_rows(table) for table in tables_of(source)]
    assert text_of(document) == bare("".join(source.paragraphs))


def patched(offset: int, value: int) -> bytes:
    """A doc file with two bytes changed in its information block."""
    data = bytearray(fixture("form-2021.doc"))
    start = data.index(b"\xec\xa5")
    struct.pack_into("<H", data, start + offset, value)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (patched(0x0A, 0x0300), "encrypted"),
        (patched(0x02, 0x0065), "before Word 97"),
        (patched(0x00, 0xA5DB), "before Word 97"),
        (fixture("form-2021.doc")[:20_000], "damaged|OLE container"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 5000, "OLE container"),
    ],
)
def test_what_cannot_be_read_is_said(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocument, match=reason):
        read_document(data)


def test_every_cut_of_a_doc_file_ends_in_a_document_or_a_clear_error() -> None:
    whole = fixture("form-2021.doc")
    for length in range(512, len(whole), 4099):
        with contextlib.suppress(UnreadableDocument):  # any other exception fails
            read_document(whole[:length])


def rtf(body: str) -> bytes:
    return (r"{\rtf1\ansi\ansicpg936{\fonttbl{\f0\fcharset0 Times;}{\f1\fcharset134 SimSun;}}" + body + "}").encode(
        "gb18030"
    )


def rtf_rows(body: str) -> list[list[str | None]]:
    return [row for grid in grids(read_document(rtf(body))) for row in found_rows(grid)]


def test_rtf_bytes_and_escapes_are_decoded() -> None:
    document = read_document(
        rtf(r"\f1\'b9\'e6\'d5\'c2\f0 : \u20844?\u24320? {\*\unknown x}{\v hidden}{\deleted 9}A\par")
    )
    assert text_of(document) == "规章:公开A"


def test_raised_and_struck_digits_do_not_join_the_figure() -> None:
    row = r"\trowd\cellx1000\cellx2000 \pard\intbl 12{\super 1}3\cell 12{\strike 9}\strike0 4\cell\row\pard"
    assert rtf_rows(row) == [["12¹3", "129\u03364"]]
    (grid,) = grids(read_document(fixture("marked.doc")))
    assert found_rows(grid)[1] == ["政府集中采购", "12¹", "2510009\u0336"]


def test_rtf_merges_cover_their_cells() -> None:
    row = r"\trowd\clvmgf\cellx1000\cellx2000 \pard\intbl a\cell 1\cell\row"
    under = r"\trowd\clvmrg\cellx1000\cellx2000 \pard\intbl \cell 2\cell\row"
    wide = r"\trowd\cellx2000 \pard\intbl b\cell\row\pard"
    assert rtf_rows(row + under + wide) == [["a", "1"], [None, "2"], ["b", None]]


def test_rtf_blank_cells_stay() -> None:
    row = r"\trowd\cellx1000\cellx2000\cellx3000 \pard\intbl a\cell\cell 3\cell\row\pard"
    assert rtf_rows(row) == [["a", "", "3"]]


def test_rtf_groups_nested_too_deeply_are_refused() -> None:
    with pytest.raises(UnreadableDocument, match="max_depth"):
        read_document(rtf("{" * 50_000), limits=Limits())
