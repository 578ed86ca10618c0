"""What a reader makes of one figure that a person sees otherwise than it is stored."""

from __future__ import annotations

from decimal import Decimal

from extract.model import Document, Figure
from extract.tables import TablesResult, read_tables

#: Row and column of the figure that a variant changes, and what the other rows hold.
TABLE, ROW, COLUMN = "disclosure", "penalties", "decisions"
CAPTION = "第二十条第（六）项"
HEADER = ("信息内容", "本年处理决定数量")
LABEL = "行政处罚"
BESIDE = ("行政强制", "4")


def figure_of(result: TablesResult) -> Figure | None:
    """The figure that the variant changed, if there is one."""
    return next((f for f in result.figures if (f.table, f.row, f.column) == (TABLE, ROW, COLUMN)), None)


def standing(document: Document, shown: str | None) -> str:
    """`right`, `flagged` or `silent`.

    Right: the value that a person sees, at 0.9 or more. Flagged: below 0.9 or left out, with a warning. `shown` is `None` where
    a person can't tell or sees nothing.
    """
    result = read_tables(document)
    figure = figure_of(result)
    warnings = (*document.warnings, *result.warnings)
    if figure is None or not figure.is_reliable:
        return "flagged" if any("penalties" in text or "hid" in text for text in warnings) else "silent"
    value = None if shown in (None, "") else Decimal(str(shown))
    is_right = figure.value == value and (shown is not None or False)
    return "right" if is_right else "silent"


def is_untouched(document: Document, value: str) -> bool:
    """Whether the figure and the one in the row below are read without any doubt."""
    result = read_tables(document)
    figure = figure_of(result)
    beside = next((f for f in result.figures if (f.row, f.column) == ("coercion", COLUMN)), None)
    return (
        figure is not None
        and figure.value == Decimal(value)
        and figure.confidence == 1.0
        and beside is not None
        and beside.value == Decimal(BESIDE[1])
        and beside.confidence == 1.0
    )
