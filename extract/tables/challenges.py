"""The fifteen figures of reconsideration and litigation, in one flat row, in three tables, or one route a row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TypeVar

from extract.forms import FORMS
from extract.messages import localizable
from extract.model import Figure, State
from extract.tables.binding import BAD_SUM_ALONE, CERTAIN, COUNTED, COUNTED_WITHOUT_SUM, DOUBTFUL, Warnings
from extract.tables.options import PROVED
from extract.tables.place import adds_up, is_blank, number, place
from extract.tables.reading import TableReading, contiguous
from extract.tables.routes_proof import prove_routes
from extract.tables.tokens import TableRecord, Token

_TABLE = FORMS["2021"].tables["challenges"]
_OUTCOMES = tuple(column.code for column in _TABLE.columns)
_ROUTES = tuple(row.code for row in _TABLE.rows)
_TOTAL = _OUTCOMES[-1]
_WIDTH = len(_OUTCOMES)
#: The routes that a row may print beside each other: all of them, or those of litigation.
_SIDE_BY_SIDE = (list(_ROUTES), list(_ROUTES[1:]))
#: Without the last outcome, or another one, a header is still the table's.
_ENOUGH_OUTCOMES = _WIDTH - 1
_Cell = TypeVar("_Cell", Token, Token | None)


@dataclass(frozen=True, slots=True, order=True)
class _Head:
    """A text of a grid above the figures: where it stands, and the route, the outcome or the column of remarks that it names."""

    row: int
    column: int
    route: str = ""
    outcome: str = ""
    is_remark: bool = False


@dataclass(frozen=True, slots=True)
class _Run:
    """Values with the headers that are in effect above them.

    Attributes:
        route: The route that the record's own label names.
        outcomes: The outcomes named above, from left to right.
        routes: The routes named above.
        litigation_first: 行政诉讼 is named before 行政复议.
        remarks: How many columns of remarks the header names.
        spare: How many blank cells the header has behind its columns.
        repeats: It stands below figures that have the same header.
        heads: The texts of the same grid, down to this row.
    """

    record: TableRecord
    route: str | None
    outcomes: tuple[str, ...]
    routes: tuple[str, ...]
    litigation_first: bool
    remarks: int
    spare: int
    repeats: bool
    heads: tuple[_Head, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """The cells of a route in the order of the form, each with its confidence, and what puts some of them in doubt."""

    route: str
    cells: tuple[Token | None, ...]
    trusts: tuple[float, ...]
    doubt: str = ""
    proved: tuple[bool, ...] = (False,) * _WIDTH


@dataclass(frozen=True, slots=True)
class _Routes:
    """The rows that one run makes."""

    rows: tuple[_Row, ...]
    is_doubtful: bool = False
    has_surplus: bool = False


# ---- rows: runs of values below headers ------------------------------------------------------------------------------------


class ChallengesCollector:
    """Collects runs of values with the headers above them."""

    def __init__(self) -> None:
        self.runs: list[_Run] = []
        self.is_seen = False
        self._routes: list[str] = []
        self._outcomes: list[str] = []
        self._litigation_first = False
        self._remarks = 0
        self._stale = False
        self._spare = 0
        self._beside_labels = False
        self._source = -1
        self._bounded = False
        self._above: list[TableRecord] = []

    def end(self) -> None:
        """Running text ends the table."""
        self._routes, self._stale = [], False
        self._restart()
        self._litigation_first = False
        self._above = []

    def _restart(self) -> None:
        """Forget the columns of the last header."""
        self._outcomes = []
        self._remarks = 0

    def feed(self, record: TableRecord) -> bool:
        """Take the headers and the values of a record; true if it belonged to this table."""
        if record.in_grid:
            if record.source != self._source and record.texts:
                self.end()  # another grid with headers of its own: what the last one announced did not come
            self._above.append(record)
        took, row_route = self._headers(record)
        if len(self._outcomes) >= _ENOUGH_OUTCOMES:
            self.is_seen = True
            if self._is_data(record, row_route):
                self._add(record, row_route)
                took = True
        return took and bool(self._outcomes or len(self._routes) > 1)

    def _headers(self, record: TableRecord) -> tuple[bool, str | None]:
        """Take the headers of a record; whether it had any, and the route that labels it."""
        took = False
        row_route: str | None = None
        for index, token in enumerate(record.texts):
            route, outcome = _names(token)
            if not route and not outcome:
                self._other_header(token, record)
                continue
            if outcome == _TOTAL and not self._outcomes and not _heads_outcomes(record.texts[index + 1 :]):
                continue  # the total of another table
            took = True
            self._source = record.source
            self._bounded = record.bounded
            if outcome:
                self._outcome(outcome, token, record, is_below_route=row_route is not None)
            if route:
                self._route(route, record)
                row_route = route
        return took, row_route

    def _outcome(self, outcome: str, token: Token, record: TableRecord, *, is_below_route: bool) -> None:
        if self._stale:
            self._routes = self._routes[-1:] if is_below_route else []
            self._restart()
            self._stale = False
        if not self._outcomes:
            self._beside_labels = token.column > 0
        self._outcomes.append(outcome)
        self._spare = len(record.values) if record.bounded and not record.figures else 0

    def _route(self, route: str, record: TableRecord) -> None:
        if self._stale:
            self._routes = []
            if not self._is_label_of(record):
                self._restart()
                self._stale = False
        self._routes.append(route)

    def _is_label_of(self, record: TableRecord) -> bool:
        """Whether a route labels a row of figures: then no outcome stands beside it, as in the lines of a header and its figures."""
        has_row = record.figures or (self._beside_labels and record.values)
        return bool(has_row) and not any(_names(token)[1] for token in record.texts)

    def _other_header(self, token: Token, record: TableRecord) -> None:
        """行政诉讼 above two routes, and a column of remarks."""
        meaning = token.meaning
        assert meaning is not None
        if meaning.exact and _TABLE.code in meaning.captions:
            self._litigation_first = self._stale or _ROUTES[0] not in self._routes
        elif meaning.is_remark and not record.figures:
            self._remarks += 1

    def _is_data(self, record: TableRecord, row_route: str | None) -> bool:
        """Whether a record prints figures: blank cells beside headers are only the rest of a header row."""
        if not record.values or (self._bounded and not record.bounded):
            return False  # a number on a line of its own, below a header with borders, is a page number
        if record.figures:
            return True
        if record.texts and record.bounded:
            whole = len(self._outcomes) == len(record.values) == _WIDTH
            return row_route is not None and whole and len(self._routes) == 1
        return len(record.values) >= _WIDTH

    def _add(self, record: TableRecord, row_route: str | None) -> None:
        above = (other for other in self._above if other.source == record.source)
        self.runs.append(
            _Run(
                record,
                row_route,
                tuple(self._outcomes),
                tuple(self._routes),
                self._litigation_first,
                self._remarks,
                self._spare,
                repeats=self._stale and row_route is None and record.in_grid,
                heads=tuple(_head(token, other) for other in above for token in other.texts),
            )
        )
        self._stale = True


def _names(token: Token) -> tuple[str, str]:
    """The route and the outcome that a text names as a header."""
    meaning = token.meaning
    assert meaning is not None
    if not (meaning.exact or meaning.composed):
        return "", ""
    return meaning.rows.get(_TABLE.code, ""), meaning.columns.get(_TABLE.code, "")


def _head(token: Token, record: TableRecord) -> _Head:
    assert token.meaning is not None
    return _Head(record.row, token.column, *_names(token), is_remark=token.meaning.is_remark)


def _heads_outcomes(texts: list[Token]) -> bool:
    """Whether the next header is an outcome, so that the total before it is one of the table's columns."""
    return bool(texts) and bool(_names(texts[0])[1])


