"""Lines of 行政复议 and 行政诉讼 whose first cells are blank, or indent the line: where nothing decides, no figure has a place for certain."""

from __future__ import annotations

import pytest

from extract.forms import FORMS
from extract.model import RELIABLE, State
from tests.extract.table_documents import by_address, read_lines

TABLE = FORMS["2021"].tables["challenges"]
OUTCOMES = "结果维持\t结果纠正\t其他结果\t尚未审结\t总计"
HEAD = f"四、政府信息公开行政复议、行政诉讼情况\n\t行政复议\t行政诉讼\t\t\n{OUTCOMES}\t未经复议直接起诉\t复议后起诉\t\t\n{{before}}{OUTCOMES}\t{OUTCOMES}{{behind}}\n"
FULL = ["1", "2", "0", "3", "6", "1", "0", "0", "0", "1", "2", "0", "0", "2", "4"]
LATE = ["", "", "", "36", "36", "17", "", "7", "", "24", "", "", "", "", ""]
NONE = ["0", "—", "—", "0", "", "—", "0", "", "", "0", "", "", "0", "—", ""]


def sure(line: str, before: str, behind: str) -> dict[tuple[str, str], str]:
    """The figures that are read for certain, each as printed; `nothing` where a zero or a blank is all that is said."""
    found = by_address(read_lines(f"{HEAD.format(before=before, behind=behind)}{line}\n\n五、存在的主要问题\n"))
    return {
        (row, column): "nothing" if figure.state is State.NOTHING else figure.raw
        for (table, row, column), figure in found.items()
        if table == TABLE.code and figure.confidence >= RELIABLE
    }


@pytest.mark.parametrize("cells", [LATE, NONE], ids=["late", "none"])
@pytest.mark.parametrize("before", ["", "\t"])
@pytest.mark.parametrize("behind", ["", "\t", "\t\t", "\t\t\t"])
@pytest.mark.parametrize("indent", ["", "\t", "\t\t"])
@pytest.mark.parametrize("rest", ["", "\t", "\t\t"])
def test_a_blank_that_may_indent_the_line_moves_no_figure(
    cells: list[str], before: str, behind: str, indent: str, rest: str
) -> None:
    printed = {
        (row.code, column.code): cells[number * len(TABLE.columns) + place]
        for number, row in enumerate(TABLE.rows)
        for place, column in enumerate(TABLE.columns)
    }
    line = indent + "\t".join(cells) + rest
    found = sure(line, before, behind)
    nothing = {address for address, raw in found.items() if raw == "nothing" and printed[address] in ("0", "—", "")}
    assert {address: raw for address, raw in found.items() if address not in nothing and raw != printed[address]} == {}


@pytest.mark.parametrize("indent", ["", "\t", "\t\t"])
def test_a_line_without_blanks_is_read_wherever_it_begins(indent: str) -> None:
    assert len(sure(indent + "\t".join(FULL) + "\t\t", "\t", "\t\t")) == len(FULL)
