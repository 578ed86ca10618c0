"""Which order of the applicants' columns the sums of the rows bear out, where the header isn't the form's or leaves two open.

Sums tell where the total stands. They can't tell the six applicants from each other: that the header must do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from extract.forms import FORMS
from extract.messages import localizable
from extract.tables.headers import APPLICANTS, BESIDE, TOTAL, TableHeader
from extract.tables.place import is_blank, number
from extract.tables.reading import TableEntry
from extract.tables.tokens import Token

_PARTS = FORMS["2021"].tables["applications"].identity("row_total").parts
#: Rows whose sums fail are an agency's errors; so many for one whose sum holds say that the header was misread.
_TELLING = 3


def settle(entries: Sequence[TableEntry]) -> list[TableEntry]:
    """The entries, each under a header of one order: the one that the sums of the rows below it bear out.

    A header keeps its defect; where the sums contradict each order that it may mean, it gets one.
    """
    settled: list[TableEntry] = []
    for _, group in groupby(entries, key=lambda entry: _kind(entry.header)):
        rows = list(group)
        header = rows[0].header
        if header is None or header.defect:
            settled += rows
            continue
        chosen = _chosen(header, rows)
        settled += (
            [
                replace(row, header=replace(row.header, columns=chosen.columns, others=(), defect=chosen.defect))
                for row in rows
                if row.header is not None
            ]
            if chosen is not header
            else rows
        )
    return settled


def _kind(header: TableHeader | None) -> tuple[object, ...]:
    return () if header is None else (header.columns, header.others, bool(header.positions), header.defect)


def _chosen(header: TableHeader, rows: Sequence[TableEntry]) -> TableHeader:
    orders = (header.columns, *header.others)
    counts = {order: _held(order, rows, header) for order in orders}
    if len(orders) > 1:
        best = max(orders, key=lambda order: (counts[order][0] - counts[order][1], -orders.index(order)))
        if counts[best][0] and any(best != order and counts[order] == counts[best] for order in orders):
            return replace(header, defect=localizable("the sums leave the order of the columns open"), others=())
        header = replace(header, columns=best, others=())
    holds, fails = counts[header.columns]
    if fails > (_TELLING * max(1, holds) if header.is_usual else holds):
        return replace(
            header, defect=localizable("the order of the columns and the sums of the rows disagree"), others=()
        )
    return header


def _held(order: tuple[str, ...], rows: Sequence[TableEntry], header: TableHeader) -> tuple[int, int]:
    """In how many rows with figures the sum holds and fails, if their columns stand in this order."""
    holds = fails = 0
    for row in rows:
        cells = _cells(row, order, header)
        if cells is None or is_blank(cells[TOTAL]) or not any(number(cell) for cell in cells.values()):
            continue
        if sum(number(cells[part]) for part in _PARTS) == number(cells[TOTAL]):
            holds += 1
        else:
            fails += 1
    return holds, fails


def _cells(row: TableEntry, order: tuple[str, ...], header: TableHeader) -> dict[str, Token] | None:
    """The cells of a whole row by column; `None` for a row that is not whole."""
    if header.positions and row.in_grid and row.source == header.source:
        by_place = {value.column: value for value in row.values}
        found = {c: by_place.get(place) for c, place in zip(header.columns, header.positions, strict=True)}
        cells = {column: cell for column, cell in found.items() if cell is not None and column not in BESIDE}
        return cells if len(cells) == len(APPLICANTS) else None
    values: Sequence[Token] = row.values
    if len(values) != len(order) and len(order) == len(APPLICANTS):
        values = [value for value in values if not is_blank(value)]
    if len(values) != len(order):
        return None
    return {column: value for column, value in zip(order, values, strict=True) if column not in BESIDE}
