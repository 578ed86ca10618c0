"""The label / unit / value tables that reports carried before 2019, and some later ones still carry.

Some provinces print two figures a row: that of the year (column `value`) and that of all years together (column `cumulative`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from extract.lexicon.numbers import amount_factor, normalise
from extract.messages import localizable
from extract.model import RELIABLE, Figure, State
from extract.tables.reading import TableReading
from extract.tables.tokens import TableRecord, Token

_TABLE = "indicators"
VALUE, CUMULATIVE = "value", "cumulative"
_LABEL, _UNIT, _OTHER = "label", "unit", ""
_BOOKMARK = re.compile(r"\[bookmark:[^\[\]]*\]")
_SPACE = re.compile(r"\s+")
_UNITS = re.compile(r"[件条次篇个份宗例起人场期部家户项万元亿千人次批类张处名户]{1,3}")
_YEAR = re.compile(r"20\d\d")
#: So many headers of an official table's columns in a row without figures are that table's header.
_FOREIGN_HEADERS = 2
_NOT_WHOLE = 0.7
_DISAGREEING = 0.5
#: Two labels stand twice in the one table (被依法纠正数 and 其他情形数, of reconsideration and of litigation); more of them are another table.
_ANOTHER_TABLE = 4


@dataclass(frozen=True, slots=True)
class _Columns:
    """What each column of the open table holds, by its position, from left to right."""

    roles: tuple[tuple[int, str], ...]

    @property
    def figures(self) -> tuple[str, ...]:
        """The columns of figures, in order."""
        return tuple(role for _, role in self.roles if role in (VALUE, CUMULATIVE))

    @property
    def has_unit(self) -> bool:
        return any(role == _UNIT for _, role in self.roles)

    def role_of(self, token: Token) -> tuple[str, bool]:
        """The role of the column at or before a cell, and whether the cell begins where it does."""
        place, role = max((pair for pair in self.roles if pair[0] <= token.column), default=self.roles[0])
        return role, place == token.column


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the table: its label, its unit, and a cell for each column of figures; `is_whole` if no place is in doubt."""

    label: str
    unit: str
    cells: dict[str, Token | None]
    is_whole: bool