# ---- assign: the place of each value ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class ChallengesPlaced:
    """The figures of every run, before the runs are compared; `loose` are routes whose row came without borders."""

    reading: TableReading
    warnings: Warnings
    is_doubtful: bool = False
    has_surplus: bool = False
    is_repeated: bool = False
    loose: set[str] = field(default_factory=set)


def assign_challenges(collector: ChallengesCollector) -> ChallengesPlaced:
    """The place of each value of every run."""
    reading = TableReading(seen=collector.is_seen, expected=frozenset(_TABLE.cells))
    placed = ChallengesPlaced(reading, Warnings(reading, _TABLE.code))
    for run in collector.runs:
        routes = _below_headers(run, placed.warnings) or _in_order(run, placed.warnings)
        placed.is_doubtful = placed.is_doubtful or routes.is_doubtful
        placed.has_surplus = placed.has_surplus or routes.has_surplus
        placed.is_repeated = placed.is_repeated or run.repeats
        if not run.record.bounded and not routes.is_doubtful:
            placed.loose.update(row.route for row in routes.rows)
        for row in routes.rows:
            if row.doubt:
                placed.warnings.add(f"{row.route}: {row.doubt}")
            for cell, outcome, trust, is_proved in zip(row.cells, _OUTCOMES, row.trusts, row.proved, strict=True):
                figure = _figure(row.route, outcome, cell, trust, placed.warnings)
                reading.figures.append(replace(figure, placed="proved") if is_proved else figure)
    return placed


