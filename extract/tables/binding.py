"""What binding shares between the tables: where the values of a row belong, what puts that in doubt, and figures from cells.

Each table is read in the same steps: `rows` (what was collected) → `assign` (the place of each value, with how sure it is and why) →
doubts (named functions that look at a row beside its neighbours and lower its confidence) → `emit` (figures).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from extract.lexicon.numbers import Printed
from extract.model import RELIABLE, Figure, State
from extract.tables.headers import BESIDE, TOTAL
from extract.tables.place import is_blank
from extract.tables.reading import TableEntry, TableReading
from extract.tables.tokens import Token

#: Confidence of the ways in which a row is bound. Below 0.9 a warning names the row.
CERTAIN = 1.0
COUNTED = 0.98
COUNTED_WITHOUT_SUM = 0.95
BAD_SUM_ALONE = 0.92
DOUBTFUL = 0.8
HEADER_DOUBT = 0.85
#: The row may be another one: less than what a copy needs to have a say (extract/tables/merge.py).
LABEL_DOUBT = 0.6
#: So many rows of one length show where the values stand.
FEWEST_ALIKE = 4

#: Yuan for one unit of an amount in a cell, and the confidence after that.
Scale = Callable[["Placement", str, Token, Decimal, float], tuple[Decimal, float]]


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the values of a row belong: a cell for each column, `None` where nothing was printed or the place isn't known.

    Attributes:
        confidence: For the whole row; `trusts` caps it cell by cell.
        how: What puts the place in doubt, `""` if nothing does.
        missing: The state of columns without a cell.
        proved: Which cells stand where they do because the sums allow no other place.
    """

    entry: TableEntry
    columns: tuple[str, ...]
    cells: tuple[Token | None, ...]
    confidence: float
    how: str = ""
    missing: State = State.UNREAD
    trusts: tuple[float, ...] | None = None
    proved: tuple[bool, ...] = ()

    @property
    def is_reliable(self) -> bool:
        """Whether the row's place may be relied on."""
        return self.confidence >= RELIABLE

    @property
    def total(self) -> Token | None:
        """The cell of the column of totals."""
        return self.cells[self.columns.index(TOTAL)]

    def by_column(self) -> Iterable[tuple[str, Token | None]]:
        """Columns with their cells."""
        return zip(self.columns, self.cells, strict=True)

    def capped(self, ceiling: float, how: str) -> Placement:
        """The same place with at most this confidence."""
        return replace(self, confidence=min(self.confidence, ceiling), how=self.how or how)


class Warnings:
    """The warnings of one table, each once and in order."""

    def __init__(self, reading: TableReading, table: str) -> None:
        self._reading = reading
        self._table = table
        self._said = set(reading.warnings)

    def add(self, text: str) -> None:
        """Say what is in doubt."""
        warning = f"{self._table}: {text}"
        if warning not in self._said:
            self._said.add(warning)
            self._reading.warnings.append(warning)


class Emitter:
    """Makes figures of placed cells: unit, plausibility, and the warnings that go with them."""

    def __init__(self, table: str, reading: TableReading, warnings: Warnings, scale: Scale | None = None) -> None:
        self._table = table
        self._reading = reading
        self._warnings = warnings
        self._scale = scale or _own_unit

    def emit(self, placement: Placement) -> None:
        """The figures of a row."""
        for index, (column, cell) in enumerate(placement.by_column()):
            if column in BESIDE:
                continue
            trust = placement.confidence
            if placement.trusts is not None:
                trust = min(trust, placement.trusts[index])
            figure = self._figure(placement, column, cell, trust)
            is_proved = bool(placement.proved) and placement.proved[index]
            self._reading.figures.append(replace(figure, placed="proved") if is_proved else figure)

    def _figure(self, placement: Placement, column: str, cell: Token | None, confidence: float) -> Figure:
        entry = placement.entry
        if cell is None or cell.printed is None:
            trust = min(confidence, 0.5)
            return Figure(self._table, entry.code, column, None, "", placement.missing, trust, entry.label.where)
        printed = cell.printed
        value = printed.value
        if printed.state is State.UNREAD:
            confidence = min(confidence, 0.3)
            self._warnings.add(f"{entry.code}.{column}: {cell.why_unread}")
        elif value is not None:
            value, confidence = self._scale(placement, column, cell, value, confidence)
            if not printed.is_plain:
                confidence = min(confidence, 0.7)
                self._warnings.add(f"{entry.code}.{column}: {cell.text!r} looks damaged")
            elif not _is_plausible(column, printed, value):
                confidence = min(confidence, 0.7)
                self._warnings.add(f"{entry.code}.{column}: {cell.text!r} is no count")
        return Figure(self._table, entry.code, column, value, cell.text, printed.state, confidence, cell.where)


def _own_unit(
    placement: Placement, column: str, cell: Token, value: Decimal, confidence: float
) -> tuple[Decimal, float]:
    """An amount in yuan, if the cell itself prints a unit."""
    factor = cell.printed.amount_factor if cell.printed is not None else None
    return (value, confidence) if factor is None else (value * factor, confidence)


def _is_plausible(column: str, printed: Printed, value: Decimal) -> bool:
    """Whether a column of the forms may hold a number: counts are whole, and only 本年增/减 is a change."""
    if column == "items_change":
        return printed.amount_factor is None and value == value.to_integral_value()
    if value < 0 or printed.is_change:
        return False
    return column == "amount" or (printed.amount_factor is None and value == value.to_integral_value())


def is_emptied(entry: TableEntry, loners: Iterable[tuple[int, int]]) -> bool:
    """Whether a row is blank right below figures without a label: a page break may have cut it in two."""
    positions = {position for _, position in loners}
    return entry.position - 1 in positions and all(is_blank(value) for value in entry.values)


def above_short_rows(
    entries: Sequence[TableEntry], loners: Iterable[tuple[int, int]], width_of: dict[int, int]
) -> set[int]:
    """Positions right above a row with the wrong number of values, or without a label."""
    odd = {entry.position for entry in entries if len(entry.values) != _usual_length(entry, width_of)}
    return {position - 1 for position in odd | {position for _, position in loners}}


def _usual_length(entry: TableEntry, width_of: dict[int, int]) -> int:
    """The number of values that a whole row has."""
    width = width_of.get(id(entry), len(entry.values))
    return width + (entry.header.spare if entry.header is not None and entry.bounded else 0)
