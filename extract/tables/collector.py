"""Collects the rows of a table with row labels from the records of a document, with the headers above them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from extract.forms import FORMS
from extract.lexicon.numbers import amount_factor, table_unit
from extract.messages import localizable
from extract.tables.headers import (
    APPLICANTS,
    GROUP,
    REMARK,
    SUBTOTAL,
    UNKNOWN,
    HeaderToken,
    TableHeader,
    applicant_header,
    block_header,
)
from extract.tables.labels import Meaning, meaning_of, nearest_column, nearest_row, says_more
from extract.tables.place import is_blank
from extract.tables.reading import TableEntry
from extract.tables.tokens import TableRecord, Token

_APPLICATIONS = FORMS["2021"].tables["applications"]
SINGLE_OTHER = "other"
OTHERS = tuple(row.code for row in _APPLICATIONS.rows if row.group.endswith("其他处理"))
_LAST_OTHER = OTHERS[-1]
_ROW_ORDER = {row.code: index for index, row in enumerate(_APPLICATIONS.rows)}
_ROW_ORDER[SINGLE_OTHER] = _ROW_ORDER[OTHERS[0]]
#: The rows of the forms before each row.
_BEFORE: dict[str, set[str]] = {}
for _form in FORMS.values():
    for _earlier, _later in pairwise(row.code for row in _form.tables[_APPLICATIONS.code].rows):
        _BEFORE.setdefault(_later, set()).add(_earlier)
NO_VALUES = localizable("no values follow the label")
#: So many captions and headers make a table, even without a row.
_ENOUGH_HEADERS = 3
#: So many different rows make a table, even without a header.
_ENOUGH_ROWS = 3
#: A label that was cut falls into so many pieces at most.
_MOST_PIECES = 4


@dataclass(slots=True)
class _Scan:
    """What the texts of one record have said so far.

    `behind` holds the keys from the row's label on; `several` says that labels of two rows stand in the record.
    """

    record: TableRecord
    position: int
    row: str | None = None
    label: Token | None = None
    exact: bool = True
    after_label: bool = False
    taken: bool = False
    has_caption: bool = False
    headers: int = 0
    is_group: bool = False
    several: bool = False
    behind: list[str] = field(default_factory=list)

    @property
    def is_above_rows(self) -> bool:
        """Whether a text is one of a header and not of a row; a run of lines holds both."""
        return not self.record.values or (not self.record.bounded and self.headers > 0 and self.label is None)


class RowCollector:
    """Collects the entries of one table, `disclosure` or `applications`.

    Header texts set the columns in effect; a row label with values behind it makes an entry. `loners` are the positions of
    rows with figures and no label, or with a label and no cells; `unlabelled` those without a label.
    """

    def __init__(self, table: str) -> None:
        self.table = table
        self.entries: list[TableEntry] = []
        self.loners: list[tuple[int, int]] = []
        self.unlabelled: list[int] = []
        self.labels: set[str] = set()
        self.captions = 0
        self._header_tokens: list[HeaderToken] = []
        self._header_stale = True
        self._early: list[HeaderToken] = []
        self._header: TableHeader | None = None
        self._pending_unit: Decimal | None = None
        self._table_unit: Decimal | None = None
        self._dangling: list[Token] = []
        self._valueless: tuple[_Scan, str, Token] | None = None
        self._active = False

    @property
    def last_code(self) -> str | None:
        """The row that was read last."""
        return self.entries[-1].code if self.entries else None

    def end(self) -> None:
        """Running text: the rows that follow need a header of their own."""
        self._add_valueless()
        self._active = False
        self._dangling = []
        self._header_stale = True
        self._header_tokens = []
        self._early = []
        self._header = None
        self._pending_unit = None
        self._table_unit = None

    def feed(self, record: TableRecord, position: int) -> bool:
        """Take a record; true if it belonged to this table."""
        scan = _Scan(record, position)
        for token in record.texts:
            self._text(scan, token)
        if scan.row is None and (record.values or self._dangling):
            scan.row, scan.label = _guess(record, self._dangling[-_MOST_PIECES:], self.table, is_active=self._active)
            scan.exact = False
        if scan.row is not None and scan.label is not None:
            self._row(scan, scan.row, scan.label)
            return True
        if record.values and record.figures and self._active and record.starts_row:
            self.loners.append((record.source, position))
            self.unlabelled.append(position)
        if record.values:
            self._dangling = []
        return scan.taken

    def _text(self, scan: _Scan, token: Token) -> None:
        """Sort one text of a record: caption, row label, column header, or what `_unplaced` tells."""
        meaning = token.meaning
        assert meaning is not None
        if self._is_beside(scan.record, token):
            return
        code, column = meaning.rows.get(self.table), meaning.columns.get(self.table)
        if code is not None and column is not None:
            code, column = self._row_or_column(code, column, scan, is_last=token is scan.record.texts[-1])
        if self.table in meaning.captions:
            self._caption(scan, token)
        elif code is not None:
            self._label(scan, token, meaning, code)
        elif column is not None or (meaning.is_subtotal and self._active):
            self._head(column or SUBTOTAL, scan, token)
            scan.headers += 1
            scan.taken = True
        else:
            self._unplaced(scan, token, meaning)

    def _unplaced(self, scan: _Scan, token: Token, meaning: Meaning) -> None:
        """Sort a text that names no row and no column: an unknown header, a group, a remark, or any other."""
        if scan.headers and not (meaning.is_group or meaning.is_remark) and not scan.record.values:
            self._odd_header(scan, token)
        elif meaning.is_group:
            scan.taken = scan.taken or self._active
            if meaning.is_column_group:
                self._beside(GROUP, scan, token)
        elif meaning.is_remark and self._active and scan.is_above_rows:
            self._beside(REMARK, scan, token)
        else:
            self._other_text(scan, token, meaning)

    def _is_beside(self, record: TableRecord, token: Token) -> bool:
        """Whether a text stands in a column of remarks beside the figures of its row."""
        if not record.in_grid or not record.values:
            return False
        return any(
            head.token.column == token.column and head.source == record.source and head.column in (REMARK, UNKNOWN)
            for head in self._header_tokens
        )

    def _caption(self, scan: _Scan, token: Token) -> None:
        self.captions += 1
        self._active = True
        scan.taken = scan.has_caption = True
        self._pending_unit = amount_factor(token.text)
        self._dangling = []

    def _label(self, scan: _Scan, token: Token, meaning: Meaning, code: str) -> None:
        if scan.row is not None and scan.row != code:
            if scan.label is not None and not scan.record.bounded:
                self._add(scan, scan.row, scan.label, [], doubt=NO_VALUES)
            elif not scan.is_group:
                scan.several = True
        scan.is_group = meaning.is_group
        scan.row, scan.label, scan.exact, scan.after_label = code, token, meaning.exact, False
        scan.behind = [meaning.key]

    def _other_text(self, scan: _Scan, token: Token, meaning: Meaning) -> None:
        if not meaning.is_known and (unit := table_unit(token.text)) is not None:
            self._table_unit = unit
        elif not meaning.is_known and (unit := amount_factor(token.text)) is not None:
            self._pending_unit = unit
        elif scan.label is not None:
            scan.after_label = True
            scan.behind.append(meaning.key)
        elif not meaning.is_known:
            self._dangling.append(token)
            if scan.has_caption and scan.record.in_grid and not scan.record.values:
                self._beside(UNKNOWN, scan, token)  # the head of a column beside the figures, as high as the header

    def _row(self, scan: _Scan, row: str, label: Token) -> None:
        """Enter a labelled row, or keep its label for the values that may follow in the next record."""
        record = scan.record
        if record.bounded and not record.values and not self._is_repeated(row):
            self.loners.append((record.source, scan.position))
        self._active = self._active or record.bounded
        if self._valueless is not None and self._valueless[1] != row:
            self._add_valueless()
        if not record.values:
            self._dangling = [label]
            self._valueless = (scan, row, label)
            return
        self._add(scan, row, label, record.values, doubt=_doubt_of(scan, self.table, row, label))
        self._dangling = []

    def _add_valueless(self) -> None:
        """Enter the last row of the applications without values: in text that loses blank cells it is one all the same."""
        if self._valueless is not None:
            scan, row, label = self._valueless
            self._valueless = None
            if self.last_code in _BEFORE.get(row, ()):
                self._add(scan, row, label, [], doubt=NO_VALUES)

    def _is_repeated(self, row: str) -> bool:
        """Whether a row was read just before: its label, cut in two by a page break, stands there again."""
        return self.last_code == row

    def _row_or_column(self, code: str, column: str, scan: _Scan, *, is_last: bool) -> tuple[str | None, str | None]:
        """Decide what 其他 and 总计 are: the next row of the form, or one with figures behind it; else the header of a column."""
        record = scan.record
        before = scan.row if scan.row is not None and not record.bounded else self.last_code
        if before is None or _heads_outcomes(record):
            return None, column
        if before in _BEFORE.get(code, ()) and (self._header_stale or not self._header_tokens):
            return code, None
        if is_last and record.figures and len(record.values) > 2 and _may_follow(code, before):
            return code, None
        return None, column

    def _head(self, column: str, scan: _Scan, token: Token) -> None:
        if self._header_stale:
            self._header_tokens = self._early
            self._early = []
            self._header_stale = False
        self._active = True
        self._header = None
        self._dangling = []
        self._header_tokens.append(_header_token(column, scan, token))
        self.labels.add(column)

    def _beside(self, column: str, scan: _Scan, token: Token) -> None:
        """A text of a header that is no column of the form; before the first one that is, it waits."""
        (self._early if self._header_stale else self._header_tokens).append(_header_token(column, scan, token))

    def _odd_header(self, scan: _Scan, token: Token) -> None:
        assert token.meaning is not None
        factor = amount_factor(token.text)
        column = nearest_column(token.meaning.key, self.table)
        if column is not None:
            self._head(column, scan, token)
        elif factor is not None:
            self._pending_unit = factor
        else:
            self._beside(UNKNOWN, scan, token)

    def _add(self, scan: _Scan, code: str, label: Token, values: list[Token], *, doubt: str) -> None:
        if self._header is None and self._header_tokens:
            self._header = _header_of(self.table, self._header_tokens)
        self._header_stale = True
        self._early = []
        factor = amount_factor(label.text)
        if factor is None:
            factor = self._table_unit if self._pending_unit is None else self._pending_unit
        record = scan.record
        self.entries.append(
            TableEntry(
                code,
                label,
                list(values),
                record.bounded,
                record.source,
                scan.position,
                self._header,
                doubt,
                scan.exact,
                factor,
                record.end,
                record.in_grid,
            )
        )
        self._pending_unit = None
        self._valueless = None

    @property
    def keeps_blanks(self) -> bool | None:
        """Whether rows without borders all have their full number of values; `None` if there is no such row."""
        loose = _loose_rows(self.entries)
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


def _doubt_of(scan: _Scan, table: str, row: str, label: Token) -> str:
    """What puts in doubt that the values of a record are those of the row."""
    if label.meaning is not None and label.meaning.beside:
        return says_more("label", label.meaning)
    if scan.several:
        return localizable("labels of two rows stand before its values")
    bounded = scan.record.bounded
    parted = scan.after_label and not (bounded and _is_whole("".join(scan.behind), table, row))
    return localizable("other text stands between label and values") if parted else ""


def _may_follow(code: str, before: str) -> bool:
    """Whether a row of figures can be 其他 below other 其他处理, or the 总计 below an outcome."""
    if code == _LAST_OTHER:
        return before in OTHERS
    return _ROW_ORDER["granted"] <= _ROW_ORDER.get(before, -1) < _ROW_ORDER[code]


def _guess(record: TableRecord, pieces: list[Token], table: str, *, is_active: bool) -> tuple[str | None, Token | None]:
    """A row from pieces of a label, or from one with misread characters."""
    for start in range(len(pieces) - 1):
        joined = "".join(piece.meaning.key for piece in pieces[start:] if piece.meaning is not None)
        code = meaning_of(joined).rows.get(table)
        if code is not None:
            return code, pieces[start]
    if pieces and pieces[-1].meaning is not None and (is_active or record.bounded) and record.values:
        code = nearest_row(pieces[-1].meaning.key, table)
        if code is not None:
            return code, pieces[-1]
    return None, None


def _header_of(table: str, tokens: list[HeaderToken]) -> TableHeader:
    """The header that texts above the rows of a table make."""
    make = applicant_header if table == _APPLICATIONS.code else block_header
    return make(tokens)


def _loose_rows(entries: list[TableEntry]) -> list[TableEntry]:
    """The rows without borders; where the rows of （六）其他处理 were read, it is no row itself, but heads them."""
    is_group = any(entry.code.startswith("other_") for entry in entries)
    return [
        entry
        for entry in entries
        if not entry.bounded and not (is_group and entry.code == SINGLE_OTHER and not entry.values)
    ]


def _header_token(column: str, scan: _Scan, token: Token) -> HeaderToken:
    record = scan.record
    spare = len(record.values) if record.bounded else 0
    return HeaderToken(column, token, scan.position, record.end, record.source, spare, record.in_grid)


def _heads_outcomes(record: TableRecord) -> bool:
    """Whether a record carries headers of the table of reconsideration and litigation (结果维持 …)."""
    return any(
        token.meaning is not None and "challenges" in token.meaning.columns and not token.meaning.rows
        for token in record.texts
    )


def _is_whole(key: str, table: str, row: str) -> bool:
    """Whether texts put together are the label of a row and nothing else."""
    meaning = meaning_of(key)
    return meaning.exact and meaning.rows.get(table) == row
