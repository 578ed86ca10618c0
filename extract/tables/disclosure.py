"""Binds the rows of the disclosure table: blocks of rows, each under a header of its own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from extract.forms import FORMS, Row
from extract.messages import localizable
from extract.model import State
from extract.tables.amounts import amounts
from extract.tables.binding import (
    CERTAIN,
    COUNTED_WITHOUT_SUM,
    DOUBTFUL,
    HEADER_DOUBT,
    LABEL_DOUBT,
    Emitter,
    Placement,
    Warnings,
    above_short_rows,
    is_emptied,
)
from extract.tables.collector import RowCollector
from extract.tables.headers import BESIDE, REMARK
from extract.tables.place import is_blank, place
from extract.tables.reading import TableEntry, TableReading, contiguous, usual_ends, without_empty_halves

_FORMS = tuple(FORMS)
_PAGE_NUMBER = re.compile(r"[1-9]\d?")
_TABLE = "disclosure"


@dataclass(frozen=True, slots=True)
class _Row:
    """A row with the columns that its header names; `why` says what puts them in doubt."""

    entry: TableEntry
    columns: tuple[str, ...]
    why: str

    @property
    def spare(self) -> int:
        """How many blank cells the header has behind its columns."""
        return self.entry.header.spare if self.entry.header is not None and self.entry.bounded and not self.why else 0


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the rows of the table have in common.

    Attributes:
        regular: Source, length and label position that most rows of a source share.
        usual_end: The length of most rows of each source.
        usual_surplus: How many cells more than columns most rows of each source have.
        ragged: Sources with rows that have more cells than columns, and no header that says so.
        uneven: Texts whose rows have more and fewer cells than columns.
        bordered: Sources that show where rows begin and end.
        loose_odd: A row without borders has not as many values as columns, or blanks may be lost.
        above_short: Positions right above a row that is not whole.
        loners: Places of figures without a label, and of labels without cells.
        between_labels: Positions of rows that stand between exact labels in the order of the form.
        text: What the rest of the document tells of rows without borders.
    """

    regular: set[tuple[int, int, int]]
    usual_end: dict[int, int]
    usual_surplus: dict[int, int]
    ragged: set[int]
    uneven: set[int]
    bordered: set[int]
    loose_odd: bool
    above_short: set[int]
    loners: list[tuple[int, int]]
    between_labels: set[int]
    text: TextHabits


@dataclass(frozen=True, slots=True)
class TextHabits:
    """What the rest of the document tells of rows without borders.

    Attributes:
        keeps_blanks: Whether blank cells are kept in the text, `None` if the applications don't tell.
        large_unit: Some text says that amounts are in 万元 or the like, without being the header of a column.
        paged: The text has page numbers, so that one may stand in place of a figure.
        nothing_foreign: The applications add up: a text with page numbers would have had one among them.
        begins_at_label: In the applications, the figures of rows between borders stand right behind the labels.
    """

    keeps_blanks: bool | None = None
    large_unit: bool = False
    paged: bool = False
    nothing_foreign: bool = False
    begins_at_label: bool = False


def bind_disclosure(collector: RowCollector, text: TextHabits) -> TableReading:
    """The figures of the disclosure table, and the form that its headers show."""
    entries = without_empty_halves(collector.entries)
    form = _form(entries, collector.labels)
    reading = TableReading(seen=collector.is_seen, form=form)
    chosen = form or _FORMS[-1]
    rows = _rows(entries, chosen)
    facts = _facts(collector, entries, rows, text)
    headed = {row.entry.code for row in rows if row.columns and not row.why}
    warnings = Warnings(reading, _TABLE)
    emitter = Emitter(_TABLE, reading, warnings, amounts(warnings, large_unit=text.large_unit))
    for row in rows:
        if not row.columns or _is_foreign(row, headed, entries):
            continue
        placement = _doubted(row, _assign(row, facts), facts)
        if not placement.is_reliable:
            warnings.add(f"{row.entry.code}: {placement.how}")
        emitter.emit(placement)
    cells = set(FORMS[chosen].tables[_TABLE].cells)
    reading.expected = frozenset(cells | {(figure.row, figure.column) for figure in reading.figures})
    return reading


# ---- rows: which form, and the columns of each row ------------------------------------------------------------------------


