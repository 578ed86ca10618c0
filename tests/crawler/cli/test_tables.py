"""Tables on terminals of any width: nothing is lost, nothing is wider, dates and codes are whole, Chinese is aligned."""

from __future__ import annotations

from typing import Any

import pytest
from rich.cells import cell_len

from crawler.cli.tables import layout, wrapped

COLUMNS = {"agency": "agency", "due": "due", "status": "status", "why": "why"}
ROWS: list[dict[str, Any]] = [
    {"agency": "温州市瓯海区人民政府", "due": "2022-03-31", "status": "published", "why": None},
    {
        "agency": "温州市瓯海区经济和信息化局",
        "due": "2022-01-31",
        "status": "unknown",
        "why": "no complete reading of the lists after the due date; the last pass said: blocked:waf (http://www.ouhai.example/col/list.html)",
    },
]


@pytest.mark.parametrize("width", [48, 60, 80, 100, 140, 300])
def test_table_fits_and_loses_nothing(width: int) -> None:
    lines = list(layout(ROWS, COLUMNS, width))
    assert all(cell_len(line) <= width for line in lines)
    for row in ROWS:
        for name in ("due", "status"):
            assert any(str(row[name]) in line for line in lines)
        for word in str(row["why"] or "").split():
            assert any(word in line for line in lines) or cell_len(word) > width - 8


def test_columns_of_a_wide_terminal_stand_under_each_other() -> None:
    head, first, second = layout(ROWS, COLUMNS, 300)
    for name in ("due", "status", "why"):
        at = cell_len(head[: head.index(name)])
        assert cell_len(second[: second.index(str(ROWS[1][name]))]) == at
    assert cell_len(first[: first.index("2022")]) == cell_len(head[: head.index("due")])


def test_long_text_stands_under_its_row_on_a_narrow_terminal() -> None:
    head, first, second, *under = layout(ROWS, COLUMNS, 60)
    assert "why" not in head
    assert [line.split()[-1] for line in (first, second)] == ["published", "unknown"]
    assert under[0].startswith("    why: no complete reading")
    assert all(line.startswith("    ") for line in under)


def test_code_that_a_column_is_too_narrow_for_is_not_cut() -> None:
    row = {
        "agency": "温州市瓯海区人民政府",
        "due": "2022-03-31",
        "status": "revised",
        "why": "disclosure.penalties.decisions 8133 → 8313",
    }
    text = "\n".join(layout([row], COLUMNS, 70))
    assert "    why: disclosure.penalties.decisions 8133 → 8313" in text


def test_without_a_terminal_each_row_is_one_line() -> None:
    assert len(list(layout(ROWS, COLUMNS, None))) == 1 + len(ROWS)


def test_text_is_cut_between_words_and_long_words_inside() -> None:
    assert wrapped("one two three", 8) == ["one two", "three"]
    assert wrapped("温州市瓯海区", 5) == ["温州", "市瓯", "海区"]
    assert wrapped("", 8) == [""]