def _below_headers(run: _Run, warnings: Warnings) -> _Routes | None:
    """A grid's row by what stands above each of its cells, if that is whole.

    Whole means: each cell has an outcome right above it and a route above that, and every route has each outcome once.
    Cells below another heading (合计 beside the routes) are nobody's; a cell without any heading spoils it, unless it is
    blank and the headers have as many blank cells behind them.
    """
    by_place = _by_place(run)
    if by_place is None:
        return None
    routes = [route for route in _ROUTES if (route, _TOTAL) in by_place]
    if len(by_place) != _WIDTH * len(routes) or len(routes) != (1 if run.route else len(_ROUTES)):
        return None
    values = [by_place[route, outcome] for route in routes for outcome in _OUTCOMES]
    usual = [value.column for value in values] == sorted(value.column for value in values)
    confidence = CERTAIN
    if not usual and not all(map(adds_up, _groups(values))):
        warnings.add("the columns stand in another order than the form's, and the sums fail")
        confidence = DOUBTFUL
    return _routes_of(run, routes, [_OUTCOMES] * len(routes), values, confidence, warnings)


def _by_place(run: _Run) -> dict[tuple[str, str], Token] | None:
    """The cells of a row by route and outcome; `None` if one of them can't be determined."""
    by_place: dict[tuple[str, str], Token] = {}
    heads = [head for head in run.heads if head.row < run.record.row]
    others = spare = 0
    for value in run.record.values:
        outcome = max((head for head in heads if head.outcome and head.column == value.column), default=None)
        if outcome is None:
            if any(head.is_remark and head.column == value.column for head in heads):
                continue
            if not is_blank(value) or any(head.column >= value.column for head in heads):
                return None
            spare += 1
            continue
        route = run.route or _route_above(heads, value.column)
        if route is None:
            others += 1
        elif by_place.setdefault((route, outcome.outcome), value) is not value:
            return None
    return None if spare != run.spare or (others and run.route) else by_place


def _route_above(heads: list[_Head], column: int) -> str | None:
    """The route whose cell reaches over a column: in the lowest row in which the cell at or before the column names one."""
    for row in sorted({head.row for head in heads}, reverse=True):
        before = [head for head in heads if head.row == row and head.column <= column]
        if before and max(before).route:
            return max(before).route
    return None


def _in_order(run: _Run, warnings: Warnings) -> _Routes:
    """A row by the number of its values, in the order of the headers above it."""
    values = list(run.record.values)
    routes = list(dict.fromkeys(run.routes))
    if run.route is not None and len(run.outcomes) == _WIDTH:
        routes = [run.route]
    sets = [run.outcomes[start : start + _WIDTH] for start in range(0, len(run.outcomes), _WIDTH)]
    if run.litigation_first and routes == list(_ROUTES) and not run.record.in_grid:
        routes = [*routes[1:], routes[0]]  # a grid that lost its spans leaves it open
    elif (len(routes) > 1 and routes not in _SIDE_BY_SIDE) or not _is_usual(run):
        routes = []
    if not routes or len(sets) != len(routes) or any(sorted(one) != sorted(_OUTCOMES) for one in sets):
        warnings.add("the header above the figures is not whole; the figures are doubtful")
        return _without_header(values)
    return _by_count(run, routes, sets, warnings)


