"""Binds the rows of the table of applications to the seven columns of applicants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from extract.forms import FORMS
from extract.messages import localizable
from extract.model import State
from extract.tables.binding import (
    BAD_SUM_ALONE,
    CERTAIN,
    COUNTED,
    COUNTED_WITHOUT_SUM,
    DOUBTFUL,
    FEWEST_ALIKE,
    HEADER_DOUBT,
    LABEL_DOUBT,
    Emitter,
    Placement,
    Warnings,
    is_emptied,
)
from extract.tables.collector import NO_VALUES, OTHERS, SINGLE_OTHER, RowCollector
from extract.tables.headers import APPLICANTS, BESIDE, NATURAL_PERSON, REMARK, SUBTOTAL, TOTAL, TableHeader
from extract.tables.order import settle
from extract.tables.place import is_blank, number, place
from extract.tables.proof import prove
from extract.tables.reading import TableEntry, TableReading, contiguous, usual_ends, without_empty_halves
from extract.tables.tokens import Token

_TABLE = "applications"
#: Rows of more different lengths than this are ragged.
_MOST_LENGTHS = 4
_NO_HEADER = TableHeader(APPLICANTS, localizable("the table has no header"))
_NOTHING = (State.ZERO, State.BLANK, State.DASH)


@dataclass(frozen=True, slots=True)
class _Window:
    """The positions of the value columns in rows of one length (`end`)."""

    first: int
    last: int
    end: int

    @property
    def width(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the rows of the table have in common.

    Attributes:
        paged: The text has page numbers: a row without borders may hold one of them in place of a figure.
        bordered: Sources that show where rows begin and end.
        modes: The number of values that four fifths of a source's rows have, 0 where there is none.
        windows: Where the values stand, by source and length of the row.
        usual_end: The length of most rows of a source: a longer one has a cell too many.
        of_one_length: Sources of which four fifths of the rows have one length, covered positions included.
        printing_zeros: Sources that print zeros and leave no cell of a whole row blank: a blank before seven figures is a covered position.
        covered_as_blank: Texts that print covered positions as blanks: the number of cells behind a label proves nothing there.
        spare_before: Grids whose rows all have the same surplus of blank cells, with the number of them before the figures.
        loose_short: A row without borders has fewer values than columns.
        before_missing: Rows whose successor in the form was not found.
        surplus_rows: How many rows without borders have more figures than columns.
        loners: Places of figures without a label, and of labels without cells.
        habit: How the table shows that there is nothing: a zero, a blank or a dash.
    """

    paged: bool
    bordered: set[int]
    modes: dict[int, int]
    windows: dict[tuple[int, int], _Window]
    usual_end: dict[int, int]
    of_one_length: set[int]
    printing_zeros: set[int]
    covered_as_blank: set[int]
    spare_before: dict[int, int]
    loose_short: bool
    before_missing: set[str]
    surplus_rows: int
    loners: list[tuple[int, int]]
    habit: State


def bind_applications(collector: RowCollector, *, paged: bool) -> TableReading:
    """The figures of the table of applications.

    Args:
        collector: Its rows.
        paged: The text has page numbers, so that a row without borders may hold one of them in place of a figure.
    """
    entries = settle(without_empty_halves(collector.entries))
    codes = {entry.code for entry in entries}
    split = bool(codes & set(OTHERS))
    reading = TableReading(
        seen=collector.is_seen,
        form="2021" if split else "2019" if SINGLE_OTHER in codes else None,
        expected=_expected(codes),
    )
    warnings = Warnings(reading, _TABLE)
    facts = _facts(collector, entries, split=split, paged=paged)
    placements = [_assign(entry, facts, warnings) for entry in _rows(entries, split, warnings)]
    placements = _doubt_rows(placements, facts, warnings)
    placements = _doubt_blanks(placements, facts, warnings)
    proved = prove(placements, collector.unlabelled)
    if proved is not None:
        placements = proved
        reading.adds_up = True
        reading.begins_at_label = _begin_at_label(proved)
    reading.text_rows = {placement.entry.code for placement in placements if not placement.entry.in_grid}
    emitter = Emitter(_TABLE, reading, warnings)
    for placement in placements:
        # a row between borders that shows no cells is left out, unless the sums say what it holds
        if placement.proved or not (placement.entry.bounded and placement.entry.doubt == NO_VALUES):
            emitter.emit(placement)
    return reading


