"""Binds the rows of the disclosure table: blocks of rows, each under a header of its own."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from extract.forms import FORMS, Column, Row
from extract.model import State
from extract.tables.binding import CERTAIN, COUNTED_WITHOUT_SUM, DOUBTFUL, HEADER_DOUBT, Binder
from extract.tables.collector import RowCollector
from extract.tables.place import is_blank, place
from extract.tables.reading import Entry, Reading, contiguous, usual_ends, without_empty_halves
from extract.tables.tokens import Token

_FORMS = tuple(FORMS)


def bind_disclosure(collector: RowCollector, *, keeps_blanks: bool | None, large_unit: bool = False) -> Reading:
    """The figures of the disclosure table, and the form that its headers show.

    Args:
        collector: Its rows.
        keeps_blanks: What the applications tell about rows without borders: whether blank cells are kept in the text.
        large_unit: Some text says that amounts are in 万元 or the like, without being the header of a column.
    """
    reading = Reading(seen=collector.is_seen)
    _DisclosureBinder(collector, reading, keeps_blanks, large_unit).bind()
    return reading


class _DisclosureBinder(Binder):
    """Blocks of rows, each under a header of its own."""

    def __init__(self, collector: RowCollector, reading: Reading, keeps_blanks: bool | None, large_unit: bool) -> None:
        super().__init__(collector, reading)
        self.large_unit = large_unit
        self.keeps_blanks = keeps_blanks
        self.regular: set[tuple[int, int, int]] = set()
        self.usual_end: dict[int, int] = {}
        self.usual_surplus: dict[int, int] = {}
        self.ragged: set[int] = set()
        self.bordered = {entry.source for entry in collector.entries if entry.bounded}

    def bind(self) -> None:
        entries = without_empty_halves(self.collector.entries)
        form = self._form(entries)
        self.regular = _regular_rows(entries)
        self.usual_end = usual_ends(entries)
        self.reading.form = form
        chosen = form or _FORMS[-1]
        bound = []
        for entry in entries:
            columns, why = self._columns(entry, chosen)
            bound.append((entry, columns, why))
        usable = [(entry, columns, why) for entry, columns, why in bound if columns]
        loose_odd = any(not e.bounded and len(e.values) != len(c) for e, c, _ in usable) or not self._prints_zeros(
            entries
        )
        widths = {id(e): len(c) for e, c, _ in usable}
        self.usual_surplus = _usual_surplus(usable)
        self.ragged = {e.source for e, c, _ in usable if e.bounded and len(e.values) > len(c) and not _spare(e)}
        above = self.above_short_rows(widths)
        headed = {entry.code for entry, _, why in usable if not why}
        for entry, columns, why in bound:
            if not columns or (why and entry.header is None and (entry.code in headed or not self._near_table(entry))):
                continue  # a row of another table that carries one of our labels
            self._row(entry, columns, why, loose_odd, above)
        cells = set(FORMS[chosen].tables[self.table].cells)
        cells |= {(figure.row, figure.column) for figure in self.reading.figures}
        self.reading.expected = frozenset(cells)

    def _prints_zeros(self, entries: list[Entry]) -> bool:
        """Whether rows without borders can be trusted to have lost no blank cell."""
        if self.keeps_blanks is not None:
            return self.keeps_blanks
        return any(
            value.printed is not None and value.printed.state in (State.ZERO, State.BLANK, State.DASH)
            for entry in entries
            for value in entry.values
        )

    def _near_table(self, entry: Entry) -> bool:
        return any(other.header is not None and other.source == entry.source for other in self.collector.entries)

    def _form(self, entries: list[Entry]) -> str | None:
        votes: Counter[str] = Counter()
        for entry in entries:
            if entry.header is None or entry.header.defect:
                continue
            for code in _FORMS:
                row = FORMS[code].tables[self.table].rows_by_code.get(entry.code)
                if row is not None and set(row.columns) == set(entry.header.columns):
                    votes[code] += 1
        if not votes:
            labels = self.collector.labels
            only = {code: len(labels & set(FORMS[code].tables[self.table].columns_by_code)) for code in _FORMS}
            best = max(only, key=lambda code: only[code])
            return best if only[best] and sum(count == only[best] for count in only.values()) == 1 else None
        ranked = votes.most_common()
        return ranked[0][0] if len(ranked) == 1 or ranked[0][1] > ranked[1][1] else None

    def _columns(self, entry: Entry, chosen: str) -> tuple[tuple[str, ...], str]:
        """The columns of a row, and why they are in doubt."""
        rows: dict[str, Row] = {}
        for code in (chosen, *(code for code in _FORMS if code != chosen)):
            row = FORMS[code].tables[self.table].rows_by_code.get(entry.code)
            if row is not None:
                rows[code] = row
        header = entry.header
        if header is not None and not header.defect:
            for row in rows.values():
                if set(row.columns) == set(header.columns):
                    return header.columns, ""
        preferred = next(iter(rows.values()))
        why = header.defect if header is not None and header.defect else "the header above does not name its columns"
        return preferred.columns, why

    def _row(self, entry: Entry, columns: tuple[str, ...], why: str, loose_odd: bool, above: set[int]) -> None:
        width = len(columns)
        values = entry.values
        figures = [value for value in values if not is_blank(value)]
        confidence = CERTAIN
        cells: tuple[Token | None, ...]
        missing = State.UNREAD
        doubt = ""
        spare = entry.header.spare if entry.header is not None and entry.bounded and not why else 0
        ragged = entry.source in self.ragged
        if spare and len(values) == width + spare and all(is_blank(value) for value in values[width:]):
            cells = tuple(values[:width])
        elif len(values) == width and (len(figures) == width or not (spare or ragged)):
            cells = tuple(values)
            if not entry.bounded:
                confidence = HEADER_DOUBT if loose_odd else COUNTED_WITHOUT_SUM
                doubt = "a neighbouring row is not whole" if loose_odd else ""
        elif (entry.source, entry.end, entry.label.column) in self.regular and (
            below := _below_header(entry, columns)
        ) is not None:
            cells = below
        elif len(figures) == width and len(values) > width and contiguous(values, width):
            cells = tuple(figures)
            usual = (
                entry.bounded
                and entry.end == self.usual_end[entry.source]
                and not (entry.in_grid and len(values) - width != self.usual_surplus.get(entry.source))
            )
            confidence = 0.95 if usual else HEADER_DOUBT
            doubt = "" if usual else "more cells than columns"
        elif entry.bounded and len(values) > width and all(is_blank(value) for value in values[width:]):
            cells, confidence, doubt = tuple(values[:width]), DOUBTFUL, "more cells than columns"
        else:
            placed = place(values, width, has_total=False)
            cells, confidence = placed.cells, min(placed.confidence, 0.5)
            doubt = f"{len(values)} cells for {width} columns"
        if entry.in_grid and entry.position in above:
            confidence = min(confidence, HEADER_DOUBT)
            doubt = doubt or "the row below is not whole; a cell may reach down into it"
        if self.is_emptied(entry):
            confidence = min(confidence, HEADER_DOUBT)
            doubt = doubt or "the figures above it that have no label may be its own"
        if why:
            confidence, doubt = min(confidence, HEADER_DOUBT), doubt or why
        if not entry.bounded and entry.source in self.bordered:
            confidence, doubt = min(confidence, HEADER_DOUBT), doubt or "it stands outside the rows of the table"
        if entry.doubt:
            confidence, doubt = min(confidence, HEADER_DOUBT), doubt or entry.doubt
        if confidence < 0.9:
            self.warn(f"{entry.code}: {doubt}")
        self.emit(entry, columns, cells, confidence, missing=missing)

    def _scaled(
        self, entry: Entry, column: str, cell: Token, value: Decimal, confidence: float
    ) -> tuple[Decimal, float]:
        spec = _column(self.table, entry.code, column)
        factor = cell.printed.amount_factor if cell.printed is not None else None
        if spec is None or spec.unit != "amount":
            if factor is not None and factor != 1:
                self.warn(f"{entry.code}.{column}: {cell.text!r} has a unit of money")
                confidence = min(confidence, 0.7)
            return value, confidence
        if factor is None and entry.header is not None:
            factor = dict(entry.header.factors).get(column)
        if factor is None:
            factor = entry.factor
        if factor is None and not self.large_unit:
            factor = spec.default_factor
        if factor is None:
            if value != 0:
                confidence = min(confidence, 0.7)
                self.warn(f"{entry.code}.{column}: no unit is printed, {cell.text!r} was taken as yuan")
            factor = Decimal(1)
        return value * factor, confidence


def _usual_surplus(rows: list[tuple[Entry, tuple[str, ...], str]]) -> dict[int, int]:
    """How many cells more than columns most rows of each source have, where most have the same."""
    counts: dict[int, Counter[int]] = {}
    for entry, columns, _ in rows:
        counts.setdefault(entry.source, Counter())[len(entry.values) - len(columns)] += 1
    most = {source: surplus.most_common(1)[0] for source, surplus in counts.items()}
    return {source: surplus for source, (surplus, rows) in most.items() if 2 * rows > counts[source].total()}


def _spare(entry: Entry) -> int:
    return entry.header.spare if entry.header is not None else 0


def _regular_rows(entries: list[Entry]) -> set[tuple[int, int, int]]:
    """Source, length and label position that at least four fifths of a source's rows share."""
    regular = set()
    for source in {entry.source for entry in entries if entry.bounded}:
        shapes = Counter(
            (source, entry.end, entry.label.column) for entry in entries if entry.bounded and entry.source == source
        )
        shape, count = shapes.most_common(1)[0]
        if 5 * count >= 4 * shapes.total():
            regular.add(shape)
    return regular


def _below_header(entry: Entry, columns: tuple[str, ...]) -> tuple[Token, ...] | None:
    """The cells right below the headers, if header row and row have the same length and nothing stands beside them."""
    header = entry.header
    if header is None or header.columns != columns or not entry.bounded or len(set(header.positions)) != len(columns):
        return None
    if header.source != entry.source or header.end != entry.end:
        return None
    by_column = {value.column: value for value in entry.values}
    if any(position not in by_column for position in header.positions):
        return None
    if any(not is_blank(value) for position, value in by_column.items() if position not in header.positions):
        return None
    return tuple(by_column[position] for position in header.positions)


def _column(table: str, row: str, column: str) -> Column | None:
    """The column as the form defines it that prints it for this row."""
    for form in FORMS.values():
        spec = form.tables[table].rows_by_code.get(row)
        if spec is not None and column in spec.columns:
            return form.tables[table].columns_by_code[column]
    return None
