"""What binding shares between the tables: from a cell to a figure, with its unit, its plausibility and the warnings."""

from __future__ import annotations

from decimal import Decimal

from extract.model import Figure, State
from extract.tables.collector import RowCollector
from extract.tables.headers import SUBTOTAL
from extract.tables.place import is_blank
from extract.tables.reading import Entry, Reading
from extract.tables.tokens import Token

#: Confidence of the ways in which a row is bound. Below 0.9 a warning names the row.
CERTAIN = 1.0
COUNTED = 0.98
COUNTED_WITHOUT_SUM = 0.95
BAD_SUM_ALONE = 0.92
DOUBTFUL = 0.8
HEADER_DOUBT = 0.85
#: So many rows of one length show where the values stand.
FEWEST_ALIKE = 4


class Binder:
    """Binds the rows of one table; a subclass knows its columns."""

    def __init__(self, collector: RowCollector, reading: Reading) -> None:
        self.collector = collector
        self.reading = reading
        self.table = collector.table
        self.warned: set[str] = set()

    def warn(self, text: str) -> None:
        """Say once what is in doubt."""
        if text not in self.warned:
            self.warned.add(text)
            self.reading.warnings.append(f"{self.table}: {text}")

    def _usual(self, entry: Entry, width_of: dict[int, int]) -> set[int]:
        """The numbers of values that a whole row has."""
        width = width_of.get(id(entry), len(entry.values))
        return {width + (entry.header.spare if entry.header is not None and entry.bounded else 0)}

    def emit(
        self,
        entry: Entry,
        columns: tuple[str, ...],
        cells: tuple[Token | None, ...],
        confidence: float,
        *,
        missing: State = State.UNREAD,
        confidences: tuple[float, ...] | None = None,
    ) -> None:
        """The figures of a row; `missing` is the state of columns without a cell."""
        for index, (column, cell) in enumerate(zip(columns, cells, strict=True)):
            if column == SUBTOTAL:
                continue
            trust = confidence if confidences is None else min(confidence, confidences[index])
            self.reading.figures.append(self._figure(entry, column, cell, trust, missing))

    def _figure(self, entry: Entry, column: str, cell: Token | None, confidence: float, missing: State) -> Figure:
        if cell is None or cell.printed is None:
            return Figure(self.table, entry.code, column, None, "", missing, min(confidence, 0.5), entry.label.where)
        printed = cell.printed
        value = printed.value
        if printed.state is State.UNREAD:
            confidence = min(confidence, 0.3)
            self.warn(f"{entry.code}.{column}: {cell.text!r} can't be read as a number")
        elif value is not None:
            value, confidence = self._scaled(entry, column, cell, value, confidence)
            if not printed.is_plain:
                confidence = min(confidence, 0.7)
                self.warn(f"{entry.code}.{column}: {cell.text!r} looks damaged")
            elif not self._is_plausible(column, value):
                confidence = min(confidence, 0.7)
                self.warn(f"{entry.code}.{column}: {cell.text!r} is no count")
        return Figure(self.table, entry.code, column, value, cell.text, printed.state, confidence, cell.where)

    def _scaled(
        self, entry: Entry, column: str, cell: Token, value: Decimal, confidence: float
    ) -> tuple[Decimal, float]:
        factor = cell.printed.amount_factor if cell.printed is not None else None
        return (value, confidence) if factor is None else (value * factor, confidence)

    def _is_plausible(self, column: str, value: Decimal) -> bool:
        if column == "amount":
            return value >= 0
        return value == value.to_integral_value() and (value >= 0 or column == "items_change")

    def is_emptied(self, entry: Entry) -> bool:
        """Whether a row is blank right below figures without a label: a page break may have cut it in two."""
        loners = {position for _, position in self.collector.loners}
        return entry.position - 1 in loners and all(is_blank(value) for value in entry.values)

    def above_short_rows(self, width_of: dict[int, int]) -> set[int]:
        """Positions right above a row with the wrong number of values, or without a label."""
        odd = {
            entry.position for entry in self.collector.entries if len(entry.values) not in self._usual(entry, width_of)
        } | {position for _, position in self.collector.loners}
        return {position - 1 for position in odd}
