"""The fifteen figures of reconsideration and litigation, in one flat row, in three tables, or one route a row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from extract.forms import FORMS
from extract.model import Figure, State
from extract.tables.place import adds_up, is_blank, number, place
from extract.tables.reading import Reading, contiguous
from extract.tables.tokens import Record, Token

_TABLE = FORMS["2021"].tables["challenges"]
_OUTCOMES = tuple(column.code for column in _TABLE.columns)
_ROUTES = tuple(row.code for row in _TABLE.rows)
_TOTAL = _OUTCOMES[-1]
_WIDTH = len(_OUTCOMES)
_ALL = _WIDTH * len(_ROUTES)

_CERTAIN = 1.0
_COUNTED = 0.98
_BAD_SUM_LOOSE = 0.92
_DOUBTFUL = 0.8


@dataclass(frozen=True, slots=True, order=True)
class _Head:
    """A text of a grid above the figures: where it stands, and the route or outcome that it names."""

    row: int
    column: int
    route: str = ""
    outcome: str = ""


def _head(token: Token, record: Record) -> _Head:
    meaning = token.meaning
    assert meaning is not None
    is_header = meaning.exact or meaning.composed
    return _Head(
        record.row,
        token.column,
        meaning.rows.get(_TABLE.code, "") if is_header else "",
        meaning.columns.get(_TABLE.code, "") if is_header else "",
    )


def _route_above(heads: list[_Head], column: int) -> str | None:
    """The route whose cell reaches over a column: in the lowest row in which the cell at or before the column names one."""
    for row in sorted({head.row for head in heads}, reverse=True):
        before = [head for head in heads if head.row == row and head.column <= column]
        if before and max(before).route:
            return max(before).route
    return None


class ChallengesReader:
    """Collects the headers above each run of values; binds the run when their numbers fit."""

    def __init__(self) -> None:
        self.reading = Reading(expected=frozenset(_TABLE.cells))
        self._routes: list[str] = []
        self._outcomes: list[str] = []
        self._stale = False
        self._spare = 0
        self._odd = False
        self._beside_labels = False
        self._source = -1
        self._bounded = False
        self._loose: set[str] = set()
        self._surplus = False
        self._above: list[Record] = []
        self._repeated = False

    def end(self) -> None:
        """Running text ends the table."""
        self._routes, self._outcomes, self._stale = [], [], False
        self._above = []

    def feed(self, record: Record) -> bool:
        """Take the headers and the values of a record; true if it belonged to this table."""
        took = False
        row_route: str | None = None
        if record.in_grid and record.source != self._source and record.texts:
            self.end()  # another grid with headers of its own: what the last one announced did not come
        if record.in_grid:
            self._above.append(record)
        for token in record.texts:
            meaning = token.meaning
            assert meaning is not None
            is_header = meaning.exact or meaning.composed
            outcome = meaning.columns.get(_TABLE.code) if is_header else None
            route = meaning.rows.get(_TABLE.code) if is_header else None
            if outcome == _TOTAL and not self._outcomes:
                continue  # the total of another table
            if outcome is None and route is None:
                continue
            took = True
            self._source = record.source
            self._bounded = record.bounded
            if outcome is not None:
                if self._stale:
                    self._routes = self._routes[-1:] if row_route is not None else []
                    self._outcomes, self._stale = [], False
                if not self._outcomes:
                    self._beside_labels = token.column > 0
                self._outcomes.append(outcome)
                self._spare = len(record.values) if record.bounded and not record.figures else 0
            if route is not None:
                if self._stale:
                    self._routes = []
                    if not (record.figures or (self._beside_labels and record.values)):
                        self._outcomes, self._stale = [], False
                row_route = route
                self._routes.append(route)
        if len(self._outcomes) >= _WIDTH - 1:
            self.reading.seen = True
        if len(self._outcomes) >= _WIDTH - 1 and self._is_data(record, row_route):
            self._repeated = self._repeated or (self._stale and row_route is None and record.in_grid)
            self._bind(record, row_route)
            self._stale = True
            took = True
        return took and bool(self._outcomes or len(self._routes) > 1)

    def _is_data(self, record: Record, row_route: str | None) -> bool:
        """Whether a record prints figures: blank cells beside headers are only the rest of a header row."""
        if not record.values or (self._bounded and not record.bounded):
            return False  # a number on a line of its own, below a header with borders, is a page number
        if record.figures:
            return True
        if record.texts and record.bounded:
            return (
                row_route is not None and len(self._outcomes) == len(record.values) == _WIDTH and len(self._routes) == 1
            )
        return len(record.values) >= _WIDTH

    def _bind(self, record: Record, row_route: str | None) -> None:
        if self._bind_below_headers(record, row_route):
            return
        values = list(record.values)
        outcomes, routes = self._outcomes, _once(self._routes)
        if row_route is not None and len(outcomes) == _WIDTH:
            routes = [row_route]
        width = _WIDTH * len(routes)
        sets = [tuple(outcomes[start : start + _WIDTH]) for start in range(0, len(outcomes), _WIDTH)]
        in_order = bool(routes) and routes == [route for route in _ROUTES if route in routes] and self._is_usual(record)
        complete = in_order and all(sorted(one) == sorted(_OUTCOMES) for one in sets)
        if complete and len(sets) == 1 and len(routes) > 1 and len(values) == width:
            sets *= len(routes)  # the outcomes are named once for all routes: as good as a header that was cut
            complete = False
        if not complete or len(sets) != len(routes):
            self._doubtful(values, "the header above the figures is not whole", header_whole=False)
            return
        figures = [value for value in values if not is_blank(value)]
        if record.bounded and self._spare and len(figures) < width:
            if len(values) == width + self._spare and all(is_blank(value) for value in values[width:]):
                values = values[:width]
            else:
                self._doubtful(
                    values, f"{len(values)} cells for {width + self._spare}", header_whole=True, routes=routes
                )
                return
        if len(values) > width and len(figures) == width and not record.in_grid and contiguous(values, width):
            values = figures
        if len(values) > width and all(is_blank(value) for value in values[width:]) and not record.bounded:
            groups = [values[start : start + _WIDTH] for start in range(0, width, _WIDTH)]
            sure = all(adds_up(_ordered(group, one)) for group, one in zip(groups, sets, strict=True))
            values = values[:width]
            self._emit(routes, sets, values, 0.95 if sure and figures else 0.7, record)
            return
        if len(values) != width:
            self._surplus = self._surplus or (len(values) > width and not record.bounded)
            self._doubtful(values, f"{len(values)} values for {width} columns", header_whole=True, routes=routes)
            return
        self._emit(routes, sets, values, _CERTAIN if record.bounded else _COUNTED, record)

    def _bind_below_headers(self, record: Record, row_route: str | None) -> bool:
        """Bind a grid's row by what stands above each of its cells, if that is whole; true if it was.

        Whole means: each cell has an outcome right above it and a route above that, and every route has each outcome once.
        Cells below another heading (合计 beside the routes) are nobody's; a cell without any heading spoils it, unless it is
        blank and the headers have as many blank cells behind them.
        """
        by_place: dict[tuple[str, str], Token] = {}
        others = spare = 0
        heads = [head for head in self._heads(record) if head.row < record.row]
        for value in record.values:
            outcome = max((head for head in heads if head.outcome and head.column == value.column), default=None)
            if outcome is None and is_blank(value) and all(head.column < value.column for head in heads):
                spare += 1
                continue
            if outcome is None:
                return False
            route = row_route or _route_above(heads, value.column)
            if route is None:
                others += 1
            elif by_place.setdefault((route, outcome.outcome), value) is not value:
                return False
        routes = [route for route in _ROUTES if (route, _TOTAL) in by_place]
        if len(by_place) != _WIDTH * len(routes) or len(routes) != (1 if row_route else len(_ROUTES)):
            return False
        if spare != self._spare or (others and row_route):
            return False
        values = [by_place[route, outcome] for route in routes for outcome in _OUTCOMES]
        usual = [value.column for value in values] == sorted(value.column for value in values)
        groups = [values[start : start + _WIDTH] for start in range(0, len(values), _WIDTH)]
        if not usual and not all(map(adds_up, groups)):
            self._warn("the columns stand in another order than the form's, and the sums fail")
            self._emit(routes, [_OUTCOMES] * len(routes), values, _DOUBTFUL, record)
        else:
            self._emit(routes, [_OUTCOMES] * len(routes), values, _CERTAIN, record)
        return True

    def _heads(self, record: Record) -> list[_Head]:
        """The texts of the grid of a record, down to its row."""
        return [_head(token, above) for above in self._above if above.source == record.source for token in above.texts]

    def _is_usual(self, record: Record) -> bool:
        """Whether the routes that a grid names stand from left to right in the order of the form."""
        named = [head for head in self._heads(record) if head.route]
        columns = [max((h.column for h in named if h.route == route), default=-1) for route in _ROUTES]
        known = [column for column in columns if column >= 0]
        return known == sorted(known)

    def _emit(
        self, routes: list[str], sets: list[tuple[str, ...]], values: list[Token], confidence: float, record: Record
    ) -> None:
        groups = [values[index * _WIDTH : (index + 1) * _WIDTH] for index in range(len(routes))]
        failing = sum(not adds_up(_ordered(group, one)) for group, one in zip(groups, sets, strict=True))
        if failing > 1 and not record.bounded:
            confidence = min(confidence, _DOUBTFUL)
            self._warn(f"the sums of {failing} routes fail; figures may be out of place")
        for index, (route, outcomes) in enumerate(zip(routes, sets, strict=True)):
            group = values[index * _WIDTH : (index + 1) * _WIDTH]
            if not record.bounded:
                self._loose.add(route)
            ordered = _ordered(group, outcomes)
            trust = confidence
            blanks = _WIDTH * (0.0,)
            if not adds_up(ordered) or any(
                cell.printed is not None and cell.printed.state is State.UNREAD for cell in ordered
            ):
                if not record.bounded:
                    trust = min(trust, _BAD_SUM_LOOSE)
                elif not record.in_grid and any(is_blank(value) for value in values):
                    confidence = trust = min(trust, _DOUBTFUL)
                blanks = tuple(float(is_blank(cell)) for cell in ordered)
                if any(blanks):
                    self._warn(f"{route}: a blank cell is contradicted by the sum; a figure may be lost")
            elif not record.bounded and not any(number(cell) for cell in ordered):
                trust = min(trust, 0.95)
            for cell, outcome, suspicious in zip(ordered, _OUTCOMES, blanks, strict=True):
                self._figure(route, outcome, cell, min(trust, _DOUBTFUL) if suspicious else trust)

    def _doubtful(self, values: list[Token], why: str, *, header_whole: bool, routes: list[str] | None = None) -> None:
        self._odd = True
        self._warn(f"{why}; the figures are doubtful")
        routes = routes or list(_ROUTES)
        width = _WIDTH * len(routes)
        if len(values) == width and not header_whole:
            groups = [values[start : start + _WIDTH] for start in range(0, width, _WIDTH)]
            for route, group in zip(routes, groups, strict=True):
                for value, outcome in zip(group, _OUTCOMES, strict=True):
                    self._figure(route, outcome, value, 0.7)
            return
        if len(routes) == 1 and len(values) < 2 * _WIDTH:
            placed = place(values, _WIDTH, has_total=True)
            for candidate, outcome in zip(placed.cells, _OUTCOMES, strict=True):
                self._figure(routes[0], outcome, candidate, min(placed.confidence, 0.6))
            return
        start = 0
        for route in routes:
            taken = _leading_group(values[start:])
            cells: list[Token | None] = list(values[start : start + taken]) if taken == _WIDTH else []
            for cell, outcome in zip([*cells, *([None] * (_WIDTH - len(cells)))], _OUTCOMES, strict=True):
                self._figure(route, outcome, cell, 0.5)
            start += taken if taken else len(values)

    @property
    def has_surplus(self) -> bool:
        """Whether a run of values without borders held more of them than columns."""
        return self._surplus

    def read(self, *, paged: bool = False) -> Reading:
        """What was read. A row whose sum fails is in doubt where a neighbouring row is not whole.

        Args:
            paged: The text has page numbers or loses blank cells, so that a run of values may hold something else in place
                of a figure.
        """
        if self._repeated:
            self._warn("more than one row of figures stands below one header; they may be parts of one")
            self.reading.figures = [
                replace(figure, confidence=min(figure.confidence, _DOUBTFUL)) for figure in self.reading.figures
            ]
        by_route: dict[str, list[Figure]] = {}
        for figure in self.reading.figures:
            if figure.state is not State.UNREAD:
                by_route.setdefault(figure.row, []).append(figure)
        for route, figures in by_route.items():
            if not self._odd and not (paged and route in self._loose):
                continue
            values = {figure.column: figure.value or Decimal(0) for figure in figures}
            if 2 * values.get(_TOTAL, Decimal(0)) != sum(values.values()):
                self._warn(f"{route}: the sum fails and the row may not be whole")
                self.reading.figures = [
                    replace(figure, confidence=min(figure.confidence, _DOUBTFUL)) if figure.row == route else figure
                    for figure in self.reading.figures
                ]
        return self.reading

    def _figure(self, route: str, outcome: str, cell: Token | None, confidence: float) -> None:
        if cell is None or cell.printed is None:
            self.reading.figures.append(
                Figure(_TABLE.code, route, outcome, None, "", State.UNREAD, min(confidence, 0.3), "")
            )
            return
        printed = cell.printed
        value = printed.value
        if printed.state is State.UNREAD:
            confidence = min(confidence, 0.3)
            self._warn(f"{route}.{outcome}: {cell.text!r} can't be read as a number")
        elif value is not None and (not printed.is_plain or value < 0 or value != value.to_integral_value()):
            confidence = min(confidence, 0.7)
            self._warn(f"{route}.{outcome}: {cell.text!r} looks damaged")
        self.reading.figures.append(
            Figure(_TABLE.code, route, outcome, value, cell.text, printed.state, confidence, cell.where)
        )

    def _warn(self, text: str) -> None:
        message = f"{_TABLE.code}: {text}"
        if message not in self.reading.warnings:
            self.reading.warnings.append(message)


def _once(routes: list[str]) -> list[str]:
    return list(dict.fromkeys(routes))


def _ordered(group: list[Token], outcomes: tuple[str, ...]) -> list[Token]:
    return [group[outcomes.index(outcome)] for outcome in _OUTCOMES]


def _leading_group(values: list[Token]) -> int:
    """How many of the values make the next route, told by the sum; 0 if it can't be told."""
    if len(values) >= _WIDTH and adds_up(values[:_WIDTH]) and number(values[_WIDTH - 1]) != 0:
        return _WIDTH
    return 0