# ---- rows ------------------------------------------------------------------------------------------------------------------


def _rows(entries: Sequence[TableEntry], split: bool, warnings: Warnings) -> Iterator[TableEntry]:
    """The rows of the form; where （六）其他处理 is divided, its own label heads rows and is none."""
    for entry in entries:
        if split and entry.code == SINGLE_OTHER:
            if entry.values:
                warnings.add(
                    "a row is labelled 其他处理 only, although the table divides it; its figures were left out"
                )
        else:
            yield entry


def _expected(codes: set[str]) -> frozenset[tuple[str, str]]:
    single, split = FORMS["2019"].tables[_TABLE].cells, FORMS["2021"].tables[_TABLE].cells
    if codes & set(OTHERS):
        return frozenset(split)
    if SINGLE_OTHER in codes or not codes:
        return frozenset(single)
    return frozenset(cell for cell in single if cell[0] != SINGLE_OTHER) | frozenset(
        (SINGLE_OTHER, column) for column in APPLICANTS
    )


def _facts(collector: RowCollector, entries: list[TableEntry], *, split: bool, paged: bool) -> _Facts:
    bounded = [entry for entry in entries if entry.bounded]
    loose = [entry for entry in entries if not entry.bounded]
    modes = _modes(bounded)
    lengths = Counter((entry.source, entry.end) for entry in bounded)
    rows_of = Counter(entry.source for entry in bounded)
    return _Facts(
        paged=paged,
        bordered={entry.source for entry in collector.entries if entry.bounded},
        modes=modes,
        windows=_windows(bounded),
        usual_end=usual_ends(entries),
        of_one_length={source for (source, _), rows in lengths.items() if 5 * rows >= 4 * rows_of[source]},
        printing_zeros=_printing_zeros(entries),
        covered_as_blank={
            entry.source for entry in bounded if len(entry.values) > len(APPLICANTS) + 1 and is_blank(entry.values[0])
        },
        spare_before=_spare_before(entries, modes),
        loose_short=any(
            len(entry.values) < len(APPLICANTS) and not (split and entry.code == SINGLE_OTHER) for entry in loose
        ),
        before_missing=_before_missing({entry.code for entry in entries}),
        surplus_rows=sum(_figures(entry) > len((entry.header or _NO_HEADER).columns) for entry in loose),
        loners=collector.loners,
        habit=_zero_habit(collector.entries),
    )


def _figures(entry: TableEntry) -> int:
    return sum(not is_blank(value) for value in entry.values)


def _modes(bounded: list[TableEntry]) -> dict[int, int]:
    modes = {}
    for source in {entry.source for entry in bounded}:
        widths = Counter(len(entry.values) for entry in bounded if entry.source == source)
        mode, count = widths.most_common(1)[0]
        modes[source] = mode if 5 * count >= 4 * widths.total() else 0
    return modes


def _before_missing(codes: set[str]) -> set[str]:
    form = FORMS["2021" if codes & set(OTHERS) else "2019"]
    order = [row.code for row in form.tables[_TABLE].rows]
    return {code for code, following in pairwise(order) if following not in codes}


def _zero_habit(entries: list[TableEntry]) -> State:
    states = Counter(
        value.printed.state
        for entry in entries
        for value in entry.values
        if value.printed is not None and value.printed.state in _NOTHING
    )
    return states.most_common(1)[0][0] if states else State.ZERO


def _printing_zeros(entries: list[TableEntry]) -> set[int]:
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