def _rows(entries: list[TableEntry], chosen: str) -> list[_Row]:
    return [_Row(entry, *_columns(entry, chosen)) for entry in entries]


def _form(entries: list[TableEntry], labels: set[str]) -> str | None:
    """The form whose columns the headers name; else the one form that has the labels of columns met."""
    votes: Counter[str] = Counter()
    for entry in entries:
        if entry.header is not None and not entry.header.defect:
            columns = set(entry.header.columns) - BESIDE
            votes.update(code for code in _FORMS if _has(code, entry.code, columns))
    if votes:
        ranked = votes.most_common()
        return ranked[0][0] if len(ranked) == 1 or ranked[0][1] > ranked[1][1] else None
    named = {code: len(labels & set(FORMS[code].tables[_TABLE].columns_by_code)) for code in _FORMS}
    best = max(named, key=lambda code: named[code])
    return best if named[best] and sum(count == named[best] for count in named.values()) == 1 else None


def _has(form: str, row: str, columns: set[str]) -> bool:
    spec = FORMS[form].tables[_TABLE].rows_by_code.get(row)
    return spec is not None and set(spec.columns) == columns


def _columns(entry: TableEntry, chosen: str) -> tuple[tuple[str, ...], str]:
    """The columns of a row, and why they are in doubt."""
    rows: dict[str, Row] = {}
    for code in (chosen, *(code for code in _FORMS if code != chosen)):
        row = FORMS[code].tables[_TABLE].rows_by_code.get(entry.code)
        if row is not None:
            rows[code] = row
    header = entry.header
    if header is not None and not header.defect:
        for row in rows.values():
            if set(row.columns) == set(header.columns) - BESIDE:
                return header.columns, ""
    preferred = next(iter(rows.values()))
    why = (
        header.defect
        if header is not None and header.defect
        else localizable("the header above does not name its columns")
    )
    return preferred.columns, why


def _is_foreign(row: _Row, headed: set[str], entries: list[TableEntry]) -> bool:
    """Whether a row is one of another table that carries one of our labels."""
    if not row.why or row.entry.header is not None:
        return False
    near = any(other.header is not None and other.source == row.entry.source for other in entries)
    return row.entry.code in headed or not near


def _facts(collector: RowCollector, entries: list[TableEntry], rows: list[_Row], text: TextHabits) -> _Facts:
    usable = [row for row in rows if row.columns]
    widths = {id(row.entry): len(row.columns) for row in usable}
    return _Facts(
        regular=_regular_rows(entries),
        usual_end=usual_ends(entries),
        usual_surplus=_usual_surplus(usable),
        ragged={
            row.entry.source
            for row in usable
            if row.entry.bounded and len(row.entry.values) > len(row.columns) and not _header_spare(row.entry)
        },
        uneven=_uneven(usable),
        bordered={entry.source for entry in collector.entries if entry.bounded},
        loose_odd=any(not row.entry.bounded and len(row.entry.values) != len(row.columns) for row in usable)
        or not _prints_zeros(entries, text.keeps_blanks),
        above_short=above_short_rows(collector.entries, collector.loners, widths),
        loners=collector.loners,
        between_labels=_between_labels(entries, collector.loners),
        text=text,
    )


def _between_labels(entries: list[TableEntry], loners: Iterable[tuple[int, int]]) -> set[int]:
    """Positions of rows that stand between exact labels in the order of the form, with nothing else before the next of them.

    Where figures without a label stand right above a row, its cells aren't printed one behind the other: some of them are higher than others.
    """
    order = [row.code for row in FORMS[_form_of(entries)].tables[_TABLE].rows]
    following = dict(pairwise(order))
    found = set()
    for entry, after in pairwise(entries):
        beside = entry.source != after.source or after.position == entry.position + 1
        if beside and entry.exact and after.exact and following.get(entry.code) == after.code:
            found.add(entry.position)
    if entries and entries[-1].exact and entries[-1].code == order[-1]:
        found.add(entries[-1].position)
    return found - {position + 1 for _, position in loners}


def _form_of(entries: list[TableEntry]) -> str:
    """The form that has all rows."""
    codes = {entry.code for entry in entries}
    return next((form for form in _FORMS if codes <= set(FORMS[form].tables[_TABLE].rows_by_code)), _FORMS[0])