def _is_usual(run: _Run) -> bool:
    """Whether the routes that a grid names stand from left to right in the order of the form."""
    columns = [max((head.column for head in run.heads if head.route == route), default=-1) for route in _ROUTES]
    known = [column for column in columns if column >= 0]
    return known == sorted(known)


def _by_count(run: _Run, routes: list[str], sets: list[tuple[str, ...]], warnings: Warnings) -> _Routes:
    """A row under a whole header: each figure has its place if there are as many values as columns, or blanks are the rest."""
    record = run.record
    width = _WIDTH * len(routes)
    values = _without_remarks(list(record.values), sets, run.remarks)
    figures = [value for value in values if not is_blank(value)]
    if record.bounded and run.spare and len(figures) < width:
        if not _are_spare_behind(run, values, width, sets):
            return _proved_or_doubtful(run, routes, sets, width + run.spare, "cells", warnings)
        values = values[:width]
    if _are_blanks_around(record, values, figures, width):
        values = figures
    if _are_blanks_behind(record, values, width):
        return _routes_of(run, routes, sets, values[:width], _trust_before_blanks(values[:width], sets), warnings)
    if len(values) != width:
        routes_of = _proved_or_doubtful(run, routes, sets, width, "values", warnings)
        return replace(routes_of, has_surplus=len(values) > width and not record.bounded)
    return _routes_of(run, routes, sets, values, CERTAIN if record.bounded else COUNTED, warnings)


def _are_spare_behind(run: _Run, values: list[Token], width: int, sets: list[tuple[str, ...]]) -> bool:
    """Whether behind the figures stand as many blank cells as the header has behind its columns, and nothing else."""
    is_whole = len(values) == width + run.spare and all(map(is_blank, values[width:]))
    return is_whole and _begin_here(run.record, values, width, sets)


def _begin_here(record: TableRecord, values: list[Token], width: int, sets: list[tuple[str, ...]]) -> bool:
    """Whether the columns can begin nowhere but at a row's first value: elsewhere a figure would be outside of them, or a sum fails.

    In a line, blanks before the figures may be the first columns', or indent it; in a grid they are cells.
    """
    if record.in_grid:
        return True
    inked = [number for number, value in enumerate(values) if not is_blank(value)]
    starts = range(max(inked[-1] - width + 1, 0), min(inked[0], len(values) - width) + 1) if inked else range(0)
    return [start for start in starts if _all_add_up(values[start : start + width], sets)] == [0]


def _are_blanks_around(record: TableRecord, values: list[Token], figures: list[Token], width: int) -> bool:
    """Whether a row has all its figures side by side, and blanks before or behind them; in a grid a blank is a cell."""
    return len(values) > width and len(figures) == width and not record.in_grid and contiguous(values, width)


def _are_blanks_behind(record: TableRecord, values: list[Token], width: int) -> bool:
    """Whether a row without borders has nothing but blanks behind its columns."""
    return len(values) > width and not record.bounded and all(map(is_blank, values[width:]))


def _trust_before_blanks(values: list[Token], sets: list[tuple[str, ...]]) -> float:
    """The confidence in values that end before blanks: their sums must show that none is out of place."""
    is_sure = _all_add_up(values, sets) and not all(map(is_blank, values))
    return COUNTED_WITHOUT_SUM if is_sure else 0.7


def _without_remarks(values: list[Token], sets: list[tuple[str, ...]], remarks: int) -> list[Token]:
    """The values without those of the columns of remarks, which stand behind the figures or, as the sums tell, before them."""
    if not remarks or len(values) != _WIDTH * len(sets) + remarks:
        return values
    behind, before = values[:-remarks], values[remarks:]
    fit = [_all_add_up(kept, sets) for kept in (behind, before)]
    return before if fit == [False, True] else behind if fit == [True, False] else values