def _spare_before(entries: list[TableEntry], modes: dict[int, int]) -> dict[int, int]:
    spare = {}
    for source, mode in modes.items():
        rows = [e.values for e in entries if e.source == source and e.in_grid and len(e.values) == mode]
        used = {index for values in rows for index, value in enumerate(values) if not is_blank(value)}
        if mode <= len(APPLICANTS) or len(rows) < FEWEST_ALIKE or not used:
            continue
        if max(used) - min(used) + 1 == len(APPLICANTS):
            spare[source] = min(used)
    return spare


def _windows(bounded: list[TableEntry]) -> dict[tuple[int, int], _Window]:
    """Where the values stand in rows of one source and one length, blank and covered cells included.

    The header tells it, or the range of the cells in use by a few rows.
    """
    windows: dict[tuple[int, int], _Window] = {}
    shapes: dict[tuple[int, int], list[TableEntry]] = {}
    for entry in bounded:
        shapes.setdefault((entry.source, entry.end), []).append(entry)
    lengths = Counter(source for source, _ in shapes)
    for (source, end), rows in shapes.items():
        used = {value.column for entry in rows for value in entry.values if not is_blank(value)}
        if lengths[source] <= _MOST_LENGTHS and used and len(rows) >= FEWEST_ALIKE:
            windows[source, end] = _by_header(rows[0].header, _Window(min(used), max(used), end), source)
    return windows


def _by_header(header: TableHeader | None, window: _Window, source: int) -> _Window:
    """The window that the headers span, if it holds the cells in use."""
    if header is None or (header.source, header.end) != (source, window.end) or not header.positions:
        return window
    first, last = min(header.positions), max(header.positions)
    return _Window(first, last, window.end) if first <= window.first and window.last <= last else window


# ---- assign: the place of each value ---------------------------------------------------------------------------------------


def _assign(entry: TableEntry, facts: _Facts, warnings: Warnings) -> Placement:
    header = entry.header or _NO_HEADER
    columns = _columns(entry, header, facts)
    ceiling = _ceiling(entry, header, facts, warnings)
    placement = _bounded(entry, columns, facts) if entry.bounded else _loose(entry, columns, facts)
    if not header.is_usual and not header.positions and not header.defect and placement.is_reliable:
        placement = placement.capped(COUNTED_WITHOUT_SUM, "")
    if not placement.is_reliable:
        warnings.add(f"{entry.code}: {placement.how or 'place doubtful'}")
    return placement.capped(ceiling, "")


def _columns(entry: TableEntry, header: TableHeader, facts: _Facts) -> tuple[str, ...]:
    """The columns of a row; a remark that spans the rows is missing in all but the first of them."""
    if not set(header.columns) >= set(APPLICANTS):
        return APPLICANTS
    columns = tuple(column for column in header.columns if column != REMARK)
    spans = len(entry.values) == facts.modes.get(entry.source, 0) == len(columns) and not entry.in_grid
    return columns if spans else header.columns


def _ceiling(entry: TableEntry, header: TableHeader, facts: _Facts, warnings: Warnings) -> float:
    """How sure a row can be at most, by its header, its label and what it stands between."""
    ceiling = CERTAIN
    if header.defect:
        ceiling = HEADER_DOUBT
        warnings.add(f"{header.defect}; columns taken in the order of the form")
    if not entry.bounded and entry.source in facts.bordered:
        ceiling = HEADER_DOUBT
        warnings.add(f"{entry.code}: it stands outside the rows of the table")
    if entry.doubt:
        ceiling = LABEL_DOUBT if entry.says_more else HEADER_DOUBT
        warnings.add(f"{entry.code}: {entry.doubt}")
    if not entry.exact and entry.label.meaning is not None and not entry.label.meaning.rows:
        ceiling = min(ceiling, BAD_SUM_ALONE)
    return ceiling


