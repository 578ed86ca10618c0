"""The tables with row labels: what was disclosed, and the applications.

Records are read one after the other. Header texts set the columns in effect, a row label with values behind it makes an entry.
Only when all entries are known are they bound to columns, because the neighbours of a row tell whether it is whole.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

from extract.forms import FORMS, Column, Row
from extract.model import Figure, State
from extract.numbers import amount_factor
from extract.tables.labels import meaning_of, nearest_column, nearest_row
from extract.tables.place import Placed, adds_up, is_blank, number, place
from extract.tables.tokens import Record, Token

_FORMS = tuple(FORMS)
_APPLICATIONS = FORMS["2021"].tables["applications"]
_APPLICANTS = tuple(column.code for column in _APPLICATIONS.columns)
_FIRST, _TOTAL = _APPLICANTS[0], _APPLICANTS[-1]
_SUBTOTAL = "subtotal"
_SINGLE_OTHER = "other"
_OTHERS = tuple(row.code for row in _APPLICATIONS.rows if row.group.endswith("其他处理"))
_LAST_OTHER = _OTHERS[-1]
_ROW_ORDER = {row.code: index for index, row in enumerate(_APPLICATIONS.rows)}
_ROW_ORDER[_SINGLE_OTHER] = _ROW_ORDER[_OTHERS[0]]

#: Confidence of the ways in which a row is bound. Below 0.9 a warning names the row.
_CERTAIN = 1.0
_COUNTED = 0.98
_COUNTED_NO_SUM = 0.95
_BAD_SUM_ALONE = 0.92
_DOUBTFUL = 0.8
_HEADER_DOUBT = 0.85
#: So many rows of one length show where the values stand.
_FEWEST_ALIKE = 4


@dataclass(frozen=True, slots=True)
class Header:
    """The columns that a header names, in order; `defect` says why they can't be relied on.

    `spare` counts the blank cells behind the headers: an empty column that the rows have too.
    """

    columns: tuple[str, ...]
    defect: str = ""
    factors: tuple[tuple[str, Decimal], ...] = ()
    positions: tuple[int, ...] = ()
    end: int = 0
    source: int = -1
    spare: int = 0


@dataclass(frozen=True, slots=True)
class HeaderToken:
    """A column header with the record that it stands in."""

    column: str
    token: Token
    position: int
    end: int
    source: int
    spare: int


@dataclass(slots=True)
class Entry:
    """A labelled row with its values, before they are bound."""

    code: str
    label: Token
    values: list[Token]
    bounded: bool
    source: int
    position: int
    header: Header | None
    doubt: str = ""
    exact: bool = True
    factor: Decimal | None = None
    end: int = 0
    in_grid: bool = False


@dataclass(slots=True)
class Reading:
    """What was read of one table, before copies are merged."""

    figures: list[Figure] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    seen: bool = False
    expected: frozenset[tuple[str, str]] = frozenset()
    form: str | None = None


class MatrixReader:
    """Collects the entries of one table from the records, then binds them."""

    def __init__(self, table: str) -> None:
        self.table = table
        self.entries: list[Entry] = []
        self.loners: list[tuple[int, int]] = []
        self.labels: set[str] = set()
        self.captions = 0
        self._header_tokens: list[HeaderToken] = []
        self._header_open = False
        self._header_stale = True
        self._unknown_headers = 0
        self._header: Header | None = None
        self._pending_unit: Decimal | None = None
        self._dangling: list[Token] = []
        self._active = False

    @property
    def is_active(self) -> bool:
        """Whether the table has begun and no running text has ended it."""
        return self._active

    @property
    def last_code(self) -> str | None:
        """The row that was read last."""
        return self.entries[-1].code if self.entries else None

    def end(self) -> None:
        """Running text: the rows that follow need a header of their own."""
        self._active = False
        self._dangling = []
        self._header_open = False
        self._header_stale = True
        self._header_tokens = []
        self._unknown_headers = 0
        self._header = None
        self._pending_unit = None

    def feed(self, record: Record, position: int) -> bool:
        """Take a record; true if it belonged to this table."""
        row: str | None = None
        label: Token | None = None
        exact = True
        after_label = False
        taken = False
        last = record.texts[-1] if record.texts else None
        has_values = bool(record.values)
        headers_here = 0
        for token in record.texts:
            meaning = token.meaning
            assert meaning is not None
            code = meaning.rows.get(self.table)
            column = meaning.columns.get(self.table)
            if code is not None and column is not None:
                code, column = self._row_or_column(code, column, record, is_last=token is last)
            if self.table in meaning.captions:
                self.captions += 1
                self._active = True
                taken = True
                self._pending_unit = amount_factor(token.text)
                self._dangling = []
            elif code is not None:
                if label is not None and row is not None and not record.bounded and row != code:
                    self._add(row, label, [], record, position, exact=exact, doubt="no values follow the label")
                row, label, exact, after_label = code, token, meaning.exact, False
            elif column is not None or (meaning.is_subtotal and self._active):
                self._head(column or _SUBTOTAL, token, record, position)
                headers_here += 1
                taken = True
            elif headers_here and not meaning.is_group and not has_values:
                self._odd_header(token, record, position)
            elif meaning.is_group:
                taken = taken or self._active
            elif amount_factor(token.text) is not None and not meaning.is_known:
                self._pending_unit = amount_factor(token.text)
            elif label is not None:
                after_label = True
            elif not meaning.is_known:
                self._dangling.append(token)
        if row is None and (has_values or self._dangling):
            row, label = self._guess(record)
            exact = False
        if row is not None and label is not None:
            if record.bounded and not has_values and not self._is_repeated(row):
                self.loners.append((record.source, position))
            self._active = self._active or record.bounded
            if has_values:
                doubt = "other text stands between label and values" if after_label and not record.bounded else ""
                self._add(row, label, record.values, record, position, exact=exact, doubt=doubt)
                self._dangling = []
            elif record.bounded or not exact:
                self._dangling = [label]
            else:
                self._dangling = [label]
            return True
        if has_values and record.figures and self._active and record.starts_row:
            self.loners.append((record.source, position))
        if has_values:
            self._dangling = []
        return taken

    def _is_repeated(self, row: str) -> bool:
        """Whether a row was read just before: its label, cut in two by a page break, stands there again."""
        return self.last_code == row

    def _row_or_column(self, code: str, column: str, record: Record, *, is_last: bool) -> tuple[str | None, str | None]:
        """Decide what 其他 and 总计 are: a row label needs figures behind it and the rows before it."""
        before = self.last_code
        if is_last and record.figures and before is not None and len(record.values) > 2:
            if code == _LAST_OTHER:
                if before in _OTHERS:
                    return code, None
            elif _ROW_ORDER["granted"] <= _ROW_ORDER.get(before, -1) < _ROW_ORDER[code] and not _heads_outcomes(record):
                return code, None
        return None, column

    def _guess(self, record: Record) -> tuple[str | None, Token | None]:
        """A row from pieces of a label, or from one with misread characters."""
        pieces = self._dangling[-4:]
        for start in range(len(pieces)):
            joined = "".join(piece.meaning.key for piece in pieces[start:] if piece.meaning is not None)
            if len(pieces) - start > 1:
                code = _joined_row(joined, self.table)
                if code is not None:
                    return code, pieces[start]
        if pieces and pieces[-1].meaning is not None and (self._active or record.bounded) and record.values:
            code = nearest_row(pieces[-1].meaning.key, self.table)
            if code is not None:
                return code, pieces[-1]
        return None, None

    def _head(self, column: str, token: Token, record: Record, position: int) -> None:
        if self._header_stale:
            self._header_tokens = []
            self._unknown_headers = 0
            self._header_stale = False
        self._active = True
        self._header_open = True
        self._header = None
        self._dangling = []
        self._header_tokens.append(
            HeaderToken(column, token, position, record.end, record.source, len(record.values) if record.bounded else 0)
        )
        self.labels.add(column)

    def _odd_header(self, token: Token, record: Record, position: int) -> None:
        assert token.meaning is not None
        factor = amount_factor(token.text)
        column = nearest_column(token.meaning.key, self.table)
        if column is not None:
            self._head(column, token, record, position)
        elif factor is not None:
            self._pending_unit = factor
        else:
            self._unknown_headers += 1

    def _add(
        self, code: str, label: Token, values: list[Token], record: Record, position: int, *, exact: bool, doubt: str
    ) -> None:
        if self._header is None and self._header_tokens:
            self._header = self._make_header()
        self._header_stale = True
        factor = amount_factor(label.text)
        self.entries.append(
            Entry(
                code,
                label,
                list(values),
                record.bounded,
                record.source,
                position,
                self._header,
                doubt,
                exact,
                factor if factor is not None else self._pending_unit,
                record.end,
                record.in_grid,
            )
        )
        self._pending_unit = None

    def _make_header(self) -> Header:
        if self.table == _APPLICATIONS.code:
            return _applicant_header(self._header_tokens, self._unknown_headers)
        columns: list[str] = []
        factors = []
        for head in self._header_tokens:
            factor = amount_factor(head.token.text)
            if factor is not None:
                factors.append((head.column, factor))
            columns.append(head.column)
        defect = ""
        if self._unknown_headers:
            defect = "a column header was not understood"
        elif len(set(columns)) != len(columns):
            half = columns[: len(columns) // 2]
            if half * 2 == columns:
                columns = half
            else:
                defect = "a column header stands twice"
        last = self._header_tokens[-1]
        positions = tuple(head.token.column for head in self._header_tokens[: len(columns)])
        return Header(tuple(columns), defect, tuple(factors), positions, last.end, last.source, last.spare)

    @property
    def keeps_blanks(self) -> bool | None:
        """Whether rows without borders all have their full number of values; `None` if there is no such row."""
        loose = [entry for entry in self.entries if not entry.bounded]
        return all(len(entry.values) >= len(_APPLICANTS) for entry in loose) if loose else None

    @property
    def has_surplus(self) -> bool:
        """Whether a row without borders has more figures than columns."""
        return any(
            not entry.bounded and sum(not is_blank(v) for v in entry.values) > len(_APPLICANTS)
            for entry in self.entries
        )

    def read(self, *, keeps_blanks: bool | None = None, paged: bool = False) -> Reading:
        """Bind the entries to columns.

        Args:
            keeps_blanks: What the applications tell about rows without borders, see the property of that name.
            paged: The text has page numbers, so that a row without borders may hold one of them in place of a figure.
        """
        reading = Reading()
        reading.seen = bool(self.entries) or self.captions + len(self.labels) >= 3
        if self.table == _APPLICATIONS.code:
            _ApplicationsBinder(self, reading, paged=paged).bind()
        else:
            _DisclosureBinder(self, reading, keeps_blanks).bind()
        return reading


def _heads_outcomes(record: Record) -> bool:
    """Whether a record carries headers of the table of reconsideration and litigation (结果维持 …)."""
    return any(
        token.meaning is not None and "challenges" in token.meaning.columns and not token.meaning.rows
        for token in record.texts
    )


def _joined_row(key: str, table: str) -> str | None:
    meaning = meaning_of(key)
    return meaning.rows.get(table)


def _applicant_header(tokens: list[HeaderToken], unknown: int) -> Header:
    """The order of the applicants' columns from a header of one to three rows.

    The five organisations stand in a row of their own below 法人或其他组织, so natural persons and the total are ordered by
    the row in which they stand together with another column.
    """
    columns: list[str] = []
    positions: dict[str, int] = {}
    for head in tokens:
        if head.column == _SUBTOTAL or head.column not in positions:
            columns.append(head.column)
            positions.setdefault(head.column, head.position)
    named = [column for column in columns if column != _SUBTOTAL]
    organisations = [column for column in columns if column not in (_FIRST, _TOTAL)]
    ordered = [_FIRST, *organisations, _TOTAL]
    defect = ""
    if unknown:
        defect = "a column header was not understood"
    elif set(named) != set(_APPLICANTS):
        missing = [column for column in _APPLICANTS if column not in named]
        defect = f"no column header for {', '.join(missing)}"
    elif columns.count(_SUBTOTAL) > 1:
        defect = "more than one subtotal"
    else:
        together = positions[_FIRST] == positions[_TOTAL]
        one_row = together and all(positions[column] == positions[_FIRST] for column in organisations)
        if one_row and columns.index(_TOTAL) < columns.index(organisations[0]) and columns[0] == _FIRST:
            one_row = False  # a header of three rows that was flattened
        if one_row:
            ordered = columns
        elif together and columns.index(_TOTAL) < columns.index(_FIRST):
            defect = "the total stands before the natural persons"
    ends = {head.end for head in tokens}
    places: list[int] = []
    if not defect and len(ends) == 1 and len(tokens) == len(columns):
        by_column = {head.column: head.token.column for head in tokens}
        places = [by_column[column] for column in ordered]
        if sorted(set(places)) != places:
            places = []
    return Header(tuple(ordered), defect, (), tuple(places), tokens[-1].end, tokens[-1].source)


class _Binder:
    """What both tables share: numbers of cells, neighbours, figures."""

    def __init__(self, reader: MatrixReader, reading: Reading) -> None:
        self.reader = reader
        self.reading = reading
        self.table = reader.table
        self.warned: set[str] = set()

    def warn(self, text: str) -> None:
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
        for index, (column, cell) in enumerate(zip(columns, cells, strict=True)):
            if column == _SUBTOTAL:
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

    def above_short_rows(self, width_of: dict[int, int]) -> set[int]:
        """Positions right above a row with the wrong number of values, or without a label."""
        odd = {
            entry.position for entry in self.reader.entries if len(entry.values) not in self._usual(entry, width_of)
        } | {position for _, position in self.reader.loners}
        return {position - 1 for position in odd}


BoundRow = tuple[Entry, tuple[str, ...], tuple[Token | None, ...], float, State, tuple[float, ...] | None]


class _ApplicationsBinder(_Binder):
    """Seven columns, the last of them the sum of the others."""

    #: Texts that print covered positions as blanks: there the number of cells behind a label proves nothing.
    covered_as_blank: set[int]

    def __init__(self, reader: MatrixReader, reading: Reading, *, paged: bool) -> None:
        super().__init__(reader, reading)
        self.paged = paged

    def bind(self) -> None:
        entries = _without_empty_halves(self.reader.entries)
        codes = {entry.code for entry in entries}
        split = bool(codes & set(_OTHERS))
        self.reading.form = "2021" if split else "2019" if _SINGLE_OTHER in codes else None
        self.reading.expected = self._expected(codes)
        modes: dict[int, int] = {}
        for source in {entry.source for entry in entries}:
            widths = Counter(len(entry.values) for entry in entries if entry.source == source and entry.bounded)
            if widths:
                mode, count = widths.most_common(1)[0]
                modes[source] = mode if 5 * count >= 4 * widths.total() else 0
        loose_short = any(not entry.bounded and len(entry.values) < len(_APPLICANTS) for entry in entries)
        windows = _windows(entries)
        self.covered_as_blank = {
            entry.source
            for entry in entries
            if entry.bounded and len(entry.values) > len(_APPLICANTS) + 1 and is_blank(entry.values[0])
        }
        rows = []
        for entry in entries:
            if split and entry.code == _SINGLE_OTHER:
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
        for entry, columns, cells, confidence, missing, confidences in rows:
            self.emit(entry, columns, cells, confidence, missing=missing, confidences=confidences)

    def _expected(self, codes: set[str]) -> frozenset[tuple[str, str]]:
        single, split = FORMS["2019"].tables[self.table].cells, FORMS["2021"].tables[self.table].cells
        if codes & set(_OTHERS):
            return frozenset(split)
        if _SINGLE_OTHER in codes or not codes:
            return frozenset(single)
        return frozenset(cell for cell in single if cell[0] != _SINGLE_OTHER) | frozenset(
            (_SINGLE_OTHER, column) for column in _APPLICANTS
        )

    def _row(self, entry: Entry, mode: int, window: Window | None, loose_short: bool) -> BoundRow:
        header = entry.header or Header(_APPLICANTS, "the table has no header")
        columns = header.columns if set(header.columns) >= set(_APPLICANTS) else _APPLICANTS
        width = len(columns)
        ceiling = _CERTAIN
        if header.defect:
            ceiling = _HEADER_DOUBT
            self.warn(f"{header.defect}; columns taken in the order of the form")
        if entry.doubt:
            ceiling = min(ceiling, _HEADER_DOUBT)
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
            cells, confidence, why, missing = self._loose(values, figures, width, loose_short)
        if columns != _APPLICANTS and _SUBTOTAL not in columns and not header.defect and confidence >= 0.9:
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
            return tuple(values), _CERTAIN, ""
        if len(figures) == width and len(values) > width and _contiguous(values, width):
            return tuple(figures), _CERTAIN, ""
        if window is not None and window.last - window.first + 1 == width and entry.end == window.end:
            inside = [value for value in values if window.first <= value.column <= window.last]
            outside = [value for value in values if not window.first <= value.column <= window.last]
            if len(inside) == width and all(is_blank(value) for value in outside):
                return tuple(inside), _CERTAIN, ""
        placed = self._placed(values, width)
        return placed.cells, placed.confidence, f"{len(values)} cells for {width} columns; {placed.how}"

    def _loose(
        self, values: list[Token], figures: list[Token], width: int, loose_short: bool
    ) -> tuple[tuple[Token | None, ...], float, str, State]:
        head = tuple(values[:width])
        if len(values) == width:
            good = adds_up(head)
            if good and number(head[-1]) != 0:
                return head, _COUNTED, "", State.UNREAD
            if good:
                sure = len(figures) == width or not loose_short
                return head, _COUNTED_NO_SUM if sure else _HEADER_DOUBT, "blank cells may be lost", State.UNREAD
            doubtful = loose_short or self.paged
            return head, _DOUBTFUL if doubtful else _BAD_SUM_ALONE, "the sum fails", State.UNREAD
        if len(values) > width and all(is_blank(value) for value in values[width:]):
            if adds_up(head) and (number(head[-1]) != 0 or len(figures) == width or not figures):
                return head, _COUNTED_NO_SUM, "", State.UNREAD
            return head, 0.7, "cells of the next row stand behind it and the sum fails", State.UNREAD
        placed = self._placed(values, width)
        state = State.BLANK if len(values) < width and placed.confidence >= 0.5 else State.UNREAD
        return placed.cells, placed.confidence, f"{len(values)} values for {width} columns; {placed.how}", state

    def _placed(self, values: list[Token], width: int) -> Placed:
        return place(values, width, has_total=True)

    def _sums(self, columns: tuple[str, ...], cells: tuple[Token | None, ...]) -> bool:
        total = Decimal(0)
        parts = Decimal(0)
        for column, cell in zip(columns, cells, strict=True):
            if column == _TOTAL:
                total += number(cell)
            elif column != _SUBTOTAL:
                parts += number(cell)
        return total == parts

    def _doubt_neighbours(self, rows: list[BoundRow]) -> None:
        """Lower the confidence of rows whose sum fails beside a row that is not whole: cells may have gone across."""
        odd = {row[0].position for row in rows if row[3] < _HEADER_DOUBT} | {place for _, place in self.reader.loners}
        for index, (entry, columns, cells, confidence, missing, trusts) in enumerate(rows):
            if confidence >= 0.9 and entry.in_grid and entry.position + 1 in odd:
                rows[index] = (entry, columns, cells, _DOUBTFUL, missing, trusts)
                self.warn(f"{entry.code}: the row below is not whole; a cell may reach down into it")
            elif (
                confidence >= 0.9 and odd & {entry.position - 1, entry.position + 1} and not self._sums(columns, cells)
            ):
                rows[index] = (entry, columns, cells, _DOUBTFUL, missing, trusts)
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
                (number(c) for k, c in zip(columns, cells, strict=True) if k not in (_TOTAL, _SUBTOTAL)), Decimal(0)
            )
            total = cells[columns.index(_TOTAL)]
            rows_with_parts += parts != 0
            lost = any(
                cell is not None and cell.printed is not None and cell.printed.state is State.UNREAD for cell in cells
            )
            if parts != number(total) or lost:
                blank_totals += is_blank(total)
                contradicted.append((index, is_blank(total), lost or parts < number(total)))
        totals_left_out = blank_totals >= _FEWEST_ALIKE and 2 * blank_totals >= rows_with_parts
        printing_totals = {
            entry.source
            for entry, columns, cells, _, _, _ in rows
            if not is_blank(cells[columns.index(_TOTAL)]) and number(cells[columns.index(_TOTAL)]) != 0
        }
        for index, is_total, is_part in contradicted:
            entry, columns, cells, confidence, missing, _ = rows[index]
            if is_total and totals_left_out and entry.source in printing_totals:
                continue
            if entry.in_grid and habit is State.BLANK and not (is_total or is_part):
                continue
            column_cut = is_total and entry.source not in printing_totals
            whole_row = not entry.in_grid or habit is not State.BLANK or column_cut
            trusts = tuple(
                _DOUBTFUL if whole_row or (is_blank(cell) and (column == _TOTAL) == is_total) else 1.0
                for column, cell in zip(columns, cells, strict=True)
            )
            rows[index] = (entry, columns, cells, confidence, missing, trusts)
            self.warn(f"{entry.code}: a blank cell is contradicted by the row's sum; a figure may be lost")

    def _zero_habit(self) -> State:
        """How the table shows that there is nothing: a zero, a blank or a dash."""
        states = Counter(
            value.printed.state
            for entry in self.reader.entries
            for value in entry.values
            if value.printed is not None and value.printed.state in (State.ZERO, State.BLANK, State.DASH)
        )
        return states.most_common(1)[0][0] if states else State.ZERO


def _contiguous(values: list[Token], width: int) -> bool:
    """Whether the figures of a row stand side by side."""
    first = next(index for index, value in enumerate(values) if not is_blank(value))
    return not any(is_blank(value) for value in values[first : first + width])


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
    for (source, end), rows in shapes.items():
        used = {value.column for entry in rows for value in entry.values if not is_blank(value)}
        if not used or len(rows) < _FEWEST_ALIKE:
            continue
        window = Window(min(used), max(used), end)
        header = rows[0].header
        if header is not None and (header.source, header.end) == (source, end) and header.positions:
            first, last = min(header.positions), max(header.positions)
            if first <= window.first and window.last <= last:
                window = Window(first, last, end)
        windows[source, end] = window
    return windows


def _without_empty_halves(entries: list[Entry]) -> list[Entry]:
    """Entries without the empty part of a row that a page break cut in two."""
    kept: list[Entry] = []
    for entry in entries:
        if kept and kept[-1].code == entry.code and (not entry.exact or not kept[-1].exact):
            if all(is_blank(value) for value in entry.values):
                continue
            if all(is_blank(value) for value in kept[-1].values):
                kept[-1] = entry
                continue
        if (
            not entry.values
            and entry.doubt
            and any(other.code == entry.code for other in entries if other is not entry)
        ):
            continue
        kept.append(entry)
    return kept


class _DisclosureBinder(_Binder):
    """Blocks of rows, each under a header of its own."""

    def __init__(self, reader: MatrixReader, reading: Reading, keeps_blanks: bool | None) -> None:
        super().__init__(reader, reading)
        self.keeps_blanks = keeps_blanks
        self.regular: set[tuple[int, int, int]] = set()
        self.ragged: set[int] = set()

    def bind(self) -> None:
        entries = _without_empty_halves(self.reader.entries)
        form = self._form(entries)
        self.regular = _regular_rows(entries)
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
        return any(other.header is not None and other.source == entry.source for other in self.reader.entries)

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
            labels = self.reader.labels
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
        confidence = _CERTAIN
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
                confidence = _HEADER_DOUBT if loose_odd else _COUNTED_NO_SUM
                doubt = "a neighbouring row is not whole" if loose_odd else ""
        elif (entry.source, entry.end, entry.label.column) in self.regular and (
            below := _below_header(entry, columns)
        ) is not None:
            cells = below
        elif len(figures) == width and len(values) > width and _contiguous(values, width):
            cells = tuple(figures)
            confidence = 0.95 if entry.bounded else _HEADER_DOUBT
            doubt = "" if entry.bounded else "more cells than columns"
        elif entry.bounded and len(values) > width and all(is_blank(value) for value in values[width:]):
            cells, confidence, doubt = tuple(values[:width]), _DOUBTFUL, "more cells than columns"
        else:
            placed = place(values, width, has_total=False)
            cells, confidence = placed.cells, min(placed.confidence, 0.5)
            doubt = f"{len(values)} cells for {width} columns"
        if entry.in_grid and entry.position in above:
            confidence = min(confidence, _HEADER_DOUBT)
            doubt = doubt or "the row below is not whole; a cell may reach down into it"
        if why:
            confidence, doubt = min(confidence, _HEADER_DOUBT), doubt or why
        if entry.doubt:
            confidence, doubt = min(confidence, _HEADER_DOUBT), doubt or entry.doubt
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
        if factor is None:
            factor = spec.default_factor
        if factor is None:
            if value != 0:
                confidence = min(confidence, 0.7)
                self.warn(f"{entry.code}.{column}: no unit is printed, {cell.text!r} was taken as yuan")
            factor = Decimal(1)
        return value * factor, confidence


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