def _all_add_up(values: list[Token], sets: list[tuple[str, ...]]) -> bool:
    """Whether the sum of each route fits its figures."""
    return all(adds_up(_ordered(group, one)) for group, one in zip(_groups(values), sets, strict=True))


def _without_header(values: list[Token]) -> _Routes:
    """Values below a header that is not whole: as the form has them if they are fifteen, else what the sums tell."""
    if len(values) == _WIDTH * len(_ROUTES):
        rows = zip(_ROUTES, _groups(values), strict=True)
        return _Routes(tuple(_Row(route, tuple(group), (0.7,) * _WIDTH) for route, group in rows), is_doubtful=True)
    return _by_sums(values, list(_ROUTES))


def _proved(run: _Run, routes: list[str], sets: list[tuple[str, ...]]) -> _Routes | None:
    """The figures whose place the sums prove; `None` if they prove none."""
    if not run.record.bounded or run.record.in_grid or routes not in _SIDE_BY_SIDE:
        return None
    cells = prove_routes(run.record.values, _WIDTH, [one.index(_TOTAL) for one in sets])
    if cells is None or not any(cells):
        return None
    rows = []
    for route, group, one in zip(routes, _groups(list(cells)), sets, strict=True):
        ordered = [group[one.index(outcome)] for outcome in _OUTCOMES]
        proved = tuple(cell is not None for cell in ordered)
        trusts = tuple(PROVED if cell is not None else 0.5 for cell in ordered)
        rows.append(_Row(route, tuple(ordered), trusts, proved=proved))
    is_doubtful = not all(cells)
    return _Routes(tuple(rows), is_doubtful=is_doubtful)


def _proved_or_doubtful(
    run: _Run, routes: list[str], sets: list[tuple[str, ...]], expected: int, what: str, warnings: Warnings
) -> _Routes:
    """The figures of a row with another number of values than expected: as the sums prove them, else doubtful."""
    return _proved(run, routes, sets) or _with_header(run, routes, expected, what, warnings)


def _with_header(run: _Run, routes: list[str], expected: int, what: str, warnings: Warnings) -> _Routes:
    """More or fewer values than the whole header has columns."""
    values = run.record.values
    of = "" if what == "cells" else " columns"
    warnings.add(f"{len(values)} {what} for {expected}{of}; the figures are doubtful")
    if len(routes) == 1 and len(values) < 2 * _WIDTH:
        placed = place(values, _WIDTH, has_total=True)
        return _Routes((_Row(routes[0], placed.cells, (min(placed.confidence, 0.6),) * _WIDTH),), is_doubtful=True)
    return _by_sums(values, routes)


def _by_sums(values: list[Token], routes: list[str]) -> _Routes:
    """Route after route, as long as the sum tells where one ends."""
    rows = []
    start = 0
    for route in routes:
        group = values[start : start + _WIDTH]
        is_told = len(group) == _WIDTH and adds_up(group) and number(group[-1]) != 0
        cells: tuple[Token | None, ...] = tuple(group) if is_told else (None,) * _WIDTH
        rows.append(_Row(route, cells, (0.5,) * _WIDTH))
        start += _WIDTH if is_told else len(values)
    return _Routes(tuple(rows), is_doubtful=True)


def _groups(values: list[_Cell]) -> list[list[_Cell]]:
    return [values[start : start + _WIDTH] for start in range(0, len(values), _WIDTH)]


def _ordered(group: list[Token], outcomes: tuple[str, ...]) -> list[Token]:
    return [group[outcomes.index(outcome)] for outcome in _OUTCOMES]


