"""Binds the rows of the table of applications to the seven columns of applicants."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from extract.forms import FORMS
from extract.model import State
from extract.tables.binding import (
    BAD_SUM_ALONE,
    CERTAIN,
    COUNTED,
    COUNTED_WITHOUT_SUM,
    DOUBTFUL,
    FEWEST_ALIKE,
    HEADER_DOUBT,
    Binder,
)
from extract.tables.collector import OTHERS, SINGLE_OTHER, RowCollector
from extract.tables.headers import APPLICANTS, NATURAL_PERSON, SUBTOTAL, TOTAL, Header
from extract.tables.place import Placed, is_blank, number, place
from extract.tables.reading import Entry, Reading, contiguous, usual_ends, without_empty_halves
from extract.tables.tokens import Token


def bind_applications(collector: RowCollector, *, paged: bool) -> Reading:
    """The figures of the table of applications.

    Args:
        collector: Its rows.
        paged: The text has page numbers, so that a row without borders may hold one of them in place of a figure.
    """
    reading = Reading(seen=collector.is_seen)
    _ApplicationsBinder(collector, reading, paged=paged).bind()
    return reading


#: Rows of more different lengths than this are ragged.
_MOST_LENGTHS = 4
_NO_HEADER = Header(APPLICANTS, "the table has no header")

BoundRow = tuple[Entry, tuple[str, ...], tuple[Token | None, ...], float, State, tuple[float, ...] | None]


class _ApplicationsBinder(Binder):
    """Seven columns, the last of them the sum of the others."""

    #: Texts that print covered positions as blanks: there the number of cells behind a label proves nothing.
    covered_as_blank: set[int]
    #: Grids whose rows all have the same surplus of blank cells, with the number of them before the figures.
    spare_before: dict[int, int]
    #: Sources of which four fifths of the rows have one length, covered positions included.
    of_one_length: set[int]
    #: Sources that print zeros and leave no cell of a whole row blank: a blank before seven figures is a covered position.
    printing_zeros: set[int]
    #: The length of most rows of a source: a longer one has a cell too many.
    usual_end: dict[int, int]
    before_missing: set[str]
    surplus_rows: int

    def __init__(self, collector: RowCollector, reading: Reading, *, paged: bool) -> None:
        super().__init__(collector, reading)
        self.paged = paged
        self.bordered = {entry.source for entry in collector.entries if entry.bounded}

    def bind(self) -> None:
        entries = without_empty_halves(self.collector.entries)
        codes = {entry.code for entry in entries}
        split = bool(codes & set(OTHERS))
        self.reading.form = "2021" if split else "2019" if SINGLE_OTHER in codes else None
        self.reading.expected = self._expected(codes)
        modes: dict[int, int] = {}
        for source in {entry.source for entry in entries}:
            widths = Counter(len(entry.values) for entry in entries if entry.source == source and entry.bounded)
            if widths:
                mode, count = widths.most_common(1)[0]
                modes[source] = mode if 5 * count >= 4 * widths.total() else 0
        loose_short = any(
            not entry.bounded and len(entry.values) < len(APPLICANTS) and not (split and entry.code == SINGLE_OTHER)
            for entry in entries  # where the table divides （六）其他处理, its label heads rows and is none
        )
        windows = _windows(entries)
        self.usual_end = usual_ends(entries)
        lengths = Counter((entry.source, entry.end) for entry in entries if entry.bounded)
        rows_of = Counter(entry.source for entry in entries if entry.bounded)
        self.of_one_length = {source for (source, _), rows in lengths.items() if 5 * rows >= 4 * rows_of[source]}
        self.printing_zeros = _printing_zeros(entries)
        self.before_missing = self._before_missing(codes)
        self.surplus_rows = sum(
            sum(not is_blank(value) for value in entry.values) > len((entry.header or _NO_HEADER).columns)
            for entry in entries
            if not entry.bounded
        )
        self.spare_before = _spare_before(entries, modes)
        self.covered_as_blank = {
            entry.source
            for entry in entries
            if entry.bounded and len(entry.values) > len(APPLICANTS) + 1 and is_blank(entry.values[0])
        }
        rows = []
        for entry in entries:
            if split and entry.code == SINGLE_OTHER:
                if entry.values:
                    self.warn(
                        "a row is labelled 其他处理 only, although the table divides it; its figures were left out"
                    )
                continue
            rows.append(
                self._row(entry, modes.get(entry.source, 0), windows.get((entry.source, entry.end)), loose_short)
            )
        self._doubt_neighbours(rows)
        self._doubt_blanks(rows)
        self.reading.text_rows = {entry.code for entry, *_ in rows if not entry.in_grid}
        for entry, columns, cells, confidence, missing, confidences in rows:
            self.emit(entry, columns, cells, confidence, missing=missing, confidences=confidences)

    def _before_missing(self, codes: set[str]) -> set[str]:
        """Rows whose successor in the form was not found."""
        form = FORMS["2021" if codes & set(OTHERS) else "2019"]
        order = [row.code for row in form.tables[self.table].rows]
        return {code for code, following in pairwise(order) if following not in codes}

    def _expected(self, codes: set[str]) -> frozenset[tuple[str, str]]:
        single, split = FORMS["2019"].tables[self.table].cells, FORMS["2021"].tables[self.table].cells
        if codes & set(OTHERS):
            return frozenset(split)
        if SINGLE_OTHER in codes or not codes:
            return frozenset(single)
        return frozenset(cell for cell in single if cell[0] != SINGLE_OTHER) | frozenset(
            (SINGLE_OTHER, column) for column in APPLICANTS
        )

    def _row(self, entry: Entry, mode: int, window: Window | None, loose_short: bool) -> BoundRow:
        header = entry.header or _NO_HEADER
        columns = header.columns if set(header.columns) >= set(APPLICANTS) else APPLICANTS
        width = len(columns)
        ceiling = CERTAIN
        if header.defect:
            ceiling = HEADER_DOUBT
            self.warn(f"{header.defect}; columns taken in the order of the form")
        if not entry.bounded and entry.source in self.bordered:
            ceiling = min(ceiling, HEADER_DOUBT)
            self.warn(f"{entry.code}: it stands outside the rows of the table")
        if entry.doubt:
            ceiling = min(ceiling, HEADER_DOUBT)
            self.warn(f"{entry.code}: {entry.doubt}")
        if not entry.exact and entry.label.meaning is not None and not entry.label.meaning.rows:
            ceiling = min(ceiling, 0.92)
        values = entry.values
        figures = [value for value in values if not is_blank(value)]
        cells: tuple[Token | None, ...]
        missing = State.UNREAD
        if entry.bounded:
            cells, confidence, why = self._bounded(entry, values, figures, width, mode, window)
        else:
            cells, confidence, why, missing = self._loose(
                columns, values, loose_short, entry.code in self.before_missing
            )
        if columns != APPLICANTS and SUBTOTAL not in columns and not header.defect and confidence >= 0.9:
            confidence = min(confidence, 0.95)
        if confidence < 0.9:
            self.warn(f"{entry.code}: {why or 'place doubtful'}")
        return entry, columns, cells, min(confidence, ceiling), missing, None

    def _bounded(
        self,
        entry: Entry,
        values: list[Token],
        figures: list[Token],
        width: int,
        mode: int,
        window: Window | None,
    ) -> tuple[tuple[Token | None, ...], float, str]:
        counted = mode == width and (entry.in_grid or entry.source not in self.covered_as_blank)
        if len(values) == width and (counted or len(figures) == width):
            return tuple(values), CERTAIN, ""
        usual = (
            len(values) == mode
            if entry.in_grid
            else entry.end == self.usual_end[entry.source] or entry.source in self.printing_zeros
        )
        if len(figures) == width and len(values) > width and usual and contiguous(values, width):
            return tuple(figures), CERTAIN, ""
        whole = len(values) == width or (len(values) == mode if entry.in_grid else entry.source in self.of_one_length)
        if whole and window is not None and window.last - window.first + 1 == width and entry.end == window.end:
            inside = [value for value in values if window.first <= value.column <= window.last]
            outside = [value for value in values if not window.first <= value.column <= window.last]
            if len(inside) == width and all(is_blank(value) for value in outside):
                return tuple(inside), CERTAIN, ""
        if entry.in_grid and len(values) == mode and entry.source in self.spare_before:
            first = self.spare_before[entry.source]
            return tuple(values[first : first + width]), COUNTED_WITHOUT_SUM, ""
        placed = self._placed(values, width)
        return placed.cells, placed.confidence, f"{len(values)} cells for {width} columns; {placed.how}"

    def _loose(
        self, columns: tuple[str, ...], values: list[Token], loose_short: bool, next_is_missing: bool
    ) -> tuple[tuple[Token | None, ...], float, str, State]:
        width = len(columns)
        head = tuple(values[:width])
        figures = sum(not is_blank(value) for value in values)
        good = len(head) == width and self._sums(columns, head)
        nonzero = good and number(head[columns.index(TOTAL)]) != 0
        if self.surplus_rows > 1 and len(values) == width:
            return head, DOUBTFUL, "other rows have more figures than the header has columns", State.UNREAD
        if len(values) == width and loose_short and next_is_missing:
            return head, DOUBTFUL, "the next row is missing; its figures may stand here", State.UNREAD
        if len(values) == width:
            if nonzero:
                return head, COUNTED, "", State.UNREAD
            if good:
                sure = figures == width or not loose_short
                return head, COUNTED_WITHOUT_SUM if sure else HEADER_DOUBT, "blank cells may be lost", State.UNREAD
            doubtful = loose_short or self.paged
            return head, DOUBTFUL if doubtful else BAD_SUM_ALONE, "the sum fails", State.UNREAD
        if len(values) > width and all(is_blank(value) for value in values[width:]):
            if good and (nonzero or figures in (0, width)):
                return head, COUNTED_WITHOUT_SUM, "", State.UNREAD
            return head, 0.7, "cells of the next row stand behind it and the sum fails", State.UNREAD
        placed = self._placed(values, width)
        state = State.BLANK if len(values) < width and placed.confidence >= 0.5 else State.UNREAD
        return placed.cells, placed.confidence, f"{len(values)} values for {width} columns; {placed.how}", state

    def _placed(self, values: list[Token], width: int) -> Placed:
        return place(values, width, has_total=True)

    def _sums(self, columns: tuple[str, ...], cells: tuple[Token | None, ...]) -> bool:
        """Whether the total is the sum of the applicants, and the subtotal, if any, that of the organisations."""
        by_column = dict(zip(columns, map(number, cells), strict=True))
        organisations = sum((by_column[column] for column in APPLICANTS[1:-1]), Decimal(0))
        if SUBTOTAL in by_column and by_column[SUBTOTAL] != organisations:
            return False
        return by_column[NATURAL_PERSON] + organisations == by_column[TOTAL]

    def _doubt_neighbours(self, rows: list[BoundRow]) -> None:
        """Lower the confidence of rows whose sum fails beside a row that is not whole: cells may have gone across."""
        odd = {row[0].position for row in rows if row[3] < HEADER_DOUBT} | {place for _, place in self.collector.loners}
        for index, (entry, columns, cells, confidence, missing, trusts) in enumerate(rows):
            if confidence >= 0.9 and entry.in_grid and entry.position + 1 in odd:
                rows[index] = (entry, columns, cells, DOUBTFUL, missing, trusts)
                self.warn(f"{entry.code}: the row below is not whole; a cell may reach down into it")
            elif confidence >= 0.9 and self.is_emptied(entry):
                rows[index] = (entry, columns, cells, DOUBTFUL, missing, trusts)
                self.warn(f"{entry.code}: the figures above it that have no label may be its own")
            elif (
                confidence >= 0.9 and odd & {entry.position - 1, entry.position + 1} and not self._sums(columns, cells)
            ):
                rows[index] = (entry, columns, cells, DOUBTFUL, missing, trusts)
                self.warn(f"{entry.code}: the sum fails and a neighbouring row is not whole")

    def _doubt_blanks(
        self,
        rows: list[BoundRow],
    ) -> None:
        """Lower the confidence where a sum contradicts blank cells.

        Where a portal leaves totals blank as a habit, the blanks are what it prints. Elsewhere a figure may be lost, and
        where a blank is unusual or the row comes from text, the whole row may have shifted.
        """
        habit = self._zero_habit()
        contradicted = []
        blank_totals = 0
        rows_with_parts = 0
        for index, (_, columns, cells, confidence, _, _) in enumerate(rows):
            if confidence < 0.9 or not any(is_blank(cell) for cell in cells):
                continue
            parts = sum(
                (number(c) for k, c in zip(columns, cells, strict=True) if k not in (TOTAL, SUBTOTAL)), Decimal(0)
            )
            total = cells[columns.index(TOTAL)]
            rows_with_parts += parts != 0
            lost = any(
                cell is not None and cell.printed is not None and cell.printed.state is State.UNREAD for cell in cells
            )
            if parts != number(total) or lost:
                blank_totals += is_blank(total)
                contradicted.append((index, is_blank(total), lost or parts < number(total)))
        totals_left_out = blank_totals >= FEWEST_ALIKE and 2 * blank_totals >= rows_with_parts
        printing_totals = {
            entry.source
            for entry, columns, cells, _, _, _ in rows
            if not is_blank(cells[columns.index(TOTAL)]) and number(cells[columns.index(TOTAL)]) != 0
        }
        cut_off: set[int] = set()
        for index, is_total, is_part in contradicted:
            entry, columns, cells, confidence, missing, _ = rows[index]
            if is_total and totals_left_out and entry.source in printing_totals:
                continue
            if entry.in_grid and habit is State.BLANK and not (is_total or is_part):
                continue
            if is_total and entry.source not in printing_totals:
                cut_off.add(entry.source)
            whole_row = not entry.in_grid or habit is not State.BLANK
            trusts = tuple(
                DOUBTFUL if whole_row or (is_blank(cell) and (column == TOTAL) == is_total) else 1.0
                for column, cell in zip(columns, cells, strict=True)
            )
            rows[index] = (entry, columns, cells, confidence, missing, trusts)
            self.warn(f"{entry.code}: a blank cell is contradicted by the row's sum; a figure may be lost")
        for index, (entry, columns, cells, confidence, missing, row_trusts) in enumerate(rows):
            if entry.source in cut_off:
                rows[index] = (entry, columns, cells, min(confidence, DOUBTFUL), missing, row_trusts)
                self.warn(f"{entry.code}: the totals beside it are all blank; a column may be cut off")

    def _zero_habit(self) -> State:
        """How the table shows that there is nothing: a zero, a blank or a dash."""
        states = Counter(
            value.printed.state
            for entry in self.collector.entries
            for value in entry.values
            if value.printed is not None and value.printed.state in (State.ZERO, State.BLANK, State.DASH)
        )
        return states.most_common(1)[0][0] if states else State.ZERO


def _printing_zeros(entries: list[Entry]) -> set[int]:
    """The sources that print zeros (or dashes) in rows of the right length, and never a blank."""
    nothing: dict[int, Counter[State]] = {}
    for entry in entries:
        if len(entry.values) == len(APPLICANTS):
            states = (value.printed.state for value in entry.values if value.printed is not None)
            nothing.setdefault(entry.source, Counter()).update(states)
    return {
        source
        for source, states in nothing.items()
        if not states[State.BLANK] and states[State.ZERO] + states[State.DASH] > len(APPLICANTS)
    }


def _spare_before(entries: list[Entry], modes: dict[int, int]) -> dict[int, int]:
    """For grids with more cells than columns in each row: how many of the surplus cells stand before the figures."""
    spare = {}
    for source, mode in modes.items():
        rows = [e.values for e in entries if e.source == source and e.in_grid and len(e.values) == mode]
        used = {index for values in rows for index, value in enumerate(values) if not is_blank(value)}
        if mode <= len(APPLICANTS) or len(rows) < FEWEST_ALIKE or not used:
            continue
        if max(used) - min(used) + 1 == len(APPLICANTS):
            spare[source] = min(used)
    return spare


@dataclass(frozen=True, slots=True)
class Window:
    """The positions of the value columns in rows of one length (`end`)."""

    first: int
    last: int
    end: int


def _windows(entries: list[Entry]) -> dict[tuple[int, int], Window]:
    """Where the values stand in rows of one source and one length, blank and covered cells included.

    The header tells it, or the range of the cells in use by a few rows.
    """
    windows: dict[tuple[int, int], Window] = {}
    shapes: dict[tuple[int, int], list[Entry]] = {}
    for entry in entries:
        if entry.bounded:
            shapes.setdefault((entry.source, entry.end), []).append(entry)
    lengths = Counter(source for source, _ in shapes)
    for (source, end), rows in shapes.items():
        if lengths[source] > _MOST_LENGTHS:
            continue  # ragged rows: their lengths say nothing
        used = {value.column for entry in rows for value in entry.values if not is_blank(value)}
        if not used or len(rows) < FEWEST_ALIKE:
            continue
        window = Window(min(used), max(used), end)
        header = rows[0].header
        if header is not None and (header.source, header.end) == (source, end) and header.positions:
            first, last = min(header.positions), max(header.positions)
            if first <= window.first and window.last <= last:
                window = Window(first, last, end)
        windows[source, end] = window
    return windows