def _below_headers(entry: TableEntry, width: int, facts: _Facts) -> tuple[tuple[Token | None, ...], float] | None:
    """The cells right below the headers, in a row of the same grid that lacks none; beside them stand blanks or remarks."""
    header = entry.header
    if header is None or not entry.in_grid or header.source != entry.source or len(header.positions) != width:
        return None
    if entry.end < facts.usual_end[entry.source]:
        return None
    by_place = {value.column: value for value in entry.values}
    columns = dict(zip(header.positions, header.columns, strict=True))
    if any(place not in by_place and column != REMARK for place, column in columns.items()):
        return None
    if any(not is_blank(value) for place, value in by_place.items() if place not in columns):
        return None
    return tuple(by_place.get(place) for place in header.positions), CERTAIN


_Way = Callable[[TableEntry, int, _Facts], tuple[tuple[Token | None, ...], float] | None]


def _bounded(entry: TableEntry, columns: tuple[str, ...], facts: _Facts) -> Placement:
    """A row whose borders the carrier shows: the first way that fits."""
    width = len(columns)
    for way in _WAYS:
        found = way(entry, width, facts)
        if found is not None:
            return Placement(entry, columns, *found)
    placed = place(entry.values, width, has_total=True)
    how = localizable(f"{len(entry.values)} cells for {width} columns; {placed.how}")
    return Placement(entry, columns, placed.cells, placed.confidence, how)


def _as_many_as_columns(entry: TableEntry, width: int, facts: _Facts) -> tuple[tuple[Token | None, ...], float] | None:
    if len(entry.values) != width:
        return None
    mode = facts.modes.get(entry.source, 0)
    counted = mode == width and (entry.in_grid or entry.source not in facts.covered_as_blank)
    return (tuple(entry.values), CERTAIN) if counted or _figures(entry) == width else None


def _side_by_side(entry: TableEntry, width: int, facts: _Facts) -> tuple[tuple[Token | None, ...], float] | None:
    """As many figures as columns without a blank between them, in a row as long as most."""
    if entry.in_grid:
        usual = len(entry.values) == facts.modes.get(entry.source, 0)
    else:
        usual = entry.end == facts.usual_end[entry.source] or entry.source in facts.printing_zeros
    if REMARK in (entry.header or _NO_HEADER).columns:
        return None  # a remark may be what makes them as many
    if _figures(entry) == width and len(entry.values) > width and usual and contiguous(entry.values, width):
        return tuple(value for value in entry.values if not is_blank(value)), CERTAIN
    return None


def _in_window(entry: TableEntry, width: int, facts: _Facts) -> tuple[tuple[Token | None, ...], float] | None:
    """The cells at the positions of the value columns, in a row as long as most."""
    window = facts.windows.get((entry.source, entry.end))
    if window is None or window.width != width:
        return None
    if len(entry.values) != width:
        as_usual = len(entry.values) == facts.modes.get(entry.source, 0)
        if not (as_usual if entry.in_grid else entry.source in facts.of_one_length):
            return None
    inside = [value for value in entry.values if window.first <= value.column <= window.last]
    outside = [value for value in entry.values if not window.first <= value.column <= window.last]
    return (tuple(inside), CERTAIN) if len(inside) == width and all(map(is_blank, outside)) else None


def _behind_spare(entry: TableEntry, width: int, facts: _Facts) -> tuple[tuple[Token | None, ...], float] | None:
    """The cells behind the blank ones that every row of the grid has before its figures."""
    if not entry.in_grid or entry.source not in facts.spare_before:
        return None
    if len(entry.values) != facts.modes.get(entry.source, 0):
        return None
    first = facts.spare_before[entry.source]
    return tuple(entry.values[first : first + width]), COUNTED_WITHOUT_SUM


_WAYS: tuple[_Way, ...] = (_below_headers, _as_many_as_columns, _side_by_side, _in_window, _behind_spare)


