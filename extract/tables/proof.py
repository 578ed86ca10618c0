"""Proves where the figures of the applications stand when the carrier leaves it open: the only places that the printed sums allow.

Sums prove numbers and places, never labels or headers: the rows must be those of the form, each once and in order, under a header that was
read whole; every number must have been read. Else nothing is proved, and the figures stay as doubtful as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from extract.forms import FORMS
from extract.model import State
from extract.tables.binding import Placement
from extract.tables.collector import NO_VALUES, SINGLE_OTHER
from extract.tables.headers import APPLICANTS, REMARK, SUBTOTAL, TOTAL
from extract.tables.options import PROVED, Row, aligned, are_counts, common, in_order
from extract.tables.place import is_blank, number
from extract.tables.placement import Cells, Sums, TooMany, solve
from extract.tables.reading import TableEntry

_TABLE = "applications"
_OPEN = 0.85


@dataclass(frozen=True, slots=True)
class _Table:
    """The options of each row: the counts, and the cells that print them."""

    form: str
    columns: tuple[str, ...]
    options: dict[str, dict[Cells, list[Row]]]


def prove(placements: Sequence[Placement], unlabelled: Sequence[int]) -> list[Placement] | None:
    """The placements, with the figures that the sums prove in their places; `None` if they prove nothing.

    Args:
        placements: The rows of the table as they were bound.
        unlabelled: Places of figures without a label: with them no row is surely whole.
    """
    if unlabelled or all(placement.is_reliable and placement.trusts is None for placement in placements):
        return None
    table = _table(placements)
    if table is None or _may_lack_a_column(placements, len(table.columns)):
        return None
    try:
        allowed = solve(table.options, _sums(table))
    except TooMany:
        return None
    if allowed is None:
        return None
    return [_proved(placement, table, allowed) for placement in placements]


def _may_lack_a_column(placements: Sequence[Placement], width: int) -> bool:
    """Whether all rows, those of zeros too, print the same number of cells, and fewer than there are columns: none was left blank, one was lost."""
    printed = {sum(not is_blank(value) for value in placement.entry.values) for placement in placements}
    return len(printed) == 1 and 0 < min(printed) < width


# ---- what each row leaves open ---------------------------------------------------------------------------------------------


def _table(placements: Sequence[Placement]) -> _Table | None:
    """The table with the options of its rows; `None` if it isn't whole, or some row can't be determined."""
    codes = [placement.entry.code for placement in placements]
    form = "2019" if SINGLE_OTHER in codes else "2021"
    if codes != [row.code for row in FORMS[form].tables[_TABLE].rows]:
        return None
    has_subtotal = {SUBTOTAL in placement.columns for placement in placements}
    if len(has_subtotal) > 1 or any(REMARK in placement.columns for placement in placements):
        return None
    columns = (*APPLICANTS, SUBTOTAL) if has_subtotal.pop() else APPLICANTS
    options: dict[str, dict[Cells, list[Row]]] = {}
    for placement in placements:
        rows = _options(placement, columns)
        if rows is None:
            return None
        by_cells = options.setdefault(placement.entry.code, {})
        for row in rows:
            by_cells.setdefault(_counts(row), []).append(row)
    return _Table(form, columns, options)


def _options(placement: Placement, columns: tuple[str, ...]) -> Iterable[Row] | None:
    """The rows that the carrier leaves open; `None` if something but the place is in doubt."""
    entry = placement.entry
    if not _is_sure(entry) or set(placement.columns) != set(columns):
        return None
    order = [placement.columns.index(column) for column in columns]
    if placement.is_reliable and placement.trusts is None and None not in placement.cells:
        return [tuple(placement.cells[place] for place in order)]
    figures = [value for value in entry.values if not is_blank(value)]
    width = len(columns)
    if entry.bounded and not entry.in_grid and len(figures) <= width:
        rows = aligned(entry.values, width)
    elif len(figures) <= width:
        rows = in_order(figures, width)
    elif len(figures) == width + 1 and not entry.bounded:
        rows = (tuple(figures[:out] + figures[out + 1 :]) for out in range(len(figures)))
    else:
        return None
    return (tuple(row[place] for place in order) for row in rows)


def _is_sure(entry: TableEntry) -> bool:
    """Whether a row's label, header and numbers are beyond doubt, so that only places may be."""
    if entry.doubt not in ("", NO_VALUES) or not entry.exact or entry.header is None or entry.header.defect:
        return False
    return are_counts(entry.values)


def _counts(row: Row) -> Cells:
    return tuple(None if is_blank(cell) else int(number(cell)) for cell in row)


def _sums(table: _Table) -> Sums:
    spec = FORMS[table.form].tables[_TABLE]
    total, columns, balance = (spec.identity(check) for check in ("row_total", "column_total", "balance"))
    at = table.columns.index
    return Sums(
        parts=tuple(at(part) for part in total.parts),
        total=at(TOTAL),
        subtotal=at(SUBTOTAL) if SUBTOTAL in table.columns else None,
        subtotal_parts=tuple(at(part) for part in APPLICANTS[1:-1]),
        dispositions=columns.parts,
        received=balance.parts[0],
        carried_in=balance.parts[1],
        disposed=balance.equals[0],
        carried_out=balance.equals[1],
    )


# ---- what the sums prove ---------------------------------------------------------------------------------------------------


def _proved(placement: Placement, table: _Table, allowed: dict[str, set[Cells]]) -> Placement:
    """A row with the figures that all allowed options have in common."""
    if placement.is_reliable and placement.trusts is None:
        return placement
    code, label = placement.entry.code, placement.entry.label
    rows = [row for cells in allowed[code] for row in table.options[code][cells]]
    cells, trusts, proved = [], [], []
    for column, before in placement.by_column():
        cell = common([row[table.columns.index(column)] for row in rows], label.where, label.text)
        cells.append(before if cell is None else cell)
        trusts.append(min(placement.confidence, _OPEN) if cell is None else PROVED)
        proved.append(cell is not None)
    return replace(
        placement,
        cells=tuple(cells),
        confidence=PROVED,
        trusts=tuple(trusts),
        proved=tuple(proved),
        missing=State.UNREAD,
    )