def _prints_zeros(entries: list[TableEntry], keeps_blanks: bool | None) -> bool:
    """Whether rows without borders can be trusted to have lost no blank cell."""
    if keeps_blanks is not None:
        return keeps_blanks
    return any(
        value.printed is not None and value.printed.state in (State.ZERO, State.BLANK, State.DASH)
        for entry in entries
        for value in entry.values
    )


def _usual_surplus(rows: list[_Row]) -> dict[int, int]:
    """How many cells more than columns most rows of each source have, where most have the same."""
    counts: dict[int, Counter[int]] = {}
    for row in rows:
        counts.setdefault(row.entry.source, Counter())[len(row.entry.values) - len(row.columns)] += 1
    most = {source: surplus.most_common(1)[0] for source, surplus in counts.items()}
    return {source: surplus for source, (surplus, count) in most.items() if 2 * count > counts[source].total()}


def _uneven(rows: list[_Row]) -> set[int]:
    surplus: dict[int, set[int]] = {}
    for row in rows:
        if row.entry.bounded and not row.entry.in_grid:
            surplus.setdefault(row.entry.source, set()).add(len(row.entry.values) - len(row.columns))
    return {source for source, counts in surplus.items() if len(counts) > 1}


def _header_spare(entry: TableEntry) -> int:
    return entry.header.spare if entry.header is not None else 0


def _regular_rows(entries: list[TableEntry]) -> set[tuple[int, int, int]]:
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


# ---- assign: the place of each value ---------------------------------------------------------------------------------------

_Way = Callable[[_Row, _Facts], Placement | None]


def _assign(row: _Row, facts: _Facts) -> Placement:
    """The first way that fits; the most plausible place where none does."""
    for way in _WAYS:
        placement = way(row, facts)
        if placement is not None:
            return placement
    width = len(row.columns)
    placed = place(row.entry.values, width, has_total=False)
    how = localizable(f"{len(row.entry.values)} cells for {width} columns")
    return Placement(row.entry, row.columns, placed.cells, min(placed.confidence, 0.5), how)


def _before_spare(row: _Row, facts: _Facts) -> Placement | None:
    """The cells before the blank ones that the header has behind its columns as well."""
    width, values = len(row.columns), row.entry.values
    if row.entry.source in facts.uneven and is_blank(values[width - 1] if len(values) >= width else None):
        return None  # a figure that went into its neighbour leaves a blank at the end as well
    if row.spare and len(values) == width + row.spare and all(is_blank(value) for value in values[width:]):
        return Placement(row.entry, row.columns, tuple(values[:width]), CERTAIN)
    return None


def _as_many_as_columns(row: _Row, facts: _Facts) -> Placement | None:
    width, values = len(row.columns), row.entry.values
    if len(values) != width:
        return None
    if (row.spare or row.entry.source in facts.ragged) and any(is_blank(value) for value in values):
        return None
    if row.entry.bounded:
        return Placement(row.entry, row.columns, tuple(values), CERTAIN)
    if REMARK in row.columns:
        return Placement(row.entry, row.columns, tuple(values), DOUBTFUL, "a remark may stand in place of a figure")
    if facts.loose_odd and not _is_by_itself(row, facts):
        return Placement(row.entry, row.columns, tuple(values), HEADER_DOUBT, "a neighbouring row is not whole")
    return Placement(row.entry, row.columns, tuple(values), COUNTED_WITHOUT_SUM)


def _is_by_itself(row: _Row, facts: _Facts) -> bool:
    """Whether a row of text prints a figure for each column: as many numbers between its label and the next as there are columns.

    A page number could stand for a figure that was lost: some small number.
    """
    values = row.entry.values
    if row.entry.position not in facts.between_labels or facts.text.paged or any(map(is_blank, values)):
        return False
    return facts.text.nothing_foreign or not any(_PAGE_NUMBER.fullmatch(value.text) for value in values)


def _behind_label(row: _Row, facts: _Facts) -> Placement | None:
    """The cells right behind the label, where all rows of the document begin there and have cells too many at their ends.

    The last one is a figure: had a cell before it been lost, or gone into its neighbour, a surplus blank would stand there.
    """
    width, values = len(row.columns), row.entry.values
    if not facts.text.begins_at_label or row.entry.in_grid or not row.entry.bounded or REMARK in row.columns:
        return None
    if len(values) < width or is_blank(values[width - 1]) or not all(map(is_blank, values[width:])):
        return None
    if not row.entry.exact:
        return None
    return Placement(row.entry, row.columns, tuple(values[:width]), COUNTED_WITHOUT_SUM)