def _loose(entry: TableEntry, columns: tuple[str, ...], facts: _Facts) -> Placement:
    """A row without borders: recognised by the number of its values, and by its sum."""
    values, width = entry.values, len(columns)
    if len(values) == width:
        return _loose_whole(entry, columns, facts)
    if len(values) > width and all(is_blank(value) for value in values[width:]):
        head = tuple(values[:width])
        good = _adds_up(columns, head)
        nonzero = good and number(head[columns.index(TOTAL)]) != 0
        if good and (nonzero or _figures(entry) in (0, width)):
            return Placement(entry, columns, head, COUNTED_WITHOUT_SUM)
        return Placement(entry, columns, head, 0.7, "cells of the next row stand behind it and the sum fails")
    placed = place(values, width, has_total=True)
    missing = State.BLANK if len(values) < width and placed.confidence >= 0.5 else State.UNREAD
    how = localizable(f"{len(values)} values for {width} columns; {placed.how}")
    return Placement(entry, columns, placed.cells, placed.confidence, how, missing)


def _loose_whole(entry: TableEntry, columns: tuple[str, ...], facts: _Facts) -> Placement:
    """A row without borders that has as many values as there are columns."""
    cells = tuple(entry.values)
    good = _adds_up(columns, cells)
    if REMARK in columns:
        return Placement(entry, columns, cells, DOUBTFUL, "a remark may stand in place of a figure")
    if facts.surplus_rows > 1:
        return Placement(entry, columns, cells, DOUBTFUL, "other rows have more figures than the header has columns")
    if facts.loose_short and entry.code in facts.before_missing:
        return Placement(entry, columns, cells, DOUBTFUL, "the next row is missing; its figures may stand here")
    if good and number(cells[columns.index(TOTAL)]) != 0:
        return Placement(entry, columns, cells, COUNTED)
    if good:
        sure = _figures(entry) == len(columns) or not facts.loose_short
        confidence = COUNTED_WITHOUT_SUM if sure else HEADER_DOUBT
        return Placement(entry, columns, cells, confidence, "blank cells may be lost")
    confidence = DOUBTFUL if facts.loose_short or facts.paged else BAD_SUM_ALONE
    return Placement(entry, columns, cells, confidence, "the sum fails")


def _adds_up(columns: tuple[str, ...], cells: tuple[Token | None, ...]) -> bool:
    """Whether the total is the sum of the applicants, and the subtotal, if any, that of the organisations."""
    by_column = dict(zip(columns, map(number, cells), strict=True))
    organisations = sum((by_column[column] for column in APPLICANTS[1:-1]), Decimal(0))
    if SUBTOTAL in by_column and by_column[SUBTOTAL] != organisations:
        return False
    return by_column[NATURAL_PERSON] + organisations == by_column[TOTAL]


def _begin_at_label(placements: Sequence[Placement]) -> bool:
    """Whether the figures of all rows between borders stand right behind the labels, as the sums prove."""
    rows = [placement for placement in placements if placement.entry.bounded and _figures(placement.entry)]
    return len(rows) >= FEWEST_ALIKE and all(
        is_blank(cell) if is_blank(value) else cell is value
        for placement in rows
        for cell, value in zip(placement.cells, placement.entry.values, strict=False)
    )


# ---- doubts ----------------------------------------------------------------------------------------------------------------


def _doubt_rows(placements: list[Placement], facts: _Facts, warnings: Warnings) -> list[Placement]:
    """Lower the confidence of rows beside one that is not whole; the first reason counts."""
    odd = {placement.entry.position for placement in placements if placement.confidence < HEADER_DOUBT}
    odd |= {position for _, position in facts.loners}
    doubted = []
    for placement in placements:
        if placement.is_reliable:
            why = next((why for doubt in _ROW_DOUBTS if (why := doubt(placement, odd, facts))), "")
            if why:
                warnings.add(f"{placement.entry.code}: {why}")
                placement = replace(placement, confidence=DOUBTFUL)
        doubted.append(placement)
    return doubted


def _below_not_whole(placement: Placement, odd: set[int], facts: _Facts) -> str:
    reaches = placement.entry.in_grid and placement.entry.position + 1 in odd
    return localizable("the row below is not whole; a cell may reach down into it") if reaches else ""