class IndicatorsReader:
    """Opens at a header of label, unit and value; every row below is an indicator until the table ends."""

    def __init__(self) -> None:
        self.reading = TableReading()
        self._columns: _Columns | None = None
        self._source = -1
        self._is_headed = False
        self._named: dict[tuple[str, str], str] = {}
        self._expected: list[tuple[str, str]] = []
        self._differing: set[tuple[str, str]] = set()

    @property
    def is_open(self) -> bool:
        """Whether rows are being read."""
        return self._columns is not None

    def end(self) -> None:
        """Running text or another table's header ends the table."""
        self._columns = None

    def feed(self, record: TableRecord) -> bool:
        """Take a record; true if it belonged to an indicator table."""
        columns = _columns_of(record)
        if columns is None and self._columns is not None and self._is_headed:
            columns = _refined(self._columns, record)
        self._is_headed = columns is not None
        if columns is not None:
            self._columns, self._source = columns, record.source
            self.reading.seen = True
            self._warn_of_unknown(record, columns)
            rest = _after_header(record)
            return True if rest is None else self._take(rest, columns)
        if self._columns is None:
            return False
        if _is_of_another_table(record) or not self._goes_on(record, self._columns):
            self.end()
            return False
        return self._take(record, self._columns)

    def _warn_of_unknown(self, record: TableRecord, columns: _Columns) -> None:
        """Say so where none of a table's columns is known to hold the figures of the year."""
        if VALUE not in columns.figures:
            heads = ", ".join(token.text for token in record.texts)
            self._warn(localizable(f"no column of the year is told from the others ({heads})"))

    def _goes_on(self, record: TableRecord, columns: _Columns) -> bool:
        """Whether a record can be of the open table: a grid of its own can only go on with whole rows."""
        if not record.in_grid or record.source == self._source:
            return True
        row = _row_by_place(record, columns)
        if row is None or not row.is_whole or not row.unit:
            return False
        self._source = record.source
        return True

    def _take(self, record: TableRecord, columns: _Columns) -> bool:
        if not record.texts:
            return False
        if not record.values and (not record.bounded or len(record.texts) < 2):
            return False  # a label alone: the next lines complete it
        by_place = _row_by_place(record, columns) if record.bounded else None
        row = by_place if by_place is not None and by_place.is_whole else _row_by_count(record, columns)
        for column, cell in row.cells.items():
            confidence = _NOT_WHOLE if not row.is_whole else 1.0 if record.bounded else 0.95
            self._figure(row, column, cell, confidence)
        return True

    def _figure(self, row: _Row, column: str, cell: Token | None, confidence: float) -> None:
        raw = cell.text if cell is not None else ""
        named = self._named.setdefault((row.label, column), raw)
        if (row.label, column) in self._expected:
            if named != raw:
                self._differing.add((row.label, column))
                self._warn(localizable(f"{row.label}: printed twice with different figures; the first one is kept"))
                self._doubt_another_table()
            return
        self._expected.append((row.label, column))
        self.reading.expected = frozenset(self._expected)
        value, state, confidence = _read(row, cell, confidence)
        if confidence < RELIABLE:
            shown_otherwise = cell.why_unread if cell is not None and cell.look else ""
            why = shown_otherwise or localizable("the row is not whole or its figure can't be read")
            self._warn(f"{row.label}: {why}")
        where = cell.where if cell is not None else ""
        self.reading.figures.append(Figure(_TABLE, row.label, column, value, raw, state, confidence, where))

    def _doubt_another_table(self) -> None:
        """Nobody can tell whose or which year's figures are the report's where another table repeats the rows of one."""
        if len(self._differing) < _ANOTHER_TABLE:
            return
        for index, figure in enumerate(self.reading.figures):
            if (figure.row, figure.column) in self._differing:
                self.reading.figures[index] = replace(figure, confidence=min(figure.confidence, _DISAGREEING))

    def _warn(self, text: str) -> None:
        message = f"{_TABLE}: {text}"
        if message not in self.reading.warnings:
            self.reading.warnings.append(message)


def _read(row: _Row, cell: Token | None, confidence: float) -> tuple[Decimal | None, State, float]:
    """Value (an amount in yuan), state and confidence of a cell."""
    if cell is None or cell.printed is None:
        return None, State.UNREAD, min(confidence, 0.3)
    printed = cell.printed
    value = printed.value
    if printed.state is State.UNREAD:
        confidence = min(confidence, 0.3)
    if not printed.is_plain:
        confidence = min(confidence, _NOT_WHOLE)
    factor = printed.amount_factor or amount_factor(row.unit)
    if value is not None and factor is not None:
        value *= factor
    return value, printed.state, confidence


# ---- headers ---------------------------------------------------------------------------------------------------------------


def _columns_of(record: TableRecord) -> _Columns | None:
    """The columns that a record heads, if it is the header of such a table."""
    roles = [(token, token.meaning.indicator if token.meaning is not None else _OTHER) for token in record.texts]
    kinds = {role for _, role in roles}
    if _LABEL not in kinds or not kinds & {VALUE, CUMULATIVE}:
        return None
    if _UNIT not in kinds and not {VALUE, CUMULATIVE} <= kinds:
        return None
    roles = _known_run(roles, record)
    year = _latest_year(token for token, role in roles if role == VALUE)
    columns: list[tuple[int, str]] = []
    taken: set[str] = set()
    for place, (token, role) in enumerate(roles):
        if role in taken or (role == VALUE and year and year not in token.text):
            role = _OTHER  # the year before, or a column that stands twice
        taken.add(role)
        columns.append((token.column if record.bounded else place, role))
    return _Columns(tuple(columns))


def _known_run(roles: list[tuple[Token, str]], record: TableRecord) -> list[tuple[Token, str]]:
    """Of a run of lines the headers, without the caption in front of them and the first row behind them."""
    if record.bounded:
        return roles
    known = [place for place, (_, role) in enumerate(roles) if role != _OTHER]
    return roles[known[0] : known[-1] + 1]