def _below_header(row: _Row, facts: _Facts) -> Placement | None:
    """The cells right below the headers, if header row and row have the same length and nothing stands beside them."""
    entry, header = row.entry, row.entry.header
    if (entry.source, entry.end, entry.label.column) not in facts.regular:
        return None
    if header is None or header.columns != row.columns or not entry.bounded:
        return None
    if len(set(header.positions)) != len(row.columns) or (header.source, header.end) != (entry.source, entry.end):
        return None
    by_column = {value.column: value for value in entry.values}
    if any(position not in by_column for position in header.positions):
        return None
    if any(not is_blank(value) for position, value in by_column.items() if position not in header.positions):
        return None
    return Placement(entry, row.columns, tuple(by_column[position] for position in header.positions), CERTAIN)


def _side_by_side(row: _Row, facts: _Facts) -> Placement | None:
    """As many figures as columns without a blank between them, among more cells."""
    entry, width = row.entry, len(row.columns)
    figures = [value for value in entry.values if not is_blank(value)]
    if REMARK in row.columns:
        return None  # a remark may be what makes them as many
    if len(figures) != width or len(entry.values) <= width or not contiguous(entry.values, width):
        return None
    surplus = len(entry.values) - width
    usual = (
        entry.bounded
        and entry.end == facts.usual_end[entry.source]
        and not (entry.in_grid and surplus != facts.usual_surplus.get(entry.source))
    )
    if usual:
        return Placement(entry, row.columns, tuple(figures), COUNTED_WITHOUT_SUM)
    return Placement(entry, row.columns, tuple(figures), HEADER_DOUBT, "more cells than columns")


def _before_blanks(row: _Row, facts: _Facts) -> Placement | None:
    width, values = len(row.columns), row.entry.values
    if row.entry.bounded and len(values) > width and all(is_blank(value) for value in values[width:]):
        return Placement(row.entry, row.columns, tuple(values[:width]), DOUBTFUL, "more cells than columns")
    return None


_WAYS: tuple[_Way, ...] = (
    _before_spare,
    _as_many_as_columns,
    _below_header,
    _behind_label,
    _side_by_side,
    _before_blanks,
)


# ---- doubts ----------------------------------------------------------------------------------------------------------------


def _doubted(row: _Row, placement: Placement, facts: _Facts) -> Placement:
    """The placement after every doubt; the first reason stays."""
    if _lacks_beside(placement):
        placement = placement.capped(
            LABEL_DOUBT, "a figure stands below a header that is not known, and one is lacking"
        )
    for doubt in _DOUBTS:
        why = doubt(row, facts)
        if why:
            placement = placement.capped(LABEL_DOUBT if row.entry.says_more else HEADER_DOUBT, why)
    return placement


def _lacks_beside(placement: Placement) -> bool:
    """Whether a column beside the figures has a number, and one of theirs has none: headers cut in two name half a column."""
    beside = [cell for column, cell in placement.by_column() if column in BESIDE and cell is not None]
    own = [cell for column, cell in placement.by_column() if column not in BESIDE]
    holds = any(cell.printed is not None and cell.printed.value is not None for cell in beside)
    return holds and any(cell is None or is_blank(cell) for cell in own)


def _below_not_whole(row: _Row, facts: _Facts) -> str:
    reaches = row.entry.in_grid and row.entry.position in facts.above_short
    return localizable("the row below is not whole; a cell may reach down into it") if reaches else ""


def _emptied_above(row: _Row, facts: _Facts) -> str:
    return (
        localizable("the figures above it that have no label may be its own")
        if is_emptied(row.entry, facts.loners)
        else ""
    )


def _columns_not_named(row: _Row, facts: _Facts) -> str:
    return row.why


def _outside_rows(row: _Row, facts: _Facts) -> str:
    outside = not row.entry.bounded and row.entry.source in facts.bordered
    return localizable("it stands outside the rows of the table") if outside else ""


def _label_not_clear(row: _Row, facts: _Facts) -> str:
    return row.entry.doubt


_DOUBTS = (_below_not_whole, _emptied_above, _columns_not_named, _outside_rows, _label_not_clear)