def _emptied_above(placement: Placement, odd: set[int], facts: _Facts) -> str:
    return (
        localizable("the figures above it that have no label may be its own")
        if is_emptied(placement.entry, facts.loners)
        else ""
    )


def _sum_fails_beside(placement: Placement, odd: set[int], facts: _Facts) -> str:
    position = placement.entry.position
    beside = bool(odd & {position - 1, position + 1})
    fails = beside and not _adds_up(placement.columns, placement.cells)
    return localizable("the sum fails and a neighbouring row is not whole") if fails else ""


_ROW_DOUBTS = (_below_not_whole, _emptied_above, _sum_fails_beside)


@dataclass(frozen=True, slots=True)
class _Contradiction:
    """A row with blanks whose sum fails: the total is blank, or a part may be lost."""

    index: int
    is_total: bool
    is_part: bool


def _doubt_blanks(placements: list[Placement], facts: _Facts, warnings: Warnings) -> list[Placement]:
    """Lower the confidence where a sum contradicts blank cells.

    Where a portal leaves totals blank as a habit, the blanks are what it prints. Elsewhere a figure may be lost, and
    where a blank is unusual or the row comes from text, the whole row may have shifted.
    """
    contradicted = list(_contradictions(placements))
    left_out = _totals_left_out(placements, contradicted)
    printing_totals = {p.entry.source for p in placements if not is_blank(p.total) and number(p.total) != 0}
    cut_off: set[int] = set()
    doubted = list(placements)
    for found in contradicted:
        placement = placements[found.index]
        source = placement.entry.source
        if found.is_total and left_out and source in printing_totals:
            continue
        if placement.entry.in_grid and facts.habit is State.BLANK and not (found.is_total or found.is_part):
            continue
        if found.is_total and source not in printing_totals:
            cut_off.add(source)
        doubted[found.index] = _blank_contradicted(placement, found, facts)
        warnings.add(f"{placement.entry.code}: a blank cell is contradicted by the row's sum; a figure may be lost")
    for index, placement in enumerate(doubted):
        if placement.entry.source in cut_off:
            doubted[index] = placement.capped(DOUBTFUL, "")
            warnings.add(f"{placement.entry.code}: the totals beside it are all blank; a column may be cut off")
    return doubted


def _contradictions(placements: list[Placement]) -> Iterator[_Contradiction]:
    for index, placement in enumerate(placements):
        if not _is_blank_somewhere(placement):
            continue
        parts, total = _parts(placement), number(placement.total)
        lost = any(
            cell is not None and cell.printed is not None and cell.printed.state is State.UNREAD
            for column, cell in placement.by_column()
            if column not in BESIDE
        )
        if parts != total or lost:
            yield _Contradiction(index, is_blank(placement.total), lost or parts < total)


def _is_blank_somewhere(placement: Placement) -> bool:
    return placement.is_reliable and any(
        is_blank(cell) for column, cell in placement.by_column() if column not in BESIDE
    )


def _parts(placement: Placement) -> Decimal:
    return sum(
        (number(cell) for column, cell in placement.by_column() if column != TOTAL and column not in BESIDE), Decimal(0)
    )


def _totals_left_out(placements: list[Placement], contradicted: list[_Contradiction]) -> bool:
    """Whether the table leaves totals blank as a habit."""
    blank_totals = sum(found.is_total for found in contradicted)
    with_parts = sum(_parts(placement) != 0 for placement in placements if _is_blank_somewhere(placement))
    return blank_totals >= FEWEST_ALIKE and 2 * blank_totals >= with_parts


def _blank_contradicted(placement: Placement, found: _Contradiction, facts: _Facts) -> Placement:
    whole_row = not placement.entry.in_grid or facts.habit is not State.BLANK
    trusts = tuple(
        DOUBTFUL if whole_row or (is_blank(cell) and (column == TOTAL) == found.is_total) else CERTAIN
        for column, cell in placement.by_column()
    )
    return replace(placement, trusts=trusts)