def _refined(columns: _Columns, record: TableRecord) -> _Columns | None:
    """The columns where a second row of headers divides the last of them: 统计数 into 2016年度 and 历年累计."""
    heads = [(token.column, token.meaning.indicator if token.meaning is not None else _OTHER) for token in record.texts]
    if record.figures or not record.bounded or sorted(role for _, role in heads) != sorted((VALUE, CUMULATIVE)):
        return None
    kept = _Columns(tuple(pair for pair in columns.roles if pair[0] < heads[0][0]))
    return None if kept.figures else _Columns((*kept.roles, *heads))


def _latest_year(tokens: Iterable[Token]) -> str:
    """The last of the years that several columns of figures name; with one such column none is asked for."""
    found = [_YEAR.search(normalise(token.text)) for token in tokens]
    return max((match[0] for match in found if match is not None), default="") if len(found) > 1 else ""


def _is_of_another_table(record: TableRecord) -> bool:
    """Whether a record begins an official table: its caption, or headers of its columns."""
    meanings = [token.meaning for token in record.texts if token.meaning is not None and token.meaning.exact]
    if record.figures:
        return False
    headers = sum(bool(meaning.columns) and not meaning.indicator for meaning in meanings)
    return headers >= _FOREIGN_HEADERS or any(meaning.captions and not meaning.rows for meaning in meanings)


def _after_header(record: TableRecord) -> TableRecord | None:
    """What follows the header in a run of lines without borders; `None` if nothing does."""
    if record.bounded:
        return None
    last = max(
        index for index, token in enumerate(record.texts) if token.meaning is not None and token.meaning.indicator
    )
    rest = record.texts[last + 1 :]
    return TableRecord(rest, record.values, bounded=False, source=record.source) if rest else None


# ---- rows ------------------------------------------------------------------------------------------------------------------


def _row_by_place(record: TableRecord, columns: _Columns) -> _Row | None:
    """A row by what stands below each header; `None` where a figure stands below none."""
    labels: list[Token] = []
    units: list[Token] = []
    cells: dict[str, Token | None] = {}
    for token in (*record.texts, *record.values):
        role, begins = columns.role_of(token)
        if role == _LABEL:
            labels.append(token)
        elif role == _UNIT:
            units.append(token)
        elif role in (VALUE, CUMULATIVE):
            if not begins or role in cells:
                return None
            cells[role] = token
    whole = bool(labels) and set(cells) == set(columns.figures)
    if columns.has_unit:
        whole = whole and len(units) == 1 and _is_unit(units[0])
    if any(token.printed is not None and token.printed.value is not None for token in labels):
        whole = False
    unit = units[0].text.strip() if units else ""
    return _Row(_joined(labels), unit, {column: cells.get(column) for column in columns.figures}, whole)


def _is_unit(token: Token) -> bool:
    """Whether a cell prints a unit, a dash in place of one, or nothing."""
    if token.printed is None or _UNITS.fullmatch(token.text.strip()):
        return bool(_UNITS.fullmatch(token.text.strip()))
    return token.printed.state in (State.DASH, State.BLANK)


def _row_by_count(record: TableRecord, columns: _Columns) -> _Row:
    """A row by the number of its cells: labels, the unit, then the figures."""
    texts, values = list(record.texts), list(record.values)
    wanted = columns.figures
    unit = ""
    unit_printed = len(texts) > 1 and bool(_UNITS.fullmatch(texts[-1].text.strip()))
    if unit_printed:
        unit = texts.pop().text.strip()
    elif len(values) > len(wanted) and values[0].printed is not None and values[0].printed.state is State.DASH:
        values = values[1:]
        unit_printed = True
    has_place = len(columns.roles) == len(wanted) + 1 + columns.has_unit
    whole = unit_printed and len(values) == len(wanted) and (record.bounded or len(texts) == 1) and has_place
    figures = values if whole else values[-1:] if len(wanted) == 1 else []
    cells = {column: figures[index] if index < len(figures) else None for index, column in enumerate(wanted)}
    return _Row(_joined(texts), unit, cells, whole)


def _joined(tokens: Sequence[Token]) -> str:
    return "".join(_SPACE.sub("", _BOOKMARK.sub("", token.text)) for token in tokens)
