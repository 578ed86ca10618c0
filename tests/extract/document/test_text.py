from __future__ import annotations

import pytest

from extract.document import text
from extract.errors import DocumentTooLarge
from extract.model import Limits, Line


def lines(data: bytes) -> list[tuple[str, str]]:
    return [(block.text, block.where) for block in text.read(data, Limits()).blocks if isinstance(block, Line)]


def test_line_numbers_count_blank_lines() -> None:
    assert lines("一\n\n\n二".encode()) == [("一", "line 1"), ("二", "line 4")]


def test_tabs_pipes_and_blank_cells_are_kept() -> None:
    assert [line for line, _ in lines("\t规章\n\t\n\t3\n| a |  |\n\u00a0 \n".encode())] == [
        "\t规章",
        "\t",
        "\t3",
        "| a |  |",
    ]


def test_every_line_end_and_charset() -> None:
    want = [("一、总体情况", "line 1"), ("二", "line 2")]
    assert lines("一、总体情况\r\n二\r\n".encode("gb18030")) == want
    assert lines("\ufeff一、总体情况\r二".encode()) == want
    assert lines("一、总体情况\n二".encode("utf-16")) == want


def test_markdown_heading_is_marked() -> None:
    first = text.read("# 标题\n正文".encode(), Limits()).blocks[0]
    assert isinstance(first, Line)
    assert first.heading


def test_endless_lines_are_refused() -> None:
    with pytest.raises(DocumentTooLarge, match="lines"):
        text.read(b"\n" * 400_000, Limits())


def test_commas_within_numbers_part_no_cells() -> None:
    """Every row has two commas, as comma-separated rows have; they stand before three digits, and blanks part the cells."""
    rows = [f"（{number}）予以公开 1,104 - - - 50 - 1,154" for number in "一二三四"]
    assert [line for line, _ in lines("\n".join(rows).encode())] == rows
    separated = [f"（{number}）予以公开,1104,50" for number in "一二三四"]
    assert [line for line, _ in lines("\n".join(separated).encode())] == [row.replace(",", "\t") for row in separated]
    mixed = [*rows[:3], "（四）不予公开,104,50 1"]
    assert all("\t" in line for line, _ in lines("\n".join(mixed).encode()))
