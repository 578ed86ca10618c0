"""Documents for the tests of the table engine."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

from extract.document.text import read as read_text
from extract.model import Cell, Document, Figure, Grid, Limits, Line
from extract.tables import TablesResult, read_tables

SEEDS = Path(__file__).parents[1] / "fixtures" / "seeds"
REAL = Path(__file__).parents[3] / "shared" / "real"

Address = tuple[str, str, str]


def gold(path: Path) -> dict[Address, tuple[Decimal | None, str]]:
    """Value and printed text of every figure in a gold file."""
    with path.open(encoding="utf-8", newline="") as lines:
        return {
            (row["table"], row["row"], row["column"]): (Decimal(row["value"]) if row["value"] else None, row["raw"])
            for row in csv.DictReader(lines)
        }


def read_lines(text: str) -> TablesResult:
    """The tables of a plain text."""
    return read_tables(read_text(text.encode(), Limits()))


def grid_document(*tables: list[list[str | None]]) -> Document:
    """A document of grids; `None` is a covered position."""
    grids = tuple(
        Grid(
            tuple(
                tuple(
                    None if text is None else Cell(text, f"table {t}, row {y}, cell {x}") for x, text in enumerate(row)
                )
                for y, row in enumerate(table)
            ),
            f"table {t}",
        )
        for t, table in enumerate(tables)
    )
    return Document("text/html", (Line("某市2020年政府信息公开工作年度报告", "title"), *grids))


def by_address(result: TablesResult) -> dict[Address, Figure]:
    """The figures by table, row and column."""
    return {(figure.table, figure.row, figure.column): figure for figure in result.figures}