def _routes_of(
    run: _Run,
    routes: list[str],
    sets: list[tuple[str, ...]],
    values: list[Token],
    confidence: float,
    warnings: Warnings,
) -> _Routes:
    """The figures of a whole row, with what their sums say against them."""
    record = run.record
    groups = [_ordered(group, one) for group, one in zip(_groups(values), sets, strict=True)]
    failing = sum(not adds_up(group) for group in groups)
    if failing > 1 and not record.bounded:
        confidence = min(confidence, DOUBTFUL)
        warnings.add(f"the sums of {failing} routes fail; figures may be out of place")
    may_have_shifted = record.bounded and not record.in_grid and any(map(is_blank, values))
    trust_in_nothing = _trust_in_nothing(record, is_shifted=may_have_shifted and failing > 0)
    rows = []
    for route, cells in zip(routes, groups, strict=True):
        trust = confidence
        suspicious = [False] * _WIDTH
        doubt = ""
        if not adds_up(cells) or any(map(_is_unread, cells)):
            if may_have_shifted:
                confidence = trust = min(trust, DOUBTFUL)  # and so have the routes behind it
            elif not record.bounded:
                trust = min(trust, BAD_SUM_ALONE)
            suspicious = list(map(is_blank, cells))
            if any(suspicious):
                doubt = localizable("a blank cell is contradicted by the sum; a figure may be lost")
        elif not any(map(number, cells)):
            trust = min(trust, trust_in_nothing)
        trusts = tuple(min(trust, DOUBTFUL) if blank else trust for blank in suspicious)
        rows.append(_Row(route, tuple(cells), trusts, doubt))
    return _Routes(tuple(rows))


def _trust_in_nothing(record: TableRecord, *, is_shifted: bool) -> float:
    """The confidence in a route without numbers, which adds up wherever it stands: beside one that doesn't, it may have shifted with it."""
    if is_shifted:
        return DOUBTFUL
    return CERTAIN if record.bounded else COUNTED_WITHOUT_SUM


def _is_unread(cell: Token) -> bool:
    return cell.printed is not None and cell.printed.state is State.UNREAD


# ---- doubts ----------------------------------------------------------------------------------------------------------------


def bind_challenges(placed: ChallengesPlaced, *, paged: bool) -> TableReading:
    """The figures of the table, each route seen beside the others.

    Args:
        placed: Where the values of its runs belong.
        paged: The text has page numbers or loses blank cells, so that a run of values may hold something else in place
            of a figure.
    """
    reading = placed.reading
    if placed.is_repeated:
        placed.warnings.add("more than one row of figures stands below one header; they may be parts of one")
        reading.figures = _capped(reading.figures, _ROUTES)
    doubted = [route for route in _failing(reading.figures) if placed.is_doubtful or (paged and route in placed.loose)]
    for route in doubted:
        placed.warnings.add(f"{route}: the sum fails and the row may not be whole")
    reading.figures = _capped(reading.figures, doubted)
    return reading


def _failing(figures: list[Figure]) -> list[str]:
    """The routes whose outcomes don't add up to their total."""
    by_route: dict[str, dict[str, Decimal]] = {}
    for figure in figures:
        if figure.state is not State.UNREAD:
            by_route.setdefault(figure.row, {})[figure.column] = figure.value or Decimal(0)
    return [route for route, values in by_route.items() if 2 * values.get(_TOTAL, Decimal(0)) != sum(values.values())]


def _capped(figures: list[Figure], routes: Iterable[str]) -> list[Figure]:
    return [
        replace(figure, confidence=min(figure.confidence, DOUBTFUL)) if figure.row in routes else figure
        for figure in figures
    ]


# ---- emit ------------------------------------------------------------------------------------------------------------------


def _figure(route: str, outcome: str, cell: Token | None, confidence: float, warnings: Warnings) -> Figure:
    if cell is None or cell.printed is None:
        return Figure(_TABLE.code, route, outcome, None, "", State.UNREAD, min(confidence, 0.3), "")
    printed = cell.printed
    value = printed.value
    if printed.state is State.UNREAD:
        confidence = min(confidence, 0.3)
        warnings.add(f"{route}.{outcome}: {cell.why_unread}")
    elif value is not None and (not printed.is_plain or value < 0 or value != value.to_integral_value()):
        confidence = min(confidence, 0.7)
        warnings.add(f"{route}.{outcome}: {cell.text!r} looks damaged")
    elif printed.is_change or printed.amount_factor is not None:
        confidence = min(confidence, 0.7)
        warnings.add(f"{route}.{outcome}: {cell.text!r} is no count")
    return Figure(_TABLE.code, route, outcome, value, cell.text, printed.state, confidence, cell.where)
