"""Collects the rows of a table with row labels from the records of a document, with the headers above them."""

from __future__ import annotations

from decimal import Decimal

from extract.forms import FORMS
from extract.lexicon.numbers import amount_factor, table_unit
from extract.tables.headers import APPLICANTS, SUBTOTAL, Header, HeaderToken, applicant_header, block_header
from extract.tables.labels import meaning_of, nearest_column, nearest_row
from extract.tables.place import is_blank
from extract.tables.reading import Entry
from extract.tables.tokens import Record, Token

_APPLICATIONS = FORMS["2021"].tables["applications"]
SINGLE_OTHER = "other"
OTHERS = tuple(row.code for row in _APPLICATIONS.rows if row.group.endswith("其他处理"))
_LAST_OTHER = OTHERS[-1]
_ROW_ORDER = {row.code: index for index, row in enumerate(_APPLICATIONS.rows)}
_ROW_ORDER[SINGLE_OTHER] = _ROW_ORDER[OTHERS[0]]
#: So many captions and headers make a table, even without a row.
_ENOUGH_HEADERS = 3
#: So many different rows make a table, even without a header.
_ENOUGH_ROWS = 3


class RowCollector:
    """Collects the entries of one table, `disclosure` or `applications`.

    Header texts set the columns in effect; a row label with values behind it makes an entry. `loners` are the positions of
    rows with figures and no label, or with a label and no cells.
    """

    def __init__(self, table: str) -> None:
        self.table = table
        self.entries: list[Entry] = []
        self.loners: list[tuple[int, int]] = []
        self.labels: set[str] = set()
        self.captions = 0
        self._header_tokens: list[HeaderToken] = []
        self._header_stale = True
        self._unknown_headers = 0
        self._header: Header | None = None
        self._pending_unit: Decimal | None = None
        self._table_unit: Decimal | None = None
        self._dangling: list[Token] = []
        self._active = False

    @property
    def last_code(self) -> str | None:
        """The row that was read last."""
        return self.entries[-1].code if self.entries else None

    def end(self) -> None:
        """Running text: the rows that follow need a header of their own."""
        self._active = False
        self._dangling = []
        self._header_stale = True
        self._header_tokens = []
        self._unknown_headers = 0
        self._header = None
        self._pending_unit = None
        self._table_unit = None

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
        is_group = several = False
        behind: list[str] = []
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
                elif row is not None and row != code and not is_group:
                    several = True
                is_group = meaning.is_group
                row, label, exact, after_label = code, token, meaning.exact, False
                behind = [meaning.key]
            elif column is not None or (meaning.is_subtotal and self._active):
                self._head(column or SUBTOTAL, token, record, position)
                headers_here += 1
                taken = True
            elif headers_here and not meaning.is_group and not has_values:
                self._odd_header(token, record, position)
            elif meaning.is_group:
                taken = taken or self._active
            elif not meaning.is_known and (unit := table_unit(token.text)) is not None:
                self._table_unit = unit
            elif not meaning.is_known and (unit := amount_factor(token.text)) is not None:
                self._pending_unit = unit
            elif label is not None:
                after_label = True
                behind.append(meaning.key)
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
                parted = after_label and not (record.bounded and _is_whole("".join(behind), self.table, row))
                doubt = "other text stands between label and values" if parted else ""
                if several:
                    doubt = "labels of two rows stand before its values"
                self._add(row, label, record.values, record, position, exact=exact, doubt=doubt)
                self._dangling = []
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
                if before in OTHERS:
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
        if factor is None:
            factor = self._table_unit if self._pending_unit is None else self._pending_unit
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
                factor,
                record.end,
                record.in_grid,
            )
        )
        self._pending_unit = None

    def _make_header(self) -> Header:
        make = applicant_header if self.table == _APPLICATIONS.code else block_header
        return make(self._header_tokens, self._unknown_headers)

    @property
    def keeps_blanks(self) -> bool | None:
        """Whether rows without borders all have their full number of values; `None` if there is no such row."""
        is_group = any(
            entry.code.startswith("other_") for entry in self.entries
        )  # then （六）其他处理 is no row, but heads three
        loose = [
            entry
            for entry in self.entries
            if not entry.bounded and not (is_group and entry.code == "other" and not entry.values)
        ]
        return all(len(entry.values) >= len(APPLICANTS) for entry in loose) if loose else None

    @property
    def has_surplus(self) -> bool:
        """Whether a row without borders has more figures than columns."""
        return any(
            not entry.bounded and sum(not is_blank(v) for v in entry.values) > len(APPLICANTS) for entry in self.entries
        )

    @property
    def is_seen(self) -> bool:
        """Whether the document has the table, even if no row of it could be read."""
        if self.captions + len(self.labels) >= _ENOUGH_HEADERS or any(entry.header for entry in self.entries):
            return True
        return len({entry.code for entry in self.entries}) >= _ENOUGH_ROWS


def _heads_outcomes(record: Record) -> bool:
    """Whether a record carries headers of the table of reconsideration and litigation (结果维持 …)."""
    return any(
        token.meaning is not None and "challenges" in token.meaning.columns and not token.meaning.rows
        for token in record.texts
    )


def _is_whole(key: str, table: str, row: str) -> bool:
    """Whether texts put together are the label of a row and nothing else."""
    meaning = meaning_of(key)
    return meaning.exact and meaning.rows.get(table) == row


def _joined_row(key: str, table: str) -> str | None:
    meaning = meaning_of(key)
    return meaning.rows.get(table)
